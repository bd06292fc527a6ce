"""The rows of a table in the portfolio's own currency, where a column says which each is in."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from analytics.accounts.catalogue import Shape
from analytics.accounts.database import Database
from analytics.declared.language import Sentence
from analytics.ingest.currency_column import MOST, in_currency, is_currency_header
from analytics.ingest.declaration import Declaration
from analytics.ingest.tables.plan import TablePlan

_SHAPES = (Shape.TEXT, Shape.INTEGER)
"""Of columns of currencies: codes, signs and names, or the numbers of ISO codes."""


@dataclass(frozen=True, slots=True)
class OwnRows:
    """Which rows are in the portfolio's currency: by a column's texts, None where all are."""

    column: str = ""
    kept: tuple[str, ...] | None = None
    said: tuple[Sentence, ...] = ()
    named: bool = False
    """Whether a column names the portfolio's currency, and no other."""

    def condition(self, source: sa.TableClause) -> sa.ColumnElement[bool] | None:
        """Return whether a row of the table is one of them, never null; None where all are."""
        if self.kept is None:
            return None
        return _text(source, self.column).in_(self.kept) if self.kept else sa.false()


def own_rows(database: Database, plan: TablePlan, declaration: Declaration) -> OwnRows:
    """Return which rows of a table are in the portfolio's currency.

    Raises
    ------
    ChoiceNeeded
        A column names several currencies, or only others than the default one, and none is
        declared.
    """
    source = plan.table.clause()
    holds_something = sa.or_(*(source.c[one.name].is_not(None) for one in plan.table.columns))
    said: tuple[Sentence, ...] = ()
    named = False
    for column in plan.readable:
        if column.shape not in _SHAPES or not is_currency_header(column.name):
            continue
        texts = sa.select(_text(source, column.name).label("text")).where(holds_something)
        rows = database.sums(texts.distinct().limit(MOST + 1))
        found = in_currency(column.name, sorted(str(one) for one in rows["text"]), declaration)
        said += found.said
        named |= found.named
        if found.kept is not None:
            return OwnRows(column.name, found.kept, said)
    return OwnRows(said=said, named=named)


def _text(source: sa.TableClause, column: str) -> sa.ColumnElement[str]:
    text = sa.func.upper(sa.func.trim(sa.cast(source.c[column], sa.String())))
    return sa.func.coalesce(text, sa.literal("", sa.String()))
