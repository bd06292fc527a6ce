"""Parquet: a footer within the caps, pages that can be read, and rows with the file's own types."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.errors import PortfolioError
from analytics.ingest.caps import Caps
from analytics.ingest.pages import pages_are_whole
from analytics.ingest.raw import Raw, Reconciled, quoted
from analytics.ingest.source import Source


def read_parquet(source: Source, caps: Caps, cursor: duckdb.DuckDBPyConnection) -> Raw:
    """Return the rows of a Parquet file.

    Raises
    ------
    PortfolioError
        The file is cut short or damaged, or its footer is beyond the caps.
    """
    rows, columns = _footer(source, caps)
    table = f"read_parquet({quoted(str(source.path))})"
    described = cursor.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()
    names = ", ".join(f"c{place}" for place in range(len(columns)))

    def reconcile(_: duckdb.DuckDBPyConnection, staged: int) -> Reconciled:
        if staged != rows:
            raise PortfolioError(
                f"The file's footer says {rows:,} rows and {staged:,} were read: it is damaged."
            )
        return Reconciled((), np.zeros(0, dtype=np.int64), lambda places: places + 1)

    return Raw(
        format="parquet",
        relation=f"{table} AS _({names})",
        headers=columns,
        types=tuple(str(row[1]) for row in described),
        rows=rows,
        encoding=None,
        delimiter=None,
        reconcile=reconcile,
    )


def _footer(source: Source, caps: Caps) -> tuple[int, tuple[str, ...]]:
    """Return the rows and column names that the footer declares, once the pages agree with it."""
    try:
        with source.path.open("rb") as file, pq.ParquetFile(file) as parquet:
            rows, columns = parquet.metadata.num_rows, tuple(parquet.schema_arrow.names)
            _check_caps(rows, columns, caps)
            if not pages_are_whole(file, parquet.metadata):
                raise damaged()
    except (pa.ArrowException, OSError, ValueError):
        raise damaged() from None
    return rows, columns


def _check_caps(rows: int, columns: tuple[str, ...], caps: Caps) -> None:
    if len(columns) > caps.columns:
        raise PortfolioError(
            f"The file has {len(columns):,} columns, more than the {caps.columns} that are read: "
            "write only the columns that describe an account."
        )
    if rows > caps.rows or rows * len(columns) > caps.cells:
        raise PortfolioError(
            f"The file says that it holds {rows:,} rows, more than the {caps.rows:,} that are "
            "read: connect the database or the folder that holds it instead."
        )
    if rows == 0:
        raise PortfolioError("The file has columns and no rows: give a file with accounts.")


def damaged() -> PortfolioError:
    """Return the refusal of a file that cannot be read to its end."""
    return PortfolioError(
        "The Parquet file is damaged or cut short: write it again, or copy it again whole."
    )
