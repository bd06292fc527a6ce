"""How every measure follows from sums (METHOD 7).

Sums add up over accounts; every other measure is computed from sums, so that parts and groups add
up to the whole by construction.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats, Ints, Numbers
from analytics.declared.choices import ConsentMode, LossPart
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.language import say
from analytics.declared.measures import (
    BY_NAME,
    CAPITAL,
    CAPITAL_FUNDING,
    MEASURES,
    RATES,
    Measure,
    MeasureUnit,
    Ratio,
)
from analytics.errors import ParameterError
from analytics.method import capital, formulas
from analytics.method.bands import band_value, take_up
from analytics.method.elementwise import Quantity, Result
from analytics.method.months import DAYS_PER_YEAR, Worths, built_by, worth


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Quantities that add up over accounts; all arrays of one shape, money in minor units.

    ``limit``, ``balance`` and ``headroom`` are whole (int64) for the baseline, and ``limit`` for
    the increment too; what follows from a response is float64. The ``day_after`` ones and
    ``drawn_loss`` (expected loss of what is drawn) are there for an increment's value over months.
    """

    accounts: Numbers
    raised: Numbers
    limit: Numbers
    balance: Numbers
    headroom: Numbers
    ead: Numbers
    projected_defaults: Numbers
    defaulted_exposure: Numbers
    expected_loss: Numbers
    new_debt: Numbers
    moved_balance: Numbers
    transactor_balance: Numbers
    margin: Numbers
    rwa: Numbers
    capital_charge: Numbers
    retained: Numbers
    action_cost: Numbers
    npv: Numbers
    first_year_value: Numbers
    provision_day_one: Numbers
    first_year_profit: Numbers
    relieved: Numbers
    strained: Numbers
    thin_cover: Numbers
    short_cover: Numbers
    over_indebted: Numbers
    day_after_headroom: Numbers
    day_after_defaulted_exposure: Numbers
    day_after_loss: Numbers
    day_after_rwa: Numbers
    drawn_loss: Numbers

    def each(self, function: Any) -> Sums:
        """Return sums with a function applied to every array."""
        return Sums(**{name: function(getattr(self, name)) for name in SUM_NAMES})

    def __add__(self, other: Sums) -> Sums:
        return Sums(**{n: getattr(self, n) + getattr(other, n) for n in SUM_NAMES})

    def by_name(self) -> dict[str, Numbers]:
        """Return the sums by name."""
        return {name: getattr(self, name) for name in SUM_NAMES}


SUM_NAMES: tuple[str, ...] = tuple(item.name for item in dataclasses.fields(Sums))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Every measure of one side of a comparison; money in currency units, None where undefined.

    ``loss_per_new_exposure`` and value over months belong to an increment and are None elsewhere.
    """

    accounts: float
    raised: float
    raised_share: float | None
    limit: float
    balance: float
    headroom: float
    ead: float
    projected_defaults: float
    defaulted_exposure: float
    expected_loss: float
    default_rate: float | None
    loss_rate: float | None
    loss_rate_on_balance: float | None
    new_debt: float
    moved_balance: float
    margin: float
    rwa: float
    capital_charge: float
    retained: float
    action_cost: float
    net_value: float
    return_on_capital: float | None
    npv: float | None
    first_year_value: float | None
    payback_months: float | None
    provision_day_one: float | None
    first_year_profit: float | None
    loss_per_new_exposure: float | None
    relieved: float
    strained: float | None
    thin_cover: float | None
    short_cover: float | None
    over_indebted: float | None

    def get(self, name: str) -> float | None:
        """Return a measure by name."""
        value: float | None = getattr(self, name)
        return value


def additive(sums: Mapping[str, Quantity], assumptions: Assumptions) -> dict[str, Result]:
    """Return sums with what else adds up: capital, its charge, and net value; unit as given.

    ``sums`` holds at least margin, retained value, expected loss, risk-weighted assets and the
    cost of raising, by name. The charge of capital follows from the assets where it is not given.
    """
    rwa = sums["rwa"]
    charge = sums.get("capital_charge")
    if charge is None:
        charge = capital.charge(rwa, assumptions)
    held = formulas.capital(rwa, assumptions.capital_ratio)
    value = formulas.net_value(
        sums["margin"], sums["retained"], sums["expected_loss"], charge, sums["action_cost"]
    )
    return {
        **sums,
        CAPITAL: held,
        CAPITAL_FUNDING: formulas.interest(held, assumptions.funding_rate),
        "capital_charge": charge,
        "net_value": value,
    }


def completed(sums: Mapping[str, Quantity], assumptions: Assumptions) -> dict[str, Result]:
    """Return every measure that sums give, by name: the additive ones, and each rate.

    Money in the unit of the sums; rates are NaN where their denominator is 0. A rate whose sums
    are not given is left out.
    """
    found = additive(sums, assumptions)
    return found | {name: rate(name, found) for name in RATES if found.keys() >= _needed(name)}


def quotient(rate: str | Ratio, sums: Mapping[str, Quantity]) -> tuple[Result, Result]:
    """Return numerator and denominator of a rate, from sums that :func:`additive` completed.

    A declared ratio that is no measure is given itself.
    """
    of = rate if isinstance(rate, Ratio) else ratio_of(rate)
    first, *further = of.plus
    top = sums[first]
    for name in further:
        top = top + sums[name]
    for name in of.minus:
        top = top - sums[name]
    return top, sums[of.over]


def rate(of: str | Ratio, sums: Mapping[str, Quantity]) -> Numbers:
    """Return a rate from sums that :func:`additive` completed, NaN where its denominator is 0."""
    return divided(*quotient(of, sums))


_NOTHING = 1e-300
"""Share of a numerator at which a denominator is as good as 0."""


def divided(numerator: Quantity, denominator: Quantity, *, empty: float = float("nan")) -> Numbers:
    """Return a quotient, ``empty`` where the denominator is 0, or so near that no number is left.

    A risk weight of 1e-320 is one that a file can declare.
    """
    top, bottom = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    start = np.full(np.broadcast_shapes(top.shape, bottom.shape), empty)
    some = (bottom != 0) & ~(np.abs(bottom) <= np.abs(top) * _NOTHING)
    share: Numbers = np.divide(top, bottom, out=start, where=some)
    return share


def per(numerator: float | None, denominator: float | None) -> float | None:
    """Return the quotient of two numbers, None where one is not known or there is nothing below."""
    if numerator is None or denominator is None:
        return None
    return known(divided(numerator, denominator))


def known(value: Numbers) -> float | None:
    """Return a scalar as a Python number, None for NaN."""
    number = float(value)
    return None if np.isnan(number) else number


def ratio_on(of: str | Ratio, side: Measures | None) -> float | None:
    """Return a rate of sums alone on one side of a comparison, None where undefined."""
    return None if side is None else per(*quotient(of, dataclasses.asdict(side)))


def level(measure: str, sums: Mapping[str, Quantity], assumptions: Assumptions) -> Numbers:
    """Return a measure of a side, baseline or proposed; money in the unit of the sums.

    NaN where undefined, as is what only an increment has.
    """
    found = BY_NAME[measure]
    full = additive(sums, assumptions)
    if found.of_increment:
        return np.full(np.shape(full["margin"]), np.nan)
    return np.asarray(full[measure]) if found.ratio is None else rate(measure, full)


def change(
    measure: str,
    before: Mapping[str, Quantity],
    more: Mapping[str, Quantity],
    assumptions: Assumptions,
) -> Numbers:
    """Return proposed less baseline of a measure, from the sums before and the increments.

    A sum is that of the increments themselves, a rate the difference of two, and what only an
    increment has is its own. Nobody is added: accounts are 0.
    """
    found = BY_NAME[measure]
    if found.ratio is None:
        return np.asarray(additive(more, assumptions)[measure])
    if found.of_increment:
        return rate(measure, additive(more, assumptions))
    after = level(measure, together(before, more), assumptions)
    return after - level(measure, before, assumptions)


def together(before: Mapping[str, Quantity], more: Mapping[str, Quantity]) -> dict[str, Result]:
    """Return the sums of the proposed side: those before plus the increments."""
    return {name: before[name] + more[name] for name in before}


def ratio_of(measure: str) -> Ratio:
    """Return what a rate is the quotient of.

    Raises
    ------
    ParameterError
        The measure is no rate.
    """
    found = BY_NAME[measure].ratio
    if found is None:
        raise ParameterError(
            say(
                "{measure} is no rate: give one of {rates}.",
                measure=measure,
                rates=tuple(RATES),
            )
        )
    return found


def _needed(measure: str) -> set[str]:
    found = ratio_of(measure)
    return {*found.plus, *found.minus, found.over}


def linear(
    sums: Mapping[str, Quantity],
    yield_rate: Quantity,
    assumptions: Assumptions,
    *,
    conversion_factor: float | None = None,
) -> dict[str, Result]:
    """Return what is linear in balance and headroom, of accounts or of their sums (money).

    Exposure at default and margin; risk-weighted assets by the standardised approach only. All
    are increments where ``balance``, ``transactor_balance`` and ``headroom`` are. The conversion
    factor is that of the assumptions unless given.
    """
    if conversion_factor is None:
        conversion_factor = assumptions.credit_conversion_factor
    balance, unused = sums["balance"], sums["headroom"]
    found = {
        "ead": formulas.ead(balance, unused, conversion_factor),
        "margin": margin(balance, sums["transactor_balance"], yield_rate, assumptions),
    }
    if not assumptions.capital_approach.is_irb:
        found["rwa"] = formulas.standardised_rwa(
            balance, unused, assumptions.risk_weight, assumptions.regulatory_conversion_factor
        )
    return found


def margin(
    balance: Quantity, of_transactors: Quantity, yield_rate: Quantity, assumptions: Assumptions
) -> Result:
    """Return the margin of balances, of which some are transactors' and earn no interest."""
    costs = (assumptions.funding_rate, assumptions.operating_rate)
    interest = formulas.margin(balance - of_transactors, yield_rate, *costs)
    return interest + formulas.margin(of_transactors, assumptions.transactor_yield, *costs)


def standing(given: Mapping[str, Numbers], scores: Ints, assumptions: Assumptions) -> Sums:
    """Return the sums of accounts as they stand today, from those that a statement gives.

    What is not given is none of theirs, and 0.
    """
    none = np.zeros_like(given["accounts"])
    found = dict.fromkeys(SUM_NAMES, none) | dict(given)
    yields = band_value(scores, assumptions.yield_rate, assumptions.band_edges)
    found |= linear(found, yields, assumptions)
    found["capital_charge"] = capital.charge(found["rwa"], assumptions)
    return Sums(**found)


def increments(
    offered: Mapping[str, Numbers],
    scores: Ints,
    assumptions: Assumptions,
    worths: Worths,
    *,
    days: int | None = None,
) -> Sums:
    """Return the increments once customers have taken their raises or not, minor units.

    ``offered`` are those of the raises as offered, by name, and 0 where not given; what follows
    from them is added here. ``scores`` broadcasts with them, and ``worths`` are those of the
    :class:`~analytics.method.months.Schedule` of these scores. Who is offered a raise counts as
    raised, taken or not, and every offer has its cost. A temporary raise ends after so many
    ``days``.
    """
    taking = take_up(scores, assumptions)
    found: dict[str, Any] = dict.fromkeys(SUM_NAMES, np.zeros_like(offered["raised"])) | dict(
        offered
    )
    if assumptions.consent_mode is not ConsentMode.AUTOMATIC:
        found = {n: v if n == "raised" else v * taking for n, v in found.items()}
    found["action_cost"] = action_cost(offered["raised"], assumptions)
    found |= _of_balances(found, scores, assumptions)
    if days is not None:
        return Sums(**temporary(found, assumptions, days))
    for name, weights in worths.items():
        shaped = {of: _along(weight, scores) for of, weight in weights.items()}
        found[name] = worth(name, shaped, found, found["action_cost"])
    return Sums(**found)


def _along(weight: Floats, scores: Ints) -> Floats:
    """Return a weight by score in the shape in which the scores are."""
    return weight.reshape(scores.shape)


def _of_balances(
    found: Mapping[str, Numbers], scores: Ints, assumptions: Assumptions
) -> dict[str, Result]:
    """Return the increments that follow from those of balance, headroom and assets."""
    yields = band_value(scores, assumptions.yield_rate, assumptions.band_edges)
    moved = band_value(scores, assumptions.moved_share, assumptions.band_edges)
    more = {
        "moved_balance": moved * found["balance"],
        "new_debt": (1.0 - moved) * found["balance"],
        **linear(found, yields, assumptions),
    }
    if not assumptions.capital_approach.is_irb:
        more["day_after_rwa"] = formulas.standardised_rwa(
            0.0,
            found["day_after_headroom"],
            assumptions.risk_weight,
            assumptions.regulatory_conversion_factor,
        )
    rwa = more.get("rwa", found["rwa"])
    return more | {"capital_charge": capital.charge(rwa, assumptions)}


SUMS_OF_LASTING = ("provision_day_one", "first_year_profit")
"""Sums that only a lasting raise has."""


def unknown_of_temporary(shaped: Numbers) -> dict[str, Numbers]:
    """Return the sums that a temporary raise does not have, NaN in the shape of others.

    Whatever adds up raises sets them again: the sum over nobody is 0, not NaN.
    """
    return dict.fromkeys(SUMS_OF_LASTING, np.full(np.shape(shaped), np.nan))


def temporary(
    found: Mapping[str, Numbers], assumptions: Assumptions, days: int
) -> dict[str, Numbers]:
    """Return the increments of raises that end after so many days (METHOD 8).

    Amounts are those of the last day, yearly flows the days' part of a year at that state. Who is
    raised, what that costs and the customers' counts are those of a permanent raise.
    """
    built = built_by(days, assumptions)
    part = days / DAYS_PER_YEAR
    conversion = assumptions.credit_conversion_factor
    first = {
        "headroom": found["day_after_headroom"],
        "ead": conversion * found["day_after_headroom"],
        "rwa": found["day_after_rwa"],
        "expected_loss": found["day_after_loss"],
        "defaulted_exposure": found["day_after_defaulted_exposure"],
        "capital_charge": capital.charge(found["day_after_rwa"], assumptions),
    }
    amounts = ("balance", "transactor_balance", "new_debt", "moved_balance", "headroom", "ead")
    yearly = ("projected_defaults", "defaulted_exposure", "expected_loss", "margin")
    ended = dict(found)
    for name in (*amounts, "rwa", *yearly, "capital_charge"):
        start = first.get(name, 0.0)
        at_the_end = start + built * (found[name] - start)
        ended[name] = at_the_end * (part if name in (*yearly, "capital_charge") else 1.0)
    ended["retained"] = 0.0 * found["retained"]
    value = additive(ended, assumptions)["net_value"]
    return ended | {"npv": value, "first_year_value": value, **unknown_of_temporary(value)}


def parts_in_time(
    parts: Mapping[LossPart, Numbers],
    day_after: Numbers,
    assumptions: Assumptions,
    *,
    days: int | None,
) -> dict[LossPart, Numbers]:
    """Return the parts of the expected loss, which add up to it under a temporary raise as well.

    ``day_after`` is the loss of the day after the raise, all of it of new exposure.
    """
    if days is None:
        return dict(parts)
    built = built_by(days, assumptions)
    part = days / DAYS_PER_YEAR
    starts = {LossPart.NEW_EXPOSURE: (1.0 - built) * day_after}
    return {n: part * (built * values + starts.get(n, 0.0)) for n, values in parts.items()}


def action_cost(takers: Quantity, assumptions: Assumptions) -> Result:
    """Return the cost of raising so many accounts, minor units."""
    return takers * (assumptions.action_cost * MINOR_UNITS)


def side(sums: Sums, assumptions: Assumptions, *, incomes: bool) -> Measures:
    """Return the measures of a baseline or a proposal from its (scalar) sums."""
    (found,) = sides(sums.each(np.atleast_1d), assumptions, incomes=incomes)
    return found


def sides(sums: Sums, assumptions: Assumptions, *, incomes: bool) -> tuple[Measures, ...]:
    """Return the measures of several baselines or proposals, from sums of shape (groups,)."""
    found = _plain_by_name(completed(sums.by_name(), assumptions))
    known = [m for m in MEASURES if m.known(incomes=incomes) and not m.of_increment]
    unknown: dict[str, Any] = dict.fromkeys(measure.name for measure in MEASURES)
    return tuple(
        Measures(**unknown | {measure.name: found[measure.name][group] for measure in known})
        for group in range(len(sums.accounts))
    )


def increment(
    baseline: Measures,
    proposed: Measures,
    sums: Sums,
    assumptions: Assumptions,
    *,
    payback: float | None,
) -> Measures:
    """Return proposed less baseline: sums from the increments themselves, rates as differences.

    ``payback`` is the month from which the raises have paid for themselves, which is no sum.
    """
    sums = sums.each(np.atleast_1d)
    (found,) = differences((baseline,), (proposed,), sums, assumptions, paybacks=(payback,))
    return found


def differences(
    baselines: Sequence[Measures],
    proposals: Sequence[Measures],
    sums: Sums,
    assumptions: Assumptions,
    *,
    paybacks: Sequence[float | None],
) -> tuple[Measures, ...]:
    """Return proposed less baseline of several groups, as :func:`increment` does of one.

    ``sums`` are increments of shape (groups,).
    """
    direct = _plain_by_name(completed(sums.by_name(), assumptions))
    found = []
    for group, (baseline, proposed) in enumerate(zip(baselines, proposals, strict=True)):
        values: dict[str, Any] = {"accounts": 0, "payback_months": paybacks[group]}
        for measure in MEASURES:
            name = measure.name
            if name in values:
                continue
            before, after = baseline.get(name), proposed.get(name)
            if measure.is_rate and not measure.of_increment:
                values[name] = None if before is None or after is None else after - before
            elif measure.column and before is None:
                values[name] = None
            else:
                values[name] = direct[name][group]
        found.append(Measures(**values))
    return tuple(found)


def own_rate(measure: str, side: Measures, assumptions: Assumptions) -> float | None:
    """Return a rate of a side's own sums, also of an increment's; None where undefined.

    Of an increment it is the quotient of increments, not the difference of two rates.
    """
    given = {name: side.get(name) for name in SUM_NAMES if name in BY_NAME}
    sums = {name: value for name, value in given.items() if value is not None}
    return _plain(BY_NAME[measure], rate(measure, additive(sums, assumptions)).item())


def in_currency(measure: str, values: Numbers) -> Floats:
    """Return sums in minor units as they are shown: money in currency units, all else as it is."""
    scale = MINOR_UNITS if BY_NAME[measure].unit is MeasureUnit.MONEY else 1
    return np.asarray(values / scale, dtype=np.float64)


def _plain_by_name(found: Mapping[str, Numbers]) -> dict[str, list[float | None]]:
    """Return measures of shape (groups,) as Python numbers, by name; what is none is left out."""
    return {
        name: [_plain(BY_NAME[name], value) for value in np.asarray(values).tolist()]
        for name, values in found.items()
        if name in BY_NAME
    }


def _plain(measure: Measure, number: float) -> float | None:
    """Return a number as it is shown, counts whole if they are; None where undefined."""
    if math.isnan(number):
        return None
    if measure.unit is MeasureUnit.MONEY:
        return number / MINOR_UNITS
    whole = measure.unit is MeasureUnit.ACCOUNTS and float(number).is_integer()
    return int(number) if whole else float(number)
