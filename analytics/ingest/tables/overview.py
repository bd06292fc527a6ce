"""Looking a table over: repeated ids, segments, every row against the contract, each one scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from analytics.accounts.catalogue import Shape
from analytics.accounts.database import Database
from analytics.accounts.dialects import RowHash
from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.ingest.currency_column import REASON as OTHER_CURRENCY
from analytics.ingest.declaration import Declaration
from analytics.ingest.doubts import doubts
from analytics.ingest.marks import FLAG_WORDS, Roles, may_be_outcomes, settle_roles
from analytics.ingest.staging import MAX_LABEL, MAX_SEGMENTS
from analytics.ingest.statuses import SPELLINGS, STATUS, Meanings, sort_out
from analytics.ingest.sum_rows import COLUMNS, Amounts, is_sum_row, suspects
from analytics.ingest.sum_rows import REASON as SUM_ROW
from analytics.ingest.tables.columns import NUMBERS, status_text
from analytics.ingest.tables.plan import TablePlan
from analytics.ingest.tables.rows import DUPLICATE, Contract, Reading
from analytics.portfolio import segment_name

CUT = 1_000
"""Characters of a status' word that are fetched, far more than one has."""


def has_duplicates(database: Database, reading: Reading) -> bool:
    """Return whether any id stands in several rows: ids are counted by a hash of 64 bits."""
    ids = sa.select(reading.account_id.label("account_id")).select_from(reading.source)
    return _beyond_distinct(database, ids) > 0


def alike_but_for_case(database: Database, contract: Contract) -> int:
    """Return how many accepted ids differ from another one in upper and lower case alone."""
    if contract.reading.id_shape is not Shape.TEXT:
        return 0
    c = contract.checked(()).c
    lower, upper = sa.func.lower(c.account_id), sa.func.upper(c.account_id)
    cased = sa.case((lower != upper, lower)).label("account_id")
    return _beyond_distinct(database, sa.select(cased).where(c.valid))


def _beyond_distinct(database: Database, values: sa.Select[Any]) -> int:
    """Return how many rows there are beyond one for each value; those without one are left out."""
    ids = values.subquery("ids")
    counts: dict[str, sa.ColumnElement[Any]] = {
        "all": sa.func.count(ids.c.account_id),
        "distinct": sa.func.count(RowHash(ids.c.account_id).distinct()),
    }
    counted = sa.select(*(count.label(name) for name, count in counts.items()))
    found = database.one(counted.where(ids.c.account_id.is_not(None)))
    return int(found["all"]) - int(found["distinct"])


def find_statuses(database: Database, plan: TablePlan, declaration: Declaration) -> Meanings:
    """Return what the words of a table's status mean.

    Raises
    ------
    ChoiceNeeded, PortfolioError
        As :func:`~analytics.ingest.statuses.sort_out` does.
    """
    if STATUS not in plan.columns:
        return Meanings()
    table, source = plan.table.clause(), plan.source(STATUS)
    word = sa.func.substr(status_text(table.c[source.name]), 1, CUT, type_=sa.String())
    cells = sa.select(word.label("word")).select_from(table).where(word.is_not(None)).subquery()
    counted = sa.select(cells.c.word, sa.func.count().label("rows"))
    found = database.sums(counted.group_by(cells.c.word).limit(SPELLINGS + 1))
    words = zip(found["word"].tolist(), found["rows"].tolist(), strict=True)
    return sort_out(words, source.name, declaration)


def find_segments(
    database: Database, reading: Reading, asked: Sequence[str] | None
) -> tuple[str, ...]:
    """Return the columns to group by: those asked for, or those with few and short values."""
    able = {Shape.TEXT, Shape.INTEGER, Shape.BOOLEAN}
    names = [column.name for column in reading.plan.readable if column.shape in able]
    if asked is not None:
        lost = [name for name in asked if name not in names]
        if lost:
            raise PortfolioError(_no_segment(lost[0], names))
        return tuple(asked)
    if not names:
        return ()
    counts = []
    for place, name in enumerate(names):
        few = sa.select(reading.segment(name).label("label")).select_from(reading.source)
        few = few.where(reading.segment(name).is_not(None)).distinct().limit(MAX_SEGMENTS + 1)
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


def find_roles(
    database: Database, reading: Reading, asked: Sequence[str] | None, declaration: Declaration
) -> Roles:
    """Return what the further columns are for: segments, protected ones, and outcomes.

    Raises
    ------
    PortfolioError
        A mark cannot be, or an outcome is asked for as a segment.
    """
    groups = find_segments(database, reading, asked)
    readable = {column.name: column for column in reading.plan.readable}
    flags = _flags(database, reading, may_be_outcomes(readable, declaration))
    wrong = [name for name in asked or () if name in flags]
    if wrong:
        raise PortfolioError(
            say(
                "{column} is an outcome, seen after the day of the balances: no segment is made of "
                "it. If it was known on that day, give --mark {column}=segment.",
                column=wrong[0],
            )
        )
    others = [column.name for column in reading.plan.others]
    used = [one.source.name for one in reading.plan.bound]
    return settle_roles(groups, flags, others, used, declaration)


def _flags(database: Database, reading: Reading, names: Sequence[str]) -> frozenset[str]:
    """Return which columns hold nothing but 0, 1 and blanks, and something at all."""
    columns = [column for column in reading.plan.readable if column.name in names]
    facts: dict[str, sa.ColumnElement[Any]] = {}
    for place, column in enumerate(columns):
        cell = reading.source.c[column.name]
        text = sa.func.lower(sa.func.trim(sa.cast(cell, sa.String())))
        words = [sa.literal(word, sa.String()) for word in FLAG_WORDS]
        known: sa.ColumnElement[bool] = text != ""
        other = text.not_in(words)
        if column.shape in NUMBERS:
            number: sa.ColumnElement[float] = sa.cast(cell, sa.Double())
            known = cell.is_not(None)
            other = number.not_in([sa.literal(one, sa.Double()) for one in (0.0, 1.0)])
        facts[f"known{place}"] = _count(known)
        facts[f"other{place}"] = _count(sa.and_(known, other))
    if not facts:
        return frozenset()
    statement = sa.select(*(value.label(name) for name, value in facts.items()))
    found = database.one(statement.select_from(reading.source))
    return frozenset(
        column.name
        for place, column in enumerate(columns)
        if found[f"known{place}"] and not found[f"other{place}"]
    )


def _no_segment(lost: str, names: Sequence[str]) -> str:
    """Return what to say of a column that cannot be grouped by."""
    if not names:
        return say(
            "The table has no column {lost!r} that could be grouped by: there is none.", lost=lost
        )
    return say(
        "The table has no column {lost!r} that could be grouped by: there are {names}.",
        lost=lost,
        names=tuple(names),
    )


def overview(contract: Contract, segments: Sequence[str]) -> sa.Select[Any]:
    """Return the one statement that holds every row against the contract."""
    read = contract.reading.read
    c = contract.checked(segments).c
    hashed = RowHash(
        *(c[name] for name in read), *(c[segment_name(i)] for i in range(len(segments)))
    )
    sums: dict[str, sa.ColumnElement[Any]] = {
        "rows_read": sa.func.count(),
        "accepted": _count(c.valid),
        "limit": _sum(c.valid, c.credit_limit),
        "balance": _sum(c.valid, c.balance),
        "padded": _count(sa.and_(c.valid, c.padded)),
        "checksum": sa.func.sum(sa.case((c.valid, hashed))),
    }
    called = sa.func.coalesce(c[_why(contract, "account_id")] == SUM_ROW, sa.false())
    for name in COLUMNS:
        amount = c[name]
        sums[f"largest_{name}"] = sa.func.coalesce(sa.func.max(sa.case((c.valid, amount))), 0)
        sums[f"every_{name}"] = _sum(sa.not_(called), amount)
        sums[f"some_{name}"] = _count(sa.and_(c.valid, amount > 0))
        sums[f"some_every_{name}"] = _count(sa.and_(sa.not_(called), amount > 0))
    for name in contract.reading.plan.optional:
        sums[f"blank_{name}"] = _count(sa.and_(c.valid, c[name].is_(None)))
    for name, one in read.items():
        if one.rounded is not None:
            sums[f"rounded_{name}"] = _count(c[f"rounded_{name}"])
        if one.credit is not None:
            sums["credits"] = _count(c.credits)
    sums["below_zero"] = _count(c.why_balance == "negative")
    for name, compared in doubts(contract.reading.plan.columns).items():
        left, right, times = c[compared.column], compared.other, compared.times
        other: sa.ColumnElement[Any] = (
            c[right] if isinstance(right, str) else sa.literal(right, sa.Integer())
        )
        other = other if times == 1 else other * times
        sums[f"doubt_{name}"] = _count(left > other if compared.sign == ">" else left == other)
    if "default_probability" in contract.reading.plan.columns:
        sums["known_probabilities"] = sa.func.count(c.default_probability)
    return sa.select(*(value.label(name) for name, value in sums.items()))


def find_total(
    database: Database, contract: Contract, found: Mapping[str, Any]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids of the rows whose limit or balance is the sum of all others, and of which.

    They are judged as a file's are; rows are fetched only where the sums tell that there are any.
    """
    amounts = {
        name: Amounts(
            largest=int(found[f"largest_{name}"]),
            kept_sum=int(found[total]),
            kept=int(found[f"some_{name}"]),
            every_sum=int(found[f"every_{name}"]),
            every=int(found[f"some_every_{name}"]),
        )
        for name, total in zip(COLUMNS, ("limit", "balance"), strict=True)
    }
    c = contract.checked(()).c
    for one in suspects(amounts):
        holds = [
            c[name] == sa.literal(amount, sa.BigInteger())
            for name, amount in zip(one.columns, one.amounts, strict=True)
        ]
        rows = sa.select(c.account_id, *(c[name] for name in COLUMNS)).where(c.valid, *holds)
        held = database.sums(rows.limit(one.copies + 1))
        pairs = zip(*(held[name].tolist() for name in COLUMNS), strict=True)
        if is_sum_row(one, [tuple(map(int, pair)) for pair in pairs]):
            return tuple(str(name) for name in held["account_id"]), one.columns
    return (), ()


def _why(contract: Contract, name: str) -> str:
    """Return what the reason is called for which a column rejects a row."""
    return f"why{list(contract.reading.read).index(name)}"


def faults(contract: Contract) -> sa.Select[Any]:
    """Return the statement that counts the rows left out, by reason and by column."""
    c = contract.checked(()).c
    sums: dict[str, sa.ColumnElement[Any]] = {
        "rejected_limit": sa.func.coalesce(sa.func.sum(c.credit_limit), 0),
        f"reason_{DUPLICATE}": _count(c.repeated),
        f"reason_{OTHER_CURRENCY}": _count(c.foreign),
    }
    for place in range(len(contract.reading.read)):
        sums[f"rejected_{place}"] = _count(c[f"why{place}"].is_not(None))
    for reason in sorted(
        {reason for one in contract.reading.read.values() for reason in one.reasons}
    ):
        which = [
            c[f"why{place}"] == reason
            for place, one in enumerate(contract.reading.read.values())
            if reason in one.reasons
        ]
        which += [c.summing] if reason == SUM_ROW else []
        sums[f"reason_{reason}"] = _count(sa.or_(*which))
    statement = sa.select(*(value.label(name) for name, value in sums.items()))
    return statement.where(sa.not_(c.valid))


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _sum(condition: sa.ColumnElement[bool], value: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    whole = sa.case((condition, value), else_=0)
    return sa.func.coalesce(sa.func.sum(whole), 0)
