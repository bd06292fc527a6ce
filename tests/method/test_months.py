"""Value over months: by hand for the first months, and what holds for any flows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.assumptions import Assumptions
from analytics.declared.assumption_parameters import BAND_PARAMETERS
from analytics.method.months import (
    STATES,
    WORTHS,
    Schedule,
    build_up,
    cumulated,
    flows,
    payback,
    payback_by_threshold,
    worth,
)

ONE_BAND = {band.name: getattr(Assumptions(), band.name)[:1] for band in BAND_PARAMETERS}
PLAIN = Assumptions().with_changes(
    **ONE_BAND | {"attrition": (0.2,)},
    band_edges=(0,),
    build_month_3=0.5,
    horizon_months=12,
    discount_rate=0.0,
    loss_lag_months=2,
    hurdle_rate=0.15,
    funding_rate=0.03,
    capital_ratio=0.1,
)
SCORES = np.array([800])
HAND = {
    "margin": np.array([120.0]),
    "retained": np.array([12.0]),
    "rwa": np.array([1_000.0]),
    "day_after_rwa": np.array([400.0]),
    "expected_loss": np.array([60.0]),
    "day_after_loss": np.array([24.0]),
    "drawn_loss": np.array([40.0]),
}
"""Increments of the accounts at one score, of which a fifth leave and a tenth default in a year."""


def schedule(assumptions: Assumptions = PLAIN) -> Schedule:
    return Schedule.of(SCORES, np.array([10]), np.array([1.0]), assumptions)


def worths(assumptions: Assumptions, action_cost: float = 0.0) -> dict[str, float]:
    weights = schedule(assumptions).worths()
    return {name: float(worth(name, weights[name], HAND, np.array([action_cost]))[0])
            for name in WORTHS}  # fmt: skip


def test_the_response_builds_up_in_two_straight_lines() -> None:
    found = build_up(np.array([0.0, 1.5, 3.0, 7.5, 12.0, 36.0]), PLAIN)
    assert found.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]


def test_the_first_months_by_hand() -> None:
    """Month 1: all are still there, a sixth of the response; capital earns 12 % of a tenth."""
    found = flows(schedule(), HAND)
    assert found["margin"][0] == pytest.approx(120 / 6 / 12)
    assert found["capital"][0] == pytest.approx(0.012 * (400 + 600 / 6) / 12)
    assert found["default"][0] == pytest.approx((24 + 36 / 6) / 12)
    assert found["retained"][0] == 0.0
    assert found["loss"][:3].tolist() == pytest.approx([0.0, 0.0, 2.5])
    assert found["value"][0] == pytest.approx(10 / 6 - 0.5)
    # Month 2: 0.8 x 0.9 of the accounts are left after a year, and two thirds of month 3's half.
    left = 0.72 ** (1 / 12)
    assert found["margin"][1] == pytest.approx(left * 120 / 3 / 12)
    stayed = 2 * 12 / 12 * 0.8 ** (1 / 12 - 1) * 0.9 ** (1 / 12)
    assert found["retained"][1] == pytest.approx(stayed / 12)


def test_losses_are_booked_after_their_lag_and_all_of_the_horizon_are_paid_for() -> None:
    found = flows(schedule(), HAND)
    assert len(found["value"]) == 14
    assert found["loss"].sum() == pytest.approx(found["default"].sum())
    assert found["margin"][12:].tolist() == [0.0, 0.0]
    assert found["loss"][12:].tolist() == pytest.approx(found["default"][10:12].tolist())


@pytest.mark.parametrize("rate", [0.0, 0.12])
def test_worth_is_the_sum_of_the_months(rate: float) -> None:
    assumptions = PLAIN.with_changes(discount_rate=rate, horizon_months=24)
    found = flows(schedule(assumptions), HAND)["value"].tolist()
    value = math.fsum(v * (1 + rate) ** (-month / 12) for month, v in enumerate(found, start=1))
    got = worths(assumptions, action_cost=7.0)
    assert got["npv"] == pytest.approx(value - 7)
    assert got["first_year_value"] == pytest.approx(math.fsum(found[:12]) - 7)


@pytest.mark.parametrize(
    ("provisioning", "day_one", "held"),
    [("none", 0.0, 0.0), ("ifrs9", 24.0, 0.72 * 60), ("cecl", 0.0, 0.72 * 2 * 40)],
)
def test_provisions_are_of_the_rules_in_force(
    provisioning: str, day_one: float, held: float
) -> None:
    """IFRS 9: a year ahead, undrawn included; CECL: two years, drawn alone, and nothing at once."""
    assumptions = PLAIN.with_changes(provisioning=provisioning)
    found = flows(schedule(assumptions), HAND)
    earned = (found["margin"] + found["retained"] - found["default"])[:12].sum()
    got = worths(assumptions, action_cost=7.0)
    assert got["provision_day_one"] == pytest.approx(day_one)
    assert got["first_year_profit"] == pytest.approx(earned - held - 7)


def test_where_everybody_leaves_nothing_is_retained() -> None:
    assumptions = PLAIN.with_changes(attrition=(1.0,))
    found = flows(schedule(assumptions), HAND)
    assert found["margin"][0] > 0
    assert not found["margin"][1:].any()
    assert not found["retained"].any()


def test_a_score_without_accounts_has_a_schedule() -> None:
    empty = Schedule.of(SCORES, np.array([0]), np.array([0.0]), PLAIN)
    assert np.isfinite(empty.margin).all()


@pytest.mark.parametrize(
    ("value", "cost", "raised", "month"),
    [
        ([1.0, 1.0, 1.0], 0.0, 1, 1.0),
        ([1.0, 1.0, 1.0], 1.5, 1, 2.0),
        ([1.0, 1.0, 1.0], 2.0, 1, 2.0),
        ([5.0, -6.0, 2.0], 0.0, 1, 3.0),
        ([5.0, -6.0, 0.5], 0.0, 1, math.nan),
        ([0.0, 0.0, 0.0], 0.0, 0, math.nan),
    ],
)
def test_payback_is_the_month_from_which_value_stays_above_nothing(
    value: list[float], cost: float, raised: int, month: float
) -> None:
    sums = np.cumsum(value) - cost
    assert float(payback(sums, raised)) == pytest.approx(month, nan_ok=True)


@given(
    numbers=st.lists(st.integers(-50, 50), min_size=24, max_size=24),
    cost=st.integers(0, 100),
)
def test_every_threshold_pays_back_as_it_does_alone(numbers: list[int], cost: int) -> None:
    scores = np.array([700, 701])
    plan = Schedule.of(scores, np.array([5, 5]), np.array([0.5, 0.1]), PLAIN)
    values = np.array(numbers[:24], dtype=float).reshape(6, 2, 2)
    names = [name for name in STATES if name != "drawn_loss"]
    sums = {name: values[place] for place, name in enumerate(names)} | {"drawn_loss": values[0]}
    costs = np.full((2, 2), float(cost))
    found = payback_by_threshold(plan, sums, costs, np.ones((2, 2)))
    for threshold in range(2):
        for raised in range(2):
            own = {n: np.where(np.arange(2) >= threshold, v[:, raised], 0.0)
                   for n, v in sums.items()}  # fmt: skip
            value = cumulated(flows(plan, own)["value"], plan, float(cost))
            alone = float(payback(value, 1))
            near = np.abs(value).min() < 1e-9
            assert near or found[threshold, raised] == pytest.approx(alone, nan_ok=True)
