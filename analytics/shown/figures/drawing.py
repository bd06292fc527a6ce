"""A figure as the plain mappings that the browser gets: quick to make, and not checked.

Plotly's own figures check every setting as it is set, which takes most of the time of a page. The
tests have it check every figure that the product draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
from plotly.basedatatypes import BaseFigure


class Drawing(BaseFigure):  # type: ignore[misc]
    """A figure under construction: traces, shapes and annotations in the order they are added.

    The framework takes it as a figure of Plotly's. Settings are those of Plotly's reference; None
    leaves one out.

    Parameters
    ----------
    layout : mapping
        What the layout starts from.
    """

    def __init__(self, layout: Mapping[str, Any]) -> None:
        # Plotly's own start is left out: it sets up the checks.
        self._data: list[dict[str, Any]] = []
        self._layout: dict[str, Any] = _merged({}, layout)
        self._frame_objs: tuple[Any, ...] = ()

    @property
    def data(self) -> Any:
        """The traces as Plotly's own, checked."""
        return self.checked().data

    @property
    def layout(self) -> Any:
        """The layout as Plotly's own, checked."""
        return self.checked().layout

    def checked(self) -> go.Figure:
        """Return Plotly's own figure, every setting checked.

        Raises
        ------
        ValueError
            A setting that Plotly does not know, or a value that it does not take.
        """
        return go.Figure(data=self._data, layout=self._layout)

    def add(self, kind: str, **settings: Any) -> None:
        """Add a trace of a kind: scatter, bar, heatmap ..."""
        self._data.append(_merged({"type": kind}, settings))

    def add_line(self, x: float, **line: Any) -> None:
        """Add an upright line through the whole height of the first panel."""
        upright = {"x0": x, "x1": x, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain"}
        self.add_mark(type="line", line=line, **upright)

    def add_span(self, low: float, high: float, **settings: Any) -> None:
        """Add a rectangle between two values through the whole height of the first panel."""
        across = {"x0": low, "x1": high, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain"}
        self.add_mark(type="rect", **settings, **across)

    def add_mark(self, **settings: Any) -> None:
        """Add a shape."""
        self._layout.setdefault("shapes", []).append(_merged({}, settings))

    def add_text(self, **settings: Any) -> None:
        """Add a text; without an arrow to what it is beside."""
        self._layout.setdefault("annotations", []).append(_merged({"showarrow": False}, settings))

    def set(self, **settings: Any) -> None:
        """Set what the layout has, setting by setting; what is not named stays."""
        self._layout = _merged(self._layout, settings)


def _merged(settings: Mapping[str, Any], further: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with others in their place, mapping by mapping."""
    found = dict(settings)
    for name, value in further.items():
        if isinstance(value, Mapping):
            held = found.get(name)
            found[name] = _merged(held if isinstance(held, Mapping) else {}, value)
        elif value is not None:
            found[name] = value
    return found


__all__ = ["Drawing"]
