"""The oracle's sections 7, 9 and 11 held against the specification, published figures, identities.

Amounts are worked by hand on one account: limit 10,000 to 12,000, balance 3,000.
"""

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tests.oracle import load_cases, simulate
from tests.oracle.examples import (
    NO_RESPONSE,
    QUOTIENTS,
    assumptions,
    in_all_bands,
    one_account,
    policy,
)
from tests.oracle.measures import (
    INCOME_MEASURES,
    capital_requirement,
    conditional_probability,
    other_retail_correlation,
)
from tests.oracle.simulation import TIME_MEASURES

# Section 7: the lender's side


def test_the_hand_example_of_the_specification() -> None:
    accounts = one_account(default_probability=0.02, loss_given_default=0.85)
    hand = assumptions(
        response_form="linear",
        mpb=in_all_bands(0.25),
        pd_uplift=in_all_bands(0.02),
        pd_uplift_driver="limit",
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
    assert result["proposed"]["loss_rate"] == pytest.approx(137.02 / 7_750, rel=1e-12)
    assert result["proposed"]["loss_rate_on_balance"] == pytest.approx(137.02 / 3_500, rel=1e-12)


def test_net_value_and_return_on_capital_worked_by_hand() -> None:
    """Attrition alone answers: p 1 %, g 50 %, yield 7.5 %."""
    still = assumptions(**NO_RESPONSE, action_cost=Decimal("2.00"))
    still["attrition_change"] = in_all_bands(-0.03)
    accounts = one_account(default_probability=0.01, loss_given_default=0.5)
    result = simulate(accounts, policy(), still)
    margin, loss0, loss1 = 3_000 * 0.045, 0.005 * 4_400, 0.005 * 4_800
    rwa0, rwa1 = 0.75 * 3_700, 0.75 * 3_900
    charge0, charge1 = (0.095 * 0.105 * rwa for rwa in (rwa0, rwa1))
    retained = 0.5 * 0.05 * 0.06 * (margin - loss0 - charge0)
    net0, net1 = margin - loss0 - charge0, margin + retained - loss1 - charge1 - 2
    assert result["baseline"]["net_value"] == pytest.approx(net0, rel=1e-12)
    assert result["proposed"]["net_value"] == pytest.approx(net1, rel=1e-12)
    assert result["increment"]["net_value"] == pytest.approx(net1 - net0, rel=1e-9)
    return0 = (margin - loss0) / (0.105 * rwa0) + 0.025
    return1 = (margin + retained - loss1 - 2) / (0.105 * rwa1) + 0.025
    assert result["baseline"]["return_on_capital"] == pytest.approx(return0, rel=1e-12)
    assert result["proposed"]["return_on_capital"] == pytest.approx(return1, rel=1e-12)


def test_net_value_is_zero_where_the_return_on_capital_is_the_hurdle() -> None:
    """What a kept customer is worth depends on the hurdle itself, so nobody is kept here."""
    still = assumptions(attrition_change=in_all_bands(0.0))
    returned = simulate(one_account(), policy(), still)["proposed"]["return_on_capital"]
    at_hurdle = simulate(one_account(), policy(), still | {"hurdle_rate": returned})
    assert at_hurdle["proposed"]["net_value"] == pytest.approx(0, abs=1e-9)


def test_keeping_a_customer_who_costs_more_than_he_earns_is_a_loss() -> None:
    result = simulate(one_account(default_probability=0.9), policy(), assumptions())
    worth = 3_000 * 0.045 - 0.9 * 0.85 * 4_400 - 0.095 * 0.105 * 0.75 * 3_700
    expected = 0.5 * 0.05 * 0.06 * worth
    assert expected < 0
    assert result["proposed"]["retained"] == pytest.approx(expected, rel=1e-12)


def test_a_transactor_earns_the_merchants_fee_in_place_of_interest() -> None:
    for cell, earned in ((True, 0.06), (False, 0.075), (None, 0.075)):
        result = simulate(one_account(is_transactor=cell), policy(), assumptions())
        expected = 3_000 * (earned - 0.03)
        assert result["baseline"]["margin"] == pytest.approx(expected, rel=1e-12), cell


def test_increment_is_proposed_minus_baseline_and_the_loss_parts_sum_to_it() -> None:
    for changes in ({}, {"consent_mode": "opt_in"}, {"pd_uplift_driver": "limit"}):
        for days in (None, 45):
            settings = policy(score_threshold=350, affordability=False, temporary_days=days)
            result = simulate(load_cases(), settings, assumptions(**changes))
            for name, change in result["increment"].items():
                before, after = result["baseline"][name], result["proposed"][name]
                if name not in {*TIME_MEASURES, "loss_per_new_exposure"}:
                    assert change == pytest.approx(after - before, rel=1e-9, abs=1e-9), name
            parts = sum(result["expected_loss_parts"].values())
            assert parts == pytest.approx(result["increment"]["expected_loss"], rel=1e-12)


def test_nothing_raised_leaves_no_increment_and_no_price_of_exposure() -> None:
    result = simulate(load_cases(), policy(raise_rate=0.0), assumptions())
    assert result["raised"] == 0
    nulls = {name for name, value in result["increment"].items() if value is None}
    assert nulls == {"loss_per_new_exposure", "payback_months"}
    others = {name: value for name, value in result["increment"].items() if name not in nulls}
    assert set(others.values()) == {0}


def test_a_rate_without_a_denominator_is_null() -> None:
    empty = one_account(credit_limit=0, balance=0)
    side = simulate(empty, policy(), assumptions())["baseline"]
    assert side["loss_rate"] is None
    assert side["loss_rate_on_balance"] is None
    assert side["return_on_capital"] is None
    nobody = simulate(one_account().iloc[:0], policy(), assumptions())
    assert nobody["baseline"]["default_rate"] is None
    assert nobody["increment"]["default_rate"] is None
    assert nobody["baseline"]["raised_share"] is None


# Section 7: the customer's side


def test_relief_is_exact_at_its_threshold() -> None:
    still = assumptions(elasticity=in_all_bands(0.0), idle_draw=0.0)
    for balance, expected in ((799_999, 0), (800_000, 1), (959_999, 1), (960_000, 0)):
        result = simulate(one_account(balance=balance), policy(), still)
        assert result["raised"] == 1
        assert result["relieved"] == expected, balance


def test_strained_is_the_minimum_payment_and_other_debts_above_the_share_of_income() -> None:
    off: dict[str, Any] = {"affordability": False}
    for income, paid, before, after in (
        (333_333, None, 1, 1),
        (333_334, None, 0, 1),
        (400_000, None, 0, 0),
        (400_000, 1, 0, 1),
        (400_000, 20_001, 1, 1),
    ):
        accounts = one_account(monthly_income=income, other_payments=paid)
        result = simulate(accounts, policy(**off), assumptions())
        found = (result["baseline"]["strained"], result["proposed"]["strained"])
        assert found == (before, after), (income, paid)


def test_a_policy_with_the_affordability_ceiling_strains_nobody() -> None:
    for rate in (0.1, 0.3, 1.0):
        everyone = policy(score_threshold=350, raise_rate=rate, unknown_cells="pass")
        assert simulate(load_cases(), everyone, assumptions())["increment"]["strained"] == 0


def test_over_indebted_is_a_balance_above_six_months_of_income() -> None:
    off: dict[str, Any] = {"affordability": False}
    still = assumptions(elasticity=in_all_bands(0.0), idle_draw=0.0)
    for income, count in ((0, 1), (49_999, 1), (50_000, 0)):
        result = simulate(one_account(monthly_income=income), policy(**off), still)
        assert result["baseline"]["over_indebted"] == count
        assert result["proposed"]["over_indebted"] == count
    drawn = simulate(one_account(monthly_income=50_000), policy(**off), assumptions())
    assert (drawn["baseline"]["over_indebted"], drawn["proposed"]["over_indebted"]) == (0, 1)


def test_cover_is_thin_below_a_quarter_of_income_and_short_below_one() -> None:
    """Headroom 7,000.00 before, 9,000.00 after with no response."""
    still, off = assumptions(**NO_RESPONSE), {"affordability": False}
    for income, thin, short in (
        (700_000, (0, 0), (0, 0)),
        (700_001, (0, 0), (1, 0)),
        (900_001, (0, 0), (1, 1)),
        (2_800_000, (0, 0), (1, 1)),
        (2_800_001, (1, 0), (1, 1)),
        (3_600_001, (1, 1), (1, 1)),
    ):
        result = simulate(one_account(monthly_income=income), policy(**off), still)
        sides = [result[side] for side in ("baseline", "proposed")]
        assert tuple(side["thin_cover"] for side in sides) == thin, income
        assert tuple(side["short_cover"] for side in sides) == short, income


def test_an_account_over_its_limit_has_no_headroom_to_cover_with() -> None:
    for income, count in ((0, 0), (1, 1)):
        over = one_account(balance=1_100_000, monthly_income=income)
        side = simulate(over, policy(), assumptions())["baseline"]
        assert side["thin_cover"] == side["short_cover"] == count


def test_without_incomes_the_measures_of_incomes_are_unknown() -> None:
    blank = load_cases().assign(monthly_income=None)
    absent = load_cases().drop(columns="monthly_income")
    for accounts in (blank, absent):
        result = simulate(accounts, policy(), assumptions(), by="region")
        for found in (result, *result["groups"].values()):
            for side in ("baseline", "proposed", "increment"):
                assert [found[side][name] for name in INCOME_MEASURES] == [None] * 4
        assert result["raised"] > 0, "affordability is not applied"


# Section 9: capital


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
    flat = assumptions(
        elasticity=in_all_bands(0.0),
        idle_draw=0.0,
        pd_uplift=in_all_bands(0.125),
        pd_uplift_driver="limit",
        capital_approach="irb_qrre",
    )
    result = simulate(accounts, policy(), flat)
    assert result["baseline"]["rwa"] == pytest.approx(0.2892 * 4_400, rel=4e-4)
    assert result["proposed"]["rwa"] == pytest.approx(0.3398 * 4_800, rel=4e-4)


# Section 11: groups


def test_groups_sum_to_the_whole_and_blank_cells_form_their_own() -> None:
    settings = policy(score_threshold=350, affordability=False, unknown_cells="pass")
    result = simulate(load_cases(), settings, assumptions(), by="region")
    groups = result["groups"]
    assert list(groups) == ["(blank)", "East", "North", "South", "West"]
    assert groups["(blank)"]["baseline"]["accounts"] == 3
    for side in ("baseline", "proposed", "increment"):
        apart = QUOTIENTS | {"payback_months"}
        apart |= set() if side == "increment" else set(TIME_MEASURES)
        for name in set(result[side]) - apart:
            parts = math.fsum(group[side][name] for group in groups.values())
            assert parts == pytest.approx(result[side][name], rel=1e-12, abs=1e-12), name
    assert sum(group["raised"] for group in groups.values()) == result["raised"]


def test_results_do_not_depend_on_the_order_of_rows() -> None:
    cases = load_cases()
    shuffled = cases.sample(frac=1.0, random_state=1).reset_index(drop=True)
    first, second = (simulate(each, policy(), assumptions()) for each in (cases, shuffled))
    del first["accounts_detail"], second["accounts_detail"]
    assert first == second
