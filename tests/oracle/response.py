"""Sections 5 and 6: probability of default, and what a raise does.

Floating point starts here. Money is in minor units, held in float64, which is exact up to 2^53.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.oracle.columns import Columns
from tests.oracle.decision import Decision

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Response:
    """Both sides of every account: 0 as it is, 1 with the raise (the same where not raised)."""

    band: Rows
    raised: NDArray[np.bool_]
    take_up: Floats
    limit0: Floats
    limit1: Floats
    balance0: Floats
    balance1: Floats
    probability0: Floats
    probability1: Floats
    loss_given_default: Floats
    attrition0: Floats
    attrition1: Floats


def probability_from_score(score: Floats, assumptions: Mapping[str, Any]) -> Floats:
    """Apply section 5: p = 1 / (1 + odds), odds = odds_at_anchor x 2^((score - anchor) / PDO)."""
    doublings = (score - assumptions["anchor_score"]) / assumptions["points_to_double_odds"]
    odds = assumptions["anchor_odds"] * 2.0**doublings
    return np.asarray(1.0 / (1.0 + odds), dtype=np.float64)


def score_band(score: Rows, band_edges: tuple[int, ...]) -> Rows:
    """Return the index of the last lower edge at or below the score, or the first band."""
    band = np.searchsorted(np.asarray(band_edges), score, side="right") - 1
    return np.asarray(np.maximum(band, 0), dtype=np.int64)


def over_twelve_months(probability: Floats, horizon: int) -> Floats:
    """Apply section 2: p = 1 - (1 - p_h)^(12/h), for a model whose horizon is h months."""
    if horizon == 12:
        return probability
    return np.asarray(1.0 - (1.0 - probability) ** (12.0 / horizon), dtype=np.float64)


def respond(
    columns: Columns, decisions: list[Decision], assumptions: Mapping[str, Any]
) -> Response:
    """Apply section 6 to every account."""
    score = np.array(columns.score, dtype=np.int64)
    limit0 = np.array(columns.credit_limit, dtype=np.float64)
    limit1 = np.array([decision.new_limit for decision in decisions], dtype=np.float64)
    balance0 = np.array(columns.balance, dtype=np.float64)
    raised = np.array([decision.reason == "raised" for decision in decisions], dtype=np.bool_)

    # By score band (lower edges).
    band = score_band(score, assumptions["band_edges"])

    def of_band(name: str) -> Floats:
        return np.asarray(assumptions[name], dtype=np.float64)[band]

    # p from the column, else from the curve; g from the column, else from the assumption.
    # Only the portfolio's own p has a horizon: the curve's is 12 months.
    own = over_twelve_months(
        _floats(columns.default_probability), int(assumptions["pd_horizon_months"])
    )
    curve = probability_from_score(score.astype(np.float64), assumptions)
    probability0 = np.where(np.isnan(own), curve, own)
    loss_rate = _floats(columns.loss_given_default)
    loss_rate = np.where(np.isnan(loss_rate), float(assumptions["loss_given_default"]), loss_rate)

    # L1/L of a raised account (a raised account has L > 0); 1 where nothing is raised.
    ratio = np.divide(limit1, limit0, out=np.ones_like(limit0), where=raised)
    increment = np.where(raised, limit1 - limit0, 0.0)
    tenths = (ratio - 1.0) / 0.10

    # log:     dB = e(s) B ln(L1/L);  idle, where e(s) B < idle_draw L: dB = idle_draw (L1 - L)
    # linear:  dB = mpb(s) (L1 - L)
    if assumptions["response_form"] == "log":
        answer = of_band("elasticity") * balance0
        idle = answer < assumptions["idle_draw"] * limit0
        drawn = np.where(idle, assumptions["idle_draw"] * increment, answer * np.log(ratio))
    elif assumptions["response_form"] == "linear":
        drawn = of_band("mpb") * increment
    else:
        raise ValueError(f"unknown response_form {assumptions['response_form']!r}")

    # B1 = B + dB, never above max(L1, B), and dB = B1 - B from here on
    balance1 = np.minimum(balance0 + drawn, np.maximum(limit1, balance0))
    drawn = np.where(raised, balance1 - balance0, 0.0)

    # p1 = min(1, p (1 + k(s) x));  x = (dB/L) / d(s), or x = (L1/L - 1)/0.10
    if assumptions["pd_uplift_driver"] == "debt":
        share = np.divide(drawn, limit0, out=np.zeros_like(limit0), where=raised)
        driver = share / of_band("reference_draw")
    elif assumptions["pd_uplift_driver"] == "limit":
        driver = tenths
    else:
        raise ValueError(f"unknown pd_uplift_driver {assumptions['pd_uplift_driver']!r}")
    probability1 = np.minimum(1.0, probability0 * (1.0 + of_band("pd_uplift") * driver))

    # attrition1 = attrition(s) x max(1 + change(s) (L1/L - 1)/0.10, 1 - 0.33)
    attrition0 = of_band("attrition")
    factor = np.maximum(
        1.0 + of_band("attrition_change") * tenths, 1.0 - assumptions["attrition_floor"]
    )

    # q = take_up(s) in opt-in mode, 1 in automatic mode; used on raised accounts only.
    if assumptions["consent_mode"] == "opt_in":
        take_up = of_band("take_up")
    elif assumptions["consent_mode"] == "automatic":
        take_up = np.ones_like(limit0)
    else:
        raise ValueError(f"unknown consent_mode {assumptions['consent_mode']!r}")

    return Response(
        band=band,
        raised=raised,
        take_up=np.where(raised, take_up, 0.0),
        limit0=limit0,
        limit1=limit1,
        balance0=balance0,
        balance1=np.where(raised, balance1, balance0),
        probability0=probability0,
        probability1=np.where(raised, probability1, probability0),
        loss_given_default=loss_rate,
        attrition0=attrition0,
        attrition1=np.where(raised, attrition0 * factor, attrition0),
    )


def the_day_after(response: Response) -> Response:
    """Return section 8's static run: limits raised, balances and p unchanged, nobody stays."""
    return replace(
        response,
        balance1=response.balance0,
        probability1=response.probability0,
        attrition1=response.attrition0,
    )


def _floats(cells: list[float | None]) -> Floats:
    """Return the cells as numbers, NaN where one is missing."""
    return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
