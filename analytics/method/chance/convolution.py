"""The sum of three groups of accounts: the product of their transforms, mixed over the factor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.declared.arrays import Complexes, Floats, Ints
from analytics.method.chance import exact
from analytics.method.chance.crowd import Crowd
from analytics.method.chance.distribution import Distribution
from analytics.method.chance.draws import Draws
from analytics.method.chance.groups import Groups
from analytics.method.chance.lattice import FEW_BINS, MANY_BINS, Lattice
from analytics.method.chance.model import FactorModel, Moments
from analytics.method.chance.rare import Rare

_TAIL, _FARTHEST_YEAR = 8.0, 5.0
"""Standard deviations given the factor that a lattice has room for, up to this factor."""
_UNSEEN = 1e-7
"""Parts of a transform that are too small to matter."""
_SMOOTH = 3.0
"""How many of its deviations the mean of a sum has to be above 0 to be smooth."""
_SCREENED = 16
"""Nodes by which waves are screened for those that matter."""
_TOGETHER = 40
"""Nodes up to which all take the same waves: less is saved than the parts cost."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Convolution:
    """Groups of accounts on a lattice, at the nodes of the factor.

    Parameters
    ----------
    draws : the accounts whose default is likely
    rare : the accounts whose default is rare
    crowd : the sum over the crowd
    """

    draws: Draws
    rare: Rare | None
    crowd: Crowd | None
    nodes: FactorModel
    lattice: Lattice

    @classmethod
    def of(
        cls,
        groups: Groups,
        total: Moments,
        many: Moments,
        model: FactorModel,
        *,
        stride: int,
        whole: bool,
    ) -> Convolution:
        """Return the convolution on a lattice that has room for the sum.

        Parameters
        ----------
        total, many : moments of the whole sum, and of the crowd's, at the nodes of ``model``
        stride : every so many of these nodes are enough
        """
        years = np.abs(model.nodes) <= _FARTHEST_YEAR
        amounts, chances = groups.single_losses()
        high = float((total.mean + _TAIL * np.sqrt(total.variance))[0, years].max())
        high += float(amounts[chances > 0].max(initial=0.0))
        low, crowded = 0.0, groups.crowd.pools > 0
        if crowded:
            # A crowd that loses next to nothing in a good year is blurred to below 0.
            low = float((many.mean - _TAIL * np.sqrt(many.variance))[0, years].min())
        else:
            high = min(high, groups.single_most())
        nodes = model.thinned(stride)
        bins = FEW_BINS if not crowded and _smooth(total, model) else MANY_BINS
        lattice = Lattice.over(low, high, amounts, chances, bins=bins, whole=whole)
        crowd = None
        if crowded:
            crowd = Crowd.of(many.thinned(stride), origin=lattice.origin, width=lattice.width)
        return cls(
            draws=Draws.of(groups.likely, nodes),
            rare=Rare.of(groups.rare, nodes, lattice) if groups.rare.pools else None,
            crowd=crowd,
            nodes=nodes,
            lattice=lattice,
        )

    def distributions(self, weights: Floats) -> list[Distribution]:
        """Return mixtures over the factor of the sum's distributions given it.

        Parameters
        ----------
        weights : shape (mixtures, nodes)
        """
        length = len(self.lattice.waves)
        chances = np.zeros((len(weights), length), dtype=np.complex128)
        tilted, last = None, 0
        for nodes, waves in self._seen():
            others = np.exp(self._exponent(waves, nodes))
            likely, weighed = exact.transform(self.draws.at(nodes), self.lattice, waves)
            by = weights[:, nodes]
            chances[:, waves] += by @ (others * likely).T
            if weighed is not None:
                tilted = np.zeros_like(chances) if tilted is None else tilted
                tilted[:, waves] += by @ (others * weighed).T
            last = max(last, int(waves[-1]))
        found = self._inverse(chances)
        above = None if tilted is None else self._inverse(tilted)
        # Without short waves the sum is smooth: it takes the values between the bins as well.
        smooth = 2 * last < length
        return [
            self._distribution(chance, None if above is None else above[number], smooth=smooth)
            for number, chance in enumerate(found)
        ]

    def _distribution(self, chance: Floats, tilted: Floats | None, *, smooth: bool) -> Distribution:
        """Return the distribution from the chances of the bins."""
        values = self.lattice.values
        if tilted is not None:
            values = values + exact.moved_back(chance, tilted, self.lattice)
        found = Distribution.of(np.maximum.accumulate(values), chance, width=self.lattice.width)
        return found.smoothed() if smooth else found

    def _exponent(self, waves: Ints, nodes: slice) -> Complexes:
        """Return the logarithm of the transform of the rare and the crowd, (waves, nodes)."""
        number = len(self.nodes.nodes[nodes])
        found = np.zeros((len(waves), number), dtype=np.complex128)
        if self.rare is not None:
            found += self.rare.exponent(waves, nodes)
        if self.crowd is not None:
            found += self.crowd.exponent(self.lattice.frequencies(waves), nodes)
        return found

    def _seen(self) -> list[tuple[slice, Ints]]:
        """Return parts of the nodes, and the waves of which anything is left in their transform.

        The more accounts a sum has the smoother it is, and the fewer waves it takes; in a bad year
        fewer than in a good one.
        """
        nodes = len(self.nodes.nodes)
        every = max(nodes // _SCREENED, 1)
        size = exact.bound(self.draws, self.lattice, slice(None, None, every))
        if self.rare is not None:
            size += self.rare.size(slice(None, None, every))
        if self.crowd is not None:
            frequencies = self.lattice.frequencies(self.lattice.waves)
            size += self.crowd.size(frequencies, slice(None, None, every))
        left = np.exp(size)
        # A screened node stands for those up to the next: what is left there is at most the larger.
        left[:, :-1] = np.maximum(left[:, :-1], left[:, 1:])
        starts = np.arange(0, nodes, every)
        left *= np.add.reduceat(self.nodes.weights, starts)
        seen = left > _UNSEEN / len(starts)
        step = len(starts) if nodes <= _TOGETHER else 2
        found = []
        for first in range(0, len(starts), step):
            waves = np.flatnonzero(seen[:, first : first + step].any(axis=1))
            if len(waves):
                found.append((slice(first * every, (first + step) * every), waves))
        return found

    def _inverse(self, transform: Complexes) -> Floats:
        """Return the chances of the bins, shape (mixtures, bins)."""
        found: Floats = np.fft.irfft(transform, self.lattice.bins, axis=1)
        return found


def _smooth(total: Moments, model: FactorModel) -> bool:
    """Return whether a sum is of so many losses that fewer bins will do."""
    node = model.node(0.0)
    mean, variance = total.mean[0, node], total.variance[0, node]
    return bool(mean**2 > _SMOOTH**2 * variance)
