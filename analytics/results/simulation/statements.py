"""The statements that a policy runs as, each grouped by score (and segment, and reason)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.choices import Binding
from analytics.method import response
from analytics.method.guardrails import GUARDRAILS
from analytics.method.totals import baseline_sums, increment_sums
from analytics.policy import Policy
from analytics.portfolio import Portfolio


def baseline_statement(
    portfolio: Portfolio, assumptions: Assumptions, by: str | None = None
) -> sa.Select[Any]:
    """Return the statement of how the accounts stand today, one row a group and score."""
    accounts = response.priced(portfolio, assumptions, by, columns=response.OF_AN_ACCOUNT)
    sums = baseline_sums(accounts, assumptions, incomes=portfolio.has("monthly_income"))
    return _by_score(accounts, sums, by)


def eligibility_statement(
    portfolio: Portfolio, policy: Policy, by: str | None = None
) -> sa.Select[Any]:
    """Return the statement of who passes the guardrails, one row a group, score and reason."""
    relation = response.labelled(portfolio, by, columns=columns_read(policy))
    accounts = response.decided(relation, policy, portfolio)
    sums = {"accounts": sa.func.count(), "limit": sa.func.sum(accounts.c.credit_limit)}
    return _by_score(accounts, sums, by, accounts.c.reason)


def raise_statement(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, by: str | None = None
) -> sa.Select[Any]:
    """Return the statement of what the raise does, one row a group, score and outcome.

    Of the accounts that pass the rules, but for those whose raise is too small.
    """
    priced = response.priced(portfolio, assumptions, by, columns=columns_read(policy))
    decided = response.decided(priced, policy, portfolio)
    found = response.with_outcome(decided, policy, assumptions, portfolio)
    accounts = response.responded(found, assumptions)
    sums = {"accounts": sa.func.count()} | increment_sums(
        accounts,
        assumptions,
        incomes=portfolio.has("monthly_income"),
        day_after=policy.temporary_days is not None,
    )
    for name in further_bindings(portfolio, policy):
        bound = accounts.c.binding == name.code
        sums[f"by_{name}"] = sa.func.sum(sa.case((bound, 1), else_=0))
    sums["limit_today"] = sa.func.sum(accounts.c.credit_limit, type_=sa.BigInteger())
    witness = witness_statement(portfolio)
    return _by_score(accounts, sums, by, accounts.c.outcome, witness=witness)


def witness_statement(portfolio: Portfolio) -> sa.Select[Any]:
    """Return the statement of all accounts and their amounts, one row.

    A statement that reads some of the accounts carries it along, so that it can be told whether
    the others are still those that the portfolio was opened with.
    """
    c = portfolio.relation.c
    sums: dict[str, sa.ColumnElement[Any]] = {
        "accounts_there": sa.func.count(),
        "limit_there": sa.func.sum(c.credit_limit, type_=sa.BigInteger()),
        "balance_there": sa.func.sum(c.balance, type_=sa.BigInteger()),
    }
    named = (value.label(name) for name, value in sums.items())
    return sa.select(*named).select_from(portfolio.relation)


def headline_statement(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, by: str | None = None
) -> sa.Select[Any]:
    """Return the statement of the raise before ceilings and rounding, one row a group and score.

    Only a policy with a largest raise needs it: see
    :meth:`~analytics.results.simulation.Sweep.headline`.
    """
    relation = response.labelled(portfolio, by, columns=columns_read(policy))
    decided = response.decided(relation, policy, portfolio)
    accounts = response.resized(decided, policy, assumptions, portfolio, passing_only=True)
    headline = sa.func.sum(accounts.c.headline, type_=sa.BigInteger())
    return _by_score(accounts, {"headline": headline}, by)


def columns_read(policy: Policy) -> frozenset[str]:
    """Return the columns that the statements of a policy read, present or not."""
    rules = {rule.column for rule in GUARDRAILS if rule.is_on(policy)}
    draw = {"account_id"} if policy.holdout_rate else set()
    return response.OF_AN_ACCOUNT | rules | draw


def further_bindings(portfolio: Portfolio, policy: Policy) -> tuple[Binding, ...]:
    """Return what can set a new limit under a policy, apart from the raise itself."""
    incomes = portfolio.has("monthly_income")
    possible = {
        Binding.MAX_INCREMENT: policy.max_increment is not None,
        Binding.LIMIT_CAP: policy.limit_cap is not None,
        Binding.INCOME_MULTIPLE: policy.income_multiple is not None and incomes,
        Binding.AFFORDABILITY: policy.affordability and incomes,
    }
    return tuple(name for name, applies in possible.items() if applies)


def _by_score(
    accounts: sa.CTE,
    sums: Mapping[str, sa.ColumnElement[Any]],
    by: str | None,
    *further: sa.ColumnElement[Any],
    witness: sa.Select[Any] | None = None,
) -> sa.Select[Any]:
    group = () if by is None else (accounts.c[response.GROUP],)
    keys = (*group, accounts.c.score, *further)
    labelled = [value.label(name) for name, value in sums.items()]
    if witness is None:
        return sa.select(*keys, *labelled).group_by(*keys)
    there = witness.subquery("there")
    seen = [sa.func.max(c, type_=sa.BigInteger()).label(c.name) for c in there.c]
    both = accounts.join(there, sa.true())
    return sa.select(*keys, *labelled, *seen).select_from(both).group_by(*keys)
