"""Customers whose state the raises change: relieved, strained, covered, over-indebted.

Each change, once it holds for an account, holds at every larger raise (a raise lowers utilization
or never brings it under the bound, and headroom only grows). So an account counts from its first
raise on, and that follows from the lowest new limit at which the change holds. Where response and
bound leave no formula for that limit, it is guessed and checked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analytics.declared.arrays import Columns, Flags, Floats, Ints
from analytics.method import customers, effects, formulas, limits
from analytics.method.bands import band_index
from analytics.policy import minor_units
from analytics.results.surface.cells import UNKNOWN, Question, chunks
from analytics.results.surface.products import first_raise_to


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of a customer's state.

    ``possible`` says of single accounts for which it may come to hold. The others take balances
    after a raise, new limits and incomes: ``holds`` says whether it does, and ``room`` rises
    through 0 about where it comes to.
    """

    possible: Callable[[Columns], Flags]
    holds: Callable[[Floats, Floats, Ints], Flags]
    room: Callable[[Floats, Floats, Ints], Floats]


def add_customers(question: Question, singles: Columns, rows: Ints, into: Columns) -> None:
    """Add the customers that the raises relieve, strain, cover and make over-indebted."""
    _count(into["relieved"], rows, *_first_raises(question, singles, _relieved(question)))
    if not question.incomes:
        return
    indebted = _over_indebted(question)
    _count(into["over_indebted"], rows, *_first_raises(question, singles, indebted))
    for name, months in customers.COVERS.items():
        covered = _first_raises(question, singles, _covered(months))
        _count(into[name], rows, *covered, sign=-1)
    if not question.policy.affordability:
        _count(into["strained"], rows, *_first_strained(question, singles))


def _count(into: Ints, rows: Ints, chosen: Ints, first: Ints, *, sign: int = 1) -> None:
    """Add accounts to their rows, each from its first raise on."""
    count, width = into.shape
    place = rows[chosen] * width + first
    histogram = np.bincount(place, minlength=count * width).reshape(count, width)
    into += sign * np.cumsum(histogram, axis=1)


def _relieved(question: Question) -> _Change:
    assumptions = question.assumptions

    def possible(a: Columns) -> Flags:
        tight = customers.is_tight(a["balance"], a["credit_limit"], assumptions)
        found: Flags = tight & customers.is_eased(a["balance"], a["top"] + 1, assumptions)
        return found

    def holds(after: Floats, new: Floats, _: Ints) -> Flags:
        eased: Flags = customers.is_eased(after, new, assumptions)
        return eased

    bound = assumptions.relief_utilization
    return _Change(possible, holds, lambda after, new, _: bound * new - after)


def _over_indebted(question: Question) -> _Change:
    assumptions = question.assumptions

    def possible(a: Columns) -> Flags:
        most = customers.is_over_indebted(a["top"] + 1, a["income"], assumptions)
        already = customers.is_over_indebted(a["balance"], a["income"], assumptions)
        found: Flags = most & ~already & (a["income"] != UNKNOWN)
        return found

    def holds(after: Floats, _: Floats, income: Ints) -> Flags:
        indebted: Flags = customers.is_over_indebted(after, income, assumptions)
        return indebted

    multiple = assumptions.over_indebted_multiple
    return _Change(possible, holds, lambda after, _, income: after - multiple * income)


def _covered(months: float) -> _Change:
    """Return the change of whose headroom comes to be at least so many months of income."""

    def possible(a: Columns) -> Flags:
        unused = formulas.headroom(a["credit_limit"], a["balance"])
        less = customers.has_less_cover(unused, a["income"], months)
        still = customers.has_less_cover(a["top"] - a["balance"] + 1, a["income"], months)
        found: Flags = less & ~still & (a["income"] != UNKNOWN)
        return found

    def holds(after: Floats, new: Floats, income: Ints) -> Flags:
        return ~np.asarray(customers.has_less_cover(formulas.headroom(new, after), income, months))

    return _Change(possible, holds, lambda after, new, income: new - after - months * income)


def _first_strained(question: Question, singles: Columns) -> tuple[Ints, Ints]:
    """Return who is strained by a raise, and from which on, in whole numbers throughout."""
    assumptions = question.assumptions

    def possible(a: Columns) -> Flags:
        elsewhere = (a["income"], a["other_payments"], assumptions)
        strained = customers.is_strained(a["top"], *elsewhere)
        already = customers.is_strained(a["credit_limit"], *elsewhere)
        found: Flags = strained & ~already & (a["income"] != UNKNOWN)
        return found

    chosen = np.concatenate([np.zeros(0, np.int64), *_candidates(singles, possible)])
    limit, income, elsewhere = (
        singles[name][chosen] for name in ("credit_limit", "income", "other_payments")
    )
    highest = customers.highest_bearable_limit(income, elsewhere, assumptions)
    return chosen, first_raise_to(question, limit, _lowest(question, limit, highest + 1))


def _candidates(singles: Columns, possible: Callable[[Columns], Flags]) -> list[Ints]:
    """Return for which accounts a change is possible, in parts."""
    return [start + np.flatnonzero(possible(part)) for start, part in chunks(singles)]


def _lowest(question: Question, limit: Ints, wanted: Ints) -> Ints:
    """Return the lowest new limits that can be, of at least those wanted."""
    step = minor_units(question.policy.rounding_step)
    enough = np.maximum(wanted, limit + limits.smallest_raise(question.policy))
    return -(-enough // step) * step


def _first_raises(question: Question, singles: Columns, change: _Change) -> tuple[Ints, Ints]:
    """Return for which accounts a change comes to hold, and the index of the first raise."""
    parts = _candidates(singles, change.possible)
    guessed = [_guessed(question, singles, part, change) for part in parts]
    sure, first, unsure = (np.concatenate(each) for each in zip(*guessed, strict=True))
    halved = _halved(question, singles, unsure, change)
    return np.concatenate([sure, unsure]), np.concatenate([first, halved])


def _guessed(
    question: Question, singles: Columns, candidates: Ints, change: _Change
) -> tuple[Ints, Ints, Ints]:
    """Return for which candidates a change comes to hold at a raise that is sure, and that raise.

    And for which it does at another raise. Raises by their index.
    """
    accounts = _Accounts(question, singles, candidates)
    limit, top = accounts.limit, accounts.top
    lowest = np.minimum(_lowest(question, limit, accounts.guess(change)), top)
    below = lowest - minor_units(question.policy.rounding_step)
    too_low = ~limits.is_raised(limit, below, question.policy)
    before = accounts.hold(change, np.maximum(below, limit))
    sure = accounts.hold(change, lowest) & (too_low | ~before)
    rest = np.flatnonzero(~sure)
    other = rest[_Accounts(question, singles, candidates[rest]).hold(change, top[rest])]
    first = first_raise_to(question, limit[sure], lowest[sure])
    return candidates[sure], first, candidates[other]


class _Accounts:
    """Accounts as they answer to a new limit."""

    def __init__(self, question: Question, singles: Columns, chosen: Ints) -> None:
        self.limit: Ints = singles["credit_limit"][chosen]
        self.top: Ints = singles["top"][chosen]
        self._income: Ints = singles["income"][chosen]
        self._rows = effects.Rows(
            credit_limit=self.limit.astype(np.float64),
            balance=singles["balance"][chosen].astype(np.float64),
        )
        band = band_index(singles["score"][chosen], question.assumptions.band_edges)
        self._band = {
            name: np.asarray(getattr(question.assumptions, name))[band]
            for name in ("elasticity", "mpb")
        }
        self._assumptions = question.assumptions

    def _after(self, new: Floats) -> Floats:
        """Return balances after a raise to new limits."""
        rows = effects.Rows(**vars(self._rows), new_limit=new)
        found: Floats = effects.drawn(rows, self._band, self._assumptions)
        return found

    def hold(self, change: _Change, new: Ints) -> Flags:
        """Return where a change holds at new limits."""
        limits_after = new.astype(np.float64)
        return change.holds(self._after(limits_after), limits_after, self._income)

    def guess(self, change: _Change) -> Ints:
        """Return new limits near to the lowest at which a change comes to hold, as it may not.

        The room there is at today's limit, at the highest new one and where a line between them
        crosses 0 tells it, limits being taken for a square function of the room.
        """
        low, high = self._rows.credit_limit, self.top.astype(np.float64)
        at_low = change.room(self._rows.balance, low, self._income)
        at_high = change.room(self._after(high), high, self._income)
        with np.errstate(divide="ignore", invalid="ignore"):
            between = np.clip(low - at_low * (high - low) / (at_high - at_low), low, high)
            at = change.room(self._after(between), between, self._income)
            found = (
                low * at_high * at / ((at_low - at_high) * (at_low - at))
                + high * at_low * at / ((at_high - at_low) * (at_high - at))
                + between * at_low * at_high / ((at - at_low) * (at - at_high))
            )
        near = np.clip(np.where(np.isfinite(found), found, between), low, high)
        whole: Ints = np.ceil(near).astype(np.int64)
        return whole


def _halved(question: Question, singles: Columns, chosen: Ints, change: _Change) -> Ints:
    """Return the index of the first raise at which a change holds; it does at the largest."""
    accounts, points = _Accounts(question, singles, chosen), np.asarray(question.raises)
    low = np.zeros(len(chosen), dtype=np.int64)
    high = np.full(len(chosen), len(points) - 1, dtype=np.int64)
    for _ in range(len(points).bit_length()):
        middle = (low + high) // 2
        new = limits.new_limits(accounts.limit, points[middle], accounts.top, question.policy)
        true = (new > accounts.limit) & accounts.hold(change, new)
        low, high = np.where(true, low, np.minimum(middle + 1, high)), np.where(true, middle, high)
    return high
