"""What a file offers, by its format; and a reader's own failure turned into a sentence."""

# Statements are built from this package's own names alone.
# ruff: noqa: S608

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

import duckdb

from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.ingest.caps import Caps
from analytics.ingest.declaration import Declaration
from analytics.ingest.delimited import read_delimited
from analytics.ingest.parquet import damaged, read_parquet
from analytics.ingest.raw import Raw
from analytics.ingest.sheet_reader import CUT, MAX_VALUE
from analytics.ingest.source import Format, Source
from analytics.ingest.text import read_text
from analytics.ingest.workbook import read_sheet

MAX_NAME = 1_000
"""Characters of a column's name."""
MAX_PADDED = 4_096
"""Bytes of a cell up to which blanks around its value are looked for."""


def open_raw(
    source: Source, declaration: Declaration, caps: Caps, cursor: duckdb.DuckDBPyConnection
) -> Raw:
    """Return a file's rows as a table expression, whatever its format; long cells are cut."""
    # Else the first rows of a few are fetched again whole, with every byte of their cells.
    cursor.execute("SET disabled_optimizers = 'late_materialization'")
    raw = _opened(source, declaration, caps, cursor)
    _check_names(raw)
    if source.format is Format.WORKBOOK:
        return raw
    cells = ", ".join(_short(place, name) for place, name in enumerate(raw.types))
    return dataclasses.replace(raw, relation=f"(SELECT {cells} FROM {raw.relation})")


def _check_names(raw: Raw) -> None:
    longest = max(map(len, raw.headers), default=0)
    if longest > MAX_NAME:
        raise PortfolioError(
            say(
                "A column's name has {length:,} characters, more than the {most:,} that are read: "
                "shorten it, or give a file whose header names the columns.",
                length=longest,
                most=MAX_NAME,
            )
        )


def _short(place: int, type_name: str) -> str:
    """Return SQL for a cell, cut where it is longer than any value; for one of a few bytes, it."""
    cell = f"c{place}"
    if type_name == "VARCHAR":
        bare = f"trim({cell})"
        return (
            f"CASE WHEN strlen({cell}) <= {MAX_VALUE} THEN {cell} "
            f"WHEN strlen({cell}) > {MAX_PADDED} THEN {_cut(cell)} "
            f"WHEN length({bare}) > {MAX_VALUE} THEN {_cut(bare)} "
            f"WHEN length({cell}) > {MAX_VALUE} THEN ' ' || {bare} ELSE {cell} END AS {cell}"
        )
    if type_name == "BLOB":
        return (
            f"CASE WHEN octet_length({cell}) > {MAX_VALUE} THEN encode('{CUT}') "
            f"ELSE {cell} END AS {cell}"
        )
    if type_name.startswith(("STRUCT", "MAP", "UNION")) or type_name.endswith("]"):
        return f"'{CUT}' AS {cell}"
    return cell


def _cut(text: str) -> str:
    return f"left({text}, {MAX_VALUE}) || '{CUT}' || hash({text})"


def _opened(
    source: Source, declaration: Declaration, caps: Caps, cursor: duckdb.DuckDBPyConnection
) -> Raw:
    if source.format is Format.PARQUET:
        return read_parquet(source, caps, cursor)
    if source.format is Format.WORKBOOK:
        sheet = read_sheet(source, declaration.sheet, caps)
        raw = read_delimited(sheet.text, dataclasses.replace(declaration, delimiter=","), caps)
        return dataclasses.replace(
            raw,
            format="xlsx",
            encoding=None,
            delimiter=None,
            numeric=frozenset(raw.headers[i] for i in sheet.numeric if i < len(raw.headers)),
            rounded=frozenset(raw.headers[i] for i in sheet.rounded if i < len(raw.headers)),
        )
    return read_delimited(read_text(source, declaration.encoding), declaration, caps)


@contextlib.contextmanager
def readable(source: Source) -> Iterator[None]:
    """Turn a reader's own failure into a sentence without cells, paths or advice of its own."""
    try:
        yield
    except (duckdb.OutOfMemoryException, MemoryError):
        raise PortfolioError(
            say(
                "The file needs more memory than there is: load it as Parquet on a larger "
                "machine, or connect the database that holds it."
            )
        ) from None
    except duckdb.InterruptException:
        raise
    except duckdb.Error:
        if source.format is Format.PARQUET:
            raise damaged() from None
        raise PortfolioError(
            say(
                "The file cannot be read as a table of text: its quotation marks or line "
                "ends are out of order. Export it again as CSV (UTF-8) or as Parquet."
            )
        ) from None
