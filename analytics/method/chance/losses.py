"""What a loss may come to."""

from __future__ import annotations

from analytics.method.chance.convolution import Convolution
from analytics.method.chance.events import Events
from analytics.method.chance.model import CENTRAL, GOOD_YEAR, FactorModel
from analytics.method.chance.normal_sums import sum_quantile

_MILD_SKEWNESS = 0.15
"""Up to this skewness in a good year, a loss given the factor is about normal."""
_CROWD = 100
"""Accounts many enough for a normal sum."""


def loss_quantiles(events: Events, model: FactorModel) -> tuple[float, float]:
    """Return the central 95 % of the loss, in the money of the events; both ends included."""
    open_, certain = events.uncertain()
    if not open_.level[1].any() and not open_.rise[1].any():
        return certain, certain
    given = model.moments(open_)
    year = model.node(GOOD_YEAR)
    spread = float(given.variance[0, year])
    mild = spread > 0 and abs(given.third[0, year]) < _MILD_SKEWNESS * spread**1.5
    pieces = Convolution.of(open_, given, model)
    if (mild and open_.accounts.sum() >= _CROWD) or not pieces.apt:
        most = pieces.most
        low, high = (
            min(max(float(sum_quantile(level, given, model)[0]), 0.0), most) for level in CENTRAL
        )
    else:
        low, high = pieces.quantiles()
    return certain + low, certain + high
