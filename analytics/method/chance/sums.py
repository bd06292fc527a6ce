"""The distribution of a sum over accounts, under the common factor and by chance."""

from __future__ import annotations

import numpy as np

from analytics.method.chance.convolution import Convolution
from analytics.method.chance.crowd import Crowd
from analytics.method.chance.distribution import Distribution
from analytics.method.chance.draws import Draws
from analytics.method.chance.events import Events
from analytics.method.chance.few import FEW, every_outcome
from analytics.method.chance.giants import giants, outcomes
from analytics.method.chance.groups import Group, Groups
from analytics.method.chance.model import FactorModel, Moments

_STEP = 1.25
"""How wide the factor's steps may be, as a part of the deviation of what is added up."""
_SEEN_YEAR = 4.0
"""How far from its mean the factor matters to the choice of nodes."""


def distribution_of(events: Events, model: FactorModel, *, whole: bool = False) -> Distribution:
    """Return the distribution of the sum over all accounts.

    It is never below 0 and never above what the events come to at most. A few accounts are taken
    outcome by outcome, and so are losses far above all others; given the factor and these, the
    distributions of the rest are convolved.

    Parameters
    ----------
    whole : whether the sum is a whole number, as that of :meth:`Events.counted` is
    """
    open_, certain = events.uncertain()
    if not open_.level[1].any() and not open_.rise[1].any():
        return Distribution.sure(certain)
    every, most = Group.of(open_), float(open_.most.sum())
    found = _listed(every, model) if open_.accounts.sum() <= FEW else None
    if found is None:
        found = _convolved(every, model, whole=whole)
    return found.within(certain, most)


def _listed(every: Group, model: FactorModel) -> Distribution | None:
    """Return the distribution over every outcome; None where they are too many."""
    # A product of few chances is less smooth than its mean and deviation tell.
    stride = _stride(model.moments(every.events), model)
    nodes = model.thinned(max(stride // 2, 1))
    listed = every_outcome(Draws.of(every, nodes))
    return None if listed is None else Distribution.of(listed[0], listed[1] @ nodes.weights)


def _convolved(every: Group, model: FactorModel, *, whole: bool) -> Distribution:
    """Return the mixture, over what giants come to, of that and the sum of the others."""
    far = giants(every, model)
    others = every.only(~far) if far.any() else every
    total = model.moments(others.events)
    groups = Groups.of(others, total, model)
    alone = groups.crowd.pools == others.pools
    many = total if alone else model.moments(groups.crowd.events)
    # Single losses are steps, which only the crowd blurs.
    stride = min(_stride(total, model), _stride(many, model))
    if far.any():
        stride = max(stride // 2, 1)
    nodes = model.thinned(stride)
    sums, weights = outcomes(every.only(far), nodes)
    if alone:
        crowd = Crowd.of(total.thinned(stride))
        found: list[Distribution] = [crowd.curve(of / of.sum()) for of in weights]
    else:
        convolution = Convolution.of(groups, total, many, model, stride=stride, whole=whole)
        found = convolution.distributions(weights)
    return Distribution.mixed(found, sums, weights.sum(axis=1))


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
