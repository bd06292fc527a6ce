"""Stress, the loss distribution, and what a result hangs on, as figures."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from analytics.declared.language import say
from analytics.declared.measures import BY_NAME
from analytics.results.business import Step
from analytics.results.sensitivity import Bar, Tornado, TwoWay
from analytics.results.stress import LossDistribution, LossSide, StressResult
from analytics.shown import formats, words
from analytics.shown.figures.drawing import Drawing
from analytics.shown.figures.layout import NO_NAME, layout
from analytics.shown.palette import Palette


def stress_figure(
    result: StressResult, currency: str, colours: Palette, *, height: int = 320
) -> Drawing:
    """Return the expected loss by scenario: the baseline in grey, the policy's doing on top."""
    figure = Drawing(layout(colours, height))
    before = [outcome.baseline.expected_loss for outcome in result.outcomes]
    more = [outcome.increment.expected_loss for outcome in result.outcomes]
    _add_scenarios(figure, result, before, more, colours)
    top = max([b + m for b, m in zip(before, more, strict=True)] + [1.0])
    figure.set(
        barmode="stack",
        xaxis={
            "title": {"text": say("expected loss, {currency}", currency=currency)},
            "range": [0, top * 1.62],
            **_ticks(0.0, top),
        },
        yaxis=_NAMES,
        bargap=0.4,
        margin={"l": 8, "r": 8, "t": 8, "b": 40},
    )
    return figure


def _add_scenarios(
    figure: Drawing,
    result: StressResult,
    before: Sequence[float],
    more: Sequence[float],
    colours: Palette,
) -> None:
    titles = [words.scenario_title(outcome.scenario) for outcome in result.outcomes]
    figure.add(
        "bar",
        y=titles,
        x=before,
        orientation="h",
        marker={"color": colours.baseline},
        name=say("baseline"),
        hovertemplate=say("{scenario}: baseline {loss}", scenario="%{y}", loss="%{x:,.0f}")
        + NO_NAME,
    )
    figure.add(
        "bar",
        y=titles,
        x=more,
        orientation="h",
        marker={"color": colours.proposed},
        name=say("the policy's doing"),
        text=[
            say(
                " <b>{loss}</b>, {part} of it the policy's",
                loss=formats.compact(b + m),
                part=formats.compact(m),
            )
            for b, m in zip(before, more, strict=True)
        ],
        textposition="outside",
        cliponaxis=False,
        hovertemplate=say("{scenario}: the policy adds {loss}", scenario="%{y}", loss="%{x:,.0f}")
        + NO_NAME,
    )


def distribution_figure(
    found: LossDistribution, currency: str, colours: Palette, *, height: int = 320
) -> Drawing:
    """Return the density of a year's loss of both sides, with three losses marked on each."""
    figure = Drawing(layout(colours, height))
    sides = (
        (say("baseline"), found.baseline, colours.baseline, "dot"),
        (say("proposed"), found.proposed, colours.proposed, "solid"),
    )
    for name, side, colour, dash in sides:
        figure.add(
            "scatter",
            x=found.losses,
            y=side.density,
            mode="lines",
            line={"color": colour, "width": 2, "dash": dash},
            name=name,
            customdata=[formats.compact(loss) for loss in found.losses],
            hovertemplate=say("{side}: loss {loss}", side=name, loss="%{customdata}") + NO_NAME,
        )
    _add_losses(figure, found.proposed, colours)
    figure.set(
        xaxis={
            "title": {
                "text": say("loss in a year, {currency} (marks: proposed)", currency=currency)
            },
            **_ticks(0.0, float(found.losses[-1])),
            "showgrid": False,
        },
        yaxis={"visible": False, "rangemode": "tozero"},
        margin={"l": 12, "r": 12, "t": 12, "b": 40},
    )
    return figure


def _add_losses(figure: Drawing, side: LossSide, colours: Palette) -> None:
    marks = (
        (say("expected"), side.expected),
        (formats.stated(0.95), side.bad_year),
        (formats.stated(0.999), side.worst_year),
    )
    for index, (label, loss) in enumerate(marks):
        figure.add_line(loss, color=colours.hairline, width=1)
        figure.add_text(
            x=loss,
            y=1 - 0.11 * index,
            yref="paper",
            text=say("{label}: {loss}", label=label, loss=formats.compact(loss)),
            xanchor="left",
            xshift=4,
            font={"color": colours.muted, "size": 12},
        )


def tornado_figure(
    found: Tornado, currency: str, colours: Palette, *, most: int = 12, height: int = 420
) -> Drawing:
    """Return the increment of a measure between the low and high case of each driver."""
    bars = [bar for bar in found.bars if bar.swing][:most]
    centre = found.central or 0.0
    figure = Drawing(layout(colours, height))
    _add_cases(figure, bars, centre, colours)
    figure.add_line(centre, color=colours.marker, width=1)
    ends = [value for bar in bars for value in (bar.low, bar.high) if value is not None]
    title = say(
        "increment of {measure}, {unit}",
        measure=BY_NAME[found.measure].title.lower(),
        unit=formats.unit(found.measure, currency),
    )
    figure.set(
        barmode="overlay",
        xaxis={
            "title": {"text": title},
            **_ticks(min([*ends, 0.0]), max([*ends, 0.0])),
            "zeroline": True,
            "zerolinecolor": colours.warning,
        },
        yaxis=_NAMES,
        bargap=0.3,
        margin={"l": 8, "r": 16, "t": 8, "b": 40},
    )
    return figure


def _add_cases(figure: Drawing, bars: Sequence[Bar], centre: float, colours: Palette) -> None:
    names = [bar.driver.title for bar in bars]
    lows, highs = [bar.driver.low for bar in bars], [bar.driver.high for bar in bars]
    cases = (
        (say("low case"), [bar.low for bar in bars], colours.baseline, lows),
        (say("high case"), [bar.high for bar in bars], colours.proposed, highs),
    )
    for name, values, colour, settings in cases:
        figure.add(
            "bar",
            y=names,
            x=[(value or 0.0) - centre for value in values],
            base=[centre] * len(bars),
            orientation="h",
            marker={"color": colour},
            name=name,
            customdata=[
                [bar.driver.show(setting), formats.compact(value)]
                for bar, setting, value in zip(bars, settings, values, strict=True)
            ],
            hovertemplate=say(
                "{driver}, {case} {setting}: {value}",
                driver="%{y}",
                case=name,
                setting="%{customdata[0]}",
                value="%{customdata[1]}",
            )
            + NO_NAME,
        )


def waterfall_figure(
    steps: Sequence[Step], currency: str, colours: Palette, *, height: int = 340
) -> Drawing:
    """Return how parts add up, one below the other: gains and losses, and sums from 0."""
    figure = Drawing(layout(colours, height))
    amounts = [step.amount for step in steps]
    figure.add(
        "waterfall",
        y=[words.step_title(step.name) for step in steps],
        x=amounts,
        orientation="h",
        measure=["total" if step.is_total else "relative" for step in steps],
        text=[f"<b>{formats.signed(formats.compact(v), v)}</b>" for v in amounts],
        textposition="outside",
        cliponaxis=False,
        increasing={"marker": {"color": colours.proposed}},
        decreasing={"marker": {"color": colours.warning}},
        totals={"marker": {"color": colours.marker}},
        connector={"line": {"color": colours.hairline, "width": 1}},
        customdata=[formats.signed(formats.exact(v, 0), v) for v in amounts],
        hovertemplate="%{y}: %{customdata}" + NO_NAME,
    )
    sums = list(itertools.accumulate(step.amount for step in steps if not step.is_total))
    low, high = min([0.0, *sums]), max([0.0, *sums])
    figure.set(
        xaxis={
            "title": {"text": say("{currency} a year", currency=currency)},
            **_ticks(low, high),
            "range": [low - (high - low) * 0.16, high + (high - low) * 0.2],
        },
        yaxis=_NAMES,
        margin={"l": 8, "r": 12, "t": 8, "b": 40},
    )
    return figure


_NAMES = {"autorange": "reversed", "showgrid": False, "ticks": "", "automargin": True}
"""The axis of bars that are named, the first on top."""


def _ticks(low: float, high: float) -> dict[str, list[float] | list[str]]:
    """Return round ticks between two ends, in the product's own spelling; 0 where they meet."""
    ticks = formats.round_ticks(low, high) if high > low else [0.0]
    return {"tickvals": list(ticks), "ticktext": [formats.tick(tick) for tick in ticks]}


def two_way_figure(found: TwoWay, colours: Palette, *, height: int = 360) -> Drawing:
    """Return the increment of a measure over two drivers, each cell with its figure."""
    figure = Drawing(layout(colours, height))
    reach = max(abs(float(found.values.min())), abs(float(found.values.max())), 1e-12)
    figure.add(
        "heatmap",
        x=[found.second.show(formats.short(setting)) for setting in found.second_settings],
        y=[found.first.show(formats.short(setting)) for setting in found.first_settings],
        z=found.values,
        zmin=-reach,
        zmax=reach,
        colorscale=[[0, colours.warning], [0.5, colours.ground], [1, colours.proposed]],
        text=[[formats.compact(float(value)) for value in row] for row in found.values],
        texttemplate="%{text}",
        showscale=False,
        hovertemplate="%{y}, %{x}: %{z:,.0f}" + NO_NAME,
    )
    figure.set(
        xaxis={"title": {"text": found.second.title}, "type": "category", "showgrid": False},
        yaxis={"title": {"text": found.first.title}, "type": "category", "showgrid": False},
        margin={"l": 96, "r": 12, "t": 12, "b": 44},
    )
    return figure
