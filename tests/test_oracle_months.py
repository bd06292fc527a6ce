"""The oracle's section 8 held against amounts worked by hand: value over months, provisions.

Amounts are those of one account: limit 10,000 to 12,000, balance 3,000, score 820.
"""

import math
from decimal import Decimal
from typing import Any

import pytest

from tests.oracle import load_cases, simulate
from tests.oracle.examples import (
    NO_RESPONSE,
    assumptions,
    in_all_bands,
    one_account,
    policy,
    two_accounts,
)
from tests.oracle.months import build_up

# Nobody leaves and nobody defaults, so that survival is 1.
FOREVER: dict[str, Any] = {"attrition": in_all_bands(0.0)}
# A balance that rises by 500, at no uplift of default.
DRAWS_500: dict[str, Any] = NO_RESPONSE | {"response_form": "linear", "mpb": in_all_bands(0.25)}
CHARGE = 0.095 * 0.105


def over_months(accounts: Any, settings: dict[str, Any] | None = None, **changes: Any) -> Any:
    return simulate(accounts, settings or policy(), assumptions(**changes))["time"]


def test_the_response_builds_up_to_its_points() -> None:
    found = [build_up(t, 0.55) for t in (0, 1.5, 3, 7.5, 12, 30)]
    assert found == pytest.approx([0, 0.275, 0.55, 0.775, 1, 1], rel=1e-15)


def test_margin_builds_up_and_capital_is_due_at_once() -> None:
    """Margin 22.50 a year at month 12; RWA 150 the day after, 487.50 at month 12."""
    found = over_months(
        one_account(default_probability=0.0),
        **DRAWS_500,
        **FOREVER,
        horizon_months=12,
        discount_rate=0.0,
    )
    built = [0.55 * t / 3 for t in (1, 2, 3)] + [0.55 + 0.05 * t for t in range(1, 10)]
    assert sum(built) == pytest.approx(8.3)
    months = found["months"]
    for month, phi in zip(months, built, strict=False):
        assert month["margin"] == pytest.approx(22.50 * phi / 12, rel=1e-12)
        capital = CHARGE * (150 + 337.50 * phi) / 12
        assert month["capital"] == pytest.approx(capital, rel=1e-12)
    expected = 22.50 * 8.3 / 12 - CHARGE * (150 + 337.50 * 8.3 / 12)
    assert found["npv"] == pytest.approx(expected, rel=1e-12)
    assert found["first_year_value"] == pytest.approx(expected, rel=1e-12)
    assert found["first_year_profit"] == pytest.approx(22.50 * 8.3 / 12, rel=1e-12)
    assert [month["value"] for month in months[12:]] == [0] * 6, "only losses come after"


def test_losses_are_booked_months_after_the_default_and_paid_for_beyond_the_horizon() -> None:
    """The day after and ever since, the loss of a year is 0.02 x 0.85 x 0.20 x 2,000 = 6.80."""
    accounts = one_account(default_probability=0.02)
    found = over_months(accounts, **NO_RESPONSE, **FOREVER, horizon_months=24)
    months = found["months"]
    assert len(months) == 30
    lost = [0.98 ** ((t - 1) / 12) * 6.80 / 12 for t in range(1, 25)]
    assert [month["default"] for month in months] == pytest.approx(lost + [0] * 6, rel=1e-12)
    assert [month["loss_booked"] for month in months] == pytest.approx([0] * 6 + lost, rel=1e-12)
    for month in months[24:]:
        assert month["value"] == -month["loss_booked"] < 0
    assert months[-1]["cumulated"] == found["npv"]
    expected = -sum(lost[:12]) - 0.98 * 6.80
    assert found["provision_day_one"] == pytest.approx(6.80, rel=1e-12)
    assert found["first_year_profit"] == pytest.approx(expected, rel=1e-12)


def test_a_lag_of_zero_books_the_loss_in_its_own_month() -> None:
    found = over_months(one_account(), loss_lag_months=0)
    assert len(found["months"]) == 36
    for month in found["months"]:
        assert month["loss_booked"] == month["default"] > 0


def test_retained_starts_at_nothing_and_grows_with_those_who_would_have_left() -> None:
    accounts = one_account(default_probability=0.02)
    stays = NO_RESPONSE | {"attrition_change": in_all_bands(-0.03)}
    result = simulate(accounts, policy(), assumptions(**stays))
    yearly, months = result["increment"]["retained"], result["time"]["months"]
    assert yearly > 0
    assert months[0]["retained"] == 0
    half = 2 * yearly * 0.5 * 0.95**-0.5 * 0.98**0.5 / 12
    assert months[6]["retained"] == pytest.approx(half, rel=1e-12)
    assert months[12]["retained"] == pytest.approx(2 * yearly * 0.98 / 12, rel=1e-12)
    second = 2 * yearly * 2 * 0.95 * 0.98**2 / 12
    assert months[24]["retained"] == pytest.approx(second, rel=1e-12)


def test_value_is_discounted_and_cumulated_after_the_cost() -> None:
    found = over_months(load_cases(), action_cost=Decimal("1.50"))
    cumulated = -1.50 * 5
    for t, month in enumerate(found["months"], start=1):
        assert month["month"] == t
        earned = month["margin"] + month["retained"] - month["capital"] - month["loss_booked"]
        assert month["value"] == pytest.approx(earned, rel=1e-12, abs=1e-12)
        assert month["discounted"] == pytest.approx(1.12 ** (-t / 12) * month["value"], rel=1e-12)
        cumulated += month["discounted"]
        assert month["cumulated"] == pytest.approx(cumulated, rel=1e-9)
    first_year = math.fsum(month["value"] for month in found["months"][:12]) - 7.50
    assert found["first_year_value"] == pytest.approx(first_year, rel=1e-12)
    assert found["npv"] == pytest.approx(cumulated, rel=1e-9)


def test_payback_is_the_first_month_from_which_value_stays_positive() -> None:
    accounts = one_account(default_probability=0.001)
    found = over_months(accounts, action_cost=Decimal(5))
    at = found["payback_months"]
    cumulated = [month["cumulated"] for month in found["months"]]
    assert 1 < at < 36
    assert cumulated[at - 2] < 0 <= min(cumulated[at - 1 :])


def test_a_value_that_turns_negative_when_losses_come_never_pays_back() -> None:
    found = over_months(one_account(default_probability=0.15, balance=900_000))
    cumulated = [month["cumulated"] for month in found["months"]]
    assert cumulated[2] > 0 > cumulated[-1]
    assert found["payback_months"] is None


def test_nobody_raised_has_no_payback_and_no_value() -> None:
    found = over_months(one_account(score=500))
    assert found["payback_months"] is None
    assert found["npv"] == found["provision_day_one"] == found["first_year_profit"] == 0
    assert {month["stock"] for month in found["months"]} == {0}


# Provisions


def test_ifrs9_holds_a_year_of_loss_and_cecl_the_life_of_what_is_drawn() -> None:
    """A year's loss: 6.80 the day after and 13.60 at month 12; of the drawn 0 and 8.50."""
    accounts = one_account(default_probability=0.02)
    stocks = {
        "none": (0, 0),
        "ifrs9": (6.80, 13.60),
        "cecl": (0, 2 * 8.50),
    }
    for provisioning, (first, full) in stocks.items():
        found = over_months(accounts, **DRAWS_500, **FOREVER, provisioning=provisioning)
        months = found["months"]
        assert found["provision_day_one"] == pytest.approx(first, rel=1e-12)
        half_way = 0.98**0.25 * (first + 0.55 * (full - first))
        assert months[2]["stock"] == pytest.approx(half_way, rel=1e-12)
        assert months[11]["stock"] == pytest.approx(0.98 * full, rel=1e-12)
        earned = sum(month["margin"] - month["default"] for month in months[:12])
        expected = earned - 0.98 * full
        assert found["first_year_profit"] == pytest.approx(expected, rel=1e-12)


def test_provisions_move_no_value_over_months() -> None:
    values = {
        over_months(load_cases(), provisioning=name)["npv"] for name in ("none", "ifrs9", "cecl")
    }
    assert len(values) == 1


# Survival and groups


def test_survival_leaves_by_attrition_and_by_default() -> None:
    accounts = one_account(default_probability=0.02)
    flat = NO_RESPONSE | {"attrition": in_all_bands(0.10)}
    months = over_months(accounts, **flat)["months"]
    assert months[23]["stock"] == pytest.approx((0.90 * 0.98) ** 2 * 6.80, rel=1e-12)


def test_accounts_of_one_score_share_one_curve_whatever_group_they_are_shown_in() -> None:
    """Of p 2 % and 4 % the mean is 3 %; an account that is not raised counts in it."""
    still = assumptions(**NO_RESPONSE, **FOREVER)
    for flags in ({}, {"opted_out": True}):
        risky = {"default_probability": 0.04, "opted_out": False} | flags
        accounts = two_accounts({"default_probability": 0.02, "opted_out": False}, risky)
        result = simulate(accounts, policy(), still, by="account_id")
        months = result["groups"]["A"]["time"]["months"]
        assert months[11]["stock"] == pytest.approx(0.97 * 6.80, rel=1e-12)


def test_the_months_of_groups_sum_to_those_of_the_whole() -> None:
    settings = policy(score_threshold=350, affordability=False, unknown_cells="pass")
    result = simulate(load_cases(), settings, assumptions(), by="region")
    groups = [group["time"] for group in result["groups"].values()]
    for name in ("npv", "first_year_value", "provision_day_one", "first_year_profit"):
        parts = math.fsum(group[name] for group in groups)
        assert parts == pytest.approx(result["time"][name], rel=1e-11), name
    for t, whole in enumerate(result["time"]["months"]):
        for name in set(whole) - {"month"}:
            parts = math.fsum(group["months"][t][name] for group in groups)
            assert parts == pytest.approx(whole[name], rel=1e-10, abs=1e-10), name


def test_the_increment_repeats_the_figures_over_time_and_a_side_alone_has_none() -> None:
    result = simulate(load_cases(), policy(), assumptions())
    for name in set(result["time"]) - {"months"}:
        assert result["increment"][name] == result["time"][name]
        assert result["baseline"][name] is result["proposed"][name] is None


# A temporary raise


def test_a_temporary_raise_counts_its_days_of_the_state_on_its_last_day() -> None:
    """Full: balance +500, EAD +800, loss 13.60, margin 22.50, RWA 487.50; after a day 0 to 150."""
    accounts = one_account(default_probability=0.02)
    settings = assumptions(**DRAWS_500, action_cost=Decimal(1))
    settings["attrition_change"] = in_all_bands(-0.03)
    assert simulate(accounts, policy(), settings)["increment"]["retained"] > 0
    for days in (7, 30, 90):
        result = simulate(accounts, policy(temporary_days=days), settings)
        phi, share = 0.55 * days / 30.4375 / 3, days / 365
        increment = result["increment"]
        rwa = 150 + phi * 337.50
        expected = {
            "limit": 2_000,
            "balance": phi * 500,
            "moved_balance": phi * 500,
            "headroom": 2_000 - phi * 500,
            "ead": 400 + phi * 400,
            "rwa": rwa,
            "expected_loss": share * (6.80 + phi * 6.80),
            "margin": share * phi * 22.50,
            "capital_charge": share * CHARGE * rwa,
            "retained": 0,
            "action_cost": 1,
        }
        for name, value in expected.items():
            assert increment[name] == pytest.approx(value, rel=1e-9), name
        earned = expected["margin"] - expected["expected_loss"] - expected["capital_charge"]
        assert increment["net_value"] == pytest.approx(earned - 1, rel=1e-9)


def test_a_temporary_raise_is_worth_its_net_value_and_has_neither_payback_nor_provision() -> None:
    settings = policy(temporary_days=30)
    result = simulate(load_cases(), settings, assumptions(), by="region")
    for found in (result, *result["groups"].values()):
        time = found["time"]
        assert time["npv"] == time["first_year_value"] == found["increment"]["net_value"]
        assert time["payback_months"] is time["provision_day_one"] is None
        assert time["months"] == []


def test_a_temporary_raise_relieves_and_covers_as_a_permanent_one() -> None:
    lenient = {"score_threshold": 350, "affordability": False, "unknown_cells": "pass"}
    permanent = simulate(load_cases(), policy(**lenient), assumptions())
    ended = simulate(load_cases(), policy(**lenient, temporary_days=30), assumptions())
    assert permanent["relieved"] == 4
    names = ("raised", "relieved", "strained", "thin_cover", "short_cover", "over_indebted")
    for name in names:
        assert ended["proposed"][name] == permanent["proposed"][name]
    assert ended["accounts_detail"] == permanent["accounts_detail"]
