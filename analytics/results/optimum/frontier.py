"""The efficient frontier: policies that no other beats on gain without more risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.appetite import Appetite
from analytics.declared.arrays import Floats, Ints
from analytics.declared.parameters import BASIS_POINTS, basis_points
from analytics.results.optimum.plans import check_appetite, check_objective, room
from analytics.results.surface import Surface
from analytics.results.verdicts import within, within_evidence


@dataclass(frozen=True, slots=True)
class Dominating:
    """A policy of the frontier that is at least as good on both sides, and what it would gain."""

    score_threshold: int
    raise_rate: float
    gain: float
    """How much more of the gain it brings."""
    risk_saved: float
    """How much less of the risk it takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Frontier:
    """Efficient policies in ascending order of risk; increments, money in currency units.

    ``scores`` and ``raises`` (basis points) say which policies they are. Empty where no policy
    keeps to the appetite.
    """

    surface: Surface
    gain: str
    risk: str
    scores: Ints
    raises: Ints
    gains: Floats
    risks: Floats

    def nearest_dominating(self, score_threshold: int, raise_rate: float) -> Dominating | None:
        """Return the efficient policy nearest to a policy that it beats; None if none does.

        Near means few steps of threshold and raise, each as a share of its whole range.
        """
        place = self.surface.index(score_threshold, raise_rate)
        gain, risk = (
            float(self.surface.increment(measure)[place]) for measure in (self.gain, self.risk)
        )
        return self.nearest_beating(gain, risk, score_threshold, raise_rate)

    def nearest_beating(
        self, gain: float, risk: float, score_threshold: int, raise_rate: float
    ) -> Dominating | None:
        """Return the same for any policy with this gain and risk, on the surface or not."""
        gain_room, risk_room = room(gain), room(risk)
        more, less = self.gains - gain, risk - self.risks
        beats = (more >= -gain_room) & (less >= -risk_room)
        beats &= (more > gain_room) | (less > risk_room)
        if not beats.any():
            return None
        far = np.hypot(
            (self.scores - score_threshold) / max(int(np.ptp(self.surface.scores)), 1),
            (self.raises - basis_points(raise_rate)) / max(int(np.ptp(self.surface.raises)), 1),
        )
        best = int(np.argmin(np.where(beats, far, np.inf)))
        return Dominating(
            int(self.scores[best]),
            int(self.raises[best]) / BASIS_POINTS,
            max(float(more[best]), 0.0),
            max(float(less[best]), 0.0),
        )


def efficient_frontier(
    surface: Surface,
    appetite: Appetite | None = None,
    *,
    gain: str = "npv",
    risk: str = "expected_loss",
    beyond_evidence: bool = False,
) -> Frontier:
    """Return the policies within the appetite of which none brings more gain at no more risk.

    They are within the evidence too, unless those beyond it are asked for.

    Parameters
    ----------
    gain, risk : str
        Measures, as increments: npv, limit or relieved against expected_loss, for example.
    beyond_evidence : bool
        Look at raises that no study behind the response has looked at, too.

    Raises
    ------
    ParameterError
        Either is no measure, or cannot be computed for this portfolio.
    """
    check_objective(surface, gain)
    check_objective(surface, risk)
    check_appetite(surface, appetite or Appetite())
    gains, risks = surface.increment(gain).ravel(), surface.increment(risk).ravel()
    kept = within(appetite or Appetite(), surface)
    if not beyond_evidence:
        kept = kept & within_evidence(surface)
    places = np.flatnonzero(kept.ravel() & np.isfinite(gains) & np.isfinite(risks))
    # Ascending risk; of equal risk the best gain first, then the lowest raise, highest threshold.
    row, column = np.divmod(places, surface.shape[1])
    order = places[np.lexsort((-row, column, -gains[places], risks[places]))]
    highest = np.maximum.accumulate(np.concatenate(([-np.inf], gains[order])))[:-1]
    better = order[gains[order] > highest + room(highest)]
    rows, columns = np.divmod(better, surface.shape[1])
    return Frontier(
        surface=surface,
        gain=gain,
        risk=risk,
        scores=surface.scores[rows],
        raises=surface.raises[columns],
        gains=gains[better],
        risks=risks[better],
    )
