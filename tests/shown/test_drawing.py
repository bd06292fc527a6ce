"""A drawing is the figure that Plotly would make of the same settings, and Plotly takes it."""

from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import plotly.io
import pytest

from analytics.shown.figures.drawing import Drawing

LAYOUT = {"height": 300, "margin": {"l": 8, "r": 12}, "showlegend": False}


def sent(figure: object) -> object:
    """Return what the browser gets of a figure."""
    return json.loads(plotly.io.to_json(figure, validate=False))


def test_what_is_drawn_is_what_plotly_makes_of_the_same_settings() -> None:
    values = np.arange(3.0)
    ours = Drawing(LAYOUT)
    ours.add("scatter", x=values, y=[1, 2, 3], marker={"color": "#123456", "size": 9})
    ours.add("bar", x=["a", "b"], y=[1.5, 2.5], text=None)
    ours.add_line(2.0, color="#000000", width=1)
    ours.add_span(0.5, 1.5, fillcolor="#ffffff", opacity=0.6, line={"width": 0}, layer="below")
    ours.add_text(x=1, y=1, yref="paper", text="here")
    ours.set(xaxis={"range": [0, 4]}, margin={"l": 40})
    theirs = go.Figure(layout=LAYOUT)
    theirs.add_scatter(x=values, y=[1, 2, 3], marker={"color": "#123456", "size": 9})
    theirs.add_bar(x=["a", "b"], y=[1.5, 2.5])
    theirs.add_vline(x=2.0, line={"color": "#000000", "width": 1})
    theirs.add_vrect(x0=0.5, x1=1.5, fillcolor="#ffffff", opacity=0.6, line_width=0, layer="below")
    theirs.add_annotation(x=1, y=1, yref="paper", text="here", showarrow=False)
    theirs.update_layout(xaxis={"range": [0, 4]}, margin={"l": 40})
    # Plotly's own figures carry its template; the product's have theirs.
    expected = sent(theirs)
    assert isinstance(expected, dict)
    expected["layout"].pop("template", None)
    assert sent(ours) == expected
    assert ours.layout.margin.to_plotly_json() == {"l": 40, "r": 12}


def test_drawing_again_does_not_change_what_was_given() -> None:
    axis = {"range": [0, 1]}
    first, second = Drawing({"xaxis": axis}), Drawing({"xaxis": axis})
    first.set(xaxis={"range": [0, 9]})
    assert sent(first) == sent(first)
    assert list(second.layout.xaxis.range) == [0, 1]
    assert axis == {"range": [0, 1]}


def test_a_setting_that_plotly_does_not_know_is_found_when_it_is_checked() -> None:
    figure = Drawing(LAYOUT)
    figure.add("scatter", x=[1], y=[1], colour="red")
    with pytest.raises(ValueError, match="colour"):
        figure.checked()
