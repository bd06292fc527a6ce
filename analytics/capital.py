"""Regulatory capital of retail exposures: the one-factor IRB formula (METHOD 8)."""

from __future__ import annotations

from analytics.elementwise import Quantity, exp, greatest, normal_cdf, normal_quantile, where

RWA_PER_CAPITAL = 12.5
CONFIDENCE = 0.999


def correlation(
    default_probability: Quantity, approach: str, asset_correlation: Quantity
) -> Quantity:
    """Return the asset correlation of an IRB retail class.

    ``irb_qrre`` has the one declared (CRE31.15: 0.04); ``irb_other_retail`` falls from 0.16 to
    0.03 with the default probability (CRE31.16).
    """
    if approach == "irb_qrre":
        return asset_correlation
    weight = (1.0 - exp(-35.0 * default_probability)) / (1.0 - exp(-35.0))
    return 0.03 * weight + 0.16 * (1.0 - weight)
