"""Pools under assumptions: every measure that adds up, before and after, without a statement."""

from __future__ import annotations

from functools import cached_property

from analytics.assumptions import Assumptions
from analytics.declared.language import say
from analytics.errors import ParameterError
from analytics.results.stress.figures import ADDITIVE, UNCHANGED, Figures, Shift, complete
from analytics.results.stress.pools import StressPools, Sums
from analytics.results.stress.sides import Side


class Evaluator:
    """A policy at one threshold, ready to be evaluated under many assumptions."""

    def __init__(self, pools: StressPools, score_threshold: int, edges: tuple[int, ...]) -> None:
        found = pools.policy.with_changes(tiers=(), score_threshold=score_threshold).faults_on(
            pools.portfolio.scale
        )
        if found:
            raise ParameterError(found)
        self._pools = pools
        self._edges = edges
        self._fine = pools.raised.only(pools.raised.score >= score_threshold)

    def figures(self, assumptions: Assumptions, shift: Shift = UNCHANGED) -> Figures:
        """Return the policy's figures under assumptions of the same bands.

        Raises
        ------
        ParameterError
            The assumptions have other bands.
        """
        loaded = self._pools.curve
        own_curve = assumptions.curve != loaded.curve
        standing = self._pools.standing if own_curve else self._standing
        baseline = Side(standing, assumptions, shift, loaded).standing()
        increment, parts = self._increments(assumptions, shift)
        return Figures(
            accounts=float(standing.counts["accounts"].sum()),
            raised=float(self._fine.counts["accounts"].sum()),
            baseline=complete(baseline, assumptions),
            increment=complete(increment, assumptions),
            parts=parts,
            assumptions=assumptions,
        )

    def increment(
        self, measure: str, assumptions: Assumptions, shift: Shift = UNCHANGED
    ) -> float | None:
        """Return proposed less baseline of a measure; None where undefined.

        Faster than :meth:`figures` where the measure adds up.
        """
        if measure not in ADDITIVE:
            return self.figures(assumptions, shift).of_increment(measure)
        return complete(self._increments(assumptions, shift)[0], assumptions)[measure]

    def full_severity(self, assumptions: Assumptions) -> float:
        """Return the factor at which the loss given default of all who are raised is 100 %."""
        return Side(self._fine, assumptions, UNCHANGED, self._pools.curve).full_severity()

    @cached_property
    def _standing(self) -> Sums:
        keys = ("odds_step", "severity_step", "curved", "assumed")
        return self._pools.standing.by_band(self._edges, keys)

    @cached_property
    def _raised(self) -> Sums:
        return self._fine.by_band(self._edges)

    def _increments(
        self, assumptions: Assumptions, shift: Shift
    ) -> tuple[dict[str, float], dict[str, float]]:
        if assumptions.band_edges != self._edges:
            raise ParameterError(
                say("The assumptions have other score bands than these pools were put together by.")
            )
        own_curve = assumptions.curve != self._pools.curve.curve
        raised = self._fine if own_curve else self._raised
        return Side(raised, assumptions, shift, self._pools.curve).increments()
