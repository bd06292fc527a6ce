"""The loss that may come in a year, with and without the policy: density, tail, economic capital.

Each side's loss has the distribution that its range is read from (:mod:`analytics.method.chance`):
single accounts that are a large part of the loss stand in it as the jumps that they are, and no
year loses more than all accounts together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats
from analytics.declared.language import say
from analytics.errors import ParameterError
from analytics.method.chance import Distribution, distribution_of
from analytics.results.ranges import Pools, sums_at

BAD, WORST = 0.95, 0.999
"""Probabilities that the marked losses are not exceeded with."""
_POINTS = 400
_FARTHEST = 0.9999


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LossSide:
    """The loss of one side in a year, currency units.

    Parameters
    ----------
    density : shape of the distribution's ``losses``; probability per currency unit
    expected : mean loss
    bad_year, worst_year : losses that are not exceeded with 95 % and 99.9 %
    """

    density: Floats
    expected: float
    bad_year: float
    worst_year: float

    @property
    def economic_capital(self) -> float:
        """What the worst year in a thousand loses beyond what is expected."""
        return self.worst_year - self.expected


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LossDistribution:
    """What both sides may lose in a year; ``losses`` ascending, currency units, shared by both."""

    score_threshold: int
    losses: Floats
    baseline: LossSide
    proposed: LossSide

    @property
    def more_capital(self) -> float:
        """Economic capital that the policy needs on top."""
        return self.proposed.economic_capital - self.baseline.economic_capital


def loss_distribution(
    pools: Pools, score_threshold: int, assumptions: Assumptions
) -> LossDistribution:
    """Return what may be lost in a year without the policy, and with it from a score on.

    Parameters
    ----------
    pools : Pools
        As :func:`analytics.results.ranges.load_pools` gives them, under the same assumptions.

    Raises
    ------
    ParameterError
        The portfolio has no account that may default.
    PortfolioError
        The pools are not of the same accounts.
    """
    if not pools.baseline.loss[0].any():
        raise ParameterError(say("No account of the portfolio can lose anything: nothing to show."))
    sums = sums_at(pools, score_threshold, assumptions)
    events = sums.baseline, sums.proposed
    found = [distribution_of(side, sums.model) for side in events]
    losses = np.linspace(0.0, max(side.quantile(_FARTHEST) for side in found), _POINTS)
    baseline, proposed = (
        _described(side, of.mean, losses) for side, of in zip(found, events, strict=True)
    )
    return LossDistribution(
        score_threshold=score_threshold, losses=losses, baseline=baseline, proposed=proposed
    )


def _described(found: Distribution, expected: float, losses: Floats) -> LossSide:
    """Return a side on a grid of losses; its density integrates to 1 but for the far tail."""
    step = losses[1] - losses[0]
    edges = np.concatenate([losses - step / 2.0, losses[-1:] + step / 2.0])
    below = found.below(edges)
    below[0] = 0.0
    return LossSide(
        density=np.diff(below) / step,
        expected=expected,
        bad_year=found.quantile(BAD),
        worst_year=found.quantile(WORST),
    )
