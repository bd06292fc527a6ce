"""What a sum may come to: values, and the probability of each."""

from __future__ import annotations

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

    def within(self, certain: float, most: float) -> Self:
        """Return the sum of this, at least 0 and at most so much, and something certain."""
        return replace(self, values=certain + np.clip(self.values, 0.0, most))

    def smoothed(self) -> Curve:
        """Return the distribution with every value spread over its width."""
        half = self.width / 2.0
        values = np.concatenate([self.values[:1] - half, self.values + half])
        return Curve(values=values, at_most=np.concatenate([[0.0], self.at_most]))

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
