"""The few functions that a float, an array and a SQL column do not share as operators.

Formulas are written once, with ordinary arithmetic and these; which implementation runs follows
from the arguments: SQLAlchemy expressions give SQL, everything else NumPy.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

Quantity: TypeAlias = Any
"""A float, an integer, a NumPy array or a SQLAlchemy column expression."""


def _in_sql(*arguments: Quantity) -> bool:
    return any(isinstance(argument, sa.ColumnElement) for argument in arguments)


def least(first: Quantity, second: Quantity) -> Quantity:
    """Return the smaller of two quantities, element by element. Neither may be null."""
    if _in_sql(first, second):
        return sa.func.least(first, second, type_=_type_of(first, second))
    return np.minimum(first, second)


def greatest(first: Quantity, second: Quantity) -> Quantity:
    """Return the larger of two quantities, element by element. Neither may be null."""
    if _in_sql(first, second):
        return sa.func.greatest(first, second, type_=_type_of(first, second))
    return np.maximum(first, second)


def ln(value: Quantity) -> Quantity:
    """Return the natural logarithm. The value must be above 0."""
    return sa.func.ln(value, type_=sa.Double()) if _in_sql(value) else np.log(value)


def exp(value: Quantity) -> Quantity:
    """Return e raised to the value."""
    return sa.func.exp(value, type_=sa.Double()) if _in_sql(value) else np.exp(value)


def where(condition: Quantity, then: Quantity, otherwise: Quantity) -> Quantity:
    """Return ``then`` where the condition holds, else ``otherwise``."""
    if _in_sql(condition, then, otherwise):
        return sa.case((condition, then), else_=otherwise)
    return np.where(condition, then, otherwise)


def as_double(value: Quantity) -> Quantity:
    """Return the value as a 64-bit floating point number."""
    return sa.cast(value, sa.Double()) if _in_sql(value) else np.asarray(value, dtype=np.float64)


def whole_quotient(dividend: Quantity, divisor: Quantity) -> Quantity:
    """Return the floor of the quotient of two whole numbers that are not negative, exactly."""
    if _in_sql(dividend, divisor):
        return WholeQuotient(dividend, divisor)
    return dividend // divisor


def _type_of(*arguments: Quantity) -> sa.types.TypeEngine[Any]:
    types = [argument.type for argument in arguments if isinstance(argument, sa.ColumnElement)]
    floating = [kind for kind in types if isinstance(kind, sa.Float)]
    return floating[0] if floating else types[0]


class WholeQuotient(sa.sql.functions.FunctionElement[int]):
    """Division of whole numbers, rounded down, in every dialect (both sides >= 0)."""

    inherit_cache = True
    name = "whole_quotient"
    type = sa.BigInteger()


def _operands(element: WholeQuotient, compiler: SQLCompiler, **options: Any) -> tuple[str, str]:
    dividend, divisor = (
        compiler.process(clause, **options) for clause in element.clauses
    )
    return dividend, divisor


@compiles(WholeQuotient)
def _whole_quotient(element: WholeQuotient, compiler: SQLCompiler, **options: Any) -> str:
    return "(({}) / ({}))".format(*_operands(element, compiler, **options))


@compiles(WholeQuotient, "duckdb")
def _whole_quotient_duckdb(element: WholeQuotient, compiler: SQLCompiler, **options: Any) -> str:
    return "(({}) // ({}))".format(*_operands(element, compiler, **options))


@compiles(WholeQuotient, "hive")
def _whole_quotient_hive(element: WholeQuotient, compiler: SQLCompiler, **options: Any) -> str:
    return "(({}) div ({}))".format(*_operands(element, compiler, **options))


class Sha256Hex(sa.sql.functions.FunctionElement[str]):
    """The SHA-256 of a text's UTF-8 bytes as 64 lower-case hexadecimal digits."""

    inherit_cache = True
    name = "sha256_hex"
    type = sa.String()


@compiles(Sha256Hex)
@compiles(Sha256Hex, "duckdb")
def _sha256_hex(element: Sha256Hex, compiler: SQLCompiler, **options: Any) -> str:
    return f"sha256({compiler.process(element.clauses, **options)})"


@compiles(Sha256Hex, "postgresql")
def _sha256_hex_postgresql(element: Sha256Hex, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"encode(sha256(convert_to({text}, 'UTF8')), 'hex') COLLATE \"C\""


@compiles(Sha256Hex, "hive")
def _sha256_hex_hive(element: Sha256Hex, compiler: SQLCompiler, **options: Any) -> str:
    return f"sha2({compiler.process(element.clauses, **options)}, 256)"
