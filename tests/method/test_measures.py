"""How measures follow from sums: by hand, and as identities that hold for any sums."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.assumptions import Assumptions
from analytics.declared.measures import BY_NAME, MEASURES, RATES
from analytics.errors import ParameterError
from analytics.method.measures import (
    SUM_NAMES,
    Sums,
    additive,
    change,
    divided,
    in_currency,
    increment,
    level,
    own_rate,
    quotient,
    ratio_of,
    side,
    together,
)

PLAIN = Assumptions(capital_ratio=0.1, hurdle_rate=0.15, funding_rate=0.03)
HAND = Sums(
    accounts=np.int64(4),
    raised=np.int64(1),
    limit=np.int64(1_000_000),
    balance=np.int64(400_000),
    headroom=np.int64(600_000),
    ead=np.float64(500_000),
    projected_defaults=np.float64(0.2),
    defaulted_exposure=np.float64(25_000),
    expected_loss=np.float64(20_000),
    new_debt=np.float64(10_000),
    moved_balance=np.float64(30_000),
    transactor_balance=np.int64(0),
    margin=np.float64(60_000),
    rwa=np.float64(300_000),
    capital_charge=np.float64(3_600),
    retained=np.float64(1_000),
    action_cost=np.float64(500),
    npv=np.float64(70_000),
    first_year_value=np.float64(20_000),
    provision_day_one=np.float64(4_000),
    first_year_profit=np.float64(15_000),
    relieved=np.int64(1),
    strained=np.int64(2),
    thin_cover=np.int64(1),
    short_cover=np.int64(3),
    over_indebted=np.int64(0),
    day_after_headroom=np.int64(0),
    day_after_defaulted_exposure=np.float64(0),
    day_after_loss=np.float64(0),
    day_after_rwa=np.float64(0),
    drawn_loss=np.float64(0),
)
"""Four accounts; money in minor units."""
amounts = st.integers(0, 10**12)


@st.composite
def sums(draw: st.DrawFn) -> Sums:
    return Sums(**{name: np.float64(draw(amounts)) for name in SUM_NAMES})


def test_measures_of_a_side_by_hand() -> None:
    found = side(HAND, PLAIN, incomes=True)
    assert (found.accounts, found.raised, found.relieved, found.strained) == (4, 1, 1, 2)
    assert (found.limit, found.balance, found.ead) == (10_000, 4_000, 5_000)
    assert found.raised_share == 0.25
    assert found.default_rate == pytest.approx(0.05)
    assert found.loss_rate == pytest.approx(0.04)
    assert found.loss_rate_on_balance == pytest.approx(0.05)
    # Capital is a tenth of 3,000; it has to earn 15 %, of which 3 % would be paid for funding.
    assert found.capital_charge == pytest.approx(36)
    assert found.net_value == pytest.approx(600 + 10 - 200 - 36 - 5)
    assert found.return_on_capital == pytest.approx((600 + 10 - 200 - 5) / 300 + 0.03)
    assert found.loss_per_new_exposure is None
    assert (found.npv, found.payback_months, found.first_year_profit) == (None, None, None)


def test_value_over_months_is_the_increments_alone() -> None:
    today = side(HAND, PLAIN, incomes=True)
    found = increment(today, side(HAND + HAND, PLAIN, incomes=True), HAND, PLAIN, payback=7)
    assert (found.npv, found.first_year_value, found.payback_months) == (700, 200, 7)
    assert (found.provision_day_one, found.first_year_profit) == (40, 150)
    assert (found.new_debt, found.moved_balance) == (100, 300)


def test_what_needs_incomes_is_none_without_them() -> None:
    found = side(HAND, PLAIN, incomes=False)
    assert (found.strained, found.over_indebted) == (None, None)
    assert (found.thin_cover, found.short_cover) == (None, None)
    assert found.relieved == 1


def test_a_rate_of_nothing_is_none_and_never_zero() -> None:
    nothing = HAND.each(lambda value: value * 0)
    found = side(nothing, PLAIN, incomes=True)
    for name in RATES:
        assert found.get(name) is None
    assert found.net_value == 0


def test_a_quotient_is_not_a_number_where_the_denominator_is_zero() -> None:
    found = divided(np.array([1.0, 1.0, 0.0]), np.array([2, 0, 0]))
    assert found[0] == 0.5
    assert np.isnan(found[1:]).all()


@given(before=sums(), more=sums())
def test_proposed_is_baseline_plus_increment_for_every_sum(before: Sums, more: Sums) -> None:
    baseline = side(before, PLAIN, incomes=True)
    proposed = side(before + more, PLAIN, incomes=True)
    found = increment(baseline, proposed, more, PLAIN, payback=None)
    assert found.accounts == 0
    for measure in MEASURES:
        if measure.is_rate or measure.of_increment or measure.name == "accounts":
            continue
        low, high, step = (s.get(measure.name) for s in (baseline, proposed, found))
        assert low is not None
        assert high is not None
        assert step is not None
        size = max(abs(low), abs(high), 1e12)
        assert high - low == pytest.approx(step, abs=1e-9 * size)


@given(before=sums(), more=sums())
def test_the_change_of_a_rate_is_the_difference_of_two_levels(before: Sums, more: Sums) -> None:
    low, step = before.by_name(), more.by_name()
    for name in RATES:
        if BY_NAME[name].of_increment:
            assert np.isnan(level(name, low, PLAIN))
            continue
        after = level(name, together(low, step), PLAIN)
        moved = change(name, low, step, PLAIN)
        assert moved == pytest.approx(after - level(name, low, PLAIN), rel=1e-12, nan_ok=True)


def test_the_price_of_new_exposure_is_the_increments_own_quotient() -> None:
    found = increment(
        side(HAND, PLAIN, incomes=True),
        side(HAND + HAND, PLAIN, incomes=True),
        HAND,
        PLAIN,
        payback=None,
    )
    assert found.loss_per_new_exposure == pytest.approx(0.04)
    assert found.loss_rate == pytest.approx(0.0, abs=1e-15)
    assert own_rate("loss_rate", found, PLAIN) == pytest.approx(0.04)


def test_the_capital_charge_and_the_return_meet_where_net_value_is_zero() -> None:
    """Net value is 0 exactly where the return on capital is the hurdle rate."""
    full = additive(HAND.by_name(), PLAIN)
    top, capital = quotient("return_on_capital", full)
    assert full["net_value"] == pytest.approx(top - PLAIN.hurdle_rate * capital)


def test_only_money_is_turned_into_currency_units() -> None:
    assert in_currency("limit", np.array([12_345])).tolist() == [123.45]
    assert in_currency("raised", np.array([12_345])).tolist() == [12_345]


@pytest.mark.parametrize("measure", [m.name for m in MEASURES if not m.is_rate])
def test_what_is_no_rate_is_the_quotient_of_nothing(measure: str) -> None:
    with pytest.raises(ParameterError, match=f"{measure} is no rate"):
        ratio_of(measure)


def test_sums_add_up_name_by_name() -> None:
    assert {item.name for item in dataclasses.fields(HAND)} == set(SUM_NAMES)
    twice = (HAND + HAND).by_name()
    assert all(twice[name] == 2 * value for name, value in HAND.by_name().items())
