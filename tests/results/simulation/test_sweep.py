"""A sweep held against the oracle: random portfolios, real accounts and the sample book."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.scales import FICO, SESAME, ScoreScale
from analytics.errors import ParameterError
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results.simulation import simulate, sweep
from tests import oracle
from tests.drawn import SCALES, assumption_sets, frames, policies, random_accounts
from tests.portfolios import alike, differences, oracle_assumptions, oracle_policy, portfolio_of
from tests.results.simulation.examples import held_against_the_oracle


@pytest.mark.timeout(900)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_random_portfolios_policies_and_assumptions_give_the_oracles_figures(
    data: st.DataObject, database: EmbeddedDatabase
) -> None:
    scale = data.draw(st.sampled_from(SCALES), label="scale")
    largest = data.draw(st.sampled_from([10**6, 10**8, 10**13]), label="largest limit")
    frame = data.draw(frames(scale, largest), label="accounts")
    policy = data.draw(policies(scale, largest), label="policy")
    assumptions = data.draw(assumption_sets(scale), label="assumptions")
    portfolio = portfolio_of(frame, segments=["region"], scale=scale, database=database)
    by = data.draw(st.sampled_from([None, "region"]), label="by")
    swept = sweep(portfolio, policy, assumptions, by=by)
    simulation = swept.at(policy.score_threshold)
    event(f"raised: {min(simulation.total.raised, 10)}")
    assert held_against_the_oracle(simulation, frame, by=by) == []
    other = data.draw(st.integers(scale.lowest, scale.highest), label="another threshold")
    assert held_against_the_oracle(swept.at(other), frame, by=by) == []


def test_one_large_portfolio_with_every_binding_and_reason_gives_the_oracles_figures(
    database: EmbeddedDatabase,
) -> None:
    frame = random_accounts(np.random.default_rng(3), 8_000, SESAME, 10**7)
    policy = Policy(
        score_threshold=500,
        limit_cap=Decimal("60000.5"),
        income_multiple=2.8,
        rounding_step=Decimal("0.05"),
        max_increment=Decimal("9000.01"),
        utilization_max=0.95,
        holdout_rate=0.05,
    )
    portfolio = portfolio_of(frame, segments=["region"], database=database)
    simulation = simulate(portfolio, policy, Assumptions(), by="region")
    assert held_against_the_oracle(simulation, frame, by="region") == []
    assert min(simulation.total.binding.values()) > 5
    assert min(count for count, _ in simulation.total.reasons.values()) > 5


def test_the_real_card_accounts_give_the_oracles_figures(taiwan: Path) -> None:
    frame = oracle.portfolio_from_csv(taiwan)
    portfolio = portfolio_of(frame, segments=["education", "age_band"])
    simulation = simulate(portfolio, Policy(limit_cap=None), Assumptions(), by="education")
    total = simulation.total
    assert held_against_the_oracle(simulation, frame, by="education") == []
    assert total.baseline
    assert total.proposed
    assert total.increment
    assert total.raised == 384
    assert total.increment.limit == 24_678_000
    assert total.baseline.ead == pytest.approx(1_122_027_527.2, rel=1e-12)
    assert total.increment.ead == pytest.approx(5_748_067.3601, abs=5e-5)
    assert total.baseline.projected_defaults == pytest.approx(3_317.03885, abs=5e-6)
    assert total.increment.projected_defaults == pytest.approx(0.5832, abs=5e-5)
    assert total.increment.expected_loss == pytest.approx(330_070.1649, abs=5e-5)
    assert total.increment.net_value == pytest.approx(-313_892.3829, abs=5e-5)
    assert total.increment.npv == pytest.approx(-638_219.2846, abs=5e-5)
    assert total.increment.payback_months is None
    portfolio.door.close()


def test_the_sample_book_gives_the_oracles_figures(sample: pd.DataFrame) -> None:
    """200,000 accounts, every rule and binding, opt-in, linear: the figures that sums can lose."""
    portfolio = portfolio_of(sample, segments=["region"])
    policy = Policy(
        score_threshold=650,
        tiers=(Tier(650, 0.05), Tier(700, 0.10), Tier(800, 0.25)),
        max_increment=Decimal(5_000),
        holdout_rate=0.05,
    )
    assumptions = Assumptions(response_form="linear", consent_mode="opt_in", action_cost=1.5)
    simulation = simulate(portfolio, policy, assumptions)
    expected = oracle.simulate(sample, oracle_policy(policy), oracle_assumptions(assumptions))
    assert differences(simulation.total, expected, assumptions, incomes=True) == []
    assert min(n for name, n in simulation.total.binding.items() if name != "income_multiple") > 0
    none = {name for name, (count, _) in simulation.total.reasons.items() if not count}
    assert none == {"closed", "at_income_multiple"}, "the book holds live accounts alone"


@pytest.mark.parametrize(("scale", "threshold"), [(SESAME, 349), (SESAME, 951), (FICO, 851)])
def test_a_threshold_off_the_scale_is_refused_in_words(
    scale: ScoreScale, threshold: int, database: EmbeddedDatabase
) -> None:
    cases = oracle.load_cases()
    cases["score"] = cases["score"].clip(scale.lowest, scale.highest)
    portfolio = portfolio_of(cases, scale=scale, database=database)
    words = f"{threshold} is off the score scale: give a whole score from {scale.lowest} to"
    with pytest.raises(ParameterError, match=words):
        simulate(portfolio, Policy(score_threshold=threshold), Assumptions.for_scale(scale))
    swept = sweep(portfolio, Policy(score_threshold=700), Assumptions.for_scale(scale))
    with pytest.raises(ParameterError, match=words):
        swept.at(threshold)


def test_results_do_not_change_when_a_portfolio_is_built_again(database: EmbeddedDatabase) -> None:
    cases = oracle.load_cases()
    first: Portfolio = portfolio_of(cases, database=database)
    total = simulate(first, Policy(), Assumptions()).total
    again = portfolio_of(cases, database=database)
    assert first != again
    assert alike(simulate(again, Policy(), Assumptions()).total, total)
