"""Where accounts part: who answers as an idle account, and whose attrition falls no further.

Both depend on assumptions. Pools are divided at the bounds of the assumptions in force and at those
of their plausible cases and presets, so that under each of these a pool is on one side as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.cases import CASES
from analytics.declared.choices import ResponsePreset
from analytics.declared.parameters import BASIS_POINTS
from analytics.method import formulas
from analytics.method.bands import band_value
from analytics.method.elementwise import Quantity, as_double
from analytics.policy import Policy, raise_basis_points

Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound of each band: where ``by_band`` times something reaches ``level``."""

    edges: tuple[int, ...]
    by_band: Values
    level: float

    @property
    def places(self) -> Values:
        """Where the bound is in each band."""
        return tuple(self.level / value if value > 0 else float("inf") for value in self.by_band)

    def factor(self, score: Quantity) -> Any:
        """Return the factor of an account's band."""
        first = self.by_band[0]
        alike = all(value == first for value in self.by_band)
        return first if alike else band_value(score, self.by_band, self.edges)


def uses(assumptions: Assumptions) -> tuple[Bound, ...]:
    """Return from which use of the line on accounts answer in proportion to it (log form)."""
    own, draw = assumptions.elasticity, assumptions.idle_draw
    pairs = [(own, draw), *((own, float(level)) for level in _ends("idle_draw"))]
    if assumptions.has_presets:
        presets = (assumptions.with_preset(preset).elasticity for preset in ResponsePreset)
        pairs += [(values, draw) for values in (*_ends("elasticity"), *presets)]
    bounds = (Bound(assumptions.band_edges, values, level) for values, level in pairs)
    return _distinct(bounds, lambda place: place > 0.0)


def floors(assumptions: Assumptions, policy: Policy) -> tuple[Bound, ...]:
    """Return from which growth of the limit on attrition falls no further, as far as raises go."""
    most = max(points for _, points in raise_basis_points(policy)) / BASIS_POINTS
    own, floor = assumptions.attrition_change, assumptions.attrition_floor
    pairs = [(own, floor), *((own, float(level)) for level in _ends("attrition_floor"))]
    if assumptions.has_presets:
        pairs += [(values, floor) for values in _ends("attrition_change")]
    falls = ((tuple(-value for value in values), level) for values, level in pairs)
    per_unit = ((formulas.change_by_growth(1.0, 1.0), values, level) for values, level in falls)
    bounds = (
        Bound(assumptions.band_edges, tuple(unit * value for value in values), level)
        for unit, values, level in per_unit
    )
    return _distinct(bounds, lambda place: place < most)


def in_use(c: Any, bound: Bound) -> sa.ColumnElement[bool]:
    """Return whether an account answers in proportion to its use."""
    found: sa.ColumnElement[bool] = sa.not_(
        formulas.is_idle(
            as_double(c.balance), as_double(c.credit_limit), bound.factor(c.score), bound.level
        )
    )
    return found


def floored(c: Any, growth: sa.ColumnElement[float], bound: Bound) -> sa.ColumnElement[bool]:
    """Return whether an account's attrition falls no further."""
    found: sa.ColumnElement[bool] = bound.factor(c.score) * growth > bound.level
    return found


def _ends(name: str) -> tuple[Any, Any]:
    return CASES[name].low, CASES[name].high


def _distinct(bounds: Iterator[Bound], counts: Callable[[float], bool]) -> tuple[Bound, ...]:
    """Return the bounds that differ, where any band's counts."""
    by_place = {bound.places: bound for bound in bounds if any(map(counts, bound.places))}
    return tuple(by_place.values())


__all__ = ["Bound", "floored", "floors", "in_use", "uses"]
