"""The map of every policy, on the pages that show it: one look, one way to take a policy."""

from __future__ import annotations

import numpy as np

from analytics.appetite import Appetite
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.language import say
from analytics.declared.measures import BY_NAME, MeasureUnit
from analytics.declared.parameters import BASIS_POINTS, basis_points
from analytics.policy import Policy
from analytics.results.surface import Surface
from analytics.results.verdicts import within
from analytics.shown import figures, findings, formats
from pages.shared import levers, session, show


@show.part
def every_policy(
    surface: Surface,
    policy: Policy,
    measure: str,
    *,
    key: str,
    appetite: Appetite,
    title: bool = True,
    beyond_evidence: bool = False,
) -> None:
    """Show every threshold with every raise as a map; a click takes a policy.

    Where there is an appetite, the region that keeps to it is outlined and the best within it is
    marked; so is the best within the evidence.
    """
    best = findings.best_policy(surface, measure, appetite, beyond_evidence=beyond_evidence)
    if title:
        show.heading(findings.policies_finding(surface, measure, best, appetite))
    show.chart(
        figures.policies_figure(
            _grid(surface, measure, appetite),
            _marks(surface, policy, measure, best, appetite),
            show.colours(),
        ),
        key=key,
        alt=say("{title} of every threshold with every raise", title=BY_NAME[measure].title),
        on_select=lambda: _take_cell(key),
        selection_mode="points",
    )


def _marks(
    surface: Surface,
    policy: Policy,
    measure: str,
    best: tuple[int, float] | None,
    appetite: Appetite,
) -> list[figures.MapMark]:
    """Return the policies that are marked: the best ones, and over them the one in view."""
    found = []
    if best is not None and (appetite or best[1] > EVIDENCE_RAISE):
        title = say("best within the appetite") if appetite else say("best of all")
        found.append(_mark(surface, measure, title, "diamond", best))
    evident = findings.best_policy(surface, measure)
    if evident is not None and (evident != best or not found):
        found.append(
            _mark(surface, measure, say("best within the evidence"), "diamond-open", evident)
        )
    here = policy.score_threshold, policy.raise_rate
    return [*found, _mark(surface, measure, say("this policy"), "circle", here)]


def _mark(
    surface: Surface, measure: str, title: str, symbol: str, place: tuple[int, float]
) -> figures.MapMark:
    """Return a mark with its figure, where the surface has one."""
    text = ""
    if basis_points(place[1]) in surface.raises:
        text = formats.change(measure, float(surface.increment(measure)[surface.index(*place)]))
    return figures.MapMark(
        title=title,
        symbol=symbol,
        score_threshold=place[0],
        raise_rate=place[1],
        text="" if text == formats.DASH else text,
    )


def _grid(surface: Surface, name: str, appetite: Appetite) -> figures.Grid:
    grid, measure = surface.display_grid(name), BY_NAME[name]
    values = grid.values * (100 if measure.unit is MeasureUnit.RATE else 1)
    finite = values[np.isfinite(values)]
    feasible = None
    if appetite:
        rows = np.searchsorted(surface.scores, grid.scores)
        columns = np.searchsorted(surface.raises, grid.raises)
        feasible = within(appetite, surface)[np.ix_(rows, columns)]
    return figures.Grid(
        title=measure.title.lower(),
        unit=formats.unit(name, surface.portfolio.currency),
        thresholds=grid.scores,
        raises=grid.raises / BASIS_POINTS,
        values=values,
        diverging=bool(finite.size and finite.min() < 0),
        feasible=feasible,
    )


def _take_cell(key: str) -> None:
    points = session.clicked(key)
    if points:
        levers.take_cell(int(points[0]["y"]), float(points[0]["x"]) / 100)
