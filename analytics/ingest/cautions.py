"""What is odd about a loaded file and rejects nothing: noted, so that the user can look."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from analytics.accounts.quoting import identifier, quoted
from analytics.declared.columns import BLANK_SEGMENT, MINOR_UNITS, OPTIONAL
from analytics.declared.language import Sentence, later_n
from analytics.ingest.choice import argument
from analytics.ingest.declaration import Declaration
from analytics.ingest.plan import Plan
from analytics.ingest.raw import Raw, Reconciled
from analytics.ingest.remarks import (
    ROUND_BALANCE,
    ROUND_LIMIT,
    Observed,
    curve_range,
    remark_blank_labels,
    remarks,
)
from analytics.ingest.report import RejectReason
from analytics.portfolio import segment_name

BLANK_WORDS = (
    "n/a", "na", "#n/a", "-", "--", "null", "none", "nil", "nan", "unknown", "missing", "?", ".",
    "\\n", "无", "空", "未知", "不详",
)  # fmt: skip
"""Words, in lower case, by which others say that a value is not known."""


def cautions(
    cursor: duckdb.DuckDBPyConnection,
    raw: Raw,
    plan: Plan,
    declaration: Declaration,
    reasons: Mapping[str, RejectReason],
) -> tuple[Sentence, ...]:
    """Return one sentence for each thing that is odd about a file's accepted accounts."""
    scale = declaration.score_scale
    has_probability = "default_probability" in plan.columns
    low, high = curve_range(scale)
    row = cursor.execute(
        "SELECT count(*), count(*) FILTER (balance > credit_limit), "
        f"count(*) FILTER (score < {low} OR score > {high}), "
        f"count(*) FILTER (credit_limit % {ROUND_LIMIT * MINOR_UNITS} <> 0 "
        f"OR balance % {MINOR_UNITS} <> 0), avg(credit_limit), "
        f"{'avg(default_probability)' if has_probability else '0'}, min(score), max(score) "
        "FROM accounts"
    ).fetchall()[0]
    accounts, over, off_curve, finer, limit, probability, lowest, highest = row
    above = reasons.get("out_of_range")
    score = next((bound.source for bound in plan.bound if bound.column.name == "score"), None)
    drawn, distinct = _twins(cursor, plan)
    return remarks(
        Observed(
            accounts=accounts,
            over_limit=over,
            off_curve=off_curve,
            finer=finer,
            mean_limit=limit,
            mean_probability=probability if has_probability else None,
            lowest=lowest,
            highest=highest,
            rates_above_one=above.rows if above else 0,
            columns=plan.columns,
            headers=raw.headers,
            score_header=score,
            numeric_ids=_numeric_ids(raw, plan),
            drawn=drawn,
            alike=drawn - distinct,
            alike_but_for_case=_alike_but_for_case(cursor),
        ),
        declaration,
    )


def blank_labels(
    cursor: duckdb.DuckDBPyConnection, segments: tuple[str, ...]
) -> tuple[Sentence, ...]:
    """Return a sentence for each segment with a value that reads as if there were none."""
    if not segments:
        return ()
    counts = ", ".join(
        f"count(*) FILTER ({segment_name(place)} = {quoted(BLANK_SEGMENT)})"
        for place in range(len(segments))
    )
    row = cursor.execute(f"SELECT {counts} FROM accounts").fetchall()[0]
    return remark_blank_labels(segments, row)


def blank_words(cursor: duckdb.DuckDBPyConnection) -> tuple[Sentence, ...]:
    """Return what to say about rejected cells that may mean unknown."""
    optional = ", ".join(quoted(name) for name in OPTIONAL)
    rows = cursor.execute(
        f'SELECT any_value(trim(value)), "column" IN ({optional}), count(DISTINCT line) '
        "FROM rejects "
        "WHERE reason IN ('not_a_number', 'not_plain', 'not_finite', 'not_true_or_false', "
        "'not_computable') "
        f"AND lower(trim(value)) IN ({', '.join(quoted(word) for word in BLANK_WORDS)}) "
        "GROUP BY lower(trim(value)), 2 ORDER BY 2 DESC, 3 DESC, 1"
    ).fetchall()
    return tuple(
        (_in_optional if is_optional else _in_required)(
            number, word, f"--blank{'=' if word.startswith('-') else ' '}{argument(word)}"
        )
        for word, is_optional, number in rows
    )


def _in_optional(number: int, word: str, option: str) -> Sentence:
    return later_n(
        "{count:,} row was rejected for {word!r} in an optional column: if it means unknown, "
        "declare it with {option}.",
        "{count:,} rows were rejected for {word!r} in an optional column: if it means unknown, "
        "declare it with {option}.",
        number,
        word=word,
        option=option,
    )


def _in_required(number: int, word: str, option: str) -> Sentence:
    return later_n(
        "{count:,} row was rejected for {word!r} in a required column: if it means unknown, "
        "declare it with {option}; the row then lacks what it needs.",
        "{count:,} rows were rejected for {word!r} in a required column: if it means unknown, "
        "declare it with {option}; the rows then lack what they need.",
        number,
        word=word,
        option=option,
    )


def swallowed_lines(reconciled: Reconciled) -> tuple[Sentence, ...]:
    """Return how many lines of the file went into rejected rows with line breaks."""
    number = len(reconciled.folded)
    if not number:
        return ()
    return (
        later_n(
            "{count:,} rejected row takes up {lines:,} lines of the file, for line breaks between "
            "quotation marks: if a mark is out of place there, whole rows are inside and not "
            "counted.",
            "{count:,} rejected rows take up {lines:,} lines of the file, for line breaks between "
            "quotation marks: if a mark is out of place there, whole rows are inside and not "
            "counted.",
            number,
            lines=reconciled.folded_lines,
        ),
    )


def _numeric_ids(raw: Raw, plan: Plan) -> str | None:
    bound = next(b for b in plan.bound if b.column.name == "account_id")
    as_text = bound.type_name == "VARCHAR" and bound.source not in raw.numeric
    return None if as_text else bound.source


def _alike_but_for_case(cursor: duckdb.DuckDBPyConnection) -> int:
    """Return how many accounts there are beyond one for each spelling of their ids by any case."""
    cased = "SELECT lower(account_id) AS id FROM accounts WHERE lower(account_id) <> "
    cased += "upper(account_id)"
    found = cursor.execute(f"SELECT count(*) - count(DISTINCT hash(id)) FROM ({cased})").fetchall()
    return int(found[0][0])


def _twins(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> tuple[int, int]:
    """Return how many accounts have a balance that is not round, and how many differ in it all."""
    names = [identifier(name) for name in plan.columns if name != "account_id"]
    hashed = f"hash({', '.join(names)})"
    drawn, distinct = cursor.execute(
        f"SELECT count(*), count(DISTINCT {hashed}) FROM accounts WHERE balance > 0 "
        f"AND balance % {ROUND_BALANCE} <> 0"
    ).fetchall()[0]
    return drawn, distinct
