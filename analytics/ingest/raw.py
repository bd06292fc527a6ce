"""What a file offers before anything is believed: headers, and cells that SQL can read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from analytics.declared.arrays import Ints

Lines = Callable[[Ints], Ints]
"""Gives the physical lines of records, by their place (0 is the first) in the staged table."""


@dataclass(frozen=True, slots=True)
class Torn:
    """A row that is no row: its physical line, and the reason."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A file's rows as a table expression with columns ``c0, c1, ...``.

    Parameters
    ----------
    relation : str
        SQL that stands after FROM.
    headers, types : tuple of str
        The source's own headers, and DuckDB's types of the columns.
    rows : int
        By the file's lines or footer, at most: blank lines and torn rows count as well.
    rounded, numeric : frozenset of str
        Headers of a workbook's columns that hold numbers of more than 15 digits, and any numbers.
    reconcile : callable
        Given the cursor that staged the rows and their number: what was torn, and how to tell the
        lines of the rest. Raises PortfolioError where rows and lines do not add up.
    """

    format: str
    relation: str
    headers: tuple[str, ...]
    types: tuple[str, ...]
    rows: int
    encoding: str | None
    delimiter: str | None
    rounded: frozenset[str] = frozenset()
    numeric: frozenset[str] = frozenset()
    reconcile: Callable[[duckdb.DuckDBPyConnection, int], Reconciled]

    def forget(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Forget the torn rows of an earlier pass over the file."""
        if self.types and self.format != "parquet":
            cursor.execute("DROP TABLE IF EXISTS torn")
            cursor.execute("DROP TABLE IF EXISTS torn_scan")


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Rows and lines that add up.

    Parameters
    ----------
    torn : tuple of Torn
        Records that could not be split into the header's columns.
    folded : tuple of int
        Places of staged records that hold whole rows between quotation marks.
    lines : callable
        Physical lines of staged records.
    folded_lines : int
        Physical lines that the folded records take up.
    blank_lines : int
        Lines without a character above the last record.
    """

    torn: tuple[Torn, ...]
    folded: Ints
    lines: Lines
    folded_lines: int = 0
    blank_lines: int = 0
