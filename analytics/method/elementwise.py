"""The few functions that a float, an array and a SQL column do not share as operators.

Formulas are written once, with ordinary arithmetic and these; which implementation runs follows
from the arguments: SQLAlchemy expressions give SQL, everything else NumPy.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import sqlalchemy as sa
from scipy import special
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

Quantity: TypeAlias = Any
"""A float, an integer, a NumPy array or a SQLAlchemy column expression."""


def _in_sql(*arguments: Quantity) -> bool:
    return any(isinstance(argument, sa.ColumnElement) for argument in arguments)


def least(first: Quantity, second: Quantity) -> Quantity:
    """Return the smaller of two quantities, element by element. Neither may be null."""
    if _in_sql(first, second):
        return Least(first, second)
    return np.minimum(first, second)


def greatest(first: Quantity, second: Quantity) -> Quantity:
    """Return the larger of two quantities, element by element. Neither may be null."""
    if _in_sql(first, second):
        return Greatest(first, second)
    return np.maximum(first, second)


def ln(value: Quantity) -> Quantity:
    """Return the natural logarithm. The value must be above 0."""
    return sa.func.ln(value, type_=sa.Double()) if _in_sql(value) else np.log(value)


def exp(value: Quantity) -> Quantity:
    """Return e raised to the value."""
    return sa.func.exp(value, type_=sa.Double()) if _in_sql(value) else np.exp(value)


def square_root(value: Quantity) -> Quantity:
    """Return the square root. The value must not be negative."""
    return sa.func.sqrt(value, type_=sa.Double()) if _in_sql(value) else np.sqrt(value)


def where(condition: Quantity, then: Quantity, otherwise: Quantity) -> Quantity:
    """Return ``then`` where the condition holds, else ``otherwise``."""
    if _in_sql(condition, then, otherwise):
        return sa.case((condition, then), else_=otherwise)
    return np.where(condition, then, otherwise)


def compared(
    left: sa.ColumnElement[Any],
    times_left: int,
    compare: Callable[[Any, Any], sa.ColumnElement[bool]],
    right: sa.ColumnElement[Any],
    times_right: int,
) -> sa.ColumnElement[bool]:
    """Return the comparison of two products, without the factor that both sides share."""
    shared = math.gcd(times_left, times_right) or 1
    sides = ((left, times_left // shared), (right, times_right // shared))
    return compare(*(side if times == 1 else side * times for side, times in sides))


def as_double(value: Quantity) -> Quantity:
    """Return the value as a 64-bit floating point number."""
    return sa.cast(value, sa.Double()) if _in_sql(value) else np.asarray(value, dtype=np.float64)


def whole_quotient(dividend: Quantity, divisor: Quantity) -> Quantity:
    """Return the floor of the quotient of two whole numbers that are not negative, exactly."""
    if _in_sql(dividend, divisor):
        return WholeQuotient(dividend, divisor)
    return dividend // divisor


def _double(value: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    return value if isinstance(value.type, sa.Float) else sa.cast(value, sa.Double())


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


def normal_cdf(value: Quantity) -> Quantity:
    """Return the probability (0 to 1) that a standard normal variable is at most ``value``.

    In SQL it is arithmetic that every dialect has, after Cody (1969): relative accuracy 1e-12 for
    values above -8; below -37.5 it is 0.
    """
    return NormalCdf(_double(value)) if _in_sql(value) else special.ndtr(value)


def normal_quantile(probability: Quantity) -> Quantity:
    """Return the value that a standard normal variable stays below with this probability.

    Infinite at a probability of 0 or 1. In SQL it is arithmetic that every dialect has, after
    Wichura (1988): relative accuracy 1e-13, and ``BEYOND_QUANTILE`` stands for infinity.
    """
    if _in_sql(probability):
        return NormalQuantile(_double(probability))
    return special.ndtri(probability)


BEYOND_QUANTILE = 1e10
"""What the quantile of probability 1 is in SQL (and with a minus, of 0): beyond any factor."""


class NormalCdf(sa.sql.functions.FunctionElement[float]):
    """The standard normal distribution function."""

    inherit_cache = True
    name = "normal_cdf"
    type = sa.Double()


class NormalQuantile(sa.sql.functions.FunctionElement[float]):
    """The inverse of the standard normal distribution function."""

    inherit_cache = True
    name = "normal_quantile"
    type = sa.Double()


# Both are written without a branch around the argument: every piece is computed on an argument
# kept inside its range and weighted by 0 or 1. So nothing overflows or divides by zero in any
# dialect, and an engine that shares equal subexpressions computes the argument once.

_CDF_CENTRE = (
    (18154.981253343561249, 1067.6894854609703582, 161.02823106855587881,
     2.2352520354606839287, 0.065682337918207449113),
    (45507.789335026729956, 10260.932208618978205, 976.09855173777669322,
     47.20258190468824187, 1.0),
)  # fmt: skip
"""Cody's ratio for |x| below ``_CENTRE``, in x squared: numerator, denominator; constant first."""
_CDF_TAIL = (
    (9842.7148383839780218, 11602.651437647350124, 6848.1904505362823326,
     2494.5375852903726711, 597.27027639480026226, 93.506656132177855979,
     8.8831497943883759412, 0.39894151208813466764, 1.0765576773720192317e-8),
    (19685.429676859990727, 38912.003286093271411, 34900.952721145977266,
     18615.571640885098091, 6485.558298266760755, 1519.377599407554805,
     235.38790178262499861, 22.266688044328115691, 1.0),
)  # fmt: skip
"""Cody's ratio for the tail, in |x|: the part of the tail that exp(-x x / 2) leaves."""
_CENTRE = 0.67448975
_CDF_END = 37.5

_QUANTILE_CENTRE = (
    (3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427,
     13731.693765509461125, 45921.953931549871457, 67265.770927008700853,
     33430.575583588128105, 2509.0809287301226727),
    (1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
     21213.794301586595867, 39307.895800092710610, 28729.085735721942674,
     5226.4952788528545610),
)  # fmt: skip
"""Wichura's ratio (AS 241, PPND16) within 0.425 of one half, in 0.180625 - (p - 1/2) squared."""
_QUANTILE_MIDDLE = (
    (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
     3.64784832476320460504, 1.27045825245236838258, 0.241780725177450611770,
     0.0227238449892691845833, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
     0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4,
     1.05075007164441684324e-9),
)  # fmt: skip
"""The same where the square root r of minus the tail's logarithm is at most 5, in r - 1.6."""
_QUANTILE_FAR = (
    (6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
     0.296560571828504891230, 0.0265321895265761230930, 1.24266094738807843860e-3,
     2.71155556874348757815e-5, 2.01033439929228813265e-7),
    (1.0, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15),
)  # fmt: skip
"""The same further out, in r - 5."""


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], at: str) -> str:
    return "({} / {})".format(*(_polynomial(side, at) for side in coefficients))


def _polynomial(coefficients: tuple[float, ...], at: str) -> str:
    """Return Horner's scheme; exponents keep every literal a double, not a decimal."""
    *lower, text = (f"{value:.17e}" for value in coefficients)
    for value in reversed(lower):
        text = f"({value} + {at} * {text})"
    return text


def _when(condition: str) -> str:
    return f"(CASE WHEN {condition} THEN 1e0 ELSE 0e0 END)"


def _within(value: str, bound: float) -> str:
    """Return 1 or 0, and null for a null, which ``least`` and ``greatest`` would pass over."""
    size = f"abs({value})"
    return f"(CASE WHEN {size} <= {bound}e0 THEN 1e0 WHEN {size} > {bound}e0 THEN 0e0 END)"


def _cdf_text(x: str) -> str:
    inside = f"least(greatest({x}, -{_CENTRE}e0), {_CENTRE}e0)"
    outside = f"greatest(least(abs({x}), {_CDF_END}e0), {_CENTRE}e0)"
    centre = f"(0.5e0 + {inside} * {_ratio(_CDF_CENTRE, f'power({inside}, 2e0)')})"
    tail = f"(exp(-0.5e0 * power({outside}, 2e0)) * {_ratio(_CDF_TAIL, outside)})"
    above, below = _when(f"{x} > {_CENTRE}e0"), _when(f"{x} < -{_CENTRE}e0")
    ended, central = _when(f"{x} >= -{_CDF_END}e0"), _within(x, _CENTRE)
    return f"({central} * {centre} + {above} + ({below} - {above}) * {ended} * {tail})"


def _quantile_text(p: str) -> str:
    off = f"({p} - 0.5e0)"
    near = f"({off} * {_ratio(_QUANTILE_CENTRE, f'greatest(0.180625e0 - power({off}, 2e0), 0e0)')})"
    root = f"sqrt(-ln(least(greatest(least({p}, 1e0 - {p}), 1e-300), 0.5e0)))"
    middle = _ratio(_QUANTILE_MIDDLE, f"least(greatest({root} - 1.6e0, -0.2e0), 3.4e0)")
    far = _ratio(_QUANTILE_FAR, f"greatest({root} - 5e0, 0e0)")
    sign = f"(CASE WHEN {off} > 0.425e0 THEN 1e0 WHEN {off} < -0.425e0 THEN -1e0 ELSE 0e0 END)"
    is_near, is_far = _within(off, 0.425), _when(f"{root} > 5e0")
    out = f"({is_far} * {far} + (1e0 - {is_far}) * {middle})"
    end = f"(CASE WHEN {p} <= 0e0 THEN -1e0 WHEN {p} >= 1e0 THEN 1e0 ELSE 0e0 END)"
    return f"({is_near} * {near} + {sign} * {out} + {BEYOND_QUANTILE:e} * {end})"


_LONG_TEXT = 300
"""From this length on, an argument is named in a subquery rather than repeated."""


@compiles(NormalCdf)
def _normal_cdf(element: NormalCdf, compiler: SQLCompiler, **options: Any) -> str:
    return _shared(_cdf_text, compiler.process(element.clauses, **options))


@compiles(NormalQuantile)
def _normal_quantile(element: NormalQuantile, compiler: SQLCompiler, **options: Any) -> str:
    return _shared(_quantile_text, compiler.process(element.clauses, **options))


@compiles(NormalCdf, "postgresql")
def _normal_cdf_postgresql(element: NormalCdf, compiler: SQLCompiler, **options: Any) -> str:
    return _named(_cdf_text, compiler.process(element.clauses, **options), " OFFSET 0")


@compiles(NormalQuantile, "postgresql")
def _normal_quantile_postgresql(
    element: NormalQuantile, compiler: SQLCompiler, **options: Any
) -> str:
    return _named(_quantile_text, compiler.process(element.clauses, **options), " OFFSET 0")


@compiles(NormalCdf, "hive")
def _normal_cdf_hive(element: NormalCdf, compiler: SQLCompiler, **options: Any) -> str:
    return _once(_cdf_text, compiler.process(element.clauses, **options))


@compiles(NormalQuantile, "hive")
def _normal_quantile_hive(element: NormalQuantile, compiler: SQLCompiler, **options: Any) -> str:
    return _once(_quantile_text, compiler.process(element.clauses, **options))


def _once(formula: Callable[[str], str], argument: str) -> str:
    """Return a formula for Spark, which merges subqueries: the argument is that of a function."""
    return f"transform(array({argument}), argument -> {formula('argument')})[0]"


def _shared(formula: Callable[[str], str], argument: str) -> str:
    """Return a formula for an engine that computes equal subexpressions once.

    A long argument is named all the same: many copies of it take longer to plan than to run.
    """
    return formula(f"({argument})") if len(argument) < _LONG_TEXT else _named(formula, argument)


def _named(formula: Callable[[str], str], argument: str, barrier: str = "") -> str:
    """Return a formula over a one-row subquery; a barrier keeps it from being merged back."""
    row = f"(SELECT {argument} AS argument{barrier}) AS named"
    return f"(SELECT {formula('named.argument')} FROM {row})"  # noqa: S608 - text of formulas
