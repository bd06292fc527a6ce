"""The first cells of a file, to look at: a bounded number of rows."""

# Statements are built from this package's own names.
# ruff: noqa: S608

from __future__ import annotations

import duckdb

from analytics.ingest.raw import Raw

LOOK = 200
"""Rows among which cells are looked at."""
WIDTH = 60
"""Characters of a cell that are looked at."""


def samples_of(cursor: duckdb.DuckDBPyConnection, raw: Raw) -> list[list[str]]:
    """Return the cells of each header among the first rows, as text; blank ones are left out."""
    cells = ", ".join(
        f"left(CAST(c{place} AS VARCHAR), {WIDTH})" for place in range(len(raw.headers))
    )
    rows = cursor.execute(f"SELECT {cells} FROM {raw.relation} LIMIT {LOOK}").fetchall()
    columns = zip(*rows, strict=True) if rows else ([] for _ in raw.headers)
    return [[cell for cell in column if cell and cell.strip()] for column in columns]
