"""Accounts looked at one by one: those that fit no cell, and customers whose state may change."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analytics.declared.arrays import Columns, Flags, Floats, Ints
from analytics.declared.choices import LossPart
from analytics.declared.parameters import BASIS_POINTS
from analytics.method import customers, effects, formulas, limits
from analytics.method.bands import band_index
from analytics.method.effects import BAND_VALUES
from analytics.policy import minor_units
from analytics.results.surface.cells import UNKNOWN, Question
from analytics.results.surface.products import first_raise_from

CHUNK = 16_384
"""Accounts evaluated at all raises at once: bounds the memory."""


def add_exceptional(question: Question, singles: Columns, rows: Ints, into: Columns) -> None:
    """Add what the raises do to the accounts that are in no cell, evaluated at every raise."""
    exceptional = np.flatnonzero(singles["exceptional"])
    points = np.asarray(question.raises, dtype=np.int64)
    for start in range(0, len(exceptional), CHUNK):
        chosen = exceptional[start : start + CHUNK]
        accounts = {name: values[chosen] for name, values in singles.items()}
        new = limits.new_limits(
            accounts["credit_limit"][:, None], points, accounts["top"][:, None], question.policy
        )
        found = _increments(question, accounts, new)
        used, row = np.unique(rows[chosen], return_inverse=True)
        for name, values in found.items():
            summed = np.zeros((len(used), len(points)), dtype=values.dtype)
            np.add.at(summed, row, values)
            into[name][used] += summed


def _increments(question: Question, accounts: Columns, new: Ints) -> Columns:
    """Return the increments of accounts by name, shape (accounts, raises)."""
    assumptions = question.assumptions
    columns = {name: values[:, None] for name, values in accounts.items()}
    rows = effects.Rows(**columns, new_limit=new)
    band = _by_band(question, accounts["score"])
    vars(rows).update(
        effects.first_stage(rows, band, assumptions, transactors=question.transactors)
    )
    vars(rows).update(effects.second_stage(rows, assumptions))
    found = effects.terms(
        rows,
        assumptions,
        transactors=question.transactors,
        day_after=question.policy.temporary_days is not None,
    )
    more = found["limit"]
    found["raised"] = (more > 0).astype(np.int64)
    found["expected_loss"] = sum(found.pop(part) for part in LossPart)
    # Headroom and what is added on the day after follow from limits and balances in cells.
    found["over_limit"] = found.pop("headroom") - (more - found["balance"])
    found["over_limit_at_first"] = found.pop("day_after_headroom") - more
    return {name: np.broadcast_to(values, new.shape) for name, values in found.items()}


def balances(question: Question, score: Ints, limit: Floats, balance: Floats, new: Ints) -> Floats:
    """Return the balance of accounts at new limits (money), shape of ``new``."""
    rows = effects.Rows(credit_limit=limit, balance=balance, new_limit=new)
    found: Floats = effects.drawn(rows, _by_band(question, score), question.assumptions)
    return found


def _by_band(question: Question, score: Ints) -> dict[str, Floats]:
    band = band_index(score, question.assumptions.band_edges)
    return {
        name: np.asarray(getattr(question.assumptions, name), dtype=np.float64)[band][:, None]
        for name in BAND_VALUES
    }


def _column(values: Ints) -> Floats:
    return values.astype(np.float64)[:, None]


def add_customers(question: Question, singles: Columns, rows: Ints, into: Columns) -> None:
    """Add the customers that the raises relieve, strain, cover and make over-indebted.

    Each of these, once it holds for an account, holds at every larger raise (a raise lowers
    utilization or never brings it under the bound, and headroom only grows). So an account counts
    from its first raise on.
    """
    firsts = {
        "relieved": (1, _first_relieved(question, singles)),
        "strained": (1, _first_strained(question, singles)),
        "over_indebted": (1, _first_over_indebted(question, singles)),
    }
    for name, months in customers.COVERS.items():
        firsts[name] = (-1, _first_covered(question, singles, months))
    for name, (sign, (chosen, first)) in firsts.items():
        count, width = into[name].shape
        place = rows[chosen] * (width + 1) + first
        histogram = np.bincount(place, minlength=count * (width + 1)).reshape(count, width + 1)
        into[name] += sign * np.cumsum(histogram[:, :width], axis=1)


def _first_relieved(question: Question, singles: Columns) -> tuple[Ints, Ints]:
    assumptions = question.assumptions
    tight = customers.is_tight(singles["balance"], singles["credit_limit"], assumptions)

    def holds(balance: Floats, new: Ints, _: Ints) -> Flags:
        eased: Flags = customers.is_eased(balance, new.astype(np.float64), assumptions)
        return eased

    return _first_raise(question, singles, np.flatnonzero(tight), holds)


def _first_over_indebted(question: Question, singles: Columns) -> tuple[Ints, Ints]:
    assumptions, income = question.assumptions, singles["income"]
    already = customers.is_over_indebted(singles["balance"], income, assumptions)

    def holds(balance: Floats, _: Ints, income: Ints) -> Flags:
        indebted: Flags = customers.is_over_indebted(balance, income, assumptions)
        return indebted

    # A balance ends at most at the new limit, or where it is.
    most = np.maximum(singles["top"], singles["balance"]) * (1.0 + 1e-9)
    possible = customers.is_over_indebted(most, income, assumptions)
    candidates = np.flatnonzero((income != UNKNOWN) & ~already & possible)
    return _first_raise(question, singles, candidates, holds)


def _first_covered(question: Question, singles: Columns, months: float) -> tuple[Ints, Ints]:
    """Return whose headroom comes to be at least so many months of income."""
    limit, balance, income = singles["credit_limit"], singles["balance"], singles["income"]
    unused = formulas.headroom(limit, balance)

    def holds(after: Floats, new: Ints, income: Ints) -> Flags:
        left = formulas.headroom(new.astype(np.float64), after)
        return ~np.asarray(customers.has_less_cover(left, income, months))

    less = customers.has_less_cover(unused, income, months)
    most = formulas.headroom(singles["top"], balance) * (1.0 + 1e-9)
    possible = ~customers.has_less_cover(most, income, months)
    return _first_raise(
        question, singles, np.flatnonzero((income != UNKNOWN) & less & possible), holds
    )


def _first_strained(question: Question, singles: Columns) -> tuple[Ints, Ints]:
    """Return who is strained by a raise, and from which on, in whole numbers throughout."""
    assumptions = question.assumptions
    limit, top, income = singles["credit_limit"], singles["top"], singles["income"]
    elsewhere = singles["other_payments"]
    already = customers.is_strained(limit, income, elsewhere, assumptions)
    strained = customers.is_strained(top, income, elsewhere, assumptions)
    chosen = np.flatnonzero((income != UNKNOWN) & ~already & strained)
    limit = limit[chosen]
    step = minor_units(question.policy.rounding_step)
    # The lowest new limit, a multiple of the step, that strains and is enough of a raise.
    lowest = np.maximum(
        customers.highest_bearable_limit(income[chosen], elsewhere[chosen], assumptions) + 1,
        limit + limits.smallest_raise(question.policy),
    )
    lowest = -(-lowest // step) * step
    needed = -((limit - lowest) * BASIS_POINTS // limit)
    return chosen, first_raise_from(question.raises)[needed]


def _first_raise(
    question: Question,
    singles: Columns,
    candidates: Ints,
    holds: Callable[[Floats, Ints, Ints], Flags],
) -> tuple[Ints, Ints]:
    """Return for which candidates a condition comes to hold, and the index of the first raise.

    ``holds`` takes their balances after, new limits and incomes. Found by halving.
    """
    points = np.asarray(question.raises, dtype=np.int64)

    def true_at(accounts: Columns, raises: Ints) -> Flags:
        limit, top = accounts["credit_limit"], accounts["top"]
        new = limits.new_limits(limit, points[raises], top, question.policy)
        score, balance = accounts["score"], accounts["balance"]
        after = balances(question, score, _column(limit), _column(balance), new[:, None])[:, 0]
        return (new > limit) & holds(after, new, accounts["income"])

    last = np.array([len(points) - 1])
    chosen = candidates[true_at(_rows_of(singles, candidates), last)]
    accounts = _rows_of(singles, chosen)
    low = np.zeros(len(chosen), dtype=np.int64)
    high = np.full(len(chosen), len(points) - 1, dtype=np.int64)
    for _ in range(len(points).bit_length()):
        middle = (low + high) // 2
        true = true_at(accounts, middle)
        low, high = np.where(true, low, np.minimum(middle + 1, high)), np.where(true, middle, high)
    return chosen, high


def _rows_of(singles: Columns, chosen: Ints) -> Columns:
    names = ("score", "credit_limit", "top", "balance", "income")
    return {name: singles[name][chosen] for name in names}
