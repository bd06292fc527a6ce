"""What a policy brings month by month, for the whole portfolio or a group (METHOD 8)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from analytics.declared.arrays import Floats, Ints, Numbers
from analytics.declared.columns import MINOR_UNITS
from analytics.method import months
from analytics.method.months import STATES, Schedule

FLOWS = ("margin", "retained", "capital", "default", "loss", "value")
"""The flows of a month: ``default`` are losses of who defaults in it, ``loss`` what is booked."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Timeline:
    """Flows by month as increments over the baseline, in currency units; costs positive.

    Parameters
    ----------
    month : array of int
        From 1 to the horizon, and as many more as losses lag.
    flows : mapping of arrays
        Each of ``FLOWS`` by month.
    cumulated : array
        Value up to each month, discounted to today, less the cost of raising.
    """

    month: Ints
    flows: Mapping[str, Floats] = field(repr=False)
    cumulated: Floats = field(repr=False)
    payback_months: int | None

    def rows(self) -> list[dict[str, float | int]]:
        """Return one mapping a month: its number, its flows and the cumulated value."""
        named = {"month": self.month, **self.flows, "cumulated": self.cumulated}
        columns = {name: values.tolist() for name, values in named.items()}
        return [
            dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)
        ]


def make_timeline(
    schedule: Schedule, by_score: Mapping[str, Numbers], *, action_cost: float, raised: float
) -> Timeline:
    """Return the flows of a group from its increments by score, minor units."""
    sums = {name: np.asarray(by_score[name])[None] for name in STATES}
    cost, number = np.array([action_cost]), np.array([raised])
    (found,) = make_timelines(schedule, sums, action_cost=cost, raised=number)
    return found


def make_timelines(
    schedule: Schedule, by_score: Mapping[str, Numbers], *, action_cost: Numbers, raised: Numbers
) -> tuple[Timeline, ...]:
    """Return the flows of several groups: increments of shape (groups, scores), minor units."""
    found = months.flows(schedule, {name: by_score[name] for name in STATES})
    cumulated = months.cumulated(found["value"], schedule, action_cost)
    paid = months.payback(cumulated, raised).tolist()
    flows = {name: found[name] / MINOR_UNITS for name in FLOWS}
    return tuple(
        Timeline(
            month=schedule.months,
            flows={name: values[group] for name, values in flows.items()},
            cumulated=cumulated[group] / MINOR_UNITS,
            payback_months=None if math.isnan(first) else int(first),
        )
        for group, first in enumerate(paid)
    )


__all__ = ["FLOWS", "Timeline", "make_timeline", "make_timelines"]
