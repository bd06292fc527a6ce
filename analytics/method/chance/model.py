"""The factor at its nodes, and the moments of sums over pools given each of its values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from analytics.declared.arrays import Flags, Floats, Ints
from analytics.method.chance.events import Events
from analytics.method.factor import conditional_probability

_GRID_STEPS = 4
"""Points of the grid for each doubling of the odds."""
_FARTHEST = 5.6
"""The factor's nodes reach from minus to plus this many standard deviations."""
VERY_GOOD_YEAR = 3.0
"""The factor at which the way to a count is chosen."""


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

    def thinned(self, stride: int) -> Moments:
        """Return the moments at the nodes of :meth:`FactorModel.thinned`."""
        every = _every(self.mean.shape[1], stride)
        mean, variance, third = (values[:, every] for values in self._arrays())
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
        """Return the model over default probabilities with an asset correlation (0 to 0.8)."""
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

    @property
    def step(self) -> float:
        """How far one node is from the next."""
        return float(self.nodes[1] - self.nodes[0])

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
        own = _own(events)
        at_level = self.gather(
            events.probability, np.concatenate([events.level[1:], *own]), row, rows
        )
        rise = self.gather_rise(events, events.rise[1:], row, rows)
        up, down = self.relative, self.slope
        first, second, third = at_level[:3] @ up + rise @ down
        pairs = (up * up, up * down, down * down)
        threes = (pairs[0] * up, pairs[0] * down, up * pairs[2], down * pairs[2])
        squares = _mixed(at_level[3:6], pairs)
        triples = _mixed(at_level[6:9], pairs)
        cubes = _mixed(at_level[9:], threes)
        return Moments(
            mean=first,
            variance=np.maximum(second - squares, 0.0),
            third=third - 3.0 * triples + 2.0 * cubes,
        )

    def gather_rise(self, events: Events, values: Floats, row: Ints, rows: int) -> Floats:
        """Return sums like :meth:`gather`, spread from the old to the new probability (Simpson)."""
        middle = (events.probability + events.riskier) / 2.0
        ends = ((events.probability, 1.0), (middle, 4.0), (events.riskier, 1.0))
        found = [self.gather(at, weight / 6.0 * values, row, rows) for at, weight in ends]
        return found[0] + found[1] + found[2]

    def at_node(self, events: Events, node: int) -> tuple[Floats, Floats]:
        """Return each pool's sums of level and rise at a node, shape (4, pools)."""
        at, share = self.place(events.probability)
        level, rise = (
            values[at, node] * (1.0 - share) + values[at + 1, node] * share
            for values in (self.relative, self.slope)
        )
        return events.level * level, events.rise * rise

    def means_at(self, events: Events, node: int) -> Floats:
        """Return each pool's mean at a node."""
        at, share = self.place(events.probability)
        found: Floats = np.zeros(len(share))
        for values, sums in ((self.relative, events.level), (self.slope, events.rise)):
            found += sums[1] * (values[at, node] * (1.0 - share) + values[at + 1, node] * share)
        return found

    def thinned(self, stride: int) -> FactorModel:
        """Return the model at every so many nodes only, the middle one among them."""
        every = _every(len(self.nodes), stride)
        weights = self.weights[every]
        return replace(
            self,
            nodes=self.nodes[every],
            weights=weights / weights.sum(),
            relative=self.relative[:, every],
            slope=self.slope[:, every],
        )

    def node(self, factor: float) -> int:
        """Return the index of the node nearest to a value of the factor."""
        return int(np.abs(self.nodes - factor).argmin())


def _every(nodes: int, stride: int) -> slice:
    """Return every so many nodes, the middle one among them."""
    return slice((nodes // 2) % stride, None, stride)


def _nodes(correlation: float) -> Floats:
    """Return evenly spaced values of the factor, denser the more it moves."""
    sensitivity = np.sqrt(correlation / (1.0 - correlation) / (0.04 / 0.96))
    half = int(np.clip(64 * sensitivity, 64, 256))
    return np.linspace(-_FARTHEST, _FARTHEST, 2 * half + 1)


def _own(events: Events) -> tuple[Floats, Floats, Floats]:
    """Return sums over each pool of its accounts' mean^2, mean x mean square, and mean^3.

    An account has two losses that exclude each other: with chances a and b and losses l and r its
    mean is a l + b r and its mean square a l^2 + b r^2. What comes back are the coefficients of
    a^2, a b, b^2 (shape (3, pools)) in the first and second, of a^3, a^2 b, a b^2, b^3 (shape (4,
    pools)) in the third. Losses are typical of their pool, by their mean square or mean cube.
    """
    old, new = events.level[0], events.rise[0]
    mean = [old * typical_loss(events.level, 2), new * typical_loss(events.rise, 2)]
    squares = _product(mean, mean)
    loss, extra = typical_loss(events.level, 3), typical_loss(events.rise, 3)
    mean = [old * loss, new * extra]
    triples = _product(mean, [mean[0] * loss, mean[1] * extra])
    cubes = _product(mean, _product(mean, mean))
    accounts = events.accounts
    return (
        np.stack(squares) / accounts,
        np.stack(triples) / accounts,
        np.stack(cubes) / accounts**2,
    )


def typical_loss(sums: Floats, power: int) -> Floats:
    """Return each pool's typical loss, from the sums of its events.

    It is the root of its mean square (``power`` 2) or the cube root of its mean cube (3).
    """
    found = np.divide(sums[power], sums[0], out=np.zeros_like(sums[0]), where=sums[0] > 0)
    np.maximum(found, 0.0, out=found)
    typical: Floats = np.sqrt(found) if power == 2 else np.cbrt(found)
    return typical


def _product(one: Sequence[Floats], other: Sequence[Floats]) -> list[Floats]:
    """Return the coefficients of the product of two polynomials."""
    found = [np.zeros_like(one[0]) for _ in range(len(one) + len(other) - 1)]
    for first, left in enumerate(one):
        for second, right in enumerate(other):
            found[first + second] = found[first + second] + left * right
    return found


def _mixed(sums: Floats, moved: Sequence[Floats]) -> Floats:
    """Return sums over the grid of each product, moved with the factor: shape (rows, nodes)."""
    found: Floats = sum((one @ by for one, by in zip(sums, moved, strict=True)), start=np.zeros(()))
    return found


def _log_odds(probability: Floats) -> Floats:
    """Return the logarithm to base 2 of the odds of default, within what makes a difference."""
    inside = np.clip(probability, 1e-15, 1.0 - 1e-9)
    odds: Floats = np.log2(inside / (1.0 - inside))
    return odds
