"""What a sum may come to: values, and the probability of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from analytics.declared.arrays import Floats

CENTRAL = (0.025, 0.975)
"""The central 95 %: what a sum stays below with these probabilities."""
_ROUNDING = 1e-9
"""What a probability may be off by rounding."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Distribution:
    """Values that a sum may come to, ascending, and the probability of at most each of them.

    Parameters
    ----------
    values, at_most : shape (values,)
    width : what a value stands for, half of it on either side; 0 where it is a value alone
    """

    values: Floats
    at_most: Floats
    width: float = 0.0

    @classmethod
    def of(cls, values: Floats, chance: Floats, *, width: float = 0.0) -> Distribution:
        """Return the distribution over ascending values that have these chances."""
        at_most = np.maximum.accumulate(np.cumsum(chance))
        return cls(values=values, at_most=at_most / at_most[-1], width=width)

    @classmethod
    def sure(cls, value: float) -> Distribution:
        """Return what is the same in every year."""
        return cls(values=np.array([value]), at_most=np.ones(1))

    @staticmethod
    def mixed(parts: Sequence[Distribution], moved: Floats, shares: Floats) -> Distribution:
        """Return the mixture of distributions, each moved by something, with their shares.

        All are of one kind: values alone, or curves.
        """
        if len(parts) == 1:
            return replace(parts[0], values=parts[0].values + moved[0])
        values = [part.values + by for part, by in zip(parts, moved, strict=True)]
        if isinstance(parts[0], Curve):
            every = np.unique(np.concatenate(values))
            at_most = np.zeros(len(every))
            for part, by, share in zip(parts, moved, shares, strict=True):
                at_most += share * part.below(every - by)
            return Curve(values=every, at_most=at_most / at_most[-1])
        chances = [
            share * np.diff(part.at_most, prepend=0.0)
            for part, share in zip(parts, shares, strict=True)
        ]
        every, chance = np.concatenate(values), np.concatenate(chances)
        order = np.argsort(every, kind="stable")
        return Distribution.of(every[order], chance[order], width=parts[0].width)

    def within(self, certain: float, most: float) -> Self:
        """Return the sum of this, at least 0 and at most so much, and something certain."""
        return replace(self, values=certain + np.clip(self.values, 0.0, most))

    def smoothed(self) -> Curve:
        """Return the distribution with every value spread over its width.

        What is then at most x is the mean, over the width around x, of what was.
        """
        half = self.width / 2.0
        ends = np.unique(np.concatenate([self.values - half, self.values + half]))
        area = np.append(0.0, np.cumsum(self.at_most[:-1] * np.diff(self.values)))
        upper, lower = (self._area(ends + off, area) for off in (half, -half))
        at_most = np.maximum.accumulate((upper - lower) / self.width)
        return Curve(values=ends, at_most=at_most / at_most[-1])

    def quantile(self, level: float) -> float:
        """Return the least value that the sum is at most with this probability.

        It is one of the values: where the sum can only jump, the quantile is where it jumps to.
        """
        at = int(np.searchsorted(self.at_most, level - _ROUNDING))
        return float(self.values[min(at, len(self.values) - 1)])

    def central(self) -> tuple[float, float]:
        """Return the ends of the central 95 %; both belong to it."""
        low, high = (self.quantile(level) for level in CENTRAL)
        return low, high

    def below(self, at: Floats) -> Floats:
        """Return the probability of at most each of some values, in their shape."""
        if self.width == 0.0:
            reached = np.searchsorted(self.values, at, side="right")
            return np.concatenate([[0.0], self.at_most])[reached]
        return self.smoothed().below(at)

    def _area(self, at: Floats, area: Floats) -> Floats:
        """Return the area below the steps up to some values, given that up to each step."""
        beyond = np.maximum(at - self.values[-1], 0.0)
        found: Floats = np.interp(at, self.values, area) + beyond
        return found


class Curve(Distribution):
    """A sum that takes every value between those given, as a straight line between them."""

    __slots__ = ()

    def quantile(self, level: float) -> float:
        """Return the value that the sum is at most with this probability."""
        return float(np.interp(level, self.at_most, self.values))

    def below(self, at: Floats) -> Floats:
        """Return the probability of at most each of some values, in their shape."""
        found: Floats = np.interp(at, self.values, self.at_most, left=0.0, right=1.0)
        return found
