"""The waterfall of the business case."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.scales import SESAME
from analytics.policy import Policy
from analytics.results.business import business_case
from analytics.results.simulation import simulate
from analytics.shown import findings
from tests.drawn import assumption_sets, random_accounts
from tests.portfolios import portfolio_of


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), assumptions=assumption_sets(SESAME))
def test_the_steps_add_up_to_the_net_value_of_the_simulation(
    database: EmbeddedDatabase, seed: int, assumptions: Assumptions
) -> None:
    assumptions = assumptions.with_changes(risk_weight=0.75)
    frame = random_accounts(np.random.default_rng(seed), 40, SESAME, 10**7)
    portfolio = portfolio_of(frame, database=database)
    total = simulate(portfolio, Policy(score_threshold=350), assumptions).total
    case = business_case(total, assumptions)
    assert total.increment
    change = total.increment
    steps = {step.name: step.amount for step in case.steps}
    parts = [step.amount for step in case.steps if not step.is_total]
    size = math.fsum(abs(amount) for amount in parts) + 1.0
    assert math.fsum(parts) == pytest.approx(case.net_value, abs=1e-12 * size)
    assert case.net_value == pytest.approx(change.net_value, abs=1e-10 * size)
    assert steps["margin"] == change.margin
    margin = steps["interest"] + steps["funding"] + steps["operating"]
    assert margin == pytest.approx(steps["margin"], abs=1e-12 * size)
    losses = steps["loss_new_exposure"] + steps["loss_old_balance"] + steps["loss_cross"]
    assert -losses == pytest.approx(change.expected_loss, abs=1e-10 * size)
    assert [step.name for step in case.steps][-1] == "net_value"


def test_a_case_by_hand(database: EmbeddedDatabase) -> None:
    # L 10,000, B 3,000, 20 %, linear mpb .25, c .5, p 2 %, g 85 %, k .02 (the method's example).
    frame = pd.DataFrame(
        {
            "account_id": ["a"],
            "score": [820],
            "credit_limit": [1_000_000],
            "balance": [300_000],
            "default_probability": [0.02],
            "loss_given_default": [0.85],
        }
    )
    assumptions = Assumptions(
        response_form="linear",
        mpb=(0.25,) * 8,
        pd_uplift=(0.02,) * 8,
        pd_uplift_driver="limit",
        yield_rate=(0.10,) * 8,
        credit_conversion_factor=0.5,
        attrition=(0.0,) * 8,
        action_cost=1.0,
    )
    total = simulate(portfolio_of(frame, database=database), Policy(), assumptions).total
    case = business_case(total, assumptions)
    steps = {step.name: round(step.amount, 6) for step in case.steps}
    # rwa: 0.75 (500 + 0.1 x 1,500) = 487.50; capital 10.5 % of it; charge 12 - 2.5 % of that.
    assert steps == {
        "interest": 50.0,
        "funding": -12.5,
        "operating": -2.5,
        "margin": 35.0,
        "retained": 0.0,
        "loss_new_exposure": -21.25,
        "loss_old_balance": -4.42,
        "loss_cross": -0.85,
        "capital_charge": -4.862813,
        "action_cost": -1.0,
        "net_value": 2.617187,
    }
    assert case.balance == 500.0
    assert case.capital == pytest.approx(51.1875)
    assert case.return_on_capital == pytest.approx((35.0 - 26.52 - 1.0) / 51.1875 + 0.025)
    assert case.pays
    assert (
        findings.business_finding(case)
        == "The policy pays: 17.1 % on the capital it needs, against 12 %"
    )


def test_a_return_above_the_hurdle_and_a_net_value_above_0_are_the_same(
    database: EmbeddedDatabase,
) -> None:
    frame = random_accounts(np.random.default_rng(2), 2_000, SESAME, 10**7)
    portfolio = portfolio_of(frame, database=database)
    for threshold in (350, 600, 700, 800, 900):
        assumptions = Assumptions()
        total = simulate(portfolio, Policy(score_threshold=threshold), assumptions).total
        case = business_case(total, assumptions)
        if case.return_on_capital is not None:
            assert (case.return_on_capital > assumptions.hurdle_rate) is case.pays


def test_a_temporary_raise_earns_and_costs_for_its_days(database: EmbeddedDatabase) -> None:
    """A yield of 7.5 % and costs of 2.5 % and 0.5 % a year, for 73 days: a fifth of them."""
    frame = random_accounts(np.random.default_rng(2), 2_000, SESAME, 10**7)
    portfolio = portfolio_of(frame.drop(columns="is_transactor"), database=database)
    policy = Policy(score_threshold=800, temporary_days=73)
    assumptions = Assumptions(yield_rate=(0.075,) * 8)
    case = business_case(simulate(portfolio, policy, assumptions).total, assumptions, days=73)
    steps = {step.name: step.amount for step in case.steps}
    assert case.balance > 0
    assert steps["interest"] == pytest.approx(case.balance * 0.075 / 5)
    assert steps["funding"] == pytest.approx(-case.balance * 0.025 / 5)
    assert steps["margin"] == pytest.approx(case.balance * 0.045 / 5)


def test_nobody_raised_and_nobody_there_make_an_empty_case(database: EmbeddedDatabase) -> None:
    frame = random_accounts(np.random.default_rng(2), 5, SESAME, 10**7).assign(opted_out=True)
    for rows in (5, 0):
        portfolio = portfolio_of(frame.iloc[:rows], database=database)
        case = business_case(simulate(portfolio, Policy(), Assumptions()).total, Assumptions())
        assert {step.amount for step in case.steps} == {0.0}
        assert case.return_on_capital is None
        assert findings.business_finding(case).startswith("Nobody is raised")
