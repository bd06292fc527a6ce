"""A plan: raises by score, for all accounts or by segment; what it does, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import numpy as np

from analytics.appetite import Appetite, Constraint
from analytics.declared.arrays import Ints, Numbers
from analytics.declared.language import say
from analytics.declared.measures import BY_NAME, MeasureUnit, find_measure
from analytics.declared.parameters import basis_points
from analytics.errors import ParameterError
from analytics.method import measures
from analytics.method.elementwise import Quantity
from analytics.method.measures import Sums
from analytics.method.months import STATES, Schedule
from analytics.policy import Policy, Tier
from analytics.results.simulation import Baseline
from analytics.results.simulation.timeline import make_timeline
from analytics.results.surface import Point, Surface
from analytics.results.verdicts import Verdict

EVERYBODY = ""
"""The group of a plan that does not tell segments apart."""

EQUAL = 1e-12
"""Figures that differ by less (relative to themselves, or to 1) are equally good."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Tiers for everybody, or for each value of a segment; no tiers where nobody is raised.

    Parameters
    ----------
    tiers : tuple of (str, tuple of Tier)
        Value of the segment (:data:`EVERYBODY` without one) and its tiers, ascending.
    by : str, optional
        The segment.
    """

    tiers: tuple[tuple[str, tuple[Tier, ...]], ...]
    by: str | None = None

    @classmethod
    def flat(cls, score_threshold: int, raise_rate: float) -> Plan:
        """Return the plan of one threshold and one raise."""
        return cls(((EVERYBODY, (Tier(score_threshold, raise_rate),)),))

    def policies(self, policy: Policy, surface: Surface) -> tuple[tuple[str, Policy], ...]:
        """Return the policy of each group; all other values are those of ``policy``."""
        return tuple((group, _policy(policy, tiers, surface)) for group, tiers in self.tiers)

    def policy(self, policy: Policy, surface: Surface) -> Policy:
        """Return the plan as one policy.

        Raises
        ------
        ParameterError
            The plan has tiers by segment: it is one policy for each.
        """
        if len(self.tiers) != 1:
            raise ParameterError(
                say(
                    "The plan tells {by} apart, so it is {count} policies: take them one by one.",
                    by=self.by,
                    count=len(self.tiers),
                )
            )
        return _policy(policy, self.tiers[0][1], surface)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a constraint costs: how much higher the objective would be without it.

    ``gain`` is in the objective's unit; ``gain_loosened`` is the gain if its bound were moved by a
    tenth (None where the bound is 0).
    """

    constraint: Constraint
    gain: float
    gain_loosened: float | None


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best plan found.

    Parameters
    ----------
    value : float
        The objective: the increment of an additive measure, or a rate of the proposed side.
    gap : float
        By how much, relative to ``value``, a better plan could exceed it at most; 0 is proven best.
    """

    plan: Plan
    maximise: str
    value: float
    gap: float
    point: Point
    verdicts: tuple[Verdict, ...]
    costs: tuple[Cost, ...] = ()


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The bound from which on a constraint would let some policy through, the others kept.

    ``bound`` is None where no bound of this constraint alone would help.
    """

    constraint: Constraint
    bound: float | None

    @property
    def eased(self) -> Constraint | None:
        """The constraint with that bound, rounded outwards to four digits; None if none helps."""
        if self.bound is None:
            return None
        return self.constraint.with_bound(
            _rounded(self.bound, upwards=self.constraint.is_upper, digits=4)
        )


@dataclass(frozen=True, slots=True)
class Infeasible:
    """No policy keeps to the appetite; which constraint is to blame, and what would help."""

    maximise: str
    relaxations: tuple[Relaxation, ...]

    @property
    def helpful(self) -> tuple[Relaxation, ...]:
        """The constraints of which one alone, loosened, would do."""
        return tuple(r for r in self.relaxations if r.bound is not None)


def evaluate(surface: Surface, plan: Plan) -> Point:
    """Return all measures of a plan, exact; its raises have to be on the surface.

    Raises
    ------
    ParameterError
        A raise or a segment that the surface does not hold.
    """
    by_score = plan_sums(surface, plan)
    more = by_score.each(lambda values: values.sum())
    before = measures.side(surface.baseline, surface.assumptions, incomes=surface.incomes)
    after = measures.side(surface.baseline + more, surface.assumptions, incomes=surface.incomes)
    paid = _payback(surface, by_score, more)
    return Point(
        before,
        after,
        measures.increment(before, after, more, surface.assumptions, payback=paid),
    )


def schedule_of(surface: Surface) -> Schedule | None:
    """Return over what the value of a surface's policies is counted; None of temporary raises."""
    if surface.policy.temporary_days is not None:
        return None
    standing = Baseline(
        groups=surface.groups,
        scores=surface.scores,
        sums=surface.standing,
        incomes=surface.incomes,
    )
    return standing.schedule(surface.assumptions)


def _payback(surface: Surface, by_score: Sums, more: Sums) -> int | None:
    """Return the month from which a plan has paid for itself, from its increments by score."""
    schedule = schedule_of(surface)
    if schedule is None:
        return None
    states = {name: getattr(by_score, name) for name in STATES}
    cost, raised = float(more.action_cost), float(more.raised)
    return make_timeline(schedule, states, action_cost=cost, raised=raised).payback_months


def plan_sums(surface: Surface, plan: Plan) -> Sums:
    """Return the increments of a plan by score, summed over groups, minor units."""
    chosen = np.zeros((len(surface.groups), len(surface.scores)), dtype=np.int64)
    raised = np.zeros(chosen.shape, dtype=bool)
    for group, tiers in plan.tiers:
        where = _groups(surface, group, plan.by)
        for tier in tiers:
            from_score = surface.scores >= tier.score_from
            chosen[np.ix_(where, from_score)] = _column(surface, tier.raise_rate)
            raised[np.ix_(where, from_score)] = basis_points(tier.raise_rate) > 0

    def pick(values: Numbers) -> Any:
        taken = np.take_along_axis(values, chosen[..., None], axis=2)[..., 0]
        return np.where(raised, taken, 0).sum(axis=0)

    return surface.by_score.each(pick)


def objective_value(point: Point, measure: str) -> float:
    """Return the objective of a plan: an increment, or for a rate the proposed side's."""
    side = point.proposed if has_level(measure) else point.increment
    value = side.get(measure)
    return np.nan if value is None else value


def has_level(measure: str) -> bool:
    """Whether a measure is a rate of the proposed side, and not of an increment alone."""
    return BY_NAME[measure].is_rate and not BY_NAME[measure].of_increment


OF_LASTING = frozenset({"payback_months", *measures.SUMS_OF_LASTING})
"""Measures that a temporary raise does not have."""


def check_objective(surface: Surface, measure: str) -> None:
    """Refuse an objective that the surface cannot give.

    Raises
    ------
    ParameterError
        An unknown measure, a number of months, one that needs incomes where there are none, or one
        that a temporary raise does not have.
    """
    found = find_measure(measure)
    if found.unit is MeasureUnit.MONTHS:
        raise ParameterError(
            say("{measure} is a number of months: bound it by a constraint.", measure=measure)
        )
    if measure in OF_LASTING and surface.policy.temporary_days is not None:
        raise ParameterError(_of_lasting(measure))
    if not found.known(incomes=surface.incomes):
        raise ParameterError(
            say(
                "{measure} cannot be maximised: the portfolio has no column {column}.",
                measure=measure,
                column=found.column,
            )
        )


def check_appetite(surface: Surface, appetite: Appetite) -> None:
    """Refuse bounds of what a temporary raise does not have.

    Raises
    ------
    ParameterError
        All of them are named at once.
    """
    if surface.policy.temporary_days is None:
        return
    found = [c.measure for c in appetite.constraints if c.measure in OF_LASTING]
    if found:
        raise ParameterError([_of_lasting(measure) for measure in found])


def _of_lasting(measure: str) -> str:
    return say(
        "A temporary raise has no {measure}: choose another measure, or a permanent raise.",
        measure=measure,
    )


def room(figures: Quantity) -> Numbers:
    """Return by how much another figure may differ and be equally good; 0 where it is infinite."""
    size = np.abs(np.asarray(figures, dtype=np.float64))
    found: Numbers = np.where(np.isfinite(size), EQUAL * np.maximum(size, 1.0), 0.0)
    return found


def _rounded(value: float, *, upwards: bool, digits: int) -> float:
    """Return a number with so many significant digits, never below it (or above it)."""
    if not value:
        return 0.0
    exact = Decimal(value)
    unit = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    steps = (exact / unit).to_integral_value(ROUND_CEILING if upwards else ROUND_FLOOR)
    return float(steps * unit)


def _policy(policy: Policy, tiers: tuple[Tier, ...], surface: Surface) -> Policy:
    if not tiers:
        highest = int(surface.scores[-1])
        return policy.with_changes(tiers=(), score_threshold=highest, raise_rate=0.0)
    first = tiers[0]
    return policy.with_changes(
        tiers=tiers if len(tiers) > 1 else (),
        score_threshold=first.score_from,
        raise_rate=first.raise_rate,
    )


def _groups(surface: Surface, group: str, by: str | None) -> Ints:
    if by is None:
        return np.arange(len(surface.groups))
    if by != surface.by or group not in surface.groups:
        raise ParameterError(
            say(
                "The surface does not hold {by} = {group!r}: load it with by={by!r}.",
                by=by,
                group=group,
            )
        )
    return np.array([surface.groups.index(group)])


def _column(surface: Surface, raise_rate: float) -> int:
    if not basis_points(raise_rate):
        return 0
    return surface.index(int(surface.scores[0]), raise_rate)[1]
