"""The few functions that a float, an array and a SQL column do not share as operators.

Formulas are written once, with ordinary arithmetic and these; which implementation runs follows
from the arguments: SQLAlchemy expressions give SQL, everything else NumPy.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class Quantity(Protocol):
    """What formulas take: a number, a NumPy array or a SQLAlchemy column expression.

    These are the operators that all three share. Text, None and tables are none.
    """

    def __add__(self, other: Any, /) -> Any: ...
    def __radd__(self, other: Any, /) -> Any: ...
    def __sub__(self, other: Any, /) -> Any: ...
    def __rsub__(self, other: Any, /) -> Any: ...
    def __mul__(self, other: Any, /) -> Any: ...
    def __rmul__(self, other: Any, /) -> Any: ...
    def __truediv__(self, other: Any, /) -> Any: ...
    def __rtruediv__(self, other: Any, /) -> Any: ...
    def __floordiv__(self, other: Any, /) -> Any: ...
    def __neg__(self) -> Any: ...
    def __lt__(self, other: Any, /) -> Any: ...
    def __le__(self, other: Any, /) -> Any: ...
    def __gt__(self, other: Any, /) -> Any: ...
    def __ge__(self, other: Any, /) -> Any: ...


Result: TypeAlias = Any
"""What formulas give: SQL where an argument is, else an array where one is, else a number.

The caller knows which, and says so; the types of NumPy and SQLAlchemy cannot."""


def numeric(value: Quantity) -> Any:
    """Return the quantity as it is, in a type that the functions of NumPy and SQLAlchemy take."""
    return value


def _in_sql(*arguments: Quantity) -> bool:
    return any(isinstance(argument, sa.ColumnElement) for argument in arguments)


def least(first: Quantity, second: Quantity) -> Result:
    """Return the smaller of two quantities, element by element. Neither may be null."""
    if _in_sql(first, second):
        return Least(first, second)
    return np.minimum(numeric(first), numeric(second))


def greatest(first: Quantity, second: Quantity) -> Result:
    """Return the larger of two quantities, element by element. Neither may be null."""
    if _in_sql(first, second):
        return Greatest(first, second)
    return np.maximum(numeric(first), numeric(second))


def ln(value: Quantity) -> Result:
    """Return the natural logarithm. The value must be above 0."""
    return sa.func.ln(value, type_=sa.Double()) if _in_sql(value) else np.log(numeric(value))


def exp(value: Quantity) -> Result:
    """Return e raised to the value."""
    return sa.func.exp(value, type_=sa.Double()) if _in_sql(value) else np.exp(numeric(value))


def square_root(value: Quantity) -> Result:
    """Return the square root. The value must not be negative."""
    return sa.func.sqrt(value, type_=sa.Double()) if _in_sql(value) else np.sqrt(numeric(value))


def power(base: Quantity, exponent: float) -> Result:
    """Return the base, which is not negative, to the power of a positive number."""
    if _in_sql(base):
        return sa.func.power(base, sa.literal(exponent, sa.Double()), type_=sa.Double())
    return np.power(numeric(base), exponent)


def where(condition: Quantity, then: Quantity, otherwise: Quantity) -> Result:
    """Return ``then`` where the condition holds, else ``otherwise``."""
    if _in_sql(condition, then, otherwise):
        return sa.case((numeric(condition), then), else_=otherwise)
    return np.where(numeric(condition), numeric(then), numeric(otherwise))


def stepped(
    value: Quantity,
    starts: Sequence[int],
    levels: Sequence[float],
    kind: type[sa.types.TypeEngine[Any]],
) -> Result:
    """Return the level of the last of the ascending ``starts`` that a value reaches.

    A value below the first start has the first level. ``kind`` is the type of a level.
    """
    if _in_sql(value):
        first, *later = (sa.literal(level, kind()) for level in levels)
        steps = list(zip(starts[1:], later, strict=True))
        if len(set(levels)) == 1:
            return first
        reached = ((numeric(value) >= start, level) for start, level in reversed(steps))
        return sa.case(*reached, else_=first)
    known = np.asarray(levels, dtype=np.float64 if kind is sa.Double else np.int64)
    edges = np.asarray(starts[1:], dtype=np.int64)
    values = np.asarray(numeric(value))
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if high - low >= values.size or values.dtype != np.int64:
        return known[np.searchsorted(edges, values, side="right")]
    each = np.arange(low, high + 1)
    return known[np.searchsorted(edges, each, side="right")][values - low]


def compared(
    left: Quantity,
    times_left: int,
    compare: Callable[[Quantity, Quantity], Quantity],
    right: Quantity,
    times_right: int,
) -> Result:
    """Return the comparison of two products, without the factor that both sides share."""
    shared = math.gcd(times_left, times_right) or 1
    sides = ((left, times_left // shared), (right, times_right // shared))
    return compare(*(side if times == 1 else side * times for side, times in sides))


def as_double(value: Quantity) -> Result:
    """Return the value as a 64-bit floating point number."""
    return (
        sa.cast(value, sa.Double())
        if _in_sql(value)
        else np.asarray(numeric(value), dtype=np.float64)
    )


def whole_quotient(dividend: Quantity, divisor: Quantity) -> Result:
    """Return the floor of the quotient of two whole numbers that are not negative, exactly."""
    if _in_sql(dividend, divisor):
        return WholeQuotient(dividend, divisor)
    return dividend // divisor


def _type_of(*arguments: Quantity) -> sa.types.TypeEngine[Any]:
    types = [argument.type for argument in arguments if isinstance(argument, sa.ColumnElement)]
    floating = [kind for kind in types if isinstance(kind, sa.Float)]
    return floating[0] if floating else types[0]


class _Extreme(sa.sql.functions.FunctionElement[Any]):
    """The smaller or larger of two values, neither of them null."""

    inherit_cache = True
    first_wins: Callable[[Any, Any], sa.ColumnElement[bool]]

    def __init__(self, first: Quantity, second: Quantity) -> None:
        super().__init__(first, second)
        self.type = _type_of(first, second)


class Least(_Extreme):
    """The smaller of two values."""

    inherit_cache = True
    name = "least"
    first_wins = staticmethod(operator.lt)


class Greatest(_Extreme):
    """The larger of two values."""

    inherit_cache = True
    name = "greatest"
    first_wins = staticmethod(operator.gt)


@compiles(Least)
@compiles(Greatest)
def _extreme(element: _Extreme, compiler: SQLCompiler, **options: Any) -> str:
    return f"{element.name}({compiler.process(element.clauses, **options)})"


@compiles(Least, "duckdb")
@compiles(Greatest, "duckdb")
def _extreme_duckdb(element: _Extreme, compiler: SQLCompiler, **options: Any) -> str:
    """DuckDB compares with a constant three times faster in a CASE than in its function."""
    first, second = element.clauses
    if not any(isinstance(side, sa.BindParameter) for side in (first, second)):
        return _extreme(element, compiler, **options)
    choice = sa.case((element.first_wins(first, second), first), else_=second)
    return f"({compiler.process(choice, **options)})"


class WholeQuotient(sa.sql.functions.FunctionElement[int]):
    """Division of whole numbers, rounded down, in every dialect (both sides >= 0)."""

    inherit_cache = True
    name = "whole_quotient"
    type = sa.BigInteger()


def _operands(element: WholeQuotient, compiler: SQLCompiler, **options: Any) -> tuple[str, str]:
    dividend, divisor = (compiler.process(clause, **options) for clause in element.clauses)
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
