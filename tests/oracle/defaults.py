"""The defaults of the specification, as plain dicts. Money is in currency units."""

from decimal import Decimal
from typing import Any

# Section 3 (policy) and section 4 (guardrails). None, or False for a flag, switches a rule off.
DEFAULT_POLICY: dict[str, Any] = {
    "score_threshold": 800,
    "raise_rate": 0.20,
    "tiers": (),
    "limit_cap": Decimal(50_000),
    "affordability": True,
    "income_multiple": None,
    "unknown_cells": "hold",
    "temporary_days": None,
    "rounding_step": Decimal(100),
    "min_increment": Decimal(100),
    "max_increment": None,
    "closed": True,
    "opted_out": True,
    "in_hardship": True,
    "is_student": True,
    "past_due": True,
    "past_due_12m": 30,
    "persistent_minimum_payer": 3,
    "too_new": 6,
    "recent_limit_change": 6,
    "utilization_out_of_range": True,
    "utilization_min": 0.0,
    "utilization_max": 1.0,
    "holdout_rate": 0.0,
    "policy_seed": "headroom",
}

# Section 6: what low, central and high set, by score band.
PRESETS: dict[str, dict[str, tuple[float, ...]]] = {
    "low": {
        "elasticity": (0.35, 0.35, 0.35, 0.35, 0.35, 0.35, 0.35, 0.35),
        "mpb": (0.193, 0.147, 0.105, 0.070, 0.045, 0.032, 0.025, 0.017),
    },
    "central": {
        "elasticity": (0.60, 0.60, 0.60, 0.60, 0.60, 0.60, 0.60, 0.60),
        "mpb": (0.33, 0.25, 0.18, 0.12, 0.08, 0.055, 0.04, 0.03),
    },
    "high": {
        "elasticity": (0.90, 0.90, 0.90, 0.90, 0.90, 0.90, 0.90, 0.90),
        "mpb": (0.58, 0.55, 0.45, 0.35, 0.25, 0.23, 0.20, 0.20),
    },
}

# Section 2 (the horizon of p), section 5 (the curve), section 6 (response, preset central),
# section 7 (measures), section 8 (months).
DEFAULT_ASSUMPTIONS: dict[str, Any] = {
    # Section 2
    "pd_horizon_months": 12,
    # Section 5
    "anchor_score": 650,
    "anchor_odds": 49.0,
    "points_to_double_odds": 40.0,
    # Section 6
    "band_edges": (350, 550, 600, 650, 700, 750, 800, 850),
    "elasticity": PRESETS["central"]["elasticity"],
    "mpb": PRESETS["central"]["mpb"],
    "pd_uplift": (0.030, 0.025, 0.020, 0.015, 0.012, 0.010, 0.010, 0.010),
    "attrition": (0.18, 0.14, 0.11, 0.09, 0.07, 0.06, 0.05, 0.05),
    "attrition_change": (-0.05, -0.05, -0.05, -0.04, -0.04, -0.03, -0.03, -0.03),
    "moved_share": (0.0, 0.05, 0.15, 0.35, 0.60, 0.85, 1.0, 1.0),
    "reference_draw": (0.0315, 0.0240, 0.0172, 0.0114, 0.0074, 0.0051, 0.0040, 0.0029),
    "pd_uplift_driver": "debt",
    "take_up": (0.70, 0.65, 0.60, 0.50, 0.40, 0.35, 0.30, 0.30),
    "yield_rate": (0.14, 0.13, 0.115, 0.10, 0.085, 0.08, 0.075, 0.07),
    "response_form": "log",
    "consent_mode": "automatic",
    "idle_draw": 0.02,
    "attrition_floor": 0.33,
    # Section 7
    "credit_conversion_factor": 0.20,
    "loss_given_default": 0.85,
    "transactor_yield": 0.06,
    "funding_rate": 0.025,
    "operating_rate": 0.005,
    "capital_approach": "standardised",
    "asset_correlation": 0.04,
    "risk_weight": 0.75,
    "regulatory_conversion_factor": 0.10,
    "capital_ratio": 0.105,
    "hurdle_rate": 0.12,
    "action_cost": Decimal(0),
    "relief_utilization": 0.80,
    "minimum_payment_rate": 0.10,
    "strain_income_share": 0.30,
    "over_indebted_multiple": 6.0,
    # Section 8
    "build_month_3": 0.55,
    "horizon_months": 36,
    "discount_rate": 0.12,
    "loss_lag_months": 6,
    "provisioning": "ifrs9",
    "life_years": 2.0,
}


def preset(name: str) -> dict[str, tuple[float, ...]]:
    """Return elasticity and mpb by band of the preset low, central or high."""
    return dict(PRESETS[name])
