"""How limits follow risk today: one quantity below the other over the score."""

from __future__ import annotations

import numpy as np

from analytics.declared.arrays import Floats, Ints
from analytics.declared.language import say
from analytics.results.profile import Concentration, Pattern
from analytics.shown import formats
from analytics.shown.figures.drawing import Drawing
from analytics.shown.figures.layout import NO_NAME, add_panel_title, layout
from analytics.shown.palette import Palette


def pattern_figure(
    found: Pattern, currency: str, colours: Palette, *, height: int = 420
) -> Drawing:
    """Return mean limit, utilization and default rate over the score, one shared x axis."""
    panels = (
        (say("mean limit, {currency}", currency=currency), found.mean_limit, False),
        (say("utilization, %"), found.utilization * 100, False),
        (say("default rate, %, logarithmic"), found.default_rate * 100, True),
    )
    figure = Drawing(layout(colours, height))
    share, gap = 0.27, 0.095
    for index, (title, values, logarithmic) in enumerate(panels):
        top = 1 - index * (share + gap)
        number = "" if index == 0 else str(index + 1)
        _add_line(figure, found.scores, values, title, number, colours, logarithmic=logarithmic)
        settings = {
            "domain": [max(top - share, 0.0), top],
            "type": "log" if logarithmic else "linear",
            "nticks": 4,
            **({"tickformat": "~g", "dtick": 1} if logarithmic else _amounts(values)),
            "rangemode": "normal" if logarithmic else "tozero",
        }
        figure.set(**{f"yaxis{number}": settings})
        add_panel_title(figure, title, top, colours)
    figure.set(
        xaxis={"anchor": "y3", "title": {"text": say("score"), "standoff": 4}, "showgrid": False},
        hovermode="x unified",
        hoversubplots="axis",
    )
    return figure


def _amounts(values: Floats) -> dict[str, object]:
    """Return round ticks from 0 to the largest value, as amounts are written."""
    ticks = formats.round_ticks(0.0, float(np.nanmax(values, initial=0.0)))
    return {"tickvals": ticks, "ticktext": [formats.tick(tick) for tick in ticks]}


def _add_line(
    figure: Drawing,
    scores: Ints,
    values: Floats,
    title: str,
    number: str,
    colours: Palette,
    *,
    logarithmic: bool,
) -> None:
    figure.add(
        "scatter",
        x=scores,
        y=np.where(values > 0, values, np.nan) if logarithmic else values,
        mode="lines+markers",
        line={"color": colours.proposed, "width": 2},
        marker={"size": 4},
        yaxis=f"y{number}",
        customdata=[formats.significant(float(v), 3) if v > 0 else "0" for v in values],
        hovertemplate="%{customdata}",
        name=title,
    )


def concentration_figure(found: Concentration, colours: Palette, *, height: int = 300) -> Drawing:
    """Return the share of all limit that the largest lines hold, over the share of accounts."""
    figure = Drawing(layout(colours, height))
    figure.add(
        "scatter",
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        line={"color": colours.baseline, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add(
        "scatter",
        x=found.accounts_share * 100,
        y=found.limit_share * 100,
        mode="lines",
        line={"color": colours.proposed, "width": 2},
        hovertemplate=say(
            "largest {accounts} % of accounts hold {limit} % of limit",
            accounts="%{x:.1f}",
            limit="%{y:.1f}",
        )
        + NO_NAME,
    )
    figure.set(
        xaxis={"title": {"text": say("accounts, largest lines first, %")}, "range": [0, 100]},
        yaxis={"title": {"text": say("share of limit, %")}, "range": [0, 101]},
    )
    return figure
