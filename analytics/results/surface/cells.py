"""Accounts summed into cells that agree in all that is not linear, and those kept singly.

What a raise does to an account is a sum of products of its balance and its default probability,
each times a function of the raise, once its score, limit, highest possible new limit (``top``) and
whether it is idle are given. So the database sums accounts into cells of these four, once for all
raises. Accounts for which a bound of their own may bind (over their limit, default probability near
1 or just below its floor) do not fit and are kept singly, as are those whose customers may become
relieved, strained, covered or over-indebted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Columns, Floats
from analytics.declared.choices import ResponseForm, UpliftDriver
from analytics.declared.parameters import BASIS_POINTS
from analytics.method import capital, customers, effects, formulas, limits, response
from analytics.method.bands import band_value
from analytics.method.elementwise import as_double, greatest, least, ln, where
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
        """Whether accounts of little use respond otherwise than the rest."""
        return self.assumptions.response_form is ResponseForm.LOG

    @property
    def by_debt(self) -> bool:
        """Whether default probability follows what is drawn."""
        return self.assumptions.pd_uplift_driver is UpliftDriver.DEBT

    @property
    def transactors(self) -> bool:
        """Whether it is known who pays in full."""
        return self.portfolio.has("is_transactor")

    @property
    def steepest(self) -> float:
        """The most that a raise multiplies a default probability by: balance up to the limit."""
        return 1.0 + max(
            self.steepest_change(band) for band in range(len(self.assumptions.band_edges))
        )

    def steepest_change(self, band: int) -> float:
        """Return the most by which a raise changes a default probability in a band, relatively."""
        assumptions, growth = self.assumptions, self.largest
        draws = [formulas.drawn_linear(assumptions.mpb[band], growth)]
        if self.splits_idle:
            log_growth = float(ln(1.0 + growth))
            draws = [
                formulas.drawn_log(assumptions.elasticity[band], 1.0, log_growth),
                formulas.drawn_idle(assumptions.idle_draw, growth),
            ]
        found: float = formulas.uplift_change(
            assumptions.pd_uplift[band],
            growth=growth,
            drawn=max(draws),
            reference=assumptions.reference_draw[band],
            driver=assumptions.pd_uplift_driver,
        )
        return found

    @property
    def certain_from(self) -> float:
        """Default probability above which an account is kept singly."""
        return (_IRB_CERTAIN if self.irb else _CERTAIN) / self.steepest

    def nodes(self) -> Floats:
        """Return at which shares of its largest change IRB capital is summed, ascending from 0.

        Chebyshev-Lobatto points: capital is analytic in the change of default probability, so the
        interpolation error falls by a known factor with each point.
        """
        if not self.irb or not self.largest:
            return np.zeros(1)
        half = (self.steepest - 1.0) / 2
        centre = (1.0 + half) / half if half else np.inf
        factor = centre + np.sqrt(centre * centre - 1.0)
        count = int(min(max(np.ceil(-np.log(GROWTH_ACCURACY) / np.log(factor)), 2), 60)) + 2
        return (1.0 - np.cos(np.pi * np.arange(count) / (count - 1))) / 2.0


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
    c = accounts.c
    severity = c.loss_given_default
    terms = _terms(question, accounts)
    keys = [*_group_key(question, accounts), c.score, c.credit_limit, c.top]
    if question.splits_idle:
        keys.append(_is_idle(question, accounts).label("idle"))
    named = [term.label(name) for name, term in terms.items()]
    ordinary = sa.not_(_exceptional(accounts, question))
    if question.irb:
        one = sa.cast(1, sa.BigInteger()).label("accounts")
        return sa.select(*keys, one, severity.label("severities"), *named).where(ordinary)
    inner = sa.select(*keys, *named).where(ordinary).subquery("ordinary")
    grouped = [inner.c[str(key.key)] for key in keys]
    sums = (sa.func.sum(inner.c[name]).label(name) for name in terms)
    return sa.select(*grouped, sa.func.count().label("accounts"), *sums).group_by(*grouped)


def _terms(question: Question, accounts: sa.CTE) -> dict[str, Any]:
    """Return what is summed over the accounts of a cell, by name."""
    c, assumptions = accounts.c, question.assumptions
    limit, balance = as_double(c.credit_limit), as_double(c.balance)
    probability, severity = c.default_probability, c.loss_given_default
    of_band = band_value(c.score, assumptions.yield_rate, assumptions.band_edges)
    account = effects.Rows(
        balance=balance,
        unused=limit - balance,
        exposure=formulas.ead(balance, limit - balance, assumptions.credit_conversion_factor),
        default_probability=probability,
        loss_given_default=severity,
        yield_rate=effects.yield_of(c, of_band, assumptions, transactors=question.transactors),
    )
    weighted = probability * severity
    terms: dict[str, Any] = {
        "balances": balance,
        "risks": probability,
        "risk_balances": probability * balance,
        "losses": weighted,
        "loss_balances": weighted * balance,
        "worth": formulas.retained_value(1.0, effects.earned_today(account, assumptions)),
    }
    if question.by_debt:
        terms["risk_squares"] = probability * balance * balance
        terms["loss_squares"] = weighted * balance * balance
    if question.transactors:
        pays_in_full = effects.is_transactor(c)
        terms["transactors"] = where(pays_in_full, 1.0, 0.0)
        terms["transactor_balances"] = where(pays_in_full, balance, 0.0)
    return terms


def _is_idle(question: Question, accounts: sa.CTE) -> Any:
    """Return whether an account answers as an idle one."""
    c, assumptions = accounts.c, question.assumptions
    return formulas.is_idle(
        as_double(c.balance),
        as_double(c.credit_limit),
        band_value(c.score, assumptions.elasticity, assumptions.band_edges),
        assumptions.idle_draw,
    )


def singles_statement(question: Question) -> sa.Select[Any]:
    """Return the statement of the eligible accounts that are looked at one by one."""
    accounts = _sized(question)
    c = accounts.c
    exceptional = _exceptional(accounts, question)
    incomes = question.portfolio.has("monthly_income")
    income: sa.ColumnElement[Any] = sa.literal(UNKNOWN, sa.BigInteger())
    if incomes:
        income = sa.func.coalesce(c.monthly_income, income)
    flag = effects.is_transactor(c) if question.transactors else sa.false()
    return sa.select(
        *_group_key(question, accounts),
        c.score,
        c.credit_limit,
        c.top,
        c.balance,
        c.default_probability,
        c.loss_given_default,
        income.label("income"),
        sa.cast(limits.other_payments(accounts), sa.BigInteger()).label("other_payments"),
        flag.label("is_transactor"),
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
    portfolio, assumptions = question.portfolio, question.assumptions
    needed = response.columns_of(question.policy)
    priced = response.priced(portfolio, assumptions, question.by, columns=needed)
    most = sa.literal(question.raises[-1], sa.BigInteger())
    return response.raisable(priced, most, question.policy, assumptions, portfolio, size="top")


def _group_key(question: Question, accounts: sa.CTE) -> list[sa.ColumnElement[Any]]:
    return [] if question.by is None else [accounts.c[response.GROUP]]


def _may_change(
    accounts: sa.CTE, question: Question, *, incomes: bool
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of which a changed customer meets at least one (some others do too)."""
    c, assumptions = accounts.c, question.assumptions
    balance, top = as_double(c.balance), as_double(c.top)
    tight = customers.is_tight(c.balance, c.credit_limit, assumptions)
    eased = customers.is_eased(balance, top * (1.0 + _SLACK), assumptions)
    found: list[sa.ColumnElement[bool]] = [sa.and_(tight, eased)]
    if incomes:
        income, elsewhere = c.monthly_income, limits.other_payments(accounts)
        if not question.policy.affordability:
            strained = customers.is_strained(c.top, income, elsewhere, assumptions)
            already = customers.is_strained(c.credit_limit, income, elsewhere, assumptions)
            found.append(sa.and_(strained, sa.not_(already)))
        most = _highest_balance(accounts, question) * (1.0 + _SLACK)
        indebted = customers.is_over_indebted(most, income, assumptions)
        before = customers.is_over_indebted(c.balance, income, assumptions)
        found.append(sa.and_(indebted, sa.not_(before)))
        unused = formulas.headroom(c.credit_limit, c.balance)
        for months in customers.COVERS.values():
            less = customers.has_less_cover(unused, income, months)
            still = customers.has_less_cover((top - balance) * (1.0 + _SLACK), income, months)
            found.append(sa.and_(less, sa.not_(still)))
    return found


def _highest_balance(accounts: sa.CTE, question: Question) -> Any:
    """Return a balance that an account has at most after the largest raise."""
    c, assumptions = accounts.c, question.assumptions
    limit, balance, top = as_double(c.credit_limit), as_double(c.balance), as_double(c.top)
    if question.splits_idle:
        log_growth = ln(top / limit)
        drawn = greatest(
            formulas.drawn_log(max(assumptions.elasticity), balance, log_growth),
            formulas.drawn_idle(assumptions.idle_draw, top - limit),
        )
    else:
        drawn = formulas.drawn_linear(max(assumptions.mpb), top - limit)
    return least(balance + drawn, greatest(top, balance))


def capital_at_nodes(question: Question, accounts: Columns, change: Floats) -> Columns:
    """Return the IRB capital requirement of accounts at each node.

    Alone, and times the balance. ``change`` is the largest relative change of each account's
    default probability, of which the nodes are shares.
    """
    assumptions = question.assumptions
    probability, severity = accounts["risks"], accounts["severities"]
    found: Columns = {}
    for index, share in enumerate(question.nodes().tolist()):
        risk = formulas.default_probability_after(probability, change * share)
        requirement = capital.counted_requirement(risk, severity, assumptions)
        found[f"capital_{index}"] = requirement
        found[f"capital_balances_{index}"] = requirement * accounts["balances"]
    return found
