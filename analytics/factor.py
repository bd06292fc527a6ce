"""The one-factor model: how default probabilities move together (Vasicek; METHOD 8).

The factor z is standard normal and common to all accounts; low is bad. Given z, accounts default
independently of each other.
"""

from __future__ import annotations

from analytics.elementwise import Quantity, normal_cdf, normal_quantile, square_root


def conditional_probability(
    default_probability: Quantity,
    factor: Quantity,
    correlation: Quantity,
    *,
    quantile: Quantity | None = None,
) -> Quantity:
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


def factor_of_year(years: Quantity) -> Quantity:
    """Return the factor of a bad year that comes once in so many years (20: G(0.05))."""
    return normal_quantile(1.0 / years)


def probability_quantile(
    default_probability: Quantity, level: Quantity, correlation: Quantity
) -> Quantity:
    """Return the quantile of the default probability over the factor (0 to 1).

    ``level`` 0.95 gives what is exceeded in one year of twenty.
    """
    return conditional_probability(default_probability, -normal_quantile(level), correlation)
