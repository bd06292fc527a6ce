"""The oracle's treatments (section 10) held against examples worked by hand."""

import hashlib
import math
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from tests.oracle import load_cases, treat
from tests.oracle.examples import (
    NO_RESPONSE,
    PLAIN_VALUE,
    assumptions,
    in_all_bands,
    many,
    one_account,
    policy,
)
from tests.oracle.treatments import MESSAGES

# A ceiling of one income, and no other on incomes.
BY_INCOME: dict[str, Any] = {"affordability": False, "income_multiple": 1.0}


def treated(accounts: pd.DataFrame, name: str = "treatment", **changes: Any) -> list[Any]:
    """Return one entry per account, where nobody answers a raise."""
    found = treat(accounts, policy(**changes), assumptions(**NO_RESPONSE), message_holdout_rate=0)
    return list(found["accounts_detail"][name])


def foregone(accounts: pd.DataFrame, **changes: Any) -> list[float]:
    return [round(value, 9) for value in treated(accounts, "foregone_net_value", **changes)]


# The table


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, "raise"),
        ({"score": 799}, "none"),
        ({"account_status": "closed"}, "none"),
        ({"is_student": True}, "none"),
        ({"balance": 1_000_001}, "none"),
        ({"credit_limit": 40_000, "balance": 0}, "none"),
        ({"credit_limit": 5_000_000, "monthly_income": 5_000_000}, "none"),
        ({"in_hardship": True}, "support"),
        ({"days_past_due": 1}, "support"),
        ({"opted_out": True}, "on_request"),
        ({"max_days_past_due_12m": 30}, "guidance"),
        ({"minimum_payment_months_6": 3}, "guidance"),
        ({"monthly_income": 100_000}, "guidance"),
        ({"monthly_income": None}, "ask"),
        ({"months_on_book": 5}, "wait"),
        ({"months_since_limit_change": 5}, "wait"),
        ({"balance": 800_000}, "raise_with_guidance"),
        ({"balance": 799_999}, "raise"),
        ({"minimum_payment_months_6": 1}, "raise_with_guidance"),
        ({"minimum_payment_months_6": 2}, "raise_with_guidance"),
    ],
)
def test_each_row_of_the_table(cells: dict[str, Any], expected: str) -> None:
    assert treated(many(cells, {})) == [expected, "raise"]


def test_support_comes_first_whatever_the_reason() -> None:
    every_flag = {"in_hardship": True, "opted_out": True, "account_status": "closed"}
    accounts = many(
        {**every_flag, "score": 500},
        {"days_past_due": 1, "score": 500, "minimum_payment_months_6": 6},
        {"days_past_due": 1, "opted_out": True},
        {"in_hardship": True, "months_on_book": 1, "monthly_income": None},
    )
    assert treated(accounts) == ["support"] * 4
    off: dict[str, Any] = {"in_hardship": False, "past_due": False}
    raised = many({"in_hardship": True}, {"days_past_due": 1}, {})
    assert treated(raised, **off) == ["support", "support", "raise"], "a rule that is off"


def test_the_other_rows_look_at_the_first_rule_that_fails() -> None:
    accounts = many(
        {"score": 799, "opted_out": True},
        {"account_status": "closed", "opted_out": True},
        {"opted_out": True, "is_student": True, "max_days_past_due_12m": 90},
        {"is_student": True, "max_days_past_due_12m": 90},
        {"minimum_payment_months_6": 6, "months_on_book": 1},
        {"months_on_book": 1, "balance": 1_100_000, "monthly_income": None},
        {"balance": 1_100_000, "monthly_income": None},
        {"score": 799, "balance": 900_000, "minimum_payment_months_6": 1},
    )
    expected = ["none", "none", "on_request", "none", "guidance", "wait", "none", "none"]
    assert treated(accounts) == expected


def test_of_the_ceilings_the_cap_alone_brings_no_guidance() -> None:
    tight = many({"monthly_income": 900_000})
    assert treated(tight, **BY_INCOME) == ["guidance"]
    assert treated(tight, limit_cap=Decimal(10_000)) == ["none"]


def test_guidance_goes_with_a_raise_close_to_what_is_affordable() -> None:
    """A limit of 12,000 is nine tenths of a ceiling of 13,333.33: three incomes of 4,444.44."""
    for income, paid, expected in (
        (444_445, 0, "raise"),
        (444_444, 0, "raise_with_guidance"),
        (544_445, 30_000, "raise"),
        (544_445, 30_001, "raise_with_guidance"),
        (0, 0, "raise_with_guidance"),
        (None, 0, "raise"),
    ):
        accounts = many({"monthly_income": income, "other_payments": paid}, {})
        lenient: dict[str, Any] = {"affordability": False, "unknown_cells": "pass"}
        assert treated(accounts, **lenient)[0] == expected, (income, paid)


def test_guidance_goes_with_a_raise_that_may_end_over_indebted() -> None:
    """Of one income of 10,000 half is 5,000; a raise of 2,000 draws 100 of it."""
    accounts = many({"balance": 490_000}, {"balance": 490_001}, {"balance": 489_999})
    draws = {**NO_RESPONSE, "response_form": "linear", "mpb": in_all_bands(0.05)}
    settings = assumptions(**draws, over_indebted_multiple=1.0)
    for changes in ({}, {"temporary_days": 30}):
        found = treat(accounts, policy(**changes), settings)["accounts_detail"]["treatment"]
        assert found == ["raise", "raise_with_guidance", "raise"]
    held_out = treat(accounts, policy(holdout_rate=0.5, policy_seed="m"), settings)
    arms = [hashlib.sha256(f"m:{number}".encode()).digest()[0] < 0x80 for number in range(3)]
    assert arms == [False, True, True]
    expected = ["raise", "control_with_guidance", "control"]
    assert held_out["accounts_detail"]["treatment"] == expected


def test_the_two_arms_differ_by_the_raise_alone() -> None:
    accounts = many(*({"balance": 3_000 * number} for number in range(300)))
    whole, split = treated(accounts), treated(accounts, holdout_rate=0.5)
    assert whole == ["raise"] * 267 + ["raise_with_guidance"] * 33
    twins = {"raise": "control", "raise_with_guidance": "control_with_guidance"}
    pairs = set(zip(whole, split, strict=True))
    assert pairs == {*zip(twins, twins, strict=True), *twins.items()}
    for raised, held_out in twins.items():
        assert MESSAGES[raised] == MESSAGES[held_out]


def test_a_column_that_is_absent_switches_off_what_needs_it() -> None:
    bare = pd.concat([one_account(), one_account(score=700), one_account(balance=900_000)])
    assert treated(bare) == ["raise", "none", "raise_with_guidance"]
    assert treated(bare, "largest_affordable_limit") == [None] * 3
    blank = many({"in_hardship": None, "days_past_due": None, "monthly_income": None})
    assert treated(blank) == ["raise"]


# The wait and the missing item


@pytest.mark.parametrize(
    ("on_book", "since", "expected"),
    [(5, 36, 1), (36, 2, 4), (3, 3, 3), (4, 1, 5), (0, None, 6), (None, 5, 1), (6, 6, None)],
)
def test_the_wait_is_the_longest_of_the_two_rules(
    on_book: int | None, since: int | None, expected: int | None
) -> None:
    accounts = many({"months_on_book": on_book, "months_since_limit_change": since}, {})
    assert treated(accounts, "wait_months") == [expected, None]


def test_a_rule_that_is_off_brings_no_wait() -> None:
    young = many({"months_on_book": 1, "months_since_limit_change": 2}, {})
    assert treated(young, "wait_months", too_new=None)[0] == 4
    assert treated(young, "wait_months", recent_limit_change=None)[0] == 5
    assert treated(young, "wait_months", too_new=12, recent_limit_change=3)[0] == 11
    helped = many({"months_on_book": 1, "in_hardship": True}, {})
    assert treated(helped, "wait_months")[0] is None


def test_the_missing_item_is_named_income_first() -> None:
    names = ("account_status", "is_student", "months_on_book", "monthly_income")
    for blank, expected in (
        (names, "monthly_income"),
        (names[:3], "account_status"),
        (names[1:3], "is_student"),
        (names[2:3], "months_on_book"),
    ):
        accounts = many(dict.fromkeys(blank), {})
        assert treated(accounts, "missing_item") == [expected, ""]
    incomes = many({"monthly_income": None, "is_student": None}, {})
    assert treated(incomes, "missing_item", affordability=False) == ["is_student", ""]


# The messages


def test_the_message_arm_is_drawn_with_its_own_seed_and_spares_support() -> None:
    rows = [{"opted_out": True}, {"in_hardship": True}, {}] * 400
    accounts = many(*rows)
    found = treat(accounts, policy(), assumptions())["accounts_detail"]
    bound = math.ceil(0.05 * 2**64)
    for number in range(len(rows)):
        digest = hashlib.sha256(f"headroom/message:{number}".encode()).digest()
        drawn = int.from_bytes(digest[:8], "big") < bound
        code, withheld = found["message_code"][number], found["message_withheld"][number]
        if number % 3 == 0:
            assert (code, withheld) == (("none", True) if drawn else ("on_request", False))
            assert found["treatment"][number] == "on_request"
        else:
            assert (code, withheld) == (("support", "none")[number % 3 - 1], False)
    assert 5 <= sum(found["message_withheld"]) <= 40


def test_every_message_but_support_may_be_withheld() -> None:
    cells: dict[str, dict[str, Any]] = {
        "support": {"in_hardship": True},
        "on_request": {"opted_out": True},
        "guidance": {"minimum_payment_months_6": 3},
        "ask": {"monthly_income": None},
        "wait": {"months_on_book": 1},
        "raise_with_guidance": {"minimum_payment_months_6": 1},
        "raise": {},
        "none": {"score": 500},
    }
    accounts = many(*cells.values())
    told = treat(accounts, policy(), assumptions(), message_holdout_rate=0)["accounts_detail"]
    assert told["treatment"] == list(cells)
    messages = ["support", "on_request", "guidance", "ask", "wait", "guidance", "none", "none"]
    assert told["message_code"] == messages
    quiet = treat(accounts, policy(), assumptions(), message_holdout_rate=1)["accounts_detail"]
    assert quiet["message_code"] == ["support", *["none"] * 7]
    assert quiet["message_withheld"] == [False, *[True] * 5, False, False]
    assert quiet["treatment"] == told["treatment"]
    assert quiet["wait_months"] == told["wait_months"]


# The largest affordable limit


def test_the_largest_affordable_limit_is_known_where_the_income_is() -> None:
    """0.30 Y less P, over 0.10, before rounding to the step, whatever the reason."""
    accounts = many(
        {"monthly_income": 400_000},
        {"monthly_income": 333_333},
        {"monthly_income": 400_000, "other_payments": 10_000},
        {"monthly_income": 400_000, "other_payments": 130_000},
        {"monthly_income": 400_000, "other_payments": None, "score": 500},
        {"monthly_income": None},
    )
    expected = [1_200_000, 999_999, 1_100_000, 0, 1_200_000, None]
    assert treated(accounts, "largest_affordable_limit") == expected
    assert treated(accounts, "largest_affordable_limit", affordability=False) == expected


def test_the_largest_affordable_limit_is_whole_money() -> None:
    """0.30 x 2,800.24 / 0.07 is 12,001.0285..."""
    settings = assumptions(minimum_payment_rate=0.07)
    found = treat(many({"monthly_income": 280_024}), policy(), settings)["accounts_detail"]
    assert found["largest_affordable_limit"] == [1_200_102]


def test_without_a_minimum_payment_every_limit_is_affordable_to_who_can_pay_the_others() -> None:
    accounts = many({"other_payments": 300_000}, {"other_payments": 300_001})
    settings = assumptions(minimum_payment_rate=0.0)
    found = treat(accounts, policy(), settings)["accounts_detail"]
    assert found["largest_affordable_limit"] == [None, 0]
    assert found["treatment"] == ["raise", "guidance"]


# What is foregone


@pytest.mark.parametrize(
    "cells",
    [
        {"account_status": "closed"},
        {"opted_out": True},
        {"in_hardship": True},
        {"is_student": True},
        {"days_past_due": 1},
        {"max_days_past_due_12m": 30},
        {"minimum_payment_months_6": 3},
        {"months_on_book": 5},
        {"months_since_limit_change": 5},
        {"months_on_book": 3, "months_since_limit_change": 3},
        {"monthly_income": None},
        {"monthly_income": None, "is_student": None},
        {"monthly_income": 100_000},
    ],
)
def test_foregone_is_the_raise_that_one_rule_alone_prevents(cells: dict[str, Any]) -> None:
    assert foregone(many(cells, {})) == [pytest.approx(PLAIN_VALUE, rel=1e-9), 0]


@pytest.mark.parametrize(
    "cells",
    [
        {"opted_out": True, "is_student": True},
        {"score": 799},
        {"score": 799, "opted_out": True},
        {"days_past_due": 1, "max_days_past_due_12m": 30},
        {"months_on_book": 5, "monthly_income": None},
        {"opted_out": True, "monthly_income": 100_000},
        {"credit_limit": 0, "balance": 0},
    ],
)
def test_nothing_is_foregone_where_another_rule_prevents_it_too(cells: dict[str, Any]) -> None:
    assert foregone(many(cells, {})) == [0, 0]


def test_foregone_of_a_ceiling_is_the_raise_that_the_other_ceilings_leave() -> None:
    """The cap leaves 50 of the 2,000; without it the income leaves 1,500, and rounding 1,500."""
    accounts = many({"monthly_income": 383_333})
    capped = {"limit_cap": Decimal(10_050)}
    assert foregone(accounts, **capped)[0] == pytest.approx(0.7 * PLAIN_VALUE, rel=1e-9)
    assert foregone(many({"monthly_income": 335_000}), **capped) == [0]


def test_nothing_is_foregone_of_a_raise_too_small() -> None:
    assert foregone(many({}), min_increment=Decimal(3_000)) == [0]
    assert foregone(many({}), rounding_step=Decimal(50_000)) == [0]


def test_foregone_of_those_held_out_is_their_raise_and_nobody_elses_is_drawn() -> None:
    accounts = many(*[{}, {"opted_out": True}] * 100)
    found = treat(accounts, policy(holdout_rate=0.5), assumptions(**NO_RESPONSE))
    totals = found["treatments"]
    assert 30 < totals["control"]["accounts"] < 70
    for name in ("control", "on_request"):
        expected = totals[name]["accounts"] * PLAIN_VALUE
        assert totals[name]["foregone_net_value"] == pytest.approx(expected, rel=1e-9)
    assert totals["raise"]["foregone_net_value"] == 0


def test_foregone_is_at_the_rate_of_the_accounts_own_tier() -> None:
    accounts = many({"score": 700}, {"score": 820}, {"score": 870, "opted_out": True})
    tiers = ((800, 0.10), (850, 0.30))
    assert foregone(accounts, tiers=tiers) == pytest.approx([0, 0, 1.5 * PLAIN_VALUE], rel=1e-8)


def test_foregone_is_expected_in_opt_in_mode_and_of_its_days_for_a_temporary_raise() -> None:
    accounts = many({"opted_out": True})
    cost = {"action_cost": Decimal(1), "consent_mode": "opt_in", "take_up": in_all_bands(0.3)}
    found = treat(accounts, policy(), assumptions(**NO_RESPONSE, **cost))
    expected = 0.3 * PLAIN_VALUE - 1
    assert found["accounts_detail"]["foregone_net_value"] == pytest.approx([expected], rel=1e-9)
    expected = PLAIN_VALUE * 73 / 365
    assert foregone(accounts, temporary_days=73) == pytest.approx([expected], rel=1e-8)


# Totals


def test_the_totals_of_treatments_are_of_the_accounts_as_they_are() -> None:
    accounts = many({"opted_out": True}, {"opted_out": True, "credit_limit": 2_000_000}, {})
    totals = treat(accounts, policy(), assumptions(**NO_RESPONSE))["treatments"]
    assert list(totals) == list(MESSAGES)
    asked = totals["on_request"]
    assert (asked["accounts"], asked["limit"], asked["balance"]) == (2, 30_000, 6_000)
    # p g (B + c (L - B)): 0.017 x 4,400 and 0.017 x 6,400
    assert asked["expected_loss"] == pytest.approx(74.80 + 108.80, rel=1e-12)
    assert asked["foregone_net_value"] == pytest.approx(3 * PLAIN_VALUE, rel=1e-9)
    assert totals["raise"]["limit"] == 10_000
    assert totals["wait"] == dict.fromkeys(totals["wait"], 0)


def test_every_account_gets_one_treatment_and_the_groups_sum_to_the_whole() -> None:
    cases = load_cases()
    found = treat(cases, policy(holdout_rate=0.3), assumptions(), by="region")
    totals, groups = found["treatments"], found["groups"].values()
    assert sum(entry["accounts"] for entry in totals.values()) == len(cases)
    limits = sum(entry["limit"] for entry in totals.values())
    assert limits == pytest.approx(cases["credit_limit"].sum() / 100, rel=1e-12)
    for treatment, entry in totals.items():
        for name, value in entry.items():
            parts = math.fsum(group[treatment][name] for group in groups)
            assert parts == pytest.approx(value, rel=1e-12, abs=1e-12), (treatment, name)


def test_a_stricter_affordability_raises_nobody_more() -> None:
    cases = load_cases()
    raised = {"raise", "raise_with_guidance"}
    counts = []
    for share in (0.5, 0.3, 0.2, 0.1, 0.05):
        settings = assumptions(strain_income_share=share)
        totals = treat(cases, policy(score_threshold=350), settings)["treatments"]
        counts.append(sum(totals[name]["accounts"] for name in raised))
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]
