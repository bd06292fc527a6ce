"""Accounts looked at one by one: those that fit no cell, and customers whose state may change."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from analytics.declared.arrays import Columns, Flags, Floats, Ints
from analytics.declared.parameters import BASIS_POINTS, basis_points
from analytics.method import capital, formulas, limits
from analytics.method.bands import band_index
from analytics.method.response import BAND_VALUES
from analytics.policy import minor_units
from analytics.results.surface.cells import UNKNOWN, Question
from analytics.results.surface.products import first_raise_from, new_limits

CHUNK = 16_384
"""Accounts evaluated at all raises at once: bounds the memory."""

CUSTOMERS = ("relieved", "strained", "over_indebted")


def add_exceptional(question: Question, singles: Columns, rows: Ints, into: Columns) -> None:
    """Add what the raises do to the accounts that are in no cell, evaluated at every raise."""
    exceptional = np.flatnonzero(singles["exceptional"])
    points = np.asarray(question.raises, dtype=np.int64)
    for start in range(0, len(exceptional), CHUNK):
        chosen = exceptional[start : start + CHUNK]
        accounts = {name: values[chosen] for name, values in singles.items()}
        new = new_limits(
            accounts["credit_limit"][:, None], accounts["top"][:, None], points, question.policy
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
    factor = assumptions.credit_conversion_factor
    value = _by_band(question, accounts["score"])
    limit, balance = _column(accounts["credit_limit"]), _column(accounts["balance"])
    probability = accounts["default_probability"][:, None]
    severity = accounts["loss_given_default"][:, None]
    growth = new / limit - 1.0
    new_balance = balances(question, accounts["score"], limit, balance, new)
    before = formulas.ead(balance, formulas.headroom(limit, balance), factor)
    after = formulas.ead(new_balance, formulas.headroom(new, new_balance), factor)
    risk = formulas.default_probability_after(probability, growth, value["pd_uplift"])
    loss = formulas.expected_loss(probability, severity, before)
    earned = formulas.margin(
        balance, value["yield_rate"], assumptions.funding_rate, assumptions.operating_rate
    )
    fall = value["attrition"] - formulas.attrition_after(
        value["attrition"], growth, value["attrition_change"], assumptions.attrition_floor
    )
    more = new - accounts["credit_limit"][:, None]
    unused = formulas.headroom(new, new_balance) - formulas.headroom(limit, balance)
    found: Columns = {
        "raised": (more > 0).astype(np.int64),
        "limit": more,
        "balance": new_balance - balance,
        "over_limit": unused - (more - (new_balance - balance)),
        "projected_defaults": risk - probability,
        "defaulted_exposure": risk * after - probability * before,
        "expected_loss": formulas.expected_loss(risk, severity, after) - loss,
        "retained": formulas.retained_value(fall, earned, loss),
    }
    if question.irb:
        found["rwa"] = _rwa(question, risk, severity, after) - _rwa(
            question, probability, severity, before
        )
    return found


def balances(question: Question, score: Ints, limit: Floats, balance: Floats, new: Ints) -> Floats:
    """Return the balance of accounts at new limits (money), shape of ``new``."""
    value = _by_band(question, score)
    found: Floats = formulas.balance_after(
        balance,
        limit,
        new.astype(np.float64),
        form=question.assumptions.response_form,
        elasticity=value["elasticity"],
        mpb=value["mpb"],
        idle_draw=question.assumptions.idle_draw,
    )
    return found


def _by_band(question: Question, score: Ints) -> dict[str, Floats]:
    band = band_index(score, question.assumptions.band_edges)
    return {
        name: np.asarray(getattr(question.assumptions, name), dtype=np.float64)[band][:, None]
        for name in BAND_VALUES
    }


def _column(values: Ints) -> Floats:
    return values.astype(np.float64)[:, None]


def _rwa(question: Question, probability: Floats, severity: Floats, exposure: Floats) -> Floats:
    requirement = capital.counted_requirement(probability, severity, question.assumptions)
    rwa: Floats = capital.RWA_PER_CAPITAL * requirement * exposure
    return rwa


def add_customers(question: Question, singles: Columns, rows: Ints, into: Columns) -> None:
    """Add the customers that the raises relieve, strain and make over-indebted.

    Each of the three, once it holds for an account, holds at every larger raise (a raise lowers
    utilization or never brings it under the bound). So an account counts from its first raise on.
    """
    firsts = {
        "relieved": _first_relieved(question, singles),
        "strained": _first_strained(question, singles),
        "over_indebted": _first_over_indebted(question, singles),
    }
    for name, (chosen, first) in firsts.items():
        count, width = into[name].shape
        place = rows[chosen] * (width + 1) + first
        histogram = np.bincount(place, minlength=count * (width + 1)).reshape(count, width + 1)
        into[name] += np.cumsum(histogram[:, :width], axis=1)


def _first_relieved(question: Question, singles: Columns) -> tuple[Ints, Ints]:
    points = basis_points(question.assumptions.relief_utilization)
    whole, relief = _lowest_terms(BASIS_POINTS, points)
    tight = singles["balance"] * whole >= singles["credit_limit"] * relief

    def holds(balance: Floats, new: Ints, _: Ints) -> Flags:
        return balance * whole < new.astype(np.float64) * relief

    return _first_raise(question, singles, np.flatnonzero(tight), holds)


def _first_over_indebted(question: Question, singles: Columns) -> tuple[Ints, Ints]:
    points = round(question.assumptions.over_indebted_multiple * BASIS_POINTS)
    whole, multiple = _lowest_terms(BASIS_POINTS, points)
    income = singles["income"]
    already = singles["balance"] * whole > income * multiple

    def holds(balance: Floats, _: Ints, income: Ints) -> Flags:
        return balance * whole > income * multiple

    # A balance ends at most at the new limit, or where it is.
    most = np.maximum(singles["top"], singles["balance"])
    possible = most * (whole * (1.0 + 1e-9)) > income * multiple
    candidates = np.flatnonzero((income != UNKNOWN) & ~already & possible)
    return _first_raise(question, singles, candidates, holds)


def _first_strained(question: Question, singles: Columns) -> tuple[Ints, Ints]:
    """Return who is strained by a raise, and from which on, in whole numbers throughout."""
    share = basis_points(question.assumptions.strain_income_share)
    payment = basis_points(question.assumptions.minimum_payment_rate)
    limit, top, income = singles["credit_limit"], singles["top"], singles["income"]
    already = limit * payment > income * share
    strained = top * payment > income * share
    chosen = np.flatnonzero((income != UNKNOWN) & ~already & strained)
    limit = limit[chosen]
    step = minor_units(question.policy.rounding_step)
    # The lowest new limit, a multiple of the step, that strains and is enough of a raise.
    lowest = np.maximum(
        income[chosen] * share // payment + 1, limit + limits.smallest_raise(question.policy)
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
        new = new_limits(limit, top, points[raises], question.policy)
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


def _lowest_terms(first: int, second: int) -> tuple[int, int]:
    """Return two factors without what they share, as statements compare products."""
    shared = math.gcd(first, second) or 1
    return first // shared, second // shared


def _rows_of(singles: Columns, chosen: Ints) -> Columns:
    names = ("score", "credit_limit", "top", "balance", "income")
    return {name: singles[name][chosen] for name in names}
