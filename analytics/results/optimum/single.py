"""The best single threshold and raise of a surface, and what its constraints cost."""

from __future__ import annotations

import numpy as np

from analytics.appetite import Appetite, Constraint
from analytics.declared.arrays import Flags, Floats
from analytics.declared.language import say
from analytics.declared.parameters import BASIS_POINTS
from analytics.errors import ParameterError
from analytics.results.optimum.plans import (
    Cost,
    Infeasible,
    Optimum,
    Plan,
    Relaxation,
    check_appetite,
    check_objective,
    has_level,
    room,
)
from analytics.results.surface import Surface
from analytics.results.verdicts import figures, judge, within_evidence


def best_single(
    surface: Surface,
    appetite: Appetite,
    maximise: str = "npv",
    *,
    beyond_evidence: bool = False,
) -> Optimum | Infeasible:
    """Return the best single policy of a surface: every one within the evidence is looked at.

    Of equally good policies it is the one with the lowest raise, then the highest threshold.

    Parameters
    ----------
    beyond_evidence : bool
        Look at raises that no study behind the response has looked at, too.

    Raises
    ------
    ParameterError
        The objective is no measure, or cannot be computed for this portfolio.
    """
    values = objective_grid(surface, maximise)
    check_appetite(surface, appetite)
    measured = [figures(surface, constraint) for constraint in appetite.constraints]
    met = [c.met_by(figure) for c, figure in zip(appetite.constraints, measured, strict=True)]
    tried = np.ones(surface.shape, dtype=bool) if beyond_evidence else within_evidence(surface)
    kept = np.all([tried, *met], axis=0)
    if not kept.any():
        return Infeasible(maximise, _relaxations(appetite, measured, met, tried))
    row, column = best_place(values, kept)
    value = float(values[row, column])
    score, rate = int(surface.scores[row]), int(surface.raises[column]) / BASIS_POINTS
    point = surface.at(score, rate)
    costs = tuple(
        _cost(constraint, measured[index], values, value, _others(met, index, tried))
        for index, constraint in enumerate(appetite.constraints)
    )
    return Optimum(
        plan=Plan.flat(score, rate) if point.increment.raised else Plan((("", ()),)),
        maximise=maximise,
        value=value,
        gap=0.0,
        point=point,
        verdicts=judge(appetite, point),
        costs=costs,
    )


def objective_grid(surface: Surface, maximise: str) -> Floats:
    """Return the objective of every policy of a surface (thresholds, raises); -inf if undefined."""
    check_objective(surface, maximise)
    if maximise == "accounts":
        raise ParameterError(say("accounts cannot be maximised: no policy changes their number."))
    proposed = has_level(maximise)
    values = surface.proposed(maximise) if proposed else surface.increment(maximise)
    return np.where(np.isnan(values), -np.inf, values)


def best_place(values: Floats, kept: Flags) -> tuple[int, int]:
    """Return row and column of the highest of the values kept (thresholds, raises).

    This is the one rule of which policy is *the* best, wherever one is named: of equally good
    ones (thresholds between two scores do the same) the lowest raise, then the highest threshold.
    At least one is kept; an undefined value is -inf.
    """
    held = np.where(kept, values, -np.inf)
    top = held.max()
    equal = kept & (held >= top - room(top))
    column = int(np.flatnonzero(equal.any(axis=0))[0])
    return int(np.flatnonzero(equal[:, column])[-1]), column


def _others(met: list[Flags], index: int, tried: Flags) -> Flags:
    """Return which of the policies that are looked at keep to all constraints but one."""
    kept: Flags = np.all([tried, *met[:index], *met[index + 1 :]], axis=0)
    return kept


def _cost(
    constraint: Constraint, measured: Floats, values: Floats, value: float, others: Flags
) -> Cost:
    """Return what the objective would gain without a constraint, and with it a tenth looser."""
    gain = float(np.where(others, values, -np.inf).max()) - value
    if not constraint.bound:
        return Cost(constraint, max(gain, 0.0), None)
    looser = others & loosened(constraint).met_by(measured)
    eased = float(np.where(looser, values, -np.inf).max()) - value
    return Cost(constraint, max(gain, 0.0), max(eased, 0.0))


def loosened(constraint: Constraint) -> Constraint:
    """Return the constraint with its bound moved outwards by a tenth of itself."""
    move = abs(constraint.bound) / 10 * (1 if constraint.is_upper else -1)
    return constraint.with_bound(constraint.bound + move)


def _relaxations(
    appetite: Appetite, measured: list[Floats], met: list[Flags], tried: Flags
) -> tuple[Relaxation, ...]:
    """Return for each constraint the least bound that lets a policy through, the others kept."""
    found = []
    for index, constraint in enumerate(appetite.constraints):
        excess = constraint.excess(measured[index])
        counted = _others(met, index, tried) & ~np.isnan(excess)
        least = float(np.min(excess, where=counted, initial=np.inf))
        sign = 1 if constraint.is_upper else -1
        bound = constraint.bound + sign * least if np.isfinite(least) else None
        found.append(Relaxation(constraint, bound))
    return tuple(found)
