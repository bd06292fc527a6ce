"""What may happen: accounts that may default, pooled, and what each default would cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np

from analytics.declared.arrays import Flags, Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Events:
    """What may happen to pools of accounts, one entry a pool.

    An account has two losses that exclude each other: that of a default which comes with its
    first probability, and that of a default which only the rise of the probability brings.

    Parameters
    ----------
    accounts : how many the pool has
    probability : their mean default probability, above 0; at 1 the default is certain
    riskier : the same after a raise, not below it
    level : shape (4, pools); sums over accounts of probability x loss to the power 0, 1, 2, 3, of
        events whose chance moves with the factor as ``probability`` does
    rise : the same of events whose chance moves as the difference of ``riskier`` and it does
    most : sum over accounts of the larger of their two losses: no sum can be above it
    """

    accounts: Floats
    probability: Floats
    riskier: Floats
    level: Floats
    rise: Floats
    most: Floats

    @property
    def mean(self) -> float:
        """The sum's mean over all years."""
        return float(self.level[1].sum() + self.rise[1].sum())

    def counted(self) -> Events:
        """Return the events with a loss of 1 each: their sum counts them."""
        return replace(
            self,
            level=np.tile(self.level[0], (4, 1)),
            rise=np.tile(self.rise[0], (4, 1)),
            most=self.accounts,
        )

    def rises(self) -> Events:
        """Return only the events that the rise of the probability brings."""
        return replace(self, level=np.zeros_like(self.level))

    def and_those(self, other: Events) -> Events:
        """Return these events and those of other accounts."""
        return self._each(lambda one, more: np.concatenate([one, more], axis=-1), other)

    def only(self, which: Flags | Ints) -> Events:
        """Return the events of some pools."""
        return self._each(lambda values, _: values[..., which], self)

    def uncertain(self) -> tuple[Events, float]:
        """Return the events that chance decides, and the sum over the certain ones."""
        certain = self.probability >= 1.0
        return self.only(~certain), float(self.level[1, certain].sum())

    def two_losses(self) -> tuple[Losses, Losses]:
        """Return the two losses each pool's level and rise are drawn from."""
        return _two_losses(self.level), _two_losses(self.rise)

    def _each(self, make: Callable[[Floats, Floats], Floats], other: Events) -> Events:
        names = [item.name for item in fields(self)]
        return Events(**{name: make(getattr(self, name), getattr(other, name)) for name in names})


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """Two losses a pool and the share of its defaults that each stands for, shape (2, pools)."""

    amount: Floats
    share: Floats

    @property
    def largest(self) -> Floats:
        """The larger of a pool's losses that have a share, shape (pools,)."""
        found: Floats = (self.amount * (self.share > 0.0)).max(axis=0)
        return found

    def only(self, which: Flags) -> Losses:
        """Return the losses of some pools."""
        return Losses(self.amount[:, which], self.share[:, which])


def _two_losses(sums: Floats) -> Losses:
    """Return the two losses with the first three moments of a pool's (Gauss quadrature).

    Both lie between the least and the largest loss of the pool's accounts; where those agree, the
    second has no share.
    """
    weight = np.where(sums[0] > 0, sums[0], 1.0)
    mean, square, cube = sums[1:] / weight
    variance = square - mean**2
    spread = variance > 1e-9 * mean**2
    deviation = np.sqrt(np.where(spread, variance, 1.0))
    skewness = np.where(spread, (cube - 3.0 * mean * variance - mean**3) / deviation**3, 0.0)
    root = np.sqrt(skewness**2 + 4.0)
    off = np.stack([skewness - root, skewness + root]) / 2.0
    amount = np.maximum(mean + np.where(spread, deviation, 0.0) * off, 0.0)
    share = np.where(spread, np.stack([off[1], -off[0]]) / root, [[1.0], [0.0]])
    return Losses(amount, np.where(sums[0] > 0, share, 0.0))
