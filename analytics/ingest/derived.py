"""A score from the default probability, by the inverse of the scale's PD curve."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

import dataclasses
from typing import Any

import duckdb
import sqlalchemy as sa

from analytics.declared.language import Sentence, later, say
from analytics.declared.scales import ScoreScale
from analytics.errors import PortfolioError
from analytics.method import formulas


def add_score(
    cursor: duckdb.DuckDBPyConnection, scale: ScoreScale, horizon_months: int
) -> Sentence:
    """Add the column ``score`` to ``accounts`` and return how it was computed.

    score = anchor + PDO x log2(odds / anchor odds) with odds = (1 - p) / p, rounded half up to a
    whole score and cut to the scale; p = 0 has the highest score, p = 1 the lowest. p is over 12
    months; that of the source is over ``horizon_months``.
    """
    curve = scale.curve
    if curve is None:
        raise PortfolioError(
            say("The score scale {scale} has no PD curve to derive a score by.", scale=scale)
        )
    p = "default_probability"
    own: Any = sa.column(p, sa.Double())
    if horizon_months != formulas.MONTHS_OF_A_YEAR:
        own = formulas.default_probability_over_a_year(own, horizon_months)
    exact = formulas.score_from_default_probability(own, *dataclasses.astuple(curve))
    yearly, exact = (str(x.compile(compile_kwargs={"literal_binds": True})) for x in (own, exact))
    score = f"floor({exact} + 0.5)"
    cursor.execute("ALTER TABLE accounts ADD COLUMN score INTEGER")
    cursor.execute(
        f"UPDATE accounts SET score = CASE WHEN {yearly} <= 0 THEN {scale.highest} "
        f"WHEN {yearly} >= 1 THEN {scale.lowest} "
        f"ELSE CAST(greatest({scale.lowest}, least({scale.highest}, {score})) AS INTEGER) END"
    )
    return later(
        "from default_probability, by the inverse of the PD curve ({odds:g} good to one bad at "
        "{score:g}, doubling every {points:g} points), cut to {scale}",
        odds=curve.anchor_odds,
        score=curve.anchor_score,
        points=curve.points_to_double_odds,
        scale=scale,
    )
