"""Sections 7 and 9 (K): the measures of every account, baseline and with the raise.

Money is in minor units. Each measure is one array over the accounts; the sums come later.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from tests.oracle.columns import MINOR_UNITS, Columns
from tests.oracle.customers import customer_side
from tests.oracle.response import Floats, Response

# The measures that are summed over accounts; the rates are quotients of these sums.
MONEY_MEASURES = (
    "limit",
    "balance",
    "headroom",
    "ead",
    "defaulted_exposure",
    "expected_loss",
    "margin",
    "rwa",
    "capital_charge",
    "retained",
    "action_cost",
    "net_value",
    "new_debt",
    "moved_balance",
)
# The customers' counts; those of incomes are null where the portfolio knows no income.
INCOME_MEASURES = ("strained", "thin_cover", "short_cover", "over_indebted")
COUNT_MEASURES = ("projected_defaults", "relieved", *INCOME_MEASURES)
LOSS_PARTS = ("new_exposure", "old_balance", "cross")


def exposure_at_default(balance: Floats, limit: Floats, conversion_factor: float) -> Floats:
    """Return B + c max(L - B, 0)."""
    return balance + conversion_factor * np.maximum(limit - balance, 0.0)


def other_retail_correlation(probability: Floats) -> Floats:
    """R = 0.03 w + 0.16 (1 - w), w = (1 - e^(-35 p)) / (1 - e^(-35)) [CRE31.16]."""
    weight = (1.0 - np.exp(-35.0 * probability)) / (1.0 - np.exp(-35.0))
    return np.asarray(0.03 * weight + 0.16 * (1.0 - weight), dtype=np.float64)


def conditional_probability(probability: Floats, correlation: Floats, factor: float) -> Floats:
    """p(z) = N((G(p) - sqrt(R) z) / sqrt(1 - R)); z low = bad."""
    threshold = ndtri(probability) - np.sqrt(correlation) * factor
    return np.asarray(ndtr(threshold / np.sqrt(1.0 - correlation)), dtype=np.float64)


def capital_requirement(probability: Floats, loss_rate: Floats, correlation: Floats) -> Floats:
    """K = LGD [N((G(p) + sqrt(R) G(0.999)) / sqrt(1 - R)) - p]; 0 at p = 0 and at p = 1."""
    inside = (probability > 0.0) & (probability < 1.0)
    safe = np.where(inside, probability, 0.5)
    stressed = conditional_probability(safe, correlation, -float(ndtri(0.999)))
    return np.where(inside, loss_rate * (stressed - safe), 0.0)


def risk_weighted_assets(
    balance: Floats,
    limit: Floats,
    ead: Floats,
    probability: Floats,
    loss_given_default: Floats,
    assumptions: Mapping[str, Any],
) -> Floats:
    """Standardised: 0.75 (B + 0.10 max(L - B, 0)); or IRB: 12.5 K EAD."""
    approach = assumptions["capital_approach"]
    if approach == "standardised":
        factor = assumptions["regulatory_conversion_factor"]
        return float(assumptions["risk_weight"]) * exposure_at_default(balance, limit, factor)
    if approach == "irb_qrre":
        correlation = np.full_like(probability, float(assumptions["asset_correlation"]))
    elif approach == "irb_other_retail":
        correlation = other_retail_correlation(probability)
    else:
        raise ValueError(f"unknown capital_approach {approach!r}")
    return 12.5 * capital_requirement(probability, loss_given_default, correlation) * ead


def baseline_and_raised(
    columns: Columns, response: Response, assumptions: Mapping[str, Any]
) -> tuple[dict[str, Floats], dict[str, Floats], dict[str, Floats]]:
    """Compute every account's measures as it is, and raised in full; and the loss parts."""
    before, after, parts = lenders_side(columns, response, assumptions)
    customer_side(columns, response, assumptions, before, after)
    return before, after, parts


def lenders_side(
    columns: Columns, response: Response, assumptions: Mapping[str, Any]
) -> tuple[dict[str, Floats], dict[str, Floats], dict[str, Floats]]:
    """Compute the same without the customers' counts."""
    before = _one_side(columns, response, assumptions, raised_side=False)
    after = _one_side(columns, response, assumptions, raised_side=True)
    nothing = np.zeros_like(response.limit0)

    # retained: 1/2 (attrition0 - attrition1) (margin0 - el0 - capital_charge0)
    worth = before["margin"] - before["expected_loss"] - before["capital_charge"]
    before["retained"] = nothing
    after["retained"] = 0.5 * (response.attrition0 - response.attrition1) * worth

    # action_cost per raised account
    cost = float(assumptions["action_cost"]) * MINOR_UNITS
    before["action_cost"] = nothing
    after["action_cost"] = np.where(response.raised, cost, 0.0)

    # new_debt = (1 - w) dB, moved_balance = w dB; 0 in the baseline
    moved = np.asarray(assumptions["moved_share"], dtype=np.float64)[response.band]
    drawn = response.balance1 - response.balance0
    before["new_debt"], before["moved_balance"] = nothing, nothing
    after["new_debt"], after["moved_balance"] = (1.0 - moved) * drawn, moved * drawn

    for side in (before, after):
        side["net_value"] = net_value(side)

    # p g dEAD (new exposure) + dp g EAD0 (old balance) + dp g dEAD (cross)
    ead_change = after["ead"] - before["ead"]
    probability_change = response.probability1 - response.probability0
    loss_rate = response.loss_given_default
    parts = {
        "new_exposure": response.probability0 * loss_rate * ead_change,
        "old_balance": probability_change * loss_rate * before["ead"],
        "cross": probability_change * loss_rate * ead_change,
    }
    return before, after, parts


def net_value(side: Mapping[str, Floats]) -> Floats:
    """Return margin + retained - expected_loss - capital_charge - action_cost."""
    earned = side["margin"] + side["retained"] - side["expected_loss"]
    return earned - side["capital_charge"] - side["action_cost"]


def _one_side(
    columns: Columns, response: Response, assumptions: Mapping[str, Any], *, raised_side: bool
) -> dict[str, Floats]:
    """Compute the measures that need one side only."""
    limit = response.limit1 if raised_side else response.limit0
    balance = response.balance1 if raised_side else response.balance0
    probability = response.probability1 if raised_side else response.probability0
    loss_rate = response.loss_given_default

    ead = exposure_at_default(balance, limit, assumptions["credit_conversion_factor"])
    # margin: B (yield(s) - funding - operating), with transactor_yield for a transactor
    transactor = np.array([bool(cell) for cell in columns.is_transactor], dtype=np.bool_)
    earning = np.asarray(assumptions["yield_rate"], dtype=np.float64)[response.band]
    earning = np.where(transactor, float(assumptions["transactor_yield"]), earning)
    spread = earning - assumptions["funding_rate"] - assumptions["operating_rate"]
    # capital_charge: (hurdle - funding) x capital ratio x rwa
    above_funding = assumptions["hurdle_rate"] - assumptions["funding_rate"]
    rwa = risk_weighted_assets(balance, limit, ead, probability, loss_rate, assumptions)
    return {
        "limit": limit,
        "balance": balance,
        "headroom": np.maximum(limit - balance, 0.0),
        "ead": ead,
        "projected_defaults": probability,
        "defaulted_exposure": probability * ead,
        "expected_loss": probability * loss_rate * ead,
        "margin": balance * spread,
        "rwa": rwa,
        "capital_charge": above_funding * assumptions["capital_ratio"] * rwa,
        # DL of section 8: drawn only
        "drawn_loss": probability * loss_rate * balance,
    }
