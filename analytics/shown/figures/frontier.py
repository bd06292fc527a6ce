"""The efficient frontier: what each policy gains against what it risks."""

from __future__ import annotations

import numpy as np

from analytics.declared.arrays import Floats, Ints
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.language import say
from analytics.declared.measures import BY_NAME
from analytics.declared.parameters import basis_points
from analytics.results.optimum import Frontier
from analytics.shown import formats
from analytics.shown.figures.drawing import Drawing
from analytics.shown.figures.layout import NO_NAME, layout
from analytics.shown.palette import Palette

_DOTS = (240, 120)
"""Dots of the cloud of all policies, across and up."""
Mark = tuple[str, float, float]
"""A label, the risk and the gain of one policy."""


def frontier_figure(
    found: Frontier,
    everything: tuple[Floats, Floats],
    marks: list[Mark],
    currency: str,
    colours: Palette,
    *,
    height: int = 380,
) -> Drawing:
    """Return gain over risk: a cloud of all policies, the efficient ones as a line, some marked.

    A click on the line takes that policy; ``customdata`` hold threshold and raise.
    """
    figure = Drawing(layout(colours, height))
    risks, gains = everything
    _add_cloud(figure, risks, gains, colours)
    _add_efficient(figure, found, colours)
    for mark in marks:
        _add_mark(figure, mark, colours)
    figure.set(
        xaxis={"title": {"text": _title(found.risk, currency)}, **_axis(risks)},
        yaxis={"title": {"text": _title(found.gain, currency)}, **_axis(gains)},
        clickmode="event+select",
        dragmode=False,
        hovermode="closest",
        margin={"l": 64, "r": 24, "t": 12, "b": 44},
    )
    return figure


def _add_cloud(figure: Drawing, risks: Floats, gains: Floats, colours: Palette) -> None:
    """Show where there are policies: a picture of dots, however many they are.

    Points drawn by the graphics card would need code that is made while the page runs, which the
    policy of the page's content forbids.
    """
    known = np.isfinite(risks) & np.isfinite(gains)
    if not known.any():
        return
    column, left, width = _placed(risks[known], _DOTS[0])
    row, bottom, height = _placed(gains[known], _DOTS[1])
    dots = np.full((_DOTS[1], _DOTS[0]), np.nan)
    dots[row, column] = 1.0
    figure.add(
        "heatmap",
        z=dots,
        x0=left,
        dx=width,
        y0=bottom,
        dy=height,
        colorscale=[[0.0, colours.hairline], [1.0, colours.hairline]],
        showscale=False,
        hoverinfo="skip",
    )


def _placed(values: Floats, count: int) -> tuple[Ints, float, float]:
    """Return the dot of each value, the middle of the first dot, and the width of one."""
    least, most = float(values.min()), float(values.max())
    width = (most - least) / (count - 1) or 1.0
    return np.rint((values - least) / width).astype(np.int64), least, width


def _add_efficient(figure: Drawing, found: Frontier, colours: Palette) -> None:
    """Draw the efficient policies as a line; those beyond the evidence are hollow."""
    place = say(
        "threshold {threshold}, raise {rate} %",
        threshold="%{customdata[0]}",
        rate="%{customdata[1]:.0f}",
    )
    sides = say("gain {gain}, risk {risk}", gain="%{y:,.4~g}", risk="%{x:,.4~g}")
    beyond = found.raises > basis_points(EVIDENCE_RAISE)
    figure.add(
        "scatter",
        x=found.risks,
        y=found.gains,
        mode="lines+markers",
        line={"color": colours.proposed, "width": 2},
        marker={
            "size": 5,
            "color": [colours.ground if far else colours.proposed for far in beyond],
            "line": {"width": 1, "color": colours.proposed},
        },
        customdata=np.stack([found.scores, found.raises / 100], axis=-1),
        hovertemplate=f"{place}<br>{sides}{NO_NAME}",
        name="frontier",
    )
    if beyond.any():
        first = int(np.flatnonzero(beyond)[0])
        figure.add_text(
            x=float(found.risks[first]),
            y=float(found.gains[first]),
            text=say(
                "hollow: beyond the evidence, above {rate}", rate=formats.stated(EVIDENCE_RAISE)
            ),
            xanchor="left",
            yanchor="top",
            yshift=-10,
            bgcolor=colours.ground,
            opacity=0.9,
            font={"color": colours.text, "size": 12},
        )


def _add_mark(figure: Drawing, mark: Mark, colours: Palette) -> None:
    label, risk, gain = mark
    figure.add(
        "scatter",
        x=[risk],
        y=[gain],
        mode="markers+text",
        marker={"symbol": "circle-open-dot", "size": 12, "color": colours.marker},
        text=[label],
        textposition="bottom right",
        textfont={"color": colours.marker},
        hoverinfo="skip",
        cliponaxis=False,
    )


def _title(measure: str, currency: str) -> str:
    return say(
        "increment of {measure}, {unit}",
        measure=BY_NAME[measure].title.lower(),
        unit=formats.unit(measure, currency),
    )


def _axis(values: Floats) -> dict[str, object]:
    """Return round ticks in the product's own spelling over the range of the values."""
    low, high = float(np.nanmin(values, initial=0.0)), float(np.nanmax(values, initial=0.0))
    if low == high:
        return {"tickvals": [low]}
    ticks = formats.round_ticks(low, high)
    return {
        "tickvals": ticks,
        "ticktext": [formats.tick(tick) for tick in ticks],
        "zeroline": True,
        "zerolinewidth": 1,
    }
