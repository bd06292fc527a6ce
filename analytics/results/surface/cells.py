"""Accounts summed into cells that agree in all that is not linear, and those kept singly.

What a raise does to an account is linear in its balance, its default probability and their
products once its score, limit, highest possible new limit (``top``) and whether it is idle are
given. So the database sums accounts into cells of these four, once for all raises. Accounts for
which a bound of their own may bind (over their limit, default probability near 1 or just below
its floor) do not fit and are kept singly, as are those whose customers may become relieved,
strained or over-indebted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Columns, Floats
from analytics.declared.choices import ResponseForm
from analytics.declared.parameters import BASIS_POINTS
from analytics.method import capital, customers, formulas, limits, response
from analytics.method.bands import band_value
from analytics.method.elementwise import as_double
from analytics.method.guardrails import GUARDRAILS, held_out
from analytics.policy import Policy
from analytics.portfolio import Portfolio

GROWTH_ACCURACY = 1e-14
"""Relative error at which capital is interpolated over the growth of the limit (IRB)."""
_CERTAIN = 1.0
_IRB_CERTAIN = 0.5
_SLACK = 1e-9
UNKNOWN = -1
"""Stands for an income that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the cells are asked for; ``raises`` in whole basis points, ascending."""

    portfolio: Portfolio
    policy: Policy
    assumptions: Assumptions
    raises: tuple[int, ...]
    by: str | None

    @property
    def largest(self) -> float:
        """The largest raise, as a rate."""
        return self.raises[-1] / BASIS_POINTS

    @property
    def irb(self) -> bool:
        """Whether capital follows the IRB formula."""
        return self.assumptions.capital_approach.is_irb

    @property
    def splits_idle(self) -> bool:
        """Whether accounts without a balance respond otherwise than the rest."""
        return self.assumptions.response_form is ResponseForm.LOG

    @property
    def steepest(self) -> float:
        """The most that a raise multiplies a default probability by."""
        most: float = formulas.change_by_growth(max(self.assumptions.pd_uplift), self.largest)
        return 1.0 + most

    @property
    def certain_from(self) -> float:
        """Default probability above which an account is kept singly."""
        return (_IRB_CERTAIN if self.irb else _CERTAIN) / self.steepest

    def growth_nodes(self) -> Floats:
        """Return the growths of the limit at which IRB capital is summed, ascending from 0.

        Chebyshev-Lobatto points: capital is analytic in the growth, so the interpolation error
        falls by a known factor with each point.
        """
        if not self.irb or not self.largest:
            return np.zeros(1)
        half = (self.steepest - 1.0) / 2
        centre = (1.0 + half) / half if half else np.inf
        factor = centre + np.sqrt(centre * centre - 1.0)
        count = int(min(max(np.ceil(-np.log(GROWTH_ACCURACY) / np.log(factor)), 2), 60)) + 2
        return self.largest * (1.0 - np.cos(np.pi * np.arange(count) / (count - 1))) / 2.0


def load_cells(question: Question) -> Columns:
    """Return the cells: keys and sums as arrays, one entry a cell, money in minor units.

    Under the IRB formula, which is not linear in default probability, each account is a cell of
    its own, with its loss given default (``severities``).
    """
    return question.portfolio.door.sums(cells_statement(question))


def load_singles(question: Question) -> Columns:
    """Return the accounts that are kept singly, one entry each, money in minor units.

    ``exceptional`` marks those that are in no cell.
    """
    return question.portfolio.door.sums(singles_statement(question))


def cells_statement(question: Question) -> sa.Select[Any]:
    """Return the statement that sums eligible accounts into cells."""
    accounts = _sized(question)
    c, assumptions = accounts.c, question.assumptions
    limit, balance = as_double(c.credit_limit), as_double(c.balance)
    probability, severity = c.default_probability, c.loss_given_default
    exposure = formulas.ead(balance, limit - balance, assumptions.credit_conversion_factor)
    loss = formulas.expected_loss(probability, severity, exposure)
    earned = formulas.margin(
        balance,
        band_value(c.score, assumptions.yield_rate, assumptions.band_edges),
        assumptions.funding_rate,
        assumptions.operating_rate,
    )
    weighted = probability * severity
    terms: dict[str, Any] = {
        "balances": balance,
        "risks": probability,
        "risk_balances": probability * balance,
        "losses": weighted,
        "loss_balances": weighted * balance,
        "worth": formulas.retained_value(1.0, earned, loss),
    }
    keys = [*_group_key(question, accounts), c.score, c.credit_limit, c.top]
    if question.splits_idle:
        keys.append((c.balance == 0).label("idle"))
    named = [term.label(name) for name, term in terms.items()]
    ordinary = sa.not_(_exceptional(accounts, question))
    if question.irb:
        one = sa.cast(1, sa.BigInteger()).label("accounts")
        return sa.select(*keys, one, severity.label("severities"), *named).where(ordinary)
    inner = sa.select(*keys, *named).where(ordinary).subquery("ordinary")
    grouped = [inner.c[str(key.key)] for key in keys]
    sums = (sa.func.sum(inner.c[name]).label(name) for name in terms)
    return sa.select(*grouped, sa.func.count().label("accounts"), *sums).group_by(*grouped)


def singles_statement(question: Question) -> sa.Select[Any]:
    """Return the statement of the eligible accounts that are looked at one by one."""
    accounts = _sized(question)
    c = accounts.c
    exceptional = _exceptional(accounts, question)
    incomes = question.portfolio.has("monthly_income")
    income: sa.ColumnElement[Any] = sa.literal(UNKNOWN, sa.BigInteger())
    if incomes:
        income = sa.func.coalesce(c.monthly_income, income)
    return sa.select(
        *_group_key(question, accounts),
        c.score,
        c.credit_limit,
        c.top,
        c.balance,
        c.default_probability,
        c.loss_given_default,
        income.label("income"),
        exceptional.label("exceptional"),
    ).where(sa.or_(exceptional, *_may_change(accounts, question, incomes=incomes)))


def _exceptional(accounts: sa.CTE, question: Question) -> sa.ColumnElement[bool]:
    """Return whether a bound or a floor of its own may bind, so that an account fits no cell."""
    balance, limit = accounts.c.balance, accounts.c.credit_limit
    probability, floor = accounts.c.default_probability, question.assumptions.pd_floor
    found = [balance > limit, probability > question.certain_from]
    if question.irb and floor:
        # Capital has a kink where the raise lifts the default probability over its floor.
        found.append(sa.and_(probability < floor, probability * question.steepest > floor))
    return sa.or_(*found)


def _sized(question: Question) -> sa.CTE:
    """Return the accounts that pass every guardrail, with ``top``, where a raise can be made."""
    portfolio, policy = question.portfolio, question.policy
    priced = response.priced(portfolio, question.assumptions, question.by)
    limit = priced.c.credit_limit
    most = sa.literal(question.raises[-1], sa.BigInteger())
    bounds = [ceiling for _, ceiling in limits.ceilings(priced, policy, portfolio)]
    top = limits.wanted_limit(limit, most, bounds, policy)
    needed = (*sorted(response.OF_AN_ACCOUNT), "default_probability", "loss_given_default")
    kept = [priced.c[name] for name in (*needed, response.GROUP) if name in priced.c]
    sized = (
        sa.select(*kept, top.label("top"))
        .where(limit > 0, *_passes(priced, policy, portfolio))
        .cte("sized")
    )
    enough = limits.is_raised(sized.c.credit_limit, sized.c.top, policy)
    return sa.select(*sized.c).where(enough).cte("raisable")


def _passes(accounts: sa.CTE, policy: Policy, portfolio: Portfolio) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that an account which fails no guardrail meets.

    Which rule an account fails does not matter here, so that each is a condition of its own. An
    unknown cell passes its rule.
    """
    unknown = dict(portfolio.blanks)
    conditions = []
    for rule in GUARDRAILS:
        if rule.is_on(policy) and portfolio.has(rule.column):
            fails = rule.fails(accounts, policy)
            known = rule.column not in unknown
            conditions.append(sa.not_(fails if known else sa.func.coalesce(fails, sa.false())))
    if policy.holdout_rate:
        conditions.append(sa.not_(held_out(accounts, policy)))
    return conditions


def _group_key(question: Question, accounts: sa.CTE) -> list[sa.ColumnElement[Any]]:
    return [] if question.by is None else [accounts.c[response.GROUP]]


def _may_change(
    accounts: sa.CTE, question: Question, *, incomes: bool
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of which a changed customer meets at least one (some others do too)."""
    c, assumptions = accounts.c, question.assumptions
    limit, balance, top = as_double(c.credit_limit), as_double(c.balance), as_double(c.top)

    def at_most(pick: Any) -> Any:
        return formulas.balance_after(
            balance,
            limit,
            top,
            form=assumptions.response_form,
            elasticity=pick(assumptions.elasticity),
            mpb=pick(assumptions.mpb),
            idle_draw=assumptions.idle_draw,
        )

    tight = customers.is_tight(c.balance, c.credit_limit, assumptions)
    eased = customers.is_eased(at_most(min), top * (1.0 + _SLACK), assumptions)
    found = [sa.and_(tight, eased)]
    if incomes:
        income = c.monthly_income
        strained = customers.is_strained(c.top, income, assumptions)
        already = customers.is_strained(c.credit_limit, income, assumptions)
        found.append(sa.and_(strained, sa.not_(already)))
        most = at_most(max) * (1.0 + _SLACK)
        indebted = customers.is_over_indebted(most, income, assumptions)
        before = customers.is_over_indebted(c.balance, income, assumptions)
        found.append(sa.and_(indebted, sa.not_(before)))
    return found


def capital_at_nodes(question: Question, band: int, accounts: Columns) -> Columns:
    """Return the IRB capital requirement of accounts of one band at each growth node.

    Alone, and times the balance.
    """
    assumptions = question.assumptions
    probability, severity = accounts["risks"], accounts["severities"]
    found: Columns = {}
    for index, growth in enumerate(question.growth_nodes().tolist()):
        risk = formulas.default_probability_after(probability, growth, assumptions.pd_uplift[band])
        requirement = capital.counted_requirement(risk, severity, assumptions)
        found[f"capital_{index}"] = requirement
        found[f"capital_balances_{index}"] = requirement * accounts["balances"]
    return found
