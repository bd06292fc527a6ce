"""Value over months: what a raise brings month by month, and what that is worth today (METHOD 8).

Everything follows from sums by score times coefficients by score and month, so that all policies of
a surface have it without another look at the accounts. Three states matter: how things stand today,
the day after the raise (limits raised, balances and risks as they were), and month 12 (the whole
response); in between the response builds up.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Flags, Floats, Ints, Numbers
from analytics.declared.choices import Provisioning
from analytics.method import capital
from analytics.method.bands import band_value

YEAR = 12
"""Months of a year, and the month in which the response is whole."""
QUARTER = 3
"""The month of which the share of the response is assumed."""
DAYS_PER_MONTH = 30.4375
DAYS_PER_YEAR = 365

STATES = (
    "margin",
    "retained",
    "rwa",
    "day_after_rwa",
    "expected_loss",
    "day_after_loss",
    "drawn_loss",
)
"""Sums that value over months is computed from, as increments."""
WORTHS = ("npv", "first_year_value", "provision_day_one", "first_year_profit")
"""Measures of value over months that add up over accounts."""

Sums = Mapping[str, Numbers]
Weights = Mapping[str, Floats]
Worths = Mapping[str, Weights]
"""For each of ``WORTHS``, what one unit of each sum at a score adds to it."""


def build_up(month: Any, assumptions: Assumptions) -> Floats:
    """Return the share of the response that is there after so many months (0 to 1).

    In straight lines from nothing to the share of month 3, and to the whole in month 12.
    """
    share = assumptions.build_month_3
    return np.asarray(np.interp(month, (0.0, QUARTER, YEAR), (0.0, share, 1.0)))


def built_by(days: int, assumptions: Assumptions) -> float:
    """Return the share of the response that is there after so many days."""
    return float(build_up(days / DAYS_PER_MONTH, assumptions))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schedule:
    """Coefficients by score and month, over which value is counted.

    ``margin``, ``retained``, ``rwa``, ``day_after_rwa``, ``loss`` and ``day_after_loss`` have shape
    (scores, months): what one unit of the yearly sum adds to the flow of a month, costs positive.
    Months run from 1 to the horizon and, for the booking of losses, as many more as they lag.
    """

    months: Ints
    discount: Floats
    margin: Floats = field(repr=False)
    retained: Floats = field(repr=False)
    rwa: Floats = field(repr=False)
    day_after_rwa: Floats = field(repr=False)
    loss: Floats = field(repr=False)
    day_after_loss: Floats = field(repr=False)
    survival_of_year: Floats = field(repr=False)
    lag: int
    provisioning: Provisioning
    life_years: float

    @classmethod
    def of(
        cls, scores: Ints, accounts: Numbers, defaults: Numbers, assumptions: Assumptions
    ) -> Schedule:
        """Return the schedule of a portfolio.

        Parameters
        ----------
        scores : array of int
            The scores, ascending.
        accounts, defaults : array
            Accounts at each score, and their projected defaults, of the whole portfolio: all
            accounts of one score share one curve of survival.
        """
        horizon, lag = assumptions.horizon_months, assumptions.loss_lag_months
        months = np.arange(1, horizon + lag + 1)
        staying = 1.0 - band_value(scores, assumptions.attrition, assumptions.band_edges)
        none = np.zeros(len(scores))
        mean = np.divide(defaults, accounts, out=none, where=np.asarray(accounts) > 0)
        solvent = np.maximum(1.0 - mean, 0.0)
        built, years = build_up(months, assumptions), (months - 1) / YEAR
        within = (months <= horizon).astype(np.float64)
        surviving = (staying * solvent)[:, None] ** years * within / YEAR
        held = surviving * capital.charge(1.0, assumptions)
        return cls(
            months=months,
            discount=(1.0 + assumptions.discount_rate) ** (-months / YEAR),
            margin=surviving * built,
            retained=_staying_longer(staying, solvent, years) * within / YEAR,
            rwa=held * built,
            day_after_rwa=held * (1.0 - built),
            loss=surviving * built,
            day_after_loss=surviving * (1.0 - built),
            survival_of_year=staying * solvent,
            lag=lag,
            provisioning=assumptions.provisioning,
            life_years=assumptions.life_years,
        )

    def value(self) -> dict[str, Floats]:
        """Return what one unit of each sum adds to the value of each month, shape as the flows."""
        return {
            "margin": self.margin,
            "retained": self.retained,
            "rwa": -self.rwa,
            "day_after_rwa": -self.day_after_rwa,
            "expected_loss": -self._booked(self.loss),
            "day_after_loss": -self._booked(self.day_after_loss),
        }

    def _booked(self, defaulting: Floats) -> Floats:
        """Return losses in the months in which they are booked."""
        later = np.zeros_like(defaulting)
        later[:, self.lag :] = defaulting[:, : defaulting.shape[1] - self.lag]
        return later

    def worths(self) -> Worths:
        """Return, for each of ``WORTHS``, what one unit of each sum at a score adds to it."""
        first = self.months <= YEAR
        value = self.value()
        stock, stock_of_year = self._stock_on_day_one(), self._stock_of_year()
        profit = {
            "margin": self.margin[:, first].sum(axis=1),
            "retained": self.retained[:, first].sum(axis=1),
            "expected_loss": -self.loss[:, first].sum(axis=1),
            "day_after_loss": -self.day_after_loss[:, first].sum(axis=1),
        }
        for name, held in stock_of_year.items():
            profit[name] = profit.get(name, 0.0) - held
        return {
            "npv": {name: flows @ self.discount for name, flows in value.items()},
            "first_year_value": {n: flows[:, first].sum(axis=1) for n, flows in value.items()},
            "provision_day_one": stock,
            "first_year_profit": profit,
        }

    def _stock_on_day_one(self) -> dict[str, Floats]:
        """Return the provision on the day after, when nothing more is drawn yet."""
        if self.provisioning is Provisioning.IFRS9:
            return {"day_after_loss": np.ones_like(self.survival_of_year)}
        return {}

    def _stock_of_year(self) -> dict[str, Floats]:
        """Return the provision after a year, when the response is whole."""
        match self.provisioning:
            case Provisioning.IFRS9:
                return {"expected_loss": self.survival_of_year}
            case Provisioning.CECL:
                return {"drawn_loss": self.survival_of_year * self.life_years}
            case Provisioning.NONE:
                return {}


def _staying_longer(staying: Floats, solvent: Floats, years: Floats) -> Floats:
    """Return what is retained of a year's retained value, by score and month, a year.

    Whoever stays because of the raise stays more and more over the leavers of before.
    """
    stay, pay = staying[:, None], solvent[:, None]
    exists = stay > 0
    left = np.where(exists, stay, 1.0) ** (years - 1.0)
    return np.where(exists, 2.0 * years * left * pay**years, 0.0)


def worth(name: str, weights: Weights, sums: Sums, action_cost: Numbers) -> Numbers:
    """Return a measure of value over months by score, from the sums by score (their unit).

    ``weights`` are those of :meth:`Schedule.worths`, in the shape in which they multiply the sums.
    """
    found: Any = 0.0 if name == "provision_day_one" else -action_cost
    for of, weight in weights.items():
        found = found + weight * sums[of]
    return np.asarray(found + 0.0 * sums["margin"])


def flows(schedule: Schedule, sums: Sums) -> dict[str, Floats]:
    """Return the flows of each month, summed over scores (the last axis), unit of the sums.

    ``sums`` are increments by score; what axes they have before stay, months come last. Found are
    ``margin``, ``retained``, ``capital``, ``default`` (losses of accounts that default in the
    month), ``loss`` (booked in it) and ``value``.
    """
    rwa = sums["rwa"] @ schedule.rwa + sums["day_after_rwa"] @ schedule.day_after_rwa
    default = (
        sums["expected_loss"] @ schedule.loss + sums["day_after_loss"] @ schedule.day_after_loss
    )
    booked = np.zeros_like(default)
    booked[..., schedule.lag :] = default[..., : default.shape[-1] - schedule.lag]
    margin, retained = sums["margin"] @ schedule.margin, sums["retained"] @ schedule.retained
    return {
        "margin": margin,
        "retained": retained,
        "capital": rwa,
        "default": default,
        "loss": booked,
        "value": margin + retained - rwa - booked,
    }


def cumulated(value: Floats, schedule: Schedule, action_cost: Numbers | float) -> Floats:
    """Return the discounted value up to each month (last axis), the cost of raising paid at once.

    ``value`` has months along its last axis; ``action_cost`` broadcasts with the others.
    """
    start = np.asarray(action_cost, dtype=np.float64)[..., None]
    return np.cumsum(value * schedule.discount, axis=-1) - start


def payback(cumulated: Floats, raised: Numbers | float) -> Floats:
    """Return the first month from which cumulated value stays at or above 0; NaN without one.

    Months along the last axis; NaN as well where nobody is raised.
    """
    stays: Flags = np.asarray(raised) > 0
    found = np.full(cumulated.shape[:-1], np.nan)
    for month in range(cumulated.shape[-1], 0, -1):
        stays = stays & (cumulated[..., month - 1] >= 0)
        found = np.where(stays, float(month), found)
    return found


def payback_by_threshold(
    schedule: Schedule, sums: Sums, action_cost: Numbers, raised: Numbers
) -> Floats:
    """Return the payback of every threshold with every raise, shape (scores, raises).

    Parameters
    ----------
    sums : mapping of arrays
        Increments of the accounts at each score, shape (scores, raises), for each of ``STATES``.
    action_cost, raised : array
        Of all accounts with at least each score, shape (scores, raises).
    """
    value = schedule.value()
    weights = np.stack([np.cumsum(value[n] * schedule.discount, axis=1) for n in value], axis=2)
    states = np.stack([np.asarray(sums[name], dtype=np.float64) for name in value], axis=1)
    reached = weights @ states  # scores, months, raises
    for above, here in itertools.pairwise(np.flip(reached, axis=0)):
        np.add(here, above, out=here)
    reached -= np.asarray(action_cost)[:, None]
    return payback(reached.transpose(0, 2, 1), raised)


__all__ = [
    "STATES",
    "WORTHS",
    "Schedule",
    "Worths",
    "build_up",
    "built_by",
    "cumulated",
    "flows",
    "payback",
    "payback_by_threshold",
    "worth",
]
