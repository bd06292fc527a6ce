"""A few accounts: every outcome, one by one."""

from __future__ import annotations

import numpy as np

from analytics.declared.arrays import Floats
from analytics.method.chance.distribution import Distribution
from analytics.method.chance.draws import Draws

FEW, _OUTCOMES = 64, 4_096
"""Accounts and different sums up to which all are listed: twelve accounts, or 64 alike."""
_SAME = 2.0**-40
"""Sums that differ by less than this share of the largest are one."""


def every_outcome(draws: Draws, weights: Floats) -> Distribution | None:
    """Return the distribution over all sums that there are; None where they are too many.

    Given the factor an account's outcome is independent of all others'; outcomes with the same
    sum are added up.
    """
    finest = max(float(draws.losses.max(axis=0) @ draws.accounts), 1e-300) * _SAME
    sums, chance = np.zeros(1), np.ones((1, len(weights)))
    for pool in np.argsort(-draws.accounts, kind="stable"):
        happens = draws.chances[:, pool].any(axis=1)
        losses = np.append(draws.losses[happens, pool], 0.0)
        given = draws.chances[happens, pool]
        given = np.vstack([given, 1.0 - given.sum(axis=0)])
        for _ in range(round(draws.accounts[pool])):
            every = np.add.outer(losses, sums).ravel()
            each = (given[:, np.newaxis] * chance).reshape(len(every), -1)
            _, first, same = np.unique(
                np.round(every / finest), return_index=True, return_inverse=True
            )
            if len(first) > _OUTCOMES:
                return None
            sums, chance = every[first], np.zeros((len(first), len(weights)))
            np.add.at(chance, same, each)
    return Distribution.of(sums, chance @ weights)
