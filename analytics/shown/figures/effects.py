"""What assumptions do to the average account of each score band."""

from __future__ import annotations

from analytics.declared.language import say
from analytics.results.illustration import BandEffects
from analytics.shown.figures.drawing import Drawing
from analytics.shown.figures.layout import layout
from analytics.shown.palette import Palette


def effects_figure(found: BandEffects, colours: Palette, *, height: int = 340) -> Drawing:
    """Return the relative changes of balance, EAD and default probability by score band."""
    figure = Drawing(layout(colours, height))
    lines = (
        (say("balance"), found.balance, colours.baseline, "dot"),
        (say("EAD"), found.ead, colours.proposed, "solid"),
        (say("default probability"), found.default_probability, colours.warning, "dash"),
    )
    for name, values, colour, dash in lines:
        figure.add(
            "scatter",
            x=[label.split("-")[0] for label in found.bands],
            y=values * 100,
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            name=name,
            hovertemplate="%{y:.2f} %",
        )
        figure.add_text(
            x=len(found.bands) - 1,
            y=float(values[-1] * 100) if values[-1] == values[-1] else 0.0,
            text=name,
            xanchor="left",
            xshift=8,
            font={"color": colour, "size": 12},
        )
    figure.set(
        xaxis={"title": {"text": say("score band, from")}, "showgrid": False, "type": "category"},
        yaxis={"title": {"text": say("change, %")}, "rangemode": "tozero"},
        margin={"l": 52, "r": 120, "t": 18, "b": 36},
        hovermode="x unified",
    )
    return figure
