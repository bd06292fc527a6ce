"""The best tiers under a risk appetite, proven by a mixed-integer program (HiGHS)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analytics.appetite import Appetite, Constraint
from analytics.declared.arrays import Floats, Ints, Numbers
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.language import listed, say
from analytics.declared.measures import BY_NAME, MeasureUnit
from analytics.declared.parameters import BASIS_POINTS, basis_points, percent_text
from analytics.errors import ParameterError
from analytics.policy import Tier
from analytics.results.optimum.plans import (
    EVERYBODY,
    Cost,
    Infeasible,
    Optimum,
    Plan,
    Relaxation,
    check_appetite,
    check_objective,
    evaluate,
    objective_value,
    schedule_of,
)
from analytics.results.optimum.program import Choices, Row, Shape, Solution, solve
from analytics.results.optimum.single import best_single, loosened
from analytics.results.surface import Surface
from analytics.results.verdicts import State, judge

EVERY_FIVE_PERCENT = tuple(range(0, BASIS_POINTS + 1, 500))
GAP = 1e-4
"""Relative gap to which the solver proves its result."""
_EXACT_TRIES = 8
"""Plans that are left out one by one before bounds are tightened as well."""
_TRIES = 40
_STEPS = 30

Rows = tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRules:
    """What tiers may be like, and how closely the best are looked for.

    Parameters
    ----------
    raises : tuple of int
        Raises to choose from, basis points; all on the surface (0 is always among them).
    edges : tuple of int, optional
        Lowest scores of the bands; the assumptions' bands unless given.
    max_tiers : int, optional
        At most so many tiers (for each segment): runs of bands with one raise, the run of bands
        at the bottom without a raise apart.
    monotone : bool
        A higher band gets at least the raise of the band below.
    by_segment : bool
        Tiers for each value of the segment that the surface was loaded by.
    with_single : bool
        Let the best single policy's threshold and raise be among the choices, so that the tiers
        are never worse than it.
    costs : bool
        Solve again without each constraint, and with it looser, to say what it costs.
    gap : float
        Relative gap to which the result is proven.
    beyond_evidence : bool
        Let raises that no study behind the response has looked at be among the choices.

    Raises
    ------
    ParameterError
        Fewer than one tier.
    """

    raises: tuple[int, ...] = EVERY_FIVE_PERCENT
    edges: tuple[int, ...] | None = None
    max_tiers: int | None = None
    monotone: bool = False
    by_segment: bool = False
    with_single: bool = True
    costs: bool = False
    gap: float = GAP
    beyond_evidence: bool = False

    @property
    def points(self) -> set[int]:
        """The raises to choose from, 0 among them."""
        most = BASIS_POINTS if self.beyond_evidence else basis_points(EVIDENCE_RAISE)
        return {0, *(point for point in self.raises if point <= most)}

    def __post_init__(self) -> None:
        if self.max_tiers is not None and self.max_tiers < 1:
            raise ParameterError(
                say(
                    "max_tiers = {max_tiers} is too low: give a whole number from 1.",
                    max_tiers=self.max_tiers,
                )
            )


ANY_TIERS = TierRules()
"""Any number of tiers, for all segments alike."""


def best_tiered(
    surface: Surface,
    appetite: Appetite,
    maximise: str = "npv",
    rules: TierRules = ANY_TIERS,
) -> Optimum | Infeasible:
    """Return the best raise for each score band, and for each segment if wanted.

    Raises beyond the evidence are left out unless the rules ask for them.

    Parameters
    ----------
    maximise : str
        An additive measure.

    Raises
    ------
    ParameterError
        An objective that is a rate or cannot be computed, raises that the surface does not hold,
        or a segment that it was not loaded by.
    PortfolioError
        Tiers by a protected segment.
    """
    check_objective(surface, maximise)
    check_appetite(surface, appetite)
    if rules.by_segment and surface.by is not None:
        surface.portfolio.hold_fit_for_tiers(surface.by)
    if BY_NAME[maximise].is_rate:
        raise ParameterError(
            say(
                "{maximise} is a rate: tiers are found for a measure that adds up, for example "
                "npv; bound the rate by a constraint instead.",
                maximise=maximise,
            )
        )
    beyond = rules.beyond_evidence
    single = (
        best_single(surface, appetite, maximise, beyond_evidence=beyond)
        if rules.with_single
        else None
    )
    search = _Search(_choices(surface, rules, single), maximise, rules)
    found = search.best(appetite)
    if found is None:
        relaxations = tuple(search.relaxation(appetite, c) for c in appetite.constraints)
        return Infeasible(maximise, relaxations)
    plan, proven = found
    point = evaluate(surface, plan)
    value = objective_value(point, maximise)
    priced = appetite.constraints if rules.costs else ()
    return Optimum(
        plan=plan,
        maximise=maximise,
        value=value,
        gap=proven,
        point=point,
        verdicts=judge(appetite, point),
        costs=tuple(search.cost(appetite, constraint, value) for constraint in priced),
    )


class _Search:
    """Solves the program for one set of choices, under one appetite or another."""

    def __init__(self, choices: Choices, maximise: str, rules: TierRules) -> None:
        self._choices = choices
        self._maximise = maximise
        self._shape = Shape(rules.max_tiers, rules.monotone)
        self._gap = rules.gap
        self._objective = choices.additive(maximise)

    def best(self, appetite: Appetite) -> tuple[Plan, float] | None:
        """Return the best plan and its proven gap; None where none keeps to the appetite.

        The solver's tolerance lets a sum be beyond its bound by a hair. So each plan is evaluated
        exactly, and one that breaks a bound is left out, with those of the same sums, before
        solving again. Where many do, the bounds are tightened by as much as they are broken.
        """
        rows = self._rows(appetite.constraints)
        left_out: list[Row] = []
        for trial in range(_TRIES):
            solution = self._solve(self._objective, rows, left_out)
            if solution is None:
                return None
            plan = _plan(self._choices, solution)
            verdicts = judge(appetite, evaluate(self._choices.surface, plan))
            broken = [v.constraint for v in verdicts if v.state is State.BROKEN]
            if not broken:
                return plan, solution.gap
            left_out.append(self._choices.without(solution.chosen))
            if trial >= _EXACT_TRIES:
                rows = self._tightened(rows, broken, solution)
        raise ParameterError(
            say(
                "The solver cannot tell the best tiers from others that break a constraint "
                "by a hair: round the bounds, or give fewer bands or raises."
            )
        )

    def cost(self, appetite: Appetite, constraint: Constraint, value: float) -> Cost:
        """Return what the objective would gain without a constraint, and with it looser."""
        rest = appetite.without(constraint)
        gain = self._value(rest) - value
        if not constraint.bound:
            return Cost(constraint, max(gain, 0.0), None)
        if gain <= self._gap * abs(value):
            return Cost(constraint, max(gain, 0.0), 0.0)
        eased = Appetite((*rest.constraints, loosened(constraint)))
        return Cost(constraint, max(gain, 0.0), max(self._value(eased) - value, 0.0))

    def relaxation(self, appetite: Appetite, constraint: Constraint) -> Relaxation:
        """Return the least bound of a constraint that lets a plan through, the others kept.

        A rate is a ratio of sums: its least value is found by solving for the difference of the
        two at a trial rate, which becomes the rate of what is found, until it stays (Dinkelbach).
        """
        rest = appetite.without(constraint)
        rows = self._rows(rest.constraints)
        surface = self._choices.surface
        if BY_NAME[constraint.measure].unit is MeasureUnit.MONTHS:
            return Relaxation(constraint, self._earliest(constraint, rows))
        trial, best = constraint, None
        for _ in range(_STEPS):
            row = self._choices.row(trial)
            solution = None if row is None else self._solve(-row.coefficients, rows)
            if solution is None:
                break
            point = evaluate(surface, _plan(self._choices, solution))
            figure = judge(Appetite((constraint,)), point)[0].figure
            if figure is None or (best is not None and not _beyond(constraint, best, figure)):
                break
            best, trial = figure, constraint.with_bound(figure)
            if not BY_NAME[constraint.measure].is_rate:
                break
        return Relaxation(constraint, best)

    def _earliest(self, constraint: Constraint, rows: dict[Constraint, Rows]) -> int | None:
        """Return the first month by which a plan that meets the rows has paid back, if any."""
        schedule = schedule_of(self._choices.surface)
        if schedule is None:
            return None

        def payable(month: int) -> bool:
            held = {**rows, constraint: self._choices.rows(constraint.with_bound(month))}
            return self._solve(self._objective, held) is not None

        low, high = 1, len(schedule.months)
        if not payable(high):
            return None
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if payable(middle) else (middle + 1, high)
        return low

    def _value(self, appetite: Appetite) -> float:
        found = self.best(appetite)
        if found is None:
            return -np.inf
        return objective_value(evaluate(self._choices.surface, found[0]), self._maximise)

    def _rows(self, constraints: tuple[Constraint, ...]) -> dict[Constraint, Rows]:
        return {constraint: self._choices.rows(constraint) for constraint in constraints}

    def _solve(
        self, objective: Floats, rows: dict[Constraint, Rows], further: Iterable[Row] = ()
    ) -> Solution | None:
        every = itertools.chain(*rows.values(), further)
        return solve(self._choices, objective, every, self._shape, gap=self._gap)

    def _tightened(
        self, rows: dict[Constraint, Rows], broken: list[Constraint], solution: Solution
    ) -> dict[Constraint, Rows]:
        """Return the rows with those broken bounds below what the solution reached."""
        tighter = {c: tuple(_tightened(row, solution) for row in rows[c]) for c in broken}
        return rows | tighter


def _tightened(row: Row, solution: Solution) -> Row:
    """Return a row with its bound a hair below what the solution reached."""
    at = np.take_along_axis(row.coefficients, solution.chosen[..., None], axis=2)
    reached = float(at.sum())
    hair = 1e-9 * max(abs(reached), float(np.abs(row.coefficients).max()))
    return Row(row.coefficients, row.bound - max(reached - row.bound, 0.0) - hair)


def _beyond(constraint: Constraint, best: float, figure: float) -> bool:
    """Whether a figure is nearer to the constraint's side than the best so far."""
    better = best - figure if constraint.is_upper else figure - best
    return better > 1e-12 * max(abs(best), 1e-12)


def _choices(surface: Surface, rules: TierRules, single: Optimum | Infeasible | None) -> Choices:
    """Return the choices, each with what it adds."""
    if rules.by_segment and surface.by is None:
        raise ParameterError(say("The surface holds no segment: load it with by=<segment>."))
    points = rules.points
    starts = set(surface.assumptions.band_edges if rules.edges is None else rules.edges)
    if isinstance(single, Optimum):
        for _, tiers in single.plan.tiers:
            starts |= {tier.score_from for tier in tiers}
            points |= {basis_points(tier.raise_rate) for tier in tiers}
    missing = sorted(points - {0} - set(surface.raises.tolist()))
    if missing:
        shown = listed(percent_text(point / BASIS_POINTS) for point in missing[:5])
        raise ParameterError(say("These raises are not on the surface: {raises}.", raises=shown))
    lowest = int(surface.scores[0])
    bands = np.array(sorted({s for s in starts if s > lowest} | {lowest}), dtype=np.int64)
    bands = bands[bands <= surface.scores[-1]]
    grid = np.array(sorted(points), dtype=np.int64)
    columns = np.searchsorted(surface.raises, grid).clip(max=len(surface.raises) - 1)

    def summed(values: Numbers) -> Numbers:
        kept = values if rules.by_segment else values.sum(axis=0, keepdims=True)
        banded = np.add.reduceat(kept, bands - lowest, axis=1)
        return np.where(grid == 0, 0, banded[:, :, columns])

    return Choices(surface, bands, grid, surface.by_score.each(summed))


def _first_raised(choices: Choices, solution: Solution) -> Ints:
    """Return the lowest band of each group in which anybody is raised.

    A tier that raises nobody below it would be a threshold that another, higher one equals.
    """
    raised = np.take_along_axis(choices.sums.raised, solution.chosen[..., None], axis=2)[..., 0]
    anybody = (raised > 0) & (choices.raises[solution.chosen] > 0)
    first: Ints = np.where(anybody.any(axis=1), anybody.argmax(axis=1), anybody.shape[1])
    return first


def _plan(choices: Choices, solution: Solution) -> Plan:
    """Return the chosen raises as tiers: a tier begins where the raise changes."""
    surface = choices.surface
    split = choices.shape[0] > 1 or (len(surface.groups) == 1 and surface.by is not None)
    by = surface.by if split else None
    groups = surface.groups if split else (EVERYBODY,)
    tiers = []
    lowest = _first_raised(choices, solution)
    for group, chosen, first in zip(groups, choices.raises[solution.chosen], lowest, strict=True):
        chosen[:first] = 0
        before = np.concatenate(([0], chosen[:-1]))
        begins = np.flatnonzero(chosen != before)
        steps = (Tier(int(choices.edges[i]), int(chosen[i]) / BASIS_POINTS) for i in begins)
        tiers.append((group, tuple(steps)))
    return Plan(tuple(tiers), by)
