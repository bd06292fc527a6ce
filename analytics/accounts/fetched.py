"""What a statement gives back, as arrays: whole numbers, doubles, flags and texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from analytics.declared.arrays import Columns, Numbers

_EXACT = 2**53
"""Whole numbers below this are exact as doubles."""
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_BULK: tuple[tuple[type[sa.types.TypeEngine[Any]], tuple[str, ...]], ...] = (
    (sa.Float, ("DOUBLE", "FLOAT", *_WHOLE)),
    (sa.Integer, (*_WHOLE, "HUGEINT")),
    (sa.Boolean, ("BOOLEAN",)),
    (sa.String, ("VARCHAR",)),
)
"""DuckDB's types that its own arrays hold exactly, by the type that a statement declares.

Sums of whole numbers (HUGEINT) come as doubles, which hold them exactly up to a size.
"""

Kinds = Sequence[sa.types.TypeEngine[Any]]


class InexactError(ArithmeticError):
    """A sum of whole numbers is larger than the driver's arrays hold exactly."""


def columns_of(result: sa.CursorResult[Any], kinds: Kinds, *, in_bulk: bool = True) -> Columns:
    """Return a result as one array a column, in bulk where the driver can give it exactly.

    int64 with 0 for null, float64 with NaN for null, bool where no flag is unknown; anything else
    as objects, None for null.

    Parameters
    ----------
    in_bulk : bool
        Whether the driver's own arrays may be taken; the cells one by one otherwise.

    Raises
    ------
    InexactError
        A sum is too large for the driver's arrays: ask again, cell by cell.
    OverflowError
        A whole number does not fit 64 bits.
    """
    names = list(result.keys())
    cursor: Any = result.cursor
    if in_bulk and _in_bulk(cursor, kinds):
        arrays = cursor.fetchnumpy()
        pairs = zip(names, kinds, arrays.values(), strict=True)
        return {name: _from_numpy(values, kind) for name, kind, values in pairs}
    rows = result.all()
    lists = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    pairs = zip(names, kinds, lists, strict=True)
    return {name: _from_cells(cells, kind) for name, kind, cells in pairs}


def _in_bulk(cursor: Any, kinds: Kinds) -> bool:
    """Return whether the driver is DuckDB's and every column of a kind that its arrays hold."""
    if not hasattr(cursor, "fetchnumpy"):
        return False
    given = [str(column[1]) for column in cursor.description]
    if len({column[0] for column in cursor.description}) < len(given):
        return False
    return all(
        any(isinstance(kind, declared) and name in names for declared, names in _BULK)
        for kind, name in zip(kinds, given, strict=True)
    )


def _from_numpy(values: Any, kind: sa.types.TypeEngine[Any]) -> Numbers:
    lacking = np.ma.getmaskarray(values) if np.ma.isMaskedArray(values) else None
    lacks = lacking is not None and bool(lacking.any())
    data = np.ma.getdata(values)
    if isinstance(kind, sa.Float):
        found = data.astype(np.float64, copy=lacks)
        return _filled(found, lacking, np.nan) if lacks else found
    if isinstance(kind, sa.Integer):
        if data.dtype == np.float64:
            there = data if lacking is None else data[~lacking]
            if there.size and float(np.abs(there).max()) >= _EXACT:
                raise InexactError
        found = data.astype(np.int64, copy=lacks)
        return _filled(found, lacking, 0) if lacks else found
    if isinstance(kind, sa.Boolean) and not lacks:
        return data.astype(np.bool_, copy=False)
    found = data.astype(object)
    return _filled(found, lacking, None) if lacks else found


def _filled(values: Numbers, lacking: Any, with_value: object) -> Numbers:
    values[lacking] = with_value
    return values


def _from_cells(cells: Sequence[Any], kind: sa.types.TypeEngine[Any]) -> Numbers:
    if isinstance(kind, sa.Float):
        return np.array([np.nan if v is None else float(v) for v in cells], dtype=np.float64)
    if isinstance(kind, sa.Integer):
        return np.array([0 if v is None else int(v) for v in cells], dtype=np.int64)
    if isinstance(kind, sa.Boolean) and None not in cells:
        return np.array(cells, dtype=np.bool_)
    return np.array(cells, dtype=object)
