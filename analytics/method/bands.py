"""Score bands: in which one a score lies, what holds there, and what the bands are called.

A band begins at its lower edge. Scores below the first edge belong to the first band.
"""

from __future__ import annotations

import numpy as np
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Numbers
from analytics.declared.choices import ConsentMode
from analytics.method.elementwise import Quantity, Result, stepped

Edges = tuple[int, ...]


def band_index(score: Quantity, edges: Edges) -> Result:
    """Return the index of the band of a score: a number, an array or a SQL expression."""
    return stepped(score, edges, range(len(edges)), sa.Integer)


def band_value(score: Quantity, values: tuple[float, ...], edges: Edges) -> Result:
    """Return the value of the band of a score, of which ``values`` has one for each band."""
    return stepped(score, edges, values, sa.Double)


def take_up(score: Numbers, assumptions: Assumptions) -> Numbers:
    """Return the share of raised accounts of each score that take the raise.

    Whole ones where nobody has to opt in, so that counts stay whole.
    """
    if assumptions.consent_mode is ConsentMode.AUTOMATIC:
        return np.ones(np.shape(score), dtype=np.int64)
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
