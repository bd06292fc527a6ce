"""Figures explain themselves: axes with units, the threshold marked, the palette's colours only."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import fields
from decimal import Decimal
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from analytics.appetite import Appetite
from analytics.assumptions import PRESETS, Assumptions
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.language import spoken
from analytics.declared.scales import SESAME
from analytics.method.proportions import Counted, ratio_interval, share_interval
from analytics.policy import Policy
from analytics.results import illustration, profile, simulation
from analytics.results.business import business_case
from analytics.results.fairness import GroupRaise
from analytics.results.optimum import efficient_frontier
from analytics.results.ranges import load_pools
from analytics.results.sensitivity import Sensitivity, TwoWay
from analytics.results.simulation import Sweep
from analytics.results.stress import (
    LossDistribution,
    StressPools,
    load_stress_pools,
    loss_distribution,
    stress,
)
from analytics.results.surface import Surface, load_surface
from analytics.shown import figures
from analytics.shown.palette import Palette, palette
from tests.oracle import load_cases
from tests.portfolios import portfolio_of
from tests.pseudo import Pseudo, bare_words

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
        "groups": lambda colours: figures.groups_figure(raises(), colours),
        **risk_makers(sweep, surface),
    }


def risk_makers(sweep: Sweep, surface: Surface) -> dict[str, Make]:
    """Return how the figures of risk and value are made, by name; each computes when it is made."""
    assumptions, portfolio = Assumptions(), sweep.portfolio
    total = sweep.at(800).total

    @functools.cache
    def pools() -> StressPools:
        return load_stress_pools(portfolio, Policy(), assumptions)

    @functools.cache
    def sensitivity() -> Sensitivity:
        return Sensitivity(pools(), 800, assumptions)

    @functools.cache
    def spread() -> LossDistribution:
        return loss_distribution(load_pools(portfolio, Policy(), assumptions), 800, assumptions)

    def two() -> TwoWay:
        return sensitivity().two_way("funding_rate", "yield_rate", steps=3)

    frontier = efficient_frontier(surface, Appetite(), beyond_evidence=True)
    everything = (surface.increment("expected_loss").ravel(), surface.increment("npv").ravel())
    marks = [("this policy", 1.0, 2.0)]
    steps = business_case(total, assumptions).steps
    assert total.timeline
    timeline = total.timeline
    return {
        "stress": lambda c: figures.stress_figure(stress(pools(), 800, assumptions), "CNY", c),
        "distribution": lambda c: figures.distribution_figure(spread(), "CNY", c),
        "tornado": lambda c: figures.tornado_figure(sensitivity().tornado("net_value"), "CNY", c),
        "two_way": lambda c: figures.two_way_figure(two(), c),
        "waterfall": lambda c: figures.waterfall_figure(steps, "CNY", c),
        "frontier": lambda c: figures.frontier_figure(frontier, everything, marks, "CNY", c),
        "months": lambda c: figures.months_figure(lines(), "CNY", c),
        "flows": lambda c: figures.flows_figure(timeline, "CNY", c),
    }


def raises(label: str = "<b>South</b>") -> list[GroupRaise]:
    """Return the highest group, one that is low, one that is not, and one too small to judge."""
    found = []
    for name, accounts, raised in (
        ("North", 1_000, 800),
        (label, 1_000, 500),
        ("West", 60, 40),
        ("East", 12, 0),
    ):
        counted, best = Counted(raised, accounts), Counted(800, 1_000)
        beside = name != "North" and accounts >= 30
        found.append(
            GroupRaise(
                label=name,
                accounts=accounts,
                raised=raised,
                approval_rate=counted.share,
                approval_interval=share_interval(counted),
                mean_raise=100.0,
                relative_raise=0.2,
                approval_ratio=counted.share / best.share,
                ratio_interval=ratio_interval(counted, best) if beside else None,
                raise_ratio=1.0,
                is_few=accounts < 30,
            )
        )
    return found


def lines() -> list[figures.MonthLine]:
    """Return the value by month of a safe book under each response."""
    portfolio = portfolio_of(load_cases().assign(default_probability=0.0005))
    found = []
    for preset in PRESETS:
        assumed = Assumptions().with_preset(preset)
        timeline = simulation.simulate(portfolio, Policy(), assumed).total.timeline
        assert timeline
        found.append(figures.MonthLine.of(preset, timeline, 0.0, is_main=preset == "central"))
    return found


NAMES = (
    "curves",
    "policies",
    "prices",
    "reasons",
    "limits",
    "pattern",
    "concentration",
    "effects",
    "groups",
    "stress",
    "distribution",
    "tornado",
    "two_way",
    "waterfall",
    "frontier",
    "months",
    "flows",
)
LEGENDS = ("policies", "prices", "flows")
"""Figures whose marks or parts are named in a legend; all others have direct labels."""


def curves(sweep: Sweep, threshold: int, colours: Palette) -> go.Figure:
    sums = sweep.increments()
    low, high = sums.projected_defaults * 0.5, sums.projected_defaults * 2
    panels = [
        figures.Curve(
            title="value",
            unit="CNY",
            values=sweep.npvs(),
            low=sweep.npvs() - 50.0,
            high=sweep.npvs() * 100 + 50.0,
            weight=2.0,
            hatches=True,
        ),
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


MARKS = (
    figures.MapMark(
        title="best within the evidence",
        symbol="diamond-open",
        score_threshold=640,
        raise_rate=0.3,
        text="+1.2 k",
    ),
    figures.MapMark(
        title="this policy", symbol="circle", score_threshold=800, raise_rate=0.2, text="+1"
    ),
)


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
    return figures.policies_figure(grid_of(surface, measure), MARKS, colours)


def hatched_areas(figure: go.Figure) -> list[Any]:
    return [t for t in figure.data if t.type == "scatter" and t.fillpattern.shape]


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
        if trace.type == "waterfall":
            for part in ("increasing", "decreasing", "totals"):
                assert drawn[part]["marker"]["color"], part
            continue
        marker, line = drawn.get("marker", {}), drawn.get("line", {})
        hidden = marker.get("opacity") == 0 or line.get("width") == 0
        coloured = "color" in line or "color" in marker or "color" in marker.get("line", {})
        assert hidden or coloured, trace.name


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_has_one_look(makers: dict[str, Make], name: str) -> None:
    layout = makers[name](palette()).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == TRANSPARENT
    assert bool(layout.showlegend) == (name in LEGENDS)
    assert layout.font.color == palette().text
    assert layout.template.layout.xaxis.zeroline is False


@pytest.mark.parametrize(
    ("name", "across", "up"),
    [
        ("policies", "raise, %", "score threshold"),
        ("concentration", "accounts, largest lines first, %", "share of limit, %"),
        ("effects", "score band, from", "change, %"),
        ("groups", "share raised, %; bars: 95 % intervals", None),
        ("stress", "expected loss, CNY", None),
        ("distribution", "loss in a year, CNY (marks: proposed)", None),
        ("tornado", "increment of net value, run rate, CNY", None),
        ("two_way", "Yield on balance", "Funding cost"),
        ("waterfall", "CNY a year", None),
        ("frontier", "increment of expected loss, CNY", "increment of value over the horizon, CNY"),
        ("months", "month", None),
        ("flows", "month", "CNY a month"),
    ],
)
def test_the_axes_say_what_they_measure_and_in_which_unit(
    makers: dict[str, Make], name: str, across: str | None, up: str | None
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
    assert len(points) == 3
    assert all(list(trace.x) == [threshold] for trace in points)
    place = threshold - SESAME.lowest
    assert points[0].y[0] == pytest.approx(sweep.npvs()[place])
    assert points[1].y[0] == pytest.approx(sweep.increments().ead[place] / 100)
    assert len([note for note in figure.layout.annotations if "<b>" in note.text]) == 3


def test_zero_lies_inside_every_panel_and_the_range_is_drawn(sweep: Sweep) -> None:
    figure = curves(sweep, 800, palette())
    for axis in (figure.layout.yaxis, figure.layout.yaxis2, figure.layout.yaxis3):
        assert axis.range[0] <= 0 <= axis.range[1]
        assert axis.zeroline
    bands = [t for t in figure.data if t.fill == "toself" and not t.fillpattern.shape]
    assert [trace.fillcolor for trace in bands] == [palette().proposed_light] * 2


def test_the_first_panel_is_as_high_as_its_weight_and_a_range_far_away_leaves_it(
    sweep: Sweep,
) -> None:
    layout = curves(sweep, 800, palette()).layout
    heights = [
        axis.domain[1] - axis.domain[0] for axis in (layout.yaxis, layout.yaxis2, layout.yaxis3)
    ]
    assert heights == pytest.approx([2 * heights[1], heights[1], heights[1]])
    assert layout.yaxis.range[1] <= 3.5 * np.abs(sweep.npvs()).max()


def test_thresholds_at_which_the_responses_have_both_signs_are_hatched(sweep: Sweep) -> None:
    values = np.linspace(-100.0, 200.0, len(sweep.baseline.scores))
    curve = figures.Curve(
        title="value", unit="CNY", values=values, low=values - 60, high=values + 60, hatches=True
    )
    scores = sweep.baseline.scores
    figure = figures.curves_figure(scores, [curve], 800, palette())
    (area,) = hatched_areas(figure)
    uncertain = scores[(curve.low < 0) & (curve.high > 0)]  # type: ignore[operator]
    assert min(area.x) == pytest.approx(uncertain[0], abs=5)
    assert max(area.x) == pytest.approx(uncertain[-1], abs=5)
    assert "sign uncertain" in [note.text for note in figure.layout.annotations]


def test_a_flat_curve_at_zero_is_drawn(sweep: Sweep) -> None:
    still = simulation.sweep(sweep.portfolio, Policy(raise_rate=0.0), Assumptions())
    figure = curves(still, 800, palette())
    assert list(figure.layout.yaxis2.range) == [-1, 1]


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


def test_the_map_marks_the_policies_given_each_by_its_own_symbol_in_the_legend(
    surface: Surface,
) -> None:
    figure = policies(surface, "net_value", palette())
    scatters = [trace for trace in figure.data if trace.type == "scatter"]
    marks = {trace.name: trace for trace in scatters if trace.mode == "markers"}
    del marks["policies"]
    assert set(marks) == {"this policy", "best within the evidence"}
    assert (marks["this policy"].x[0], marks["this policy"].y[0]) == (20, 800)
    assert len({trace.marker.symbol for trace in marks.values()}) == 2
    assert marks["this policy"].marker.color == palette().marker
    assert "<b>+1.2 k</b>" in [note.text for note in figure.layout.annotations]


def test_the_map_hatches_what_lies_beyond_the_evidence_and_says_so(surface: Surface) -> None:
    figure = policies(surface, "npv", palette())
    (area,) = hatched_areas(figure)
    assert min(area.x) == EVIDENCE_RAISE * 100 == 30
    (edge,) = figure.layout.shapes
    assert edge.x0 == edge.x1 == 30
    said = [note.text for note in figure.layout.annotations]
    assert "beyond the evidence: above 30 %" in said
    assert "within the evidence" not in said
    small = load_surface(surface.portfolio, Policy(), Assumptions(), raises=(0, 1_000, 3_000))
    figure = policies(small, "npv", palette())
    assert not hatched_areas(figure), "nothing lies beyond"


def test_efficient_policies_beyond_the_evidence_are_hollow(makers: dict[str, Make]) -> None:
    figure = makers["frontier"](palette())
    (line,) = [trace for trace in figure.data if trace.name == "frontier"]
    raises = np.array(line.customdata)[:, 1]
    hollow = np.array(line.marker.color) == palette().ground
    assert hollow.any()
    np.testing.assert_array_equal(hollow, raises > 30)


def test_the_months_begin_at_the_cost_and_mark_the_first_that_pays() -> None:
    drawn = lines()
    figure = figures.months_figure(drawn, "CNY", palette())
    curves = [trace for trace in figure.data if trace.mode == "lines" and trace.name]
    assert len(curves) == 2 * len(drawn), "each line in the first year and in all months"
    for trace in curves:
        assert (trace.x[0], trace.y[0]) == (0, 0)
        assert trace.line.dash == ("solid" if trace.name == "central" else "dash")
    paying = [line for line in drawn if line.payback_months]
    assert paying
    for line in paying:
        said = f"{line.name}: month {line.payback_months}"
        shown = [note.text for note in figure.layout.annotations]
        assert (said in shown) == ((line.payback_months or 0) <= 12)
        marks = [t for t in figure.data if t.mode == "markers" and t.x[0] == line.payback_months]
        assert line.cumulated[line.payback_months] in [mark.y[0] for mark in marks]


def test_a_response_far_above_leaves_the_panel_and_is_said_to() -> None:
    months = np.arange(43)
    low, main, high = (
        figures.MonthLine(
            name=name,
            months=months,
            cumulated=months * slope,
            payback_months=1,
            is_main=name == "central",
        )
        for name, slope in (("low", 1.0), ("central", 2.0), ("high", 100.0))
    )
    figure = figures.months_figure([low, main, high], "CNY", palette())
    assert figure.layout.yaxis2.range[1] < 42 * 100
    assert figure.layout.yaxis2.range[1] > 42 * 2
    ends = [note.text for note in figure.layout.annotations if "</b> " in note.text]
    assert len(ends) == 3
    assert sum("off scale" in end for end in ends) == 1
    places = sorted(note.y for note in figure.layout.annotations if "</b> " in note.text)
    assert min(np.diff(places)) >= 0.1, "labels keep apart"


def test_the_parts_of_a_month_add_up_to_its_value(sweep: Sweep) -> None:
    timeline = sweep.at(700).total.timeline
    assert timeline
    figure = figures.flows_figure(timeline, "CNY", palette())
    bars = [trace for trace in figure.data if trace.type == "bar"]
    (value,) = [trace for trace in figure.data if trace.type == "scatter"]
    np.testing.assert_allclose(sum(np.array(bar.y) for bar in bars), value.y, atol=1e-9)


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
    figure = figures.policies_figure(grid, MARKS, palette())
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
    heat = figures.policies_figure(grid, MARKS, palette()).data[0]
    assert heat.zmin < heat.zmax


def test_groups_have_their_intervals_and_a_line_at_four_fifths_of_the_highest() -> None:
    figure = figures.groups_figure(raises(), palette())
    dots = {t.marker.color: t for t in figure.data if t.mode == "markers"}
    fine, low = dots[palette().proposed], dots[palette().warning]
    small = dots[palette().baseline]
    assert (list(fine.y), list(low.y), list(small.y)) == ([0, 2], [1], [3])
    assert small.marker.symbol == "circle-open"
    for trace in dots.values():
        for place, share, more, less in zip(
            trace.y, trace.x, trace.error_x.array, trace.error_x.arrayminus, strict=True
        ):
            low_end, high_end = raises()[place].approval_interval or (0.0, 0.0)
            assert share + more == pytest.approx(high_end * 100)
            assert share - less == pytest.approx(low_end * 100)
    band, line = figure.layout.shapes
    assert line.x0 == line.x1 == pytest.approx(64.0)
    assert band.x0 < 64.0 < band.x1
    (note,) = figure.layout.annotations
    assert plain(note.text) == "four fifths of the highest: 64.0 %"


def test_labels_of_groups_are_shown_as_they_are_and_whole_in_the_hover_text() -> None:
    long = "x" * 90
    for label, shown in (
        ("<a href='http://x'>y</a>", "&lt;a href=&#x27;http://x&#x27;&gt;y&lt;/a&gt;"),
        (long, "x" * 31 + "…"),
    ):
        figure = figures.groups_figure(raises(label), palette())
        assert figure.layout.yaxis.ticktext[1] == shown
        assert figure.layout.yaxis.automargin
        (low,) = [t for t in figure.data if t.marker.color == palette().warning]
        assert low.customdata[0][0] in (shown, long)


def test_without_a_highest_group_there_is_no_line() -> None:
    few = [group for group in raises() if group.is_few]
    assert not figures.groups_figure(few, palette()).layout.shapes
    assert not figures.groups_figure([], palette()).layout.shapes


def test_the_reasons_end_with_those_raised_in_the_colour_of_the_proposal(sweep: Sweep) -> None:
    total = sweep.at(800).total
    (bars,) = figures.reasons_figure(total, palette()).data
    assert bars.y[-1] == "Raised"
    assert bars.marker.color[-1] == palette().proposed
    assert set(bars.marker.color[:-1]) == {palette().baseline}
    assert sum(bars.x) == total.at_threshold


def test_the_reasons_of_a_policy_without_any_are_drawn() -> None:
    frame = load_cases().head(2)
    policy = Policy(min_increment=Decimal(0), limit_cap=None, affordability=False)
    found = simulation.simulate(portfolio_of(frame), policy, Assumptions())
    (bars,) = figures.reasons_figure(found.total, palette()).data
    assert list(bars.y) == ["Raised"]


def test_every_word_of_a_figure_is_said(makers: dict[str, Make]) -> None:
    with spoken(Pseudo()):
        for name in (
            "groups",
            "stress",
            "distribution",
            "tornado",
            "waterfall",
            "frontier",
            "effects",
            "flows",
        ):
            layout = makers[name](palette()).layout
            for axis in (layout.xaxis, layout.yaxis):
                assert bare_words(axis.title.text or "") <= {"CNY"}, name
        titles = makers["waterfall"](palette()).data[0].y
        assert titles[0] == "[Interest] [on] [new] [balance]"


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")
