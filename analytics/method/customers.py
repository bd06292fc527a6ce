"""The customer's side: who is tight, strained or over-indebted (METHOD 7).

Each rule compares two products of whole numbers, so that it is exact for limits and balances of
today; it serves SQL columns and arrays alike. Money in minor units; incomes are known.
"""

from __future__ import annotations

import operator

from analytics.assumptions import Assumptions
from analytics.declared.parameters import BASIS_POINTS, basis_points
from analytics.method.elementwise import Quantity, Result, compared
from analytics.method.formulas import affordable_limit

NEAR_CEILING = (9, 10)
"""From which part of the affordable limit on a new limit is close to it."""
CUSTOMERS = ("relieved", "strained", "thin_cover", "short_cover", "over_indebted")
"""The measures that count customers."""
COVERS = {"thin_cover": 0.25, "short_cover": 1.0}
"""Months of income below which headroom is thin or short: what a customer bridges with it."""


def is_tight(balance: Quantity, limit: Quantity, assumptions: Assumptions) -> Result:
    """Return whether a customer uses so much of the limit as to be tight."""
    points = basis_points(assumptions.relief_utilization)
    return compared(balance, BASIS_POINTS, operator.ge, limit, points)


def is_eased(balance: Quantity, limit: Quantity, assumptions: Assumptions) -> Result:
    """Return whether a customer is not tight; relieved is who is tight before, eased after."""
    points = basis_points(assumptions.relief_utilization)
    return compared(balance, BASIS_POINTS, operator.lt, limit, points)


def is_strained(
    limit: Quantity, income: Quantity, other_payments: Quantity, assumptions: Assumptions
) -> Result:
    """Return whether the minimum payment on a full limit is too much for the monthly income.

    Together with what is paid elsewhere a month.
    """
    payment = basis_points(assumptions.minimum_payment_rate)
    share = basis_points(assumptions.strain_income_share)
    if isinstance(other_payments, int) and not other_payments:
        return compared(limit, payment, operator.gt, income, share)
    return limit * payment + other_payments * BASIS_POINTS > income * share


def highest_bearable_limit(
    income: Quantity, other_payments: Quantity, assumptions: Assumptions
) -> Result:
    """Return the highest whole limit that does not strain a customer whom 0 does not."""
    share = basis_points(assumptions.strain_income_share)
    payment = basis_points(assumptions.minimum_payment_rate)
    return affordable_limit(income, other_payments, share, payment)


def has_less_cover(unused: Quantity, income: Quantity, months: float) -> Result:
    """Return whether the headroom is below so many months of income."""
    return compared(unused, BASIS_POINTS, operator.lt, income, basis_points(months))


def is_above_old_limit(
    balance: Quantity, new_balance: Quantity, limit: Quantity, built: float
) -> Result:
    """Return whether more is owed than the old limit when a temporary raise ends.

    ``built`` is the share of the response that is there by then.
    """
    return balance + built * (new_balance - balance) > limit


def is_over_indebted(balance: Quantity, income: Quantity, assumptions: Assumptions) -> Result:
    """Return whether a balance is above the multiple of the monthly income."""
    multiple = round(assumptions.over_indebted_multiple * BASIS_POINTS)
    return compared(balance, BASIS_POINTS, operator.gt, income, multiple)


def is_near_affordable(limit: Quantity, affordable: Quantity) -> Result:
    """Return whether a limit is close to the highest affordable one, or above it (METHOD 10)."""
    part, whole = NEAR_CEILING
    return compared(limit, whole, operator.ge, affordable, part)


def is_half_indebted(balance: Quantity, income: Quantity, assumptions: Assumptions) -> Result:
    """Return whether a balance is above half of where a customer counts as over-indebted."""
    multiple = round(assumptions.over_indebted_multiple * BASIS_POINTS)
    return compared(balance, 2 * BASIS_POINTS, operator.gt, income, multiple)
