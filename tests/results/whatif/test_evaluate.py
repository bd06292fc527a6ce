"""Pools held against simulations of the accounts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
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
from analytics.results.stress import stress
from analytics.results.whatif import ADDITIVE, RATES, Evaluator, Shift, load_stress_pools
from tests import oracle
from tests.drawn import assumption_sets, policies
from tests.portfolios import oracle_assumptions, oracle_policy, portfolio_of
from tests.results.stress.examples import BANDS, compared, ordinary


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_pools_are_the_simulation_whatever_is_assumed(
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
    # No default becomes certain, which pools tell at their mean alone.
    assumptions = drawn.with_changes(
        pd_uplift=tuple(min(value, 0.005) for value in drawn.pd_uplift),
        reference_draw=tuple(max(value, 0.0029) for value in drawn.reference_draw),
        anchor_score=shipped.anchor_score,
        anchor_odds=data.draw(st.sampled_from([49.0, 98.0])),
        points_to_double_odds=shipped.points_to_double_odds,
    )
    portfolio = portfolio_of(accounts, database=database)
    pools = load_stress_pools(portfolio, policy, assumptions)
    evaluator = Evaluator(pools, policy.score_threshold, assumptions.band_edges)
    found = evaluator.figures(assumptions)
    total = simulate(portfolio, policy, assumptions).total
    assert found.raised == total.raised
    assert compared(total, found, (*ADDITIVE, "default_rate", "loss_rate"), 1e-9) == []
    for part, value in total.expected_loss_parts.items():
        assert found.parts[part] == pytest.approx(value, rel=1e-9, abs=1e-6)


def _with_transactors(frame: pd.DataFrame) -> pd.DataFrame:
    """Accounts of which a third pay in full, and many pay other lenders."""
    number = np.arange(len(frame))
    return frame.assign(is_transactor=number % 3 == 0, other_payments=number % 5 * 10_000)


@pytest.fixture(scope="module")
def transacting(frame: pd.DataFrame) -> Iterator[Portfolio]:
    portfolio = portfolio_of(_with_transactors(frame))
    yield portfolio
    portfolio.door.close()


SETTINGS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("default", {}, {}),
    ("whole scale", {"score_threshold": 350}, {}),
    ("limit driver", {"score_threshold": 600}, {"pd_uplift_driver": "limit"}),
    ("linear", {"score_threshold": 600}, {"response_form": "linear"}),
    ("IRB", {"score_threshold": 600}, {"capital_approach": "irb_qrre", "pd_floor": 0.001}),
    ("other IRB, linear", {}, {"capital_approach": "irb_other_retail", "response_form": "linear"}),
    ("opt-in", {"score_threshold": 600}, {"consent_mode": "opt_in", "action_cost": 2.0}),
    ("doubled, CECL", {"raise_rate": 1.0, "affordability": False}, {"provisioning": "cecl"}),
    ("for 30 days", {"score_threshold": 600, "temporary_days": 30}, {}),
    (
        "IRB for 60 days, opt-in",
        {"score_threshold": 600, "temporary_days": 60},
        {"capital_approach": "irb_qrre", "consent_mode": "opt_in", "provisioning": "none"},
    ),
    ("over the limit", {"score_threshold": 600, "utilization_out_of_range": False}, {}),
    (
        "over the limit, linear",
        {"score_threshold": 600, "utilization_out_of_range": False},
        {"response_form": "linear", "mpb": (0.9,) * 8},
    ),
    (
        "own response",
        {"score_threshold": 600},
        {"elasticity": (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2), "idle_draw": 0.05},
    ),
)


@pytest.mark.parametrize(
    ("levers", "changes"), [found[1:] for found in SETTINGS], ids=[found[0] for found in SETTINGS]
)
def test_with_no_shift_every_measure_on_the_sample_book_is_the_simulations(
    transacting: Portfolio, levers: dict[str, Any], changes: dict[str, Any]
) -> None:
    policy, assumptions = Policy(**levers), Assumptions(**changes)
    pools = load_stress_pools(transacting, policy, assumptions)
    evaluator = Evaluator(pools, policy.score_threshold, assumptions.band_edges)
    found = evaluator.figures(assumptions)
    total = simulate(transacting, policy, assumptions).total
    assert compared(total, found, (*ADDITIVE, *RATES), 1e-9) == []
    assert found.of_increment("npv") is not None
    for name in ("npv", "net_value", "return_on_capital"):
        assert evaluator.increment(name, assumptions) == pytest.approx(
            found.of_increment(name), rel=1e-12
        )


def test_what_defaults_cost_over_the_horizon_is_the_oracles(
    frame: pd.DataFrame, database: EmbeddedDatabase
) -> None:
    accounts = frame.iloc[:3_000].reset_index(drop=True)
    policy, assumptions = Policy(score_threshold=600), Assumptions(loss_lag_months=9)
    pools = load_stress_pools(portfolio_of(accounts, database=database), policy, assumptions)
    found = Evaluator(pools, 600, assumptions.band_edges).figures(assumptions)
    wanted = oracle.simulate(accounts, oracle_policy(policy), oracle_assumptions(assumptions))
    lost = [
        1.12 ** (-month["month"] / 12) * month["loss_booked"] for month in wanted["time"]["months"]
    ]
    assert found.default_worth == pytest.approx(math.fsum(lost), rel=1e-9)
    assert found.of_increment("npv") == pytest.approx(wanted["time"]["npv"], rel=1e-9)


def test_who_is_raised_by_other_rates_of_payment_is_no_matter_of_these_pools(
    book: Portfolio,
) -> None:
    pools = load_stress_pools(book, Policy(), Assumptions())
    evaluator = Evaluator(pools, 800, Assumptions().band_edges)
    with pytest.raises(ParameterError, match="minimum_payment_rate say up to which limit"):
        evaluator.figures(Assumptions(minimum_payment_rate=0.2))
    freely = load_stress_pools(book, Policy(affordability=False), Assumptions())
    Evaluator(freely, 800, Assumptions().band_edges).figures(Assumptions(minimum_payment_rate=0.2))


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
        assert compared(total, found, ADDITIVE, 1e-9) == []


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
    assert compared(total, found, ADDITIVE, 1e-9) == []


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
