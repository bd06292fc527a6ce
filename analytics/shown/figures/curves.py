"""One raise at every threshold: small multiples over the score, the threshold in force marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.declared.arrays import Flags, Floats, Ints
from analytics.declared.language import say
from analytics.shown import formats
from analytics.shown.figures.drawing import Drawing
from analytics.shown.figures.layout import add_panel_title, hatched, layout
from analytics.shown.palette import Palette

_PIXEL = 0.004
"""What of a panel's height cannot be told from 0 by eye."""
_OFF_SCALE = 3.0
"""How many times as far from 0 as a curve its range may reach before the axis ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One measure over every threshold, with its range where it has one.

    ``weight`` is its part of the height among others. Where ``hatches`` is set, thresholds at which
    the range has both signs are hatched.
    """

    title: str
    unit: str
    values: Floats
    low: Floats | None = None
    high: Floats | None = None
    money: bool = True
    weight: float = 1.0
    hatches: bool = False


def curves_figure(
    scores: Ints,
    curves: Sequence[Curve],
    threshold: int,
    colours: Palette,
    *,
    feasible: Flags | None = None,
    height: int = 380,
) -> Drawing:
    """Return small multiples over the score threshold, one below the other, one shared x axis.

    The threshold in force is marked in every one, with the value there. Thresholds that do not
    keep to the risk appetite (``feasible`` false) are shaded.
    """
    figure = Drawing(layout(colours, height))
    count, gap = len(curves), 0.085
    unit = (1 - gap * (count - 1)) / sum(curve.weight for curve in curves)
    top = 1.0
    for index, curve in enumerate(curves):
        domain = (max(top - unit * curve.weight, 0.0), top)
        top = domain[0] - gap
        _add_panel(figure, scores, curve, "" if index == 0 else str(index + 1), domain, colours)
        _add_mark_at(figure, scores, curve, f"y{index + 1 if index else ''}", threshold, colours)
    figure.set(
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
    if feasible is None:
        return []
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
        for start, end in _runs(~feasible)
    ]


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """Return where each run of true flags begins and ends (the place after its last)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _add_panel(
    figure: Drawing,
    scores: Ints,
    curve: Curve,
    number: str,
    domain: tuple[float, float],
    colours: Palette,
) -> None:
    """Draw a curve with its range, title and axis; plotly numbers axes from the second on."""
    if curve.low is not None and curve.high is not None:
        figure.add(
            "scatter",
            x=np.concatenate([scores, scores[::-1]]),
            y=np.concatenate([curve.high, curve.low[::-1]]).clip(*_reach(curve)[0]),
            fill="toself",
            fillcolor=colours.proposed_light,
            line={"width": 0},
            hoverinfo="skip",
            yaxis=f"y{number}",
        )
        _add_ends(figure, scores, curve, number, colours)
    figure.add(
        "scatter",
        x=scores,
        y=curve.values,
        line={"color": colours.proposed, "width": 2},
        yaxis=f"y{number}",
        name=curve.title,
        customdata=[formats.compact(value) for value in curve.values],
        hovertemplate="%{customdata}",
    )
    add_panel_title(
        figure,
        say("{title}, {unit}", title=curve.title, unit=curve.unit),
        domain[1],
        colours,
        lower=1,
    )
    reach, ticks = _reach(curve)
    figure.set(
        **{
            f"yaxis{number}": {
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
        }
    )


def _add_ends(figure: Drawing, scores: Ints, curve: Curve, number: str, colours: Palette) -> None:
    """Draw the ends of a range whose sign matters, and hatch where they have not the same sign."""
    if not curve.hatches or curve.low is None or curve.high is None:
        return
    for values in (curve.low, curve.high):
        figure.add(
            "scatter",
            x=scores,
            y=values,
            mode="lines",
            line={"color": colours.proposed, "width": 1, "dash": "dash"},
            yaxis=f"y{number}",
            hoverinfo="skip",
        )
    low, high = _reach(curve)[0]
    seen = (high - low) * _PIXEL
    for start, end in _runs((curve.low < -seen) & (curve.high > seen)):
        left, right = int(scores[start]), int(scores[min(end, len(scores) - 1)])
        figure.add(
            "scatter",
            x=[left, right, right, left],
            y=[low, low, high, high],
            yaxis=f"y{number}",
            **hatched(colours),
        )
        if right - left > (scores[-1] - scores[0]) / 8:
            figure.add_text(
                x=(left + right) / 2,
                y=high,
                yref=f"y{number}",
                text=say("sign uncertain"),
                yanchor="top",
                bgcolor=colours.ground,
                font={"color": colours.text, "size": 12},
            )


def _add_mark_at(
    figure: Drawing,
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
    figure.add(
        "scatter",
        x=[threshold],
        y=[here],
        mode="markers",
        marker={"color": colours.marker, "size": 7},
        hoverinfo="skip",
        yaxis=axis,
    )
    label = formats.signed(formats.compact(here) if curve.money else formats.count(here), here)
    figure.add_text(
        x=threshold,
        y=here,
        yref=axis,
        text=f"<b>{label}</b>",
        xanchor="left" if right else "right",
        yanchor="bottom",
        xshift=7 if right else -7,
        yshift=1,
        bgcolor=colours.ground,
        opacity=0.9,
        font={"color": colours.marker, "size": 12},
    )


def _reach(curve: Curve) -> tuple[tuple[float, float], list[float]]:
    """Return the range of a panel's axis, with 0 inside, and three or four round ticks on it.

    A range that reaches far beyond its curve leaves the panel.
    """
    low, high = (float(end) for end in (np.nanmin(curve.values), np.nanmax(curve.values)))
    most = _OFF_SCALE * max(abs(low), abs(high))
    for side in (curve.low, curve.high):
        if side is not None:
            low, high = min(low, float(np.nanmin(side))), max(high, float(np.nanmax(side)))
    if most:
        low, high = max(low, -most), min(high, most)
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        return (-1.0, 1.0), [0.0]
    pad = (high - low) * 0.06
    return (low - pad, high + pad), formats.round_ticks(low, high)
