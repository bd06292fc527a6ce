"""A policy among all others: curves over the threshold, and the map of every policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from analytics.declared.arrays import Flags, Floats, Ints
from analytics.declared.language import say
from analytics.shown import formats
from analytics.shown.figures.layout import NO_NAME, add_panel_title, layout
from analytics.shown.palette import Palette


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One measure over every threshold, with its range where it has one."""

    title: str
    unit: str
    values: Floats
    low: Floats | None = None
    high: Floats | None = None
    money: bool = True


def curves_figure(
    scores: Ints,
    curves: Sequence[Curve],
    threshold: int,
    colours: Palette,
    *,
    feasible: Flags | None = None,
    height: int = 380,
) -> go.Figure:
    """Return small multiples over the score threshold, one below the other, one shared x axis.

    The threshold in force is marked in every one, with the value there. Thresholds that do not
    keep to the risk appetite (``feasible`` false) are shaded.
    """
    figure = go.Figure(layout=layout(colours, height))
    count, gap = len(curves), 0.085
    share = (1 - gap * (count - 1)) / count
    for index, curve in enumerate(curves):
        top = 1 - index * (share + gap)
        domain = (max(top - share, 0.0), top)
        _add_panel(figure, scores, curve, "" if index == 0 else str(index + 1), domain, colours)
        _add_mark_at(figure, scores, curve, f"y{index + 1 if index else ''}", threshold, colours)
    figure.update_layout(
        xaxis={
            "anchor": f"y{count}" if count > 1 else "y",
            "title": {"text": say("score threshold"), "standoff": 4},
            "range": [int(scores[0]), int(scores[-1])],
            "showgrid": False,
            "showspikes": True,
            "spikemode": "across",
            "spikethickness": 1,
            "spikecolor": colours.hairline,
            "spikedash": "solid",
        },
        shapes=[_upright(threshold, colours), *_shaded(scores, feasible, colours)],
        hovermode="x unified",
        hoversubplots="axis",
    )
    return figure


def _upright(threshold: int, colours: Palette) -> dict[str, object]:
    """Return the line through all panels at the threshold in force."""
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": threshold,
        "x1": threshold,
        "y0": 0,
        "y1": 1,
        "line": {"color": colours.marker, "width": 1},
    }


def _shaded(scores: Ints, feasible: Flags | None, colours: Palette) -> list[dict[str, object]]:
    """Return one rectangle for each run of thresholds outside the risk appetite."""
    if feasible is None or feasible.all():
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[True], feasible, [True]]).astype(np.int8)))
    return [
        {
            "type": "rect",
            "xref": "x",
            "yref": "paper",
            "x0": int(scores[start]),
            "x1": int(scores[min(end, len(scores) - 1)]),
            "y0": 0,
            "y1": 1,
            "line": {"width": 0},
            "fillcolor": colours.warning,
            "opacity": 0.08,
            "layer": "below",
        }
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    ]


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


def policies_figure(
    grid: Grid,
    policy: tuple[int, float],
    best: tuple[int, float] | None,
    colours: Palette,
    *,
    height: int = 380,
) -> go.Figure:
    """Return the heat map of all policies: raise across, score threshold up.

    A grid of invisible squares lies over it, so that a click takes a policy; their ``customdata``
    hold threshold and raise.
    """
    figure = go.Figure(layout=layout(colours, height))
    _add_heat(figure, grid, colours)
    _add_outline(figure, grid, colours)
    _add_targets(figure, grid)
    if best is not None:
        side = "middle right" if best[1] < 0.8 else "bottom center"
        _add_mark(figure, best, say("best"), "star", colours.text, side)
    side = "middle left" if policy[1] >= 0.25 else "top center"
    _add_mark(figure, policy, say("this policy"), "circle-open-dot", colours.marker, side)
    figure.update_layout(
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
    )
    return figure


def _add_heat(figure: go.Figure, grid: Grid, colours: Palette) -> None:
    low, high = _colour_limits(grid)
    ticks = formats.round_ticks(low, high)
    small = {"color": colours.muted, "size": 12}
    figure.add_heatmap(
        x=grid.raises * 100,
        y=grid.thresholds,
        z=grid.values.astype(np.float32),
        zmin=low,
        zmax=high,
        colorscale=_scale(colours, diverging=grid.diverging),
        hoverinfo="skip",
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


def _add_outline(figure: go.Figure, grid: Grid, colours: Palette) -> None:
    """Outline the policies within the appetite, where they are some but not all."""
    if grid.feasible is None or grid.feasible.all() or not grid.feasible.any():
        return
    figure.add_contour(
        x=grid.raises * 100,
        y=grid.thresholds,
        z=grid.feasible.astype(np.int8),
        contours={"start": 0.5, "end": 0.5, "size": 1, "coloring": "none"},
        line={"color": colours.text, "width": 1.5},
        showscale=False,
        hoverinfo="skip",
    )


def _add_panel(
    figure: go.Figure,
    scores: Ints,
    curve: Curve,
    number: str,
    domain: tuple[float, float],
    colours: Palette,
) -> None:
    """Draw a curve with its range, title and axis; plotly numbers axes from the second on."""
    if curve.low is not None and curve.high is not None:
        figure.add_scatter(
            x=np.concatenate([scores, scores[::-1]]),
            y=np.concatenate([curve.high, curve.low[::-1]]),
            fill="toself",
            fillcolor=colours.proposed_light,
            line={"width": 0},
            hoverinfo="skip",
            yaxis=f"y{number}",
        )
    figure.add_scatter(
        x=scores,
        y=curve.values,
        line={"color": colours.proposed, "width": 2},
        yaxis=f"y{number}",
        name=curve.title,
        customdata=[formats.compact(value) for value in curve.values],
        hovertemplate="%{customdata}",
    )
    add_panel_title(figure, f"{curve.title}, {curve.unit}", domain[1], colours, lower=1)
    reach, ticks = _reach(curve)
    figure.layout[f"yaxis{number}"] = {
        "domain": list(domain),
        "range": list(reach),
        "tickvals": ticks,
        "ticktext": [formats.tick(tick) for tick in ticks],
        "zeroline": True,
        "zerolinecolor": colours.baseline,
        "zerolinewidth": 1,
        "gridcolor": colours.hairline,
        "fixedrange": True,
    }


def _add_mark_at(
    figure: go.Figure,
    scores: Ints,
    curve: Curve,
    axis: str,
    threshold: int,
    colours: Palette,
) -> None:
    """Mark the threshold in force on a curve, with the value there."""
    at = int(np.clip(np.searchsorted(scores, threshold), 0, len(scores) - 1))
    here = float(curve.values[at])
    right = threshold < scores[0] + 0.8 * (scores[-1] - scores[0])
    figure.add_scatter(
        x=[threshold],
        y=[here],
        mode="markers",
        marker={"color": colours.marker, "size": 7},
        hoverinfo="skip",
        yaxis=axis,
    )
    label = formats.signed(formats.compact(here) if curve.money else formats.count(here), here)
    figure.add_annotation(
        x=threshold,
        y=here,
        yref=axis,
        text=f"<b>{label}</b>",
        showarrow=False,
        xanchor="left" if right else "right",
        yanchor="bottom",
        xshift=7 if right else -7,
        yshift=1,
        bgcolor=colours.ground,
        opacity=0.9,
        font={"color": colours.marker, "size": 12},
    )


def _reach(curve: Curve) -> tuple[tuple[float, float], list[float]]:
    """Return the range of a panel's axis, with 0 inside, and three or four round ticks on it."""
    parts = [curve.values, *(side for side in (curve.low, curve.high) if side is not None)]
    low = min(0.0, *(float(np.nanmin(part)) for part in parts))
    high = max(0.0, *(float(np.nanmax(part)) for part in parts))
    if low == high:
        return (-1.0, 1.0), [0.0]
    pad = (high - low) * 0.06
    return (low - pad, high + pad), formats.round_ticks(low, high)


def _add_targets(figure: go.Figure, grid: Grid) -> None:
    raises, thresholds = np.meshgrid(grid.raises, grid.thresholds)
    place = say(
        "threshold {threshold}, raise {rate} %",
        threshold="%{customdata[0]:d}",
        rate="%{x:.0f}",
    )
    measured = f"{grid.title}: %{{customdata[2]:,.4~g}} {grid.unit}"
    figure.add_scatter(
        x=raises.ravel() * 100,
        y=thresholds.ravel(),
        mode="markers",
        marker={"symbol": "square", "size": 8, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=np.stack([thresholds.ravel(), raises.ravel(), grid.values.ravel()], axis=-1),
        hovertemplate=f"{place}<br>{measured}{NO_NAME}",
        name="policies",
    )


def _add_mark(
    figure: go.Figure,
    policy: tuple[int, float],
    label: str,
    symbol: str,
    colour: str,
    position: str,
) -> None:
    figure.add_scatter(
        x=[policy[1] * 100],
        y=[policy[0]],
        mode="markers+text",
        marker={"symbol": symbol, "size": 12, "color": colour, "line": {"width": 2}},
        text=[label],
        textposition=position,
        textfont={"color": colour},
        hoverinfo="skip",
        cliponaxis=False,
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
