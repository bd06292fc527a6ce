"""The customer's side: each rule on its bound, exact for the largest amounts, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.assumptions import Assumptions
from analytics.declared.columns import MAX_MONEY, MINOR_UNITS
from analytics.method.customers import (
    is_eased,
    is_over_indebted,
    is_strained,
    is_tight,
    lowest_straining_limit,
)

LARGEST = MAX_MONEY * MINOR_UNITS
"""Minor units: the largest limit that a portfolio may hold."""
PLAIN = Assumptions(
    relief_utilization=0.8,
    minimum_payment_rate=0.1,
    strain_income_share=0.3,
    over_indebted_multiple=6.0,
)


@pytest.mark.parametrize(
    ("balance", "limit", "tight"),
    [
        (80_000, 100_000, True),
        (79_999, 100_000, False),
        (0, 100_000, False),
        (100_001, 100_000, True),
        (8 * LARGEST // 10, LARGEST, True),
        (8 * LARGEST // 10 - 1, LARGEST, False),
    ],
)
def test_tight_begins_exactly_at_the_utilization_assumed(
    balance: int, limit: int, tight: bool
) -> None:
    assert bool(is_tight(np.int64(balance), np.int64(limit), PLAIN)) is tight


@given(balance=st.integers(0, 2 * LARGEST), limit=st.integers(1, LARGEST))
def test_a_customer_is_either_tight_or_eased(balance: int, limit: int) -> None:
    b, n = np.int64(balance), np.int64(limit)
    assert bool(is_tight(b, n, PLAIN)) is not bool(is_eased(b, n, PLAIN))


@pytest.mark.parametrize(("limit", "strained"), [(3_000_000, False), (3_000_001, True), (0, False)])
def test_strain_begins_above_the_share_of_income_that_a_full_limit_takes(
    limit: int, strained: bool
) -> None:
    """A tenth of the limit a month against three tenths of an income of 10,000.00."""
    assert bool(is_strained(np.int64(limit), np.int64(1_000_000), PLAIN)) is strained


@given(income=st.integers(0, 10**11), payment=st.integers(1, 10_000))
def test_the_lowest_straining_limit_is_the_first_that_strains(income: int, payment: int) -> None:
    assumptions = Assumptions(minimum_payment_rate=payment / 10_000)
    monthly = np.int64(income)
    lowest = lowest_straining_limit(monthly, assumptions)
    assert bool(is_strained(lowest, monthly, assumptions))
    assert not bool(is_strained(lowest - 1, monthly, assumptions))


@pytest.mark.parametrize(("balance", "over"), [(6_000_000, False), (6_000_001, True)])
def test_over_indebted_begins_above_the_multiple_of_income(balance: int, over: bool) -> None:
    """Six monthly incomes of 10,000.00."""
    assert bool(is_over_indebted(np.int64(balance), np.int64(1_000_000), PLAIN)) is over


def test_the_rules_serve_a_whole_column_at_once() -> None:
    balances, limits = np.array([79_999, 80_000]), np.array([100_000, 100_000])
    assert is_tight(balances, limits, PLAIN).tolist() == [False, True]
    assert is_eased(balances, limits, PLAIN).tolist() == [True, False]
