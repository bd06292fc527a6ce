"""Counts and shares as bars, with direct labels."""

from __future__ import annotations

from analytics.declared.choices import Reason
from analytics.declared.language import say
from analytics.results.profile import Classes
from analytics.results.simulation import Group
from analytics.shown import formats, words
from analytics.shown.figures.drawing import Drawing
from analytics.shown.figures.layout import NO_NAME, layout
from analytics.shown.palette import Palette
from analytics.shown.tables import not_raised_table


def reasons_figure(group: Group, colours: Palette, *, height: int = 300) -> Drawing:
    """Return why accounts at or above the threshold are not raised, in the order of the rules."""
    table = not_raised_table(group)
    figure = Drawing(layout(colours, height))
    titles = [*table["title"], words.reason_title(Reason.RAISED)]
    counts = [*table["accounts"].tolist(), group.raised]
    limits = [*table["limit"].tolist(), group.reasons[Reason.RAISED][1]]
    shades = [colours.baseline] * len(table) + [colours.proposed]
    figure.add(
        "bar",
        y=titles,
        x=counts,
        orientation="h",
        marker={"color": shades},
        text=[
            say(
                " <b>{accounts}</b>, limit {limit}",
                accounts=formats.count(count),
                limit=formats.compact(limit),
            )
            for count, limit in zip(counts, limits, strict=True)
        ],
        textposition="outside",
        cliponaxis=False,
        hovertemplate=say("{reason}, accounts: {count}", reason="%{y}", count="%{x:,}") + NO_NAME,
    )
    figure.set(
        xaxis={"visible": False, "range": [0, max([*counts, 1]) * 1.7]},
        yaxis={"autorange": "reversed", "showgrid": False, "ticks": "", "automargin": True},
        bargap=0.35,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
    )
    return figure


def classes_figure(classes: Classes, colours: Palette, *, height: int = 300) -> Drawing:
    """Return accounts by class, with the class's share of all limit as a tick beside each bar."""
    shares = classes.accounts / max(int(classes.accounts.sum()), 1)
    of_limit = classes.limit / (classes.limit.sum() or 1.0)
    figure = Drawing(layout(colours, height))
    labels = [
        f"{label}   <b>{formats.percent(float(share), 2)}</b>"
        for label, share in zip(classes.labels, shares, strict=True)
    ]
    _add_shares(figure, classes, labels, colours)
    figure.add(
        "scatter",
        y=labels,
        x=of_limit * 100,
        mode="markers",
        marker={"symbol": "line-ns", "size": 14, "line": {"width": 2, "color": colours.proposed}},
        name=say("share of limit"),
        hovertemplate=say("{label}: {share} % of limit", label="%{y}", share="%{x:.1f}") + NO_NAME,
    )
    top = max(float(shares.max(initial=0)), float(of_limit.max(initial=0))) * 100
    figure.set(
        xaxis={"visible": False, "range": [0, (top or 1) * 1.04]},
        yaxis={"showgrid": False, "ticks": "", "automargin": True},
        bargap=0.3,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
    )
    return figure


def _add_shares(figure: Drawing, classes: Classes, labels: list[str], colours: Palette) -> None:
    accounts, limit = classes.accounts, classes.limit
    figure.add(
        "bar",
        y=labels,
        x=accounts / max(int(accounts.sum()), 1) * 100,
        orientation="h",
        marker={"color": colours.baseline},
        customdata=[
            [formats.count(int(n)), formats.compact(float(m))]
            for n, m in zip(accounts, limit, strict=True)
        ],
        hovertemplate=say(
            "{label}, accounts: {count}, limit {limit}",
            label="%{y}",
            count="%{customdata[0]}",
            limit="%{customdata[1]}",
        )
        + NO_NAME,
        name=say("share of accounts"),
    )
