"""The loss distribution held against closed forms and drawn accounts."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.errors import ParameterError
from analytics.method import capital
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results import ranges
from analytics.results.simulation import simulate
from analytics.results.stress import loss_distribution
from tests.oracle.columns import read_columns
from tests.oracle.decision import decide, read_policy
from tests.oracle.measures import conditional_probability
from tests.oracle.response import respond
from tests.portfolios import oracle_assumptions, oracle_policy, portfolio_of
from tests.results.stress.examples import alike


def test_a_large_portfolio_of_one_kind_loses_what_the_one_factor_model_says(
    database: EmbeddedDatabase,
) -> None:
    portfolio = portfolio_of(alike(200_000, 0.02), database=database)
    pools = ranges.load_pools(portfolio, Policy(), Assumptions())
    found = loss_distribution(pools, 800, Assumptions()).baseline
    exposure = 200_000 * 1_000 * 0.5
    assert found.expected == pytest.approx(0.02 * exposure, rel=1e-6)
    assert found.bad_year == pytest.approx(0.03917472 * exposure, rel=2e-3)
    assert found.worst_year == pytest.approx(0.07141850 * exposure, rel=2e-3)
    requirement = float(capital.irb_requirement(0.02, 1.0, 0.04))
    assert found.economic_capital == pytest.approx(requirement * exposure, rel=4e-3)


def test_a_small_portfolio_is_wide_as_drawn_accounts_show(database: EmbeddedDatabase) -> None:
    count, probability = 500, 0.03
    portfolio = portfolio_of(alike(count, probability), database=database)
    pools = ranges.load_pools(portfolio, Policy(), Assumptions())
    found = loss_distribution(pools, 800, Assumptions()).baseline
    rng = np.random.default_rng(1)
    given_factor = conditional_probability(
        np.full(400_000, probability), np.full(400_000, 0.04), rng.standard_normal(400_000)
    )
    drawn = rng.binomial(count, given_factor) * 500.0
    assert found.expected == pytest.approx(drawn.mean(), rel=5e-3)
    for level, value in ((0.95, found.bad_year), (0.999, found.worst_year)):
        assert value == pytest.approx(np.quantile(drawn, level), abs=500 + 0.01 * value)
    smooth = float(stats.norm.cdf((stats.norm.ppf(0.03) + 0.2 * 1.645) / math.sqrt(0.96)))
    assert found.bad_year > 1.05 * smooth * count * 500


def test_both_sides_agree_with_accounts_drawn_at_random(
    database: EmbeddedDatabase, frame: pd.DataFrame
) -> None:
    policy = Policy(score_threshold=450, raise_rate=0.5, limit_cap=None)
    frame = frame.iloc[:4_000]
    book = portfolio_of(frame, database=database)
    pools = ranges.load_pools(book, policy, Assumptions())
    found = loss_distribution(pools, 450, Assumptions())
    columns, given_values = read_columns(frame), oracle_assumptions(Assumptions())
    response = respond(columns, decide(columns, read_policy(oracle_policy(policy))), given_values)
    total = simulate(book, policy, Assumptions()).total
    rng = np.random.default_rng(2)
    factors = rng.standard_normal(1_500)
    for side, probability, balance, limit, measures in (
        (found.baseline, response.probability0, response.balance0, response.limit0, total.baseline),
        (found.proposed, response.probability1, response.balance1, response.limit1, total.proposed),
    ):
        assert measures
        assert side.expected == pytest.approx(measures.expected_loss, rel=1e-4)
        loss = response.loss_given_default * (
            balance + 0.2 * np.maximum(limit - balance, 0.0)
        ) / 100  # fmt: skip
        flat = np.full_like(probability, 0.04)
        losses = [
            float(loss @ (rng.random(len(loss)) < conditional_probability(probability, flat, z)))
            for z in factors
        ]
        # The error of a quantile of 1,500 draws is about 3 %.
        assert side.bad_year == pytest.approx(np.quantile(losses, 0.95), rel=0.08)
        width = float(found.losses[1])
        assert float((side.density * width).sum()) == pytest.approx(1.0, abs=2e-4)
        mean = float((side.density * width) @ found.losses)
        assert mean == pytest.approx(side.expected, rel=2e-3)
    assert found.more_capital > 0
    assert found.proposed.bad_year < found.proposed.worst_year


def test_quantiles_of_loss_rise_with_the_correlation(book: Portfolio) -> None:
    capitals = []
    for correlation in (0.0, 0.02, 0.04, 0.15):
        assumptions = Assumptions(asset_correlation=correlation)
        pools = ranges.load_pools(book, Policy(), assumptions)
        side = loss_distribution(pools, 800, assumptions).proposed
        assert side.expected < side.bad_year < side.worst_year
        capitals.append(side.economic_capital)
    assert capitals == sorted(capitals)


def test_one_account_and_accounts_that_cannot_lose(database: EmbeddedDatabase) -> None:
    one = portfolio_of(alike(1, 0.3), database=database)
    found = loss_distribution(ranges.load_pools(one, Policy(), Assumptions()), 800, Assumptions())
    assert found.baseline.expected == pytest.approx(150.0, rel=1e-3)
    assert np.isfinite(found.baseline.density).all()
    safe = portfolio_of(alike(3, 0.0), database=database)
    pools = ranges.load_pools(safe, Policy(), Assumptions())
    with pytest.raises(ParameterError, match="nothing to show"):
        loss_distribution(pools, 800, Assumptions())


def _with_one_large(database: EmbeddedDatabase, others: int = 400) -> Portfolio:
    """Accounts of a loss of 500, and one whose loss is 17 % of the whole."""
    frame = alike(others, 0.03)
    large = round(0.17 / 0.83 * others * 100_000)
    frame.loc[0, ["credit_limit", "balance"]] = large
    return portfolio_of(frame, database=database)


@pytest.mark.parametrize("others", [400, 6_000])
@pytest.mark.parametrize("correlation", [0.0, 0.04, 0.15, 0.5, 0.79])
def test_one_large_account_is_a_jump_of_the_distribution(
    database: EmbeddedDatabase, correlation: float, others: int
) -> None:
    """Losses of 500 by the piece, and one of 17 % of all with 3 %: the 95 % is a sum that can be.

    It is so whatever the size of the portfolio.
    """
    assumptions = Assumptions(asset_correlation=correlation)
    pools = ranges.load_pools(_with_one_large(database, others), Policy(), assumptions)
    found = loss_distribution(pools, 800, assumptions).baseline
    beside = ranges.ranges_at(pools, 800, assumptions).expected_loss.baseline
    rng = np.random.default_rng(3)
    flat = np.full(100_000, correlation)
    chance = conditional_probability(np.full(100_000, 0.03), flat, rng.standard_normal(100_000))
    large = round(0.17 / 0.83 * others * 100_000) / 200
    drawn = rng.binomial(others - 1, chance) * 500.0 + (rng.random(100_000) < chance) * large
    ends = (
        (0.025, beside.low),
        (0.95, found.bad_year),
        (0.975, beside.high),
        (0.999, found.worst_year),
    )
    for level, value in ends:
        slack = 4 * np.sqrt(level * (1 - level) / 100_000) + 3e-4
        assert np.mean(drawn <= value + 10.0) >= level - slack
        assert np.mean(drawn < value - 10.0) <= level + slack
    assert beside.high <= found.worst_year <= (others - 1) * 500 + large


def test_the_loss_range_and_the_loss_distribution_are_of_one_piece(
    database: EmbeddedDatabase, book: Portfolio
) -> None:
    """Both ends of the range lie where the distribution beside it has them."""
    books = (
        lambda: _with_one_large(database),
        lambda: _with_one_large(database, 40),
        lambda: book,
    )
    for portfolio in (make() for make in books):
        policy = Policy(score_threshold=600)
        pools = ranges.load_pools(portfolio, policy, Assumptions())
        beside = ranges.ranges_at(pools, 600, Assumptions()).expected_loss
        found = loss_distribution(pools, 600, Assumptions())
        for side, which in ((found.baseline, beside.baseline), (found.proposed, beside.proposed)):
            step = found.losses[1]
            below = np.cumsum(side.density) * step
            for end, level in ((which.low, 0.025), (which.high, 0.975)):
                at = np.searchsorted(found.losses, end)
                assert below[max(at - 2, 0)] <= level + 5e-3 or at <= 2
                assert below[min(at + 1, len(below) - 1)] >= level - 5e-3
            assert which.low <= side.bad_year <= which.high <= side.worst_year


@pytest.mark.parametrize("count", [1, 3, 20, 200])
def test_no_year_loses_more_than_all_accounts_together(
    database: EmbeddedDatabase, count: int
) -> None:
    portfolio = portfolio_of(alike(count, 0.9), database=database)
    for correlation in (0.04, 0.8):
        assumptions = Assumptions(asset_correlation=correlation)
        pools = ranges.load_pools(portfolio, Policy(), assumptions)
        found = loss_distribution(pools, 800, assumptions).baseline
        assert found.worst_year <= count * 500
        assert found.worst_year == pytest.approx(500 * round(found.worst_year / 500))
