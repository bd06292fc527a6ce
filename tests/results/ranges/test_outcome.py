"""Ranges against a Monte Carlo of the accounts, and what must hold of them."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from analytics.assumptions import Assumptions
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results import ranges, simulation
from analytics.results.ranges import Range
from tests import oracle
from tests.portfolios import oracle_assumptions, oracle_policy, portfolio_of
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
from tests.results.stress.examples import alike


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
    pools = ranges.load_pools(portfolio, Policy(opted_out=True, limit_cap=Decimal(1)), AUTOMATIC)
    found = ranges.ranges_at(pools, 350, AUTOMATIC)
    assert found.net_value == Range(0.0, 0.0)
    assert found.npv is None
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


def one_of_three_in_ten(frame: pd.DataFrame) -> pd.DataFrame:
    """One account that defaults with 30 %, raised or not."""
    return eligible(frame, 1, [0.3]).reset_index(drop=True)


STILL = AUTOMATIC.with_changes(pd_uplift=(0.0,) * 8)


def test_the_range_of_value_is_by_hand_what_one_default_takes_from_it(frame: pd.DataFrame) -> None:
    account = one_of_three_in_ten(frame)
    found = ranges.load_ranges(portfolio_of(account), BOLD, STILL)
    alone = oracle.simulate(account, oracle_policy(BOLD), oracle_assumptions(STILL))
    more, time = alone["increment"], alone["time"]
    # The loss of the increment is nothing in seven years of ten, else LGD x what exposure grew by.
    loss = more["expected_loss"] / 0.3
    assert found.expected_loss.increment.high == pytest.approx(loss, rel=1e-6)
    assert found.net_value.low == pytest.approx(more["net_value"] - 0.7 * loss, rel=1e-6)
    assert found.net_value.high == pytest.approx(more["net_value"] + 0.3 * loss, rel=1e-6)
    booked = [1.12 ** (-m["month"] / 12) * m["loss_booked"] for m in time["months"]]
    worth = math.fsum(booked) / more["expected_loss"]
    assert found.npv
    assert found.npv.low == pytest.approx(time["npv"] - 0.7 * loss * worth, rel=1e-6)
    assert found.npv.high == pytest.approx(time["npv"] + 0.3 * loss * worth, rel=1e-6)


@pytest.mark.parametrize("consent", ["automatic", "opt_in"])
def test_nineteen_of_twenty_drawn_years_are_worth_what_the_range_says(
    frame: pd.DataFrame, consent: str
) -> None:
    probabilities = np.random.default_rng(200).uniform(0.02, 0.3, 200)
    portfolio = portfolio_of(eligible(frame, 200, probabilities.tolist()))
    assumptions = AUTOMATIC.with_changes(consent_mode=consent)
    found = ranges.load_ranges(portfolio, BOLD, assumptions)
    change = simulation.simulate(portfolio, BOLD, assumptions).total.increment
    assert change
    lost = simulated(accounts_of(portfolio, BOLD, assumptions), 0.04, 20_000)[:, -1]
    worth = change.net_value - (lost - change.expected_loss)
    inside = np.mean((worth >= found.net_value.low) & (worth <= found.net_value.high))
    assert inside == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("days", [None, 60])
def test_the_range_of_net_value_is_as_wide_as_that_of_loss(
    portfolio: Portfolio, days: int | None
) -> None:
    policy = BOLD.with_changes(temporary_days=days)
    found = ranges.load_ranges(portfolio, policy, AUTOMATIC)
    change = simulation.simulate(portfolio, policy, AUTOMATIC).total.increment
    assert change
    assert change.npv is not None
    lost = found.expected_loss.increment
    assert found.net_value.high - found.net_value.low == pytest.approx(lost.high - lost.low)
    assert found.net_value.low < change.net_value < found.net_value.high
    assert found.npv
    assert found.npv.low < change.npv < found.npv.high
    if days:
        assert found.npv.low == pytest.approx(found.net_value.low)
        assert found.npv.high == pytest.approx(found.net_value.high)


@pytest.mark.parametrize(("form", "days"), [("log", None), ("linear", None), ("log", 30)])
def test_apart_from_chance_value_is_given_under_each_response_in_the_form_in_force(
    portfolio: Portfolio, form: str, days: int | None
) -> None:
    policy = BOLD.with_changes(temporary_days=days)
    assumptions = AUTOMATIC.with_changes(response_form=form)
    found = ranges.load_ranges(portfolio, policy, assumptions).by_response
    assert [under.preset for under in found] == ["low", "central", "high"]
    for under in found:
        moved = assumptions.with_preset(under.preset)
        change = simulation.simulate(portfolio, policy, moved).total.increment
        assert change
        assert under.net_value == pytest.approx(change.net_value, rel=1e-9)
        assert under.npv == pytest.approx(change.npv, rel=1e-9)


def test_the_sample_book_is_worth_what_the_method_states_under_each_response(
    whole_book: Portfolio,
) -> None:
    for threshold, wanted in (
        (800, (15_604.8581, 55_028.9466, 104_360.0094)),
        (700, (84_769.8291, 330_791.6629, 633_187.2024)),
    ):
        found = ranges.load_ranges(whole_book, Policy(score_threshold=threshold), AUTOMATIC)
        assert [under.npv for under in found.by_response] == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("consent", ["automatic", "opt_in"])
def test_what_a_temporary_raise_may_cost_is_on_average_what_it_is_simulated_to(
    portfolio: Portfolio, consent: str
) -> None:
    policy = BOLD.with_changes(temporary_days=60)
    assumptions = AUTOMATIC.with_changes(consent_mode=consent)
    sums = ranges.sums_at(ranges.load_pools(portfolio, policy, assumptions), 600, assumptions)
    total = simulation.simulate(portfolio, policy, assumptions).total
    assert total.proposed
    assert total.increment
    assert sums.increment.mean == pytest.approx(total.increment.expected_loss, rel=1e-9)
    assert sums.proposed.mean == pytest.approx(total.proposed.expected_loss, rel=1e-9)
    more = sums.increment.rises().counted().mean
    assert more == pytest.approx(total.increment.projected_defaults, rel=1e-9)


def test_a_default_in_the_days_of_a_temporary_raise_costs_what_one_account_owes_more(
    frame: pd.DataFrame,
) -> None:
    # 0.3 x 90 / 365 is a chance of 7.4 %, so that the range reaches from nothing to a loss; on the
    # last day that is LGD x the growth of exposure of the day after or of the whole response.
    account = one_of_three_in_ten(frame)
    found = ranges.load_ranges(
        portfolio_of(account), BOLD.with_changes(temporary_days=90), STILL
    ).expected_loss.increment
    lasting = ranges.load_ranges(portfolio_of(account), BOLD, STILL).expected_loss.increment
    severity = float(account["loss_given_default"][0])
    at_first = severity * 0.2 * float(account["credit_limit"][0]) * 0.5 / 100
    assert found.low == 0.0
    assert at_first * 0.999 < found.high <= lasting.high * 1.001


@pytest.mark.parametrize("correlation", [0.04, 0.8])
def test_a_raise_that_makes_default_certain_loses_all_of_it(correlation: float) -> None:
    # 0.9 x (1 + 0.01 x 0.6 x ln 1.2 / 0.0040) is above 1.
    portfolio = portfolio_of(alike(200, 0.9))
    assumptions = AUTOMATIC.with_changes(asset_correlation=correlation)
    found = ranges.load_ranges(portfolio, Policy(), assumptions)
    total = simulation.simulate(portfolio, Policy(), assumptions).total
    assert total.proposed
    assert total.proposed.projected_defaults == pytest.approx(200)
    assert found.projected_defaults.proposed.low >= 199
    assert found.expected_loss.proposed.low == pytest.approx(total.proposed.expected_loss, rel=0.01)
    assert found.expected_loss.proposed.high <= total.proposed.expected_loss * (1 + 1e-9)
