"""Score bands: in which one a score lies, what holds there, and what the bands are called.

A band begins at its lower edge. Scores below the first edge belong to the first band.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Numbers
from analytics.declared.choices import ConsentMode
from analytics.method.elementwise import Quantity, Result, numeric

Edges = tuple[int, ...]
_Value = TypeVar("_Value", int, float)


def band_index(score: Quantity, edges: Edges) -> Result:
    """Return the index of the band of a score: a number, an array or a SQL expression."""
    if isinstance(score, sa.ColumnElement):
        return _stepped(score, edges, [sa.literal(i, sa.Integer()) for i in range(len(edges))])
    return np.searchsorted(np.asarray(edges[1:], dtype=np.int64), numeric(score), side="right")


def band_value(score: Quantity, values: tuple[float, ...], edges: Edges) -> Result:
    """Return the value of the band of a score, of which ``values`` has one for each band."""
    if isinstance(score, sa.ColumnElement):
        return _stepped(score, edges, [sa.literal(value, sa.Double()) for value in values])
    return np.asarray(values, dtype=np.float64)[band_index(score, edges)]


def take_up(score: Numbers, assumptions: Assumptions) -> Numbers:
    """Return the share of raised accounts of each score that take the raise.

    Whole ones where nobody has to opt in, so that counts stay whole.
    """
    if assumptions.consent_mode is ConsentMode.AUTOMATIC:
        return np.ones(len(score), dtype=np.int64)
    found: Numbers = band_value(score, assumptions.take_up, assumptions.band_edges)
    return found


def band_labels(edges: Edges, lowest: int | None = None) -> tuple[str, ...]:
    """Return how score bands are called: from-to, and the last one from-plus.

    The first begins at the ``lowest`` score of the scale, where it is given and not above it.
    """
    first = edges[0]
    if lowest is not None and (len(edges) == 1 or lowest < edges[1]):
        first = lowest
    starts, ends = (first, *edges[1:]), (*(edge - 1 for edge in edges[1:]), None)
    return tuple(
        f"{start}+" if end is None else f"{start}-{end}"
        for start, end in zip(starts, ends, strict=True)
    )


def _stepped(
    score: sa.ColumnElement[int], edges: Edges, values: list[sa.ColumnElement[_Value]]
) -> sa.ColumnElement[_Value]:
    steps = list(zip(edges[1:], values[1:], strict=True))
    if not steps:
        return values[0]
    return sa.case(*((score >= edge, value) for edge, value in reversed(steps)), else_=values[0])
