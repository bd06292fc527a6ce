"""Quantiles of sums that are about normal given the factor."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from analytics.declared.arrays import Floats
from analytics.method.chance.model import FactorModel, Moments


def sum_quantile(level: float, given: Moments, model: FactorModel) -> Floats:
    """Return the quantile of sums that are about normal given the factor, shape (sums,).

    Every node stands for the part of the factor around it: the variance of the mean inside that
    part is added to its own. Skewness by the first term of Edgeworth; solved by Newton's method
    inside a shrinking bracket.
    """
    step = np.gradient(given.mean, axis=1)
    deviation = np.sqrt(given.variance + step**2 / 12.0) + 1e-300
    cube = deviation**3
    skewness = np.divide(given.third, cube, out=np.zeros_like(cube), where=cube > 0)
    # More comes with sums that are next to nothing, where the term would be no probability.
    skewness = np.clip(skewness, -1.0, 1.0) / 6.0
    low = (given.mean - 10.0 * deviation).min(axis=1)
    high = (given.mean + 10.0 * deviation).max(axis=1)
    at = given.mean[:, model.node(-ndtri(level))]
    for _ in range(60):
        off = np.clip((at[:, np.newaxis] - given.mean) / deviation, -12.0, 12.0)
        bell = np.exp(-(off**2) / 2.0) / np.sqrt(2.0 * np.pi)
        below = (ndtr(off) - bell * skewness * (off**2 - 1.0)) @ model.weights - level
        density = (bell * (1.0 + skewness * (off**3 - 3.0 * off)) / deviation) @ model.weights
        high, low = np.where(below > 0, at, high), np.where(below > 0, low, at)
        moved = at - np.divide(below, density, out=np.full_like(at, np.inf), where=density > 0)
        moved = np.where((moved >= low) & (moved <= high), moved, (low + high) / 2.0)
        if np.all(np.abs(moved - at) <= 1e-8 * (np.abs(at) + 1e-3)):
            break
        at = moved
    return np.asarray(moved, dtype=np.float64)
