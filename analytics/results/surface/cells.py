"""Accounts summed into cells that agree in all that is not linear, and those that come singly.

What a raise does to an account is a sum of products of its balance and its default probability,
each times a function of the raise, once its score, limit, highest possible new limit (``top``) and
whether it is idle are given. So the database sums accounts that no ceiling stops into cells of
score, limit and idleness, once for all raises. Of those that one stops hardly two agree: each comes
singly and is a cell of its own. So do those whose customers may be relieved, and those that fit no
cell, for a bound of their own may bind (over their limit, default probability near 1 or just below
its floor). Where incomes are known, nearly every customer's cover may change, and the IRB formula
is not linear at all: there all accounts come singly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Columns, Flags, Floats, Ints
from analytics.declared.choices import ResponseForm, UpliftDriver
from analytics.declared.parameters import BASIS_POINTS
from analytics.method import capital, customers, effects, formulas, limits, measures, response
from analytics.method.bands import band_value
from analytics.method.elementwise import as_double, ln, where
from analytics.policy import Policy
from analytics.portfolio import Portfolio

GROWTH_ACCURACY = 1e-14
"""Relative error at which capital is interpolated over the growth of the limit (IRB)."""
_CERTAIN = 1.0
_IRB_CERTAIN = 0.5
CHUNK = 65_536
"""Cells or accounts looked at together: what fits a processor's cache."""
UNKNOWN = -1
"""Stands for an income that is not known."""
_OF_AN_ACCOUNT = (
    "score",
    "credit_limit",
    "top",
    "balance",
    "default_probability",
    "loss_given_default",
)


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
    def singly(self) -> bool:
        """Whether all accounts come singly, and none in cells."""
        return self.irb or self.incomes

    @property
    def incomes(self) -> bool:
        """Whether incomes are known, of some accounts at least."""
        return self.portfolio.has("monthly_income")

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

    They hold the accounts that do not come singly: no ceiling stops them, nor are they exceptional.
    """
    found = question.portfolio.door.sums(cells_statement(question))
    marks = {"counted": True, "capped": False, "exceptional": False, "top": 0}
    return found | _all_of(len(found["score"]), marks)


def load_singles(question: Question) -> Columns:
    """Return the accounts that are looked at one by one, one entry each, money in minor units.

    ``exceptional`` marks those that fit no cell, ``capped`` those that a ceiling stops, and
    ``counted`` those that would fit a cell but are in none. Incomes and other payments that the
    portfolio does not bring are unknown and 0.
    """
    found = question.portfolio.door.sums(singles_statement(question))
    absent = {"accounts": 1, "income": UNKNOWN, "other_payments": 0}
    in_none = True if question.singly else found["capped"]
    found["counted"] = in_none & ~found["exceptional"]
    return _all_of(len(found["score"]), absent) | found


def _all_of(count: int, values: dict[str, Any]) -> Columns:
    """Return columns of one value each."""
    return {name: np.broadcast_to(value, count) for name, value in values.items()}


def chunks(columns: Columns) -> Iterator[tuple[int, Columns]]:
    """Give columns in parts: where each begins, and the part. There is one at least."""
    count = len(columns["score"])
    for start in range(0, max(count, 1), CHUNK):
        yield start, {name: values[start : start + CHUNK] for name, values in columns.items()}


def are_idle(question: Question, cells: Columns) -> Flags:
    """Return which cells or single accounts answer as idle ones."""
    found: Flags = cells["idle"] if "idle" in cells else _is_idle(question, effects.Rows(**cells))
    return found


def sums_of(question: Question, cells: Columns, chosen: Ints) -> Columns:
    """Return what is summed in some cells; a single account is a cell of its own.

    With ``credit_limit`` and ``top``, and under the IRB formula ``severities``.
    """
    if "balances" in cells:
        return {name: values[chosen] for name, values in cells.items()}
    names = [name for name in (*_OF_AN_ACCOUNT, "is_transactor") if name in cells]
    names.remove("score")
    own = {name: cells[name][chosen] for name in names}
    kept = {name: own[name] for name in ("credit_limit", "top")}
    kept["severities"] = own["loss_given_default"]
    kept["accounts"] = np.ones(len(chosen), dtype=np.int64)
    return kept | _terms(question, effects.Rows(**own))


def cells_statement(question: Question) -> sa.Select[Any]:
    """Return the statement that sums eligible accounts that do not come singly into cells."""
    accounts = _sized(question)
    c = accounts.c
    terms = _terms(question, c)
    keys = [*_group_key(question, accounts), c.score, c.credit_limit]
    if question.splits_idle:
        keys.append(_is_idle(question, c).label("idle"))
    named = [term.label(name) for name, term in terms.items()]
    single = sa.or_(c.capped, _exceptional(accounts, question))
    inner = sa.select(*keys, *named).where(sa.not_(single)).subquery("ordinary")
    grouped = [inner.c[str(key.key)] for key in keys]
    sums = (sa.func.sum(inner.c[name]).label(name) for name in terms)
    return sa.select(*grouped, sa.func.count().label("accounts"), *sums).group_by(*grouped)


def _terms(question: Question, account: effects.Account) -> dict[str, Any]:
    """Return what is summed over the accounts of a cell, by name."""
    balance = as_double(account.balance)
    probability = account.default_probability
    weighted = probability * account.loss_given_default
    terms: dict[str, Any] = {
        "balances": balance,
        "risks": probability,
        "risk_balances": probability * balance,
        "losses": weighted,
        "loss_balances": weighted * balance,
    }
    if question.by_debt:
        terms["risk_squares"] = probability * balance * balance
        terms["loss_squares"] = weighted * balance * balance
    if question.transactors:
        pays_in_full = effects.is_transactor(account)
        terms["transactors"] = where(pays_in_full, 1.0, 0.0)
        terms["transactor_balances"] = where(pays_in_full, balance, 0.0)
    return terms


def _is_idle(question: Question, account: effects.Account) -> Any:
    """Return whether an account answers as an idle one."""
    assumptions = question.assumptions
    return formulas.is_idle(
        as_double(account.balance),
        as_double(account.credit_limit),
        band_value(account.score, assumptions.elasticity, assumptions.band_edges),
        assumptions.idle_draw,
    )


def singles_statement(question: Question) -> sa.Select[Any]:
    """Return the statement of the eligible accounts that come singly."""
    accounts = _sized(question)
    c = accounts.c
    exceptional = _exceptional(accounts, question)
    columns = [*_group_key(question, accounts), *(c[name] for name in _OF_AN_ACCOUNT)]
    columns += [c.capped, exceptional.label("exceptional")]
    if question.transactors:
        columns.append(effects.is_transactor(c).label("is_transactor"))
    if question.portfolio.has("other_payments"):
        elsewhere = sa.cast(limits.other_payments(accounts), sa.BigInteger())
        columns.append(elsewhere.label("other_payments"))
    if question.incomes:
        income = sa.func.coalesce(c.monthly_income, sa.literal(UNKNOWN, sa.BigInteger()))
        columns.append(income.label("income"))
    found = sa.select(*columns)
    if question.singly:
        return found
    return found.where(sa.or_(c.capped, exceptional, _may_be_relieved(accounts, question)))


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
    """Return the accounts that pass every guardrail, where a raise can be made.

    With ``top``, and ``capped``: whether a ceiling stops the largest raise.
    """
    portfolio, policy, assumptions = question.portfolio, question.policy, question.assumptions
    needed = response.columns_of(policy)
    priced = response.priced(portfolio, assumptions, question.by, columns=needed)
    most = sa.literal(question.raises[-1], sa.BigInteger())
    return response.raisable(
        priced, most, policy, assumptions, portfolio, size="top", capped="capped"
    )


def _group_key(question: Question, accounts: sa.CTE) -> list[sa.ColumnElement[Any]]:
    return [] if question.by is None else [accounts.c[response.GROUP]]


def _may_be_relieved(accounts: sa.CTE, question: Question) -> sa.ColumnElement[bool]:
    """Return a condition that customers meet whom a raise relieves (some others do too)."""
    c, assumptions = accounts.c, question.assumptions
    tight = customers.is_tight(c.balance, c.credit_limit, assumptions)
    return sa.and_(tight, customers.is_eased(c.balance, c.top + 1, assumptions))


def worth(question: Question, cells: Columns, yield_rate: float) -> Floats:
    """Return what cells of one yield leave a year, of which staying customers bring a share."""
    assumptions, balances = question.assumptions, cells["balances"]
    unused = cells["accounts"] * cells["credit_limit"] - balances
    unused_losses = cells["credit_limit"] * cells["losses"] - cells["loss_balances"]
    of_transactors = cells.get("transactor_balances", 0.0)
    earned = formulas.earned(
        measures.margin(balances, of_transactors, yield_rate, assumptions),
        formulas.ead(cells["loss_balances"], unused_losses, assumptions.credit_conversion_factor),
        capital.charge(
            capital.rwa(
                balances, unused, cells["risks"], cells.get("severities", 0.0), assumptions
            ),
            assumptions,
        ),
    )
    return np.asarray(formulas.retained_value(1.0, earned))


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
