"""A file becomes a portfolio: opened, understood, read once, held against the contract, locked."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import duckdb

from analytics.columns import BY_NAME, COLUMNS, OPTIONAL, Kind
from analytics.engine.database import EmbeddedDatabase
from analytics.errors import PortfolioError
from analytics.ingest.caps import LOCAL, UPLOAD, Caps
from analytics.ingest.cells import Rules
from analytics.ingest.declaration import Declaration
from analytics.ingest.delimited import read_delimited
from analytics.ingest.parquet import damaged, read_parquet
from analytics.ingest.plan import Plan, make_plan
from analytics.ingest.raw import Raw, identifier
from analytics.ingest.report import EXAMPLES, REASON_WORDS, Loaded, LoadReport, RejectReason, money
from analytics.ingest.settling import Settled, settle
from analytics.ingest.source import Format, Source, open_bytes, open_file
from analytics.ingest.staging import MAX_LABEL, MAX_SEGMENTS, Staged, stage
from analytics.ingest.switched_off import switched_off
from analytics.ingest.text import read_text
from analytics.portfolio import Portfolio, accounts_relation

PARSER_VERSION = "headroom-ingest-1"
"""Changes whenever the same bytes may be read differently."""
MAX_TOTAL = 2**61
"""Total limit in minor units: doubled by a raise of 100 %, it stays within 64 bits."""
SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "huabei_like.parquet"


def load_file(path: Path, declaration: Declaration | None = None, *, caps: Caps = LOCAL) -> Loaded:
    """Return the portfolio in a file, and the report on how it was read.

    Rows that break the contract are left out, counted in the report, and kept in the table
    ``rejects`` of the portfolio's database.

    Raises
    ------
    ChoiceNeeded
        The file can be read in more than one way; the declaration has to say which.
    PortfolioError
        The file cannot be used; every fault is named, nothing stays behind.
    """
    with open_file(path, caps) as source:
        return _load(source, declaration or Declaration(), caps)


def load_bytes(
    name: str,
    data: bytes | BinaryIO,
    declaration: Declaration | None = None,
    *,
    caps: Caps = UPLOAD,
) -> Loaded:
    """Return the portfolio in an upload; ``name`` is for show only. See :func:`load_file`."""
    with open_bytes(name, data, caps) as source:
        return _load(source, declaration or Declaration(), caps)


def load_sample() -> Loaded:
    """Return the generated sample portfolio: 200,000 accounts in CNY on the scale 350-950."""
    declaration = Declaration(name="Huabei-like sample", as_of=dt.date(2026, 10, 31))
    return load_file(SAMPLE, declaration)


def fingerprint(sha256: str, declaration: Declaration) -> str:
    """Return what a portfolio is known by: SHA-256 over the bytes, the reading and the parser."""
    text = "\n".join((sha256, declaration.canonical(), PARSER_VERSION))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _load(source: Source, declaration: Declaration, caps: Caps) -> Loaded:
    database = EmbeddedDatabase()
    try:
        with database.raw() as cursor:
            loaded = _read(source, declaration, caps, database, cursor)
        database.lock_down()
    except BaseException:
        database.close()
        raise
    return loaded


@contextlib.contextmanager
def _readable(source: Source) -> Iterator[None]:
    """Turn a reader's own failure into a sentence without cells, paths or advice of its own."""
    try:
        yield
    except (duckdb.OutOfMemoryException, MemoryError):
        raise PortfolioError(
            "The file needs more memory than there is: load it as Parquet on a larger machine, or "
            "connect the database that holds it."
        ) from None
    except duckdb.Error:
        if source.format is Format.PARQUET:
            raise damaged() from None
        raise PortfolioError(
            "The file cannot be read as a table of text: its quotation marks or line ends are out "
            "of order. Export it again as CSV (UTF-8) or as Parquet."
        ) from None


def open_raw(
    source: Source, declaration: Declaration, caps: Caps, cursor: duckdb.DuckDBPyConnection
) -> Raw:
    """Return what the file offers, by its format."""
    if source.format is Format.PARQUET:
        return read_parquet(source, caps, cursor)
    return read_delimited(read_text(source, declaration.encoding), declaration, caps)


def _read(
    source: Source,
    declaration: Declaration,
    caps: Caps,
    database: EmbeddedDatabase,
    cursor: duckdb.DuckDBPyConnection,
) -> Loaded:
    rules = Rules(declaration.score_scale, declaration.sentinels, declaration.blank_words)
    with _readable(source):
        raw = open_raw(source, declaration, caps, cursor)
        plan = make_plan(raw, declaration)
        staged = stage(cursor, raw, plan, rules)
        reconciled = raw.reconcile(cursor, staged.rows)
        settled = settle(
            cursor, raw, plan, rules, staged, {}, reconciled, declaration.duplicates
        )
        rows_read = staged.rows + len(reconciled.torn)
        segments = _keep_segments(cursor, raw, staged)
        return _finish(
            source, declaration, database, cursor, raw, plan, settled, rows_read, segments
        )


def _keep_segments(
    cursor: duckdb.DuckDBPyConnection, raw: Raw, staged: Staged
) -> tuple[str, ...]:
    """Drop further columns that turned out to have many or long values, or none at all."""
    names = [raw.headers[place] for place in staged.segments]
    if not names:
        return ()
    counts = ", ".join(
        f"count(DISTINCT {identifier(n)}), max(length({identifier(n)}))" for n in names
    )
    row = cursor.execute(f"SELECT {counts} FROM accounts").fetchall()[0]
    kept = []
    for name, distinct, longest in zip(names, row[::2], row[1::2], strict=True):
        if 1 <= distinct <= MAX_SEGMENTS and longest <= MAX_LABEL:
            kept.append(name)
        else:
            cursor.execute(f"ALTER TABLE accounts DROP COLUMN {identifier(name)}")
    return tuple(kept)


def _reasons(cursor: duckdb.DuckDBPyConnection) -> dict[str, RejectReason]:
    rows = cursor.execute(
        "SELECT reason, count(DISTINCT line), "
        f"min((line, \"column\"), {EXAMPLES}) FROM rejects GROUP BY reason ORDER BY 2 DESC, 1"
    ).fetchall()
    return {
        name: RejectReason(count, tuple((at[0], at[1]) for at in examples))
        for name, count, examples in rows
    }


def _unusable(rows_read: int, reasons: dict[str, RejectReason]) -> PortfolioError:
    listed = "; ".join(
        f"{reason.rows:,} rows: {REASON_WORDS[name]}"
        + (f" ({reason.examples[0][1]}," if reason.examples[0][1] else " (")
        + f" first in line {reason.examples[0][0]})"
        for name, reason in reasons.items()
    ).replace("( ", "(")
    return PortfolioError(f"None of the {rows_read:,} rows can be used. {listed}.")


def _finish(
    source: Source,
    declaration: Declaration,
    database: EmbeddedDatabase,
    cursor: duckdb.DuckDBPyConnection,
    raw: Raw,
    plan: Plan,
    settled: Settled,
    rows_read: int,
    segments: tuple[str, ...],
) -> Loaded:
    optional = tuple(name for name in OPTIONAL if name in plan.columns)
    unknown = "".join(f", count(*) - count({identifier(name)})" for name in optional)
    accounts, limit, balance, over, *blank_counts = cursor.execute(
        "SELECT count(*), coalesce(sum(credit_limit), 0), coalesce(sum(balance), 0), "
        f"count(*) FILTER (balance > credit_limit){unknown} FROM accounts"
    ).fetchall()[0]
    reasons = _reasons(cursor)
    if accounts == 0:
        raise _unusable(rows_read, reasons)
    if max(limit, balance) >= MAX_TOTAL:
        raise PortfolioError(
            "The limits or balances add up to more than can be computed exactly: declare amounts "
            "in a larger unit."
        )
    blanks = {n: int(k) for n, k in zip(optional, blank_counts, strict=True) if k}
    warnings = [f"{over:,} accounts are over their limit."] if over else []
    portfolio = Portfolio(
        name=declaration.name or source.name,
        as_of=declaration.as_of,
        currency=declaration.currency,
        scale=declaration.score_scale,
        fingerprint=fingerprint(source.sha256, declaration),
        accounts=accounts,
        rows_read=rows_read,
        total_limit=int(limit),
        total_balance=int(balance),
        columns=optional,
        blanks=tuple(blanks.items()),
        segments=segments,
        database=database,
        relation=accounts_relation(optional, segments),
    )
    report = LoadReport(
        name=portfolio.name,
        format=raw.format,
        currency=portfolio.currency,
        scale=str(portfolio.scale),
        rows_read=rows_read,
        accepted=accounts,
        rejected=settled.rejected,
        total_limit=money(limit),
        total_balance=money(balance),
        rejected_limit=money(settled.rejected_limit),
        reasons=reasons,
        encoding=raw.encoding,
        delimiter=raw.delimiter,
        decimal=declaration.decimal or ("." if raw.format != "parquet" else None),
        columns=plan.columns,
        sources={bound.column.name: bound.source for bound in plan.bound},
        missing=tuple(c.name for c in COLUMNS if c.name not in plan.columns),
        switched_off=switched_off(plan.columns),
        warnings=tuple(warnings),
        blanks=blanks,
        segments=segments,
        ignored=_ignored(raw, plan, segments),
        derived={},
        fingerprint=portfolio.fingerprint,
    )
    if report.accepted + report.rejected != report.rows_read:
        raise PortfolioError(
            f"Of {rows_read:,} rows {accounts:,} were accepted and {settled.rejected:,} rejected, "
            "which does not add up: this is a fault of the program; please report it."
        )
    return Loaded(portfolio, report)


def _ignored(raw: Raw, plan: Plan, segments: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        raw.headers[place] or f"column {place + 1} (without a name)"
        for place in plan.others
        if raw.headers[place] not in segments
    )
