"""Pools held against simulations of the accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.scales import SESAME
from analytics.errors import ParameterError
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results.simulation import simulate
from analytics.results.stress import ADDITIVE, RATES, Evaluator, Shift, load_stress_pools, stress
from tests.drawn import assumption_sets, policies
from tests.portfolios import portfolio_of
from tests.results.stress.examples import BANDS, BENT, compared, ordinary


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_linear_is_the_simulations_whatever_is_assumed(
    data: st.DataObject, database: EmbeddedDatabase
) -> None:
    accounts = ordinary(data.draw(st.integers(0, 10**6)), 60)
    for column in ("default_probability", "loss_given_default"):
        kept = data.draw(st.sampled_from(["whole", "partly", "absent"]), label=column)
        if kept == "absent":
            accounts = accounts.drop(columns=column)
        elif kept == "partly":
            accounts[column] = accounts[column].where(accounts.index % 3 > 0, None)
    policy = data.draw(policies(SESAME, 10**7), label="policy")
    drawn = data.draw(assumption_sets(SESAME), label="assumptions")
    shipped = Assumptions()
    assumptions = drawn.with_changes(
        capital_approach="standardised",
        risk_weight=0.75,
        pd_uplift=tuple(min(value, 0.02) for value in drawn.pd_uplift),
        anchor_score=shipped.anchor_score,
        anchor_odds=data.draw(st.sampled_from([49.0, 98.0])),
        points_to_double_odds=shipped.points_to_double_odds,
    )
    portfolio = portfolio_of(accounts, database=database)
    pools = load_stress_pools(portfolio, policy, shipped)
    evaluator = Evaluator(pools, policy.score_threshold, assumptions.band_edges)
    found = evaluator.figures(assumptions)
    total = simulate(portfolio, policy, assumptions).total
    assert found.raised == total.raised
    straight = tuple(name for name in ADDITIVE if name not in BENT)
    assert compared(total, found, (*straight, "default_rate", "loss_rate"), 1e-9) == []
    for part, value in total.expected_loss_parts.items():
        assert found.parts[part] == pytest.approx(value, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("threshold", [350, 640, 800])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"response_form": "linear", "consent_mode": "opt_in", "action_cost": 1.5},
        {"credit_conversion_factor": 0.4, "funding_rate": 0.04, "attrition_floor": 0.1},
    ],
)
def test_net_value_on_the_sample_book_is_the_simulations_to_a_part_in_five_hundred(
    book: Portfolio, threshold: int, changes: dict[str, Any]
) -> None:
    policy, assumptions = Policy(score_threshold=threshold), Assumptions(**changes)
    pools = load_stress_pools(book, policy, assumptions)
    found = Evaluator(pools, threshold, assumptions.band_edges).figures(assumptions)
    total = simulate(book, policy, assumptions).total
    assert total.increment
    wanted, size = total.increment.net_value, total.increment.margin
    assert found.of_increment("net_value") == pytest.approx(wanted, abs=2e-3 * size)
    assert found.of_increment("retained") == pytest.approx(total.increment.retained, rel=1e-2)


def test_high_scores_have_no_kink_so_that_net_value_is_exact(book: Portfolio) -> None:
    pools = load_stress_pools(book, Policy(), Assumptions())
    evaluator = Evaluator(pools, 800, Assumptions().band_edges)
    total = simulate(book, Policy(), Assumptions()).total
    assert compared(total, evaluator.figures(Assumptions()), (*ADDITIVE, *RATES), 1e-6) == []
    assert evaluator.increment("net_value", Assumptions()) == pytest.approx(
        evaluator.figures(Assumptions()).of_increment("net_value"), rel=1e-12
    )


def test_pools_serve_every_threshold_and_tier_of_a_policy(book: Portfolio) -> None:
    tiered = Policy(
        score_threshold=650,
        tiers=(Tier(650, 0.05), Tier(700, 0.4), Tier(800, 0.2)),
        limit_cap=Decimal(20_000),
    )
    pools = load_stress_pools(book, tiered, Assumptions())
    for threshold in (650, 720, 950):
        found = Evaluator(pools, threshold, Assumptions().band_edges).figures(Assumptions())
        total = simulate(book, tiered.at_threshold(threshold), Assumptions()).total
        straight = tuple(name for name in ADDITIVE if name not in BENT)
        assert compared(total, found, straight, 1e-9) == []


def test_default_probabilities_multiplied_are_those_of_riskier_accounts(
    database: EmbeddedDatabase,
) -> None:
    accounts = ordinary(4, 2_000)
    pools = load_stress_pools(portfolio_of(accounts, database=database), Policy(), Assumptions())
    evaluator = Evaluator(pools, 500, Assumptions().band_edges)
    found = evaluator.figures(Assumptions(), Shift(default_probability=1.5, severity=0.5))
    riskier = accounts.assign(
        default_probability=accounts["default_probability"] * 1.5,
        loss_given_default=accounts["loss_given_default"] * 0.5,
    )
    total = simulate(
        portfolio_of(riskier, database=database), Policy(score_threshold=500), Assumptions()
    ).total
    straight = tuple(name for name in ADDITIVE if name not in BENT)
    assert compared(total, found, straight, 1e-9) == []


def test_a_threshold_off_the_scale_and_other_bands_are_refused(book: Portfolio) -> None:
    pools = load_stress_pools(book, Policy(), Assumptions())
    with pytest.raises(ParameterError, match="off the score scale"):
        stress(pools, 1_000, Assumptions())
    coarse = Assumptions(band_edges=(350, 700), **{n: v[:2] for n, v in BANDS.items()})
    with pytest.raises(ParameterError, match="other score bands"):
        Evaluator(pools, 800, Assumptions().band_edges).figures(coarse)
    lost = [
        stress(pools, 800, assumed).outcomes[0].baseline.expected_loss
        for assumed in (coarse, Assumptions())
    ]
    assert lost[0] == pytest.approx(lost[1]), "no default probability is by band"
