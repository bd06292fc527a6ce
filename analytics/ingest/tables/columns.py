"""How a database's own columns are read as the product's: exactly, or with a reason why not.

Every expression here is total: it gives null where a cell has no value, and never an error, in
whatever order a database evaluates a statement. NaN counts as the greatest number in all of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from analytics.accounts.catalogue import CatalogueColumn, Shape
from analytics.accounts.dialects import Matches
from analytics.declared.columns import MAX_MONEY, MINOR_UNITS, Column, Kind
from analytics.declared.language import listed, say
from analytics.errors import PortfolioError
from analytics.ingest.cells import DAMAGED_ID, ID_PATTERN, MAX_COUNT, RELATIVE, TOLERANCE
from analytics.ingest.credit_balances import COLUMN as CREDIT_COLUMN
from analytics.ingest.declaration import CreditBalances, Declaration, SumRow
from analytics.ingest.statuses import Meanings
from analytics.ingest.sum_rows import REASON as SUM_ROW
from analytics.ingest.sum_rows import WORDS as TOTAL_WORDS
from analytics.portfolio import SQL_TYPES

Expression = sa.ColumnElement[Any]
DECIMALS = 2
AMOUNT = sa.Numeric(15, 2)
"""Decimals that hold any account's money."""
NUMBERS = (Shape.INTEGER, Shape.DECIMAL, Shape.DOUBLE)
TAKEN: dict[Kind, tuple[Shape, ...]] = {
    Kind.TEXT: (Shape.TEXT, Shape.INTEGER),
    Kind.SCORE: (*NUMBERS, Shape.SINGLE),
    Kind.MONEY: NUMBERS,
    Kind.RATE: (*NUMBERS, Shape.SINGLE),
    Kind.COUNT: (*NUMBERS, Shape.SINGLE),
    Kind.FLAG: (Shape.BOOLEAN, *NUMBERS, Shape.SINGLE),
    Kind.STATUS: (Shape.TEXT, Shape.INTEGER, Shape.DECIMAL, Shape.BOOLEAN),
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
    rounded : whether the value is the cell's two decimals without the dust of a binary number
    credit : whether the cell is below zero and read as 0, as declared
    """

    value: Expression
    valid: Expression
    reason: Expression
    reasons: tuple[str, ...]
    rounded: Expression | None = None
    credit: Expression | None = None


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
        return _decimal_money(column, typed, source.scale, declaration)
    return _READERS[column.kind](column, source.shape, typed, declaration)


def status_text(cell: Expression) -> Expression:
    """Return an account's status as text, as its words are looked up and compared."""
    return sa.cast(cell, sa.String())


def read_status(column: Column, cell: Expression, meanings: Meanings) -> Read:
    """Return whether an account is closed, by the words that the table was found to hold."""
    text = status_text(cell)
    cases = [
        (text.in_(_texts(words)), value)
        for words, value in ((meanings.closed, sa.true()), (meanings.open, sa.false()))
        if words
    ]
    value = sa.case(*cases) if cases else sa.cast(sa.null(), sa.Boolean())
    if meanings.unknown:
        text = sa.case((text.not_in(_texts(meanings.unknown)), text))
    return _read(column, text, sa.type_coerce(value, sa.Boolean()), ["unknown_status"])


def _texts(words: tuple[str, ...]) -> list[Expression]:
    return [sa.literal(word, sa.String()) for word in words]


def label(cell: Expression) -> Expression:
    """Return a segment's label as text, null where there is none."""
    text = sa.cast(cell, sa.String())
    return sa.case((sa.func.trim(text) != "", text))


def _misfit(column: Column, source: CatalogueColumn) -> str:
    wanted = listed(say(shape.value) for shape in TAKEN[column.kind])
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
    del shape
    text = sa.func.trim(sa.cast(cell, sa.String()), type_=sa.String())
    total: Expression = sa.func.lower(text).in_(TOTAL_WORDS)
    damaged = Matches(text, sa.literal(DAMAGED_ID, sa.String()))
    allowed = sa.and_(
        Matches(text, sa.literal(ID_PATTERN, sa.String())),
        sa.not_(damaged),
        sa.true() if declaration.sum_row is SumRow.KEEP else sa.not_(total),
    )
    read = _read(
        column,
        cell,
        sa.case((allowed, text)),
        [
            (text == "", "missing"),
            (damaged, "id_damaged"),
            (total, SUM_ROW),
            "id_not_allowed",
        ],
    )
    return Read(text, sa.func.coalesce(allowed, sa.false()), read.reason, read.reasons)


def _money(column: Column, shape: Shape, cell: Expression, declaration: Declaration) -> Read:
    highest = sa.literal(column.highest or MAX_MONEY, sa.BigInteger())
    faults = _range_faults(shape, cell, highest, "too_large")
    if shape is Shape.INTEGER:
        within = cell.between(sa.literal(0, sa.Integer()), highest)
        minor = sa.cast(cell, sa.BigInteger()) * sa.literal(MINOR_UNITS, sa.BigInteger())
        value, dust = sa.case((within, minor)), None
    else:
        within = cell.between(_double(-TOLERANCE), highest)
        whole = sa.func.floor(cell * _double(MINOR_UNITS) + _double(0.5))
        rounded = sa.cast(sa.case((within, whole)), sa.BigInteger())
        back = sa.cast(rounded, sa.Double()) / _double(MINOR_UNITS)
        near = _double(TOLERANCE) + sa.func.abs(cell) * _double(RELATIVE)
        value = sa.case((sa.func.abs(cell - back) <= near, rounded))
        dust = sa.and_(value.is_not(None), cell != back)
    return _credited(column, cell, value, [*faults, "too_many_decimals"], declaration, dust)


def _credited(
    column: Column,
    cell: Expression,
    value: Expression,
    faults: list[Any],
    declaration: Declaration,
    rounded: Expression | None,
) -> Read:
    """Return a column of money, with credit balances read as 0 where that is declared."""
    credit = None
    if column.name == CREDIT_COLUMN and declaration.credit_balances is CreditBalances.ZERO:
        credit = sa.and_(value.is_(None), cell < sa.literal(0, sa.Integer()), _is_finite(cell))
        value = sa.case((credit, sa.literal(0, sa.BigInteger())), else_=value)
    read = _read(column, cell, value, faults)
    return dataclasses.replace(read, rounded=rounded, credit=credit)


def _is_finite(cell: Expression) -> Expression:
    return sa.not_(sa.func.lower(sa.cast(cell, sa.String())).in_(_SPECIAL))


def _decimal_money(
    column: Column, cell: Expression, scale: int | None, declaration: Declaration
) -> Read:
    """Return money from decimals. Bounds of the amounts' own type keep comparisons to 64 bits."""
    zero, highest = (sa.cast(sa.literal(end), AMOUNT) for end in (0, column.highest or MAX_MONEY))
    within = cell.between(zero, highest)
    dust: Expression | None = None
    hundred = sa.cast(sa.literal(MINOR_UNITS), sa.Numeric(3, 0))
    if scale is not None and scale <= DECIMALS:
        value = sa.case((within, sa.cast(cell * hundred, sa.BigInteger())))
    else:
        amount = sa.case((within, sa.cast(cell, AMOUNT)))
        near = sa.func.abs(cell - amount) <= sa.cast(sa.literal("0.000000001"), sa.Numeric(10, 9))
        value = sa.case((near, sa.cast(amount * hundred, sa.BigInteger())))
        dust = sa.and_(value.is_not(None), amount != cell)
    faults = [*_range_faults(Shape.DECIMAL, cell, highest, "too_large"), "too_many_decimals"]
    return _credited(column, cell, value, faults, declaration, dust)


def _rate(column: Column, shape: Shape, cell: Expression, declaration: Declaration) -> Read:
    del declaration
    one = sa.literal(1, sa.Integer())
    within = cell.between(sa.literal(0, sa.Integer()), one)
    value = sa.case((within, sa.cast(cell, sa.Double())))
    return _read(column, cell, value, [*_special(shape, cell), "out_of_range"])


def _count(column: Column, shape: Shape, cell: Expression, declaration: Declaration) -> Read:
    del declaration
    highest = sa.literal(MAX_COUNT, sa.BigInteger())
    faults = _range_faults(shape, cell, highest, "too_large")
    if column.highest is not None:
        highest = sa.literal(column.highest, sa.BigInteger())
        faults.append((cell > highest, "impossible"))
    value = _whole(shape, cell, sa.literal(0, sa.Integer()), highest)
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


def _status(column: Column, shape: Shape, cell: Expression, declaration: Declaration) -> Read:
    """Return a status before any of its words is known; see :func:`read_status`."""
    del shape, declaration
    return read_status(column, cell, Meanings())


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
    return [(sa.not_(_is_finite(cell)), "not_finite")]


_SPECIAL = tuple(sign + word for word in ("nan", "inf", "infinity") for sign in ("", "-"))


def _double(number: float) -> Expression:
    return sa.literal(float(number), sa.Double())


_READERS: dict[Kind, Callable[[Column, Shape, Expression, Declaration], Read]] = {
    Kind.TEXT: _id,
    Kind.SCORE: _score,
    Kind.MONEY: _money,
    Kind.RATE: _rate,
    Kind.COUNT: _count,
    Kind.FLAG: _flag,
    Kind.STATUS: _status,
}

assert set(_READERS) == set(SQL_TYPES)  # noqa: S101 - every kind has its reader
