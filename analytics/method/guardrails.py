"""Who is raised: the rules, in order; the first that fails is the account's reason (METHOD 4)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from analytics.declared.choices import Binding, Reason, UnknownCells
from analytics.declared.parameters import BASIS_POINTS, basis_points
from analytics.method.elementwise import Sha256Hex, compared
from analytics.policy import Policy
from analytics.portfolio import Portfolio

Accounts = sa.FromClause


@dataclass(frozen=True, slots=True)
class Guardrail:
    """One rule: its name, the column that it needs, and when an account fails it."""

    name: Reason
    column: str
    is_on: Callable[[Policy], bool]
    fails: Callable[[Accounts, Policy], sa.ColumnElement[bool]]


def _flag(name: Reason) -> Guardrail:
    return Guardrail(
        name,
        name,
        is_on=lambda policy: bool(getattr(policy, name)),
        fails=lambda accounts, _: accounts.c[name].is_(True),
    )


def _utilization_fails(accounts: Accounts, policy: Policy) -> sa.ColumnElement[bool]:
    limit, balance = accounts.c.credit_limit, accounts.c.balance
    least, most = basis_points(policy.utilization_min), basis_points(policy.utilization_max)
    return sa.or_(
        limit == 0,
        compared(balance, BASIS_POINTS, operator.lt, limit, least),
        compared(balance, BASIS_POINTS, operator.gt, limit, most),
    )


GUARDRAILS: tuple[Guardrail, ...] = (
    Guardrail(
        Reason.CLOSED,
        "account_status",
        is_on=lambda policy: policy.closed,
        fails=lambda accounts, _: accounts.c.account_status.is_(True),
    ),
    _flag(Reason.OPTED_OUT),
    _flag(Reason.IN_HARDSHIP),
    _flag(Reason.IS_STUDENT),
    Guardrail(
        Reason.PAST_DUE,
        "days_past_due",
        is_on=lambda policy: policy.past_due,
        fails=lambda accounts, _: accounts.c.days_past_due > 0,
    ),
    Guardrail(
        Reason.PAST_DUE_12M,
        "max_days_past_due_12m",
        is_on=lambda policy: policy.past_due_12m is not None,
        fails=lambda accounts, policy: accounts.c.max_days_past_due_12m >= policy.past_due_12m,
    ),
    Guardrail(
        Reason.PERSISTENT_MINIMUM_PAYER,
        "minimum_payment_months_6",
        is_on=lambda policy: policy.persistent_minimum_payer is not None,
        fails=lambda accounts, policy: (
            accounts.c.minimum_payment_months_6 >= policy.persistent_minimum_payer
        ),
    ),
    Guardrail(
        Reason.TOO_NEW,
        "months_on_book",
        is_on=lambda policy: policy.too_new is not None,
        fails=lambda accounts, policy: accounts.c.months_on_book < policy.too_new,
    ),
    Guardrail(
        Reason.RECENT_LIMIT_CHANGE,
        "months_since_limit_change",
        is_on=lambda policy: policy.recent_limit_change is not None,
        fails=lambda accounts, policy: (
            accounts.c.months_since_limit_change < policy.recent_limit_change
        ),
    ),
    Guardrail(
        Reason.UTILIZATION_OUT_OF_RANGE,
        "balance",
        is_on=lambda policy: policy.utilization_out_of_range,
        fails=_utilization_fails,
    ),
)

REASONS = tuple(Reason)
"""Every outcome of an account, in the order in which the rules are tried."""


@dataclass(frozen=True, slots=True)
class NotApplied:
    """A rule that is on but cannot be applied, to all accounts or to some, and why."""

    guardrail: str
    column: str
    accounts: int
    absent: bool = True
    """Whether the portfolio has no such column at all."""


def needed_columns(policy: Policy) -> tuple[tuple[Reason | Binding, str], ...]:
    """Return (rule or ceiling, column that it needs) for each that is on."""
    wanted: list[tuple[Reason | Binding, str]] = [
        (rule.name, rule.column) for rule in GUARDRAILS if rule.is_on(policy)
    ]
    if policy.income_multiple is not None:
        wanted.append((Binding.INCOME_MULTIPLE, "monthly_income"))
    if policy.affordability:
        wanted.append((Binding.AFFORDABILITY, "monthly_income"))
    return tuple(wanted)


def not_applied(portfolio: Portfolio, policy: Policy) -> tuple[NotApplied, ...]:
    """Return the rules of the policy that the portfolio's columns do not let apply.

    To all accounts where a column is absent; to those with a blank cell where these pass.
    """
    unknown = dict(portfolio.blanks) if policy.unknown_cells is UnknownCells.PASS else {}
    missing = []
    for name, column in needed_columns(policy):
        count = portfolio.accounts if not portfolio.has(column) else unknown.get(column, 0)
        if count:
            missing.append(NotApplied(name, column, count, absent=not portfolio.has(column)))
    return tuple(missing)


def hold_out_bound(holdout_rate: float) -> str:
    """Return the 16 hexadecimal digits below which an account's hash is held out (METHOD 3)."""
    points = basis_points(holdout_rate)
    return f"{-(-points * 2**64 // BASIS_POINTS):016x}"


MESSAGE_SEED = "/message"
"""What is added to the seed of the hold-out for the draw of who gets no message."""


def held_out(accounts: Accounts, policy: Policy) -> sa.ColumnElement[bool]:
    """Return whether an account is held out: a draw fixed by the seed and the account's id."""
    return _drawn(accounts, policy.policy_seed, policy.holdout_rate)


def message_held_out(accounts: Accounts, policy: Policy) -> sa.ColumnElement[bool]:
    """Return whether an account's message is withheld: a draw of its own, apart from the other."""
    return _drawn(accounts, policy.policy_seed + MESSAGE_SEED, policy.message_holdout_rate)


def _drawn(accounts: Accounts, seed: str, rate: float) -> sa.ColumnElement[bool]:
    digest = Sha256Hex(sa.literal(f"{seed}:") + accounts.c.account_id)
    first = sa.func.substr(digest, 1, 16, type_=sa.String())
    return first < sa.literal(hold_out_bound(rate))


def reason_code(accounts: Accounts, policy: Policy, portfolio: Portfolio) -> sa.ColumnElement[int]:
    """Return the code of the :class:`Reason` of the first rule that fails, score and size apart.

    Accounts that pass every rule get the code of a raise; whether they are raised in the end is for
    their new limit and the draw of the hold-out to say. An unknown cell fails none of the rules but
    the last: that nothing be unknown that one of them needs.
    """
    cases: list[tuple[Any, int]] = [
        (rule.fails(accounts, policy), rule.name.code)
        for rule in GUARDRAILS
        if rule.is_on(policy) and portfolio.has(rule.column)
    ]
    unknown = [accounts.c[name].is_(None) for name in unknown_columns(policy, portfolio)]
    if unknown:
        cases.append((sa.or_(*unknown), Reason.UNKNOWN_DATA.code))
    passes = sa.literal(Reason.RAISED.code, sa.Integer())
    return sa.case(*cases, else_=passes) if cases else passes


def passes(
    accounts: Accounts, policy: Policy, portfolio: Portfolio
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that an account which fails no rule meets.

    Which rule an account fails does not matter here, so that each is a condition of its own. Where
    unknown cells hold an account, one that is null fails its rule; else it passes.
    """
    unknown = dict(portfolio.blanks)
    holding = unknown_columns(policy, portfolio)
    conditions: list[sa.ColumnElement[bool]] = [accounts.c[n].is_not(None) for n in holding]
    for rule in GUARDRAILS:
        if rule.is_on(policy) and portfolio.has(rule.column):
            fails = rule.fails(accounts, policy)
            known = rule.column not in unknown or rule.column in holding
            conditions.append(sa.not_(fails if known else sa.func.coalesce(fails, sa.false())))
    return conditions


def limits_hold(policy: Policy) -> bool:
    """Return whether nobody passes whose balance is over the limit."""
    return policy.utilization_out_of_range and basis_points(policy.utilization_max) <= BASIS_POINTS


def unknown_columns(policy: Policy, portfolio: Portfolio) -> tuple[str, ...]:
    """Return the columns in which a blank cell holds an account, under a policy."""
    if policy.unknown_cells is UnknownCells.PASS:
        return ()
    needed = {column for _, column in needed_columns(policy)}
    return tuple(name for name, _ in portfolio.blanks if name in needed)
