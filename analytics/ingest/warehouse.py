"""A portfolio that stays in the database that holds it.

Nothing is copied and nothing is written: the portfolio's relation is a subquery that reads the
table's own columns as the product's, exactly, and leaves out the rows that break the contract.
It is looked over once, at opening; what that finds stands in the load report.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from analytics.accounts.catalogue import CatalogueColumn, CatalogueTable, Shape, find_table
from analytics.accounts.database import Database
from analytics.accounts.dialects import RowHash
from analytics.declared.columns import BY_NAME, COLUMNS, MAX_TOTAL, OPTIONAL
from analytics.errors import PortfolioError
from analytics.ingest.declaration import Declaration, Duplicates
from analytics.ingest.plan import folded
from analytics.ingest.report import REASON_WORDS, Loaded, LoadReport, RejectReason, money
from analytics.ingest.staging import MAX_LABEL, MAX_SEGMENTS
from analytics.ingest.switched_off import switched_off
from analytics.ingest.warehouse_columns import Read, label, read_column
from analytics.portfolio import Portfolio, segment_name

READER_VERSION = "headroom-warehouse-1"
"""Changes whenever the same rows may be read differently."""
DUPLICATE = "duplicate_id"
ALWAYS_HELD = ("score", "credit_limit", "balance")
"""Columns whose cells are held against the contract in every statement."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A product column and the table's column that it is read from."""

    name: str
    source: CatalogueColumn


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What each column of a table is for."""

    table: CatalogueTable
    bound: tuple[Bound, ...]
    others: tuple[CatalogueColumn, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the product columns that are read, in the order of the column dictionary."""
        return tuple(bound.name for bound in self.bound)

    @property
    def optional(self) -> tuple[str, ...]:
        """The same without the required ones."""
        return tuple(name for name in OPTIONAL if name in self.columns)


def load_warehouse(
    database: Database,
    table: str,
    declaration: Declaration | None = None,
    *,
    segments: Sequence[str] | None = None,
) -> Loaded:
    """Return the portfolio in a table or view, and the report on how it is read.

    Few statements run, each one scan: duplicate ids, segments, the contract, and where rows break
    it, why. The portfolio's fingerprint is a hash over the catalogue's description of its columns,
    the declaration, the counts, the exact sums and a checksum over every value of every accepted
    row, which no order of rows changes. So it changes when a cell that the product reads is
    changed, a row comes or goes, or the table is read otherwise. It guards against a table that
    moved on since a figure was computed, not against someone who forges rows to fit a checksum of
    64 bits; and two databases with the same rows have different ones.

    Every statement afterwards leaves out rows without a valid score, limit and balance, and rows
    that any column rejected at the opening would reject. Columns that rejected nothing are read
    only where a figure needs them; so a row that arrives later with a broken cell in one of those
    counts as one whose cell is unknown, until the table is opened again.

    Parameters
    ----------
    database : Database
        Opened for reading.
    table : str
        A table or view as the catalogue spells it, with its schema where needed.
    declaration : Declaration, optional
        ``mapping`` names the table's columns; a column of a product column's name needs no entry.
    segments : sequence of str, optional
        Columns to group by. Without it: text, true/false and whole-number columns of at most 50
        distinct values.

    Raises
    ------
    DatabaseError
        The database did not answer, or has no such table.
    PortfolioError
        The table cannot be used; every fault is named.
    """
    declaration = declaration or Declaration()
    _refuse_what_tables_lack(declaration)
    plan = plan_table(find_table(database, table), declaration)
    rows = _Rows(plan, declaration)
    if not _unique_ids(plan):
        rows.duplicates = _has_duplicates(database, rows)
    chosen = _segments(database, rows, segments)
    found = database.one(_overview(rows, chosen))
    if found["accepted"] != found["rows_read"]:
        found |= database.one(_faults(rows))
    reasons = _reasons(found)
    if not found["accepted"]:
        raise _unusable(database, found["rows_read"], reasons)
    rows.clean = frozenset(
        name for place, name in enumerate(rows.read) if not found.get(f"rejected_{place}")
    )
    return _loaded(database, declaration, rows, chosen, found, reasons)


# ---- What each column is for


def plan_table(table: CatalogueTable, declaration: Declaration) -> TablePlan:
    """Return what each column of a table is for, as declared or by its name.

    Raises
    ------
    PortfolioError
        A declared column is not there, a required one is missing, or a type does not fit; every
        fault is named.
    """
    declared = dict(declaration.mapping)
    by_name = {column.name: column for column in table.columns}
    by_folded: dict[str, list[CatalogueColumn]] = {}
    for column in table.columns:
        by_folded.setdefault(folded(column.name), []).append(column)
    bound, faults = [], []
    for product in COLUMNS:
        wanted = declared.get(product.name)
        like = by_folded.get(product.name, [])
        own = by_name.get(product.name) or (like[0] if len(like) == 1 else None)
        source = by_name.get(wanted) if wanted else own
        if wanted and source is None:
            faults.append(_absent(product.name, wanted, table))
        elif wanted != "" and source is not None:
            bound.append(Bound(product.name, source))
        elif product.required:
            faults.append(_lacking(product.name, table))
    faults += [fault for one in bound if (fault := _misfit(one))]
    if faults:
        raise PortfolioError(faults)
    used = {one.source.name for one in bound}
    others = tuple(
        column
        for column in table.columns
        if column.name not in used and folded(column.name) not in BY_NAME
    )
    return TablePlan(table, tuple(bound), others)


def _refuse_what_tables_lack(declaration: Declaration) -> None:
    faults = []
    if declaration.duplicates is not Duplicates.REJECT:
        faults.append(
            "A table has no first and last row: rows that share an account id are left out, all "
            "of them. Make a view that keeps the right one."
        )
    if declaration.derive_score:
        faults.append("A score is not derived in a database: make a view that has one.")
    if faults:
        raise PortfolioError(faults)


def _absent(name: str, wanted: str, table: CatalogueTable) -> str:
    listed = ", ".join(column.name for column in table.columns[:12])
    more = len(table.columns) - 12
    return (
        f"--map {name}={wanted}: the table has no column of exactly this name. Its columns are "
        f"{listed}{f' and {more} more' if more > 0 else ''}. For arithmetic make a view."
    )


def _lacking(name: str, table: CatalogueTable) -> str:
    listed = ", ".join(column.name for column in table.columns[:12])
    return (
        f"The table has no column {name} ({BY_NAME[name].title.lower()}): give --map {name}=COLUMN "
        f"for the column that holds it. Its columns are {listed}."
    )


def _misfit(bound: Bound) -> str | None:
    try:
        read_column(BY_NAME[bound.name], bound.source, sa.null(), Declaration())
    except PortfolioError as error:
        return str(error)
    return None


# ---- The relation


class _Rows:
    """The table's rows read as the product's columns; says which break the contract, and why."""

    def __init__(self, plan: TablePlan, declaration: Declaration) -> None:
        self.plan = plan
        self.source = plan.table.clause()
        self.read: dict[str, Read] = {
            one.name: read_column(
                BY_NAME[one.name], one.source, self.source.c[one.source.name], declaration
            )
            for one in plan.bound
        }
        self.duplicates = False
        self.clean: frozenset[str] = frozenset()
        """Columns that rejected no row when they were looked over."""

    def segment(self, name: str) -> sa.ColumnElement[str]:
        """Return a segment's label: null where the cell is empty or blank."""
        return label(self.source.c[name])

    def joined(self) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
        """Return the rows to read from, and the condition that keeps one row an id."""
        if not self.duplicates:
            return self.source, []
        twice = self.repeated_ids()
        once = twice.c.account_id.is_(None)
        own = self.read["account_id"].value
        return self.source.outerjoin(twice, twice.c.account_id == own), [once]

    def repeated_ids(self) -> sa.Subquery:
        """Return the ids that several rows have, and how many."""
        own = self.read["account_id"].value
        return (
            sa.select(own.label("account_id"), sa.func.count().label("copies"))
            .select_from(self.source)
            .where(own.is_not(None))
            .group_by(own)
            .having(sa.func.count() > 1)
            .subquery("repeated")
        )

    def valid(self) -> list[sa.ColumnElement[bool]]:
        """Return what holds for a row that keeps the contract; never null."""
        return [
            one.valid
            for name, one in self.read.items()
            if name in ALWAYS_HELD or name not in self.clean
        ]

    def checked(self, segments: Sequence[str]) -> sa.Subquery:
        """Return every row with its values, ``valid``, ``repeated`` and the reason by column."""
        source, once = self.joined()
        columns = [
            *(one.value.label(name) for name, one in self.read.items()),
            *(one.reason.label(f"why{place}") for place, one in enumerate(self.read.values())),
            *(self.segment(name).label(f"s{place}") for place, name in enumerate(segments)),
            sa.and_(*self.valid(), *once).label("valid"),
            sa.not_(sa.and_(sa.true(), *once)).label("repeated"),
        ]
        return sa.select(*columns).select_from(source).subquery("checked")

    def relation(self, segments: Sequence[str]) -> sa.Subquery:
        """Return the accepted rows with the product's names and types."""
        source, once = self.joined()
        columns = [one.value.label(name) for name, one in self.read.items()]
        labels = [self.segment(n).label(segment_name(i)) for i, n in enumerate(segments)]
        accepted = sa.select(*columns, *labels).select_from(source)
        return accepted.where(*self.valid(), *once).subquery("accounts")


def _unique_ids(plan: TablePlan) -> bool:
    source = next(one.source.name for one in plan.bound if one.name == "account_id")
    return source in plan.table.unique


def _has_duplicates(database: Database, rows: _Rows) -> bool:
    """Return whether any id stands in several rows: ids are counted by a hash of 64 bits."""
    own = rows.read["account_id"].value
    ids = sa.select(own.label("account_id")).select_from(rows.source).subquery("ids")
    counts: dict[str, sa.ColumnElement[Any]] = {
        "all": sa.func.count(ids.c.account_id),
        "distinct": sa.func.count(RowHash(ids.c.account_id).distinct()),
    }
    counted = sa.select(*(count.label(name) for name, count in counts.items()))
    found = database.one(counted.where(ids.c.account_id.is_not(None)))
    return int(found["all"]) != int(found["distinct"])


def _segments(database: Database, rows: _Rows, asked: Sequence[str] | None) -> tuple[str, ...]:
    """Return the columns to group by: those asked for, or those with few and short values."""
    able = {Shape.TEXT, Shape.INTEGER, Shape.BOOLEAN}
    names = [column.name for column in rows.plan.others if column.shape in able]
    if asked is not None:
        lost = [name for name in asked if name not in names]
        if lost:
            raise PortfolioError(
                f"The table has no column {lost[0]!r} that could be grouped by: there "
                f"{'are ' + ', '.join(names) if names else 'is none'}."
            )
        return tuple(asked)
    if not names:
        return ()
    counts = []
    for place, name in enumerate(names):
        few = sa.select(rows.segment(name).label("label")).select_from(rows.source)
        few = few.where(rows.segment(name).is_not(None)).distinct().limit(MAX_SEGMENTS + 1)
        some = few.subquery(f"labels{place}")
        longest = sa.func.max(sa.func.char_length(some.c.label))
        counts += [
            sa.select(sa.func.count()).select_from(some).scalar_subquery().label(f"n{place}"),
            sa.select(longest).select_from(some).scalar_subquery().label(f"longest{place}"),
        ]
    found = database.one(sa.select(*counts))
    return tuple(
        name
        for place, name in enumerate(names)
        if 1 <= found[f"n{place}"] <= MAX_SEGMENTS and found[f"longest{place}"] <= MAX_LABEL
    )


# ---- Looking the rows over


def _overview(rows: _Rows, segments: Sequence[str]) -> sa.Select[Any]:
    """Return the one statement that holds every row against the contract."""
    c = rows.checked(segments).c
    hashed = RowHash(*(c[name] for name in rows.read), *(c[f"s{i}"] for i in range(len(segments))))
    sums: dict[str, sa.ColumnElement[Any]] = {
        "rows_read": sa.func.count(),
        "accepted": _count(c.valid),
        "limit": _sum(c.valid, c.credit_limit),
        "balance": _sum(c.valid, c.balance),
        "over_limit": _count(sa.and_(c.valid, c.balance > c.credit_limit)),
        "checksum": sa.func.sum(sa.case((c.valid, hashed))),
    }
    for name in rows.plan.optional:
        sums[f"blank_{name}"] = _count(sa.and_(c.valid, c[name].is_(None)))
    return sa.select(*(value.label(name) for name, value in sums.items()))


def _faults(rows: _Rows) -> sa.Select[Any]:
    """Return the statement that counts the rows left out, by reason and by column."""
    c = rows.checked(()).c
    sums: dict[str, sa.ColumnElement[Any]] = {
        "rejected_limit": sa.func.coalesce(sa.func.sum(c.credit_limit), 0),
        f"reason_{DUPLICATE}": _count(c.repeated),
    }
    for place in range(len(rows.read)):
        sums[f"rejected_{place}"] = _count(c[f"why{place}"].is_not(None))
    for reason in sorted({reason for one in rows.read.values() for reason in one.reasons}):
        which = [
            c[f"why{place}"] == reason
            for place, one in enumerate(rows.read.values())
            if reason in one.reasons
        ]
        sums[f"reason_{reason}"] = _count(sa.or_(*which))
    statement = sa.select(*(value.label(name) for name, value in sums.items()))
    return statement.where(sa.not_(c.valid))


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _sum(condition: sa.ColumnElement[bool], value: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    whole = sa.case((condition, value), else_=0)
    return sa.func.coalesce(sa.func.sum(whole), 0)


def rejected_rows(loaded: Loaded, table: str, declaration: Declaration | None = None) -> Any:
    """Return the statement of the rows left out: id as it stands, product column and reason.

    One row a fault; it runs in the portfolio's database and can be streamed.
    """
    database = loaded.portfolio.door
    rows = _Rows(
        plan_table(find_table(database, table), declaration or Declaration()),
        declaration or Declaration(),
    )
    shown = next(one.source.name for one in rows.plan.bound if one.name == "account_id")
    own = sa.cast(rows.source.c[shown], sa.String()).label("account_id")
    faults = [
        sa.select(own, sa.literal(name).label("column"), one.reason.label("reason"))
        .select_from(rows.source)
        .where(one.reason.is_not(None))
        for name, one in rows.read.items()
    ]
    twice = rows.repeated_ids()
    repeated = sa.select(
        own, sa.literal("account_id").label("column"), sa.literal(DUPLICATE).label("reason")
    ).select_from(rows.source.join(twice, twice.c.account_id == rows.read["account_id"].value))
    every = sa.union_all(*faults, repeated).subquery("rejected")
    return sa.select(every.c.account_id, every.c.column, every.c.reason)


# ---- The portfolio and the report


def _reasons(found: dict[str, Any]) -> dict[str, RejectReason]:
    counts = {
        name.removeprefix("reason_"): int(value)
        for name, value in found.items()
        if name.startswith("reason_") and value
    }
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return {name: RejectReason(count, ()) for name, count in ordered}


def _unusable(
    database: Database, rows_read: int, reasons: dict[str, RejectReason]
) -> PortfolioError:
    if not rows_read:
        return PortfolioError(f"The table in the database {database.label} has no rows.")
    listed = "; ".join(f"{one.rows:,} rows: {REASON_WORDS[name]}" for name, one in reasons.items())
    return PortfolioError(f"None of the {rows_read:,} rows can be used. {listed}.")


def _fingerprint(
    plan: TablePlan, declaration: Declaration, segments: Sequence[str], found: dict[str, Any]
) -> str:
    described = [[c.name, c.shape.value, c.type_name] for c in plan.table.columns]
    counted = {name: str(value) for name, value in found.items()}
    parts = [
        READER_VERSION,
        str(plan.table.name),
        described,
        [[one.name, one.source.name] for one in plan.bound],
        list(segments),
        declaration.canonical(),
        counted,
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8")).hexdigest()


def _loaded(
    database: Database,
    declaration: Declaration,
    rows: _Rows,
    segments: tuple[str, ...],
    found: dict[str, Any],
    reasons: dict[str, RejectReason],
) -> Loaded:
    plan = rows.plan
    rows_read, accepted = int(found["rows_read"]), int(found["accepted"])
    limit, balance = int(found["limit"]), int(found["balance"])
    if max(limit, balance) > MAX_TOTAL:
        raise PortfolioError(
            "The limits or balances add up to more than can be computed exactly: declare amounts "
            "in a larger unit."
        )
    blanks = {n: int(found[f"blank_{n}"]) for n in plan.optional if found[f"blank_{n}"]}
    portfolio = Portfolio(
        name=declaration.name or plan.table.name.name,
        as_of=declaration.as_of,
        currency=declaration.currency,
        scale=declaration.score_scale,
        fingerprint=_fingerprint(plan, declaration, segments, found),
        accounts=accepted,
        rows_read=rows_read,
        total_limit=limit,
        total_balance=balance,
        columns=plan.optional,
        blanks=tuple(blanks.items()),
        segments=segments,
        door=database,
        relation=rows.relation(segments),
    )
    over = int(found["over_limit"])
    report = LoadReport(
        name=portfolio.name,
        format="database",
        currency=portfolio.currency,
        scale=str(portfolio.scale),
        rows_read=rows_read,
        accepted=accepted,
        rejected=rows_read - accepted,
        total_limit=money(limit),
        total_balance=money(balance),
        rejected_limit=money(int(found.get("rejected_limit", 0))),
        reasons=reasons,
        encoding=None,
        delimiter=None,
        decimal=None,
        columns=plan.columns,
        sources={one.name: one.source.name for one in plan.bound},
        missing=tuple(c.name for c in COLUMNS if c.name not in plan.columns),
        switched_off=switched_off(plan.columns),
        warnings=(f"{over:,} accounts are over their limit.",) if over else (),
        blanks=blanks,
        segments=segments,
        ignored=tuple(c.name for c in plan.others if c.name not in segments),
        derived={},
        fingerprint=portfolio.fingerprint,
    )
    return Loaded(portfolio, report)
