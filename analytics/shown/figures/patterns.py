"""How limits follow risk today: one quantity below the other over the score."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from analytics.results.profile import Concentration, Pattern
from analytics.shown import formats
from analytics.shown.figures.layout import layout
from analytics.shown.palette import Palette


def pattern_figure(
    found: Pattern, currency: str, colours: Palette, *, height: int = 420
) -> go.Figure:
    """Return mean limit, utilization and default rate over the score, one shared x axis."""
    panels = (
        (f"mean limit, {currency}", found.mean_limit, False),
        ("utilization, %", found.utilization * 100, False),
        ("default rate, %, logarithmic", found.default_rate * 100, True),
    )
    figure = go.Figure(layout=layout(colours, height))
    share, gap = 0.27, 0.095
    for index, (title, values, logarithmic) in enumerate(panels):
        top = 1 - index * (share + gap)
        axis = "y" if index == 0 else f"y{index + 1}"
        shown = np.where(values > 0, values, np.nan) if logarithmic else values
        figure.add_scatter(
            x=found.scores,
            y=shown,
            mode="lines+markers",
            line={"color": colours.proposed, "width": 2},
            marker={"size": 4},
            yaxis=axis,
            customdata=[formats.significant(float(v), 3) if v > 0 else "0" for v in values],
            hovertemplate="%{customdata}",
            name=title,
        )
        figure.layout[f"yaxis{'' if index == 0 else index + 1}"] = {
            "domain": [max(top - share, 0.0), top],
            "type": "log" if logarithmic else "linear",
            "nticks": 4,
            "tickformat": "~g" if logarithmic else "~s",
            "dtick": 1 if logarithmic else None,
            "rangemode": "normal" if logarithmic else "tozero",
        }
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
            font={"color": colours.muted, "size": 12},
        )
    figure.update_layout(
        xaxis={"anchor": "y3", "title": {"text": "score", "standoff": 4}, "showgrid": False},
        hovermode="x unified",
        hoversubplots="axis",
    )
    return figure


def concentration_figure(found: Concentration, colours: Palette, *, height: int = 300) -> go.Figure:
    """Return the share of all limit that the largest lines hold, over the share of accounts."""
    figure = go.Figure(layout=layout(colours, height))
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        line={"color": colours.baseline, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=found.accounts_share * 100,
        y=found.limit_share * 100,
        mode="lines",
        line={"color": colours.proposed, "width": 2},
        hovertemplate="largest %{x:.1f} % of accounts hold %{y:.1f} % of limit<extra></extra>",
    )
    figure.update_layout(
        xaxis={"title": {"text": "accounts, largest lines first, %"}, "range": [0, 100]},
        yaxis={"title": {"text": "share of limit, %"}, "range": [0, 101]},
    )
    return figure
