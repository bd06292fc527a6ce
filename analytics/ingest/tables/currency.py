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


@dataclass(frozen=True, slots=True)
class OwnRows:
    """The condition of the rows in the portfolio's currency, None where all are; what to say."""

    condition: sa.ColumnElement[bool] | None = None
    said: tuple[Sentence, ...] = ()


def own_rows(database: Database, plan: TablePlan, declaration: Declaration) -> OwnRows:
    """Return which rows of a table are in the portfolio's currency.

    Raises
    ------
    ChoiceNeeded
        A column names several currencies, and none is declared.
    """
    source = plan.table.clause()
    said: tuple[Sentence, ...] = ()
    for column in plan.others:
        if column.shape is not Shape.TEXT or not is_currency_header(column.name):
            continue
        text = sa.func.coalesce(
            sa.func.upper(sa.func.trim(sa.cast(source.c[column.name], sa.String()))),
            sa.literal("", sa.String()),
        )
        rows = database.sums(sa.select(text.label("text")).distinct().limit(MOST + 1))
        found = in_currency(column.name, sorted(str(one) for one in rows["text"]), declaration)
        said += found.said
        if found.kept is not None:
            kept = text.in_(found.kept) if found.kept else sa.false()
            return OwnRows(kept, said)
    return OwnRows(said=said)
