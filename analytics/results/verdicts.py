"""How policies stand to a risk appetite: one policy, or all of a surface."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from analytics.appetite import Appetite, Constraint
from analytics.declared.arrays import Flags, Floats
from analytics.declared.measures import BY_NAME
from analytics.results.simulation import Group
from analytics.results.surface import Point, Surface


class State(Enum):
    """How a policy stands to a constraint."""

    MET = "met"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    """The portfolio lacks the column that the measure needs, so nothing is held to it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one policy stands to one constraint; ``excess`` is how far beyond the bound it is."""

    constraint: Constraint
    state: State
    figure: float | None
    excess: float


def judge_group(appetite: Appetite, group: Group) -> tuple[Verdict, ...]:
    """Return how the policy of a simulated group stands to each constraint.

    A group without accounts breaks nothing: there is nothing to measure.
    """
    if group.baseline is None or group.proposed is None or group.increment is None:
        return tuple(Verdict(c, State.MET, None, 0.0) for c in appetite.constraints)
    return judge(appetite, Point(group.baseline, group.proposed, group.increment))


def judge(appetite: Appetite, point: Point) -> tuple[Verdict, ...]:
    """Return how a policy with these measures stands to each constraint."""
    sides = (point.baseline, point.proposed, point.increment)
    return tuple(
        _verdict(c, *(side.get(c.measure) for side in sides)) for c in appetite.constraints
    )


def within(appetite: Appetite, surface: Surface) -> Flags:
    """Return where the policies of a surface keep to all constraints (thresholds, raises)."""
    kept = np.ones(surface.shape, dtype=bool)
    for constraint in appetite.constraints:
        kept &= constraint.met_by(figures(surface, constraint))
    return kept


def figures(surface: Surface, constraint: Constraint) -> Floats:
    """Return what is held against a bound for each policy of a surface (thresholds, raises)."""
    measure = constraint.measure
    values = constraint.figure(
        surface.before(measure), surface.proposed(measure), surface.increment(measure)
    )
    return np.asarray(values, dtype=np.float64)


def _verdict(
    constraint: Constraint, before: float | None, proposed: float | None, increment: float | None
) -> Verdict:
    if BY_NAME[constraint.measure].of_increment:
        before = proposed = 0.0
    elif BY_NAME[constraint.measure].column and before is None:
        return Verdict(constraint, State.UNKNOWN, None, 0.0)
    if before is None or proposed is None or increment is None:
        return Verdict(constraint, State.MET, None, 0.0)
    figure = float(constraint.figure(before, proposed, increment))
    state = State.MET if constraint.met_by(figure) else State.BROKEN
    return Verdict(constraint, state, figure, max(float(constraint.excess(figure)), 0.0))
