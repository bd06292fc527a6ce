"""Steps by which statements pool accounts that are nearly alike: of odds, of losses, of shares."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from analytics.method.elementwise import ln
from analytics.method.formulas import LN_2


def whole_below(value: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """Return the highest whole number that is not above the value."""
    return sa.cast(sa.func.floor(value, type_=sa.Double()), sa.Integer())


def doublings(value: sa.ColumnElement[Any], steps: int) -> sa.ColumnElement[int]:
    """Return how often 1 doubles up to a value above 0, in so many ``steps`` for each doubling."""
    return whole_below(ln(value) * (steps / LN_2))


def odds_steps(
    probability: sa.ColumnElement[float], steps: int, *, certain: int
) -> sa.ColumnElement[int]:
    """Return the step of the odds of a default probability, so many for each doubling.

    It is ``certain`` where default is certain, and minus that where it cannot be.
    """
    between = doublings(probability / (1.0 - probability), steps)
    return sa.case((probability <= 0, -certain), (probability >= 1, certain), else_=between)
