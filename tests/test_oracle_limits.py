"""The oracle's section 4 held against the specification's words: to what a limit is raised."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from tests.oracle import DEFAULT_ASSUMPTIONS, load_cases, simulate
from tests.oracle.examples import assumptions, detail, one_account, policy

BY_INCOME: dict[str, Any] = {"affordability": False, "income_multiple": 4.0}


def test_one_point_one_five_times_a_thousand_is_exactly_1150() -> None:
    assert 1.15 * 100_000 < 115_000, "in binary floating point 1,000.00 in minor units falls short"
    accounts = one_account(credit_limit=100_000, balance=0)
    found = detail(accounts, raise_rate=0.15, rounding_step=Decimal(50))
    assert found == ("raised", 115_000, "raise_rate")


def test_the_new_limit_is_rounded_down_to_the_step() -> None:
    accounts = one_account(credit_limit=123_456, balance=0)
    assert detail(accounts)[1] == 140_000
    assert detail(accounts, rounding_step=Decimal("0.01"))[1] == 148_147
    assert detail(accounts, rounding_step=Decimal(7))[1] == 147_700


def test_binding_names_what_set_the_new_limit() -> None:
    accounts = one_account(monthly_income=400_000)
    assert detail(accounts) == ("raised", 1_200_000, "raise_rate")
    assert detail(accounts, limit_cap=Decimal(11_000)) == ("raised", 1_100_000, "limit_cap")
    assert detail(accounts, max_increment=Decimal(500)) == ("raised", 1_050_000, "max_increment")
    assert detail(accounts, raise_rate=0.25) == ("raised", 1_200_000, "affordability")
    multiple = {"affordability": False, "income_multiple": 2.85}
    assert detail(accounts, **multiple) == ("raised", 1_140_000, "income_multiple")


def test_a_tie_names_the_earlier_binding() -> None:
    """Everything would set 12,000.00 but the rate, where it is 30 %."""
    accounts = one_account(monthly_income=400_000)
    ties: dict[str, Any] = {"max_increment": Decimal(2_000), "limit_cap": Decimal(12_000)}
    ties["income_multiple"] = 3.0
    assert detail(accounts, **ties)[2] == "raise_rate"
    assert detail(accounts, **ties, raise_rate=0.3)[2] == "max_increment"
    del ties["max_increment"]
    assert detail(accounts, **ties, raise_rate=0.3)[2] == "limit_cap"
    assert detail(accounts, income_multiple=3.0, raise_rate=0.3)[2] == "income_multiple"
    assert detail(accounts, raise_rate=0.3)[2] == "affordability"


def test_binding_is_decided_before_rounding() -> None:
    """12,000.00 by the rate and 12,050.00 by income round to the same step; the rate is lower."""
    accounts = one_account(monthly_income=301_250)
    assert detail(accounts, **BY_INCOME)[2] == "raise_rate"
    found = detail(accounts, **BY_INCOME, raise_rate=0.2099)
    assert found == ("raised", 1_200_000, "income_multiple")


def test_the_affordability_ceiling_is_what_the_income_leaves_after_other_payments() -> None:
    """0.10 x new limit + P <= 0.30 Y, exactly."""
    found = {
        (400_000, None): ("raised", 1_200_000, "raise_rate"),
        (399_999, None): ("raised", 1_190_000, "affordability"),
        (500_000, 30_000): ("raised", 1_200_000, "raise_rate"),
        (500_000, 30_001): ("raised", 1_190_000, "affordability"),
        (500_000, 160_000): ("unaffordable", 1_000_000, ""),
        (0, None): ("unaffordable", 1_000_000, ""),
    }
    for (income, paid), expected in found.items():
        accounts = one_account(monthly_income=income, other_payments=paid)
        assert detail(accounts) == expected, (income, paid)


def test_the_rates_of_affordability_are_assumptions() -> None:
    accounts = one_account(monthly_income=400_000)
    tight = assumptions(strain_income_share=0.29)
    found = simulate(accounts, policy(), tight)["accounts_detail"]
    assert found["new_limit"] == [1_160_000]
    strict = assumptions(minimum_payment_rate=0.12)
    found = simulate(accounts, policy(), strict)["accounts_detail"]
    assert found["reason"] == ["unaffordable"]


def test_no_room_is_less_than_the_smallest_raise_below_the_ceiling() -> None:
    """The ceiling 10,099.98 leaves 99.98; 10,100.01 leaves 100.01; a cap leaves it exactly."""
    assert detail(one_account(monthly_income=336_666))[0] == "unaffordable"
    assert detail(one_account(monthly_income=336_667)) == ("raised", 1_010_000, "affordability")
    assert detail(one_account(), limit_cap=Decimal("10099.99"))[0] == "at_limit_cap"
    assert detail(one_account(), limit_cap=Decimal(10_100)) == ("raised", 1_010_000, "limit_cap")


def test_the_affordability_ceiling_is_whole_money_before_it_is_held_against_the_target() -> None:
    """0.30 x 2,800.24 / 0.07 is 12,001.0285..., the target 12,001.024002: it binds at 12,001.02."""
    accounts = one_account(credit_limit=1_000_002, monthly_income=280_024)
    settings = policy(raise_rate=0.2001, rounding_step=Decimal("0.01"))
    found = simulate(accounts, settings, assumptions(minimum_payment_rate=0.07))
    assert found["accounts_detail"]["new_limit"] == [1_200_102]
    assert found["accounts_detail"]["binding"] == ["affordability"]


def test_the_smallest_ceiling_names_the_lack_of_room() -> None:
    accounts = one_account(monthly_income=300_000)
    tied: dict[str, Any] = {"limit_cap": Decimal(9_000), "income_multiple": 3.0}
    assert detail(accounts, **tied)[0] == "at_limit_cap"
    assert detail(accounts, **tied | {"income_multiple": 2.9})[0] == "at_income_multiple"
    assert detail(accounts, limit_cap=Decimal(9_500))[0] == "unaffordable"
    assert detail(accounts, affordability=False, limit_cap=Decimal(9_500))[0] == "at_limit_cap"


def test_a_raise_too_small_for_any_other_cause_is_not_a_lack_of_room() -> None:
    small = one_account(credit_limit=40_000, balance=0)
    assert detail(small, limit_cap=Decimal(400))[0] == "raise_too_small", "a small line"
    cut = {"max_increment": Decimal(50), "limit_cap": Decimal(10_000)}
    assert detail(one_account(), **cut)[0] == "raise_too_small", "the largest raise"
    odd = one_account(credit_limit=1_005_000)
    assert detail(odd, limit_cap=Decimal(10_160))[0] == "raise_too_small", "rounding"


def test_a_raise_below_the_minimum_is_not_made() -> None:
    accounts = one_account(credit_limit=50_000, balance=0)
    assert detail(accounts, raise_rate=0.2) == ("raised", 60_000, "raise_rate")
    assert detail(accounts, raise_rate=0.2, min_increment=Decimal("100.01"))[0] == "raise_too_small"
    fine: dict[str, Any] = {"rounding_step": Decimal("0.01"), "min_increment": Decimal(0)}
    tiny = one_account(credit_limit=100, balance=0)
    assert detail(tiny, raise_rate=0.01, **fine) == ("raised", 101, "raise_rate")
    assert detail(tiny, raise_rate=0.0099, **fine)[0] == "raise_too_small"


def test_nobodys_limit_is_lowered() -> None:
    cases = load_cases()
    harsh = policy(score_threshold=350, limit_cap=Decimal(1_000), income_multiple=0.5)
    found = simulate(cases, harsh, DEFAULT_ASSUMPTIONS)
    pairs = zip(cases["credit_limit"], found["accounts_detail"]["new_limit"], strict=True)
    raises = [new - old for old, new in pairs]
    assert min(raises) >= 0
    assert found["increment"]["limit"] == sum(raises) / 100


def test_each_tier_raises_from_its_own_score_on() -> None:
    tiers = ((800, 0.10), (850, 0.30))
    accounts = pd.concat([one_account(score=score) for score in (799, 800, 849, 850)])
    result = simulate(accounts, policy(tiers=tiers), DEFAULT_ASSUMPTIONS)
    new = result["accounts_detail"]["new_limit"]
    assert new == [1_000_000, 1_100_000, 1_100_000, 1_300_000]


def test_headline_raise_is_before_ceiling_and_rounding_and_effective_raise_after() -> None:
    """The raised cases: 1, 2, 12, 15, 18; eligible without: 13 (no room), 16 (too small)."""
    result = simulate(load_cases(), policy(), assumptions())
    eligible = (10_000, 20_000, 45_000, 10_000, 4_000, 1_234.56, 400)
    assert result["headline_raise"] == pytest.approx(0.20 * sum(eligible), rel=1e-15)
    assert result["effective_raise"] == 2_000 + 4_000 + 5_000 + 800 + 165.44
    assert result["binding"] == {
        "raise_rate": 4,
        "max_increment": 0,
        "limit_cap": 1,
        "income_multiple": 0,
        "affordability": 0,
    }


def test_max_increment_cuts_the_headline_too() -> None:
    result = simulate(one_account(), policy(max_increment=Decimal(500)), DEFAULT_ASSUMPTIONS)
    assert result["headline_raise"] == result["effective_raise"] == 500
