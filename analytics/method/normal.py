"""The standard normal distribution and its inverse, on floats, arrays and SQL columns alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from scipy import special
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from analytics.method.elementwise import Quantity, Result, numeric


def normal_cdf(value: Quantity) -> Result:
    """Return the probability (0 to 1) that a standard normal variable is at most ``value``.

    In SQL it is arithmetic that every dialect has, after Cody (1969): relative accuracy 1e-12 for
    values above -8; below -37.5 it is 0.
    """
    return (
        NormalCdf(_double(value))
        if isinstance(value, sa.ColumnElement)
        else special.ndtr(numeric(value))
    )


def normal_quantile(probability: Quantity) -> Result:
    """Return the value that a standard normal variable stays below with this probability.

    Infinite at a probability of 0 or 1. In SQL it is arithmetic that every dialect has, after
    Wichura (1988): relative accuracy 1e-13, and ``BEYOND_QUANTILE`` stands for infinity.
    """
    if isinstance(probability, sa.ColumnElement):
        return NormalQuantile(_double(probability))
    return special.ndtri(numeric(probability))


def _double(value: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    return value if isinstance(value.type, sa.Float) else sa.cast(value, sa.Double())


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
