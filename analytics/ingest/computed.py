"""Columns computed from a file's headers: exact where the digits allow it, rounded half up."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

import re

import duckdb

from analytics.declared.columns import Column, Kind
from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.ingest.arithmetic import MAX_DIGITS, Arithmetic, Number
from analytics.ingest.cells import INTEGERS, Spelling, cleaned, number_text
from analytics.ingest.declaration import Declaration
from analytics.ingest.raw import Raw

UNREADABLE = "?"
"""Text of a computed cell whose operands are there but give no number."""
_NEARLY_HALF = 1e-7
"""A binary result this close below half a minor unit counts as half, as exact arithmetic would."""


def computed_cell(
    cursor: duckdb.DuckDBPyConnection,
    raw: Raw,
    column: Column,
    arithmetic: Arithmetic,
    places: dict[str, int],
    declaration: Declaration,
) -> tuple[str, str, str]:
    """Return SQL for a computed cell, its DuckDB type, and SQL for its text.

    Money is rounded half up to the minor unit. A cell with an operand that is blank or no number
    has no value; it is unknown where all operands are blank.
    """
    if column.kind in (Kind.TEXT, Kind.FLAG, Kind.STATUS):
        raise PortfolioError(
            say(
                "--map {name}={text}: {title} is not a number and cannot be computed; give a "
                "header.",
                name=column.name,
                text=arithmetic.text,
                title=column.title.lower(),
            )
        )
    spelling = Spelling(decimal=declaration.decimal or ".", grouped=bool(declaration.decimal))
    operands = {header: _operand(cursor, raw, place, spelling) for header, place in places.items()}
    number = arithmetic.compile(operands)
    cell, type_name = _result(column.kind, number)
    blank = " AND ".join(
        f"c{place} IS NULL" if raw.types[place] != "VARCHAR" else f"{cleaned(f'c{place}')} IS NULL"
        for place in places.values()
    )
    text = (
        f"CASE WHEN {cell} IS NOT NULL THEN CAST({cell} AS VARCHAR) "
        f"WHEN NOT ({blank}) THEN '{UNREADABLE}' END"
    )
    return cell, type_name, text


def _operand(cursor: duckdb.DuckDBPyConnection, raw: Raw, place: int, spelling: Spelling) -> Number:
    cell, type_name = f"c{place}", raw.types[place]
    if type_name in INTEGERS:
        return Number(f"CAST({cell} AS DECIMAL(20, 0))", 20, 0)
    shape = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", type_name)
    if shape:
        return Number(cell, int(shape[1]) - int(shape[2]), int(shape[2]))
    if type_name in ("DOUBLE", "FLOAT"):
        return Number(f"CAST({cell} AS DOUBLE)", None, None)
    if type_name != "VARCHAR":
        raise PortfolioError(
            say(
                "The column {header} holds no numbers, so nothing is computed from it.",
                header=raw.headers[place],
            )
        )
    text = number_text(cleaned(cell), spelling)
    whole, fraction = cursor.execute(
        "SELECT coalesce(max(length(regexp_extract(n, '^-?([0-9]*)', 1))), 0), "
        "coalesce(max(length(regexp_extract(n, '\\.([0-9]*)$', 1))), 0) "
        f"FROM (SELECT {text} AS n FROM {raw.relation})"
    ).fetchall()[0]
    whole = max(int(whole), 1)
    if whole + fraction > MAX_DIGITS:
        return Number(f"TRY_CAST({text} AS DOUBLE)", None, None)
    sql = f"TRY_CAST({text} AS DECIMAL({whole + fraction}, {fraction}))"
    return Number(sql, whole, int(fraction))


def _result(kind: Kind, number: Number) -> tuple[str, str]:
    if kind is Kind.RATE or (kind is not Kind.MONEY and not number.exact):
        return f"CAST({number.sql} AS DOUBLE)", "DOUBLE"
    if kind is not Kind.MONEY:
        return number.sql, f"DECIMAL({(number.whole or 0) + (number.scale or 0)}, {number.scale})"
    if number.exact:
        return f"TRY_CAST({number.sql} AS DECIMAL(18, 2))", "DECIMAL(18, 2)"
    cents = f"TRY_CAST(floor({number.sql} * 100 + {0.5 + _NEARLY_HALF}) AS BIGINT)"
    return f"({cents} * CAST(0.01 AS DECIMAL(3, 2)))", "DECIMAL(22, 2)"
