"""Losses far above all others: their sums are outcomes of their own, which the others add to.

On one lattice for all, one loss of a thousand times the rest would leave the rest a few bins.
"""

from __future__ import annotations

import numpy as np

from analytics.declared.arrays import Flags, Floats
from analytics.method.chance import exact
from analytics.method.chance.draws import Draws
from analytics.method.chance.few import every_outcome
from analytics.method.chance.groups import Group, mean_and_variance
from analytics.method.chance.lattice import FEW_BINS, Lattice
from analytics.method.chance.model import FactorModel

_FAR, _DEVIATIONS = 0.5, 8.0
"""A loss is far above all smaller ones when it is more than this part of what they come to in a bad
year, with so many deviations on top."""
_GAP = 1.5
"""How many times the next smaller loss it has to be."""
_BAD_YEAR = -2.5
"""The factor at which that is asked."""
_MOST, _LISTED = 64, 256
"""Pools of giants, at most, and sums of theirs that are listed one by one."""
_NEVER = 1e-10
"""The chance of a sum that does not matter."""


def giants(every: Group, model: FactorModel) -> Flags:
    """Return which pools are far above all others, if any are."""
    found, largest = np.zeros(every.pools, dtype=np.bool_), every.largest
    order = np.arange(every.pools)
    if every.pools > _MOST + 1:
        order = np.argpartition(-largest, _MOST + 1)[: _MOST + 1]
    order = order[np.argsort(-largest[order], kind="stable")]
    largest = largest[order]
    far = largest[:-1] > _GAP * largest[1:]
    if far.any():
        mean, variance = mean_and_variance(every.events, model, _BAD_YEAR)
        # Of the smaller ones, among the largest and beyond them.
        others = np.ones(every.pools, dtype=np.bool_)
        others[order] = False
        mean, variance = (
            np.cumsum(values[order][::-1])[::-1][1:] + values[others].sum()
            for values in (mean, variance)
        )
        rest = mean + _DEVIATIONS * np.sqrt(variance)
        far &= (largest[:-1] > _FAR * rest) & (rest > 0)
    last = np.flatnonzero(far)
    if len(last):
        found[order[: last[-1] + 1]] = True
    return found


def outcomes(group: Group, nodes: FactorModel) -> tuple[Floats, Floats]:
    """Return the sums that giants, if any, may come to, and the chances of each by node.

    Returns
    -------
    sums : shape (sums,)
    chances : shape (sums, nodes): the chance given the factor, times the node's weight
    """
    draws = Draws.of(group, nodes)
    listed = every_outcome(draws, _LISTED) or _on_a_lattice(group, draws)
    sums, chances = listed[0], listed[1] * nodes.weights
    seen = chances.sum(axis=1) > _NEVER
    return sums[seen], chances[seen]


def _on_a_lattice(group: Group, draws: Draws) -> tuple[Floats, Floats]:
    """Return the sums of many giants, on a lattice of their size."""
    amounts, chances = draws.losses.ravel(), draws.chances.sum(axis=2).ravel()
    most = float(group.events.accounts @ group.largest)
    lattice = Lattice.over(0.0, most, amounts, chances, bins=FEW_BINS, whole=False)
    transform, _ = exact.transform(draws, lattice, lattice.waves)
    return lattice.values, np.maximum(np.fft.irfft(transform, lattice.bins, axis=0), 0.0)
