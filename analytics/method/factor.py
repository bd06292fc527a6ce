"""The one-factor model: how a default probability moves with what is common to all (METHOD 9).

The factor z is standard normal and common to all accounts; low is bad (Vasicek). Given z, accounts
default independently of each other. What sums over accounts may come to is for
:mod:`analytics.method.chance` to say.
"""

from __future__ import annotations

from analytics.method.elementwise import Quantity, Result, square_root
from analytics.method.normal import normal_cdf, normal_quantile


def conditional_probability(
    default_probability: Quantity,
    factor: Quantity,
    correlation: Quantity,
    *,
    quantile: Quantity | None = None,
) -> Result:
    """Return the default probability given the factor (0 to 1); its mean over z is its own.

    Exactly 0 and 1 where the default probability is 0 and 1. Shapes broadcast.

    Parameters
    ----------
    default_probability : 0 to 1
    factor : standard normal, low is bad
    correlation : asset correlation, 0 to below 1 (not its root)
    quantile : ``normal_quantile(default_probability)``, where a statement computed it already
    """
    own = normal_quantile(default_probability) if quantile is None else quantile
    return normal_cdf((own - square_root(correlation) * factor) / square_root(1.0 - correlation))


def factor_of_year(years: Quantity) -> Result:
    """Return the factor of a bad year that comes once in so many years (20: G(0.05))."""
    return normal_quantile(1.0 / years)


def scaled_odds(default_probability: Quantity, multiplier: Quantity) -> Result:
    """Return the default probability when its odds are multiplied (0 to 1; 0 and 1 stay)."""
    return multiplier * default_probability / (1.0 + (multiplier - 1.0) * default_probability)
