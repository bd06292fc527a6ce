"""The factor at its nodes, and the moments of sums over pools given each of its values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from analytics.declared.arrays import Flags, Floats, Ints
from analytics.method.chance.events import Events
from analytics.method.factor import conditional_probability

CENTRAL = (0.025, 0.975)
"""The central 95 %: what a sum stays below with these probabilities."""
_GRID_STEPS = 4
"""Points of the grid for each doubling of the odds."""
_FARTHEST = 5.6
"""The factor's nodes reach from minus to plus this many standard deviations."""
EXTREME_YEAR, VERY_GOOD_YEAR, GOOD_YEAR, BAD_YEAR = 4.0, 3.0, 2.0, -2.0
"""Values of the factor at which a method is chosen."""


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
