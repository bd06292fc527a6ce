"""Which accounts of a sum are taken one by one, and which by their moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.declared.arrays import Flags, Floats
from analytics.method.chance.events import Events, Losses
from analytics.method.chance.model import FactorModel, Moments, typical_loss

_SMALL, _INVISIBLE = 20.0, 50.0
"""How many times its loss the deviation of the sum given a good year, or that of its mean over the
years, has to be for an account to be one of the crowd."""
_BLURRED, _FLAT, _FLATTER = 2.0, 0.05, 0.002
"""How many deviations of the core of the crowd a loss may have that it blurs; what those may add to
the fourth cumulant of the sum, which a moved gamma does not have from them; and what any may."""
_FEW = 128
"""Accounts few enough to be taken one by one all of them."""
_GOOD_YEAR, _YEARS = 2.0, (0.0, -2.5)
"""The factor by which the crowd is told, and those by which the likely are."""
_LARGE, _UNLIKELY = 0.2, 0.02
"""The part of the sum's deviation from which on a loss is large, and the chance of default up to
which that does not matter."""
_EVEN = 0.4
"""The chance of default from which on two terms will not do."""
_SKEWED = 0.02
"""The skewness that the third term of all the rare may come to."""
_SINGLE = 512
"""Pools taken exactly, at most."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """Pools with the two losses of their level and of their rise."""

    events: Events
    level: Losses
    rise: Losses

    @classmethod
    def of(cls, events: Events) -> Group:
        """Return all pools of some events."""
        level, rise = events.two_losses()
        return cls(events=events, level=level, rise=rise)

    @property
    def largest(self) -> Floats:
        """The largest loss of an account in each pool."""
        found: Floats = np.maximum(self.level.largest, self.rise.largest)
        return found

    @property
    def pools(self) -> int:
        """How many pools there are."""
        return len(self.events.accounts)

    def only(self, which: Flags) -> Group:
        """Return some of the pools."""
        return Group(
            events=self.events.only(which),
            level=self.level.only(which),
            rise=self.rise.only(which),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """The three groups of a sum's pools, each with its own way to its transform."""

    likely: Group
    rare: Group
    crowd: Group

    @classmethod
    def of(cls, every: Group, total: Moments, model: FactorModel) -> Groups:
        """Return the groups: whoever may change the shape of the sum is taken exactly.

        The crowd's losses are small against the spread of their sum: its skewness, and how far it
        is from normal, is at most the largest loss over the deviation (Lyapunov, Berry and
        Esseen). Of all others the logarithm of the transform is taken to the second order, as long
        as the third adds next to nothing to the skewness of the sum.

        Parameters
        ----------
        total : moments of the sum over all of them
        """
        crowd = _crowd(every, model)
        likely = ~crowd
        if every.events.accounts.sum() > _FEW:
            likely &= _likely(every, total, model)
        return cls(
            likely=every.only(likely),
            rare=every.only(~crowd & ~likely),
            crowd=every.only(crowd),
        )

    def single_losses(self) -> tuple[Floats, Floats]:
        """Return the losses of all but the crowd, and how many defaults each stands for."""
        amounts, weights = [], []
        for group in (self.likely, self.rare):
            for losses, sums in (
                (group.level, group.events.level),
                (group.rise, group.events.rise),
            ):
                amounts.append(losses.amount.ravel())
                weights.append((losses.share * sums[0]).ravel())
        return np.concatenate(amounts), np.concatenate(weights)

    def single_most(self) -> float:
        """Return what all but the crowd lose at most."""
        groups = (self.likely, self.rare)
        return float(sum(group.events.accounts @ group.largest for group in groups))


def _crowd(every: Group, model: FactorModel) -> Flags:
    """Return which pools are small against the spread of all that are no larger.

    These are the core of the crowd. Larger losses that the core blurs join it, as long as they are
    a small part of the shape of the whole sum; and so do losses that are next to no part of it.
    """
    order, events = np.argsort(every.largest, kind="stable"), every.events
    largest = every.largest[order]
    level, rise = model.at_node(events, model.node(_GOOD_YEAR))
    fourth = level[3] * every.level.largest + rise[3] * every.rise.largest
    variance, fourth = (
        np.cumsum(values[order]) for values in (_variance(events, level, rise), fourth)
    )
    worse, better = (
        np.cumsum(model.means_at(events, model.node(year))[order]) for year in (-1.0, 1.0)
    )
    years = (worse - better) / 2.0
    enough = np.maximum(np.sqrt(variance) / _SMALL, years / _INVISIBLE)
    found = np.zeros(len(order), dtype=np.bool_)
    small = np.flatnonzero(largest <= enough)
    if len(small):
        core = small[-1]
        spread = variance[-1] + (years[-1] / 2.0) ** 2
        added = (fourth - fourth[core]) / spread**2
        blurred = (largest <= _BLURRED * np.sqrt(variance[core])) & (added <= _FLAT)
        blurred |= added <= _FLATTER
        found[order[: max(core, np.flatnonzero(blurred).max(initial=0)) + 1]] = True
    return found


def _likely(every: Group, total: Moments, model: FactorModel) -> Flags:
    """Return which pools need more than two terms: large losses, and the most likely defaults.

    Both are held against the deviation of the sum given a year, and half of what its mean moves by
    from year to year, which blurs it.
    """
    events = every.events
    found = np.zeros(every.pools, dtype=np.bool_)
    third = np.zeros(every.pools)
    for year in _YEARS:
        node = model.node(year)
        parts = model.at_node(events, node)
        years = float(total.mean[0, node - 1] - total.mean[0, node + 1]) / 2.0 / model.step
        variance = float(total.variance[0, node])
        least = _LARGE * np.sqrt(variance + (years / 2.0) ** 2)
        large = np.zeros(every.pools, dtype=np.bool_)
        for sums, losses in zip(parts, (every.level, every.rise), strict=True):
            large |= (losses.largest > least) & (sums[0] > _UNLIKELY * events.accounts)
        if large.any():
            variance -= float(_variance(events, *parts)[large].sum())
        deviation = max(np.sqrt(max(variance, 0.0) + (years / 2.0) ** 2), 1e-6 * least, 1e-150)
        mean = typical_mean(*parts) / events.accounts
        own = 2.0 * events.accounts * np.minimum(mean / deviation, 1.0) ** 3
        own[parts[0][0] + parts[1][0] > _EVEN * events.accounts] = 1.0
        third = np.maximum(third, own)
        found |= large
    third[found] = 0.0
    if third.sum() > _SKEWED:
        order = np.argsort(third, kind="stable")
        found[order[np.cumsum(third[order]) > _SKEWED]] = True
    if np.count_nonzero(found) > _SINGLE:
        at = np.flatnonzero(found)
        found[at[np.argsort(-every.largest[at], kind="stable")[_SINGLE:]]] = False
    return found


def mean_and_variance(events: Events, model: FactorModel, factor: float) -> tuple[Floats, Floats]:
    """Return the mean and the variance of each pool's sum given the factor."""
    level, rise = model.at_node(events, model.node(factor))
    return level[1] + rise[1], _variance(events, level, rise)


def _variance(events: Events, level: Floats, rise: Floats) -> Floats:
    """Return the variance of each pool's sum at a node, from the sums of its events there."""
    own = typical_mean(level, rise) ** 2 / events.accounts
    found: Floats = np.maximum(level[2] + rise[2] - own, 0.0)
    return found


def typical_mean(level: Floats, rise: Floats) -> Floats:
    """Return the sum of the accounts' means in each pool, by their typical losses."""
    found: Floats = level[0] * typical_loss(level, 2) + rise[0] * typical_loss(rise, 2)
    return found
