"""How every measure follows from sums (METHOD 7).

Sums add up over accounts; every other measure is computed from sums, so that parts and groups add
up to the whole by construction.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Numbers
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.measures import MEASURES, MeasureUnit
from analytics.method import formulas


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Quantities that add up over accounts; all arrays of one shape, money in minor units.

    ``limit``, ``balance`` and ``headroom`` are whole (int64) for the baseline, and ``limit`` for
    the increment too; what follows from a response is float64.
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
    margin: Numbers
    rwa: Numbers
    retained: Numbers
    action_cost: Numbers
    relieved: Numbers
    strained: Numbers
    over_indebted: Numbers

    def each(self, function: Any) -> Sums:
        """Return sums with a function applied to every array."""
        return Sums(**{name: function(getattr(self, name)) for name in SUM_NAMES})

    def __add__(self, other: Sums) -> Sums:
        return Sums(**{n: getattr(self, n) + getattr(other, n) for n in SUM_NAMES})

    def total(self) -> Sums:
        """Return the sums over the last axis."""
        return self.each(lambda values: values.sum(axis=-1))


SUM_NAMES: tuple[str, ...] = tuple(item.name for item in dataclasses.fields(Sums))
_MONEY = frozenset(m.name for m in MEASURES if m.unit is MeasureUnit.MONEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Every measure of one side of a comparison; money in currency units, None where undefined.

    ``loss_per_new_exposure`` belongs to an increment and is None elsewhere.
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
    margin: float
    rwa: float
    capital_charge: float
    retained: float
    action_cost: float
    net_value: float
    return_on_capital: float | None
    loss_per_new_exposure: float | None
    relieved: float
    strained: float | None
    over_indebted: float | None

    def get(self, name: str) -> float | None:
        """Return a measure by name."""
        value: float | None = getattr(self, name)
        return value


def derived(sums: Sums, assumptions: Assumptions) -> dict[str, Numbers]:
    """Return every additive measure as an array, money still in minor units."""
    charge = formulas.capital_charge(sums.rwa, assumptions.capital_ratio, assumptions.hurdle_rate)
    values: dict[str, Numbers] = {name: getattr(sums, name) for name in SUM_NAMES}
    values["capital_charge"] = charge
    values["net_value"] = formulas.net_value(
        sums.margin, sums.retained, sums.expected_loss, charge, sums.action_cost
    )
    return values


def rates(sums: Sums, assumptions: Assumptions) -> dict[str, Numbers]:
    """Return every ratio of sums as an array, NaN where its denominator is 0."""
    earned = sums.margin + sums.retained - sums.expected_loss - sums.action_cost
    return {
        "raised_share": ratio(sums.raised, sums.accounts),
        "default_rate": ratio(sums.projected_defaults, sums.accounts),
        "loss_rate": ratio(sums.expected_loss, sums.ead),
        "return_on_capital": ratio(earned, assumptions.capital_ratio * sums.rwa),
    }


def ratio(numerator: Numbers, denominator: Numbers) -> Numbers:
    """Return a quotient, NaN where the denominator is 0."""
    top, bottom = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    share: Numbers = np.divide(
        top, bottom, out=np.full_like(bottom * top, np.nan), where=bottom != 0
    )
    return share


def side(sums: Sums, assumptions: Assumptions, *, incomes: bool) -> Measures:
    """Return the measures of a baseline or a proposal from its (scalar) sums."""
    values: dict[str, Any] = {
        name: in_currency(name, array) for name, array in derived(sums, assumptions).items()
    }
    values |= {name: _or_none(array) for name, array in rates(sums, assumptions).items()}
    values["loss_per_new_exposure"] = None
    if not incomes:
        values |= {"strained": None, "over_indebted": None}
    return Measures(**values)


def increment(
    baseline: Measures, proposed: Measures, sums: Sums, assumptions: Assumptions
) -> Measures:
    """Return proposed less baseline: sums from the increments themselves, rates as differences."""
    direct = side(sums, assumptions, incomes=baseline.strained is not None)
    values: dict[str, Any] = {m.name: direct.get(m.name) for m in MEASURES}
    for name in ("raised_share", "default_rate", "loss_rate", "return_on_capital"):
        before, after = baseline.get(name), proposed.get(name)
        values[name] = None if before is None or after is None else after - before
    values["accounts"] = 0
    values["loss_per_new_exposure"] = _or_none(ratio(sums.expected_loss, sums.ead))
    return Measures(**values)


def in_currency(name: str, value: Numbers) -> float:
    """Return a scalar sum as a Python number: money in currency units, counts whole if they are."""
    number: float = np.asarray(value).item()
    if name in _MONEY:
        return number / MINOR_UNITS
    return int(number) if float(number).is_integer() else float(number)


def _or_none(value: Numbers) -> float | None:
    number = float(value)
    return None if np.isnan(number) else number
