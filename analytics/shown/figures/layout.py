"""One look for every figure: axes, font, ground and spacing, in the palette's colours."""

from __future__ import annotations

from typing import Any

from analytics.shown.figures.drawing import Drawing
from analytics.shown.palette import Palette

FONT = '"Source Sans", "Source Sans 3", "Noto Sans CJK SC", "Noto Sans", sans-serif'
TRANSPARENT = "rgba(0, 0, 0, 0)"
NO_NAME = "<extra></extra>"
"""Ends a hover text: the trace's name is not shown beside it."""


def layout(colours: Palette, height: int) -> dict[str, Any]:
    """Return the layout that every figure starts from."""
    axis = {
        "gridcolor": colours.hairline,
        "linecolor": colours.hairline,
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": colours.hairline,
        "ticklen": 4,
        "tickfont": {"color": colours.muted, "size": 12},
        "title": {"font": {"color": colours.muted, "size": 12}},
        "fixedrange": True,
    }
    return {
        "template": {"layout": {"xaxis": axis, "yaxis": axis}},
        "height": height,
        "margin": {"l": 52, "r": 12, "t": 18, "b": 36},
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
        "font": {"family": FONT, "color": colours.text, "size": 13},
        "hoverlabel": {
            "bgcolor": colours.ground,
            "bordercolor": colours.hairline,
            "font": {"color": colours.text, "family": FONT},
        },
        "showlegend": False,
    }


def top_legend(colours: Palette) -> dict[str, Any]:
    """Return the settings of a legend in one line above the plot."""
    return {
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.0,
            "xanchor": "left",
            "yanchor": "bottom",
            "font": {"color": colours.muted, "size": 12},
            "itemclick": False,
            "itemdoubleclick": False,
            "bgcolor": TRANSPARENT,
        },
    }


def hatched(colours: Palette, *, fades: bool = False) -> dict[str, Any]:
    """Return the settings of a trace that hatches the polygon it goes round.

    What lies under it is seen through it, and paler where it ``fades``.
    """
    return {
        "mode": "lines",
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": TRANSPARENT,
        "fillpattern": {
            "shape": "/",
            "size": 10,
            "solidity": 0.08,
            "fgcolor": colours.text,
            "bgcolor": colours.ground if fades else TRANSPARENT,
        },
        "opacity": 0.4,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def add_panel_title(
    figure: Drawing,
    title: str,
    top: float,
    colours: Palette,
    *,
    lower: int = 0,
    left: float = 0.0,
) -> None:
    """Write the title of one of several panels above its top, ``lower`` by so many pixels."""
    figure.add_text(
        x=left,
        y=top,
        xref="paper",
        yref="paper",
        text=title,
        xanchor="left",
        yanchor="bottom",
        xshift=4,
        yshift=-lower,
        font={"color": colours.muted, "size": 12},
    )
