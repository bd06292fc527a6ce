"""Regulatory capital of retail exposures: the one-factor IRB formula (METHOD 9)."""

from __future__ import annotations

from analytics.assumptions import Assumptions
from analytics.declared.choices import CapitalApproach
from analytics.declared.language import say
from analytics.errors import ParameterError
from analytics.method import formulas
from analytics.method.elementwise import Quantity, Result, exp, greatest, where
from analytics.method.factor import conditional_probability, factor_of_year

RWA_PER_CAPITAL = 12.5
BAD_YEAR = float(factor_of_year(1000))
"""The factor of the worst year in a thousand (confidence 99.9 %)."""


def correlation(
    default_probability: Quantity, approach: CapitalApproach, asset_correlation: Quantity
) -> Result:
    """Return the asset correlation of an IRB retail class.

    ``irb_qrre`` has the one declared (CRE31.15: 0.04); ``irb_other_retail`` falls from 0.16 to
    0.03 with the default probability (CRE31.16).

    Raises
    ------
    ParameterError
        The standardised approach, which has none, or a text that is no approach.
    """
    match CapitalApproach(approach):
        case CapitalApproach.IRB_QRRE:
            return asset_correlation
        case CapitalApproach.IRB_OTHER_RETAIL:
            weight = (1.0 - exp(-35.0 * default_probability)) / (1.0 - exp(-35.0))
            return 0.03 * weight + 0.16 * (1.0 - weight)
        case CapitalApproach.STANDARDISED:
            raise ParameterError(
                say(
                    "The standardised approach has no asset correlation: give irb_qrre or "
                    "irb_other_retail."
                )
            )


def irb_requirement(
    default_probability: Quantity,
    loss_given_default: Quantity,
    correlation: Quantity,
    *,
    quantile: Quantity | None = None,
) -> Result:
    """Return the capital requirement K per unit of exposure at default (CRE31.15-16).

    The loss of the worst year in a thousand less the expected loss, without floors or the factor
    1.06 of earlier rules. It is linear in the loss given default, and 0 at a default probability
    of 0 or 1, the limits of the formula for exposures not in default. Shapes broadcast.

    Parameters
    ----------
    default_probability, loss_given_default : 0 to 1
    correlation : asset correlation, 0 to below 1 (not its root)
    quantile : ``normal_quantile(default_probability)``, where a statement computed it already
    """
    stressed = conditional_probability(
        default_probability, BAD_YEAR, correlation, quantile=quantile
    )
    counted = where((default_probability > 0.0) & (default_probability < 1.0), 1.0, 0.0)
    return counted * loss_given_default * (stressed - default_probability)


def counted_requirement(
    default_probability: Quantity, loss_given_default: Quantity, assumptions: Assumptions
) -> Result:
    """Return the capital requirement K on the parameters that regulation counts.

    Both are lifted to the floors of the assumptions, which also name the retail class. Shapes
    broadcast.
    """
    if assumptions.pd_floor:
        default_probability = floored(default_probability, assumptions.pd_floor)
    if assumptions.lgd_floor:
        loss_given_default = floored(loss_given_default, assumptions.lgd_floor)
    of_class = correlation(
        default_probability, assumptions.capital_approach, assumptions.asset_correlation
    )
    return irb_requirement(default_probability, loss_given_default, of_class)


def irb_rwa(requirement: Quantity, exposure: Quantity) -> Result:
    """Return the risk-weighted assets of a capital requirement K, in the unit of the exposure."""
    return RWA_PER_CAPITAL * requirement * exposure


def counted_rwa(
    default_probability: Quantity,
    loss_given_default: Quantity,
    exposure: Quantity,
    assumptions: Assumptions,
) -> Result:
    """Return the risk-weighted assets by the IRB formula, on what regulation counts.

    In the unit of the exposure; see :func:`counted_requirement`. Shapes broadcast.
    """
    requirement = counted_requirement(default_probability, loss_given_default, assumptions)
    return irb_rwa(requirement, exposure)


def rwa(
    balance: Quantity,
    unused: Quantity,
    default_probability: Quantity,
    loss_given_default: Quantity,
    assumptions: Assumptions,
) -> Result:
    """Return risk-weighted assets of accounts by the approach in force, in the unit of balance.

    ``unused`` is the headroom. Shapes broadcast.
    """
    if not assumptions.capital_approach.is_irb:
        return formulas.standardised_rwa(
            balance, unused, assumptions.risk_weight, assumptions.regulatory_conversion_factor
        )
    exposure = formulas.ead(balance, unused, assumptions.credit_conversion_factor)
    return counted_rwa(default_probability, loss_given_default, exposure, assumptions)


def charge(rwa: Quantity, assumptions: Assumptions) -> Result:
    """Return what the capital behind risk-weighted assets has to earn, a year."""
    return formulas.capital_charge(
        rwa, assumptions.capital_ratio, assumptions.hurdle_rate, assumptions.funding_rate
    )


def floored(parameter: Quantity, floor: Quantity) -> Result:
    """Return a risk parameter that regulation counts no lower than its floor.

    Serves default probability (CRE32.58: 0.0010 for revolving retail, 0.0005 for other retail)
    and loss given default (0.50 and 0.30).
    """
    return greatest(parameter, floor)
