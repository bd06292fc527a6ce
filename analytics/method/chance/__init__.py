"""How accounts default together, and what their sum may come to (METHOD 8).

The distribution of a sum over accounts is a mixture over the factor
(:mod:`analytics.method.factor`), taken at evenly spaced nodes, of its distributions given the
factor, which follow from pools of accounts:

* Counts of defaults: given z a binomial distribution with the sum's mean and variance, exact for
  accounts alike; from some 60 defaults on, a normal one corrected for skewness.
* Losses: given z a normal distribution corrected for skewness where many defaults make up the sum,
  else the convolution of the pools' own losses (by Fourier transform), with its atom at zero.

An account whose default is certain adds to a sum and not to its uncertainty.
"""

from analytics.method.chance.counts import (
    count_distribution,
    count_quantiles,
    count_quantiles_of,
)
from analytics.method.chance.events import Events
from analytics.method.chance.losses import loss_quantiles
from analytics.method.chance.model import CENTRAL, FactorModel, Moments

__all__ = [
    "CENTRAL",
    "Events",
    "FactorModel",
    "Moments",
    "count_distribution",
    "count_quantiles",
    "count_quantiles_of",
    "loss_quantiles",
]
