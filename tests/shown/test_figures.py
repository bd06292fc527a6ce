"""Figures explain themselves: axes with units, the threshold marked, the palette's colours only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from decimal import Decimal
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from analytics.assumptions import Assumptions
from analytics.declared.scales import SESAME
from analytics.policy import Policy
from analytics.results import illustration, profile, simulation
from analytics.results.simulation import Sweep
from analytics.results.surface import Surface, load_surface
from analytics.shown import figures
from analytics.shown.palette import Palette, palette
from tests.oracle import load_cases
from tests.portfolios import portfolio_of

TRANSPARENT = "rgba(0, 0, 0, 0)"
Make = Callable[[Palette], go.Figure]


@pytest.fixture(scope="module")
def sweep() -> Sweep:
    return simulation.sweep(portfolio_of(load_cases()), Policy(), Assumptions())


@pytest.fixture(scope="module")
def surface(sweep: Sweep) -> Surface:
    return load_surface(sweep.portfolio, Policy(), Assumptions())


@pytest.fixture(scope="module")
def makers(sweep: Sweep, surface: Surface) -> dict[str, Make]:
    """Return how each figure is made, by name."""
    found = profile.load_profile(sweep.portfolio, Assumptions())
    pattern = profile.pattern(sweep.baseline)
    effects = illustration.band_effects(sweep.baseline, Assumptions())
    total = sweep.at(800).total
    return {
        "curves": lambda colours: curves(sweep, 800, colours),
        "policies": lambda colours: policies(surface, "net_value", colours),
        "prices": lambda colours: policies(surface, "loss_per_new_exposure", colours),
        "reasons": lambda colours: figures.reasons_figure(total, colours),
        "limits": lambda colours: figures.classes_figure(found.limits, colours),
        "pattern": lambda colours: figures.pattern_figure(pattern, "CNY", colours),
        "concentration": lambda c: figures.concentration_figure(found.concentration, c),
        "effects": lambda colours: figures.effects_figure(effects, colours),
    }


NAMES = (
    "curves",
    "policies",
    "prices",
    "reasons",
    "limits",
    "pattern",
    "concentration",
    "effects",
)


def curves(sweep: Sweep, threshold: int, colours: Palette) -> go.Figure:
    sums = sweep.increments()
    low, high = sums.projected_defaults * 0.5, sums.projected_defaults * 2
    panels = [
        figures.Curve(title="increment of EAD", unit="CNY", values=sums.ead / 100),
        figures.Curve(
            title="increment of projected defaults",
            unit="accounts",
            values=sums.projected_defaults,
            low=low,
            high=high,
            money=False,
        ),
    ]
    return figures.curves_figure(sweep.baseline.scores, panels, threshold, colours)


def grid_of(surface: Surface, measure: str) -> figures.Grid:
    grid = surface.display_grid(measure)
    return figures.Grid(
        title=measure,
        unit="CNY",
        thresholds=grid.scores,
        raises=grid.raises / 10_000,
        values=grid.values,
        diverging=bool(np.nanmin(grid.values) < 0),
    )


def policies(surface: Surface, measure: str, colours: Palette) -> go.Figure:
    return figures.policies_figure(grid_of(surface, measure), (800, 0.2), (640, 0.6), colours)


def colours_of(node: Any, key: str = "") -> Iterator[str]:
    """Find every colour that a figure names."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from colours_of(value, name)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from colours_of(value, key)
    elif isinstance(node, str) and (key.endswith("color") or key == "colorscale"):
        yield node


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_every_colour_of_a_figure_is_the_palettes(
    makers: dict[str, Make], name: str, dark: bool
) -> None:
    colours = palette(dark=dark)
    figure = makers[name](colours)
    allowed = {getattr(colours, item.name) for item in fields(Palette)} | {TRANSPARENT}
    assert set(colours_of(figure.to_dict())) <= allowed


@pytest.mark.parametrize("name", NAMES)
def test_no_trace_is_left_to_a_default_colour(makers: dict[str, Make], name: str) -> None:
    figure = makers[name](palette())
    assert not figure.layout.template.layout.colorway
    for trace in figure.data:
        drawn = trace.to_plotly_json()
        if trace.type == "heatmap":
            assert drawn["colorscale"]
            continue
        marker, line = drawn.get("marker", {}), drawn.get("line", {})
        hidden = marker.get("opacity") == 0 or line.get("width") == 0
        coloured = "color" in line or "color" in marker or "color" in marker.get("line", {})
        assert hidden or coloured, trace.name


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_has_one_look(makers: dict[str, Make], name: str) -> None:
    layout = makers[name](palette()).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == TRANSPARENT
    assert not layout.showlegend, "direct labels, no legend"
    assert layout.font.color == palette().text
    assert layout.template.layout.xaxis.zeroline is False


@pytest.mark.parametrize(
    ("name", "across", "up"),
    [
        ("policies", "raise, %", "score threshold"),
        ("concentration", "accounts, largest lines first, %", "share of limit, %"),
        ("effects", "score band, from", "change, %"),
    ],
)
def test_the_axes_say_what_they_measure_and_in_which_unit(
    makers: dict[str, Make], name: str, across: str, up: str
) -> None:
    layout = makers[name](palette()).layout
    assert (layout.xaxis.title.text, layout.yaxis.title.text) == (across, up)


def test_panels_are_titled_with_their_units(makers: dict[str, Make]) -> None:
    pattern = {note.text for note in makers["pattern"](palette()).layout.annotations}
    assert {"mean limit, CNY", "utilization, %", "default rate, %, logarithmic"} <= pattern
    shown = {note.text for note in makers["curves"](palette()).layout.annotations}
    assert {"increment of EAD, CNY", "increment of projected defaults, accounts"} <= shown
    assert makers["curves"](palette()).layout.xaxis.title.text == "score threshold"
    bar = makers["policies"](palette()).data[0].colorbar
    assert bar.title.text == "CNY"
    assert list(bar.ticktext)


@pytest.mark.parametrize("threshold", [350, 731, 800, 950])
def test_the_threshold_in_force_is_marked_in_every_panel_with_its_value(
    sweep: Sweep, threshold: int
) -> None:
    figure = curves(sweep, threshold, palette())
    (mark,) = figure.layout.shapes
    assert mark.x0 == mark.x1 == threshold
    assert mark.line.color == palette().marker
    points = [trace for trace in figure.data if trace.mode == "markers"]
    assert len(points) == 2
    assert all(list(trace.x) == [threshold] for trace in points)
    place = threshold - SESAME.lowest
    assert points[0].y[0] == pytest.approx(sweep.increments().ead[place] / 100)
    assert len([note for note in figure.layout.annotations if "<b>" in note.text]) == 2


def test_zero_lies_inside_every_panel_and_the_range_is_drawn(sweep: Sweep) -> None:
    figure = curves(sweep, 800, palette())
    for axis in (figure.layout.yaxis, figure.layout.yaxis2):
        assert axis.range[0] <= 0 <= axis.range[1]
        assert axis.zeroline
    bands = [trace for trace in figure.data if trace.fill == "toself"]
    assert [trace.fillcolor for trace in bands] == [palette().proposed_light]


def test_a_flat_curve_at_zero_is_drawn(sweep: Sweep) -> None:
    still = simulation.sweep(sweep.portfolio, Policy(raise_rate=0.0), Assumptions())
    figure = curves(still, 800, palette())
    assert list(figure.layout.yaxis.range) == [-1, 1]


def test_every_click_target_of_the_map_is_a_policy_that_can_be_had(surface: Surface) -> None:
    figure = policies(surface, "net_value", palette())
    (targets,) = [trace for trace in figure.data if trace.name == "policies"]
    assert targets.marker.opacity == 0
    assert len(targets.x) > 2_000
    for threshold, raise_rate, _ in targets.customdata:
        chosen = Policy(score_threshold=int(threshold), raise_rate=round(float(raise_rate), 4))
        assert chosen.faults_on(SESAME) == []
        surface.index(chosen.score_threshold, chosen.raise_rate)
    np.testing.assert_allclose(targets.y, targets.customdata[:, 0])
    np.testing.assert_allclose(targets.x, targets.customdata[:, 1] * 100)


def test_the_map_shows_each_policys_own_value(surface: Surface) -> None:
    figure = policies(surface, "net_value", palette())
    heat = figure.data[0]
    (targets,) = [trace for trace in figure.data if trace.name == "policies"]
    values = targets.customdata[:, 2].reshape(heat.z.shape)
    np.testing.assert_allclose(heat.z, values, rtol=1e-6)
    row, column = surface.index(int(heat.y[7]), round(float(heat.x[20]) / 100, 4))
    assert values[7, 20] == pytest.approx(surface.increment("net_value")[row, column])


def test_the_map_marks_the_policy_in_view_and_the_best_in_their_own_colours(
    surface: Surface,
) -> None:
    figure = policies(surface, "net_value", palette())
    marks = {trace.text[0]: trace for trace in figure.data if trace.text}
    assert set(marks) == {"this policy", "best"}
    assert (marks["this policy"].x[0], marks["this policy"].y[0]) == (20, 800)
    assert marks["this policy"].marker.color == palette().marker
    assert marks["this policy"].marker.color != palette().warning


def test_a_measure_that_changes_sign_has_zero_in_the_middle_of_its_colours(
    surface: Surface,
) -> None:
    heat = policies(surface, "net_value", palette()).data[0]
    assert heat.zmin == -heat.zmax
    assert heat.colorscale[1] == (0.5, palette().ground)
    assert policies(surface, "limit", palette()).data[0].zmin == 0


def test_a_map_without_any_value_is_drawn() -> None:
    grid = figures.Grid(
        title="x",
        unit="%",
        thresholds=np.array([350, 650, 950]),
        raises=np.array([0.0, 0.5, 1.0]),
        values=np.full((3, 3), np.nan),
        diverging=False,
    )
    figure = figures.policies_figure(grid, (650, 0.5), None, palette())
    assert (figure.data[0].zmin, figure.data[0].zmax) == (0, 1)


@pytest.mark.parametrize("value", [0.0, 5e6, -5e6])
def test_a_map_of_one_value_is_drawn(value: float) -> None:
    grid = figures.Grid(
        title="x",
        unit="CNY",
        thresholds=np.array([350, 650, 950]),
        raises=np.array([0.0, 0.5, 1.0]),
        values=np.full((3, 3), value),
        diverging=value < 0,
    )
    heat = figures.policies_figure(grid, (650, 0.5), None, palette()).data[0]
    assert heat.zmin < heat.zmax


def test_the_reasons_end_with_those_raised_in_the_colour_of_the_proposal(sweep: Sweep) -> None:
    total = sweep.at(800).total
    (bars,) = figures.reasons_figure(total, palette()).data
    assert bars.y[-1] == "Raised"
    assert bars.marker.color[-1] == palette().proposed
    assert set(bars.marker.color[:-1]) == {palette().baseline}
    assert sum(bars.x) == total.at_threshold


def test_the_reasons_of_a_policy_without_any_are_drawn() -> None:
    frame = load_cases().head(2)
    policy = Policy(min_increment=Decimal(0), limit_cap=None, income_multiple=None)
    found = simulation.simulate(portfolio_of(frame), policy, Assumptions())
    (bars,) = figures.reasons_figure(found.total, palette()).data
    assert list(bars.y) == ["Raised"]
