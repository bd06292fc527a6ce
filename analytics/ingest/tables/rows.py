"""A table's rows as the product's columns: read, held against the contract, accepted.

Each is a stage that is whole when it is made: :class:`Reading` is what the columns say,
:class:`Contract` knows besides whether ids repeat, and :func:`relation` is given what the looking
over found. Inner names (``why0``, ``s0``, ``valid``, ``repeated``) meet no column of the table:
the table's own are always written with its name, and users' segments have inner names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from analytics.accounts.catalogue import CatalogueColumn, Shape
from analytics.declared.columns import BY_NAME
from analytics.ingest.currency_column import REASON as OTHER_CURRENCY
from analytics.ingest.declaration import Declaration
from analytics.ingest.statuses import STATUS, Meanings
from analytics.ingest.sum_rows import REASON as SUM_ROW
from analytics.ingest.tables.columns import Read, label, read_column, read_status
from analytics.ingest.tables.currency import OwnRows
from analytics.ingest.tables.plan import TablePlan
from analytics.portfolio import segment_name

DUPLICATE = "duplicate_id"
ALWAYS_HELD = ("score", "credit_limit", "balance")
"""Columns whose cells are held against the contract in every statement."""
SHOWN = 200
"""Characters of a rejected cell that are shown."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The rows of a table as they stand, and how each product column is read from them."""

    plan: TablePlan
    source: sa.TableClause
    read: Mapping[str, Read]
    own: sa.ColumnElement[bool] | None = None
    """Whether a row is in the portfolio's currency, where the table has others; never null."""
    currency: str = ""
    """The table's column that says so."""

    @property
    def account_id(self) -> sa.ColumnElement[Any]:
        """The account's id as it is read."""
        return self.read["account_id"].value

    @property
    def padded(self) -> sa.ColumnElement[bool]:
        """Whether an id stands between blanks."""
        if self.id_shape is not Shape.TEXT:
            return sa.false()
        return sa.cast(self.source.c[self._id_source.name], sa.String()) != self.account_id

    @property
    def id_shape(self) -> Shape:
        """What the column of the ids holds: text, or whole numbers."""
        return self._id_source.shape

    @property
    def _id_source(self) -> CatalogueColumn:
        return next(one.source for one in self.plan.bound if one.name == "account_id")

    def segment(self, name: str) -> sa.ColumnElement[str]:
        """Return a segment's label: null where the cell is empty or blank."""
        return label(self.source.c[name])

    def labels(self, segments: Sequence[str]) -> list[sa.ColumnElement[str]]:
        """Return the segments by their inner names."""
        return [self.segment(n).label(segment_name(place)) for place, n in enumerate(segments)]

    def repeated_ids(self) -> sa.Subquery:
        """Return the ids that several rows have, and how many."""
        own = self.account_id
        return (
            sa.select(own.label("account_id"), sa.func.count().label("copies"))
            .select_from(self.source)
            .where(own.is_not(None))
            .group_by(own)
            .having(sa.func.count() > 1)
            .subquery("repeated")
        )


def read_table(
    plan: TablePlan, declaration: Declaration, meanings: Meanings, own: OwnRows | None = None
) -> Reading:
    """Return how a table's rows are read.

    ``meanings`` are those of the words of a status; ``own`` says which are in the portfolio's
    currency.
    """
    source = plan.table.clause()
    read = {
        one.name: read_column(BY_NAME[one.name], one.source, source.c[one.source.name], declaration)
        for one in plan.bound
    }
    if STATUS in read:
        cell = source.c[plan.source(STATUS).name]
        read[STATUS] = read_status(BY_NAME[STATUS], cell, meanings)
    if own is None:
        return Reading(plan, source, read)
    return Reading(plan, source, read, own.condition(source), own.column)


@dataclass(frozen=True, slots=True)
class Contract:
    """The rows with what breaks the contract: cells, and ids that stand in several rows."""

    reading: Reading
    duplicates: bool
    totals: tuple[str, ...] = ()
    """Ids of the rows that sum up the others and are to be left out."""
    totalled: str = "credit_limit"
    """The column by which that was seen."""

    def joined(self) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
        """Return the rows to read from, and the condition that keeps one row an id."""
        source = self.reading.source
        if not self.duplicates:
            return source, []
        twice = self.reading.repeated_ids()
        once = twice.c.account_id.is_(None)
        return source.outerjoin(twice, twice.c.account_id == self.reading.account_id), [once]

    @property
    def in_currency(self) -> list[sa.ColumnElement[bool]]:
        """The condition that keeps the rows in the portfolio's currency; none where all are."""
        return [] if self.reading.own is None else [self.reading.own]

    @property
    def single(self) -> list[sa.ColumnElement[bool]]:
        """The condition that keeps the rows that sum up no others; none where all are."""
        own = self.reading.account_id
        return [sa.or_(own.is_(None), own.not_in(self.totals))] if self.totals else []

    @property
    def own(self) -> list[sa.ColumnElement[bool]]:
        """The conditions on a row as a whole, whatever its cells hold; none is ever null."""
        return [*self.in_currency, *self.single]

    def checked(self, segments: Sequence[str]) -> sa.Subquery:
        """Return every row with its values, ``valid``, ``repeated`` and the reason by column."""
        read = self.reading.read
        source, once = self.joined()
        columns = [
            *(one.value.label(name) for name, one in read.items()),
            *(one.reason.label(f"why{place}") for place, one in enumerate(read.values())),
            *self.reading.labels(segments),
            *self._counted(),
            sa.and_(*(one.valid for one in read.values()), *once, *self.own).label("valid"),
            sa.not_(sa.and_(sa.true(), *self.in_currency)).label("foreign"),
            sa.not_(sa.and_(sa.true(), *self.single)).label("summing"),
            sa.not_(sa.and_(sa.true(), *once)).label("repeated"),
            self.reading.padded.label("padded"),
        ]
        return sa.select(*columns).select_from(source).subquery("checked")

    def _counted(self) -> Iterator[sa.ColumnElement[Any]]:
        """Yield what is counted of cells that are read otherwise than they stand."""
        yield self.reading.read["balance"].reason.label("why_balance")
        for name, one in self.reading.read.items():
            if one.rounded is not None:
                yield one.rounded.label(f"rounded_{name}")
            if one.credit is not None:
                yield one.credit.label("credits")


def relation(
    contract: Contract, segments: Sequence[str], clean: Collection[str], columns: Collection[str]
) -> sa.Subquery:
    """Return the accepted rows with the product's names and types, segments by inner names.

    Parameters
    ----------
    clean : collection of str
        Columns that rejected no row; they are held against the contract no more, but for
        ``ALWAYS_HELD``.
    columns : collection of str
        Product columns that the portfolio has: all that are read, but for those that are blank
        throughout.
    """
    read = contract.reading.read
    source, once = contract.joined()
    kept = [one.value.label(name) for name, one in read.items() if name in columns]
    held = [one.valid for name, one in read.items() if name in ALWAYS_HELD or name not in clean]
    accepted = sa.select(*kept, *contract.reading.labels(segments)).select_from(source)
    return accepted.where(*held, *once, *contract.own).subquery("accounts")


def rejected(contract: Contract) -> sa.Select[Any]:
    """Return the statement of the rows left out: id and cell as they stand, column and reason.

    One row a fault, by id; it runs in the database that holds the table, and can be streamed.
    """
    reading = contract.reading
    cells = {one.name: reading.source.c[one.source.name] for one in reading.plan.bound}

    def shown(cell: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
        return sa.func.substr(sa.cast(cell, sa.String()), 1, SHOWN, type_=sa.String())

    own = shown(cells["account_id"])

    def fault(
        column: str, reason: sa.ColumnElement[Any], cell: sa.ColumnElement[Any] | None = None
    ) -> sa.Select[Any]:
        return sa.select(
            own.label("account_id"),
            sa.literal(column, sa.String()).label("column"),
            shown(cells[column] if cell is None else cell).label("value"),
            reason.label("reason"),
        )

    parts = [
        fault(name, one.reason).select_from(reading.source).where(one.reason.is_not(None))
        for name, one in reading.read.items()
    ]
    for kept in contract.in_currency:
        why = sa.literal(OTHER_CURRENCY, sa.String())
        other = fault(reading.currency, why, reading.source.c[reading.currency])
        parts.append(other.select_from(reading.source).where(sa.not_(kept)))
    for single in contract.single:
        total = fault(contract.totalled, sa.literal(SUM_ROW, sa.String()))
        parts.append(total.select_from(reading.source).where(sa.not_(single)))
    if contract.duplicates:
        twice = reading.repeated_ids()
        again = reading.source.join(twice, twice.c.account_id == reading.account_id)
        why = sa.literal(DUPLICATE, sa.String())
        parts.append(fault("account_id", why).select_from(again))
    c = sa.union_all(*parts).subquery("rejected").c
    return sa.select(c.account_id, c.column, c.value, c.reason).order_by(
        c.account_id, c.column, c.reason
    )
