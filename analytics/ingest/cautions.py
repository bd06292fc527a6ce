"""What is odd about a loaded file and rejects nothing: noted, so that the user can look."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import duckdb

from analytics.accounts.quoting import identifier, quoted
from analytics.declared.columns import MINOR_UNITS, OPTIONAL
from analytics.declared.currencies import currency
from analytics.declared.language import Sentence, later, later_n
from analytics.declared.scales import FICO, ScoreScale
from analytics.ingest.declaration import Declaration
from analytics.ingest.offscale import OTHER_SCORES
from analytics.ingest.plan import Plan, folded
from analytics.ingest.raw import Raw, Reconciled
from analytics.ingest.report import RejectReason
from analytics.method import formulas
from analytics.portfolio import segment_name

EXTREMES = (0.0001, 0.5)
"""Default probabilities between which a PD curve is taken to have been set."""
TYPICAL_PROBABILITY = 0.4
ROUND_LIMIT = 10_000
BLANK_LABEL = "(blank)"
"""What accounts without a value in a segment are shown under."""
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
    """Return one sentence for each thing that is odd about the accepted accounts."""
    scale = declaration.score_scale
    has_probability = "default_probability" in plan.columns
    low, high = _curve_range(scale)
    row = cursor.execute(
        "SELECT count(*), count(*) FILTER (balance > credit_limit), "
        f"count(*) FILTER (score < {low} OR score > {high}), "
        f"count(*) FILTER (credit_limit % {ROUND_LIMIT * MINOR_UNITS} <> 0 "
        f"OR balance % {MINOR_UNITS} <> 0), avg(credit_limit), "
        f"{'avg(default_probability)' if has_probability else '0'}, min(score), max(score) "
        "FROM accounts"
    ).fetchall()[0]
    accounts, over, off_curve, finer, limit, probability, lowest, highest = row
    found = []
    if over:
        found.append(
            later_n(
                "{count:,} account is over the limit.",
                "{count:,} accounts are over the limit.",
                over,
            )
        )
    if off_curve and not has_probability and scale.curve:
        found.append(
            later_n(
                "{count:,} account has a score outside {low} to {high}, the range on which the PD "
                "curve was set: their probabilities are a guess.",
                "{count:,} accounts have a score outside {low} to {high}, the range on which the "
                "PD curve was set: their probabilities are a guess.",
                off_curve,
                low=low,
                high=high,
            )
        )
    if has_probability and probability is not None and probability > TYPICAL_PROBABILITY:
        found.append(
            later(
                "The mean default probability is {probability:.0%}: if the file holds "
                "percent, give --map with the header divided by 100.",
                probability=probability,
            )
        )
    if "out_of_range" in reasons and has_probability:
        found.append(
            later_n(
                "{count:,} row has a rate above 1: if the file holds percent, give --map with the "
                "header divided by 100.",
                "{count:,} rows have a rate above 1: if the file holds percent, give --map with "
                "the header divided by 100.",
                reasons["out_of_range"].rows,
            )
        )
    whole = currency(declaration.currency_code).shown_decimals == 0
    if accounts >= 10 and not finer and not whole and limit >= 100 * ROUND_LIMIT * MINOR_UNITS:
        found.append(
            later(
                "Limits and balances are all whole and the limits large and round: they may "
                "be in cents. If so, give --map with the headers divided by 100."
            )
        )
    found += _other_scale(raw, plan, declaration, lowest, highest)
    found += _numeric_ids(raw, plan)
    found += _twins(cursor, plan, accounts)
    return tuple(found)


def blank_labels(
    cursor: duckdb.DuckDBPyConnection, segments: tuple[str, ...]
) -> tuple[Sentence, ...]:
    """Return a sentence for each segment with a value that reads as if there were none."""
    if not segments:
        return ()
    counts = ", ".join(
        f"count(*) FILTER ({segment_name(place)} = {quoted(BLANK_LABEL)})"
        for place in range(len(segments))
    )
    row = cursor.execute(f"SELECT {counts} FROM accounts").fetchall()[0]
    return tuple(
        later_n(
            "{count:,} account has the text {label} in {name}, which accounts without a value are "
            "shown under as well: the two stand together.",
            "{count:,} accounts have the text {label} in {name}, which accounts without a value "
            "are shown under as well: the two stand together.",
            number,
            label=BLANK_LABEL,
            name=name,
        )
        for name, number in zip(segments, row, strict=True)
        if number
    )


def blank_words(cursor: duckdb.DuckDBPyConnection) -> tuple[Sentence, ...]:
    """Return what to say about rejected cells that may mean unknown."""
    optional = ", ".join(quoted(name) for name in OPTIONAL)
    rows = cursor.execute(
        f'SELECT any_value(trim(value)), "column" IN ({optional}), count(DISTINCT line) '
        "FROM rejects "
        "WHERE reason IN ('not_a_number', 'not_plain', 'not_finite', 'not_true_or_false') "
        f"AND lower(trim(value)) IN ({', '.join(quoted(word) for word in BLANK_WORDS)}) "
        "GROUP BY lower(trim(value)), 2 ORDER BY 2 DESC, 3 DESC, 1"
    ).fetchall()
    return tuple(
        (_in_optional if is_optional else _in_required)(
            number, word, f"--blank{'=' if word.startswith('-') else ' '}{word}"
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


def _curve_range(scale: ScoreScale) -> tuple[int, int]:
    """Return the scores between which the scale's PD curve stays within the extremes."""
    if scale.curve is None:
        return scale.lowest, scale.highest
    low, high = (
        formulas.score_from_default_probability(extreme, *dataclasses.astuple(scale.curve))
        for extreme in EXTREMES
    )
    return (
        max(scale.lowest, math.ceil(high)),
        min(scale.highest, math.floor(low)),
    )


def _other_scale(
    raw: Raw, plan: Plan, declaration: Declaration, lowest: int, highest: int
) -> list[Sentence]:
    given = any(bound.column.name == "score" for bound in plan.bound)
    if declaration.scale is not None or not given:
        return []
    named = any(word in folded(header) for header in raw.headers for word in OTHER_SCORES)
    if not named or highest > FICO.highest:
        scale = declaration.score_scale
        if highest <= FICO.highest and lowest >= FICO.lowest:
            return [
                later(
                    "The score scale {scale} was assumed; the scores run from {lowest} to "
                    "{highest}, which {other} holds as well: declare the scale with --scale.",
                    scale=scale,
                    lowest=lowest,
                    highest=highest,
                    other=FICO,
                )
            ]
        return [
            later(
                "The score scale {scale} was assumed; the scores run from {lowest} to {highest}: "
                "declare the scale with --scale.",
                scale=scale,
                lowest=lowest,
                highest=highest,
            )
        ]
    return [
        later(
            "The scores run from {lowest} to {highest} and a header speaks of FICO or "
            "Vantage: give --scale {other} if that is their scale; {scale} was taken.",
            lowest=lowest,
            highest=highest,
            other=f"{FICO.lowest}:{FICO.highest}",
            scale=declaration.score_scale,
        )
    ]


def _numeric_ids(raw: Raw, plan: Plan) -> list[Sentence]:
    bound = next(b for b in plan.bound if b.column.name == "account_id")
    if bound.type_name == "VARCHAR" and bound.source not in raw.numeric:
        return []
    return [
        later(
            "The ids in {source} are stored as numbers: leading zeros, if there were "
            "any, were lost before the file was written.",
            source=bound.source,
        )
    ]


def _twins(cursor: duckdb.DuckDBPyConnection, plan: Plan, accounts: int) -> list[Sentence]:
    """Say how many accounts with a balance equal another in everything but the id."""
    names = [identifier(name) for name in plan.columns if name != "account_id"]
    hashed = f"hash({', '.join(names)})"
    drawn, distinct = cursor.execute(
        f"SELECT count(*), count(DISTINCT {hashed}) FROM accounts WHERE balance > 0 "
        f"AND balance % {MINOR_UNITS * 100} <> 0"
    ).fetchall()[0]
    if drawn == distinct or len(names) < 3 or (drawn - distinct) * 1000 < accounts:
        return []
    return [
        later(
            "{alike:,} of the accounts with a balance equal another one in everything "
            "but the id: the same account may stand there twice.",
            alike=drawn - distinct,
        )
    ]
