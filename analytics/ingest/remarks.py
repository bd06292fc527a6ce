"""What is said of accounts that are odd and yet accepted: of a file's and a table's alike."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analytics.declared.columns import BLANK_SEGMENT, MINOR_UNITS
from analytics.declared.currencies import currency
from analytics.declared.language import Sentence, later, later_n
from analytics.declared.scales import FICO, ScoreScale
from analytics.ingest.declaration import Declaration
from analytics.ingest.offscale import speaks_of_other_scores
from analytics.method import formulas

EXTREMES = (0.0001, 0.5)
"""Default probabilities between which a PD curve is taken to have been set."""
TYPICAL_PROBABILITY = 0.4
ROUND_LIMIT = 10_000
ROUND_BALANCE = 100 * MINOR_UNITS
"""In minor units: balances of round amounts may well be alike."""


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


def remark_blank_labels(segments: Sequence[str], counts: Sequence[int]) -> tuple[Sentence, ...]:
    """Return a sentence for each segment whose blank label stands in so many accounts."""
    return tuple(
        later_n(
            "{count:,} account has the text {label} in {name}, which accounts without a value are "
            "shown under as well: the two stand together.",
            "{count:,} accounts have the text {label} in {name}, which accounts without a value "
            "are shown under as well: the two stand together.",
            number,
            label=BLANK_SEGMENT,
            name=name,
        )
        for name, number in zip(segments, counts, strict=True)
        if number
    )


def blank_throughout(columns: Iterable[str]) -> tuple[Sentence, ...]:
    """Return that columns without a single value count as absent, one sentence each."""
    return tuple(
        later("{column} is blank in every account: it counts as absent.", column=column)
        for column in columns
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


def _alike(observed: Observed) -> list[Sentence]:
    """Say how many accounts with a balance equal another in everything but the id."""
    few = observed.alike * 1000 < observed.accounts
    if not observed.alike or len(observed.columns) < 4 or few:
        return []
    return [
        later_n(
            "{count:,} of the accounts with a balance equals another one in everything "
            "but the id: the same account may stand there twice.",
            "{count:,} of the accounts with a balance equal another one in everything "
            "but the id: the same account may stand there twice.",
            observed.alike,
        )
    ]
