"""Accounts many and small enough that only the moments of their sum matter: a moved gamma.

Mean, variance and skewness given the factor are the sum's own (translated gamma approximation of
risk theory: Seal 1977; Klugman, Panjer and Willmot, *Loss Models*).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from analytics.declared.arrays import Complexes, Floats
from analytics.method.chance.distribution import Curve
from analytics.method.chance.model import Moments

_LEAST_SKEWNESS, _MOST_SKEWNESS = 1e-3, 1.0
"""Less is as good as none; more comes with sums that are next to nothing, and does not matter."""

_COARSE = 1.5
"""How many deviations the mean may move from one node to the next and be smooth."""
_REACH = 5.0
"""How far around the mean of a node a curve goes, in deviations."""
_POINTS, _LEAST_POINTS = 1_200, 7
"""Points of a curve, and of each node's part of it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crowd:
    """A sum given the factor: its mean, and the gamma around it; shape (nodes,).

    A negative ``scale`` turns the gamma's long tail to the left.
    """

    mean: Floats
    scale: Floats
    shape: Floats

    @classmethod
    def of(cls, given: Moments, *, origin: float = 0.0, width: float = 0.0) -> Crowd:
        """Return the sum with these moments, counted from an origin on bins of a width.

        Where the mean moves much from one node to the next, each stands for the part of the
        factor around it: the variance of the mean inside that part is added to its own.
        """
        mean = given.mean[0] - origin
        inside, variance = np.gradient(mean) ** 2, given.variance[0]
        variance = variance + np.where(inside > _COARSE**2 * variance, inside / 12.0, 0.0)
        cube = variance**1.5
        skewness = np.divide(given.third[0], cube, out=np.zeros_like(cube), where=cube > 0)
        size = np.clip(np.abs(skewness), _LEAST_SKEWNESS, _MOST_SKEWNESS)
        deviation = np.sqrt(np.maximum(variance, (width / 2.0) ** 2)) + 1e-300
        scale = np.copysign(size, skewness) * deviation / 2.0
        return cls(mean=mean, scale=scale, shape=4.0 / size**2)

    def exponent(self, frequencies: Floats, nodes: slice) -> Complexes:
        """Return the logarithm of the transform at nodes, shape (frequencies, nodes)."""
        mean, scale, shape = self.mean[nodes], self.scale[nodes], self.shape[nodes]
        angle = np.multiply.outer(frequencies, scale)
        found = np.empty(angle.shape, dtype=np.complex128)
        found.real = -0.5 * shape * np.log1p(angle**2)
        found.imag = -(np.multiply.outer(frequencies, mean) + shape * (np.arctan(angle) - angle))
        return found

    def size(self, frequencies: Floats, nodes: slice) -> Floats:
        """Return the logarithm of the transform's size at nodes, shape (frequencies, nodes)."""
        angle = np.multiply.outer(frequencies, self.scale[nodes])
        found: Floats = -0.5 * self.shape[nodes] * np.log1p(angle**2)
        return found

    def curve(self, weights: Floats) -> Curve:
        """Return the mixture over the nodes, where it is a sum of its own.

        A gamma's distribution is the normal one of the cube root, moved (Wilson and Hilferty
        1931). It is taken around the mean of every node, more finely where those are few.
        """
        deviation = np.abs(self.scale) * np.sqrt(self.shape)
        off = np.linspace(-_REACH, _REACH, max(_POINTS // len(weights), _LEAST_POINTS))
        values = np.unique(self.mean + np.multiply.outer(off, deviation))
        skewness = np.copysign(2.0 / np.sqrt(self.shape), self.scale)
        below = np.zeros(len(values))
        above = np.zeros(len(values) + 1)
        first, last = (
            np.searchsorted(values, self.mean + sign * 1.2 * _REACH * deviation)
            for sign in (-1.0, 1.0)
        )
        for node, weight in enumerate(weights):
            here = slice(first[node], last[node])
            off = (values[here] - self.mean[node]) / deviation[node]
            root = np.cbrt(np.maximum(1.0 + off * skewness[node] / 2.0, 0.0)) - 1.0
            below[here] += weight * ndtr(root * (6.0 / skewness[node]) + skewness[node] / 6.0)
            above[last[node]] += weight
        below = np.maximum.accumulate(below + np.cumsum(above[:-1]))
        return Curve(values=values, at_most=below)
