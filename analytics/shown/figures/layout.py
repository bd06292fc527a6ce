"""One look for every figure: axes, font, ground and spacing, in the palette's colours."""

from __future__ import annotations

import plotly.graph_objects as go

from analytics.shown.palette import Palette

FONT = '"Source Sans", "Source Sans 3", "Noto Sans CJK SC", "Noto Sans", sans-serif'
NO_NAME = "<extra></extra>"
"""Ends a hover text: the trace's name is not shown beside it."""


def layout(colours: Palette, height: int) -> go.Layout:
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
    return go.Layout(
        template=go.layout.Template(layout={"xaxis": axis, "yaxis": axis}),
        height=height,
        margin={"l": 52, "r": 12, "t": 18, "b": 36},
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        font={"family": FONT, "color": colours.text, "size": 13},
        hoverlabel={
            "bgcolor": colours.ground,
            "bordercolor": colours.hairline,
            "font": {"color": colours.text, "family": FONT},
        },
        showlegend=False,
    )


def add_panel_title(
    figure: go.Figure, title: str, top: float, colours: Palette, *, lower: int = 0
) -> None:
    """Write the title of one of several panels above its top, ``lower`` by so many pixels."""
    figure.add_annotation(
        x=0,
        y=top,
        xref="paper",
        yref="paper",
        text=title,
        showarrow=False,
        xanchor="left",
        yanchor="bottom",
        xshift=4,
        yshift=-lower,
        font={"color": colours.muted, "size": 12},
    )
