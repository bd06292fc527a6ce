"""Sections 7 and 8 (K): the measures of every account, baseline and with the raise.

Money is in minor units. Each measure is one array over the accounts; the sums come later.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from tests.oracle.columns import BASIS_POINTS, MINOR_UNITS, Columns, basis_points
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
)
COUNT_MEASURES = ("projected_defaults", "relieved", "strained", "over_indebted")
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
    before = _one_side(response, assumptions, raised_side=False)
    after = _one_side(response, assumptions, raised_side=True)

    # retained: (attrition0 - attrition1) x max(margin0 - el0, 0)
    nothing = np.zeros_like(response.limit0)
    attrition_avoided = response.attrition0 - response.attrition1
    before["retained"] = nothing
    after["retained"] = attrition_avoided * np.maximum(
        before["margin"] - before["expected_loss"], 0.0
    )

    # action_cost per raised account
    cost = float(assumptions["action_cost"]) * MINOR_UNITS
    before["action_cost"] = nothing
    after["action_cost"] = np.where(response.raised, cost, 0.0)

    # net_value: margin + retained - expected_loss - capital_charge - action_cost
    for side in (before, after):
        side["net_value"] = (
            side["margin"]
            + side["retained"]
            - side["expected_loss"]
            - side["capital_charge"]
            - side["action_cost"]
        )

    _customer_side(columns, response, assumptions, before, after)

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


def _one_side(
    response: Response, assumptions: Mapping[str, Any], *, raised_side: bool
) -> dict[str, Floats]:
    """Compute the measures that need one side only."""
    limit = response.limit1 if raised_side else response.limit0
    balance = response.balance1 if raised_side else response.balance0
    probability = response.probability1 if raised_side else response.probability0
    loss_rate = response.loss_given_default

    ead = exposure_at_default(balance, limit, assumptions["credit_conversion_factor"])
    spread = (
        np.asarray(assumptions["yield_rate"], dtype=np.float64)[response.band]
        - assumptions["funding_rate"]
        - assumptions["operating_rate"]
    )
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
        "capital_charge": assumptions["hurdle_rate"] * assumptions["capital_ratio"] * rwa,
    }


def _customer_side(
    columns: Columns,
    response: Response,
    assumptions: Mapping[str, Any],
    before: dict[str, Floats],
    after: dict[str, Floats],
) -> None:
    """Add relieved, strained and over_indebted, as 0 or 1 per account.

    Both sides of a comparison are multiplied out to whole basis points: on whole minor units that
    is exact (Python integers), and after the raise, where B1 is a float, it is the same form.
    """
    relief = basis_points(assumptions["relief_utilization"])
    payment = basis_points(assumptions["minimum_payment_rate"])
    share = basis_points(assumptions["strain_income_share"])
    multiple = basis_points(assumptions["over_indebted_multiple"])

    rows = range(len(columns))
    zeros = [0.0] * len(columns)
    relieved, strained0, strained1 = zeros.copy(), zeros.copy(), zeros.copy()
    over_indebted0, over_indebted1 = zeros.copy(), zeros.copy()
    for row in rows:
        limit0, balance0 = columns.credit_limit[row], columns.balance[row]
        limit1, balance1 = int(response.limit1[row]), float(response.balance1[row])
        raised = bool(response.raised[row])

        # relieved: raised, utilization >= 0.80 before and < 0.80 after
        if raised:
            high_before = balance0 * BASIS_POINTS >= relief * limit0
            low_after = balance1 * BASIS_POINTS < float(relief * limit1)
            relieved[row] = float(high_before and low_after)

        # strained, over_indebted: accounts with income known
        income = columns.monthly_income[row]
        if income is None:
            continue
        # minimum payment (0.10 of the full limit) above 0.30 of monthly income
        strained0[row] = float(payment * limit0 > share * income)
        strained1[row] = float(payment * limit1 > share * income)
        # balance > 6 x monthly income
        over_indebted0[row] = float(balance0 * BASIS_POINTS > multiple * income)
        over_indebted1[row] = (
            float(balance1 * BASIS_POINTS > float(multiple * income))
            if raised
            else over_indebted0[row]
        )

    before["relieved"], after["relieved"] = np.array(zeros), np.array(relieved)
    before["strained"], after["strained"] = np.array(strained0), np.array(strained1)
    before["over_indebted"], after["over_indebted"] = (
        np.array(over_indebted0),
        np.array(over_indebted1),
    )
