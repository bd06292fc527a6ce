"""A policy among all others: the map of every policy, and where the evidence for it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.declared.arrays import Flags, Floats, Ints
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.language import say
from analytics.shown import formats
from analytics.shown.figures.drawing import Drawing
from analytics.shown.figures.layout import NO_NAME, hatched, layout, top_legend
from analytics.shown.palette import Palette


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One measure over a display grid of policies: ``values`` of shape (thresholds, raises)."""

    title: str
    unit: str
    thresholds: Ints
    raises: Floats
    values: Floats
    diverging: bool
    feasible: Flags | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapMark:
    """A policy that is marked on the map: its place, what it is, and the figure beside it."""

    title: str
    symbol: str
    score_threshold: int
    raise_rate: float
    text: str = ""


def policies_figure(
    grid: Grid, marks: Sequence[MapMark], colours: Palette, *, height: int = 380
) -> Drawing:
    """Return the heat map of all policies: raise across, score threshold up, some marked.

    What lies beyond the evidence is hatched and called so.

    A grid of invisible squares lies over it, so that a click takes a policy; their ``customdata``
    hold threshold and raise.
    """
    figure = Drawing(layout(colours, height))
    _add_heat(figure, grid, colours)
    _add_outline(figure, grid, colours)
    _add_evidence(figure, grid, colours)
    _add_targets(figure, grid)
    for mark in marks:
        _add_mark(figure, mark, colours)
    figure.set(
        xaxis={
            "title": {"text": say("raise, %"), "standoff": 4},
            "range": [-1, 101],
            "showgrid": False,
        },
        yaxis={
            "title": {"text": say("score threshold"), "standoff": 6},
            "showgrid": False,
            "range": [int(grid.thresholds[0]), int(grid.thresholds[-1])],
        },
        clickmode="event+select",
        dragmode=False,
        hovermode="closest",
        margin={"l": 52, "r": 12, "t": 30, "b": 36},
        **top_legend(colours),
    )
    return figure


def _add_evidence(figure: Drawing, grid: Grid, colours: Palette) -> None:
    """Hatch what lies beyond the evidence, with a rule at its edge and the words for it."""
    edge = EVIDENCE_RAISE * 100
    if float(grid.raises[-1]) * 100 <= edge:
        return
    low, high = int(grid.thresholds[0]), int(grid.thresholds[-1])
    figure.add(
        "scatter",
        x=[edge, 101, 101, edge],
        y=[low, low, high, high],
        **hatched(colours, fades=True),
    )
    figure.add_mark(
        type="line",
        x0=edge,
        x1=edge,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": colours.text, "width": 1, "dash": "dot"},
    )
    figure.add_text(
        x=(edge + 101) / 2,
        y=0.985,
        yref="paper",
        yanchor="top",
        text=say("beyond the evidence: above {rate}", rate=formats.stated(EVIDENCE_RAISE)),
        bgcolor=colours.ground,
        opacity=0.9,
        font={"color": colours.text, "size": 12},
    )


def _add_heat(figure: Drawing, grid: Grid, colours: Palette) -> None:
    low, high = _colour_limits(grid)
    ticks = formats.round_ticks(low, high)
    small = {"color": colours.muted, "size": 12}
    figure.add(
        "heatmap",
        x=grid.raises * 100,
        y=grid.thresholds,
        z=grid.values.astype(np.float32),
        zmin=low,
        zmax=high,
        colorscale=_scale(colours, diverging=grid.diverging),
        hoverinfo="skip",
        showlegend=False,
        colorbar={
            "title": {"text": grid.unit, "side": "right", "font": small},
            "thickness": 10,
            "outlinewidth": 0,
            "tickfont": small,
            "ticklen": 3,
            "tickvals": ticks,
            "ticktext": [formats.tick(tick) for tick in ticks],
        },
    )


def _add_outline(figure: Drawing, grid: Grid, colours: Palette) -> None:
    """Outline the policies within the appetite, where they are some but not all."""
    if grid.feasible is None or grid.feasible.all() or not grid.feasible.any():
        return
    figure.add(
        "contour",
        x=grid.raises * 100,
        y=grid.thresholds,
        z=grid.feasible.astype(np.int8),
        contours={"start": 0.5, "end": 0.5, "size": 1, "coloring": "none"},
        line={"color": colours.text, "width": 1.5},
        showscale=False,
        hoverinfo="skip",
        name=say("within the appetite"),
        showlegend=True,
    )


def _add_targets(figure: Drawing, grid: Grid) -> None:
    raises, thresholds = np.meshgrid(grid.raises, grid.thresholds)
    place = say(
        "threshold {threshold}, raise {rate} %",
        threshold="%{customdata[0]:d}",
        rate="%{x:.0f}",
    )
    measured = f"{grid.title}: %{{customdata[2]:,.4~g}} {grid.unit}"
    figure.add(
        "scatter",
        x=raises.ravel() * 100,
        y=thresholds.ravel(),
        mode="markers",
        marker={"symbol": "square", "size": 8, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=np.stack([thresholds.ravel(), raises.ravel(), grid.values.ravel()], axis=-1),
        hovertemplate=f"{place}<br>{measured}{NO_NAME}",
        name="policies",
        showlegend=False,
    )


def _add_mark(figure: Drawing, mark: MapMark, colours: Palette) -> None:
    """Mark a policy; the legend says what it is, the label beside it what it brings."""
    across = mark.raise_rate * 100
    edge = colours.marker if "open" in mark.symbol else colours.ground
    figure.add(
        "scatter",
        x=[across],
        y=[mark.score_threshold],
        mode="markers",
        marker={
            "symbol": mark.symbol,
            "size": 12,
            "color": colours.marker,
            "line": {"width": 1.5, "color": edge},
        },
        name=mark.title,
        hoverinfo="skip",
        cliponaxis=False,
    )
    if not mark.text:
        return
    right = across < 75
    figure.add_text(
        x=across,
        y=mark.score_threshold,
        text=f"<b>{mark.text}</b>",
        xanchor="left" if right else "right",
        xshift=10 if right else -10,
        bgcolor=colours.ground,
        opacity=0.9,
        font={"color": colours.marker, "size": 12},
    )


def _colour_limits(grid: Grid) -> tuple[float, float]:
    """Return the ends of the colour scale, set by the middle of the values, not by one corner."""
    values = grid.values[np.isfinite(grid.values)]
    if not values.size:
        return (0.0, 1.0)
    if not grid.diverging:
        low, most, high = (float(end) for end in np.quantile(values, (0, 0.98, 1)))
        top = most if most > low else high
        return low, top if top > low else low + max(abs(low), 1.0)
    gain, loss = max(values.max(), 0.0), max(-values.min(), 0.0)
    reach = min(max(gain, loss), 3 * gain) if gain > 0 else loss
    return (-float(reach) or -1.0, float(reach) or 1.0)


def _scale(colours: Palette, *, diverging: bool) -> list[list[object]]:
    if diverging:
        return [[0, colours.warning], [0.5, colours.ground], [1, colours.proposed]]
    return [[0, colours.ground], [1, colours.proposed]]
