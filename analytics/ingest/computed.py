"""Columns computed from a file's headers: exact where the digits allow it, rounded half up."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from analytics.declared.columns import Column, Kind
from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.ingest.arithmetic import MAX_DIGITS, Arithmetic, Number
from analytics.ingest.cells import EXPONENT, INTEGERS, Spelling, cleaned, text_of
from analytics.ingest.credit_balances import signed_amount
from analytics.ingest.declaration import Declaration
from analytics.ingest.raw import Raw

UNREADABLE = "\ue000"
"""First sign of the text of a computed cell whose operands are there but give no number.

It is nobody's letter (private use) and never shown; the operands' own cells follow it.
"""
_NEARLY_HALF = 1e-7
"""A binary result this close below half a minor unit counts as half, as exact arithmetic would."""
_PERCENT_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Computing:
    """What arithmetic is computed over: a file's cells, and how those of text are written.

    Parameters
    ----------
    spellings : mapping of int to Spelling
        By the place of the header; cells of other headers are written plainly.
    """

    raw: Raw
    declaration: Declaration
    spellings: Mapping[int, Spelling]

    def cell(
        self,
        cursor: duckdb.DuckDBPyConnection,
        column: Column,
        arithmetic: Arithmetic,
        places: Mapping[str, int],
    ) -> tuple[str, str, str]:
        """Return SQL for a computed cell, its DuckDB type, and SQL for its text.

        Money is rounded half up to the minor unit. A cell with an operand that is blank or no
        number has no value; it is unknown where all operands are blank.
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
        operands = {header: self._operand(cursor, place) for header, place in places.items()}
        cell, type_name = _result(column.kind, arithmetic.compile(operands))
        texts = [self._text(place) for place in places.values()]
        blank = " AND ".join(f"{text} IS NULL" for text in texts)
        text = (
            f"CASE WHEN {cell} IS NOT NULL THEN CAST({cell} AS VARCHAR) "
            f"WHEN NOT ({blank}) THEN '{UNREADABLE}' || concat_ws('; ', {', '.join(texts)}) END"
        )
        return cell, type_name, text

    def _text(self, place: int) -> str:
        """Return SQL for the text of an operand; NULL where it is blank or means unknown."""
        cell, type_name = f"c{place}", self.raw.types[place]
        if type_name != "VARCHAR":
            return text_of(cell, type_name)
        return cleaned(cell, self.declaration.blank_words)

    def _operand(self, cursor: duckdb.DuckDBPyConnection, place: int) -> Number:
        cell, type_name = f"c{place}", self.raw.types[place]
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
                    header=self.raw.headers[place],
                )
            )
        return self._written(cursor, place)

    def _written(self, cursor: duckdb.DuckDBPyConnection, place: int) -> Number:
        """Return an operand of text cells, as exact as their digits allow."""
        sign = self.declaration.decimal or "."
        plain = Spelling(decimal=sign, grouped=bool(self.declaration.decimal))
        spelling = self.spellings.get(place, plain)
        text = self._text(place)
        number = signed_amount(text, spelling)
        if spelling.percent:
            signed = f"contains({text}, '%') OR {number} = '0'"
            number = f"CASE WHEN {signed} THEN {number} END"
        shifted = _PERCENT_DIGITS if spelling.percent else 0
        whole, fraction, powers = self._digits(cursor, number, text)
        whole, fraction = max(whole, 1), fraction + shifted
        if powers:
            number = (
                f"CASE WHEN regexp_full_match({text}, '{EXPONENT}') THEN {text} ELSE {number} END"
            )
        if powers or whole + fraction > MAX_DIGITS:
            value = f"TRY_CAST({number} AS DOUBLE)"
            return Number(f"({value} / {10**shifted})", None, None)
        value = f"TRY_CAST({number} AS DECIMAL({whole + fraction}, {fraction}))"
        if shifted:
            value = f"CAST({value} * 0.01 AS DECIMAL({whole + fraction}, {fraction}))"
        return Number(value, whole, fraction)

    def _digits(
        self, cursor: duckdb.DuckDBPyConnection, number: str, text: str
    ) -> tuple[int, int, int]:
        """Return the most digits before and after the point, and how many cells have a power."""
        row = cursor.execute(
            "SELECT coalesce(max(length(regexp_extract(n, '^-?([0-9]*)', 1))), 0), "
            "coalesce(max(length(regexp_extract(n, '\\.([0-9]*)$', 1))), 0), "
            f"count(*) FILTER (regexp_full_match(t, '{EXPONENT}')) "
            f"FROM (SELECT {number} AS n, {text} AS t FROM {self.raw.relation})"
        ).fetchall()[0]
        return int(row[0]), int(row[1]), int(row[2])


def _result(kind: Kind, number: Number) -> tuple[str, str]:
    if kind is Kind.RATE or (kind is not Kind.MONEY and not number.exact):
        return f"CAST({number.sql} AS DOUBLE)", "DOUBLE"
    if kind is not Kind.MONEY:
        return number.sql, f"DECIMAL({(number.whole or 0) + (number.scale or 0)}, {number.scale})"
    if number.exact:
        return f"TRY_CAST({number.sql} AS DECIMAL(18, 2))", "DECIMAL(18, 2)"
    cents = f"TRY_CAST(floor({number.sql} * 100 + {0.5 + _NEARLY_HALF}) AS BIGINT)"
    return f"({cents} * CAST(0.01 AS DECIMAL(3, 2)))", "DECIMAL(22, 2)"
