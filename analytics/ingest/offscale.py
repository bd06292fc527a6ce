"""Scores that do not fit the default scale: another scale is proposed, never taken silently."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from analytics.declared.language import Sentence, either, later_n, say
from analytics.declared.scales import FICO, ScoreScale
from analytics.ingest.cells import Rules, cleaned
from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.declaration import Declaration
from analytics.ingest.plan import Plan, folded
from analytics.ingest.staging import ODD, Staged

CANDIDATES = ((300, 850), (350, 950), (0, 1000), (300, 900), (0, 999), (1, 999), (0, 100))
SHARE = 0.05
LEAST = 20
"""Rows, and share of rows, off the default scale from which the scale may be another one."""
OTHER_SCORES = ("fico", "vantage", "beacon", "empirica")
"""Words in the header of scores that are not on the default scale."""
USUAL_SENTINELS = (-1, 0, 1, 999, 9999, 99999)


def propose_scale(
    cursor: duckdb.DuckDBPyConnection,
    plan: Plan,
    rules: Rules,
    staged: Staged,
    declaration: Declaration,
) -> tuple[Sentence, ...]:
    """Return what to say about scores off the default scale; ask for the scale where many are.

    Raises
    ------
    ChoiceNeeded
        No scale is declared, and many rows have a whole score off the default one while all scores
        fit another, or the header of the scores speaks of FICO or the like.
    """
    place = next((i for i, b in enumerate(plan.bound) if b.column.name == "score"), None)
    if declaration.scale is not None or place is None:
        return ()
    said = _off_scale(cursor, place, rules, staged) if staged.odd else ()
    ask_by_name(plan.bound[place].source, rules.scale)
    return said


def speaks_of_other_scores(header: str) -> bool:
    """Whether a header names scores that are on a scale of their own."""
    return any(word in folded(header) for word in OTHER_SCORES)


def ask_by_name(source: str, taken: ScoreScale) -> None:
    """Ask for the scale where the header of the scores speaks of FICO or the like.

    Raises
    ------
    ChoiceNeeded
        It does.
    """
    if speaks_of_other_scores(source):
        named = tuple(f"{scale.lowest}:{scale.highest}" for scale in (FICO, taken))
        raise ChoiceNeeded(
            say(
                "The scores are read from {source!r}, which may be on the scale {other} and "
                "not on {scale}: declare the scale with {options}.",
                source=source,
                other=FICO,
                scale=taken,
                options=either(f"--scale {name}" for name in named),
            ),
            option="scale",
            choices=tuple(Choice(name) for name in named),
        )


def _off_scale(
    cursor: duckdb.DuckDBPyConnection, place: int, rules: Rules, staged: Staged
) -> tuple[Sentence, ...]:
    text = cleaned(f"{ODD}[{place + 1}]")
    usual = ", ".join(str(score) for score in {*rules.sentinels, *USUAL_SENTINELS})
    scale = f"n BETWEEN {rules.scale.lowest} AND {rules.scale.highest}"
    off, low, high = cursor.execute(
        f"SELECT count(*) FILTER (NOT {scale}), min(n), max(n) FROM "
        "(SELECT TRY_CAST(t AS INTEGER) AS n FROM "
        f"(SELECT {text} AS t FROM accounts WHERE {ODD} IS NOT NULL AND score IS NULL) "
        "WHERE regexp_full_match(t, '[0-9]{1,6}(\\.0*)?')) "
        f"WHERE {scale} OR n NOT IN ({usual})"
    ).fetchall()[0]
    if not off:
        return ()
    lowest, highest = cursor.execute("SELECT min(score), max(score) FROM accounts").fetchall()[0]
    low = min(low, lowest if lowest is not None else low)
    high = max(high, highest if highest is not None else high)
    return judge_off_scale(OffScale(off, low, high, staged.rows), rules.scale)


@dataclass(frozen=True, slots=True)
class OffScale:
    """Rows with a whole score off the scale taken, all scores' range, and the rows there are."""

    rows: int
    low: int
    high: int
    of: int


def judge_off_scale(found: OffScale, taken: ScoreScale) -> tuple[Sentence, ...]:
    """Return what to say about scores off the scale that was taken; ask where they are many.

    Raises
    ------
    ChoiceNeeded
        Many rows are off it, and all scores fit another one.
    """
    off, low, high = found.rows, found.low, found.high
    fits = [f"{a}:{b}" for a, b in CANDIDATES if a <= low and high <= b]
    if not fits:
        return ()
    sentence = later_n(
        "{count:,} score is off the scale {scale}, which was taken since none is declared; all of "
        "them run from {low} to {high}: declare the scale, for example --scale {fitting} (or "
        "--scale {taken} to reject those rows).",
        "{count:,} scores are off the scale {scale}, which was taken since none is declared; all "
        "of them run from {low} to {high}: declare the scale, for example --scale {fitting} (or "
        "--scale {taken} to reject those rows).",
        off,
        scale=taken,
        low=low,
        high=high,
        fitting=fits[0],
        taken=f"{taken.lowest}:{taken.highest}",
    )
    if off < max(LEAST, SHARE * found.of):
        return (sentence,) if off > 1 else ()
    choices = tuple(Choice(fit) for fit in fits)
    raise ChoiceNeeded(str(sentence), option="scale", choices=choices)
