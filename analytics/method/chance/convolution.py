"""Few defaults that make up a sum: the distributions of pools, convolved by Fourier transform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analytics.declared.arrays import Complexes, Floats, Ints
from analytics.method.chance.events import Events
from analytics.method.chance.model import BAD_YEAR, CENTRAL, EXTREME_YEAR, FactorModel, Moments
from analytics.method.factor import conditional_probability

HANDFUL, _TWO_TERMS = 64, 0.3
"""Accounts few enough to be taken one by one; the chance up to which two terms stand for the
logarithm of a pool's transform."""
_BINS = 4_096
_SINGLE, _LIKELY = 16, 0.02
"""Pools taken exactly, if they hold more than a handful of accounts, and the chance of default in
a bad year from which on they are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Convolution:
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
    ) -> Convolution:
        """Return the convolution on bins of one default, or as wide as the loss needs."""
        level, rise = _two_losses(events.level), _two_losses(events.rise)
        largest = np.maximum(level[0].max(axis=0), rise[0].max(axis=0))
        years = np.abs(model.nodes) <= EXTREME_YEAR
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
            bins=4 * HANDFUL if counts else _BINS,
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

    def _transform_of_many(self) -> Complexes:
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
        transform: Complexes = np.exp(exponent - exponent[0])
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

    def _transform_of_one(self, pool: int) -> Complexes:
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
    year = model.node(BAD_YEAR)
    at, share = model.place(events.probability)
    chance = events.level[0] * _between(model.relative[:, year], at, share)
    chance = (chance + events.rise[0] * _between(model.slope[:, year], at, share)) / events.accounts
    likely = np.flatnonzero(chance >= _LIKELY)
    if events.accounts[likely].sum() > HANDFUL:
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
