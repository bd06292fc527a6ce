"""How a database's own columns are read as the product's: exactly, or with a reason why not.

Every expression here is total: it gives null where a cell has no value, and never an error, in
whatever order a database evaluates a statement. NaN counts as the greatest number in all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from analytics.accounts.catalogue import CatalogueColumn, Shape
from analytics.accounts.dialects import Matches
from analytics.declared.columns import MAX_MONEY, MINOR_UNITS, Column, Kind
from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.ingest.cells import ID_PATTERN, MAX_COUNT, TOLERANCE
from analytics.ingest.declaration import Declaration
from analytics.portfolio import SQL_TYPES

Expression = sa.ColumnElement[Any]
DECIMALS = 2
AMOUNT = sa.Numeric(14, 2)
"""Decimals that hold any account's money."""
NUMBERS = (Shape.INTEGER, Shape.DECIMAL, Shape.DOUBLE)
TAKEN: dict[Kind, tuple[Shape, ...]] = {
    Kind.TEXT: (Shape.TEXT, Shape.INTEGER),
    Kind.SCORE: (*NUMBERS, Shape.SINGLE),
    Kind.MONEY: NUMBERS,
    Kind.RATE: (*NUMBERS, Shape.SINGLE),
    Kind.COUNT: (*NUMBERS, Shape.SINGLE),
    Kind.FLAG: (Shape.BOOLEAN, Shape.INTEGER, Shape.DECIMAL),
}
_TYPES: dict[Shape, sa.types.TypeEngine[Any]] = {
    Shape.TEXT: sa.String(),
    Shape.INTEGER: sa.BigInteger(),
    Shape.DECIMAL: sa.Numeric(),
    Shape.DOUBLE: sa.Double(),
    Shape.SINGLE: sa.Double(),
    Shape.BOOLEAN: sa.Boolean(),
}


@dataclass(frozen=True, slots=True)
class Read:
    """A column of the product, read from a table.

    Parameters
    ----------
    value : expression of the product's type, null where the cell is unknown or breaks the contract
    valid : whether the cell keeps the contract; never null
    reason : text of the reason why the cell breaks it, else null
    reasons : every reason that can be given
    """

    value: Expression
    valid: Expression
    reason: Expression
    reasons: tuple[str, ...]


def read_column(
    column: Column, source: CatalogueColumn, cell: Expression, declaration: Declaration
) -> Read:
    """Return how a table's column is read as a product column.

    Raises
    ------
    PortfolioError
        Its type cannot hold what the product column is.
    """
    if source.shape not in TAKEN[column.kind]:
        raise PortfolioError(_misfit(column, source))
    typed = sa.type_coerce(cell, _TYPES[source.shape])
    if column.kind is Kind.MONEY and source.shape is Shape.DECIMAL:
        return _decimal_money(column, typed, source.scale)
    return _READERS[column.kind](column, source.shape, typed, declaration)


def label(cell: Expression) -> Expression:
    """Return a segment's label as text, null where there is none."""
    text = sa.cast(cell, sa.String())
    return sa.case((sa.func.trim(text) != "", text))


def _misfit(column: Column, source: CatalogueColumn) -> str:
    wanted = ", ".join(say(shape.value) for shape in TAKEN[column.kind])
    sentence = say(
        "The column {header!r} holds {shape}, and {column} needs {wanted}: map another column, "
        "or make a view that casts it.",
        header=source.name,
        shape=say(source.shape.value),
        column=column.name,
        wanted=wanted,
    )
    if column.kind is Kind.MONEY and source.shape is Shape.SINGLE:
        return f"{sentence} {say('Single precision does not hold money to two decimals.')}"
    return sentence


def _read(column: Column, cell: Expression, value: Expression, faults: list[Any]) -> Read:
    """Return a column from its value and the faults (condition, reason), the last one the rest."""
    blank = sa.null() if not column.required else sa.literal("missing", sa.String())
    *named, rest = faults
    reason = sa.case(
        (cell.is_(None), blank),
        (value.is_not(None), sa.null()),
        *((condition, sa.literal(name, sa.String())) for condition, name in named),
        else_=sa.literal(rest, sa.String()),
    )
    names = tuple(name for _, name in named)
    known = value.is_not(None)
    return Read(
        value=value,
        valid=known if column.required else sa.or_(known, cell.is_(None)),
        reason=sa.type_coerce(reason, sa.String()),
        reasons=(*(("missing",) if column.required else ()), *names, rest),
    )


def _id(column: Column, shape: Shape, cell: Expression, declaration: Declaration) -> Read:
    del shape, declaration
    text = sa.func.trim(sa.cast(cell, sa.String()), type_=sa.String())
    allowed = Matches(text, sa.literal(ID_PATTERN, sa.String()))
    read = _read(
        column,
        cell,
        sa.case((allowed, text)),
        [(text == "", "missing"), "id_not_allowed"],
    )
    return Read(text, sa.func.coalesce(allowed, sa.false()), read.reason, read.reasons)


def _money(column: Column, shape: Shape, cell: Expression, declaration: Declaration) -> Read:
    del declaration
    highest = sa.literal(MAX_MONEY, sa.BigInteger())
    within = cell.between(sa.literal(0, sa.Integer()), highest)
    if shape is Shape.INTEGER:
        minor = sa.cast(cell, sa.BigInteger()) * sa.literal(MINOR_UNITS, sa.BigInteger())
        value = sa.case((within, minor))
    else:
        whole = sa.func.floor(cell * _double(MINOR_UNITS) + _double(0.5))
        rounded = sa.cast(sa.case((within, whole)), sa.BigInteger())
        back = sa.cast(rounded, sa.Double()) / _double(MINOR_UNITS)
        value = sa.case((sa.func.abs(cell - back) <= _double(TOLERANCE), rounded))
    faults = _range_faults(shape, cell, highest, "too_large")
    return _read(column, cell, value, [*faults, "too_many_decimals"])


def _decimal_money(column: Column, cell: Expression, scale: int | None) -> Read:
    """Return money from decimals. Bounds of the amounts' own type keep comparisons to 64 bits."""
    zero, highest = (sa.cast(sa.literal(end), AMOUNT) for end in (0, MAX_MONEY))
    within = cell.between(zero, highest)
    hundred = sa.cast(sa.literal(MINOR_UNITS), sa.Numeric(3, 0))
    if scale is not None and scale <= DECIMALS:
        value = sa.case((within, sa.cast(cell * hundred, sa.BigInteger())))
    else:
        amount = sa.case((within, sa.cast(cell, AMOUNT)))
        value = sa.case((amount == cell, sa.cast(amount * hundred, sa.BigInteger())))
    faults = _range_faults(Shape.DECIMAL, cell, highest, "too_large")
    return _read(column, cell, value, [*faults, "too_many_decimals"])


def _rate(column: Column, shape: Shape, cell: Expression, declaration: Declaration) -> Read:
    del declaration
    one = sa.literal(1, sa.Integer())
    within = cell.between(sa.literal(0, sa.Integer()), one)
    value = sa.case((within, sa.cast(cell, sa.Double())))
    return _read(column, cell, value, [*_special(shape, cell), "out_of_range"])


def _count(column: Column, shape: Shape, cell: Expression, declaration: Declaration) -> Read:
    del declaration
    highest = sa.literal(MAX_COUNT, sa.BigInteger())
    value = _whole(shape, cell, sa.literal(0, sa.Integer()), highest)
    faults = _range_faults(shape, cell, highest, "too_large")
    return _read(column, cell, value, [*faults, "not_whole"])


def _score(column: Column, shape: Shape, cell: Expression, declaration: Declaration) -> Read:
    scale = declaration.score_scale
    low, high = (sa.literal(end, sa.Integer()) for end in (scale.lowest, scale.highest))
    sentinels = [sa.literal(score, sa.BigInteger()) for score in declaration.sentinels]
    faults: list[Any] = [(cell == score, "sentinel_score") for score in sentinels]
    value = _whole(shape, cell, low, high)
    if sentinels:
        value = sa.case((sa.not_(sa.or_(*(cell == score for score in sentinels))), value))
    faults += _special(shape, cell)
    if shape is not Shape.INTEGER:
        faults.append((cell.between(low, high), "not_whole"))
    return _read(column, cell, value, [*faults, "off_scale"])


def _flag(column: Column, shape: Shape, cell: Expression, declaration: Declaration) -> Read:
    del declaration
    if shape is Shape.BOOLEAN:
        return _read(column, cell, cell, ["not_true_or_false"])
    one, zero = (sa.literal(number, sa.Integer()) for number in (1, 0))
    value = sa.case((cell == one, sa.true()), (cell == zero, sa.false()))
    return _read(column, cell, sa.type_coerce(value, sa.Boolean()), ["not_true_or_false"])


def _whole(shape: Shape, cell: Expression, low: Expression, high: Expression) -> Expression:
    within = cell.between(low, high)
    whole = sa.cast(cell, sa.Integer())
    if shape is Shape.INTEGER:
        return sa.case((within, whole))
    return sa.case((within, sa.case((sa.func.floor(cell) == cell, whole))))


def _range_faults(
    shape: Shape, cell: Expression, highest: Expression, above: str
) -> list[tuple[Expression, str]]:
    negative = cell < sa.literal(0, sa.Integer())
    return [*_special(shape, cell), (negative, "negative"), (cell > highest, above)]


def _special(shape: Shape, cell: Expression) -> list[tuple[Expression, str]]:
    """Return the fault of a number that is NaN or infinite: its text says so in every database."""
    if shape is Shape.INTEGER:
        return []
    text = sa.func.lower(sa.cast(cell, sa.String()))
    words = [sign + word for word in ("nan", "inf", "infinity") for sign in ("", "-")]
    return [(text.in_(words), "not_finite")]


def _double(number: float) -> Expression:
    return sa.literal(float(number), sa.Double())


_READERS: dict[Kind, Callable[[Column, Shape, Expression, Declaration], Read]] = {
    Kind.TEXT: _id,
    Kind.SCORE: _score,
    Kind.MONEY: _money,
    Kind.RATE: _rate,
    Kind.COUNT: _count,
    Kind.FLAG: _flag,
}

assert set(_READERS) == set(SQL_TYPES)  # noqa: S101 - every kind has its reader
