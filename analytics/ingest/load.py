"""A file becomes a portfolio: opened, understood, read once, held against the contract, locked."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np

from analytics.accounts.database import EmbeddedDatabase
from analytics.accounts.quoting import quoted
from analytics.declared.columns import COLUMNS, Kind
from analytics.declared.language import Sentence
from analytics.errors import PortfolioError
from analytics.ingest.caps import LOCAL, UPLOAD, Caps
from analytics.ingest.cautions import (
    swallowed_lines,
)
from analytics.ingest.cells import Rules
from analytics.ingest.declaration import Declaration, Duplicates
from analytics.ingest.delimited import no_rows
from analytics.ingest.derived import add_score
from analytics.ingest.finish import ReadRows, count_accepted, finish, reject_reasons
from analytics.ingest.hopeless import refuse_hopeless
from analytics.ingest.marks import FLAG_WORDS, Roles, may_be_outcomes, settle_roles
from analytics.ingest.offscale import propose_scale
from analytics.ingest.opening import open_raw, readable
from analytics.ingest.operands import read_operands
from analytics.ingest.own_currency import OwnCurrency, find_currency
from analytics.ingest.plan import Plan, make_plan
from analytics.ingest.raw import Raw, Reconciled
from analytics.ingest.report import (
    Loaded,
    unusable,
)
from analytics.ingest.settling import settle
from analytics.ingest.source import Source, open_bytes, open_file
from analytics.ingest.spellings import Spellings, find_spellings
from analytics.ingest.staging import MAX_LABEL, MAX_SEGMENTS, Staged, label_name, stage
from analytics.ingest.statuses import settle_status, unread
from analytics.portfolio import segment_name

PARSER_VERSION = "headroom-ingest-4"
"""Changes whenever the same bytes may be read differently."""
AMOUNTS = frozenset(column.name for column in COLUMNS if column.kind is Kind.MONEY)


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


def fingerprint(sha256: str, declaration: Declaration) -> str:
    """Return what a portfolio is known by: SHA-256 over the bytes, the reading and the parser."""
    text = f"{sha256}\n{declaration.canonical()}\n{PARSER_VERSION}"
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _load(source: Source, declaration: Declaration, caps: Caps) -> Loaded:
    database = EmbeddedDatabase(fingerprint=fingerprint(source.sha256, declaration))
    try:
        with database.loading() as cursor:
            found = _read(source, declaration, caps, database, cursor)
        database.lock_down()
    except BaseException:
        database.close()
        raise
    return found


def _read(
    source: Source,
    declaration: Declaration,
    caps: Caps,
    database: EmbeddedDatabase,
    cursor: duckdb.DuckDBPyConnection,
) -> Loaded:
    with readable(source):
        raw = open_raw(source, declaration, caps, cursor)
        operands = read_operands(cursor, raw, declaration)
        plan = make_plan(raw, declaration, cursor, operands.spellings)
        own = find_currency(cursor, raw, plan, declaration)
        rules, staged, spellings = _staged(cursor, raw, plan, declaration, own)
        reconciled = raw.reconcile(cursor, staged.rows)
        if staged.rows - staged.blank + len(reconciled.torn) == 0:
            raise no_rows()
        said = propose_scale(cursor, plan, rules, staged, declaration)
        settled = settle(cursor, plan, rules, staged, spellings.columns, reconciled, declaration)
        roles = _keep_segments(cursor, raw, plan, staged, declaration)
        said += settle_status(cursor, plan, declaration)
        said += unread(raw.headers, plan.columns, declaration)
        derived = {}
        if plan.derived_score:
            derived["score"] = add_score(cursor, declaration.score_scale, declaration.pd_horizon)
        result = ReadRows(
            raw,
            plan,
            spellings.decimal,
            _once((*own.said, *operands.warnings, *spellings.warnings, *said)),
            swallowed_lines(reconciled),
            settled,
            staged.rows - staged.blank + len(reconciled.torn),
            staged.blank + reconciled.blank_lines,
            _without_anything(cursor, raw, plan),
            roles,
            own.named,
            derived,
        )
        return finish(source, declaration, database, cursor, result)


def _once(sentences: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    """Return each sentence once: operands are looked at together with the columns beside them."""
    return tuple({str(sentence): sentence for sentence in sentences}.values())


def _staged(
    cursor: duckdb.DuckDBPyConnection,
    raw: Raw,
    plan: Plan,
    declaration: Declaration,
    own: OwnCurrency,
) -> tuple[Rules, Staged, Spellings]:
    """Stage the file; again where a column turns out to have decimal commas: no point passes."""
    rules = Rules(
        declaration.score_scale,
        declaration.sentinels,
        declaration.blank_words,
        commas=AMOUNTS if declaration.decimal == "," else frozenset(),
        foreign=own.foreign,
        foreign_source=own.source,
    )
    staged = stage(cursor, raw, plan, rules)
    refuse_hopeless(
        cursor,
        staged,
        lambda first: _tried(cursor, plan, rules, first, declaration),
        unique=declaration.duplicates is Duplicates.REJECT,
    )
    if not staged.odd:
        return rules, staged, Spellings(declaration.decimal or ".", {})
    spellings = find_spellings(cursor, plan, declaration)
    commas = {name for name, spelling in spellings.columns.items() if spelling.decimal == ","}
    if not commas <= rules.commas:
        cursor.execute("DROP TABLE accounts")
        raw.forget(cursor)
        rules = replace(rules, commas=rules.commas | commas)
        staged = stage(cursor, raw, plan, rules)
    return rules, staged, spellings


def _tried(
    cursor: duckdb.DuckDBPyConnection,
    plan: Plan,
    rules: Rules,
    first: Staged,
    declaration: Declaration,
) -> PortfolioError | None:
    """Return why none of a file's first odd rows can be used; None where it cannot be told yet."""
    apart = Reconciled((), np.zeros(0, dtype=np.int64), lambda places: places)
    try:
        spellings = find_spellings(cursor, plan, declaration)
        settle(cursor, plan, rules, first, spellings.columns, apart, declaration)
    except PortfolioError:
        return None
    if count_accepted(cursor, plan).accounts:
        return None
    reasons = reject_reasons(cursor)
    return unusable(first.rows, {name: replace(r, examples=()) for name, r in reasons.items()})


def _without_anything(cursor: duckdb.DuckDBPyConnection, raw: Raw, plan: Plan) -> frozenset[int]:
    """Return the places of columns that have neither a name nor a value."""
    unnamed = [place for place in plan.others if not raw.headers[place]]
    if not unnamed:
        return frozenset()
    raw.forget(cursor)
    cells = (f"CAST(c{place} AS VARCHAR)" for place in unnamed)
    counts = ", ".join(f"count(nullif(trim({cell}), ''))" for cell in cells)
    row = cursor.execute(f"SELECT {counts} FROM {raw.relation}").fetchall()[0]
    return frozenset(place for place, count in zip(unnamed, row, strict=True) if not count)


def _keep_segments(
    cursor: duckdb.DuckDBPyConnection,
    raw: Raw,
    plan: Plan,
    staged: Staged,
    declaration: Declaration,
) -> Roles:
    """Name the segments as they are called inside; drop those of many or long values, or none."""
    headers = {place: raw.headers[place] for place in staged.segments}
    able = _groups(cursor, headers)
    asked = set(may_be_outcomes(able.values(), declaration))
    flags = {name for place, name in able.items() if name in asked and _is_flag(cursor, place)}
    others = [raw.headers[place] for place in plan.others if raw.headers[place]]
    used = [header for header in raw.headers if header and header not in others]
    roles = settle_roles(tuple(able.values()), flags, others, used, declaration)
    for place in staged.segments:
        label = label_name(place)
        if raw.headers[place] in roles.segments:
            inner = segment_name(roles.segments.index(raw.headers[place]))
            cursor.execute(f"ALTER TABLE accounts RENAME COLUMN {label} TO {inner}")
        else:
            cursor.execute(f"ALTER TABLE accounts DROP COLUMN {label}")
    return roles


def _groups(cursor: duckdb.DuckDBPyConnection, headers: Mapping[int, str]) -> dict[int, str]:
    """Return which of the likely segments have few and short values, by their place."""
    if not headers:
        return {}
    labels = [label_name(place) for place in headers]
    counts = ", ".join(f"count(DISTINCT {label}), max(strlen({label}))" for label in labels)
    row = cursor.execute(f"SELECT {counts} FROM accounts").fetchall()[0]
    return {
        place: header
        for (place, header), distinct, longest in zip(
            headers.items(), row[::2], row[1::2], strict=True
        )
        if 1 <= distinct <= MAX_SEGMENTS and longest <= MAX_LABEL
    }


def _is_flag(cursor: duckdb.DuckDBPyConnection, place: int) -> bool:
    """Whether a likely segment holds nothing but 0, 1 and blanks."""
    label = f"regexp_replace(lower(trim({label_name(place)})), '\\.0+$', '')"
    words = ", ".join(map(quoted, FLAG_WORDS))
    found = cursor.execute(
        f"SELECT count(*) FROM accounts WHERE {label} <> '' AND {label} NOT IN ({words})"
    ).fetchall()
    return not found[0][0]
