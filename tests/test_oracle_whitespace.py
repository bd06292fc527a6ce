"""The oracle's whitespace (section 10) held against examples worked by hand."""

import math
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from tests.oracle import load_cases, simulate, treat, whitespace
from tests.oracle.examples import NO_RESPONSE, PLAIN_VALUE, assumptions, many, policy
from tests.oracle.whitespace import RULES

# Whatever fails one rule alone, in the order of the rules.
ALONE: dict[str, dict[str, Any]] = {
    "closed": {"account_status": "closed"},
    "opted_out": {"opted_out": True},
    "in_hardship": {"in_hardship": True},
    "is_student": {"is_student": True},
    "past_due": {"days_past_due": 1},
    "past_due_12m": {"max_days_past_due_12m": 30},
    "persistent_minimum_payer": {"minimum_payment_months_6": 3},
    "wait": {"months_on_book": 5},
    "utilization_out_of_range": {"balance": 1_000_001},
    "unknown_data": {"monthly_income": None},
    "at_limit_cap": {"credit_limit": 5_000_000, "monthly_income": 5_000_000},
    "unaffordable": {"monthly_income": 100_000},
}
TOO_SMALL = {"credit_limit": 49_000, "balance": 0}


def found(accounts: pd.DataFrame, by: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return the whitespace where nobody answers a raise."""
    return whitespace(accounts, policy(**changes), assumptions(**NO_RESPONSE), by)


def counted(accounts: pd.DataFrame, **changes: Any) -> dict[str, int]:
    return {row["rule"]: row["accounts"] for row in found(accounts, **changes)["only_rule"]}


def test_each_rule_is_a_row_in_the_order_of_the_table() -> None:
    assert list(RULES) == [*list(ALONE)[:11], "at_income_multiple", *list(ALONE)[11:]]
    assert counted(many(*ALONE.values(), TOO_SMALL, {})) == dict.fromkeys(ALONE, 1)
    tight = {"income_multiple": 1.0, "affordability": False}
    assert counted(many({"monthly_income": 900_000}), **tight) == {"at_income_multiple": 1}


def test_amounts_are_those_of_the_raise_that_they_would_get() -> None:
    accounts = many({"opted_out": True}, {"opted_out": True, "credit_limit": 2_000_000}, {})
    (row,) = found(accounts)["only_rule"]
    assert (row["rule"], row["accounts"], row["limit"]) == ("opted_out", 2, 6_000)
    assert row["net_value"] == pytest.approx(3 * PLAIN_VALUE, rel=1e-9)
    without = {"opted_out": False}
    whole = simulate(accounts.iloc[:2], policy(**without), assumptions(**NO_RESPONSE))
    assert row["npv"] == pytest.approx(whole["increment"]["npv"], rel=1e-12)


def test_a_new_account_fails_both_rules_of_the_wait_which_are_one() -> None:
    accounts = many(
        {"months_on_book": 3, "months_since_limit_change": 3},
        {"months_on_book": 3},
        {"months_since_limit_change": 3},
        {"months_on_book": 3, "months_since_limit_change": 3, "is_student": True},
    )
    assert counted(accounts) == {"wait": 3}


def test_who_fails_two_rules_is_no_whitespace() -> None:
    rows = list(ALONE.values())
    pairs = [first | second for first in rows[:8] for second in rows if not {*first} & {*second}]
    assert counted(many(*pairs, {})) == {}


def test_who_is_raised_held_out_or_below_the_threshold_is_no_whitespace() -> None:
    accounts = many({}, {"score": 799}, {"score": 799, "opted_out": True})
    assert counted(accounts, holdout_rate=0.5, policy_seed="b") == {}


def test_the_holdout_is_ignored() -> None:
    accounts = many(*[{"opted_out": True}] * 40)
    assert counted(accounts, holdout_rate=0.5) == {"opted_out": 40}


def test_sizing_is_included() -> None:
    """The income leaves 50 beside the cap: neither alone is what prevents the raise."""
    accounts = many({"monthly_income": 335_000})
    assert counted(accounts, limit_cap=Decimal(10_050)) == {}
    assert counted(accounts, limit_cap=None) == {"unaffordable": 1}


def test_a_blank_income_is_unknown_and_not_unaffordable() -> None:
    assert counted(many({"monthly_income": None}, {})) == {"unknown_data": 1}


def test_rows_are_by_segment_and_ranked_by_npv_from_thirty_accounts() -> None:
    rows = [{"opted_out": True, "region": "East"}] * 31
    rows += [{"is_student": True, "region": "East"}] * 30
    rows += [{"opted_out": True, "region": "West"}] * 29
    rows += [{"is_student": True, "region": "West", "default_probability": 0.0}] * 30
    ranks = {
        (row["rule"], row["label"]): (row["accounts"], row["rank"])
        for row in found(many(*rows), by="region")["only_rule"]
    }
    assert ranks == {
        ("is_student", "West"): (30, 1),
        ("is_student", "East"): (30, 2),
        ("opted_out", "East"): (31, 3),
        ("opted_out", "West"): (29, None),
    }


def test_near_misses_are_ten_points_below_at_the_first_tiers_rate() -> None:
    scores = (789, 790, 799, 800, 850)
    rows = [{"score": score} for score in scores]
    accounts = many(*rows, {"score": 795, "opted_out": True})
    (flat,) = found(accounts)["near_misses"]
    assert (flat["accounts"], flat["limit"]) == (2, 4_000)
    assert flat["net_value"] == pytest.approx(2 * PLAIN_VALUE, rel=1e-9)
    tiers = ((800, 0.10), (850, 0.30))
    (tiered,) = found(accounts, tiers=tiers, holdout_rate=0.5)["near_misses"]
    assert (tiered["accounts"], tiered["limit"]) == (2, 2_000)
    lowered = simulate(accounts, policy(score_threshold=790), assumptions(**NO_RESPONSE))
    whole = simulate(accounts, policy(), assumptions(**NO_RESPONSE))
    gained = lowered["increment"]["npv"] - whole["increment"]["npv"]
    assert flat["npv"] == pytest.approx(gained, rel=1e-9)


def test_a_temporary_raise_has_its_net_value_for_npv() -> None:
    (row,) = found(many({"opted_out": True}), temporary_days=73)["only_rule"]
    assert row["npv"] == row["net_value"] == pytest.approx(PLAIN_VALUE / 5, rel=1e-9)


def test_a_rules_net_value_is_the_foregone_value_of_its_accounts() -> None:
    cases = load_cases()
    settings = policy(holdout_rate=0.3)
    reasons = simulate(cases, settings, assumptions())["accounts_detail"]["reason"]
    foregone = treat(cases, settings, assumptions())["accounts_detail"]["foregone_net_value"]
    rows = whitespace(cases, settings, assumptions())["only_rule"]
    of_rule = {row["rule"]: row["net_value"] for row in rows}
    assert len(of_rule) > 5
    for rule, of_reasons in RULES.items():
        parts = [
            value for value, reason in zip(foregone, reasons, strict=True) if reason in of_reasons
        ]
        expected = pytest.approx(math.fsum(parts), rel=1e-9, abs=1e-9)
        assert of_rule.get(rule, 0) == expected, rule


def test_loosening_a_rule_for_everybody_adds_its_row() -> None:
    cases = load_cases()
    before = simulate(cases, policy(), assumptions())["increment"]
    (row,) = (
        row
        for row in whitespace(cases, policy(), assumptions())["only_rule"]
        if row["rule"] == "opted_out"
    )
    after = simulate(cases, policy(opted_out=False), assumptions())["increment"]
    for name in ("limit", "net_value", "npv"):
        assert after[name] - before[name] == pytest.approx(row[name], rel=1e-9), name
