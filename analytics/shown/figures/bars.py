"""Counts and shares as bars, with direct labels."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from analytics.method.guardrails import RAISED
from analytics.results.profile import Classes
from analytics.results.simulation import Group
from analytics.shown import formats
from analytics.shown.figures.layout import layout
from analytics.shown.palette import Palette
from analytics.shown.tables import not_raised_table


def reasons_figure(group: Group, colours: Palette, *, height: int = 300) -> go.Figure:
    """Return why accounts at or above the threshold are not raised, in the order of the rules."""
    table = not_raised_table(group)
    figure = go.Figure(layout=layout(colours, height))
    titles = [*table["title"], "Raised"]
    counts = [*table["accounts"].tolist(), group.raised]
    limits = [*table["limit"].tolist(), group.reasons[RAISED][1]]
    shades = [colours.baseline] * len(table) + [colours.proposed]
    figure.add_bar(
        y=titles,
        x=counts,
        orientation="h",
        marker={"color": shades},
        text=[
            f" <b>{formats.count(count)}</b>, limit {formats.compact(limit)}"
            for count, limit in zip(counts, limits, strict=True)
        ],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:,} accounts<extra></extra>",
    )
    figure.update_layout(
        xaxis={"visible": False, "range": [0, max([*counts, 1]) * 1.42]},
        yaxis={"autorange": "reversed", "showgrid": False, "ticks": "", "automargin": True},
        bargap=0.35,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
    )
    return figure


def classes_figure(classes: Classes, colours: Palette, *, height: int = 300) -> go.Figure:
    """Return accounts by class, with the class's share of all limit as a tick beside each bar."""
    accounts, limit = classes.accounts, classes.limit
    shares = accounts / max(int(accounts.sum()), 1)
    of_limit = limit / (limit.sum() or 1.0)
    figure = go.Figure(layout=layout(colours, height))
    labels = [
        f"{label}   <b>{formats.percent(float(share), 2)}</b>"
        for label, share in zip(classes.labels, shares, strict=True)
    ]
    figure.add_bar(
        y=labels,
        x=shares * 100,
        orientation="h",
        marker={"color": colours.baseline},
        customdata=[
            [formats.count(int(n)), formats.compact(float(m))]
            for n, m in zip(accounts, limit, strict=True)
        ],
        hovertemplate="%{y}: %{customdata[0]} accounts, limit %{customdata[1]}<extra></extra>",
        name="share of accounts",
    )
    figure.add_scatter(
        y=labels,
        x=of_limit * 100,
        mode="markers",
        marker={"symbol": "line-ns", "size": 14, "line": {"width": 2, "color": colours.proposed}},
        name="share of limit",
        hovertemplate="%{y}: %{x:.1f} % of limit<extra></extra>",
    )
    top = max(float(shares.max(initial=0)), float(of_limit.max(initial=0))) * 100
    figure.update_layout(
        xaxis={"visible": False, "range": [0, (top or 1) * 1.04]},
        yaxis={"showgrid": False, "ticks": "", "automargin": True},
        bargap=0.3,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
    )
    return figure


def columns_figure(
    labels: Sequence[int], counts: Sequence[int], colours: Palette, *, height: int = 300
) -> go.Figure:
    """Return how many accounts have each class of score, as columns over the score."""
    figure = go.Figure(layout=layout(colours, height))
    figure.add_bar(
        x=list(labels),
        y=list(counts),
        marker={"color": colours.baseline},
        hovertemplate="score %{x}: %{y:,} accounts<extra></extra>",
    )
    figure.update_layout(
        xaxis={"title": {"text": "score"}, "showgrid": False},
        yaxis={"title": {"text": "accounts"}, "tickformat": "~s"},
        bargap=0.08,
    )
    return figure
