"""Array types, and the sum of values by place."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
"""Whole numbers: scores, counts, money in minor units."""

Floats: TypeAlias = npt.NDArray[np.float64]
"""Numbers of any size; NaN where undefined."""

Complexes: TypeAlias = npt.NDArray[np.complex128]
"""Complex numbers: transforms."""

Flags: TypeAlias = npt.NDArray[np.bool_]
"""True or false, element by element."""

Numbers: TypeAlias = npt.NDArray[Any]
"""Whole numbers or others: sums that stay whole as long as they can, cells as they come."""

Columns: TypeAlias = dict[str, npt.NDArray[Any]]
"""Columns of a table by name, all of one length."""


def summed_at(place: Ints, values: Numbers, shape: tuple[int, ...]) -> Numbers:
    """Return the values added up by place, a position in an array of the shape laid flat.

    Whole values stay whole.
    """
    size = math.prod(shape)
    if values.dtype == np.int64:
        out = np.zeros(size, dtype=np.int64)
        np.add.at(out, place, values)
    else:
        # Of no values at all, NumPy gives whole sums.
        out = np.bincount(place, weights=values, minlength=size).astype(np.float64)
    return out.reshape(shape)
