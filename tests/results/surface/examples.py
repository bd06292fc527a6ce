"""A surface held against its policies run alone."""

from __future__ import annotations

import math

from analytics.assumptions import Assumptions
from analytics.declared.measures import MEASURES
from analytics.declared.parameters import BASIS_POINTS
from analytics.method.months import WORTHS
from analytics.policy import Policy
from analytics.results.simulation import Group, simulate
from analytics.results.surface import Point, Surface

COUNTS = (
    "accounts",
    "raised",
    "limit",
    "relieved",
    "strained",
    "thin_cover",
    "short_cover",
    "over_indebted",
)


ROUNDING = 1e-13
"""What floating point leaves, as a share of the amounts that a figure is the difference of."""


def near_to_nothing(alone: Group, room: float) -> bool:
    """Whether cumulated value comes so near to 0 in a month that rounding tells its sign."""
    return alone.timeline is not None and bool((abs(alone.timeline.cumulated) <= room).any())


def held_against(point: Point, alone: Group, assumptions: Assumptions) -> list[str]:
    """Return every figure of a policy on the surface that is not that of the policy run alone."""
    if alone.baseline is None or alone.proposed is None or alone.increment is None:
        return [] if not point.baseline.accounts else ["the portfolio is not empty"]
    exposed = alone.proposed.limit + alone.proposed.balance
    capital = assumptions.capital_ratio * alone.baseline.rwa
    found = []
    for side in ("baseline", "proposed", "increment"):
        for measure in MEASURES:
            value = getattr(point, side).get(measure.name)
            wanted = getattr(alone, side).get(measure.name)
            whole = measure.name in COUNTS and assumptions.consent_mode == "automatic"
            room = ROUNDING * (exposed * 25 + alone.proposed.rwa + 1)
            if measure.name in WORTHS:
                room *= assumptions.horizon_months / 12 + assumptions.life_years
            if measure.name == "payback_months" and near_to_nothing(alone, 1e3 * room):
                continue
            if measure.name == "return_on_capital":
                room = room / capital * 2 if capital > 1e3 * room else math.inf
            if measure.name == "loss_per_new_exposure":
                exposure = alone.increment.ead
                loose = not wanted or exposure <= 1e3 * room
                room = math.inf if loose else room / exposure * (1 + abs(wanted))
            if value is None or wanted is None:
                same = value is wanted or room == math.inf
            else:
                room = 0.0 if whole else room
                same = math.isclose(value, wanted, rel_tol=0.0 if whole else 1e-9, abs_tol=room)
            if not same:
                found.append(f"{side} {measure.name} is {value!r}, not {wanted!r}")
    return found


def compared(surface: Surface, policy: Policy, places: list[tuple[int, int]]) -> list[str]:
    """Return what differs between a surface and its policies run alone, at some places."""
    found = []
    for threshold, points in places:
        flat = policy.with_changes(
            tiers=(), score_threshold=threshold, raise_rate=points / BASIS_POINTS
        )
        alone = simulate(surface.portfolio, flat, surface.assumptions)
        point = surface.at(threshold, flat.raise_rate)
        found += [
            f"{threshold} {points}: {fault}"
            for fault in held_against(point, alone.total, surface.assumptions)
        ]
    return found
