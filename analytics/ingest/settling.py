"""The odd rows, read again carefully: values where there are any, rejects where there are none."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from analytics.accounts.quoting import identifier, quoted
from analytics.declared.columns import MINOR_UNITS, Kind
from analytics.declared.language import say
from analytics.ingest import subtotals, sum_rows
from analytics.ingest.cells import (
    NUMBERS,
    Rules,
    Spelling,
    careful_value,
    cleaned,
    is_dusty,
    number_text,
    reason,
    trimmed_id,
)
from analytics.ingest.computed import UNREADABLE
from analytics.ingest.credit_balances import COLUMN as CREDIT_COLUMN
from analytics.ingest.credit_balances import amount_text, is_credit
from analytics.ingest.currency_column import REASON as OTHER_CURRENCY
from analytics.ingest.declaration import CreditBalances, Declaration, Duplicates, SumRow
from analytics.ingest.doubts import doubts
from analytics.ingest.plan import Bound, Plan
from analytics.ingest.raw import Reconciled
from analytics.ingest.staging import FOREIGN, ODD, Staged, label_name

PLAIN = Spelling()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How many rows are rejected, and what was counted on the way.

    Parameters
    ----------
    rejected, rejected_limit : int
        Rows, and the sum of their limits in minor units as far as they can be read.
    rounded : mapping of str to int
        Cells of money rounded to two decimals, by column, of those read as text.
    credits_read, credits_rejected : int
        Balances below zero that were read as 0, and that rejected their row.
    doubts : mapping of str to int
        Rows by what is doubtful, see :mod:`analytics.ingest.doubts`.
    known : int
        Rows with a default probability.
    """

    rejected: int
    rejected_limit: int
    rounded: Mapping[str, int]
    credits_read: int
    credits_rejected: int
    doubts: Mapping[str, int]
    known: int
    trimmed_ids: int = 0
    """Accepted rows whose id stands between blanks in the file."""


def settle(
    cursor: duckdb.DuckDBPyConnection,
    plan: Plan,
    rules: Rules,
    staged: Staged,
    spellings: Mapping[str, Spelling],
    reconciled: Reconciled,
    declaration: Declaration,
) -> Settled:
    """Move every row that breaks the contract from ``accounts`` to ``rejects``.

    Raises
    ------
    ChoiceNeeded
        A row sums up all others, and what it is is not declared.
    """
    cursor.execute(
        "CREATE TABLE found (place BIGINT, line BIGINT, "
        '"column" VARCHAR, value VARCHAR, reason VARCHAR)'
    )
    if staged.odd:
        _mend(cursor, plan, rules, staged, spellings, declaration)
        _reject_without_percent(cursor, spellings)
    rows = _rows(plan, staged)
    _reject_impossible(cursor, plan, rows)
    _reject_foreign(cursor, rules)
    _reject_folded(cursor, reconciled)
    _reject_duplicates(cursor, plan, declaration.duplicates, odd=staged.odd > 0)
    _reject_sum_rows(cursor, rows, reconciled, declaration.sum_row)
    rejected, rejected_limit = _count(cursor, rows, reconciled)
    rounded, credits_read = _read_otherwise(cursor, plan, staged)
    counted, known = _doubts(cursor, plan, rows)
    settled = Settled(
        rejected=rejected,
        rejected_limit=rejected_limit,
        rounded=rounded,
        credits_read=credits_read,
        credits_rejected=_credits_rejected(cursor),
        doubts=counted,
        known=known,
        trimmed_ids=_trimmed_ids(cursor, plan) if staged.odd else 0,
    )
    _write_rejects(cursor, reconciled)
    _clear(cursor, plan, staged, rules, rejected=settled.rejected)
    return settled


def _rows(plan: Plan, staged: Staged) -> str:
    """Return the statement of every row with its place and values, the mended ones as mended."""
    names = ", ".join(identifier(bound.column.name) for bound in plan.bound)
    rows = f"SELECT rowid AS place, {names} FROM accounts WHERE {ODD} IS NULL"
    return f"{rows} UNION ALL SELECT place, {names} FROM mended" if staged.odd else rows


def _mend(
    cursor: duckdb.DuckDBPyConnection,
    plan: Plan,
    rules: Rules,
    staged: Staged,
    spellings: Mapping[str, Spelling],
    declaration: Declaration,
) -> None:
    """Read the odd rows into ``mended`` and note every cell that has no value.

    Beside its value, each cell's text (``t0`` ...), the number in it (``n0`` ...) and whether it is
    an amount below zero (``k0`` ...) stand in ``mended``.
    """
    texts, numbers, values = [], [], []
    as_zero = declaration.credit_balances is CreditBalances.ZERO
    for place, bound in enumerate(plan.bound):
        name, kind = bound.column.name, bound.column.kind
        spelling, is_money = spellings.get(name, PLAIN), kind is Kind.MONEY
        texts += [
            f"{cleaned(f'{ODD}[{place + 1}]', rules.blank_words)} AS t{place}",
            f"{identifier(name)} AS p{place}",
        ]
        number = "NULL"
        if kind in NUMBERS:
            number = (amount_text if is_money else number_text)(f"t{place}", spelling)
        credit = is_credit(f"t{place}", f"n{place}", spelling) if is_money else "false"
        numbers += [f"{number} AS n{place}", f"{credit} AS k{place}"]
        careful = (
            trimmed_id(f"cells[{place + 1}]")
            if kind is Kind.TEXT
            else careful_value(kind, f"t{place}", spelling, rules, f"n{place}")
        )
        zero = f"CASE WHEN k{place} THEN 0 END" if name == CREDIT_COLUMN and as_zero else "NULL"
        values.append(f"coalesce(p{place}, {careful}, {zero}) AS {identifier(name)}")
    labelled = "".join(f", {label_name(place)}" for place in staged.segments)
    listed = ", ".join(f"t{place}, n{place}, k{place}" for place in range(len(plan.bound)))
    carried = ", ".join(f"t{place}, p{place}" for place in range(len(plan.bound)))
    cursor.execute(
        f"CREATE TABLE mended AS SELECT place, cells, {', '.join(values)}, {listed}{labelled} FROM "
        f"(SELECT place, cells, {carried}{labelled}, {', '.join(numbers)} FROM "
        f"(SELECT rowid AS place, {ODD} AS cells, {', '.join(texts)}{labelled} "
        f"FROM accounts WHERE len({ODD}) > 0))"
    )
    for place, bound in enumerate(plan.bound):
        _note(cursor, place, bound, spellings.get(bound.column.name, PLAIN), rules)


def _note(
    cursor: duckdb.DuckDBPyConnection, place: int, bound: Bound, spelling: Spelling, rules: Rules
) -> None:
    kind, cell, text = bound.column.kind, f"cells[{place + 1}]", f"t{place}"
    why = reason(kind, cell, text, spelling, rules, f"n{place}")
    if kind is Kind.MONEY:
        why = f"CASE WHEN k{place} THEN 'negative' ELSE {why} END"
    if kind is Kind.MONEY and bound.type_name == "FLOAT":
        why = f"replace({why}, 'too_many_decimals', 'single_precision')"
    if bound.computed:
        lost = f"starts_with(t{place}, '{UNREADABLE}')"
        why = f"CASE WHEN {lost} THEN 'not_computable' ELSE {why} END"
    lacking = f"{identifier(bound.column.name)} IS NULL"
    if not bound.column.required:
        lacking += f" AND t{place} IS NOT NULL"
    cursor.execute(
        f"INSERT INTO found SELECT place, NULL, {quoted(bound.column.name)}, "
        f"left(ltrim(cells[{place + 1}], '{UNREADABLE}'), 200), {why} FROM mended WHERE {lacking}"
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


def _reject_impossible(cursor: duckdb.DuckDBPyConnection, plan: Plan, rows: str) -> None:
    """Reject what is above the most that its column can hold: 7 months of 6."""
    for bound in plan.bound:
        if bound.column.highest is not None:
            name, is_money = identifier(bound.column.name), bound.column.kind is Kind.MONEY
            shown = f"CAST({name} / {MINOR_UNITS} AS DECIMAL(18, 2))" if is_money else name
            most = bound.column.highest * (MINOR_UNITS if is_money else 1)
            why = "too_large" if is_money else "impossible"
            cursor.execute(
                f"INSERT INTO found SELECT place, NULL, {quoted(bound.column.name)}, "
                f"CAST({shown} AS VARCHAR), '{why}' FROM ({rows}) WHERE {name} > {most}"
            )


def _reject_foreign(cursor: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    if rules.foreign:
        cursor.execute(
            f"INSERT INTO found SELECT rowid, NULL, {quoted(rules.foreign_source)}, "
            f"left({FOREIGN}, 200), '{OTHER_CURRENCY}' FROM accounts "
            f"WHERE {FOREIGN} IS NOT NULL AND ({ODD} IS NULL OR len({ODD}) > 0)"
        )


def _reject_sum_rows(
    cursor: duckdb.DuckDBPyConnection, rows: str, reconciled: Reconciled, declared: SumRow | None
) -> None:
    """Reject rows that sum up the others; ask about those that no word gives away."""
    if declared is SumRow.KEEP:
        return
    sum_rows.reject_named(cursor, rows)
    total = sum_rows.find_sum_rows(cursor, rows)
    found = total or subtotals.find_subtotals(cursor, rows)
    if found and declared is None:
        line = int(reconciled.lines(np.asarray([found[0].place], dtype=np.int64))[0])
        if not total:
            raise subtotals.ask(line, found)
        raise sum_rows.ask(say("Line {line}", line=line), found[0].columns, len(found))
    sum_rows.reject_sum_rows(cursor, found)


def _read_otherwise(
    cursor: duckdb.DuckDBPyConnection, plan: Plan, staged: Staged
) -> tuple[dict[str, int], int]:
    """Return how many cells of money were rounded, by column, and credit balances read as 0."""
    money = [
        (place, bound.column.name)
        for place, bound in enumerate(plan.bound)
        if bound.column.kind is Kind.MONEY
    ]
    computed = {bound.column.name for bound in plan.bound if bound.computed}
    rounded, credits_read = dict(staged.rounded), 0
    if not staged.odd:
        return rounded, credits_read
    for place, name in money:
        counted = name in staged.binary or name in computed
        dusty = "false" if counted else is_dusty(f"t{place}", f"n{place}")
        credit = f"k{place}" if name == CREDIT_COLUMN else "false"
        dust, below = cursor.execute(
            f"SELECT count(*) FILTER ({dusty}), count(*) FILTER ({credit}) FROM mended "
            f"WHERE {identifier(name)} IS NOT NULL"
        ).fetchall()[0]
        if dust:
            rounded[name] = rounded.get(name, 0) + int(dust)
        credits_read += int(below)
    return rounded, credits_read


def _credits_rejected(cursor: duckdb.DuckDBPyConnection) -> int:
    row = cursor.execute(
        f"SELECT count(DISTINCT place) FROM found WHERE \"column\" = '{CREDIT_COLUMN}' "
        "AND reason = 'negative'"
    ).fetchall()[0]
    return int(row[0])


def _doubts(cursor: duckdb.DuckDBPyConnection, plan: Plan, rows: str) -> tuple[dict[str, int], int]:
    """Return how many rows are doubtful, by doubt, and how many have a default probability."""
    compared = doubts({bound.column.name for bound in plan.bound})
    if not compared:
        return {}, 0
    has = any(bound.column.name == "default_probability" for bound in plan.bound)
    counts = [f"count({'default_probability' if has else 'NULL'})"]
    counts += [f"count(*) FILTER ({one.sql})" for one in compared.values()]
    known, *found = cursor.execute(f"SELECT {', '.join(counts)} FROM ({rows})").fetchall()[0]
    return {n: int(k) for n, k in zip(compared, found, strict=True)}, int(known)


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


def _count(cursor: duckdb.DuckDBPyConnection, rows: str, reconciled: Reconciled) -> tuple[int, int]:
    """Return how many rows are rejected, and the sum of their limits."""
    rejected, total = cursor.execute(
        "SELECT count(*), coalesce(sum(credit_limit), 0) "
        f"FROM (SELECT DISTINCT place FROM found) JOIN ({rows}) USING (place)"
    ).fetchall()[0]
    return int(rejected) + len(reconciled.torn), int(total)


def _trimmed_ids(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> int:
    at = next(i for i, bound in enumerate(plan.bound) if bound.column.name == "account_id") + 1
    found = cursor.execute(
        f"SELECT count(*) FROM mended WHERE account_id <> cells[{at}] "
        "AND place NOT IN (SELECT place FROM found)"
    ).fetchall()
    return int(found[0][0])


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


def _clear(
    cursor: duckdb.DuckDBPyConnection, plan: Plan, staged: Staged, rules: Rules, *, rejected: int
) -> None:
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
    if rules.foreign:
        cursor.execute(f"ALTER TABLE accounts DROP COLUMN {FOREIGN}")
