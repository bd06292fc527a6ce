"""How sure: the central 95 % ranges of projected defaults and of realised loss (METHOD 8).

Accounts default independently given a common factor z, which is what makes the sum uncertain for
a large portfolio; for a small one the chance of each account adds to it. Both are computed on
pools of accounts: one statement for the portfolio as it stands, one for the accounts that a raise
reaches at any threshold, each grouped by score and default probability. For every value of z the
pools give mean, variance and skewness of a sum; the sum's distribution is the mixture over z.

* Counts of defaults: given z a binomial distribution with the sum's mean and variance, exact for
  accounts alike; from ``_COUNTED`` defaults on, a normal one corrected for skewness.
* Losses: given z a normal distribution corrected for skewness where many defaults make up the sum,
  else the convolution of the pools' own losses (by Fourier transform), with its atom at zero.

Baseline and proposal are coupled: the same factor, and who defaults under the baseline defaults
under the proposal too. So a raised account adds, given z, the rise of its loss with its old
probability p0(z), its whole new loss with probability p1(z) - p0(z), else nothing. Where customers
have to opt in, taking the offer is one more draw of each account, with the band's take-up.

An account whose default is certain adds to all figures and to no uncertainty.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from scipy import sparse
from scipy.special import ndtr, ndtri

from analytics import formulas, response
from analytics.assumptions import Assumptions
from analytics.columns import MINOR_UNITS
from analytics.elementwise import as_double, ln
from analytics.engine.database import Columns
from analytics.factor import conditional_probability
from analytics.policy import Policy
from analytics.portfolio import Portfolio

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Sums = dict[str, sa.ColumnElement[float]]

CENTRAL = (0.025, 0.975)
"""The central 95 %: what the sum stays below with these probabilities."""
POWERS = (1, 2, 3)
KEYS = ("score", "odds_step", "loss_step")

_ODDS_STEPS = 2
"""Pools for each doubling of the odds of default."""
_LOSS_STEPS = 8
"""Pools for each doubling of an account's loss, in a small portfolio."""
_SMALL = 5_000
"""Up to so many accounts, pools are formed by loss as well: few accounts share one."""
_CERTAIN = 1_000_000
"""The step of the odds where default is certain."""


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
class BaselinePools:
    """Accounts as they stand, pooled; one entry a pool, money in currency units.

    Parameters
    ----------
    score, odds_step, loss_step : key of the pool; ``loss_step`` is 0 but in small portfolios
    accounts : how many
    defaults : sum of default probabilities
    loss : shape (3, pools): sum of probability x loss at default, its square and its cube
    """

    score: Ints
    odds_step: Ints
    loss_step: Ints
    accounts: Floats
    defaults: Floats
    loss: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RaisedPools:
    """Accounts that a raise reaches at some threshold, pooled by the same key.

    Parameters
    ----------
    accounts, defaults, loss : as they stand, see :class:`BaselinePools`
    more_defaults : sum of the rises of the default probability
    loss_after : sums of old probability x powers of the new loss at default
    loss_risen : sums of old probability x powers of the rise of the loss at default
    loss_extra : sums of the rise of the probability x powers of the new loss at default; its
        square and cube are in the proportion of ``loss_after``
    """

    score: Ints
    odds_step: Ints
    loss_step: Ints
    accounts: Floats
    defaults: Floats
    loss: Floats
    more_defaults: Floats
    loss_after: Floats
    loss_risen: Floats
    loss_extra: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pools:
    """What ranges are computed from, at any threshold."""

    baseline: BaselinePools
    raised: RaisedPools


def load_pools(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Pools:
    """Return the pools of a portfolio under a policy; its threshold does not matter."""
    return Pools(
        baseline=load_baseline_pools(portfolio, assumptions),
        raised=load_raised_pools(portfolio, policy, assumptions),
    )


def load_baseline_pools(portfolio: Portfolio, assumptions: Assumptions) -> BaselinePools:
    """Run the statement of the accounts as they stand; it depends on no policy."""
    rows = portfolio.database.columns(baseline_pools_statement(portfolio, assumptions))
    return BaselinePools(**_arrays(rows, BaselinePools))


def load_raised_pools(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> RaisedPools:
    """Run the statement of the accounts that the policy raises, were its threshold the lowest."""
    statement = raised_pools_statement(portfolio, policy.for_sweep(), assumptions)
    rows = portfolio.database.columns(statement)
    first = rows["loss_after_1"]
    share = np.divide(rows["loss_extra_1"], first, out=np.zeros_like(first), where=first > 0)
    rows |= {f"loss_extra_{power}": share * rows[f"loss_after_{power}"] for power in (2, 3)}
    return RaisedPools(**_arrays(rows, RaisedPools))


def baseline_pools_statement(portfolio: Portfolio, assumptions: Assumptions) -> sa.Select[Any]:
    """Return the statement of the accounts as they stand, one row a pool; money in minor units."""
    c = response.priced(portfolio, assumptions).c
    unused = as_double(formulas.headroom(c.credit_limit, c.balance))
    exposure = formulas.ead(as_double(c.balance), unused, assumptions.credit_conversion_factor)
    losses = (
        sa.select(
            c.score,
            c.default_probability.label("p"),
            (c.loss_given_default * exposure).label("loss"),
        )
        .where(c.default_probability > 0)
        .cte("losses")
    )
    accounts = _keyed(losses, portfolio)
    return _by_pool(accounts, _sums("loss", accounts.c.p, accounts.c.loss))


def raised_pools_statement(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> sa.Select[Any]:
    """Return the statement of the accounts that a policy raises, one row a pool."""
    decided = response.decided(response.priced(portfolio, assumptions), policy, portfolio)
    sized = response.resized(decided, policy, portfolio, eligible_only=True)
    c = response.responded(sized, assumptions).c
    factor = assumptions.credit_conversion_factor
    before = formulas.ead(as_double(c.balance), c.unused, factor)
    after = formulas.ead(c.new_balance, c.new_unused, factor)
    losses = (
        sa.select(
            c.score,
            c.default_probability.label("p"),
            (c.new_probability - c.default_probability).label("rise"),
            (c.loss_given_default * before).label("loss"),
            (c.loss_given_default * after).label("new_loss"),
        )
        .where(c.raised, c.default_probability > 0)
        .cte("losses")
    )
    accounts = _keyed(losses, portfolio)
    p, rise, loss, new_loss = (accounts.c[name] for name in ("p", "rise", "loss", "new_loss"))
    sums: Sums = {"more_defaults": sa.func.sum(rise, type_=sa.Double())}
    sums |= _sums("loss", p, loss) | _sums("loss_after", p, new_loss)
    sums |= _sums("loss_risen", p, new_loss - loss)
    sums["loss_extra_1"] = sa.func.sum(rise * new_loss, type_=sa.Double())
    return _by_pool(accounts, sums)


def ranges_at(pools: Pools, score_threshold: int, assumptions: Assumptions) -> Ranges:
    """Return the ranges for a raise from a score on."""
    raised = _of(pools.raised, pools.raised.score >= score_threshold)
    takers = _take_up(raised.score, assumptions)
    unraised = _without(pools.baseline, raised)
    model = _Model.over(pools, assumptions)
    baseline, rest = _Events.of_baseline(pools.baseline), _Events.of_baseline(unraised)
    return Ranges(
        projected_defaults=RangeTriple(
            baseline=_count_range(baseline.counted(), model),
            proposed=_count_range(
                rest.counted().and_those(_Events.of_proposed(raised, takers).counted()), model
            ),
            increment=_count_range(_Events.of_increment(raised, takers).rises(), model),
        ),
        expected_loss=RangeTriple(
            baseline=_loss_range(baseline, model),
            proposed=_loss_range(rest.and_those(_Events.of_proposed(raised, takers)), model),
            increment=_loss_range(_Events.of_increment(raised, takers), model),
        ),
    )


def increment_ranges_by_threshold(
    pools: Pools, assumptions: Assumptions
) -> tuple[Ints, Floats, Floats]:
    """Return the range of the increment of projected defaults at every threshold.

    Returns
    -------
    scores : int array, ascending: the scores of accounts that are raised
    low, high : float arrays of the same shape: whole numbers of accounts, the range for a raise
        from that score on (and from just above the score before it)
    """
    raised = pools.raised
    scores, row = np.unique(raised.score, return_inverse=True)
    model = _Model.over(pools, assumptions)
    events = _Events.of_increment(raised, _take_up(raised.score, assumptions)).rises()
    found = model.moments(events, row, len(scores))
    low, high = _count_quantiles(found.from_the_top(), model)
    return scores, low, high


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Events:
    """What may happen to pools of accounts: the sums of a loss's powers 0 to 3, times probability.

    ``level`` has shape (4, pools) and moves with the factor as the pool's mean ``probability``
    does; ``rise`` moves as the difference between ``riskier`` and it.
    """

    accounts: Floats
    probability: Floats
    riskier: Floats
    level: Floats
    rise: Floats

    @classmethod
    def of_baseline(cls, pools: BaselinePools) -> _Events:
        level = np.vstack([pools.defaults, pools.loss])
        mean = pools.defaults / pools.accounts
        return cls(
            accounts=pools.accounts,
            probability=mean,
            riskier=mean,
            level=level,
            rise=np.zeros_like(level),
        )

    @classmethod
    def of_proposed(cls, pools: RaisedPools, takers: Floats) -> _Events:
        loss = (1.0 - takers) * pools.loss + takers * pools.loss_after
        return cls._of_raised(pools, np.vstack([pools.defaults, loss]), takers)

    @classmethod
    def of_increment(cls, pools: RaisedPools, takers: Floats) -> _Events:
        level = takers * np.vstack([pools.defaults, pools.loss_risen])
        return cls._of_raised(pools, level, takers)

    @classmethod
    def _of_raised(cls, pools: RaisedPools, level: Floats, takers: Floats) -> _Events:
        return cls(
            accounts=pools.accounts,
            probability=pools.defaults / pools.accounts,
            riskier=(pools.defaults + pools.more_defaults) / pools.accounts,
            level=level,
            rise=takers * np.vstack([pools.more_defaults, pools.loss_extra]),
        )

    def counted(self) -> _Events:
        """Return the events with a loss of 1 each: their sum counts them."""
        return self._with(np.tile(self.level[0], (4, 1)), np.tile(self.rise[0], (4, 1)))

    def rises(self) -> _Events:
        """Return the count of the events that the rise of the probability brings."""
        return self._with(np.zeros_like(self.level), np.tile(self.rise[0], (4, 1)))

    def and_those(self, other: _Events) -> _Events:
        """Return these events and those of other accounts."""
        return _Events(
            accounts=np.concatenate([self.accounts, other.accounts]),
            probability=np.concatenate([self.probability, other.probability]),
            riskier=np.concatenate([self.riskier, other.riskier]),
            level=np.hstack([self.level, other.level]),
            rise=np.hstack([self.rise, other.rise]),
        )

    def uncertain(self) -> tuple[_Events, float]:
        """Return the events that chance decides, and the sum over the certain ones."""
        open_ = self.probability < 1.0
        return self.only(open_), float(self.level[1, ~open_].sum())

    def only(self, which: npt.NDArray[Any]) -> _Events:
        """Return the events of some pools."""
        return _Events(
            accounts=self.accounts[which],
            probability=self.probability[which],
            riskier=self.riskier[which],
            level=self.level[:, which],
            rise=self.rise[:, which],
        )

    def _with(self, level: Floats, rise: Floats) -> _Events:
        return _Events(
            accounts=self.accounts,
            probability=self.probability,
            riskier=self.riskier,
            level=level,
            rise=rise,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Moments:
    """Mean, variance and third cumulant of sums given the factor; shape (sums, nodes)."""

    mean: Floats
    variance: Floats
    third: Floats

    def where(self, which: npt.NDArray[np.bool_]) -> _Moments:
        """Return the moments of some of the sums."""
        mean, variance, third = (values[which] for values in self._arrays())
        return _Moments(mean=mean, variance=variance, third=third)

    def from_the_top(self) -> _Moments:
        """Return, for each of the sums, the moments of it and all after it together."""
        mean, variance, third = (
            np.flip(np.cumsum(np.flip(values, axis=0), axis=0), axis=0) for values in self._arrays()
        )
        return _Moments(mean=mean, variance=variance, third=third)

    def _arrays(self) -> tuple[Floats, Floats, Floats]:
        return self.mean, self.variance, self.third


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Model:
    """The factor at its nodes, and how a grid of default probabilities moves with it.

    ``relative`` is the probability given the factor per probability, ``slope`` its derivative;
    both have shape (grid, nodes) and mean 1 over the factor, so that means stay exact whatever
    the grid. Between two points of the grid, which is even in the logarithm of the odds, they
    are interpolated.
    """

    nodes: Floats
    weights: Floats
    first_step: int
    probability: Floats
    relative: Floats
    slope: Floats

    @classmethod
    def over(cls, pools: Pools, assumptions: Assumptions) -> _Model:
        """Return the model over the default probabilities of the pools."""
        correlation = assumptions.asset_correlation
        nodes = _nodes(correlation)
        low, high = _grid_ends(pools)
        steps = np.arange(low, high + 2)
        probability = 1.0 / (1.0 + 2.0 ** (-steps / _GRID_STEPS))
        column = probability[:, np.newaxis]
        quantile = ndtri(column)
        given = conditional_probability(column, nodes, correlation, quantile=quantile)
        moved = (quantile - np.sqrt(correlation) * nodes) / np.sqrt(1.0 - correlation)
        slope = np.exp((quantile**2 - moved**2) / 2.0) / np.sqrt(1.0 - correlation)
        weights = np.exp(-(nodes**2) / 2.0)
        return cls(
            nodes=nodes,
            weights=weights / weights.sum(),
            first_step=low,
            probability=probability,
            relative=given / column,
            slope=slope,
        )

    def place(self, probability: Floats) -> tuple[Ints, Floats]:
        """Return the point of the grid below a probability, and how far on the next one is."""
        position = _log_odds(probability) * _GRID_STEPS - self.first_step
        position = np.clip(position, 0.0, len(self.probability) - 1.001)
        below = position.astype(np.int64)
        return below, position - below

    def gather(self, probability: Floats, values: Floats, row: Ints, rows: int) -> Floats:
        """Return sums over pools, shape (values, rows, grid), each pool between its two points."""
        below, share = self.place(probability)
        size = len(self.probability)
        at = row * size + below
        summed = [
            np.bincount(at, (1.0 - share) * value, rows * size)
            + np.bincount(at + 1, share * value, rows * size)
            for value in values
        ]
        return np.reshape(summed, (len(values), rows, size))

    def moments(self, events: _Events, row: Ints, rows: int) -> _Moments:
        """Return the moments given the factor of the sums over each row's pools."""
        level = self.gather(events.probability, events.level[1:], row, rows)
        rise = self.gather_rise(events, events.rise[1:], row, rows)
        first, second, third = level @ self.relative + rise @ self.slope
        # An account's own squared mean; its loss has the root mean square of its pool's.
        old = np.sqrt(events.level[2] * events.level[0])
        new = np.sqrt(events.rise[2] * events.rise[0])
        products = np.vstack([old * old, 2.0 * old * new, new * new]) / events.accounts
        squares = self.gather(events.probability, products, row, rows)
        own = (
            squares[0] @ self.relative**2
            + squares[1] @ (self.relative * self.slope)
            + squares[2] @ self.slope**2
        )
        variance = np.maximum(second - own, 0.0)
        kept = np.divide(variance, second, out=np.zeros_like(second), where=second > 0)
        third = third * kept * (2.0 * kept - 1.0)
        return _Moments(mean=first, variance=variance, third=third)

    def gather_rise(self, events: _Events, values: Floats, row: Ints, rows: int) -> Floats:
        """Return sums like :meth:`gather`, spread from the old to the new probability (Simpson)."""
        middle = (events.probability + events.riskier) / 2.0
        ends = ((events.probability, 1.0), (middle, 4.0), (events.riskier, 1.0))
        found = [self.gather(at, weight / 6.0 * values, row, rows) for at, weight in ends]
        return found[0] + found[1] + found[2]

    def node(self, factor: float) -> int:
        """Return the index of the node nearest to a value of the factor."""
        return int(np.abs(self.nodes - factor).argmin())


_GRID_STEPS = 4
"""Points of the grid for each doubling of the odds."""
_FARTHEST = 5.6
"""The factor's nodes reach from minus to plus this many standard deviations."""


_VERY_GOOD_YEAR, _GOOD_YEAR, _BAD_YEAR, _VERY_BAD_YEAR = 3.0, 2.0, -2.0, -4.0
"""Values of the factor at which a method is chosen."""


def _nodes(correlation: float) -> Floats:
    """Return evenly spaced values of the factor, denser the more it moves."""
    sensitivity = np.sqrt(correlation / (1.0 - correlation) / (0.04 / 0.96))
    half = int(np.clip(64 * sensitivity, 64, 256))
    return np.linspace(-_FARTHEST, _FARTHEST, 2 * half + 1)


def _log_odds(probability: Floats) -> Floats:
    """Return the logarithm to base 2 of the odds of default, within what makes a difference."""
    inside = np.clip(probability, 1e-15, 1.0 - 1e-9)
    odds: Floats = np.log2(inside / (1.0 - inside))
    return odds


def _grid_ends(pools: Pools) -> tuple[int, int]:
    events = _Events.of_baseline(pools.baseline)
    raised = _Events.of_increment(pools.raised, np.ones_like(pools.raised.accounts))
    used = np.concatenate([events.probability, raised.probability, raised.riskier])
    if not used.size:
        return 0, 0
    steps = np.floor(_log_odds(used) * _GRID_STEPS)
    return int(steps.min()), int(steps.max())


def _count_range(events: _Events, model: _Model) -> Range:
    open_, certain = events.uncertain()
    found = model.moments(open_, np.zeros(len(open_.accounts), dtype=np.int64), 1)
    low, high = _count_quantiles(found, model)
    return Range(round(certain) + float(low[0]), round(certain) + float(high[0]))


_COUNTED = 60
"""Up to so many defaults, their distribution is added up one by one."""


def _count_quantiles(given: _Moments, model: _Model) -> tuple[Floats, Floats]:
    """Return the central 95 % of counts, whole numbers, shape (sums,)."""
    few = given.mean[:, model.node(_VERY_GOOD_YEAR)] < 2.0 * _COUNTED
    below = _binomial_distribution(given.where(few), model)
    found = []
    for level in CENTRAL:
        counted = np.full(len(few), _COUNTED + 1.0)
        counted[few] = (below < level).sum(axis=1)
        many = counted > _COUNTED
        if many.any():
            # A count is at most k where the normal variable is below k + 1/2.
            counted[many] = np.ceil(_normal_quantile(level, given.where(many), model) - 0.5)
        found.append(counted)
    return found[0], found[1]


def _binomial_distribution(given: _Moments, model: _Model) -> Floats:
    """Return the probabilities of at most 0, 1, ... ``_COUNTED`` defaults, shape (sums, counts).

    Given the factor, the count is binomial with this mean and variance (Panjer's recursion).
    """
    mean = given.mean
    chance = 1.0 - np.divide(given.variance, mean, out=np.ones_like(mean), where=mean > 0)
    chance = np.clip(chance, 1e-12, 0.98)
    odds = chance / (1.0 - chance)
    slope = mean / (1.0 - chance) + odds
    probability = np.exp(mean * np.log1p(-chance) / chance)
    sums = [probability @ model.weights]
    for count in range(1, _COUNTED + 1):
        probability = probability * np.maximum(slope / count - odds, 0.0)
        sums.append(probability @ model.weights)
    return np.cumsum(np.stack(sums, axis=1), axis=1)


def _normal_quantile(level: float, given: _Moments, model: _Model) -> Floats:
    """Return the quantile of sums that are about normal given the factor, shape (sums,).

    Every node stands for the part of the factor around it: the variance of the mean inside that
    part is added to its own. Skewness by the first term of Edgeworth; solved by Newton's method
    inside a shrinking bracket.
    """
    step = np.gradient(given.mean, axis=1)
    deviation = np.sqrt(given.variance + step**2 / 12.0) + 1e-300
    skewness = given.third / deviation**3 / 6.0
    low = (given.mean - 10.0 * deviation).min(axis=1)
    high = (given.mean + 10.0 * deviation).max(axis=1)
    at = given.mean[:, model.node(-ndtri(level))]
    for _ in range(60):
        off = np.clip((at[:, np.newaxis] - given.mean) / deviation, -12.0, 12.0)
        bell = np.exp(-(off**2) / 2.0) / np.sqrt(2.0 * np.pi)
        below = (ndtr(off) - bell * skewness * (off**2 - 1.0)) @ model.weights - level
        density = (bell * (1.0 + skewness * (off**3 - 3.0 * off)) / deviation) @ model.weights
        high, low = np.where(below > 0, at, high), np.where(below > 0, low, at)
        moved = at - np.divide(below, density, out=np.full_like(at, np.inf), where=density > 0)
        moved = np.where((moved >= low) & (moved <= high), moved, (low + high) / 2.0)
        if np.all(np.abs(moved - at) <= 1e-8 * (np.abs(at) + 1e-3)):
            break
        at = moved
    return np.asarray(moved, dtype=np.float64)


_MILD_SKEWNESS = 0.15
"""Up to this skewness in a good year, a loss given the factor is about normal."""


def _loss_range(events: _Events, model: _Model) -> Range:
    open_, certain = events.uncertain()
    if not open_.level[1].any() and not open_.rise[1].any():
        return Range(certain, certain)
    found = model.moments(open_, np.zeros(len(open_.accounts), dtype=np.int64), 1)
    year = model.node(_GOOD_YEAR)
    spread = found.variance[0, year]
    if spread > 0 and abs(found.third[0, year]) < _MILD_SKEWNESS * spread**1.5:
        low, high = (_normal_quantile(level, found, model)[0] for level in CENTRAL)
    else:
        low, high = _Convolution.of(open_, found, model).quantiles()
    return Range(certain + float(low), certain + float(high))


_BINS = 4_096
_SINGLE, _FEW, _LIKELY = 16, 8, 0.02
"""Pools convolved one by one: how many, of how many accounts, from what chance of default on."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Convolution:
    """Few defaults that make up a loss, on even bins of loss.

    The transform of a pool's loss given the factor is (1 + e)^accounts, where e sums probability
    x (transform of the loss - 1). Its logarithm is taken to the second order in e, which small
    probabilities allow; the few pools where a default is likely are taken exactly. Each pool's
    losses are two, with the first three moments of its accounts' losses.
    """

    events: _Events
    model: _Model
    level: tuple[Floats, Floats]
    rise: tuple[Floats, Floats]
    width: float

    @classmethod
    def of(cls, events: _Events, found: _Moments, model: _Model) -> _Convolution:
        level, rise = _two_losses(events.level), _two_losses(events.rise)
        largest = np.maximum(level[0].max(axis=0), rise[0].max(axis=0))
        year = model.node(_VERY_BAD_YEAR)
        reach = found.mean[0, year] + 6.0 * np.sqrt(found.variance[0, year]) + largest.max()
        bound = min(float(reach), float(events.accounts @ largest))
        return cls(events=events, model=model, level=level, rise=rise, width=bound / (_BINS - 8))

    def quantiles(self) -> tuple[float, float]:
        """Return the central 95 % of the loss; an end may be an atom, such as no loss at all."""
        weights = self.model.weights[_EVERY]
        likely = self._likely()
        transform = self._transform_of_many(likely)
        for pool in likely:
            transform *= self._transform_of_one(int(pool))
        distribution = np.cumsum(np.fft.irfft(transform @ weights / weights.sum(), _BINS))
        low, high = (int(np.argmax(distribution >= level - 1e-9)) for level in CENTRAL)
        return low * self.width, high * self.width

    def _likely(self) -> Ints:
        events, model = self.events, self.model
        year = model.node(_BAD_YEAR)
        at, share = model.place(events.probability)
        chance = events.level[0] * _between(model.relative[:, year], at, share)
        chance = chance + events.rise[0] * _between(model.slope[:, year], at, share)
        chance = np.where(events.accounts <= _FEW, chance / events.accounts, 0.0)
        order = np.argsort(-chance, kind="stable")[:_SINGLE]
        return order[chance[order] >= _LIKELY]

    def _transform_of_many(self, left_out: Ints) -> npt.NDArray[np.complex128]:
        """Return the transform of all pools but some, shape (frequencies, nodes)."""
        model, events = self.model, self.events
        level, rise = events.level.copy(), events.rise.copy()
        level[:, left_out], rise[:, left_out] = 0.0, 0.0
        chance = level[0] + rise[0]
        square = np.divide(level[2] + rise[2], chance, out=np.zeros_like(chance), where=chance > 0)
        typical = np.stack([np.sqrt(square), 2.0 * np.sqrt(square)])
        second_order = np.outer([1.0, -0.5], chance**2 / events.accounts)
        middle = (events.probability + events.riskier) / 2.0
        relative, slope = model.relative[:, _EVERY], model.slope[:, _EVERY]
        losses, shares = self.level
        mass = self._histogram(events.probability, losses, level[0] * shares).T @ relative
        losses, shares = self.rise
        mass += self._histogram(middle, losses, rise[0] * shares).T @ slope
        mass += self._histogram(events.probability, typical, second_order).T @ relative**2
        exponent = np.fft.rfft(mass, axis=0)
        transform: npt.NDArray[np.complex128] = np.exp(exponent - exponent[0])
        return transform

    def _histogram(self, probability: Floats, losses: Floats, weights: Floats) -> sparse.csr_array:
        """Return the weights by grid point and bin; each pool and loss lies between two of each."""
        at, share = self.model.place(probability)
        values, rows, columns = [], [], []
        for loss, weight in zip(losses, weights, strict=True):
            bins, on = self._bin(loss)
            for row, row_share in ((at, 1.0 - share), (at + 1, share)):
                for column, column_share in ((bins, 1.0 - on), (bins + 1, on)):
                    values.append(weight * row_share * column_share)
                    rows.append(row)
                    columns.append(column)
        places = (np.concatenate(rows), np.concatenate(columns))
        shape = (len(self.model.probability), _BINS)
        return sparse.csr_array(sparse.coo_array((np.concatenate(values), places), shape=shape))

    def _transform_of_one(self, pool: int) -> npt.NDArray[np.complex128]:
        """Return the exact transform of one pool's loss, shape (frequencies, nodes)."""
        events, model = self.events, self.model
        accounts = events.accounts[pool]
        middle = (events.probability[pool] + events.riskier[pool]) / 2.0
        total = np.ones((_BINS // 2 + 1, len(model.nodes[_EVERY])), dtype=np.complex128)
        for probability, losses, chance, moved in (
            (events.probability[pool], self.level, events.level[0, pool], model.relative),
            (middle, self.rise, events.rise[0, pool], model.slope),
        ):
            at, share = model.place(probability)
            given = chance / accounts * _between(moved[:, _EVERY], at, share)
            bins, on = self._bin(losses[0][:, pool])
            mass = np.zeros(_BINS)
            np.add.at(mass, bins, losses[1][:, pool] * (1.0 - on))
            np.add.at(mass, bins + 1, losses[1][:, pool] * on)
            total += np.outer(np.fft.rfft(mass) - mass.sum(), given)
        return total ** int(accounts)

    def _bin(self, loss: Floats) -> tuple[Ints, Floats]:
        position = np.minimum(loss / self.width, _BINS - 2.0)
        below = position.astype(np.int64)
        return below, position - below


_EVERY = slice(None, None, 2)
"""The nodes of a convolution: few defaults spread a sum so much that every second will do."""


def _between(values: Floats, at: Ints, share: Floats) -> Floats:
    """Return values interpolated between a point of the grid (first axis) and the next."""
    found: Floats = values[at] * (1.0 - share) + values[at + 1] * share
    return found


def _two_losses(sums: Floats) -> tuple[Floats, Floats]:
    """Return two losses a pool and their shares, with the moments of ``sums``; shape (2, pools)."""
    weight = np.where(sums[0] > 0, sums[0], 1.0)
    mean, square, cube = sums[1:] / weight
    variance = square - mean**2
    spread = variance > 1e-9 * mean**2
    deviation = np.sqrt(np.where(spread, variance, 1.0))
    skewness = np.where(spread, (cube - 3.0 * mean * variance - mean**3) / deviation**3, 0.0)
    root = np.sqrt(skewness**2 + 4.0)
    off = np.stack([skewness - root, skewness + root]) / 2.0
    losses = np.maximum(mean + np.where(spread, deviation, 0.0) * off, 0.0)
    return losses, np.stack([off[1], -off[0]]) / root


def _arrays(rows: Columns, kind: type[BaselinePools | RaisedPools]) -> dict[str, Any]:
    """Return the pools of a statement in the order of their keys, money in currency units."""
    order = np.lexsort([rows[name] for name in reversed(KEYS)])
    found: dict[str, Any] = {}
    for name in (item.name for item in fields(kind)):
        if name in KEYS:
            found[name] = rows[name][order]
        elif name.startswith("loss"):
            powers = [rows[f"{name}_{power}"] / float(MINOR_UNITS) ** power for power in POWERS]
            found[name] = np.stack(powers)[:, order]
        else:
            found[name] = rows[name][order].astype(np.float64)
    return found


def _of(pools: RaisedPools, which: npt.NDArray[np.bool_]) -> RaisedPools:
    values = {item.name: getattr(pools, item.name)[..., which] for item in fields(pools)}
    return RaisedPools(**values)


def _without(pools: BaselinePools, raised: RaisedPools) -> BaselinePools:
    """Return the accounts that are not raised; whoever is raised is in the pool of the same key."""
    keys = np.stack([pools.score, pools.odds_step, pools.loss_step])
    gone = np.stack([raised.score, raised.odds_step, raised.loss_step])
    _, code = np.unique(np.hstack([keys, gone]), axis=1, return_inverse=True)
    code = code.ravel()
    place = np.empty(code.max(initial=0) + 1, dtype=np.int64)
    place[code[: keys.shape[1]]] = np.arange(keys.shape[1])
    at = place[code[keys.shape[1] :]]
    accounts, defaults, loss = pools.accounts.copy(), pools.defaults.copy(), pools.loss.copy()
    accounts[at] -= raised.accounts
    defaults[at] -= raised.defaults
    loss[:, at] -= raised.loss
    left = accounts > 0.5
    return BaselinePools(
        score=pools.score[left],
        odds_step=pools.odds_step[left],
        loss_step=pools.loss_step[left],
        accounts=accounts[left],
        defaults=np.clip(defaults[left], 0.0, accounts[left]),
        loss=np.maximum(loss[:, left], 0.0),
    )


def _take_up(score: Ints, assumptions: Assumptions) -> Floats:
    """Return the share of the raised accounts of each score that take the raise."""
    if assumptions.consent_mode == "automatic":
        return np.ones(len(score))
    band = np.searchsorted(assumptions.band_edges, score, side="right") - 1
    return np.asarray(assumptions.take_up)[np.maximum(band, 0)]


def _sums(name: str, weight: sa.ColumnElement[float], loss: sa.ColumnElement[float]) -> Sums:
    """Return the sums of a weight times the powers of a loss, by name."""
    found: Sums = {}
    value = weight
    for power in POWERS:
        value = value * loss
        found[f"{name}_{power}"] = sa.func.sum(value, type_=sa.Double())
    return found


def _keyed(losses: sa.CTE, portfolio: Portfolio) -> sa.CTE:
    """Return the accounts with the key of their pool."""
    p, loss = losses.c.p, losses.c.loss
    odds_step = sa.case((p < 1, _steps(p / (1.0 - p), _ODDS_STEPS)), else_=_CERTAIN)
    loss_step: sa.ColumnElement[int] = sa.literal(0, sa.Integer())
    if portfolio.accounts <= _SMALL:
        loss_step = sa.case((loss > 0, _steps(loss, _LOSS_STEPS)), else_=-_CERTAIN)
    keys = (odds_step.label("odds_step"), loss_step.label("loss_step"))
    return sa.select(*losses.c, *keys).cte("keyed")


def _steps(value: sa.ColumnElement[Any], per_doubling: int) -> sa.ColumnElement[int]:
    steps: sa.ColumnElement[float] = sa.func.floor(
        ln(value) * (per_doubling / formulas.LN_2), type_=sa.Double()
    )
    return sa.cast(steps, sa.Integer())


def _by_pool(accounts: sa.CTE, sums: Sums) -> sa.Select[Any]:
    keys = [accounts.c[name] for name in KEYS]
    return sa.select(
        *keys,
        sa.func.count(type_=sa.BigInteger()).label("accounts"),
        sa.func.sum(accounts.c.p, type_=sa.Double()).label("defaults"),
        *(value.label(name) for name, value in sums.items()),
    ).group_by(*keys)
