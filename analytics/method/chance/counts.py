"""How many defaults there may be."""

from __future__ import annotations

import numpy as np

from analytics.declared.arrays import Floats
from analytics.method.chance.distribution import CENTRAL
from analytics.method.chance.events import Events
from analytics.method.chance.model import VERY_GOOD_YEAR, FactorModel, Moments
from analytics.method.chance.normal_sums import sum_quantile
from analytics.method.chance.sums import distribution_of

_COUNTED = 60
"""Up to so many defaults, their distribution is added up one by one."""


def count_quantiles(events: Events, model: FactorModel) -> tuple[float, float]:
    """Return the central 95 % of the number of defaults: whole numbers, both ends included."""
    ends = distribution_of(events.counted(), model, whole=True).central()
    # A count is at most k where a sum that takes every value is below k + 1/2.
    low, high = (float(np.ceil(end - 0.5)) + 0.0 for end in ends)
    return low, high


def count_quantiles_of(
    given: Moments, accounts: Floats, model: FactorModel
) -> tuple[Floats, Floats]:
    """Return the central 95 % of many numbers of defaults, shape (sums,).

    Parameters
    ----------
    given : moments of the numbers given the factor
    accounts : shape (sums,); none of the numbers is above its own
    """
    few = given.mean[:, model.node(VERY_GOOD_YEAR)] < 2.0 * _COUNTED
    below = count_distribution(given.where(few), model)
    found = []
    for level in CENTRAL:
        counted = np.full(len(few), _COUNTED + 1.0)
        counted[few] = (below < level).sum(axis=1)
        many = counted > _COUNTED
        if many.any():
            # A count is at most k where the normal variable is below k + 1/2.
            counted[many] = np.ceil(sum_quantile(level, given.where(many), model) - 0.5)
        found.append(np.minimum(counted, accounts))
    return found[0], found[1]


def count_distribution(given: Moments, model: FactorModel) -> Floats:
    """Return the probabilities of at most 0, 1, ... 60 defaults, shape (sums, 61).

    Given the factor, the count is binomial with this mean and variance (Panjer's recursion).
    """
    mean = given.mean
    chance = 1.0 - np.divide(given.variance, mean, out=np.ones_like(mean), where=mean > 0)
    chance = np.clip(chance, 1e-12, 0.98)
    odds = chance / (1.0 - chance)
    slope = mean / (1.0 - chance) + odds
    probability = np.exp(mean * np.log1p(-chance) / chance)
    sums = [probability @ model.weights]
    for count in range(1, _COUNTED + 1):
        probability = probability * np.maximum(slope / count - odds, 0.0)
        sums.append(probability @ model.weights)
    return np.cumsum(np.stack(sums, axis=1), axis=1)
