"""The oracle's sections 2 to 4 held against the specification's words: who is raised, to what."""

import hashlib
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.oracle import DEFAULT_ASSUMPTIONS, load_cases, simulate
from tests.oracle.columns import basis_points, minor_units
from tests.oracle.decision import REASONS, holdout_hash, is_held_out
from tests.oracle.examples import assumptions, detail, one_account, policy, two_accounts

# The reason of each stylised account under the default policy.
CASE_REASONS = {
    "000000000000000001": "raised",
    "0002": "raised",
    "0003": "utilization_out_of_range",
    "0004": "opted_out",
    "0005": "in_hardship",
    "0006": "is_student",
    "0007": "past_due",
    "0008": "past_due_12m",
    "0009": "persistent_minimum_payer",
    "0010": "too_new",
    "0011": "recent_limit_change",
    "0012": "raised",
    "0013": "unaffordable",
    "0014": "unknown_data",
    "0015": "raised",
    "0016": "raise_too_small",
    "0017": "utilization_out_of_range",
    "0018": "raised",
    "0019": "score_below_threshold",
    "0020": "score_below_threshold",
    "0021": "score_below_threshold",
    "0022": "score_below_threshold",
    "0023": "score_below_threshold",
    "0024": "score_below_threshold",
    "0025": "unknown_data",
}
# A cell of each column that can be blank, and what passes its rule.
PASSING = {
    "days_past_due": 0,
    "max_days_past_due_12m": 0,
    "minimum_payment_months_6": 0,
    "months_on_book": 36,
    "months_since_limit_change": 36,
    "account_status": "active",
    "opted_out": False,
    "in_hardship": False,
    "is_student": False,
    "monthly_income": 1_000_000,
}


# Section 3: the hold-out


def test_holdout_is_the_first_eight_bytes_of_the_hash_as_a_share() -> None:
    digest = hashlib.sha256(b"headroom:0001").hexdigest()
    assert digest.startswith("959a2fc4650cf5e3")
    assert holdout_hash("0001", "headroom") == 0x959A2FC4650CF5E3
    share = holdout_hash("0001", "headroom") / 2**64
    below, above = math.floor(share * 10_000), math.ceil(share * 10_000)
    assert not is_held_out("0001", "headroom", below)
    assert is_held_out("0001", "headroom", above)


def test_holdout_agrees_with_the_comparison_of_hexadecimal_text() -> None:
    for rate in (1, 500, 2_500, 5_000):
        bound = f"{-(-rate * 2**64 // 10_000):016x}"
        for number in range(500):
            digits = hashlib.sha256(f"seed:{number:04d}".encode()).hexdigest()[:16]
            assert is_held_out(f"{number:04d}", "seed", rate) == (digits < bound)


def test_the_holdout_is_drawn_last_among_accounts_that_would_be_raised() -> None:
    """Every third account has no room: none of those is in either arm."""
    rows = [
        one_account(account_id=f"{number:05d}", monthly_income=300_000 if number % 3 else 100_000)
        for number in range(1_500)
    ]
    accounts = pd.concat(rows, ignore_index=True)
    off = {"affordability": False, "income_multiple": 5.0}
    whole = simulate(accounts, policy(**off), DEFAULT_ASSUMPTIONS)
    split = simulate(accounts, policy(**off, holdout_rate=0.05), DEFAULT_ASSUMPTIONS)
    assert whole["raised"] == 1_000
    assert whole["reasons"]["at_income_multiple"] == split["reasons"]["at_income_multiple"]
    held_out = split["reasons"]["held_out"]["accounts"]
    assert 30 < held_out < 75
    assert split["raised"] == 1_000 - held_out
    assert split["headline_raise"] == whole["headline_raise"] == 1_500 * 2_000
    assert split["effective_raise"] == (1_000 - held_out) * 2_000


def test_both_arms_know_the_limit_that_they_would_get() -> None:
    rows = [one_account(account_id=f"{number:03d}") for number in range(200)]
    accounts = pd.concat([*rows, one_account(account_id="low", score=700)], ignore_index=True)
    found = simulate(accounts, policy(holdout_rate=0.5), DEFAULT_ASSUMPTIONS)["accounts_detail"]
    assert set(found["arm"]) == {"raised", "held_out", ""}
    rows_of = zip(*(found[name] for name in found), strict=True)
    for reason, new_limit, binding, would_be_limit, arm in rows_of:
        assert arm == (reason if reason in ("raised", "held_out") else "")
        assert would_be_limit == (1_200_000 if arm else 1_000_000)
        assert new_limit == (1_200_000 if arm == "raised" else 1_000_000)
        assert binding == ("raise_rate" if arm == "raised" else "")


# Section 4: who is raised


def test_every_stylised_account_gets_the_reason_it_is_there_for() -> None:
    cases = load_cases()
    found = simulate(cases, policy(), assumptions())["accounts_detail"]["reason"]
    assert dict(zip(cases["account_id"], found, strict=True)) == CASE_REASONS


def test_rules_are_tried_in_the_order_of_the_specification() -> None:
    """An account that fails everything: switching off the rule that is named names the next.

    Its three ceilings are one and the same 3.00, so that the table's order names them.
    """
    fails: dict[str, Any] = {
        "score": 799,
        "balance": 1_100_000,
        "monthly_income": None,
        "months_on_book": 0,
        "days_past_due": 90,
        "max_days_past_due_12m": 90,
        "months_since_limit_change": 0,
        "minimum_payment_months_6": 6,
        "account_status": "closed",
        "opted_out": True,
        "in_hardship": True,
        "is_student": True,
    }
    off: dict[str, dict[str, Any]] = {
        "score_below_threshold": {"score_threshold": 700},
        "closed": {"closed": False},
        "opted_out": {"opted_out": False},
        "in_hardship": {"in_hardship": False},
        "is_student": {"is_student": False},
        "past_due": {"past_due": False},
        "past_due_12m": {"past_due_12m": None},
        "persistent_minimum_payer": {"persistent_minimum_payer": None},
        "too_new": {"too_new": None},
        "recent_limit_change": {"recent_limit_change": None},
        "utilization_out_of_range": {"utilization_out_of_range": False},
        "at_limit_cap": {"limit_cap": None},
        "at_income_multiple": {"income_multiple": None},
        "unaffordable": {"affordability": False},
        "raise_too_small": {"rounding_step": Decimal(100)},
        "held_out": {"holdout_rate": 0.0},
    }
    digest = hashlib.sha256(b"B:A").digest()
    changes: dict[str, Any] = {"holdout_rate": 0.5, "policy_seed": "B"}
    changes |= {"rounding_step": Decimal(5_000), "limit_cap": Decimal(3), "income_multiple": 3.0}
    assert digest[0] < 0x80, "the hold-out of one half takes this account"
    seen = []
    for _ in REASONS:
        reason, _, _ = detail(two_accounts(fails, {"monthly_income": 100}), **changes)
        seen.append(reason)
        changes |= off.get(reason, {})
        if reason == "unknown_data":
            fails["monthly_income"] = 100
    assert tuple(seen) == REASONS


@pytest.mark.parametrize(
    ("column", "fails", "passes", "reason"),
    [
        ("days_past_due", 1, 0, "past_due"),
        ("max_days_past_due_12m", 30, 29, "past_due_12m"),
        ("minimum_payment_months_6", 3, 2, "persistent_minimum_payer"),
        ("months_on_book", 5, 6, "too_new"),
        ("months_since_limit_change", 5, 6, "recent_limit_change"),
        ("score", 799, 800, "score_below_threshold"),
        ("balance", 1_000_001, 1_000_000, "utilization_out_of_range"),
        ("account_status", "written off", "active", "closed"),
        ("account_status", "挂失", "正常", "closed"),
        ("account_status", True, False, "closed"),
    ],
)
def test_the_edge_of_each_rule_falls_on_the_right_side(
    column: str, fails: Any, passes: Any, reason: str
) -> None:
    assert detail(one_account(**{column: fails}))[0] == reason
    assert detail(one_account(**{column: passes}))[0] == "raised"


@pytest.mark.parametrize("column", PASSING)
@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_column_that_is_blank_throughout_applies_no_rule(column: str, missing: Any) -> None:
    assert detail(one_account(**{column: missing})) == ("raised", 1_200_000, "raise_rate")


@pytest.mark.parametrize(("column", "passing"), PASSING.items())
def test_a_blank_cell_holds_an_account_back_unless_unknown_cells_pass(
    column: str, passing: Any
) -> None:
    accounts = two_accounts({column: None}, {column: passing})
    assert detail(accounts) == ("unknown_data", 1_000_000, "")
    assert detail(accounts, unknown_cells="pass") == ("raised", 1_200_000, "raise_rate")


def test_a_blank_cell_of_a_rule_that_is_off_holds_nobody_back() -> None:
    status = two_accounts({"account_status": None}, {"account_status": "active"})
    assert detail(status, closed=False)[0] == "raised"
    months = two_accounts({"months_on_book": None}, {"months_on_book": 36})
    assert detail(months, too_new=None)[0] == "raised"
    assert detail(months, too_new=0)[0] == "unknown_data"
    income = two_accounts({"monthly_income": None}, {"monthly_income": 1_000_000})
    assert detail(income, affordability=False)[0] == "raised"
    assert detail(income, affordability=False, income_multiple=4.0)[0] == "unknown_data"


def test_blank_cells_of_columns_without_a_rule_hold_nobody_back() -> None:
    columns = ("other_payments", "is_transactor", "default_probability", "loss_given_default")
    accounts = two_accounts(dict.fromkeys(columns), dict.fromkeys(columns, 0))
    assert detail(accounts)[0] == "raised"


def test_utilization_bounds_are_exact_and_inclusive() -> None:
    accounts = one_account(credit_limit=1_000_000, balance=290_000)
    assert detail(accounts, utilization_min=0.29)[0] == "raised"
    assert detail(accounts, utilization_max=0.29)[0] == "raised"
    assert detail(accounts, utilization_min=0.2901)[0] == "utilization_out_of_range"
    assert detail(accounts, utilization_max=0.2899)[0] == "utilization_out_of_range"


def test_a_limit_of_zero_fails_the_utilization_rule_and_is_never_raised() -> None:
    accounts = one_account(credit_limit=0, balance=0)
    assert detail(accounts)[0] == "utilization_out_of_range"
    assert detail(accounts, utilization_out_of_range=False)[0] == "raise_too_small"


def test_reasons_account_for_every_account_and_all_limit() -> None:
    cases = load_cases()
    result = simulate(cases, policy(), DEFAULT_ASSUMPTIONS)
    assert tuple(result["reasons"]) == REASONS
    entries = result["reasons"].values()
    assert sum(entry["accounts"] for entry in entries) == len(cases)
    assert sum(entry["limit"] for entry in entries) == result["baseline"]["limit"]
    assert result["reasons"]["held_out"] == {"accounts": 0, "limit": 0}


# Reading


def test_rates_are_whole_basis_points_and_money_has_two_decimals() -> None:
    assert basis_points(0.1 + 0.2) == 3_000
    assert minor_units(Decimal("1234.56")) == 123_456
    with pytest.raises(ValueError, match="basis points"):
        basis_points(0.12345)
    with pytest.raises(ValueError, match="two decimals"):
        minor_units(Decimal("0.005"))


def test_cases_keep_leading_zeros_and_cents() -> None:
    cases = load_cases().set_index("account_id")
    assert "000000000000000001" in cases.index
    assert cases.loc["0018", "credit_limit"] == 123_456
    assert cases.loc["0018", "monthly_income"] == 150_025
    assert cases.loc["0014", "monthly_income"] is pd.NA


def test_every_stylised_account_is_explained() -> None:
    readme = (Path(__file__).parent / "cases" / "README.md").read_text(encoding="utf-8")
    explained = [line.split("|")[1].strip() for line in readme.splitlines() if "| 0" in line]
    assert explained == load_cases()["account_id"].tolist()


def test_the_stylised_accounts_show_what_their_readme_says() -> None:
    everyone = policy(score_threshold=350)
    of = simulate(load_cases(), everyone, assumptions(), by="account_id")["groups"]
    assert of["0002"]["increment"]["balance"] == pytest.approx(0.02 * 4_000, rel=1e-15)
    assert of["0012"]["binding"]["limit_cap"] == 1
    assert [label for label, group in of.items() if group["relieved"]] == ["0020"]
    assert of["0015"]["proposed"]["projected_defaults"] == 1
    assert of["0024"]["baseline"]["strained"] == of["0024"]["baseline"]["over_indebted"] == 1
    assert of["0016"]["reasons"]["raise_too_small"]["accounts"] == 1
    for label in ("0013", "0023", "0024"):
        assert of[label]["reasons"]["unaffordable"]["accounts"] == 1
    for label in ("0019", "0020", "0021", "0022"):
        assert of[label]["raised"] == 1


def test_the_stylised_accounts_show_the_rest_where_incomes_are_no_bound() -> None:
    lenient = policy(score_threshold=350, affordability=False, unknown_cells="pass")
    of = simulate(load_cases(), lenient, assumptions(), by="account_id")["groups"]
    relieved = [label for label, group in of.items() if group["relieved"]]
    assert relieved == ["0014", "0020", "0023", "0024"]
    assert of["0023"]["baseline"]["strained"] == 0
    assert of["0023"]["proposed"]["strained"] == 1
    assert of["0025"]["reasons"]["at_limit_cap"]["accounts"] == 1
    fourfold = simulate(load_cases(), lenient | {"income_multiple": 4.0}, assumptions())
    assert fourfold["binding"]["income_multiple"] == 1
    assert fourfold["reasons"]["at_income_multiple"]["accounts"] == 1


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="raise_rat'"):
        simulate(one_account(), policy(raise_rat=0.1), assumptions())
    with pytest.raises(ValueError, match="hold or pass"):
        simulate(one_account(), policy(unknown_cells="guess"), assumptions())
