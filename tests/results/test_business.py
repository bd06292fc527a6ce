"""The waterfall of the business case, and who gets the raise."""

from __future__ import annotations

import math
from collections.abc import Iterator

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
from analytics.results.fairness import FEW, customers, group_raises
from analytics.results.simulation import Simulation, simulate
from analytics.shown import findings, words
from tests.portfolios import portfolio_of
from tests.results.test_simulation import assumption_sets, random_accounts


@pytest.fixture(scope="module")
def database() -> Iterator[EmbeddedDatabase]:
    database = EmbeddedDatabase()
    with database.loading() as cursor:
        cursor.execute("SET threads = 1")
    yield database
    database.close()


# ---- The business case


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
        yield_rate=(0.10,) * 8,
        credit_conversion_factor=0.5,
        attrition=(0.0,) * 8,
        action_cost=1.0,
    )
    total = simulate(portfolio_of(frame, database=database), Policy(), assumptions).total
    case = business_case(total, assumptions)
    steps = {step.name: round(step.amount, 6) for step in case.steps}
    # rwa: 0.75 (500 + 0.1 x 1,500) = 487.50; capital 10.5 % of it; charge 12 % of that.
    assert steps == {
        "interest": 50.0,
        "funding": -12.5,
        "operating": -2.5,
        "margin": 35.0,
        "retained": 0.0,
        "loss_new_exposure": -21.25,
        "loss_old_balance": -4.42,
        "loss_cross": -0.85,
        "capital_charge": -6.1425,
        "action_cost": -1.0,
        "net_value": 1.3375,
    }
    assert case.balance == 500.0
    assert case.capital == pytest.approx(51.1875)
    assert case.return_on_capital == pytest.approx((35.0 - 26.52 - 1.0) / 51.1875)
    assert case.pays
    assert (
        findings.business_finding(case)
        == "The policy pays: 14.6 % on the capital it needs, against 12 %"
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


def test_nobody_raised_and_nobody_there_make_an_empty_case(database: EmbeddedDatabase) -> None:
    frame = random_accounts(np.random.default_rng(2), 5, SESAME, 10**7).assign(opted_out=True)
    for rows in (5, 0):
        portfolio = portfolio_of(frame.iloc[:rows], database=database)
        case = business_case(simulate(portfolio, Policy(), Assumptions()).total, Assumptions())
        assert {step.amount for step in case.steps} == {0.0}
        assert case.return_on_capital is None
        assert findings.business_finding(case).startswith("Nobody is raised")


# ---- Who gets the raise


@pytest.fixture
def split(database: EmbeddedDatabase) -> Simulation:
    """North: 100 accounts, 80 raised by 200; South: 100, 60 by 100; East: 10, none; one blank."""

    def group(name: str | None, count: int, raised: int, limit: int) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "score": [820] * raised + [500] * (count - raised),
                "credit_limit": limit * 100,
                "balance": limit * 85,
                "default_probability": 0.01,
                "loss_given_default": 0.85,
                "monthly_income": pd.array([limit * 35] * count, dtype="Int64"),
                "region": name,
            }
        )

    frame = pd.concat(
        [
            group("North", 100, 80, 1_000),
            group("South", 100, 60, 500),
            group("East", 10, 0, 1_000),
            group(None, 1, 1, 1_000),
        ],
        ignore_index=True,
    ).assign(account_id=[f"a{i}" for i in range(211)])
    portfolio = portfolio_of(frame, segments=["region"], database=database)
    return simulate(portfolio, Policy(), Assumptions(), by="region")


def test_groups_are_held_against_the_highest_and_warned_of_under_four_fifths(
    split: Simulation,
) -> None:
    found = {group.label: group for group in group_raises(split)}
    north, south = found["North"], found["South"]
    assert (north.approval_rate, south.approval_rate) == (0.8, 0.6)
    assert north.approval_ratio == 1.0
    assert south.approval_ratio == pytest.approx(0.75)
    assert (north.mean_raise, south.mean_raise) == (200.0, 100.0)
    assert south.raise_ratio == 0.5
    assert (north.relative_raise, south.relative_raise) == (0.2, 0.2)
    assert words.fairness_warnings([north]) == ()
    assert words.fairness_warnings(found.values()) == (
        "South: the approval rate is 75 % of the highest group's, under four fifths",
        "South: the average raise is 50 % of the highest group's, under four fifths",
    )


def test_groups_of_few_are_shown_and_not_judged(split: Simulation) -> None:
    found = {group.label: group for group in group_raises(split)}
    east, blank = found["East"], found["(blank)"]
    assert east.accounts < FEW
    assert east.approval_ratio == 0.0
    assert east.raise_ratio is None
    assert east.is_few
    assert words.fairness_warnings([east]) == ()
    assert blank.approval_rate == 1.0
    assert found["North"].approval_ratio == 1.0


def test_customers_fare_by_segment_and_by_band(split: Simulation) -> None:
    found = {group.label: group for group in customers(split.groups)}
    assert found["North"].relieved == 80
    assert found["East"].relieved == 0
    assert found["North"].strained == (0, 80, 80)
    assert found["North"].over_indebted == (0, 0, 0)
    by_band = customers(split.bands)
    assert sum(band.relieved or 0 for band in by_band) == split.total.relieved
    assert by_band[2].relieved is None
    assert by_band[2].strained is None


def test_without_incomes_only_relief_is_known(database: EmbeddedDatabase) -> None:
    frame = random_accounts(np.random.default_rng(2), 50, SESAME, 10**7)
    portfolio = portfolio_of(frame.drop(columns="monthly_income"), database=database)
    (total,) = customers([simulate(portfolio, Policy(), Assumptions()).total])
    assert total.strained is None
    assert total.over_indebted is None
    assert total.relieved is not None
