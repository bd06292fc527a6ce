"""What may happen: accounts that may default, pooled, and what each default would cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.declared.arrays import Flags, Floats, Ints


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

    def only(self, which: Flags | Ints) -> Events:
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
