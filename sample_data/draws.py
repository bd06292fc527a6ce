"""What the generators of both samples share: random draws, and values as Arrow columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

MONEY_TYPE = pa.decimal128(12, 2)


def logistic(value: Floats) -> Floats:
    """Return the rates of log-odds, same shape."""
    rate: Floats = 1 / (1 + np.exp(-value))
    return rate


def logit(rate: Floats) -> Floats:
    """Return the log-odds of rates, same shape."""
    return np.log(rate / (1 - rate))


def draw(rng: np.random.Generator, shares: ArrayLike, accounts: int) -> Integers:
    """Return draws of 0, 1, ... with the given shares, shape (accounts,)."""
    cumulative = np.cumsum(shares)
    return np.digitize(rng.random(accounts), cumulative[:-1] / cumulative[-1])


def pick(rng: np.random.Generator, rate: float, weight: Floats) -> Booleans:
    """Return flags, true for about ``rate`` of all accounts, chances in proportion to weight."""
    total = weight.sum()
    scale = rate * len(weight) / total if total > 0 else 0.0
    chosen: Booleans = rng.random(len(weight)) < weight * scale
    return chosen


def money_column(values: Floats) -> pa.Array:
    """Return amounts in whole cents as exact decimals; NaN becomes null."""
    return pa.array(values, from_pandas=True).cast(MONEY_TYPE)


def count_column(values: Integers) -> pa.Array:
    """Return whole numbers as int32."""
    return pa.array(values.astype(np.int32))


def label_column(codes: Integers, names: Sequence[str]) -> pa.Array:
    """Return the names that the codes 0, 1, ... stand for, as text."""
    indices = pa.array(codes.astype(np.int8))
    return pa.DictionaryArray.from_arrays(indices, list(names)).cast(pa.string())


def save_table(
    table: pa.Table, path: Path, about: Mapping[str, str], *, plain: Collection[str]
) -> None:
    """Write a Parquet file whose bytes follow from the table; columns with few repeats are plain.

    Parameters
    ----------
    about
        Written into the file as the metadata of its schema.
    plain
        Columns that a dictionary would only make larger.

    """
    encoding = dict.fromkeys(plain, "PLAIN") | {"account_id": "DELTA_BYTE_ARRAY"}
    pq.write_table(
        table.replace_schema_metadata(about),
        path,
        compression="zstd",
        compression_level=15,
        row_group_size=100_000,
        use_dictionary=[name for name in table.column_names if name not in encoding],
        column_encoding=encoding,
        store_decimal_as_integer=True,
    )
