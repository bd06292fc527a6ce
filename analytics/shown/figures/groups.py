"""How surely the groups of a segment are raised, beside four fifths of the highest."""

from __future__ import annotations

import html
from collections.abc import Sequence

from analytics.declared.language import say
from analytics.results.fairness import FOUR_FIFTHS, GroupRaise
from analytics.shown import formats
from analytics.shown.figures.drawing import Drawing
from analytics.shown.figures.layout import NO_NAME, layout
from analytics.shown.palette import Palette

LONGEST = 32
"""Characters of a label beside the axis; what is left out is in the hover text."""
ROW = 26
"""Pixels that a group takes."""


def groups_figure(
    found: Sequence[GroupRaise], colours: Palette, *, height: int | None = None
) -> Drawing:
    """Return the share raised of each group with its 95 % interval, the first on top.

    A line stands at four fifths of the highest share, in a band of that share's own interval.
    Groups that are judged low have the colour of a warning, those too small to judge are hollow.
    """
    shown = [group for group in found if group.approval_interval is not None]
    figure = Drawing(layout(colours, height or 84 + ROW * len(shown)))
    kinds = (
        (colours.proposed, "circle", lambda g: not g.is_few and not g.approval_is_low),
        (colours.warning, "circle", lambda g: g.approval_is_low),
        (colours.baseline, "circle-open", lambda g: g.is_few),
    )
    for colour, symbol, belongs in kinds:
        places = [place for place, group in enumerate(shown) if belongs(group)]
        _add_dots(figure, shown, places, colour, symbol)
    _add_four_fifths(figure, shown, colours)
    highs = (group.approval_interval.high for group in shown if group.approval_interval)
    figure.set(
        xaxis={
            "title": {"text": say("share raised, %; bars: 95 % intervals")},
            "range": [0, max(highs, default=1.0) * 120],
        },
        yaxis={
            "tickvals": list(range(len(shown))),
            "ticktext": [_label(group) for group in shown],
            "range": [len(shown) - 0.5, -0.5],
            "ticksuffix": "   ",
            "showgrid": False,
            "ticks": "",
            "automargin": True,
        },
        margin={"l": 8, "r": 12, "t": 32, "b": 40},
    )
    return figure


def _label(group: GroupRaise) -> str:
    label = group.label
    return html.escape(label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…")


def _add_dots(
    figure: Drawing, shown: Sequence[GroupRaise], places: list[int], colour: str, symbol: str
) -> None:
    groups = [shown[place] for place in places]
    shares = [(group.approval_rate or 0.0) * 100 for group in groups]
    ends = [group.approval_interval or (0.0, 0.0) for group in groups]
    highs = [high * 100 for _, high in ends]
    lows = [low * 100 for low, _ in ends]
    figure.add(
        "scatter",
        x=shares,
        y=places,
        mode="markers",
        marker={
            "color": colour,
            "size": 9,
            "symbol": symbol,
            "line": {"color": colour, "width": 2},
        },
        cliponaxis=False,
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - share for high, share in zip(highs, shares, strict=True)],
            "arrayminus": [share - low for low, share in zip(lows, shares, strict=True)],
            "color": colour,
            "thickness": 2,
            "width": 4,
        },
        customdata=[_told(group) for group in groups],
        hovertemplate=say(
            "{group}: {share} of {accounts}, between {interval}",
            group="%{customdata[0]}",
            share="%{customdata[1]}",
            accounts="%{customdata[2]}",
            interval="%{customdata[3]}",
        )
        + NO_NAME,
    )
    figure.add(
        "scatter",
        x=highs,
        y=places,
        mode="text",
        text=[f" {formats.percent(group.approval_rate)}" for group in groups],
        textposition="middle right",
        textfont={"color": colour},
        line={"color": colour},
        cliponaxis=False,
        hoverinfo="skip",
    )


def _told(group: GroupRaise) -> list[str]:
    return [
        html.escape(group.label),
        formats.percent(group.approval_rate),
        formats.count(group.accounts),
        formats.percent_interval(group.approval_interval),
    ]


def _add_four_fifths(figure: Drawing, shown: Sequence[GroupRaise], colours: Palette) -> None:
    """Draw four fifths of the highest share, and the band that its interval makes of them."""
    highest = next((group for group in shown if group.is_highest), None)
    if highest is None or highest.approval_interval is None or highest.approval_rate is None:
        return
    low, high = (end * FOUR_FIFTHS * 100 for end in highest.approval_interval)
    line = highest.approval_rate * FOUR_FIFTHS
    figure.add_span(
        low, high, fillcolor=colours.hairline, opacity=0.6, line={"width": 0}, layer="below"
    )
    figure.add_line(line * 100, color=colours.marker, width=1, dash="dash")
    figure.add_text(
        x=line * 100,
        y=1,
        yref="paper",
        text=say("four fifths of the highest: {share}", share=formats.percent(line)),
        xanchor="right" if line * 100 > 0.5 * max(high, 1) else "left",
        yanchor="bottom",
        font={"color": colours.muted, "size": 12},
    )
