"""Value over months by hand: build-up, survival, flows, payback and provisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analytics.assumptions import Assumptions
from analytics.method import months
from analytics.method.months import STATES, WORTHS, Schedule

CHARGE = 0.095 * 0.105
NOBODY_LEAVES: dict[str, Any] = {"attrition": (0.0,) * 8}


def schedule(p: float = 0.0, **changes: Any) -> Schedule:
    """Return the schedule of one score, 820, whose mean default probability is p."""
    assumptions = Assumptions(**(NOBODY_LEAVES | changes))
    return Schedule.of(np.array([820]), np.array([2.0]), np.array([2.0 * p]), assumptions)


def sums(**values: float) -> dict[str, np.ndarray]:
    return {name: np.array([values.get(name, 0.0)]) for name in STATES}


def worths(found: Schedule, cost: float = 0.0, **values: float) -> dict[str, float]:
    by_score = sums(**values)
    return {
        name: float(months.worth(name, weights, by_score, np.array([cost])).sum())
        for name, weights in found.worths().items()
    }


def test_the_response_builds_up_in_two_straight_lines() -> None:
    built = months.build_up(np.array([0, 1.5, 3, 7.5, 12, 30]), Assumptions())
    assert built == pytest.approx([0, 0.275, 0.55, 0.775, 1, 1])
    early = months.build_up(np.array([3, 12]), Assumptions(build_month_3=1.0))
    assert early == pytest.approx([1, 1])


def test_margin_builds_up_and_capital_is_due_at_once() -> None:
    """Margin 22.50 a year; risk-weighted assets 150 the day after, 487.50 at month 12.

    Over twelve months the built up shares add up to 8.3.
    """
    found = worths(
        schedule(horizon_months=12, discount_rate=0.0),
        margin=22.50,
        rwa=487.50,
        day_after_rwa=150.0,
    )
    expected = 22.50 * 8.3 / 12 - CHARGE * (150 + 337.50 * 8.3 / 12)
    assert found["npv"] == pytest.approx(expected)
    assert found["first_year_value"] == pytest.approx(expected)
    assert found["first_year_profit"] == pytest.approx(22.50 * 8.3 / 12)
    assert found["provision_day_one"] == 0


def test_losses_are_booked_later_and_paid_for_beyond_the_horizon() -> None:
    """6.80 a year from the first day on, of accounts that survive with 98 % a year."""
    found = schedule(0.02, horizon_months=24)
    flows = months.flows(found, sums(expected_loss=6.80, day_after_loss=6.80))
    lost = [0.98 ** ((t - 1) / 12) * 6.80 / 12 for t in range(1, 25)]
    assert list(flows["default"]) == pytest.approx([*lost, *[0.0] * 6])
    assert list(flows["loss"]) == pytest.approx([*[0.0] * 6, *lost])
    assert list(flows["value"]) == pytest.approx([-loss for loss in flows["loss"]])


def test_without_a_lag_a_loss_is_booked_in_its_own_month() -> None:
    flows = months.flows(schedule(0.02, loss_lag_months=0), sums(expected_loss=6.80))
    assert list(flows["loss"]) == list(flows["default"])
    assert len(flows["loss"]) == 36


def test_leavers_and_defaulters_survive_less() -> None:
    """With 10 % who leave and 2 % who default, month 13 has 0.9 x 0.98 of the accounts."""
    flows = months.flows(schedule(0.02, attrition=(0.1,) * 8), sums(margin=12.0))
    assert flows["margin"][12] == pytest.approx(0.9 * 0.98)


def test_what_is_retained_starts_at_nothing_and_grows() -> None:
    """2 x tau x 0.9^(tau - 1) x 0.98^tau of a year's retained value, a twelfth a month."""
    flows = months.flows(schedule(0.02, attrition=(0.1,) * 8), sums(retained=12.0))
    assert flows["retained"][0] == 0
    for month in (2, 13, 36):
        tau = (month - 1) / 12
        assert flows["retained"][month - 1] == pytest.approx(2 * tau * 0.9 ** (tau - 1) * 0.98**tau)


@pytest.mark.parametrize(
    ("provisioning", "day_one", "year"),
    [
        ("none", 0.0, 0.0),
        ("ifrs9", 3.0, 0.98 * 5.0),
        ("cecl", 0.0, 0.98 * 2.0 * 4.0),
    ],
)
def test_provisions_by_hand(provisioning: str, day_one: float, year: float) -> None:
    """Loss 3 the day after and 5 at month 12, of which 4 on what is drawn; life of two years."""
    found = worths(
        schedule(0.02, provisioning=provisioning),
        expected_loss=5.0,
        day_after_loss=3.0,
        drawn_loss=4.0,
        cost=1.0,
    )
    built = [0.55 * t / 3 if t <= 3 else 0.55 + 0.05 * (t - 3) for t in range(1, 13)]
    lost = sum(0.98 ** ((t - 1) / 12) * (3 + 2 * phi) / 12 for t, phi in enumerate(built, start=1))
    assert found["provision_day_one"] == pytest.approx(day_one)
    assert found["first_year_profit"] == pytest.approx(-1.0 - lost - year)


def test_payback_is_the_first_month_from_which_value_stays() -> None:
    cumulated = np.array([-1.0, 0.5, -0.2, 0.0, 0.1])
    assert months.payback(cumulated, 3.0) == 4
    assert np.isnan(months.payback(cumulated, 0.0)), "nobody is raised"
    assert np.isnan(months.payback(-np.abs(cumulated) - 1, 3.0)), "it never pays"


def test_the_cost_of_raising_is_paid_at_once() -> None:
    found = schedule(discount_rate=0.0)
    assert list(months.cumulated(np.ones(42), found, 2.5)[:3]) == [-1.5, -0.5, 0.5]


def test_every_worth_is_the_sum_of_its_flows() -> None:
    found = schedule(0.03, attrition=(0.08,) * 8)
    values = dict(zip(STATES, (9.0, 1.0, 300.0, 100.0, 5.0, 3.0, 4.0), strict=True))
    flows = months.flows(found, sums(**values))
    worth = worths(found, 2.0, **values)
    assert set(worth) == set(WORTHS)
    discounted = months.cumulated(flows["value"], found, 2.0)
    assert worth["npv"] == pytest.approx(float(discounted[-1]))
    assert worth["first_year_value"] == pytest.approx(flows["value"][:12].sum() - 2.0)
