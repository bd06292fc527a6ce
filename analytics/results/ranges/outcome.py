"""How sure: the central 95 % ranges of projected defaults and of realised loss (METHOD 9).

Baseline and proposal are coupled: the same factor, and who defaults under the baseline defaults
under the proposal too. So a raised account adds, given z, the rise of its loss with its old
probability p0(z), its whole new loss with probability p1(z) - p0(z), else nothing. Where customers
have to opt in, taking the offer is one more draw of each account, with the band's take-up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats, Ints
from analytics.method.bands import take_up
from analytics.method.chance import (
    Events,
    FactorModel,
    count_quantiles,
    count_quantiles_of,
    distribution_of,
)
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.ranges.pools import (
    BaselinePools,
    Pools,
    RaisedPools,
    load_pools,
    pools_of,
    without,
)
from analytics.results.steps import Memo, Step, StepKind, afresh

IncrementRanges = tuple[Ints, Floats, Floats]
"""Scores, and the ends of the range at each."""


@dataclass(frozen=True, slots=True)
class Range:
    """The central 95 % of a sum: both ends belong to it."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeTriple:
    """Ranges of a sum under the baseline, under the proposal, and of the increment."""

    baseline: Range
    proposed: Range
    increment: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """The ranges shown beside the point figures.

    ``projected_defaults`` counts accounts (whole numbers); ``expected_loss`` is the range of
    realised loss, the sum of default x loss given default x EAD, in currency units.
    """

    projected_defaults: RangeTriple
    expected_loss: RangeTriple


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sums:
    """What may happen: the accounts of both sides and of the increment, and the factor."""

    model: FactorModel
    baseline: Events
    proposed: Events
    increment: Events


def load_ranges(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, *, memo: Memo = afresh
) -> Ranges:
    """Return the ranges beside the point figures of a policy.

    Raises
    ------
    PortfolioError
        The accounts changed while they were read.
    """
    sweeping, threshold = policy.for_sweep(), policy.score_threshold

    def make() -> Ranges:
        pools = load_pools(portfolio, sweeping, assumptions, memo=memo)
        return ranges_at(pools, threshold, assumptions)

    return memo(Step.of(StepKind.RANGES, portfolio, sweeping, assumptions, threshold), make)


def load_increment_ranges(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, *, memo: Memo = afresh
) -> IncrementRanges:
    """Return the range of the increment of projected defaults at every threshold.

    As :func:`increment_ranges_by_threshold` gives it, for the raise of a policy.
    """
    sweeping = policy.for_sweep()

    def make() -> IncrementRanges:
        pools = load_pools(portfolio, sweeping, assumptions, memo=memo)
        return increment_ranges_by_threshold(pools, assumptions)

    return memo(Step.of(StepKind.INCREMENT_RANGES, portfolio, sweeping, assumptions), make)


def ranges_at(pools: Pools, score_threshold: int, assumptions: Assumptions) -> Ranges:
    """Return the ranges for a raise from a score on; no statement is run.

    Raises
    ------
    PortfolioError
        The pools are not of the same accounts.
    """
    sums = sums_at(pools, score_threshold, assumptions)
    model, baseline, proposed, increment = (
        sums.model,
        sums.baseline,
        sums.proposed,
        sums.increment,
    )
    more = count_quantiles_of(
        model.moments(increment.rises().counted()),
        increment.accounts.sum(keepdims=True),
        model,
    )
    return Ranges(
        projected_defaults=RangeTriple(
            baseline=Range(*count_quantiles(baseline, model)),
            proposed=Range(*count_quantiles(proposed, model)),
            increment=Range(float(more[0][0]), float(more[1][0])),
        ),
        expected_loss=RangeTriple(
            baseline=Range(*distribution_of(baseline, model).central()),
            proposed=Range(*distribution_of(proposed, model).central()),
            increment=Range(*distribution_of(increment, model).central()),
        ),
    )


def sums_at(pools: Pools, score_threshold: int, assumptions: Assumptions) -> Sums:
    """Return what may happen to all accounts, with a raise from a score on and without.

    Raises
    ------
    PortfolioError
        The pools are not of the same accounts.
    """
    raised = pools_of(pools.raised, pools.raised.score >= score_threshold)
    takers = take_up(raised.score, assumptions)
    others = _baseline_events(without(pools.baseline, raised))
    return Sums(
        model=_model(pools, assumptions),
        baseline=_baseline_events(pools.baseline),
        proposed=others.and_those(_proposed_events(raised, takers)),
        increment=_increment_events(raised, takers),
    )


def increment_ranges_by_threshold(pools: Pools, assumptions: Assumptions) -> IncrementRanges:
    """Return the range of the increment of projected defaults at every threshold.

    Returns
    -------
    scores : int array, ascending: the scores of accounts that are raised
    low, high : float arrays of the same shape: whole numbers of accounts, the range for a raise
        from that score on (and from just above the score before it)
    """
    raised = pools.raised
    scores, row = np.unique(raised.score, return_inverse=True)
    model = _model(pools, assumptions)
    events = _increment_events(raised, take_up(raised.score, assumptions)).rises().counted()
    given = model.moments(events, row, len(scores)).from_the_top()
    accounts = np.bincount(row, raised.accounts, len(scores)).astype(np.float64)
    low, high = count_quantiles_of(given, np.cumsum(accounts[::-1])[::-1], model)
    return scores, low, high


def _baseline_events(pools: BaselinePools) -> Events:
    """Return what may happen to accounts as they stand."""
    level = np.vstack([pools.defaults, pools.loss])
    mean = pools.defaults / pools.accounts
    return Events(
        accounts=pools.accounts,
        probability=mean,
        riskier=mean,
        level=level,
        rise=np.zeros_like(level),
        most=pools.most,
    )


def _proposed_events(pools: RaisedPools, takers: Floats) -> Events:
    """Return what may happen to raised accounts; with no takers, as they stand."""
    loss = (1.0 - takers) * pools.loss + takers * pools.loss_after
    most = np.where(takers > 0, np.maximum(pools.most_after, pools.most), pools.most)
    return _raised_events(pools, np.vstack([pools.defaults, loss]), takers, most)


def _increment_events(pools: RaisedPools, takers: Floats) -> Events:
    level = takers * np.vstack([pools.defaults, pools.loss_risen])
    risen = pools.most_after - pools.most
    most = np.where(pools.more_defaults > 0, np.maximum(pools.most_after, risen), risen)
    return _raised_events(pools, level, takers, np.where(takers > 0, most, 0.0))


def _raised_events(pools: RaisedPools, level: Floats, takers: Floats, most: Floats) -> Events:
    return Events(
        accounts=pools.accounts,
        probability=pools.defaults / pools.accounts,
        riskier=(pools.defaults + pools.more_defaults) / pools.accounts,
        level=level,
        rise=takers * np.vstack([pools.more_defaults, pools.loss_extra]),
        most=most,
    )


def _model(pools: Pools, assumptions: Assumptions) -> FactorModel:
    baseline, raised = pools.baseline, pools.raised
    probabilities = (
        baseline.defaults / baseline.accounts,
        raised.defaults / raised.accounts,
        (raised.defaults + raised.more_defaults) / raised.accounts,
    )
    return FactorModel.over(probabilities, assumptions.asset_correlation)
