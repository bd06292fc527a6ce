"""What is odd about a loaded file and rejects nothing: said, so that the user can look."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import duckdb

from analytics import formulas
from analytics.columns import MINOR_UNITS
from analytics.currencies import currency
from analytics.ingest.declaration import Declaration
from analytics.ingest.plan import Plan, folded
from analytics.ingest.raw import Raw, identifier
from analytics.ingest.report import RejectReason, counted
from analytics.scales import FICO, ScoreScale

EXTREMES = (0.0001, 0.5)
"""Default probabilities between which a PD curve is taken to have been set."""
TYPICAL_PROBABILITY = 0.4
ROUND_LIMIT = 10_000
OTHER_SCORES = ("fico", "vantage")


def cautions(
    cursor: duckdb.DuckDBPyConnection,
    raw: Raw,
    plan: Plan,
    declaration: Declaration,
    reasons: Mapping[str, RejectReason],
) -> tuple[str, ...]:
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
        found.append(f"{counted(over, 'account is', 'accounts are')} over the limit.")
    if off_curve and not has_probability and scale.curve:
        found.append(
            f"{counted(off_curve, 'account has', 'accounts have')} a score outside {low} to "
            f"{high}, the range on which the PD curve was set: their probabilities are a guess."
        )
    if has_probability and probability is not None and probability > TYPICAL_PROBABILITY:
        found.append(
            f"The mean default probability is {probability:.0%}: if the file holds percent, "
            "give --map with the header divided by 100."
        )
    if "out_of_range" in reasons and has_probability:
        found.append(
            f"{counted(reasons['out_of_range'].rows, 'row has', 'rows have')} a rate above 1: if "
            "the file holds percent, give --map with the header divided by 100."
        )
    whole = currency(declaration.currency).shown_decimals == 0
    if accounts >= 10 and not finer and not whole and limit >= 100 * ROUND_LIMIT * MINOR_UNITS:
        found.append(
            "Limits and balances are all whole and the limits large and round: they may be in "
            "cents. If so, give --map with the headers divided by 100."
        )
    found += _other_scale(raw, plan, declaration, lowest, highest)
    found += _numeric_ids(raw, plan)
    found += _twins(cursor, plan, accounts)
    return tuple(found)


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
) -> list[str]:
    source = next((b.source for b in plan.bound if b.column.name == "score"), "")
    named = any(
        word in folded(header) for header in (source, *raw.headers) for word in OTHER_SCORES
    )
    if declaration.scale is not None or not named or highest > FICO.highest:
        return []
    return [
        (
            f"The scores run from {lowest} to {highest} and a header speaks of FICO or Vantage: "
            f"give --scale {FICO.lowest}:{FICO.highest} if that is their scale; "
            f"{declaration.score_scale} was taken."
        )
    ]


def _numeric_ids(raw: Raw, plan: Plan) -> list[str]:
    bound = next(b for b in plan.bound if b.column.name == "account_id")
    if bound.type_name == "VARCHAR" and bound.source not in raw.numeric:
        return []
    return [
        (
            f"The ids in {bound.source} are stored as numbers: leading zeros, if there were any, "
            "were lost before the file was written."
        )
    ]


def _twins(cursor: duckdb.DuckDBPyConnection, plan: Plan, accounts: int) -> list[str]:
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
        (
            f"{drawn - distinct:,} of the accounts with a balance equal another one in everything "
            "but the id: the same account may stand there twice."
        )
    ]
