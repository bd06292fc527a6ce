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
        waves = self._seen()
        exponent = np.zeros((len(waves), len(self.nodes.nodes)), dtype=np.complex128)
        if self.rare is not None:
            exponent += self.rare.exponent(waves)
        if self.crowd is not None:
            exponent += self.crowd.exponent(self.lattice.frequencies(waves))
        others: Complexes = np.exp(exponent)
        likely, tilted = exact.transform(self.draws, self.lattice, waves)
        chances = self._inverse(others * likely, waves, weights)
        weighed = None if tilted is None else self._inverse(others * tilted, waves, weights)
        # Without short waves the sum is smooth: it takes the values between the bins as well.
        smooth = 2 * waves[-1] < len(self.lattice.waves)
        found = []
        for number, chance in enumerate(chances):
            values = self.lattice.values
            if weighed is not None:
                values = values + exact.moved_back(chance, weighed[number], self.lattice)
            each = Distribution.of(np.maximum.accumulate(values), chance, width=self.lattice.width)
            found.append(each.smoothed() if smooth else each)
        return found

    def _seen(self) -> Ints:
        """Return the waves of which anything is left in the sum's transform.

        The more accounts a sum has the smoother it is, and the fewer waves it takes.
        """
        every = slice(None, None, max(len(self.nodes.nodes) // _SCREENED, 1))
        size = exact.bound(self.draws, self.lattice, every)
        if self.rare is not None:
            size += self.rare.size(every)
        if self.crowd is not None:
            size += self.crowd.exponent(self.lattice.frequencies(self.lattice.waves), every).real
        weights = self.nodes.weights[every]
        return np.flatnonzero(np.exp(size) @ weights > _UNSEEN * weights.sum())

    def _inverse(self, given: Complexes, waves: Ints, weights: Floats) -> Floats:
        """Return the chances of the bins, shape (mixtures, bins)."""
        transform = np.zeros((len(weights), len(self.lattice.waves)), dtype=np.complex128)
        transform[:, waves] = weights @ given.T
        found: Floats = np.fft.irfft(transform, self.lattice.bins, axis=1)
        return found


def _smooth(total: Moments, model: FactorModel) -> bool:
    """Return whether a sum is of so many losses that fewer bins will do."""
    node = model.node(0.0)
    mean, variance = total.mean[0, node], total.variance[0, node]
    return bool(mean**2 > _SMOOTH**2 * variance)
