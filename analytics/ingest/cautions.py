"""What is odd about a loaded file and rejects nothing: noted, so that the user can look."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from analytics.accounts.quoting import identifier, quoted
from analytics.declared.columns import MINOR_UNITS, OPTIONAL
from analytics.declared.currencies import currency
from analytics.declared.language import Sentence, later, later_n
from analytics.declared.scales import FICO, ScoreScale
from analytics.ingest.declaration import Declaration
from analytics.ingest.offscale import speaks_of_other_scores
from analytics.ingest.plan import Plan
from analytics.ingest.raw import Raw, Reconciled
from analytics.ingest.report import RejectReason
from analytics.method import formulas
from analytics.portfolio import segment_name

EXTREMES = (0.0001, 0.5)
"""Default probabilities between which a PD curve is taken to have been set."""
TYPICAL_PROBABILITY = 0.4
ROUND_LIMIT = 10_000
ROUND_BALANCE = 100 * MINOR_UNITS
"""In minor units: balances of round amounts may well be alike."""
BLANK_LABEL = "(blank)"
"""What accounts without a value in a segment are shown under."""
BLANK_WORDS = (
    "n/a", "na", "#n/a", "-", "--", "null", "none", "nil", "nan", "unknown", "missing", "?", ".",
    "\\n", "无", "空", "未知", "不详",
)  # fmt: skip
"""Words, in lower case, by which others say that a value is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What is to be known of the accepted accounts to say what is odd about them.

    A file and a table fill in every field, so that both are held against every check.

    Parameters
    ----------
    accounts, over_limit, off_curve : int
        Accounts; those above their limit; those whose score is outside :func:`curve_range`.
    finer : int
        Accounts with a limit that is not round or a balance that is not whole.
    mean_limit, mean_probability : float or None
        In minor units; over the accounts where it is known.
    lowest, highest : int
        Scores.
    rates_above_one : int
        Rows that were rejected for a rate.
    columns, headers : tuple of str
        Product columns that are read, and the source's own headers.
    score_header, numeric_ids : str or None
        Where the scores are read from, if from anywhere; where ids are, if stored as numbers.
    drawn, alike : int
        Accounts with a balance that is not round; those of them that equal another.
    alike_but_for_case : int
        Ids that differ from another one in upper and lower case alone.
    """

    accounts: int
    over_limit: int
    off_curve: int
    finer: int
    mean_limit: float | None
    mean_probability: float | None
    lowest: int
    highest: int
    rates_above_one: int
    columns: tuple[str, ...]
    headers: tuple[str, ...]
    score_header: str | None
    numeric_ids: str | None
    drawn: int
    alike: int
    alike_but_for_case: int


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


def remarks(observed: Observed, declaration: Declaration) -> tuple[Sentence, ...]:
    """Return one sentence for each thing that is odd about accounts, wherever they are."""
    scale = declaration.score_scale
    has_probability = "default_probability" in observed.columns
    low, high = curve_range(scale)
    over, off_curve, probability = (
        observed.over_limit,
        observed.off_curve,
        observed.mean_probability,
    )
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
    if observed.rates_above_one and has_probability:
        found.append(
            later_n(
                "{count:,} row has a rate above 1: if the file holds percent, give --map with the "
                "header divided by 100.",
                "{count:,} rows have a rate above 1: if the file holds percent, give --map with "
                "the header divided by 100.",
                observed.rates_above_one,
            )
        )
    whole = currency(declaration.currency_code).shown_decimals == 0
    large = (observed.mean_limit or 0) >= 100 * ROUND_LIMIT * MINOR_UNITS
    if observed.accounts >= 10 and not observed.finer and not whole and large:
        found.append(
            later(
                "Limits and balances are all whole and the limits large and round: they may "
                "be in cents. If so, give --map with the headers divided by 100."
            )
        )
    found += _other_scale(observed, declaration)
    found += _stored_as_numbers(observed)
    found += _alike(observed)
    found += _case_twins(observed)
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
    return remark_blank_labels(segments, row)


def remark_blank_labels(segments: Sequence[str], counts: Sequence[int]) -> tuple[Sentence, ...]:
    """Return a sentence for each segment whose blank label stands in so many accounts."""
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
        for name, number in zip(segments, counts, strict=True)
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


def trimmings(ids: int, columns: int, rows: int) -> tuple[Sentence, ...]:
    """Return what was taken off a file without changing what it says, if anything was."""
    found = []
    if ids:
        found.append(
            later_n(
                "{count:,} id stands between blanks, and is kept without them.",
                "{count:,} ids stand between blanks, and are kept without them.",
                ids,
            )
        )
    if columns:
        found.append(
            later_n(
                "{count:,} column without a name or a value was left out.",
                "{count:,} columns without a name or a value were left out.",
                columns,
            )
        )
    if rows:
        found.append(
            later_n(
                "{count:,} blank row was skipped, and is not among the rows read.",
                "{count:,} blank rows were skipped, and are not among the rows read.",
                rows,
            )
        )
    return tuple(found)


def curve_range(scale: ScoreScale) -> tuple[int, int]:
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


def _other_scale(observed: Observed, declaration: Declaration) -> list[Sentence]:
    if declaration.scale is not None or observed.score_header is None:
        return []
    lowest, highest = observed.lowest, observed.highest
    named = any(speaks_of_other_scores(header) for header in observed.headers)
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


def _numeric_ids(raw: Raw, plan: Plan) -> str | None:
    bound = next(b for b in plan.bound if b.column.name == "account_id")
    as_text = bound.type_name == "VARCHAR" and bound.source not in raw.numeric
    return None if as_text else bound.source


def _stored_as_numbers(observed: Observed) -> list[Sentence]:
    if observed.numeric_ids is None:
        return []
    return [
        later(
            "The ids in {source} are stored as numbers: leading zeros, if there were "
            "any, were lost before they came here.",
            source=observed.numeric_ids,
        )
    ]


def _case_twins(observed: Observed) -> list[Sentence]:
    if not observed.alike_but_for_case:
        return []
    return [
        later_n(
            "{count:,} id differs from another one in upper and lower case alone: the same "
            "account may stand there twice.",
            "{count:,} ids differ from another one in upper and lower case alone: the same "
            "accounts may stand there twice.",
            observed.alike_but_for_case,
        )
    ]


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


def _alike(observed: Observed) -> list[Sentence]:
    """Say how many accounts with a balance equal another in everything but the id."""
    few = observed.alike * 1000 < observed.accounts
    if not observed.alike or len(observed.columns) < 4 or few:
        return []
    return [
        later(
            "{alike:,} of the accounts with a balance equal another one in everything "
            "but the id: the same account may stand there twice.",
            alike=observed.alike,
        )
    ]
