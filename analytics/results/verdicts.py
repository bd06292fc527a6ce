"""How policies stand: to a risk appetite, to the evidence, and whether they pay at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from analytics.appetite import Appetite, Constraint
from analytics.declared.arrays import Flags, Floats
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.measures import BY_NAME
from analytics.declared.parameters import basis_points
from analytics.method.measures import Measures
from analytics.policy import Policy
from analytics.results.simulation import Group
from analytics.results.surface import Point, Surface


class State(Enum):
    """How a policy stands to a constraint."""

    MET = "met"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    """The portfolio or the raise has no such measure, so nothing is held to it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one policy stands to one constraint; ``excess`` is how far beyond the bound it is.

    A bound of payback that a policy breaks by never paying back has no figure.
    """

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
    # Provisions are what every raise has but a temporary one.
    temporary = point.increment.provision_day_one is None
    return tuple(
        _verdict(c, *(side.get(c.measure) for side in sides), temporary=temporary)
        for c in appetite.constraints
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


class Outcome(Enum):
    """What a policy comes to over the horizon, whatever customers respond."""

    PAYS = auto()
    """It brings something under every response."""
    UNCERTAIN = auto()
    """It brings something under one response and loses under another."""
    LOSES = auto()
    """It brings nothing under any response."""
    NOTHING = auto()
    """Nobody is raised: nothing is brought and nothing lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a policy brings over the horizon, under the response in force and under others.

    Parameters
    ----------
    value : float
        The value over the horizon, currency units.
    payback_months : float, optional
        The month from which it has paid for itself.
    lowest, highest : tuple of (str, float), optional
        The response under which it brings least and most, and how much; None where no other
        response than the one in force is known.
    horizon_months : int
        Over how many months value is counted.
    days : int, optional
        After how many days a temporary raise ends, over which value is counted then.
    """

    value: float
    payback_months: float | None
    lowest: tuple[str, float] | None
    highest: tuple[str, float] | None
    horizon_months: int
    outcome: Outcome
    days: int | None = None


def outlook(
    increment: Measures,
    under: Mapping[str, Measures | None],
    horizon_months: int,
    *,
    days: int | None = None,
) -> Outlook:
    """Return what a policy brings, from its increment and those under other responses by name."""
    value = increment.npv or 0.0
    values = [(name, other.npv) for name, other in under.items() if other and other.npv is not None]
    lowest = min(values, key=lambda item: item[1], default=None)
    highest = max(values, key=lambda item: item[1], default=None)
    every = [value, *(item[1] for item in values)]
    if not increment.raised:
        outcome = Outcome.NOTHING
    elif min(every) >= 0:
        outcome = Outcome.PAYS
    else:
        outcome = Outcome.UNCERTAIN if max(every) > 0 else Outcome.LOSES
    return Outlook(
        value=value,
        payback_months=increment.payback_months,
        lowest=lowest,
        highest=highest,
        horizon_months=horizon_months,
        outcome=outcome,
        days=days,
    )


def is_beyond_evidence(policy: Policy) -> bool:
    """Whether a policy raises anybody by more than the studies behind the response looked at."""
    return policy.is_beyond_evidence


def within_evidence(surface: Surface) -> Flags:
    """Return where the policies of a surface are within the evidence (thresholds, raises)."""
    kept = surface.raises <= basis_points(EVIDENCE_RAISE)
    return np.broadcast_to(kept, surface.shape)


def _verdict(
    constraint: Constraint,
    before: float | None,
    proposed: float | None,
    increment: float | None,
    *,
    temporary: bool,
) -> Verdict:
    if BY_NAME[constraint.measure].of_increment:
        before = proposed = 0.0
        if increment is None and temporary:
            return Verdict(constraint, State.UNKNOWN, None, 0.0)
        if increment is None and constraint.never_is_broken:
            return Verdict(constraint, State.BROKEN, None, math.inf)
    elif BY_NAME[constraint.measure].column and before is None:
        return Verdict(constraint, State.UNKNOWN, None, 0.0)
    if before is None or proposed is None or increment is None:
        return Verdict(constraint, State.MET, None, 0.0)
    figure = float(constraint.figure(before, proposed, increment))
    state = State.MET if constraint.met_by(figure) else State.BROKEN
    return Verdict(constraint, state, figure, max(float(constraint.excess(figure)), 0.0))
