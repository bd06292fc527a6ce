"""The oracle held against the specification's own examples, published figures and real cards."""

import hashlib
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.oracle import (
    DEFAULT_ASSUMPTIONS,
    DEFAULT_POLICY,
    load_cases,
    portfolio_from_csv,
    simulate,
)
from tests.oracle.columns import basis_points, minor_units
from tests.oracle.decision import REASONS, holdout_hash, is_held_out
from tests.oracle.measures import (
    capital_requirement,
    conditional_probability,
    other_retail_correlation,
)
from tests.oracle.response import probability_from_score, score_band

BANDS = len(DEFAULT_ASSUMPTIONS["band_edges"])

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
    "0013": "raised",
    "0014": "raised",
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
    "0025": "raise_too_small",
}


def policy(**changes: Any) -> dict[str, Any]:
    return DEFAULT_POLICY | changes


def assumptions(**changes: Any) -> dict[str, Any]:
    return DEFAULT_ASSUMPTIONS | changes


def in_all_bands(value: float) -> tuple[float, ...]:
    return (value,) * BANDS


def one_account(**cells: Any) -> pd.DataFrame:
    """Make one account: score 820, limit 10,000.00, balance 3,000.00 unless told otherwise."""
    plain = {"account_id": "A", "score": 820, "credit_limit": 1_000_000, "balance": 300_000}
    return pd.DataFrame([plain | cells])


def detail(accounts: pd.DataFrame, **changes: Any) -> tuple[str, int, str]:
    """Return the reason, new limit (minor units) and binding of the first account."""
    found = simulate(accounts, policy(**changes), DEFAULT_ASSUMPTIONS)["accounts_detail"]
    return found["reason"][0], found["new_limit"][0], found["binding"][0]


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
        bound = f"{math.ceil(rate * 2**64 / 10_000):016x}"
        for number in range(500):
            digits = hashlib.sha256(f"seed:{number:04d}".encode()).hexdigest()[:16]
            assert is_held_out(f"{number:04d}", "seed", rate) == (digits < bound)


def test_held_out_accounts_are_eligible_but_not_raised() -> None:
    rows = [one_account(account_id=f"{number:05d}") for number in range(2_000)]
    accounts = pd.concat(rows, ignore_index=True)
    result = simulate(accounts, policy(holdout_rate=0.05), DEFAULT_ASSUMPTIONS)
    held_out = result["reasons"]["held_out"]["accounts"]
    assert 60 < held_out < 140
    assert result["raised"] == 2_000 - held_out
    assert result["headline_raise"] == 2_000 * 2_000
    assert result["effective_raise"] == (2_000 - held_out) * 2_000


# Section 4: who is raised


def test_every_stylised_account_gets_the_reason_it_is_there_for() -> None:
    cases = load_cases()
    found = simulate(cases, policy(), assumptions())["accounts_detail"]["reason"]
    assert dict(zip(cases["account_id"], found, strict=True)) == CASE_REASONS


def test_rules_are_tried_in_the_order_of_the_specification() -> None:
    """An account that fails everything: switching off the rule that is named names the next."""
    accounts = one_account(
        score=799,
        balance=1_100_000,
        monthly_income=0,
        months_on_book=0,
        days_past_due=90,
        max_days_past_due_12m=90,
        months_since_limit_change=0,
        minimum_payment_months_6=6,
        account_status="closed",
        opted_out=True,
        in_hardship=True,
        is_student=True,
    )
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
        "held_out": {"holdout_rate": 0.0},
        "raise_too_small": {"income_multiple": None},
    }
    digest = hashlib.sha256(b"B:A").digest()
    changes: dict[str, Any] = {"holdout_rate": 0.5, "policy_seed": "B"}
    assert digest[0] < 0x80, "the hold-out of one half takes this account"
    seen = []
    for _ in REASONS:
        reason, _, _ = detail(accounts, **changes)
        seen.append(reason)
        changes |= off.get(reason, {})
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
    ],
)
def test_the_edge_of_each_rule_falls_on_the_right_side(
    column: str, fails: int, passes: int, reason: str
) -> None:
    assert detail(one_account(**{column: fails}))[0] == reason
    assert detail(one_account(**{column: passes}))[0] == "raised"


@pytest.mark.parametrize(
    "column",
    [
        "days_past_due",
        "max_days_past_due_12m",
        "minimum_payment_months_6",
        "months_on_book",
        "months_since_limit_change",
        "account_status",
        "opted_out",
        "in_hardship",
        "is_student",
        "monthly_income",
    ],
)
@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_missing_cell_passes_its_rule(column: str, missing: Any) -> None:
    assert detail(one_account(**{column: missing})) == ("raised", 1_200_000, "raise_rate")


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


# Section 4: to what


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
    accounts = one_account(monthly_income=300_000)
    assert detail(accounts) == ("raised", 1_200_000, "raise_rate")
    assert detail(accounts, income_multiple=3.8) == ("raised", 1_140_000, "income_multiple")
    assert detail(accounts, limit_cap=Decimal(11_000)) == ("raised", 1_100_000, "limit_cap")
    assert detail(accounts, max_increment=Decimal(500)) == ("raised", 1_050_000, "max_increment")


def test_a_tie_names_the_earlier_binding() -> None:
    accounts = one_account(monthly_income=300_000)
    ties: dict[str, Any] = {"max_increment": Decimal(2_000), "limit_cap": Decimal(12_000)}
    assert detail(accounts, **ties)[2] == "raise_rate"
    assert detail(accounts, **ties, raise_rate=0.3)[2] == "max_increment"
    assert detail(accounts, raise_rate=0.3, limit_cap=Decimal(12_000))[2] == "limit_cap"
    assert detail(accounts, raise_rate=0.3)[2] == "income_multiple"


def test_binding_is_decided_before_rounding() -> None:
    """12,000.00 by the rate and 12,050.00 by income round to the same step; the rate is lower."""
    assert detail(one_account(monthly_income=301_250))[2] == "raise_rate"
    accounts = one_account(monthly_income=301_250)
    assert detail(accounts, raise_rate=0.2099) == ("raised", 1_200_000, "income_multiple")


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
    """The raised cases: 1, 2, 12, 13, 14, 15, 18; eligible but too small: 16, 25."""
    result = simulate(load_cases(), policy(), assumptions())
    eligible = (10_000, 20_000, 45_000, 10_000, 8_000, 4_000, 1_234.56, 400, 60_000)
    assert result["headline_raise"] == pytest.approx(0.20 * sum(eligible), rel=1e-15)
    effective = 2_000 + 4_000 + 5_000 + 1_000 + 1_600 + 800 + 165.44
    assert result["effective_raise"] == effective
    assert result["binding"] == {
        "raise_rate": 5,
        "max_increment": 0,
        "limit_cap": 1,
        "income_multiple": 1,
    }


def test_max_increment_cuts_the_headline_too() -> None:
    result = simulate(one_account(), policy(max_increment=Decimal(500)), DEFAULT_ASSUMPTIONS)
    assert result["headline_raise"] == result["effective_raise"] == 500


def test_reasons_account_for_every_account_and_all_limit() -> None:
    cases = load_cases()
    result = simulate(cases, policy(), DEFAULT_ASSUMPTIONS)
    assert tuple(result["reasons"]) == REASONS
    entries = result["reasons"].values()
    assert sum(entry["accounts"] for entry in entries) == len(cases)
    assert sum(entry["limit"] for entry in entries) == result["baseline"]["limit"]
    assert result["reasons"]["held_out"] == {"accounts": 0, "limit": 0}


# Section 5: the curve


def test_the_curve_gives_the_odds_of_the_specification() -> None:
    check = {"anchor_score": 600, "anchor_odds": 50.0, "points_to_double_odds": 20.0}
    found = probability_from_score(np.array([600.0, 620.0]), check)
    assert found == pytest.approx([1 / 51, 1 / 101], rel=1e-15)
    default = probability_from_score(np.array([650.0, 800.0]), DEFAULT_ASSUMPTIONS)
    assert default[0] == pytest.approx(0.02, rel=1e-15)
    assert default[1] == pytest.approx(0.0015, abs=0.00005)


def test_missing_probability_and_loss_come_from_curve_and_assumption() -> None:
    given = one_account(score=800, default_probability=0.5, loss_given_default=0.4)
    absent = one_account(score=800)
    empty = one_account(score=800, default_probability=None, loss_given_default=float("nan"))
    ead = 3_000 + 0.2 * 7_000
    p = 1 / (1 + 49 * 2 ** (150 / 40))
    for accounts, expected in ((given, 0.5 * 0.4), (absent, p * 0.85), (empty, p * 0.85)):
        loss = simulate(accounts, policy(), assumptions())["baseline"]["expected_loss"]
        assert loss == pytest.approx(expected * ead, rel=1e-14)


# Section 6: the response


def test_bands_start_at_their_lower_edge() -> None:
    scores = np.array([350, 549, 550, 649, 650, 799, 800, 849, 850, 950, 300])
    found = score_band(scores, DEFAULT_ASSUMPTIONS["band_edges"])
    assert found.tolist() == [0, 0, 1, 2, 3, 5, 6, 6, 7, 7, 0]


def test_the_log_form_is_elasticity_times_balance_times_log_growth() -> None:
    result = simulate(one_account(), policy(), assumptions())
    assert result["increment"]["balance"] == pytest.approx(0.6 * 3_000 * math.log(1.2), rel=1e-14)


def test_an_idle_account_draws_the_idle_share_in_the_log_form_only() -> None:
    idle = one_account(balance=0)
    log = simulate(idle, policy(), assumptions())
    linear = simulate(idle, policy(), assumptions(response_form="linear"))
    assert log["increment"]["balance"] == pytest.approx(0.02 * 2_000, rel=1e-15)
    assert linear["increment"]["balance"] == pytest.approx(0.04 * 2_000, rel=1e-15)


def test_the_new_balance_never_exceeds_the_new_limit_unless_it_did_before() -> None:
    steep = assumptions(elasticity=in_all_bands(60.0))
    within = simulate(one_account(), policy(), steep)
    assert within["proposed"]["balance"] == 12_000
    over = one_account(balance=1_500_000)
    beyond = simulate(over, policy(utilization_out_of_range=False), steep)
    assert beyond["raised"] == 1
    assert beyond["increment"]["balance"] == 0


def test_default_probability_stops_at_one() -> None:
    result = simulate(one_account(default_probability=0.99), policy(), assumptions())
    assert result["proposed"]["projected_defaults"] == 1.0


def test_attrition_falls_with_the_raise_down_to_its_floor() -> None:
    for rate, change, factor in ((0.2, -0.03, 0.94), (1.0, -0.03, 0.70), (1.0, -0.05, 0.67)):
        changed = assumptions(attrition_change=in_all_bands(change))
        result = simulate(one_account(default_probability=0.01), policy(raise_rate=rate), changed)
        worth = 3_000 * (0.075 - 0.03) - 0.01 * 0.85 * 4_400
        assert result["proposed"]["retained"] == pytest.approx(0.05 * (1 - factor) * worth)


def test_zero_response_equals_the_static_run() -> None:
    responses = ("elasticity", "mpb", "pd_uplift", "attrition_change")
    still = assumptions(**{name: in_all_bands(0.0) for name in responses}, idle_draw=0.0)
    for form in ("log", "linear"):
        result = simulate(load_cases(), policy(), still | {"response_form": form})
        increment = result["increment"]
        assert increment["balance"] == 0
        assert increment["projected_defaults"] == 0
        assert increment["retained"] == 0
        assert increment["headroom"] == pytest.approx(increment["limit"], rel=1e-15)
        assert increment["ead"] == pytest.approx(0.2 * increment["limit"], rel=1e-12)


def test_opt_in_weighs_every_measure_with_take_up_and_leaves_the_counts_whole() -> None:
    accounts, half = load_cases(), in_all_bands(0.5)
    changes: dict[str, Any] = {"action_cost": Decimal("1.50"), "take_up": half}
    automatic = simulate(accounts, policy(), assumptions(**changes))
    opt_in = simulate(accounts, policy(), assumptions(**changes, consent_mode="opt_in"))
    for name in ("raised", "headline_raise", "effective_raise", "binding", "reasons", "baseline"):
        assert opt_in[name] == automatic[name]
    assert automatic["expected_takers"] == automatic["raised"]
    assert opt_in["expected_takers"] == automatic["raised"] / 2
    quotients = {"default_rate", "loss_rate", "return_on_capital", "loss_per_new_exposure"}
    whole = {"accounts", "raised", "raised_share"}
    for name in sorted(set(automatic["increment"]) - quotients - whole):
        expected = automatic["increment"][name] / 2
        assert opt_in["increment"][name] == pytest.approx(expected, rel=1e-12), name
    for name, part in automatic["expected_loss_parts"].items():
        assert opt_in["expected_loss_parts"][name] == pytest.approx(part / 2, rel=1e-12)
    assert opt_in["relieved"] == automatic["relieved"] / 2


# Section 7: measures


def test_the_hand_example_of_the_specification() -> None:
    accounts = one_account(default_probability=0.02, loss_given_default=0.85)
    hand = assumptions(
        response_form="linear",
        mpb=in_all_bands(0.25),
        pd_uplift=in_all_bands(0.02),
        credit_conversion_factor=0.5,
    )
    result = simulate(accounts, policy(), hand)
    assert result["increment"]["limit"] == 2_000
    assert result["proposed"]["balance"] == 3_500
    assert result["baseline"]["ead"] == 6_500
    assert result["proposed"]["ead"] == 7_750
    assert result["baseline"]["expected_loss"] == pytest.approx(110.50, rel=1e-12)
    assert result["proposed"]["expected_loss"] == pytest.approx(137.02, rel=1e-12)
    assert result["increment"]["expected_loss"] == pytest.approx(26.52, rel=1e-12)
    parts = result["expected_loss_parts"]
    assert parts["new_exposure"] == pytest.approx(21.25, rel=1e-12)
    assert parts["old_balance"] == pytest.approx(4.42, rel=1e-12)
    assert parts["cross"] == pytest.approx(0.85, rel=1e-12)
    assert result["increment"]["loss_per_new_exposure"] == pytest.approx(26.52 / 1_250, rel=1e-12)


def test_net_value_and_return_on_capital_worked_by_hand() -> None:
    """No response: balance 3,000, limit 10,000 to 12,000, p 1 %, g 50 %, yield 7.5 %."""
    still = assumptions(
        elasticity=in_all_bands(0.0), pd_uplift=in_all_bands(0.0), action_cost=Decimal("2.00")
    )
    accounts = one_account(default_probability=0.01, loss_given_default=0.5)
    result = simulate(accounts, policy(), still)
    margin, loss0, loss1 = 3_000 * 0.045, 0.005 * 4_400, 0.005 * 4_800
    rwa0, rwa1 = 0.75 * 3_700, 0.75 * 3_900
    retained = 0.05 * 0.06 * (margin - loss0)
    net0 = margin - loss0 - 0.12 * 0.105 * rwa0
    net1 = margin + retained - loss1 - 0.12 * 0.105 * rwa1 - 2
    assert result["baseline"]["net_value"] == pytest.approx(net0, rel=1e-12)
    assert result["proposed"]["net_value"] == pytest.approx(net1, rel=1e-12)
    assert result["increment"]["net_value"] == pytest.approx(net1 - net0, rel=1e-9)
    return0 = (margin - loss0) / (0.105 * rwa0)
    return1 = (margin + retained - loss1 - 2) / (0.105 * rwa1)
    assert result["baseline"]["return_on_capital"] == pytest.approx(return0, rel=1e-12)
    assert result["proposed"]["return_on_capital"] == pytest.approx(return1, rel=1e-12)


def test_retained_counts_only_customers_worth_keeping() -> None:
    result = simulate(one_account(default_probability=0.9), policy(), assumptions())
    assert result["proposed"]["retained"] == 0


def test_relief_is_exact_at_its_threshold() -> None:
    still = assumptions(elasticity=in_all_bands(0.0))
    for balance, expected in ((799_999, 0), (800_000, 1), (959_999, 1), (960_000, 0)):
        result = simulate(one_account(balance=balance), policy(), still)
        assert result["raised"] == 1
        assert result["relieved"] == expected, balance


def test_strained_and_over_indebted_need_a_known_income_and_more_than_the_bound() -> None:
    off: dict[str, Any] = {"income_multiple": None}
    for income, before, after in ((None, 0, 0), (333_333, 1, 1), (333_334, 0, 1), (400_000, 0, 0)):
        result = simulate(one_account(monthly_income=income), policy(**off), assumptions())
        assert (result["baseline"]["strained"], result["proposed"]["strained"]) == (before, after)
    still = assumptions(elasticity=in_all_bands(0.0))
    for income, count in ((None, 0), (0, 1), (49_999, 1), (50_000, 0)):
        result = simulate(one_account(monthly_income=income), policy(**off), still)
        assert result["baseline"]["over_indebted"] == count
        assert result["proposed"]["over_indebted"] == count
    drawn = simulate(one_account(monthly_income=50_000), policy(**off), assumptions())
    assert (drawn["baseline"]["over_indebted"], drawn["proposed"]["over_indebted"]) == (0, 1)


def test_increment_is_proposed_minus_baseline_and_the_loss_parts_sum_to_it() -> None:
    for mode in ("automatic", "opt_in"):
        changed = assumptions(consent_mode=mode)
        result = simulate(load_cases(), policy(score_threshold=350), changed)
        for name, change in result["increment"].items():
            before, after = result["baseline"][name], result["proposed"][name]
            if name != "loss_per_new_exposure":
                assert change == pytest.approx(after - before, rel=1e-9, abs=1e-9), name
        parts = sum(result["expected_loss_parts"].values())
        assert parts == pytest.approx(result["increment"]["expected_loss"], rel=1e-12)


def test_nothing_raised_leaves_no_increment_and_no_price_of_exposure() -> None:
    result = simulate(load_cases(), policy(raise_rate=0.0), assumptions())
    assert result["raised"] == 0
    assert result["increment"]["loss_per_new_exposure"] is None
    others = {**result["increment"], "loss_per_new_exposure": 0}
    assert set(others.values()) == {0}


def test_a_rate_without_a_denominator_is_null() -> None:
    empty = one_account(credit_limit=0, balance=0)
    side = simulate(empty, policy(), assumptions())["baseline"]
    assert side["loss_rate"] is None
    assert side["return_on_capital"] is None
    nobody = simulate(one_account().iloc[:0], policy(), assumptions())
    assert nobody["baseline"]["default_rate"] is None
    assert nobody["increment"]["default_rate"] is None
    assert nobody["baseline"]["raised_share"] is None


# Section 8: capital


@pytest.mark.parametrize(
    ("probability", "qualifying_revolving", "other_retail"),
    [(0.0003, 0.98, 4.45), (0.0025, 5.76, 21.15), (0.01, 17.22, 45.77), (0.025, 33.98, 60.90)],
)
def test_risk_weights_are_those_of_basel_ii_annex_5(
    probability: float, qualifying_revolving: float, other_retail: float
) -> None:
    """BCBS, Basel II comprehensive version (June 2006), Annex 5, retail at LGD 45 %."""
    p, g = np.array([probability]), np.array([0.45])
    qrre = 1_250 * capital_requirement(p, g, np.array([0.04]))[0]
    other = 1_250 * capital_requirement(p, g, other_retail_correlation(p))[0]
    assert qrre == pytest.approx(qualifying_revolving, abs=0.011)
    assert other == pytest.approx(other_retail, abs=0.011)


def test_stressed_probability_is_that_of_the_specification() -> None:
    p, correlation = np.array([0.02]), np.array([0.04])
    one_in_20, one_in_1000 = -1.6448536269514729, -3.0902323061678132
    found = conditional_probability(p, correlation, one_in_20)[0]
    assert found == pytest.approx(0.03917472, abs=5e-9)
    found = conditional_probability(p, correlation, one_in_1000)[0]
    assert found == pytest.approx(0.07141850, abs=5e-9)


def test_capital_is_zero_where_default_is_certain_or_impossible() -> None:
    ends = np.array([0.0, 1.0])
    assert capital_requirement(ends, np.full(2, 0.85), np.full(2, 0.04)).tolist() == [0, 0]


def test_irb_takes_each_sides_own_default_probability() -> None:
    accounts = one_account(default_probability=0.02, loss_given_default=0.45)
    flat = assumptions(elasticity=in_all_bands(0.0), pd_uplift=in_all_bands(0.125))
    result = simulate(accounts, policy(), flat | {"capital_approach": "irb_qrre"})
    assert result["baseline"]["rwa"] == pytest.approx(0.2892 * 4_400, rel=4e-4)
    assert result["proposed"]["rwa"] == pytest.approx(0.3398 * 4_800, rel=4e-4)


# Section 9: groups


def test_groups_sum_to_the_whole_and_blank_cells_form_their_own() -> None:
    result = simulate(load_cases(), policy(score_threshold=350), assumptions(), by="region")
    groups = result["groups"]
    assert list(groups) == ["(blank)", "East", "North", "South", "West"]
    assert groups["(blank)"]["baseline"]["accounts"] == 3
    rates = {"raised_share", "default_rate", "loss_rate", "return_on_capital"}
    rates |= {"loss_per_new_exposure"}
    for side in ("baseline", "proposed", "increment"):
        for name in set(result[side]) - rates:
            parts = math.fsum(group[side][name] for group in groups.values())
            assert parts == pytest.approx(result[side][name], rel=1e-12, abs=1e-12), name
    assert sum(group["raised"] for group in groups.values()) == result["raised"]


def test_results_do_not_depend_on_the_order_of_rows() -> None:
    cases = load_cases()
    shuffled = cases.sample(frac=1.0, random_state=1).reset_index(drop=True)
    first, second = (simulate(each, policy(), assumptions()) for each in (cases, shuffled))
    del first["accounts_detail"], second["accounts_detail"]
    assert first == second


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
    assert of["0013"]["binding"]["income_multiple"] == 1
    assert [label for label, group in of.items() if group["relieved"]] == ["0014", "0020", "0023"]
    assert of["0015"]["proposed"]["projected_defaults"] == 1
    assert of["0023"]["baseline"]["strained"] == 0
    assert of["0023"]["proposed"]["strained"] == 1
    assert of["0024"]["baseline"]["strained"] == of["0024"]["baseline"]["over_indebted"] == 1
    for label in ("0016", "0024", "0025"):
        assert of[label]["reasons"]["raise_too_small"]["accounts"] == 1
    for label in ("0019", "0020", "0021", "0022", "0023"):
        assert of[label]["raised"] == 1


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="raise_rat'"):
        simulate(one_account(), policy(raise_rat=0.1), assumptions())


# Real cards


def test_taiwan_cards_give_the_agreed_figures(taiwan: Path) -> None:
    """UCI "Default of Credit Card Clients" (Yeh & Lien 2009), half of it, without a limit cap."""
    result = simulate(portfolio_from_csv(taiwan), policy(limit_cap=None), assumptions())
    assert result["raised"] == 384
    assert result["increment"]["limit"] == 24_678_000
    assert result["baseline"]["ead"] == pytest.approx(1_122_027_527.2, rel=1e-12)
    assert result["proposed"]["ead"] == pytest.approx(1_127_640_594.509, abs=5e-4)
    assert result["baseline"]["projected_defaults"] == pytest.approx(3_317.03885, abs=5e-6)
    assert result["proposed"]["projected_defaults"] == pytest.approx(3_317.475708, abs=5e-7)
    assert result["increment"]["expected_loss"] == pytest.approx(300_507.2013, abs=5e-5)
    parts = result["expected_loss_parts"]
    assert parts["new_exposure"] == pytest.approx(266_151.8473, abs=5e-5)
