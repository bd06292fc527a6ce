"""Section 7, the customer's side: relieved, strained, short of cover, over-indebted."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.oracle.columns import BASIS_POINTS, Columns, basis_points
from tests.oracle.response import Floats, Response

# Months of income, in ten-thousandths.
THIN_COVER, SHORT_COVER = 2_500, 10_000


def customer_side(
    columns: Columns,
    response: Response,
    assumptions: Mapping[str, Any],
    before: dict[str, Floats],
    after: dict[str, Floats],
) -> None:
    """Add the customers' counts, as 0 or 1 per account.

    Both sides of a comparison are multiplied out to whole basis points: on whole minor units that
    is exact (Python integers), and after the raise, where B1 is a float, it is the same form.
    """
    relief = basis_points(assumptions["relief_utilization"])
    rates = [
        basis_points(assumptions[name])
        for name in ("minimum_payment_rate", "strain_income_share", "over_indebted_multiple")
    ]
    relieved = np.zeros(len(columns))
    names = ("strained", "thin_cover", "short_cover", "over_indebted")
    for name in names:
        before[name], after[name] = np.zeros(len(columns)), np.zeros(len(columns))

    for row in range(len(columns)):
        limit0, balance0 = columns.credit_limit[row], columns.balance[row]
        limit1, balance1 = limit0, float(balance0)
        raised = bool(response.raised[row])

        # relieved: raised, utilization >= 0.80 before and below it after (L1, B1)
        if raised:
            limit1, balance1 = int(response.limit1[row]), float(response.balance1[row])
            high_before = balance0 * BASIS_POINTS >= relief * limit0
            low_after = balance1 * BASIS_POINTS < float(relief * limit1)
            relieved[row] = float(high_before and low_after)

        # the others: accounts with income known
        income = columns.monthly_income[row]
        if income is None:
            continue
        paid = columns.other_payments[row] or 0
        counts0 = _counts(limit0, balance0, income, paid, rates)
        counts1 = _counts(limit1, balance1, income, paid, rates) if raised else counts0
        for name, count0, count1 in zip(names, counts0, counts1, strict=True):
            before[name][row], after[name][row] = float(count0), float(count1)

    before["relieved"], after["relieved"] = np.zeros(len(columns)), relieved


def _counts(
    limit: int, balance: float, income: int, paid: int, rates: list[int]
) -> tuple[bool, bool, bool, bool]:
    """Tell whether one account is strained, thin of cover, short of cover and over-indebted."""
    payment, share, multiple = rates
    headroom = max(limit - balance, 0)
    return (
        # minimum_payment_rate x limit + P above strain_income_share x Y
        payment * limit + BASIS_POINTS * paid > share * income,
        # headroom below 0.25, 1 month of income
        headroom * BASIS_POINTS < THIN_COVER * income,
        headroom * BASIS_POINTS < SHORT_COVER * income,
        # balance > 6 x monthly income
        balance * BASIS_POINTS > multiple * income,
    )
