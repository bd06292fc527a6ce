"""How accounts default together, and what their sum may come to (METHOD 9).

The distribution of a sum over accounts is a mixture over the factor
(:mod:`analytics.method.factor`), taken at evenly spaced nodes, of its distributions given the
factor, which follow from pools of accounts:

* A few accounts: every outcome, one by one (:mod:`.few`). The ends of a range are sums that can be.
* More: the product of the transforms given the factor of three groups (:mod:`.convolution`), each
  an exact or nearly exact way for its kind: accounts whose default is likely are multiplied up one
  by one (:mod:`.exact`; Andersen, Sidenius and Basu 2003 for the conditional independence,
  Heckman and Meyers 1983 for the transform); rare defaults by the logarithm of theirs to the
  second order (:mod:`.rare`; Kornya 1983); the crowd, whose single losses are small against the
  spread of their sum, by mean, variance and skewness (:mod:`.crowd`).
* Counts at every threshold at once: given z a binomial distribution with the count's mean and
  variance, exact for accounts alike; from some 60 defaults on, a normal one corrected for skewness
  (:mod:`.counts`).

Losses and counts, ranges and the whole distribution of a year's loss all come from
:func:`distribution_of`, so that none contradicts another.

An account whose default is certain adds to a sum and not to its uncertainty.
"""

from analytics.method.chance.counts import (
    count_distribution,
    count_quantiles,
    count_quantiles_of,
)
from analytics.method.chance.distribution import CENTRAL, Distribution
from analytics.method.chance.events import Events
from analytics.method.chance.model import FactorModel, Moments
from analytics.method.chance.sums import distribution_of

__all__ = [
    "CENTRAL",
    "Distribution",
    "Events",
    "FactorModel",
    "Moments",
    "count_distribution",
    "count_quantiles",
    "count_quantiles_of",
    "distribution_of",
]
