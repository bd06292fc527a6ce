"""The oracle's sections 2, 5 and 6 held against the specification: what a raise does."""

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.oracle import DEFAULT_ASSUMPTIONS, load_cases, preset, simulate
from tests.oracle.examples import (
    NO_RESPONSE,
    QUOTIENTS,
    assumptions,
    in_all_bands,
    one_account,
    policy,
)
from tests.oracle.response import over_twelve_months, probability_from_score, score_band
from tests.oracle.simulation import TIME_MEASURES

# Sections 2 and 5: default probability


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


def test_a_probability_over_another_horizon_is_brought_to_twelve_months() -> None:
    assert over_twelve_months(np.array([0.1]), 6) == pytest.approx(1 - 0.9**2, rel=1e-15)
    assert over_twelve_months(np.array([0.19]), 24) == pytest.approx(0.1, rel=1e-14)
    monthly = assumptions(pd_horizon_months=1)
    own = simulate(one_account(default_probability=0.01), policy(), monthly)
    expected = pytest.approx(1 - 0.99**12, rel=1e-14)
    assert own["baseline"]["projected_defaults"] == expected


def test_the_curve_is_over_twelve_months_whatever_the_portfolios_horizon() -> None:
    monthly = assumptions(pd_horizon_months=1)
    curve = [simulate(one_account(), policy(), each) for each in (assumptions(), monthly)]
    assert curve[0] == curve[1]


# Section 6: the response


def test_bands_start_at_their_lower_edge() -> None:
    scores = np.array([350, 549, 550, 649, 650, 799, 800, 849, 850, 950, 300])
    found = score_band(scores, DEFAULT_ASSUMPTIONS["band_edges"])
    assert found.tolist() == [0, 0, 1, 2, 3, 5, 6, 6, 7, 7, 0]


def test_the_presets_differ_in_elasticity_and_mpb_alone() -> None:
    assert {name: preset(name)["elasticity"][0] for name in ("low", "central", "high")} == {
        "low": 0.35,
        "central": 0.60,
        "high": 0.90,
    }
    assert DEFAULT_ASSUMPTIONS | preset("central") == DEFAULT_ASSUMPTIONS
    for form in ("log", "linear"):
        drawn = [
            simulate(one_account(), policy(), assumptions(**preset(name), response_form=form))
            for name in ("low", "central", "high")
        ]
        changes = [result["increment"]["balance"] for result in drawn]
        assert changes == sorted(changes)
        assert changes[0] < changes[1] < changes[2]


def test_the_log_form_is_elasticity_times_balance_times_log_growth() -> None:
    result = simulate(one_account(), policy(), assumptions())
    assert result["increment"]["balance"] == pytest.approx(0.6 * 3_000 * math.log(1.2), rel=1e-14)


def test_no_account_answers_less_than_an_idle_one_in_the_log_form() -> None:
    """Idle is e B < idle_draw L: below a balance of 333.33 on a limit of 10,000."""
    for balance, drawn in (
        (0, 0.02 * 2_000),
        (33_333, 0.02 * 2_000),
        (33_334, 0.6 * 333.34 * math.log(1.2)),
    ):
        log = simulate(one_account(balance=balance), policy(), assumptions())
        assert log["increment"]["balance"] == pytest.approx(drawn, rel=1e-12), balance
        linear = simulate(
            one_account(balance=balance), policy(), assumptions(response_form="linear")
        )
        assert linear["increment"]["balance"] == pytest.approx(0.04 * 2_000, rel=1e-12)


def test_the_new_balance_never_exceeds_the_new_limit_unless_it_did_before() -> None:
    steep = assumptions(elasticity=in_all_bands(60.0))
    within = simulate(one_account(), policy(), steep)
    assert within["proposed"]["balance"] == 12_000
    assert within["increment"]["moved_balance"] == 9_000
    over = one_account(balance=1_500_000)
    beyond = simulate(over, policy(utilization_out_of_range=False), steep)
    assert beyond["raised"] == 1
    assert beyond["increment"]["balance"] == 0
    assert beyond["increment"]["projected_defaults"] == 0


def test_default_follows_the_debt_or_the_limit_as_the_driver_says() -> None:
    accounts = one_account(score=720, default_probability=0.01)
    debt = simulate(accounts, policy(score_threshold=700), assumptions())
    share = 0.6 * 0.3 * math.log(1.2)
    expected = 0.01 * (1 + 0.012 * share / 0.0074)
    assert debt["proposed"]["projected_defaults"] == pytest.approx(expected, rel=1e-14)
    by_limit = assumptions(pd_uplift_driver="limit")
    limit = simulate(accounts, policy(score_threshold=700), by_limit)
    assert limit["proposed"]["projected_defaults"] == pytest.approx(0.01 * 1.024, rel=1e-14)


def test_a_stronger_response_defaults_more_and_none_leaves_the_probability() -> None:
    accounts = load_cases()
    found = [
        simulate(accounts, policy(), assumptions(**changes))["increment"]["projected_defaults"]
        for changes in (
            {"elasticity": in_all_bands(0.0), "idle_draw": 0.0},
            preset("low"),
            preset("central"),
        )
    ]
    assert found[0] == 0
    assert found[0] < found[1] < found[2]


def test_default_probability_stops_at_one() -> None:
    result = simulate(one_account(default_probability=0.999), policy(), assumptions())
    assert result["proposed"]["projected_defaults"] == 1.0


def test_attrition_falls_with_the_raise_down_to_its_floor() -> None:
    for rate, change, factor in ((0.2, -0.03, 0.94), (1.0, -0.03, 0.70), (1.0, -0.05, 0.67)):
        changed = assumptions(attrition_change=in_all_bands(change))
        result = simulate(one_account(default_probability=0.01), policy(raise_rate=rate), changed)
        worth = 3_000 * 0.045 - 0.01 * 0.85 * 4_400 - 0.095 * 0.105 * 0.75 * 3_700
        assert result["proposed"]["retained"] == pytest.approx(0.5 * 0.05 * (1 - factor) * worth)


def test_new_debt_and_moved_balance_are_the_increment_of_balance() -> None:
    accounts = load_cases()
    for mode in ("automatic", "opt_in"):
        settings = assumptions(consent_mode=mode)
        result = simulate(accounts, policy(score_threshold=350), settings, by="account_id")
        for found in (result, *result["groups"].values()):
            increment = found["increment"]
            parts = increment["new_debt"] + increment["moved_balance"]
            assert parts == pytest.approx(increment["balance"], rel=1e-12)
            assert found["baseline"]["new_debt"] == found["baseline"]["moved_balance"] == 0
    lowest = result["groups"]["0019"]["increment"]
    assert lowest["moved_balance"] == 0
    assert lowest["new_debt"] > 0


def test_zero_response_equals_the_static_run() -> None:
    for form in ("log", "linear"):
        still = assumptions(**NO_RESPONSE, response_form=form)
        result = simulate(load_cases(), policy(), still)
        increment = result["increment"]
        for name in ("balance", "projected_defaults", "retained", "margin", "new_debt"):
            assert increment[name] == 0, name
        assert increment["limit"] == result["effective_raise"]
        assert increment["headroom"] == pytest.approx(increment["limit"], rel=1e-15)
        assert increment["ead"] == pytest.approx(0.2 * increment["limit"], rel=1e-12)
        parts = result["expected_loss_parts"]
        assert parts["old_balance"] == parts["cross"] == 0
        assert parts["new_exposure"] == pytest.approx(increment["expected_loss"], rel=1e-12)


def test_opt_in_weighs_every_measure_with_take_up_but_the_cost_is_per_offer() -> None:
    accounts, half = load_cases(), in_all_bands(0.5)
    changes: dict[str, Any] = {"action_cost": Decimal("1.50"), "take_up": half}
    automatic = simulate(accounts, policy(), assumptions(**changes))
    opt_in = simulate(accounts, policy(), assumptions(**changes, consent_mode="opt_in"))
    for name in ("raised", "headline_raise", "effective_raise", "binding", "reasons"):
        assert opt_in[name] == automatic[name]
    assert opt_in["baseline"] == automatic["baseline"]
    assert automatic["expected_takers"] == automatic["raised"]
    assert opt_in["expected_takers"] == automatic["raised"] / 2

    cost = 1.50 * automatic["raised"]
    assert opt_in["increment"]["action_cost"] == automatic["increment"]["action_cost"] == cost
    after_cost = {"net_value", "npv", "first_year_value", "first_year_profit"}
    apart = QUOTIENTS | {"accounts", "raised", "action_cost", "payback_months"}
    for name in sorted(set(automatic["increment"]) - apart):
        paid = cost if name in after_cost else 0
        expected = (automatic["increment"][name] + paid) / 2 - paid
        assert opt_in["increment"][name] == pytest.approx(expected, rel=1e-12), name
    for name, part in automatic["expected_loss_parts"].items():
        assert opt_in["expected_loss_parts"][name] == pytest.approx(part / 2, rel=1e-12)
    assert opt_in["relieved"] == automatic["relieved"] / 2


def test_an_account_held_out_answers_nothing() -> None:
    rows = [one_account(account_id=f"{number:03d}") for number in range(100)]
    accounts = pd.concat(rows, ignore_index=True)
    result = simulate(accounts, policy(holdout_rate=0.5), assumptions())
    one = simulate(rows[0], policy(), assumptions())
    assert 0 < result["raised"] < 100
    for name in set(result["increment"]) - QUOTIENTS - {*TIME_MEASURES, "accounts"}:
        if one["increment"][name] is not None:
            expected = result["raised"] * one["increment"][name]
            assert result["increment"][name] == pytest.approx(expected, rel=1e-12), name
