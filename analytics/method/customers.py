"""The customer's side: who is tight, strained or over-indebted (METHOD 7).

Each rule compares two products of whole numbers, so that it is exact for limits and balances of
today; it serves SQL columns and arrays alike. Money in minor units; incomes are known.
"""

from __future__ import annotations

import operator

from analytics.assumptions import Assumptions
from analytics.declared.parameters import BASIS_POINTS, basis_points
from analytics.method.elementwise import Quantity, Result, compared, whole_quotient

CUSTOMERS = ("relieved", "strained", "over_indebted")
"""The measures that count customers."""


def is_tight(balance: Quantity, limit: Quantity, assumptions: Assumptions) -> Result:
    """Return whether a customer uses so much of the limit as to be tight."""
    points = basis_points(assumptions.relief_utilization)
    return compared(balance, BASIS_POINTS, operator.ge, limit, points)


def is_eased(balance: Quantity, limit: Quantity, assumptions: Assumptions) -> Result:
    """Return whether a customer is not tight; relieved is who is tight before, eased after."""
    points = basis_points(assumptions.relief_utilization)
    return compared(balance, BASIS_POINTS, operator.lt, limit, points)


def is_strained(limit: Quantity, income: Quantity, assumptions: Assumptions) -> Result:
    """Return whether the minimum payment of a full limit is too much for the monthly income."""
    payment = basis_points(assumptions.minimum_payment_rate)
    share = basis_points(assumptions.strain_income_share)
    return compared(limit, payment, operator.gt, income, share)


def lowest_straining_limit(income: Quantity, assumptions: Assumptions) -> Result:
    """Return the lowest whole limit that strains a customer: the inverse of :func:`is_strained`.

    The minimum payment must be above 0, else no limit does.
    """
    payment = basis_points(assumptions.minimum_payment_rate)
    share = basis_points(assumptions.strain_income_share)
    return whole_quotient(income * share, payment) + 1


def is_over_indebted(balance: Quantity, income: Quantity, assumptions: Assumptions) -> Result:
    """Return whether a balance is above the multiple of the monthly income."""
    multiple = round(assumptions.over_indebted_multiple * BASIS_POINTS)
    return compared(balance, BASIS_POINTS, operator.gt, income, multiple)
