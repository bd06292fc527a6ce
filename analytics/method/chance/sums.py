"""The distribution of a sum over accounts, under the common factor and by chance."""

from __future__ import annotations

import numpy as np

from analytics.method.chance.convolution import Convolution
from analytics.method.chance.crowd import Crowd
from analytics.method.chance.distribution import Distribution
from analytics.method.chance.draws import Draws
from analytics.method.chance.events import Events
from analytics.method.chance.few import FEW, every_outcome
from analytics.method.chance.groups import Group, Groups
from analytics.method.chance.model import FactorModel, Moments

_STEP = 1.25
"""How wide the factor's steps may be, as a part of the deviation of what is added up."""
_SEEN_YEAR = 4.0
"""How far from its mean the factor matters to the choice of nodes."""


def distribution_of(events: Events, model: FactorModel, *, whole: bool = False) -> Distribution:
    """Return the distribution of the sum over all accounts.

    It is never below 0 and never above what the events come to at most. A few accounts are taken
    outcome by outcome; of more, the distributions given the factor are convolved.

    Parameters
    ----------
    whole : whether the sum is a whole number, as that of :meth:`Events.counted` is
    """
    open_, certain = events.uncertain()
    if not open_.level[1].any() and not open_.rise[1].any():
        return Distribution.sure(certain)
    most, total = float(open_.most.sum()), model.moments(open_)
    stride = _stride(total, model)
    if open_.accounts.sum() <= FEW:
        # A product of few chances is less smooth than its mean and deviation tell.
        nodes = model.thinned(max(stride // 2, 1))
        listed = every_outcome(Draws.of(Group.of(open_), nodes), nodes.weights)
        if listed is not None:
            return listed.within(certain, most)
    groups = Groups.of(open_, total, model)
    if groups.crowd.pools == len(open_.accounts):
        weights = model.thinned(stride).weights
        return Crowd.of(total.thinned(stride)).curve(weights).within(certain, most)
    found = Convolution.of(groups, total, model, stride=stride, whole=whole).distribution()
    return found.within(certain, most)


def _stride(given: Moments, model: FactorModel) -> int:
    """Return how many nodes one may stand for.

    What is added up over the factor is at its narrowest a normal curve: the factor's own times
    that of a sum whose mean runs through it. Steps 1.25 times as wide as its deviation add it up
    to 5 digits (by Poisson's summation formula, 2 exp(-2 pi^2 / 1.25^2)).
    """
    seen = np.abs(model.nodes) <= _SEEN_YEAR
    slope = np.gradient(given.mean[0])[seen] / model.step
    deviation = np.sqrt(given.variance[0, seen])
    sharp = np.divide(slope, deviation, out=np.zeros_like(slope), where=deviation > 0)
    return max(int(_STEP / np.sqrt(1.0 + float((sharp**2).max())) / model.step), 1)
