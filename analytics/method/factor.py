"""The one-factor model: how accounts default together, and what their sum may come to (METHOD 8).

The factor z is standard normal and common to all accounts; low is bad (Vasicek). Given z, accounts
default independently of each other. So the distribution of a sum over accounts is a mixture over
z, taken at evenly spaced nodes, of its distributions given z, which follow from pools of accounts:

* Counts of defaults: given z a binomial distribution with the sum's mean and variance, exact for
  accounts alike; from ``_COUNTED`` defaults on, a normal one corrected for skewness.
* Losses: given z a normal distribution corrected for skewness where many defaults make up the sum,
  else the convolution of the pools' own losses (by Fourier transform), with its atom at zero.

An account whose default is certain adds to a sum and not to its uncertainty.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import ndtr, ndtri

from analytics.declared.arrays import Flags, Floats, Ints, Numbers
from analytics.method.elementwise import Quantity, normal_cdf, normal_quantile, square_root

CENTRAL = (0.025, 0.975)
"""The central 95 %: what a sum stays below with these probabilities."""


def conditional_probability(
    default_probability: Quantity,
    factor: Quantity,
    correlation: Quantity,
    *,
    quantile: Quantity | None = None,
) -> Quantity:
    """Return the default probability given the factor (0 to 1); its mean over z is its own.

    Exactly 0 and 1 where the default probability is 0 and 1. Shapes broadcast.

    Parameters
    ----------
    default_probability : 0 to 1
    factor : standard normal, low is bad
    correlation : asset correlation, 0 to below 1 (not its root)
    quantile : ``normal_quantile(default_probability)``, where a statement computed it already
    """
    own = normal_quantile(default_probability) if quantile is None else quantile
    return normal_cdf((own - square_root(correlation) * factor) / square_root(1.0 - correlation))


def factor_of_year(years: Quantity) -> Quantity:
    """Return the factor of a bad year that comes once in so many years (20: G(0.05))."""
    return normal_quantile(1.0 / years)


def scaled_odds(default_probability: Quantity, multiplier: Quantity) -> Quantity:
    """Return the default probability when its odds are multiplied (0 to 1; 0 and 1 stay)."""
    return multiplier * default_probability / (1.0 + (multiplier - 1.0) * default_probability)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Events:
    """What may happen to pools of accounts, one entry a pool.

    Parameters
    ----------
    accounts : how many the pool has
    probability : their mean default probability, above 0; at 1 the default is certain
    riskier : the same after a raise, not below it
    level : shape (4, pools); sums over accounts of probability x loss to the power 0, 1, 2, 3, of
        events whose chance moves with the factor as ``probability`` does
    rise : the same of events whose chance moves as the difference of ``riskier`` and it does
    """

    accounts: Floats
    probability: Floats
    riskier: Floats
    level: Floats
    rise: Floats

    def counted(self) -> Events:
        """Return the events with a loss of 1 each: their sum counts them."""
        return self._with(np.tile(self.level[0], (4, 1)), np.tile(self.rise[0], (4, 1)))

    def rises(self) -> Events:
        """Return only the events that the rise of the probability brings."""
        return self._with(np.zeros_like(self.level), self.rise)

    def and_those(self, other: Events) -> Events:
        """Return these events and those of other accounts."""
        return Events(
            accounts=np.concatenate([self.accounts, other.accounts]),
            probability=np.concatenate([self.probability, other.probability]),
            riskier=np.concatenate([self.riskier, other.riskier]),
            level=np.hstack([self.level, other.level]),
            rise=np.hstack([self.rise, other.rise]),
        )

    def only(self, which: Numbers) -> Events:
        """Return the events of some pools."""
        return Events(
            accounts=self.accounts[which],
            probability=self.probability[which],
            riskier=self.riskier[which],
            level=self.level[:, which],
            rise=self.rise[:, which],
        )

    def uncertain(self) -> tuple[Events, float]:
        """Return the events that chance decides, and the sum over the certain ones."""
        certain = self.probability >= 1.0
        return self.only(~certain), float(self.level[1, certain].sum())

    def _with(self, level: Floats, rise: Floats) -> Events:
        return Events(
            accounts=self.accounts,
            probability=self.probability,
            riskier=self.riskier,
            level=level,
            rise=rise,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """Mean, variance and third cumulant of sums given the factor; shape (sums, nodes)."""

    mean: Floats
    variance: Floats
    third: Floats

    def where(self, which: Flags) -> Moments:
        """Return the moments of some of the sums."""
        mean, variance, third = (values[which] for values in self._arrays())
        return Moments(mean=mean, variance=variance, third=third)

    def from_the_top(self) -> Moments:
        """Return, for each of the sums, the moments of it and all after it together."""
        mean, variance, third = (
            np.flip(np.cumsum(np.flip(values, axis=0), axis=0), axis=0) for values in self._arrays()
        )
        return Moments(mean=mean, variance=variance, third=third)

    def _arrays(self) -> tuple[Floats, Floats, Floats]:
        return self.mean, self.variance, self.third


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FactorModel:
    """The factor at its nodes, and how a grid of default probabilities moves with it.

    ``relative`` is the probability given the factor per probability, ``slope`` its derivative;
    both have shape (grid, nodes) and mean 1 over the factor, so that means stay exact whatever
    the grid. Between two points of the grid, which is even in the logarithm of the odds, they
    are interpolated.
    """

    correlation: float
    nodes: Floats
    weights: Floats
    first_step: int
    probability: Floats
    relative: Floats
    slope: Floats

    @classmethod
    def over(cls, probabilities: Iterable[Floats], correlation: float) -> FactorModel:
        """Return the model over default probabilities with an asset correlation (0 to 0.99)."""
        used = _log_odds(np.concatenate([*probabilities, [0.01]])) * _GRID_STEPS
        low, high = int(np.floor(used.min())), int(np.floor(used.max()))
        nodes = _nodes(correlation)
        probability = 1.0 / (1.0 + 2.0 ** (-np.arange(low, high + 2) / _GRID_STEPS))
        column = probability[:, np.newaxis]
        quantile = ndtri(column)
        given = conditional_probability(column, nodes, correlation, quantile=quantile)
        moved = (quantile - np.sqrt(correlation) * nodes) / np.sqrt(1.0 - correlation)
        slope = np.exp((quantile**2 - moved**2) / 2.0) / np.sqrt(1.0 - correlation)
        weights = np.exp(-(nodes**2) / 2.0)
        return cls(
            correlation=correlation,
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

    def moments(self, events: Events, row: Ints | None = None, rows: int = 1) -> Moments:
        """Return the moments given the factor of the sums over all pools, or each row's."""
        if row is None:
            row = np.zeros(len(events.accounts), dtype=np.int64)
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
        return Moments(mean=first, variance=variance, third=third)

    def gather_rise(self, events: Events, values: Floats, row: Ints, rows: int) -> Floats:
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
_EXTREME_YEAR, _VERY_GOOD_YEAR, _GOOD_YEAR, _BAD_YEAR = 4.0, 3.0, 2.0, -2.0
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


_COUNTED = 60
"""Up to so many defaults, their distribution is added up one by one."""


def count_quantiles(events: Events, model: FactorModel) -> tuple[float, float]:
    """Return the central 95 % of the number of defaults: whole numbers, both ends included."""
    open_, certain = events.counted().uncertain()
    if 0 < open_.accounts.sum() <= _HANDFUL:
        found = model.moments(open_)
        low, high = _Convolution.of(open_, found, model, counts=True).quantiles()
    else:
        lows, highs = count_quantiles_of(
            model.moments(open_), open_.accounts.sum(keepdims=True), model
        )
        low, high = float(lows[0]), float(highs[0])
    return round(certain + low), round(certain + high)


def count_quantiles_of(
    given: Moments, accounts: Floats, model: FactorModel
) -> tuple[Floats, Floats]:
    """Return the central 95 % of many numbers of defaults, shape (sums,).

    Parameters
    ----------
    given : moments of the numbers given the factor
    accounts : shape (sums,); none of the numbers is above its own
    """
    few = given.mean[:, model.node(_VERY_GOOD_YEAR)] < 2.0 * _COUNTED
    below = count_distribution(given.where(few), model)
    found = []
    for level in CENTRAL:
        counted = np.full(len(few), _COUNTED + 1.0)
        counted[few] = (below < level).sum(axis=1)
        many = counted > _COUNTED
        if many.any():
            # A count is at most k where the normal variable is below k + 1/2.
            counted[many] = np.ceil(_normal_quantile(level, given.where(many), model) - 0.5)
        found.append(np.minimum(counted, accounts))
    return found[0], found[1]


def count_distribution(given: Moments, model: FactorModel) -> Floats:
    """Return the probabilities of at most 0, 1, ... 60 defaults, shape (sums, 61).

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


def _normal_quantile(level: float, given: Moments, model: FactorModel) -> Floats:
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
_HANDFUL, _CROWD, _TWO_TERMS = 64, 100, 0.3
"""Accounts few enough to be taken one by one, and many enough for a normal sum; the chance up to
which two terms stand for the logarithm of a pool's transform."""


def loss_quantiles(events: Events, model: FactorModel) -> tuple[float, float]:
    """Return the central 95 % of the loss, in the money of the events; both ends included."""
    open_, certain = events.uncertain()
    if not open_.level[1].any() and not open_.rise[1].any():
        return certain, certain
    given = model.moments(open_)
    year = model.node(_GOOD_YEAR)
    spread = float(given.variance[0, year])
    mild = spread > 0 and abs(given.third[0, year]) < _MILD_SKEWNESS * spread**1.5
    pieces = _Convolution.of(open_, given, model)
    if (mild and open_.accounts.sum() >= _CROWD) or not pieces.apt:
        most = pieces.most
        low, high = (
            min(max(float(_normal_quantile(level, given, model)[0]), 0.0), most)
            for level in CENTRAL
        )
    else:
        low, high = pieces.quantiles()
    return certain + low, certain + high


_BINS = 4_096
_SINGLE, _LIKELY = 16, 0.02
"""Pools taken exactly, if they hold more than a handful of accounts, and the chance of default in
a bad year from which on they are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Convolution:
    """Few defaults that make up a loss, on even bins of loss.

    The transform of a pool's loss given the factor is (1 + e)^accounts, where e sums probability
    x (transform of the loss - 1). Its logarithm is taken to the second order in e, which small
    probabilities allow; the few pools where a default is likely are taken exactly. Each pool's
    losses are two, with the first three moments of its accounts' losses.
    """

    events: Events
    model: FactorModel
    level: tuple[Floats, Floats]
    rise: tuple[Floats, Floats]
    most: float
    """What the loss is at most."""
    width: float
    bins: int
    single: Ints
    """The pools taken exactly."""
    apt: bool
    """Whether two terms will do for all others."""

    @classmethod
    def of(
        cls, events: Events, given: Moments, model: FactorModel, *, counts: bool = False
    ) -> _Convolution:
        """Return the convolution on bins of one default, or as wide as the loss needs."""
        level, rise = _two_losses(events.level), _two_losses(events.rise)
        largest = np.maximum(level[0].max(axis=0), rise[0].max(axis=0))
        years = np.abs(model.nodes) <= _EXTREME_YEAR
        reach = (given.mean + 6.0 * np.sqrt(given.variance))[0, years].max() + largest.max()
        most = float(events.accounts @ largest)
        single, apt = _apart(events, model)
        return cls(
            events=events,
            model=model,
            level=level,
            rise=rise,
            most=most,
            width=1.0 if counts else min(float(reach), most) / (_BINS - 8),
            bins=4 * _HANDFUL if counts else _BINS,
            single=single,
            apt=apt,
        )

    def quantiles(self) -> tuple[float, float]:
        """Return the central 95 % of the loss; an end may be an atom, such as no loss at all."""
        weights = self.model.weights[_EVERY]
        transform = self._transform_of_many()
        for pool in self.single:
            transform *= self._transform_of_one(int(pool))
        distribution = np.cumsum(np.fft.irfft(transform @ weights / weights.sum(), self.bins))
        low, high = (int(np.argmax(distribution >= level - 1e-9)) for level in CENTRAL)
        return low * self.width, high * self.width

    def _transform_of_many(self) -> npt.NDArray[np.complex128]:
        """Return the transform of all pools but the single ones, shape (frequencies, nodes)."""
        model, events = self.model, self.events
        level, rise = events.level.copy(), events.rise.copy()
        level[:, self.single], rise[:, self.single] = 0.0, 0.0
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
        shape = (len(self.model.probability), self.bins)
        return sparse.csr_array(sparse.coo_array((np.concatenate(values), places), shape=shape))

    def _transform_of_one(self, pool: int) -> npt.NDArray[np.complex128]:
        """Return the exact transform of one pool's loss, shape (frequencies, nodes)."""
        events, model = self.events, self.model
        accounts = events.accounts[pool]
        ends = events.probability[pool], events.riskier[pool]
        before, after = (
            conditional_probability(end, model.nodes[_EVERY], model.correlation) for end in ends
        )
        total = np.ones((self.bins // 2 + 1, len(before)), dtype=np.complex128)
        for losses, chance, given in (
            (self.level, events.level[0, pool] / ends[0], before),
            (self.rise, events.rise[0, pool] / max(ends[1] - ends[0], 1e-300), after - before),
        ):
            if chance == 0.0:
                continue
            below, share = self._bin(losses[0][:, pool])
            mass = np.zeros(self.bins)
            np.add.at(mass, below, losses[1][:, pool] * (1.0 - share))
            np.add.at(mass, below + 1, losses[1][:, pool] * share)
            total += np.outer(np.fft.rfft(mass) - mass.sum(), chance / accounts * given)
        return total ** int(accounts)

    def _bin(self, loss: Floats) -> tuple[Ints, Floats]:
        position = np.minimum(loss / self.width, self.bins - 2.0)
        below = position.astype(np.int64)
        return below, position - below


_EVERY = slice(None, None, 2)
"""The nodes of a convolution: few defaults spread a sum so much that every second will do."""


def _apart(events: Events, model: FactorModel) -> tuple[Ints, bool]:
    """Return the pools to be taken exactly, and whether two terms will do for all others."""
    year = model.node(_BAD_YEAR)
    at, share = model.place(events.probability)
    chance = events.level[0] * _between(model.relative[:, year], at, share)
    chance = (chance + events.rise[0] * _between(model.slope[:, year], at, share)) / events.accounts
    likely = np.flatnonzero(chance >= _LIKELY)
    if events.accounts[likely].sum() > _HANDFUL:
        likely = likely[np.argsort(-chance[likely], kind="stable")[:_SINGLE]]
    chance[likely] = 0.0
    return likely, bool(chance.max(initial=0.0) <= _TWO_TERMS)


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
