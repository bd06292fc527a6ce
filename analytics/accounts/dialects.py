"""SQL that the dialects write differently and that loading and listing accounts need.

The formulas' own differences are in :mod:`analytics.method.elementwise`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class Matches(sa.sql.functions.FunctionElement[bool]):
    """Whether the whole of a text matches a pattern (both given as expressions).

    The pattern may use only what POSIX, RE2 and Java read alike: classes, groups, counts.
    """

    inherit_cache = True
    name = "matches"
    type = sa.Boolean()


def _sides(
    element: sa.sql.functions.FunctionElement[Any], compiler: SQLCompiler, **options: Any
) -> list[str]:
    return [compiler.process(clause, **options) for clause in element.clauses]


@compiles(Matches)
@compiles(Matches, "duckdb")
def _matches(element: Matches, compiler: SQLCompiler, **options: Any) -> str:
    return "regexp_full_match({}, {})".format(*_sides(element, compiler, **options))


@compiles(Matches, "postgresql")
def _matches_postgresql(element: Matches, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = _sides(element, compiler, **options)
    return f"({text} ~ ('^(?:' || {pattern} || ')$'))"


@compiles(Matches, "hive")
def _matches_hive(element: Matches, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = _sides(element, compiler, **options)
    # Java's $ would also match before a final line break; its \\z does not.
    return f"({text} RLIKE concat('^(?:', {pattern}, ')\\\\z'))"


class RowHash(sa.sql.functions.FunctionElement[Decimal]):
    """A whole number of 64 bits from the values of a row, nulls included.

    Equal rows give equal numbers in one database; two databases give different ones.
    """

    inherit_cache = True
    name = "row_hash"
    type = sa.Numeric(38, 0)


@compiles(RowHash)
@compiles(RowHash, "duckdb")
def _row_hash(element: RowHash, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(hash({compiler.process(element.clauses, **options)}) AS HUGEINT)"


@compiles(RowHash, "postgresql")
def _row_hash_postgresql(element: RowHash, compiler: SQLCompiler, **options: Any) -> str:
    row = compiler.process(element.clauses, **options)
    return f"CAST(hash_record_extended(ROW({row}), 0) AS NUMERIC)"


@compiles(RowHash, "hive")
def _row_hash_hive(element: RowHash, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(xxhash64({compiler.process(element.clauses, **options)}) AS DECIMAL(38, 0))"


class ByteOrder(sa.sql.functions.FunctionElement[str]):
    """A text that is ordered by its UTF-8 bytes."""

    inherit_cache = True
    name = "byte_order"
    type = sa.String()


@compiles(ByteOrder)
def _byte_order(element: ByteOrder, compiler: SQLCompiler, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(ByteOrder, "postgresql")
def _byte_order_postgresql(element: ByteOrder, compiler: SQLCompiler, **options: Any) -> str:
    return f'{compiler.process(element.clauses, **options)} COLLATE "C"'
