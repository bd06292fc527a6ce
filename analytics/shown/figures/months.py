"""What a policy brings month by month: cumulated under several responses, and in its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.declared.arrays import Floats, Ints
from analytics.declared.language import say
from analytics.results.simulation.timeline import Timeline
from analytics.shown import formats
from analytics.shown.figures.drawing import Drawing
from analytics.shown.figures.layout import add_panel_title, layout, top_legend
from analytics.shown.palette import Palette

_FIRST_YEAR = 12
_OFF_SCALE = 3.0
"""How many times as high as the main line another one may be before it leaves the panel."""
_APART = 0.11
"""Least distance of two labels at the end of lines, as a share of the panel's height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """Value cumulated from month 0, the cost of raising, on; under one response.

    ``is_main`` marks the line of the assumptions in force.
    """

    name: str
    months: Ints
    cumulated: Floats
    payback_months: int | None
    is_main: bool = False

    @classmethod
    def of(cls, name: str, timeline: Timeline, action_cost: float, *, is_main: bool) -> MonthLine:
        """Return the line of a timeline."""
        return cls(
            name=name,
            months=np.concatenate([[0], timeline.month]),
            cumulated=np.concatenate([[-action_cost], timeline.cumulated]),
            payback_months=timeline.payback_months,
            is_main=is_main,
        )


def months_figure(
    lines: Sequence[MonthLine], currency: str, colours: Palette, *, height: int = 340
) -> Drawing:
    """Return the value cumulated by month: the first year enlarged, and beside it all months.

    The first month from which a line stays at or above 0 is marked on it.
    """
    figure = Drawing(layout(colours, height))
    last = int(max(line.months[-1] for line in lines))
    panels = (("", (0.0, 0.4), _FIRST_YEAR), ("2", (0.6, 1.0), last))
    for number, domain, until in panels:
        _add_panel(figure, lines, number, domain, until, colours)
    titles = (
        (0.0, say("first year, {currency}", currency=currency)),
        (
            panels[1][1][0],
            say("{months} months, {currency}, discounted", months=last, currency=currency),
        ),
    )
    for left, title in titles:
        add_panel_title(figure, title, 1.0, colours, left=left)
    _add_ends(figure, lines, colours)
    figure.set(margin={"l": 56, "r": 112, "t": 26, "b": 40}, hovermode="x unified")
    return figure


def _add_panel(
    figure: Drawing,
    lines: Sequence[MonthLine],
    number: str,
    domain: tuple[float, float],
    until: int,
    colours: Palette,
) -> None:
    """Add one panel of all lines up to a month; ``number`` numbers its axes."""
    axes = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
    shown = [line.cumulated[line.months <= until] for line in lines]
    low, high = reach(lines, until)
    if len(lines) > 1:
        months = np.arange(len(shown[0]))
        top, bottom = np.max(shown, axis=0), np.min(shown, axis=0)
        figure.add(
            "scatter",
            x=np.concatenate([months, months[::-1]]),
            y=np.concatenate([top, bottom[::-1]]).clip(low, high),
            fill="toself",
            fillcolor=colours.proposed_light,
            line={"width": 0},
            hoverinfo="skip",
            **axes,
        )
    for line, values in zip(lines, shown, strict=True):
        _add_line(figure, line, values, colours, axes)
    paying = [line for line in lines if 0 < (line.payback_months or 0) <= until]
    for place, line in enumerate(sorted(paying, key=lambda line: line.payback_months or 0)):
        _add_payback(figure, line, place, colours, axes, named=not number)
    ticks = formats.round_ticks(low, high)
    figure.set(
        **{
            f"xaxis{number}": {
                "domain": list(domain),
                "anchor": f"y{number}",
                "range": [0, until],
                "dtick": 3 if until == _FIRST_YEAR else 12,
                "title": {"text": say("month"), "standoff": 4},
                "showgrid": False,
            }
        }
    )
    figure.set(
        **{
            f"yaxis{number}": {
                "anchor": f"x{number}",
                "range": [low - (high - low) * 0.06, high + (high - low) * 0.04],
                "tickvals": ticks,
                "ticktext": [formats.tick(tick) for tick in ticks],
                "zeroline": True,
                "zerolinecolor": colours.baseline,
                "zerolinewidth": 1,
            }
        }
    )


def reach(lines: Sequence[MonthLine], until: int) -> tuple[float, float]:
    """Return the ends of a panel's axis, with 0 inside: a line far above the main one leaves it."""
    shown = [line.cumulated[line.months <= until] for line in lines]
    low, high = (float(end) for end in (np.min(shown), np.max(shown)))
    main = [s for line, s in zip(lines, shown, strict=True) if line.is_main] or shown
    most = float(np.max(np.abs(main)))
    low, high = min(max(low, -_OFF_SCALE * most), 0.0), max(min(high, _OFF_SCALE * most), 0.0)
    return (low, high) if low < high else (-1.0, 1.0)


def _add_line(
    figure: Drawing, line: MonthLine, values: Floats, colours: Palette, axes: dict[str, str]
) -> None:
    figure.add(
        "scatter",
        x=line.months[: len(values)],
        y=values,
        mode="lines",
        line={
            "color": colours.proposed,
            "width": 2 if line.is_main else 1,
            "dash": "solid" if line.is_main else "dash",
        },
        name=line.name,
        customdata=[formats.compact(value) for value in values],
        hovertemplate="%{customdata}",
        **axes,
    )


def _add_payback(
    figure: Drawing,
    line: MonthLine,
    place: int,
    colours: Palette,
    axes: dict[str, str],
    *,
    named: bool,
) -> None:
    """Mark the first month that pays, and in the first year say which it is."""
    month = line.payback_months or 0
    value = float(line.cumulated[month])
    figure.add(
        "scatter",
        x=[month],
        y=[value],
        mode="markers",
        marker={
            "size": 9,
            "color": colours.proposed if line.is_main else colours.ground,
            "line": {"width": 1.5, "color": colours.proposed},
        },
        hoverinfo="skip",
        cliponaxis=False,
        **axes,
    )
    if not named:
        return
    figure.add_text(
        x=month,
        y=value,
        xref="x",
        yref="y",
        text=say("{response}: {month}", response=line.name, month=formats.month(month)),
        xanchor="right" if month > 9 else "left",
        yanchor="top" if place else "bottom",
        yshift=(8, -8, -24)[min(place, 2)],
        bgcolor=colours.ground,
        opacity=0.9,
        font={"color": colours.proposed, "size": 12},
    )


def _add_ends(figure: Drawing, lines: Sequence[MonthLine], colours: Palette) -> None:
    """Say at the end of each line what it comes to; labels keep apart."""
    low, high = reach(lines, int(max(line.months[-1] for line in lines)))
    place = -np.inf
    for line in sorted(lines, key=lambda line: float(line.cumulated[-1])):
        end = float(line.cumulated[-1])
        share = (min(end, high) - low + (high - low) * 0.06) / ((high - low) * 1.1)
        place = max(share, place + _APART)
        value = formats.signed(formats.compact(end), end)
        off = say("{response}, off scale", response=line.name) if end > high else line.name
        figure.add_text(
            x=1.0,
            y=place,
            xref="paper",
            yref="paper",
            text=f"<b>{value}</b> {off}",
            xanchor="left",
            xshift=8,
            yanchor="middle",
            font={"color": colours.proposed if line.is_main else colours.text, "size": 12},
        )


def flows_figure(
    timeline: Timeline, currency: str, colours: Palette, *, height: int = 300
) -> Drawing:
    """Return the value of each month and what it is made of, costs below 0."""
    figure = Drawing(layout(colours, height))
    flows = timeline.flows
    parts = (
        (say("margin"), flows["margin"], colours.proposed),
        (say("retained customers"), flows["retained"], colours.proposed_light),
        (say("capital charge"), -flows["capital"], colours.baseline),
        (say("losses booked"), -flows["loss"], colours.warning),
    )
    for name, values, colour in parts:
        figure.add(
            "bar",
            x=timeline.month,
            y=values,
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            customdata=[formats.compact(value) for value in values],
            hovertemplate="%{customdata}",
        )
    figure.add(
        "scatter",
        x=timeline.month,
        y=flows["value"],
        mode="lines",
        line={"color": colours.marker, "width": 2},
        name=say("value of the month"),
        customdata=[formats.compact(value) for value in flows["value"]],
        hovertemplate="%{customdata}",
    )
    highest = np.maximum(flows["margin"], 0.0) + np.maximum(flows["retained"], 0.0)
    lowest = -flows["capital"] - flows["loss"]
    low, high = min(float(lowest.min()), 0.0), max(float(highest.max()), 0.0)
    ticks = formats.round_ticks(low, high) if low < high else [0.0]
    figure.set(
        barmode="relative",
        bargap=0.15,
        xaxis={"title": {"text": say("month"), "standoff": 4}, "showgrid": False, "dtick": 6},
        yaxis={
            "title": {"text": say("{currency} a month", currency=currency)},
            "tickvals": ticks,
            "ticktext": [formats.tick(tick) for tick in ticks],
            "zeroline": True,
            "zerolinecolor": colours.baseline,
            "zerolinewidth": 1,
        },
        margin={"l": 64, "r": 12, "t": 34, "b": 40},
        hovermode="x unified",
        **top_legend(colours),
    )
    return figure


__all__ = ["MonthLine", "flows_figure", "months_figure", "reach"]
