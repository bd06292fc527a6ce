"""A few accounts: every outcome, one by one."""

from __future__ import annotations

import numpy as np

from analytics.declared.arrays import Floats
from analytics.method.chance.draws import Draws

FEW, OUTCOMES = 64, 4_096
"""Accounts and different sums up to which all are listed: twelve accounts, or 64 alike."""
_SAME = 2.0**-40
"""Sums that differ by less than this share of the largest are one."""


def every_outcome(draws: Draws, most: int = OUTCOMES) -> tuple[Floats, Floats] | None:
    """Return all sums that there are, and the chance of each given the factor.

    Given the factor an account's outcome is independent of all others'; outcomes with the same
    sum are added up.

    Returns
    -------
    sums : ascending, shape (sums,)
    chances : shape (sums, nodes)
        Or None for both, where there are more than ``most`` sums.
    """
    finest = max(float(draws.losses.max(axis=0) @ draws.accounts), 1e-300) * _SAME
    sums, chance = np.zeros(1), np.ones((1, draws.chances.shape[-1]))
    for pool in np.argsort(-draws.accounts, kind="stable"):
        happens = draws.chances[:, pool].any(axis=1)
        losses = np.append(draws.losses[happens, pool], 0.0)
        given = draws.chances[happens, pool]
        given = np.vstack([given, 1.0 - given.sum(axis=0)])
        for _ in range(round(draws.accounts[pool])):
            every = np.add.outer(losses, sums).ravel()
            each = (given[:, np.newaxis] * chance).reshape(len(every), -1)
            rounded = np.round(every / finest)
            order = np.argsort(rounded, kind="stable")
            first = np.flatnonzero(np.diff(rounded[order], prepend=-1.0))
            if len(first) > most:
                return None
            sums, chance = every[order[first]], np.add.reduceat(each[order], first, axis=0)
    return sums, chance
