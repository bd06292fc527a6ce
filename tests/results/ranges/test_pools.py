"""Pools add up to the accounts, whatever the threshold."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from analytics.errors import ParameterError, PortfolioError
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results import ranges, simulation
from analytics.results.whatif import Evaluator
from tests.results.ranges.examples import AUTOMATIC, BOLD


def test_the_threshold_of_the_policy_does_not_matter_to_the_pools(portfolio: Portfolio) -> None:
    one, other = (
        ranges.load_pools(portfolio, Policy(score_threshold=score), AUTOMATIC).raised
        for score in (600, 850)
    )
    assert one.score.tolist() == other.score.tolist()
    assert one.loss_after == pytest.approx(other.loss_after, rel=1e-12)


def test_pools_of_one_threshold_are_those_of_every_threshold_from_it_on(
    portfolio: Portfolio,
) -> None:
    policy = Policy(score_threshold=700, tiers=(Tier(700, 0.1), Tier(800, 0.2)))
    every, one = (
        ranges.load_pools(portfolio, policy, AUTOMATIC, every_threshold=whether)
        for whether in (True, False)
    )
    reached = ranges.pools_of(every.raised, every.raised.score >= 700)
    assert one.raised.score.tolist() == reached.score.tolist()
    assert one.raised.loss_after == pytest.approx(reached.loss_after, rel=1e-12)
    for threshold in (700, 760):
        found, wanted = (
            Evaluator(pools.whatif, threshold, AUTOMATIC.band_edges).figures(AUTOMATIC)
            for pools in (one, every)
        )
        assert found.raised == wanted.raised
        assert found.increment == pytest.approx(wanted.increment, rel=1e-9)
    for ask in (ranges.ranges_at, ranges.sums_at):
        with pytest.raises(ParameterError, match="from score 700 on, and 699 is below"):
            ask(one, 699, AUTOMATIC)


@pytest.mark.parametrize("uplift", [0.01, 0.3])
def test_no_default_that_a_raise_brings_loses_more_than_its_pool_owes(
    portfolio: Portfolio, uplift: float
) -> None:
    assumptions = AUTOMATIC.with_changes(pd_uplift=(uplift,) * 8)
    pools = ranges.load_pools(portfolio, BOLD, assumptions)
    increment = ranges.sums_at(pools, 600, assumptions).increment
    for losses in increment.two_losses():
        assert (losses.largest <= increment.most * (1 + 1e-9)).all()


@pytest.mark.parametrize("consent", ["automatic", "opt_in"])
def test_pools_add_up_to_the_point_figures(portfolio: Portfolio, consent: str) -> None:
    assumptions = AUTOMATIC.with_changes(consent_mode=consent)
    pools = ranges.load_pools(portfolio, BOLD, assumptions)
    total = simulation.simulate(portfolio, BOLD, assumptions).total
    assert total.baseline is not None
    assert total.increment is not None
    assert pools.baseline.defaults.sum() == pytest.approx(total.baseline.projected_defaults)
    assert pools.baseline.loss[0].sum() == pytest.approx(total.baseline.expected_loss)
    raised = pools.raised
    edges = np.array(assumptions.band_edges)
    shares = np.ones(8) if consent == "automatic" else np.array(assumptions.take_up)
    share = shares[np.searchsorted(edges, raised.score, side="right") - 1]
    share = share * (raised.score >= 600)
    more = (share * raised.more_defaults).sum()
    assert more == pytest.approx(total.increment.projected_defaults)
    lost = (share * (raised.loss_risen[0] + raised.loss_extra[0])).sum()
    assert lost == pytest.approx(total.increment.expected_loss)


def test_pools_of_other_accounts_are_refused_by_name(portfolio: Portfolio) -> None:
    pools = ranges.load_pools(portfolio, BOLD, AUTOMATIC)
    raised = dataclasses.replace(pools.raised, odds_step=pools.raised.odds_step - 1_000)
    with pytest.raises(PortfolioError, match="accounts changed while they were read"):
        ranges.ranges_at(dataclasses.replace(pools, raised=raised), 600, AUTOMATIC)
