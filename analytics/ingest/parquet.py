"""Parquet: a footer within the caps, pages that can be read, and rows with the file's own types."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

import os

import duckdb
import numpy as np

from analytics.accounts.quoting import quoted
from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.ingest.caps import Caps
from analytics.ingest.parquet_pages import pages_are_whole
from analytics.ingest.raw import Raw, Reconciled
from analytics.ingest.source import Source


def read_parquet(source: Source, caps: Caps, cursor: duckdb.DuckDBPyConnection) -> Raw:
    """Return the rows of a Parquet file.

    Raises
    ------
    PortfolioError
        The file is cut short or damaged, or its footer is beyond the caps.
    """
    path = quoted(str(source.path))
    rows, columns = _footer(source, path, caps, cursor)
    table = f"read_parquet({path})"
    described = cursor.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()
    names = ", ".join(f"c{place}" for place in range(len(columns)))

    def reconcile(_: duckdb.DuckDBPyConnection, staged: int) -> Reconciled:
        if staged != rows:
            raise PortfolioError(
                say(
                    "The file's footer says {rows:,} rows and {read:,} were read: it is damaged.",
                    rows=rows,
                    read=staged,
                )
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


def _footer(
    source: Source, path: str, caps: Caps, cursor: duckdb.DuckDBPyConnection
) -> tuple[int, tuple[str, ...]]:
    """Return the rows and column names that the footer declares, once the pages agree with it.

    DuckDB reads the footer: pyarrow ends the process over some that are damaged.
    """
    _check_footer(source, caps)
    try:
        rows = cursor.execute(
            f"SELECT num_rows, num_row_groups FROM parquet_file_metadata({path})"
        ).fetchall()
        schema = cursor.execute(f"SELECT name, num_children FROM parquet_schema({path})").fetchall()
        columns = _top_names(schema)
        if len(rows) != 1 or rows[0][0] < 0:
            raise damaged()
        _check_caps(rows[0][0], columns, caps)
        if rows[0][1] * len(schema) > caps.chunks:
            raise _too_many_groups(rows[0][1])
        chunks = cursor.execute(
            "SELECT CASE WHEN dictionary_page_offset > 0 "
            "THEN least(data_page_offset, dictionary_page_offset) ELSE data_page_offset END, "
            f"total_compressed_size FROM parquet_metadata({path})"
        ).fetchall()
        with source.path.open("rb") as file:
            whole = pages_are_whole(file, chunks, caps.page)
    except (duckdb.Error, OSError, ValueError, TypeError, IndexError):
        raise damaged() from None
    if not whole:
        raise damaged()
    return int(rows[0][0]), columns


def _check_footer(source: Source, caps: Caps) -> None:
    """Refuse a footer that would take far more memory than it has bytes, before it is parsed."""
    with source.path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - 8, 0))
        length = int.from_bytes(file.read(8)[:4], "little")
    if caps.footer < length < size:
        raise PortfolioError(
            say(
                "The Parquet file's footer has {length:,} bytes, more than the {most:,} that are "
                "read: write the file again with larger row groups and fewer columns.",
                length=length,
                most=caps.footer,
            )
        )


def _too_many_groups(groups: int) -> PortfolioError:
    return PortfolioError(
        say(
            "The Parquet file has {groups:,} row groups, more than are read: write it again with "
            "larger ones.",
            groups=groups,
        )
    )


def _top_names(schema: list[tuple[str, int | None]]) -> tuple[str, ...]:
    """Return the columns of a schema that lists each node before its children, the root first."""
    names, at = [], 1
    while at < len(schema):
        names.append(schema[at][0])
        open_nodes = 1
        while open_nodes:
            open_nodes += (schema[at][1] or 0) - 1
            at += 1
    return tuple(names)


def _check_caps(rows: int, columns: tuple[str, ...], caps: Caps) -> None:
    if len(columns) > caps.columns:
        raise PortfolioError(
            say(
                "The file has {count:,} columns, more than the {most} that are read: write "
                "only the columns that describe an account.",
                count=len(columns),
                most=caps.columns,
            )
        )
    if rows > caps.rows or rows * len(columns) > caps.cells:
        raise PortfolioError(
            say(
                "The file says that it holds {rows:,} rows, more than the {most:,} that "
                "are read: connect the database or the folder that holds it instead.",
                rows=rows,
                most=caps.rows,
            )
        )
    if rows == 0:
        raise PortfolioError(say("The file has columns and no rows: give a file with accounts."))


def damaged() -> PortfolioError:
    """Return the refusal of a file that cannot be read to its end."""
    return PortfolioError(
        say("The Parquet file is damaged or cut short: write it again, or copy it again whole.")
    )
