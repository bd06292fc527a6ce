"""Ranges against a Monte Carlo of the accounts, and what must hold of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.assumptions import Assumptions
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results import ranges, simulation
from analytics.results.ranges import Range
from tests.portfolios import portfolio_of
from tests.results.ranges.examples import (
    AUTOMATIC,
    BOLD,
    SUMS,
    accounts_of,
    assert_agrees,
    eligible,
    range_of,
    simulated,
)


@pytest.mark.parametrize(
    ("policy", "assumptions"),
    [
        (Policy(score_threshold=700), AUTOMATIC),
        (BOLD, AUTOMATIC),
        (BOLD, AUTOMATIC.with_changes(pd_uplift=(0.3,) * 8, asset_correlation=0.15)),
        (BOLD, AUTOMATIC.with_changes(consent_mode="opt_in")),
    ],
    ids=["shipped", "bold", "strong uplift and correlation", "opt-in"],
)
def test_ranges_of_twenty_thousand_accounts_agree_with_a_monte_carlo_of_them(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> None:
    pools = ranges.load_pools(portfolio, policy, assumptions)
    found = ranges.ranges_at(pools, policy.score_threshold, assumptions)
    accounts = accounts_of(portfolio, policy, assumptions)
    assert_agrees(found, simulated(accounts, assumptions.asset_correlation, 6_000))


@pytest.mark.parametrize(
    ("probabilities", "consent"),
    [
        ([0.3, 0.3, 0.3], "automatic"),
        ([0.05, 0.4, 0.1], "automatic"),
        ([0.02, 0.02, 0.02], "automatic"),
        ([0.9, 0.5, 0.02], "automatic"),
        ([0.0, 0.2, 1.0], "automatic"),
        ([0.3, 0.3, 0.3], "opt_in"),
        ([0.9, 0.5, 0.02], "opt_in"),
    ],
    ids=str,
)
def test_ranges_of_three_accounts_agree_with_a_monte_carlo_of_them(
    frame: pd.DataFrame, probabilities: list[float], consent: str
) -> None:
    portfolio = portfolio_of(eligible(frame, 3, probabilities))
    assumptions = AUTOMATIC.with_changes(consent_mode=consent)
    pools = ranges.load_pools(portfolio, BOLD, assumptions)
    accounts = accounts_of(portfolio, BOLD, assumptions)
    assert np.count_nonzero(accounts.take_up) == 3
    found = ranges.ranges_at(pools, 600, assumptions)
    assert_agrees(found, simulated(accounts, 0.04, 50_000))


def test_a_raise_that_reaches_three_of_many_accounts_has_the_range_of_three(
    frame: pd.DataFrame,
) -> None:
    three = eligible(frame, 3, [0.3, 0.2, 0.1])
    others = frame[~frame.account_id.isin(three.account_id)].assign(opted_out=True)
    portfolio = portfolio_of(pd.concat([three, others]))
    pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
    assert pools.raised.accounts.sum() == 3
    found = ranges.ranges_at(pools, 600, AUTOMATIC)
    assert found.projected_defaults.increment.low == 0
    assert found.projected_defaults.increment.high in (0, 1)
    assert_agrees(found, simulated(accounts_of(portfolio, BOLD, AUTOMATIC), 0.04, 5_000))


@pytest.mark.parametrize("accounts", [12, 60, 200])
def test_ranges_of_a_few_risky_accounts_agree_with_a_monte_carlo_of_them(
    frame: pd.DataFrame, accounts: int
) -> None:
    probabilities = np.random.default_rng(accounts).uniform(0, 0.4, accounts)
    portfolio = portfolio_of(eligible(frame, accounts, probabilities.tolist()))
    pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
    found = ranges.ranges_at(pools, 600, AUTOMATIC)
    assert_agrees(found, simulated(accounts_of(portfolio, BOLD, AUTOMATIC), 0.04, 20_000))


@pytest.mark.parametrize("correlation", [0.0, 0.04, 0.15, 0.5, 0.79])
def test_ranges_of_150_risky_accounts_agree_with_a_monte_carlo_of_them(
    frame: pd.DataFrame, correlation: float
) -> None:
    probabilities = np.random.default_rng(150).uniform(0.05, 0.5, 150)
    portfolio = portfolio_of(eligible(frame, 150, probabilities.tolist()))
    assumptions = AUTOMATIC.with_changes(asset_correlation=correlation)
    pools = ranges.load_pools(portfolio, BOLD, assumptions)
    found = ranges.ranges_at(pools, 600, assumptions)
    assert_agrees(found, simulated(accounts_of(portfolio, BOLD, assumptions), correlation, 20_000))


def test_nobody_raised_has_an_increment_of_exactly_nothing(portfolio: Portfolio) -> None:
    pools = ranges.load_pools(portfolio, Policy(), AUTOMATIC)
    found = ranges.ranges_at(pools, 951, AUTOMATIC)
    assert found.projected_defaults.increment == Range(0.0, 0.0)
    assert found.expected_loss.increment == Range(0.0, 0.0)
    assert found.projected_defaults.proposed == found.projected_defaults.baseline
    assert found.expected_loss.proposed == found.expected_loss.baseline


def test_a_policy_that_raises_nothing_has_an_increment_of_exactly_nothing(
    portfolio: Portfolio,
) -> None:
    pools = ranges.load_pools(portfolio, Policy(raise_rate=0.0), AUTOMATIC)
    assert len(pools.raised.score) == 0
    found = ranges.ranges_at(pools, 350, AUTOMATIC)
    assert found.expected_loss.increment == Range(0.0, 0.0)
    scores, low, high = ranges.increment_ranges_by_threshold(pools, AUTOMATIC)
    assert len(scores) == len(low) == len(high) == 0


def test_without_response_the_increment_of_defaults_is_exactly_nothing(
    portfolio: Portfolio,
) -> None:
    assumptions = AUTOMATIC.with_changes(pd_uplift=(0.0,) * 8)
    pools = ranges.load_pools(portfolio, BOLD, assumptions)
    found = ranges.ranges_at(pools, 600, assumptions)
    assert found.projected_defaults.increment == Range(0.0, 0.0)
    assert found.expected_loss.increment.low > 0


@pytest.mark.parametrize("policy", [Policy(), BOLD.with_changes(score_threshold=800)])
def test_ranges_at_every_threshold_are_those_at_each(portfolio: Portfolio, policy: Policy) -> None:
    pools = ranges.load_pools(portfolio, policy, AUTOMATIC)
    scores, low, high = ranges.increment_ranges_by_threshold(pools, AUTOMATIC)
    assert np.all(np.diff(scores) > 0)
    assert np.all(np.diff(low) <= 0)
    assert np.all(np.diff(high) <= 0)
    for index in range(0, len(scores), 37):
        found = ranges.ranges_at(pools, int(scores[index]), AUTOMATIC)
        assert found.projected_defaults.increment == Range(low[index], high[index])


def test_point_figures_lie_inside_their_ranges(portfolio: Portfolio) -> None:
    pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
    found = ranges.ranges_at(pools, 600, AUTOMATIC)
    total = simulation.simulate(portfolio, BOLD, AUTOMATIC).total
    for measure, side in SUMS:
        value = getattr(getattr(total, side), measure)
        which = range_of(found, measure, side)
        assert which.low < value < which.high, (measure, side)


def test_fewer_accounts_have_relatively_wider_ranges(portfolio: Portfolio) -> None:
    pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
    widths = []
    for threshold in (350, 700, 800):
        found = ranges.ranges_at(pools, threshold, AUTOMATIC).expected_loss.increment
        widths.append((found.high - found.low) / (found.high + found.low))
    assert widths == sorted(widths)


def test_no_correlation_makes_the_narrowest_ranges(portfolio: Portfolio) -> None:
    pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
    widths = []
    for correlation in (0.0, 0.02, 0.04, 0.15):
        assumptions = AUTOMATIC.with_changes(asset_correlation=correlation)
        found = ranges.ranges_at(pools, 600, assumptions).projected_defaults.baseline
        widths.append(found.high - found.low)
    assert widths == sorted(widths)


def test_accounts_that_never_or_surely_default_are_no_trouble(frame: pd.DataFrame) -> None:
    for probability, expected in ((0.0, 0.0), (1.0, 4.0)):
        portfolio = portfolio_of(eligible(frame, 4, [probability] * 4))
        pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
        found = ranges.ranges_at(pools, 600, AUTOMATIC)
        assert found.projected_defaults.baseline == Range(expected, expected)
        assert found.projected_defaults.increment == Range(0.0, 0.0)
        assert found.expected_loss.proposed.low == found.expected_loss.proposed.high
