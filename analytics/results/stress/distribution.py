"""The loss that may come in a year, with and without the policy: density, tail, economic capital.

Given the common factor, accounts default independently, so that the loss of the whole portfolio
has a mean, a variance and a skewness given the factor (:mod:`analytics.method.chance`): that is
where the chance of single accounts, and with it a small portfolio's width, comes from. Given the
factor it is taken as a gamma distribution moved to these three; over the factor it is their
mixture. Losses below 0, which the moved gamma may leave in a portfolio of a few accounts, are
counted as 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats
from analytics.declared.language import say
from analytics.errors import ParameterError
from analytics.method.bands import take_up
from analytics.method.chance import FactorModel, Moments
from analytics.results.ranges import Pools, baseline_events, pools_of, proposed_events

BAD, WORST = 0.95, 0.999
"""Probabilities that the marked losses are not exceeded with."""
_POINTS = 400
_FARTHEST = 0.9999
_SYMMETRIC = 0.01
"""Up to this skewness, the loss given the factor is taken as normal."""


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
    """
    standing, raised = pools.baseline, pools.raised
    if not standing.loss[0].any():
        raise ParameterError(say("No account of the portfolio can lose anything: nothing to show."))
    above = raised.score >= score_threshold
    probabilities = (
        standing.defaults / standing.accounts,
        (raised.defaults + raised.more_defaults) / raised.accounts,
    )
    model = FactorModel.over(probabilities, assumptions.asset_correlation)
    before = model.moments(baseline_events(standing))
    after = before
    if above.any():
        reached = pools_of(raised, above)
        taking = take_up(reached.score, assumptions)
        gone = model.moments(proposed_events(reached, np.zeros_like(taking)))
        come = model.moments(proposed_events(reached, taking))
        after = Moments(
            mean=before.mean - gone.mean + come.mean,
            variance=np.maximum(before.variance - gone.variance + come.variance, 0.0),
            third=before.third - gone.third + come.third,
        )
    sides = _Mixture(before, model), _Mixture(after, model)
    losses = np.linspace(0.0, max(side.quantile(_FARTHEST) for side in sides), _POINTS)
    baseline, proposed = (side.described(losses) for side in sides)
    return LossDistribution(
        score_threshold=score_threshold, losses=losses, baseline=baseline, proposed=proposed
    )


class _Mixture:
    """A loss over the factor: at each node a gamma or normal distribution."""

    def __init__(self, moments: Moments, model: FactorModel) -> None:
        self._weights = model.weights
        self._mean = moments.mean[0]
        # Each node stands for the part of the factor around it.
        inside = np.gradient(self._mean) ** 2 / 12.0
        self._deviation = np.sqrt(moments.variance[0] + inside) + 1e-300
        self._skewness = np.maximum(moments.third[0], 0.0) / self._deviation**3

    def below(self, loss: Floats) -> Floats:
        """Return the probability of at most this loss, shape of ``loss``."""
        off = (loss[..., np.newaxis] - self._mean) / self._deviation
        found = special.ndtr(off)
        skewed = self._skewness > _SYMMETRIC
        if skewed.any():
            skewness = self._skewness[skewed]
            shape = 4.0 / skewness**2
            at = shape + off[..., skewed] * np.sqrt(shape)
            found[..., skewed] = special.gammainc(shape, np.maximum(at, 0.0))
        below: Floats = found @ self._weights
        return below

    def quantile(self, level: float) -> float:
        """Return the loss that is not exceeded with a probability, never below 0."""
        low, high = 0.0, float((self._mean + 12.0 * self._deviation).max())
        for _ in range(60):
            middle = (low + high) / 2.0
            if float(self.below(np.asarray(middle))) < level:
                low = middle
            else:
                high = middle
            if high - low <= 1e-9 * high:
                break
        return high

    def described(self, losses: Floats) -> LossSide:
        """Return the side on a grid of losses; its density integrates to 1 but for the far tail."""
        edges = np.concatenate([[-np.inf], (losses[1:] + losses[:-1]) / 2.0, [losses[-1]]])
        edges[0] = losses[0] - (losses[1] - losses[0]) / 2.0
        edges[-1] = losses[-1] + (losses[1] - losses[0]) / 2.0
        below = self.below(edges)
        below[0] = 0.0
        return LossSide(
            density=np.diff(below) / np.diff(edges),
            expected=float(self._mean @ self._weights),
            bad_year=self.quantile(BAD),
            worst_year=self.quantile(WORST),
        )
