"""Whether the best policy stays the best when customers respond less, or more, than assumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analytics.appetite import Appetite
from analytics.assumptions import PRESETS, Assumptions
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.optimum.plans import Infeasible, Optimum, evaluate, objective_value
from analytics.results.optimum.single import best_single
from analytics.results.steps import Memo, afresh
from analytics.results.surface import Progress, Surface, load_surface
from analytics.results.verdicts import State, judge

Solve = Callable[[Surface, Appetite, str], Optimum | Infeasible]

NEARLY = 0.01
"""A plan within this share of the best counts as winning too."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A plan under one response preset: its objective, and whether it keeps to the appetite."""

    preset: str
    value: float
    within_appetite: bool
    wins: bool


@dataclass(frozen=True, slots=True)
class Contender:
    """The best plan under one preset, and how it does under each."""

    preset: str
    found: Optimum | Infeasible
    elsewhere: tuple[Elsewhere, ...]


@dataclass(frozen=True, slots=True)
class Robustness:
    """The best plan under each response preset, side by side."""

    maximise: str
    contenders: tuple[Contender, ...]


def compare_presets(
    surfaces: Mapping[str, Surface],
    appetite: Appetite,
    maximise: str = "npv",
    *,
    solve: Solve = best_single,
) -> Robustness:
    """Return the best plan under each preset, and what it does under the others.

    Parameters
    ----------
    surfaces : mapping of str to Surface
        One surface a preset, alike but for their assumptions (:func:`preset_surfaces`).
    solve : callable
        How the best plan is found: :func:`best_single`, or :func:`best_tiered` with its options.
    """
    found = {preset: solve(surface, appetite, maximise) for preset, surface in surfaces.items()}
    return Robustness(
        maximise,
        tuple(
            Contender(preset, best, _elsewhere(best, surfaces, found, appetite, maximise))
            for preset, best in found.items()
        ),
    )


def preset_surfaces(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    *,
    by: str | None = None,
    memo: Memo = afresh,
    progress: Progress | None = None,
) -> dict[str, Surface]:
    """Return the surface under each response preset; options as for ``load_surface``.

    Raises
    ------
    ParameterError
        The presets do not fit: they have eight bands, and the assumptions have more or fewer.
    """
    return {
        preset: load_surface(
            portfolio,
            policy,
            assumptions.with_preset(preset),
            by=by,
            memo=memo,
            progress=progress,
        )
        for preset in PRESETS
    }


def _elsewhere(
    best: Optimum | Infeasible,
    surfaces: Mapping[str, Surface],
    found: Mapping[str, Optimum | Infeasible],
    appetite: Appetite,
    maximise: str,
) -> tuple[Elsewhere, ...]:
    if isinstance(best, Infeasible):
        return ()
    entries = []
    for preset, surface in surfaces.items():
        point = evaluate(surface, best.plan)
        verdicts = judge(appetite, point)
        within = all(verdict.state is not State.BROKEN for verdict in verdicts)
        value = objective_value(point, maximise)
        rival = found[preset]
        wins = within and (
            isinstance(rival, Infeasible) or value >= rival.value - NEARLY * abs(rival.value)
        )
        entries.append(Elsewhere(preset, value, within, wins))
    return tuple(entries)
