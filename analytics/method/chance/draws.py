"""Pools as draws: each account's losses, and the chance of each given the factor."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.declared.arrays import Floats
from analytics.method.chance.groups import Group
from analytics.method.chance.model import FactorModel
from analytics.method.factor import conditional_probability


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draws:
    """Pools whose accounts each lose one of four amounts, or nothing.

    Two of the four stand for defaults that come anyway, two for those that a raise brings.

    Parameters
    ----------
    accounts : shape (pools,)
    losses : shape (4, pools)
    chances : shape (4, pools, nodes), each account's given the factor; together at most 1
    """

    accounts: Floats
    losses: Floats
    chances: Floats

    @classmethod
    def of(cls, group: Group, model: FactorModel) -> Draws:
        """Return the draws of every pool; its chances are exact, not taken from the grid."""
        events, level, rise = group.events, group.level, group.rise
        before, after = (
            conditional_probability(of[:, np.newaxis], model.nodes, model.correlation)
            for of in (events.probability, events.riskier)
        )
        parts = (
            (level, events.level[0], events.probability, before),
            (rise, events.rise[0], events.riskier - events.probability, after - before),
        )
        chances = [
            losses.share[:, :, np.newaxis]
            * np.minimum(_divided(sums, events.accounts * own), 1.0)[:, np.newaxis]
            * np.maximum(given, 0.0)
            for losses, sums, own, given in parts
        ]
        return cls(
            accounts=events.accounts,
            losses=np.concatenate([level.amount, rise.amount]),
            chances=np.concatenate(chances),
        )

    def at(self, nodes: slice) -> Draws:
        """Return the draws at some of the nodes."""
        return replace(self, chances=self.chances[..., nodes])


def _divided(value: Floats, by: Floats) -> Floats:
    found: Floats = np.divide(value, by, out=np.zeros_like(value), where=by > 0)
    return found
