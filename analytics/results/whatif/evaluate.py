"""Pools under assumptions: every measure that adds up, before and after, without a statement."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats, Ints, Numbers
from analytics.declared.choices import LossPart
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.language import say
from analytics.errors import ParameterError
from analytics.method import measures
from analytics.method.bands import take_up
from analytics.method.months import Schedule, Worths
from analytics.results.whatif.figures import ADDITIVE, UNCHANGED, Figures, Shift, complete
from analytics.results.whatif.pools import AFFORDABLE, StressPools
from analytics.results.whatif.sides import Side
from analytics.results.whatif.sums import Sums

OF_MONTHS = (
    "attrition",
    "build_month_3",
    "horizon_months",
    "discount_rate",
    "loss_lag_months",
    "capital_ratio",
    "hurdle_rate",
    "funding_rate",
    "provisioning",
    "life_years",
)
"""Assumptions that say what a yearly sum is worth over months, with how many default."""


class Evaluator:
    """A policy at one threshold, ready to be evaluated under many assumptions."""

    def __init__(self, pools: StressPools, score_threshold: int, edges: tuple[int, ...]) -> None:
        pools.check_threshold(score_threshold)
        self._pools = pools
        self._edges = edges
        self._fine = pools.raised.only(pools.raised.score >= score_threshold)
        self._worths: dict[tuple[object, ...], Worths] = {}

    def figures(self, assumptions: Assumptions, shift: Shift = UNCHANGED) -> Figures:
        """Return the policy's figures under assumptions of the same bands.

        Raises
        ------
        ParameterError
            The assumptions have other bands, or make other raises affordable.
        """
        assumptions = self._checked(assumptions, shift)
        baseline = self._standing_sums(assumptions, shift)
        increment, parts, lost = self._increments(assumptions, shift)
        return Figures(
            accounts=float(self._pools.standing.counts["accounts"].sum()),
            raised=float(self._fine.counts["accounts"].sum()),
            baseline=complete(baseline, assumptions),
            increment=complete(increment, assumptions),
            parts=parts,
            default_worth=lost,
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
        assumptions = self._checked(assumptions, shift)
        found = complete(self._increments(assumptions, shift)[0], assumptions)[measure]
        return None if np.isnan(found) else found

    def full_severity(self, assumptions: Assumptions) -> float:
        """Return the factor at which the loss given default of all who are raised is 100 %."""
        return Side(self._fine, assumptions, UNCHANGED, self._pools.loaded).full_severity()

    def _checked(self, assumptions: Assumptions, shift: Shift) -> Assumptions:
        """Return the assumptions with what the shift draws of unused lines."""
        if assumptions.band_edges != self._edges:
            raise ParameterError(
                say("The assumptions have other score bands than these pools were put together by.")
            )
        pools = self._pools
        if pools.policy.affordability and pools.contents.has("monthly_income"):
            other = [
                name
                for name in AFFORDABLE
                if getattr(assumptions, name) != getattr(pools.loaded, name)
            ]
            if other:
                raise ParameterError(
                    say(
                        "{names} say up to which limit a raise is affordable, and the pools were "
                        "put together by other values: load them again.",
                        names=tuple(other),
                    )
                )
        if not shift.drawdown:
            return assumptions
        drawn = min(assumptions.credit_conversion_factor + shift.drawdown, 1.0)
        return assumptions.with_checked({"credit_conversion_factor": drawn})

    def _standing_sums(self, assumptions: Assumptions, shift: Shift) -> dict[str, Numbers]:
        side = self._side(self._pools.standing, assumptions, shift)
        scores, given = _by_score(side.sums, side.standing())
        found = measures.standing(given, scores, assumptions).by_name()
        return {name: values.sum() for name, values in found.items()}

    def _increments(
        self, assumptions: Assumptions, shift: Shift
    ) -> tuple[dict[str, Numbers], dict[str, float], float]:
        """Return what the raises add, the parts of the expected loss, and the worth of that."""
        side = self._side(self._fine, assumptions, shift)
        scores, offered = _by_score(side.sums, side.increments())
        taking, days = take_up(scores, assumptions), self._pools.policy.temporary_days
        parts = measures.parts_in_time(
            {part: offered.pop(part) * taking for part in LossPart},
            offered["day_after_loss"] * taking,
            assumptions,
            days=days,
        )
        worths = self._worths_of(scores, assumptions, shift)
        found = measures.increments(offered, scores, assumptions, worths, days=days).by_name()
        named = {str(n): float(values.sum()) / MINOR_UNITS for n, values in parts.items()}
        totals = {n: values.sum() for n, values in found.items()}
        if days is None:
            return totals, named, _worth_of_defaults(worths["npv"], found)
        totals |= measures.unknown_of_temporary(found["npv"].sum())
        return totals, named, sum(named.values(), 0.0)

    def _side(self, fine: Sums, assumptions: Assumptions, shift: Shift) -> Side:
        """Return a side of pools as fine as is needed: by kind where nothing bends."""
        bends = assumptions.capital_approach.is_irb or shift not in (
            UNCHANGED,
            Shift(drawdown=shift.drawdown),
        )
        raised = fine is self._fine
        if not bends:
            kinds = self._raised_kinds if raised else self._standing_kinds
            return Side(kinds, assumptions, shift, self._pools.loaded)
        exact: Mapping[str, Floats] = {}
        if assumptions.capital_approach.is_irb:
            exact = self._exact_raised if raised else self._exact_standing
        return Side(fine, assumptions, shift, self._pools.loaded, exact)

    def _worths_of(self, scores: Ints, assumptions: Assumptions, shift: Shift) -> Worths:
        """Return what sums at the scores are worth over months, kept between evaluations."""
        moved = (shift.default_probability, shift.odds, shift.factor)
        own = tuple(getattr(assumptions, name) for name in OF_MONTHS)
        correlation = assumptions.asset_correlation if shift.factor is not None else None
        key = (*own, *moved, assumptions.curve, correlation)
        if key not in self._worths:
            accounts, defaults = self._standing_by_score(assumptions, shift)
            place = scores - self._pools.contents.scale.lowest
            schedule = Schedule.of(scores, accounts[place], defaults[place], assumptions)
            self._worths[key] = schedule.worths()
        return self._worths[key]

    def _standing_by_score(self, assumptions: Assumptions, shift: Shift) -> tuple[Floats, Floats]:
        """Return accounts and projected defaults at each score of the scale."""
        scale = self._pools.contents.scale
        side = self._side(self._pools.standing, assumptions, shift)
        place, size = side.sums.score - scale.lowest, scale.highest - scale.lowest + 1
        accounts, defaults = (
            np.bincount(place, values, size).astype(np.float64)
            for values in (side.sums.counts["accounts"], side.defaults())
        )
        return accounts, defaults

    @cached_property
    def _standing_kinds(self) -> Sums:
        return self._pools.standing.by_kind()

    @cached_property
    def _raised_kinds(self) -> Sums:
        return self._fine.by_kind()

    @cached_property
    def _exact_standing(self) -> Mapping[str, Floats]:
        loaded = self._pools.loaded
        return Side(self._pools.standing, loaded, UNCHANGED, loaded).exactness()

    @cached_property
    def _exact_raised(self) -> Mapping[str, Floats]:
        loaded = self._pools.loaded
        return Side(self._fine, loaded, UNCHANGED, loaded).exactness()


def _by_score(sums: Sums, values: Mapping[str, Floats]) -> tuple[Ints, dict[str, Numbers]]:
    """Return the scores of pools, which are ascending, and what is summed over each."""
    first = np.flatnonzero(np.diff(sums.score, prepend=sums.score[:1] - 1))
    stacked = np.stack(list(values.values()))
    found = np.add.reduceat(stacked, first, axis=1) if len(first) else stacked
    return sums.score[first], dict(zip(values, found, strict=True))


def _worth_of_defaults(npv: Mapping[str, Floats], found: Mapping[str, Numbers]) -> float:
    """Return what of the value over the horizon is lost to defaults, currency units."""
    names = ("expected_loss", "day_after_loss")
    return -sum(float(npv[name] @ found[name]) for name in names) / MINOR_UNITS


__all__ = ["Evaluator"]
