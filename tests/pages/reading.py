"""What a user reads off a page's charts and tables, as numbers."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from analytics.shown import formats
from tests.pages import driver

_FACTORS = {"": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9, "%": 0.01, "pp": 0.01}
_NUMBER = re.compile(rf"([+{formats.MINUS}-]?)([\d,]*\.?\d+)\s*(k|m|bn|%|pp)?")


def chart(app: AppTest, key: str) -> dict[str, Any]:
    """Return a chart's figure, ``data`` and ``layout``, with its arrays as NumPy arrays."""
    found = [el.proto for el in app.get("plotly_chart") if el.proto.id.endswith(f"-{key}")]
    assert len(found) == 1, f"{len(found)} charts {key!r}"
    figure: dict[str, Any] = _decoded(json.loads(found[0].spec))
    return figure


def traces(app: AppTest, key: str) -> dict[str, dict[str, Any]]:
    """Return a chart's named traces by their names."""
    return {trace["name"]: trace for trace in chart(app, key)["data"] if "name" in trace}


def annotations(app: AppTest, key: str) -> list[str]:
    """Return the texts that are written into a chart."""
    return [note["text"] for note in chart(app, key)["layout"].get("annotations", [])]


def table(app: AppTest, alt: str) -> pd.DataFrame:
    """Return the table of that description, its cells as they are read."""
    found = [frame for frame in app.dataframe if frame.proto.alt == alt]
    assert len(found) == 1, f"{len(found)} tables {alt!r}"
    frame: pd.DataFrame = found[0].value
    return frame.set_index(frame.columns[0])


def said(app: AppTest) -> list[str]:
    """Return the page's texts and captions as they are read, with plain spaces."""
    return [spaced(driver.plain(box.value)) for box in (*app.main.markdown, *app.main.caption)]


def spaced(text: str) -> str:
    """Return a text with plain spaces, as Markdown shows it."""
    return text.replace(formats.THIN, " ")


def number(text: str) -> float:
    """Return the first number of a text, rates as decimals; NaN for a dash."""
    if text.strip() == formats.DASH:
        return float("nan")
    match = _NUMBER.search(spaced(text))
    assert match is not None, f"no number in {text!r}"
    sign, digits, unit = match.groups()
    size = float(digits.replace(",", "")) * _FACTORS[unit or ""]
    return -size if sign in (formats.MINUS, "-") else size


def _decoded(value: Any) -> Any:
    """Return a figure's JSON with its packed arrays unpacked."""
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "bdata" not in value:
        return {name: _decoded(item) for name, item in value.items()}
    array = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(value["dtype"]))
    shape = value.get("shape")
    return array.reshape([int(size) for size in shape.split(",")]) if shape else array
