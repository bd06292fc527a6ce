"""How sure: the central 95 % ranges of defaults, of realised loss and of value (METHOD 9).

Baseline and proposal are coupled: the same factor, and who defaults under the baseline defaults
under the proposal too. So a raised account adds, given z, the rise of its loss with its old
probability p0(z), its whole new loss with probability p1(z) - p0(z), else nothing. Where customers
have to opt in, taking the offer is one more draw of each account, with the band's take-up; and a
temporary raise reaches the defaults of its days only, one more draw with their part of the year.

The range of value is that of loss, turned round: the value expected, less what is lost beyond the
loss expected. Apart from chance stands the response, which nobody knows either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats, Ints
from analytics.declared.choices import ResponsePreset
from analytics.method.bands import take_up
from analytics.method.chance import (
    Events,
    FactorModel,
    count_quantiles,
    count_quantiles_of,
    distribution_of,
)
from analytics.method.measures import divided
from analytics.method.months import DAYS_PER_YEAR
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
from analytics.results.whatif import Evaluator

_NEARLY_CERTAIN = 0.999
"""How likely a default is counted, at most, that a raise alone makes certain: how it moves with the
factor has no meaning there; how often it comes is not touched."""
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

    Parameters
    ----------
    projected_defaults : whole numbers of accounts
    expected_loss : of realised loss, the sum of default x loss given default x EAD, currency units
    net_value : of the increment of net value by chance alone, currency units a year
    npv : the same of the value over the horizon, each loss beyond the expected one at its present
        value; None where no loss is expected
    by_response : what the policy is worth, on average, under each response preset in the form in
        force; none where score bands are of one's own
    """

    projected_defaults: RangeTriple
    expected_loss: RangeTriple
    net_value: Range
    npv: Range | None
    by_response: tuple[UnderResponse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderResponse:
    """Increments of net value (a year) and of value over the horizon, currency units."""

    preset: ResponsePreset
    net_value: float
    npv: float


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
    lost = Range(*distribution_of(increment, model).central())
    evaluator = Evaluator(pools.whatif, score_threshold, assumptions.band_edges)
    figures = evaluator.figures(assumptions)
    worth = divided(figures.default_worth, figures.increment["expected_loss"])
    return Ranges(
        projected_defaults=RangeTriple(
            baseline=Range(*count_quantiles(baseline, model)),
            proposed=Range(*count_quantiles(proposed, model)),
            increment=Range(float(more[0][0]), float(more[1][0])),
        ),
        expected_loss=RangeTriple(
            baseline=Range(*distribution_of(baseline, model).central()),
            proposed=Range(*distribution_of(proposed, model).central()),
            increment=lost,
        ),
        net_value=_around(figures.increment["net_value"], lost, increment.mean),
        npv=None
        if np.isnan(worth)
        else _around(figures.increment["npv"], lost, increment.mean, float(worth)),
        by_response=_by_response(evaluator, assumptions),
    )


def _around(value: float, lost: Range, expected: float, worth: float = 1.0) -> Range:
    """Return the range of a value of which each loss beyond the expected one takes its worth."""
    ends = value - worth * (lost.high - expected), value - worth * (lost.low - expected)
    return Range(*sorted(ends))


def _by_response(evaluator: Evaluator, assumptions: Assumptions) -> tuple[UnderResponse, ...]:
    if not assumptions.has_presets:
        return ()
    found = []
    for preset in ResponsePreset:
        value = evaluator.figures(assumptions.with_preset(preset)).increment
        found.append(UnderResponse(preset=preset, net_value=value["net_value"], npv=value["npv"]))
    return tuple(found)


def sums_at(pools: Pools, score_threshold: int, assumptions: Assumptions) -> Sums:
    """Return what may happen to all accounts, with a raise from a score on and without.

    Raises
    ------
    PortfolioError
        The pools are not of the same accounts.
    """
    raised = pools_of(pools.raised, pools.raised.score >= score_threshold)
    takers = _takers(pools, raised.score, assumptions)
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
    events = _increment_events(raised, _takers(pools, raised.score, assumptions)).rises().counted()
    given = model.moments(events, row, len(scores)).from_the_top()
    accounts = np.bincount(row, raised.accounts, len(scores)).astype(np.float64)
    low, high = count_quantiles_of(given, np.cumsum(accounts[::-1])[::-1], model)
    return scores, low, high


def _takers(pools: Pools, score: Ints, assumptions: Assumptions) -> Floats:
    """Return whom a raise reaches, as a chance: who takes it, and of a temporary one its days."""
    days = 1.0 if pools.days is None else pools.days / DAYS_PER_YEAR
    return np.asarray(take_up(score, assumptions) * days)


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
        riskier=_riskier(pools),
        level=level,
        rise=takers * np.vstack([pools.more_defaults, pools.loss_extra]),
        most=most,
    )


def _riskier(pools: RaisedPools) -> Floats:
    """Return the mean default probability after the raise: of who may default, below certainty."""
    before = pools.defaults / pools.accounts
    after = (pools.defaults + pools.more_defaults) / pools.accounts
    return np.maximum(np.minimum(after, _NEARLY_CERTAIN), before)


def _model(pools: Pools, assumptions: Assumptions) -> FactorModel:
    baseline, raised = pools.baseline, pools.raised
    probabilities = (
        baseline.defaults / baseline.accounts,
        raised.defaults / raised.accounts,
        _riskier(raised),
    )
    return FactorModel.over(probabilities, assumptions.asset_correlation)
