"""The customer's side: each rule on its bound, exact for the largest amounts, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.assumptions import Assumptions
from analytics.declared.columns import MAX_MONEY, MINOR_UNITS
from analytics.method.customers import (
    COVERS,
    has_less_cover,
    highest_bearable_limit,
    is_eased,
    is_over_indebted,
    is_strained,
    is_tight,
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
    assert bool(is_strained(np.int64(limit), np.int64(1_000_000), 0, PLAIN)) is strained


def test_payments_elsewhere_strain_as_well() -> None:
    """100,000.00 x 10 % and 100 elsewhere against 30 % of an income."""
    limit, income = np.array([2_000_000, 2_000_001]), np.array([1_000_000, 1_000_000])
    elsewhere = np.array([100_000, 100_000])
    assert is_strained(limit, income, elsewhere, PLAIN).tolist() == [False, True]
    assert is_strained(limit, income, 0 * elsewhere, PLAIN).tolist() == [False, False]


@given(
    income=st.integers(0, 10**11), elsewhere=st.integers(0, 10**10), payment=st.integers(1, 10_000)
)
def test_one_unit_above_the_highest_bearable_limit_strains(
    income: int, elsewhere: int, payment: int
) -> None:
    assumptions = Assumptions(minimum_payment_rate=payment / 10_000)
    monthly, paid = np.int64(income), np.int64(elsewhere)
    highest = highest_bearable_limit(monthly, paid, assumptions)
    assert bool(is_strained(highest + 1, monthly, paid, assumptions))
    strained_by_nothing = bool(is_strained(np.int64(0), monthly, paid, assumptions))
    assert bool(is_strained(highest, monthly, paid, assumptions)) is strained_by_nothing


@pytest.mark.parametrize(
    ("cover", "unused", "less"),
    [
        ("thin_cover", 249_999, True),
        ("thin_cover", 250_000, False),
        ("short_cover", 999_999, True),
        ("short_cover", 1_000_000, False),
    ],
)
def test_cover_is_less_below_its_months_of_income(cover: str, unused: int, less: bool) -> None:
    """A quarter of an income of 10,000.00, and a whole one."""
    found = has_less_cover(np.int64(unused), np.int64(1_000_000), COVERS[cover])
    assert bool(found) is less


@pytest.mark.parametrize(("balance", "over"), [(6_000_000, False), (6_000_001, True)])
def test_over_indebted_begins_above_the_multiple_of_income(balance: int, over: bool) -> None:
    """Six monthly incomes of 10,000.00."""
    assert bool(is_over_indebted(np.int64(balance), np.int64(1_000_000), PLAIN)) is over


def test_the_rules_serve_a_whole_column_at_once() -> None:
    balances, limits = np.array([79_999, 80_000]), np.array([100_000, 100_000])
    assert is_tight(balances, limits, PLAIN).tolist() == [False, True]
    assert is_eased(balances, limits, PLAIN).tolist() == [True, False]
