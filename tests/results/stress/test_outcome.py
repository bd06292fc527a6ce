"""Scenarios and capital held against accounts taken one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.method import capital
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation import simulate
from analytics.results.stress import (
    ACCURACY,
    SHIPPED,
    Evaluator,
    Scenario,
    Shift,
    capital_by_approach,
    load_stress_pools,
    stress,
)
from tests.portfolios import portfolio_of
from tests.results.stress.examples import MILDER, OWN, one_by_one, ordinary


def test_a_policy_that_raises_nobody_adds_nothing(database: EmbeddedDatabase) -> None:
    for accounts in (ordinary(1, 5).iloc[:0], ordinary(1, 5).assign(opted_out=True)):
        portfolio = portfolio_of(accounts, database=database)
        pools = load_stress_pools(portfolio, Policy(), Assumptions())
        result = stress(pools, 350, Assumptions())
        assert [outcome.increment.expected_loss for outcome in result.outcomes] == [0.0] * 4
        assert {side.increment for side in capital_by_approach(pools, 350, Assumptions())} == {0.0}


@pytest.mark.parametrize("scenario", [*SHIPPED, OWN, MILDER], ids=lambda scenario: scenario.name)
@pytest.mark.parametrize(
    ("policy", "changes"),
    [
        (Policy(), {}),
        (
            Policy(score_threshold=400, raise_rate=0.5, limit_cap=None, income_multiple=None),
            {"response_form": "linear", "consent_mode": "opt_in"},
        ),
    ],
    ids=["default", "everybody"],
)
def test_stressed_sums_agree_with_the_accounts_one_by_one(
    book: Portfolio,
    frame: pd.DataFrame,
    policy: Policy,
    changes: dict[str, Any],
    scenario: Scenario,
) -> None:
    assumptions = Assumptions(**changes)
    pools = load_stress_pools(book, policy, assumptions)
    (outcome,) = stress(pools, policy.score_threshold, assumptions, [scenario]).outcomes
    wanted = one_by_one(frame, policy, assumptions, scenario)
    for name, (before, more) in wanted.items():
        assert getattr(outcome.baseline, name) == pytest.approx(before, rel=ACCURACY)
        assert getattr(outcome.increment, name) == pytest.approx(more, rel=ACCURACY)
        assert getattr(outcome.proposed, name) == pytest.approx(before + more, rel=ACCURACY)


@pytest.mark.parametrize("approach", ["standardised", "irb_qrre"])
def test_a_loss_given_default_taken_below_nothing_is_nothing(
    database: EmbeddedDatabase, approach: str
) -> None:
    assumptions = Assumptions(capital_approach=approach)
    own = ordinary(11, 500)
    for accounts in (own, own.drop(columns="loss_given_default")):
        portfolio = portfolio_of(accounts, database=database)
        pools = load_stress_pools(portfolio, Policy(score_threshold=500), assumptions)
        figures = Evaluator(pools, 500, assumptions.band_edges).figures(
            assumptions, Shift(lgd_add=-1.0)
        )
        assert figures.of_baseline("expected_loss") == 0.0
        assert figures.of_increment("expected_loss") == 0.0
        assert (figures.of_baseline("rwa") == 0.0) is (approach == "irb_qrre")


def test_shares_say_how_much_of_the_stressed_loss_is_the_policys(book: Portfolio) -> None:
    policy = Policy(score_threshold=600, raise_rate=0.3)
    pools = load_stress_pools(book, policy, Assumptions())
    result = stress(pools, 600, Assumptions())
    base, bad, worst, ant = result.outcomes
    total = simulate(book, policy, Assumptions()).total
    assert total.increment
    assert base.increment.expected_loss == pytest.approx(total.increment.expected_loss, rel=1e-9)
    assert base.policy_share_of_rise is None
    for outcome in (bad, worst, ant):
        assert outcome.policy_share == pytest.approx(
            outcome.increment.expected_loss / outcome.proposed.expected_loss
        )
        rise = outcome.proposed.expected_loss - base.proposed.expected_loss
        of_policy = outcome.increment.expected_loss - base.increment.expected_loss
        assert outcome.policy_share_of_rise == pytest.approx(of_policy / rise)
    losses = [o.proposed.expected_loss for o in (base, ant, bad, worst)]
    assert losses == sorted(losses)
    assert ant.baseline.projected_defaults < 1.7 * base.baseline.projected_defaults


def test_the_mean_over_the_factor_is_the_unstressed_sum(book: Portfolio) -> None:
    pools = load_stress_pools(book, Policy(score_threshold=500), Assumptions())
    evaluator = Evaluator(pools, 500, Assumptions().band_edges)
    nodes = np.linspace(-8, 8, 161)
    weights = stats.norm.pdf(nodes)
    base = evaluator.figures(Assumptions())
    for name in ("projected_defaults", "expected_loss"):
        given = [evaluator.figures(Assumptions(), Shift(factor=float(z))) for z in nodes]
        before = np.array([figures.of_baseline(name) for figures in given])
        more = np.array([figures.of_increment(name) for figures in given])
        assert before @ weights / weights.sum() == pytest.approx(base.of_baseline(name), rel=1e-9)
        assert more @ weights / weights.sum() == pytest.approx(base.of_increment(name), rel=1e-6)


@given(
    years=st.floats(2, 10_000),
    odds=st.floats(1, 20),
    lgd=st.floats(0, 0.3),
    drawdown=st.floats(0, 1),
)
@settings(max_examples=40)
def test_a_worse_scenario_never_loses_less(
    book_pools: Any, years: float, odds: float, lgd: float, drawdown: float
) -> None:
    mild = Scenario(name="mild", title="Mild", years=years, odds_multiplier=odds)
    worse = Scenario(
        name="worse",
        title="Worse",
        years=years * 2,
        odds_multiplier=odds * 1.1,
        lgd_add=lgd,
        drawdown=drawdown,
    )
    first, second = stress(book_pools, 700, Assumptions(), [mild, worse]).outcomes
    assert second.baseline.expected_loss >= first.baseline.expected_loss
    assert second.proposed.expected_loss >= first.proposed.expected_loss
    assert second.proposed.expected_loss >= second.baseline.expected_loss


def test_capital_on_pools_is_that_of_the_accounts(book: Portfolio) -> None:
    policy = Policy(score_threshold=450, raise_rate=0.4)
    for changes in ({}, {"pd_floor": 0.001, "lgd_floor": 0.88}):
        pools = load_stress_pools(book, policy, Assumptions())
        for side in capital_by_approach(pools, 450, Assumptions(**changes)):
            assumptions = Assumptions(capital_approach=side.approach, **changes)
            total = simulate(book, policy, assumptions).total
            assert total.baseline
            assert total.proposed
            closely = 1e-9 if side.approach == "standardised" else 3e-3
            more = total.proposed.rwa - total.baseline.rwa
            assert side.baseline_rwa == pytest.approx(total.baseline.rwa, rel=closely)
            assert side.proposed_rwa == pytest.approx(total.proposed.rwa, rel=closely)
            assert side.increment == pytest.approx(0.105 * more, rel=max(closely, 1e-7))
            assert side.baseline_capital == pytest.approx(0.105 * side.baseline_rwa)


@pytest.mark.parametrize("approach", ["irb_qrre", "irb_other_retail"])
def test_floors_enter_the_capital_of_each_account(
    database: EmbeddedDatabase, approach: str
) -> None:
    accounts = ordinary(8, 300)
    portfolio = portfolio_of(accounts, database=database)
    assumptions = Assumptions(capital_approach=approach, pd_floor=0.001, lgd_floor=0.5)
    found = simulate(portfolio, Policy(), assumptions).total.baseline
    p = np.maximum(accounts["default_probability"].to_numpy(), 0.001)
    g = np.maximum(accounts["loss_given_default"].to_numpy(), 0.5)
    exposure = accounts["balance"] + 0.2 * (accounts["credit_limit"] - accounts["balance"])
    correlation = capital.correlation(p, approach, 0.04)
    requirement = capital.irb_requirement(p, g, correlation)
    assert found
    assert found.rwa == pytest.approx(float((12.5 * requirement * exposure).sum()) / 100, rel=1e-9)
    plain = simulate(portfolio, Policy(), assumptions.with_changes(pd_floor=0.0, lgd_floor=0.0))
    assert plain.total.baseline
    assert plain.total.baseline.rwa < found.rwa
    assert plain.total.baseline.expected_loss == found.expected_loss


def test_an_account_in_default_needs_no_capital_and_one_that_cannot_needs_the_floors(
    database: EmbeddedDatabase,
) -> None:
    for probability, floor, needs in ((1.0, 0.0, False), (0.0, 0.0, False), (0.0, 0.001, True)):
        accounts = ordinary(2, 20).assign(default_probability=probability, credit_limit=10**6)
        assumptions = Assumptions(capital_approach="irb_qrre", pd_floor=floor, lgd_floor=0.5)
        portfolio = portfolio_of(accounts, database=database)
        found = simulate(portfolio, Policy(), assumptions).total.baseline
        assert found
        assert (found.rwa > 0) is needs
        pools = load_stress_pools(portfolio, Policy(), assumptions)
        side = capital_by_approach(pools, 800, assumptions)[1]
        assert side.baseline_rwa == pytest.approx(found.rwa, rel=1e-3)
