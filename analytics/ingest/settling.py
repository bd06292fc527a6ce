"""The odd rows, read again carefully: values where there are any, rejects where there are none."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa

from analytics.accounts.quoting import identifier, quoted
from analytics.declared.columns import Kind
from analytics.ingest.cells import Rules, Spelling, careful_value, cleaned, reason, trimmed_id
from analytics.ingest.computed import UNREADABLE
from analytics.ingest.declaration import Duplicates
from analytics.ingest.plan import Bound, Plan
from analytics.ingest.raw import Reconciled
from analytics.ingest.staging import ODD, Staged, label_name

PLAIN = Spelling()


@dataclass(frozen=True, slots=True)
class Settled:
    """How many rows are rejected, and the sum of their limits as far as they can be read."""

    rejected: int
    rejected_limit: int
    trimmed_ids: int = 0
    """Accepted rows whose id stands between blanks in the file."""
    total_line: int | None = None
    """Of the one row whose limit and balance are those of all other accepted rows together."""


def settle(
    cursor: duckdb.DuckDBPyConnection,
    plan: Plan,
    rules: Rules,
    staged: Staged,
    spellings: Mapping[str, Spelling],
    reconciled: Reconciled,
    duplicates: Duplicates,
) -> Settled:
    """Move every row that breaks the contract from ``accounts`` to ``rejects``."""
    cursor.execute(
        "CREATE TABLE found (place BIGINT, line BIGINT, "
        '"column" VARCHAR, value VARCHAR, reason VARCHAR)'
    )
    if staged.odd:
        _mend(cursor, plan, rules, staged, spellings)
        _reject_without_percent(cursor, spellings)
    _reject_folded(cursor, reconciled)
    _reject_duplicates(cursor, plan, duplicates, odd=staged.odd > 0)
    settled = replace(
        _count(cursor, staged, reconciled),
        trimmed_ids=_trimmed_ids(cursor, plan) if staged.odd else 0,
        total_line=_total_line(cursor, staged, reconciled),
    )
    _write_rejects(cursor, reconciled)
    _clear(cursor, plan, staged, rejected=settled.rejected)
    return settled


def _mend(
    cursor: duckdb.DuckDBPyConnection,
    plan: Plan,
    rules: Rules,
    staged: Staged,
    spellings: Mapping[str, Spelling],
) -> None:
    """Read the odd rows into ``mended`` and note every cell that has no value."""
    texts, values = [], []
    for place, bound in enumerate(plan.bound):
        name, kind = bound.column.name, bound.column.kind
        texts += [
            f"{cleaned(f'{ODD}[{place + 1}]', rules.blank_words)} AS t{place}",
            f"{identifier(name)} AS p{place}",
        ]
        careful = (
            trimmed_id(f"cells[{place + 1}]")
            if kind is Kind.TEXT
            else careful_value(kind, f"t{place}", spellings.get(name, PLAIN), rules)
        )
        values.append(f"coalesce(p{place}, {careful}) AS {identifier(name)}")
    labelled = "".join(f", {label_name(place)}" for place in staged.segments)
    listed = ", ".join(f"t{place}" for place in range(len(plan.bound)))
    cursor.execute(
        f"CREATE TABLE mended AS SELECT place, cells, {', '.join(values)}, {listed}{labelled} FROM "
        f"(SELECT rowid AS place, {ODD} AS cells, {', '.join(texts)}{labelled} "
        f"FROM accounts WHERE len({ODD}) > 0)"
    )
    for place, bound in enumerate(plan.bound):
        _note(cursor, place, bound, spellings.get(bound.column.name, PLAIN), rules)


def _note(
    cursor: duckdb.DuckDBPyConnection, place: int, bound: Bound, spelling: Spelling, rules: Rules
) -> None:
    why = reason(bound.column.kind, f"cells[{place + 1}]", f"t{place}", spelling, rules)
    if bound.computed:
        why = f"CASE WHEN t{place} = '{UNREADABLE}' THEN 'not_computable' ELSE {why} END"
    lacking = f"{identifier(bound.column.name)} IS NULL"
    if not bound.column.required:
        lacking += f" AND t{place} IS NOT NULL"
    cursor.execute(
        f"INSERT INTO found SELECT place, NULL, {quoted(bound.column.name)}, "
        f"left(cells[{place + 1}], 200), {why} FROM mended WHERE {lacking}"
    )


def _reject_without_percent(
    cursor: duckdb.DuckDBPyConnection, spellings: Mapping[str, Spelling]
) -> None:
    """Reject plain numbers in a column of percentages: 0.5 may be one half or half a percent."""
    for name, spelling in spellings.items():
        if spelling.percent:
            cursor.execute(
                f"INSERT INTO found SELECT rowid, NULL, {quoted(name)}, CAST({identifier(name)} AS "
                f"VARCHAR), 'no_percent_sign' FROM accounts WHERE {identifier(name)} <> 0"
            )


def _reject_folded(cursor: duckdb.DuckDBPyConnection, reconciled: Reconciled) -> None:
    if not len(reconciled.folded):
        return
    places = pa.table({"place": pa.array(reconciled.folded, type=pa.int64())})
    cursor.register("folded_places", places)
    cursor.execute(
        "INSERT INTO found SELECT place, NULL, '', NULL, 'line_break' FROM folded_places"
    )
    cursor.unregister("folded_places")


def _reject_duplicates(
    cursor: duckdb.DuckDBPyConnection, plan: Plan, duplicates: Duplicates, *, odd: bool
) -> None:
    at = next(i for i, bound in enumerate(plan.bound) if bound.column.name == "account_id") + 1
    name = f"coalesce(account_id, trim({ODD}[{at}]))" if odd else "account_id"
    rows = f"(SELECT rowid AS place, {name} AS id FROM accounts)"
    total, distinct = cursor.execute(
        f"SELECT count(id), count(DISTINCT hash(id)) FROM {rows}"
    ).fetchall()[0]
    if total == distinct:
        return
    if duplicates is Duplicates.REJECT:
        twice = f"SELECT id FROM {rows} WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1"
        which = f"SELECT place, id FROM {rows} WHERE id IN ({twice})"
    else:
        order = "place" if duplicates is Duplicates.KEEP_FIRST else "place DESC"
        which = (
            f"SELECT place, id FROM {rows} WHERE id IS NOT NULL "
            "AND place NOT IN (SELECT place FROM found) "
            f"QUALIFY row_number() OVER (PARTITION BY id ORDER BY {order}) > 1"
        )
    cursor.execute(
        "INSERT INTO found SELECT place, NULL, 'account_id', left(id, 200), 'duplicate_id' "
        f"FROM ({which})"
    )


def _count(cursor: duckdb.DuckDBPyConnection, staged: Staged, reconciled: Reconciled) -> Settled:
    limit = "a.credit_limit"
    join = ""
    if staged.odd:
        limit, join = "coalesce(a.credit_limit, m.credit_limit)", "LEFT JOIN mended m USING (place)"
    rejected, total = cursor.execute(
        f"SELECT count(*), coalesce(sum({limit}), 0) "
        f"FROM (SELECT DISTINCT place FROM found) f "
        f"JOIN (SELECT rowid AS place, credit_limit FROM accounts) a USING (place) {join}"
    ).fetchall()[0]
    return Settled(int(rejected) + len(reconciled.torn), int(total))


def _trimmed_ids(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> int:
    at = next(i for i, bound in enumerate(plan.bound) if bound.column.name == "account_id") + 1
    found = cursor.execute(
        f"SELECT count(*) FROM mended WHERE account_id <> cells[{at}] "
        "AND place NOT IN (SELECT place FROM found)"
    ).fetchall()
    return int(found[0][0])


def _total_line(
    cursor: duckdb.DuckDBPyConnection, staged: Staged, reconciled: Reconciled
) -> int | None:
    """Return the line of a row that sums up all others; sums are exact, so hits are no chance."""
    columns = "place, credit_limit, balance"
    rows = f"SELECT rowid AS {columns} FROM accounts WHERE {ODD} IS NULL"
    if staged.odd:
        rows += f" UNION ALL SELECT {columns} FROM mended"
    found = cursor.execute(
        f"WITH kept AS (SELECT {columns} FROM ({rows}) "
        "WHERE place NOT IN (SELECT place FROM found)), "
        "whole AS (SELECT count(*) AS n, sum(credit_limit) AS l, sum(balance) AS b FROM kept) "
        "SELECT place FROM kept, whole WHERE n > 2 AND l > 0 AND b > 0 "
        "AND credit_limit * 2 = l AND balance * 2 = b LIMIT 2"
    ).fetchall()
    if len(found) != 1:
        return None
    return int(reconciled.lines(np.asarray([found[0][0]], dtype=np.int64))[0])


def _write_rejects(cursor: duckdb.DuckDBPyConnection, reconciled: Reconciled) -> None:
    """Give every fault the line that it stands in, and keep them in the order of the file."""
    places = cursor.execute("SELECT DISTINCT place FROM found").fetchnumpy()["place"]
    places = np.asarray(places, dtype=np.int64)
    lines = pa.table({"place": pa.array(places), "line": pa.array(reconciled.lines(places))})
    torn = pa.table(
        {
            "line": pa.array([one.line for one in reconciled.torn], type=pa.int64()),
            "reason": pa.array([one.reason for one in reconciled.torn], type=pa.string()),
        }
    )
    cursor.register("reject_lines", lines)
    cursor.register("torn_lines", torn)
    cursor.execute(
        'CREATE TABLE rejects AS SELECT l.line, "column", value, reason '
        "FROM found JOIN reject_lines l USING (place) "
        "UNION ALL SELECT line, '', NULL, reason FROM torn_lines "
        'ORDER BY line, "column", reason'
    )
    cursor.unregister("reject_lines")
    cursor.unregister("torn_lines")


def _clear(cursor: duckdb.DuckDBPyConnection, plan: Plan, staged: Staged, *, rejected: int) -> None:
    """Leave in ``accounts`` the accepted rows only, and no trace of how they were read."""
    if staged.odd:
        names = [identifier(bound.column.name) for bound in plan.bound]
        listed = ", ".join((*names, *(label_name(place) for place in staged.segments)))
        cursor.execute(
            f"CREATE TABLE added AS SELECT {listed} FROM mended "
            "WHERE place NOT IN (SELECT place FROM found) ORDER BY place"
        )
    if rejected or staged.odd:
        cursor.execute(
            f"DELETE FROM accounts WHERE {ODD} IS NOT NULL OR rowid IN (SELECT place FROM found)"
        )
    if staged.odd:
        cursor.execute(f"INSERT INTO accounts ({listed}) SELECT {listed} FROM added")
        cursor.execute("DROP TABLE added")
        cursor.execute("DROP TABLE mended")
    cursor.execute("DROP TABLE found")
    cursor.execute(f"ALTER TABLE accounts DROP COLUMN {ODD}")
