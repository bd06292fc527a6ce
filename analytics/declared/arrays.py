"""Array types, declared once."""

from __future__ import annotations

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
