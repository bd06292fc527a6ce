"""Accounts nearly alike fall into one step: of odds, and of what doubles."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from analytics.accounts.database import EmbeddedDatabase
from analytics.results.pooled import doublings, odds_steps, whole_below


def asked(database: EmbeddedDatabase, value: sa.ColumnElement[int]) -> int:
    return int(database.one(sa.select(value.label("step")))["step"])


@pytest.mark.parametrize(("value", "below"), [(2.0, 2), (2.9, 2), (-0.1, -1)])
def test_the_whole_number_below_is_never_above(
    database: EmbeddedDatabase, value: float, below: int
) -> None:
    assert asked(database, whole_below(sa.literal(value, sa.Double()))) == below


@pytest.mark.parametrize(("value", "step"), [(1.0, 0), (1.5, 1), (2.1, 2), (0.9, -1)])
def test_each_doubling_has_its_steps(database: EmbeddedDatabase, value: float, step: int) -> None:
    assert asked(database, doublings(sa.literal(value, sa.Double()), 2)) == step


@pytest.mark.parametrize(("probability", "step"), [(0.0, -99), (1.0, 99), (0.51, 0), (0.67, 3)])
def test_odds_of_certain_and_impossible_default_have_steps_of_their_own(
    database: EmbeddedDatabase, probability: float, step: int
) -> None:
    found = odds_steps(sa.literal(probability, sa.Double()), 3, certain=99)
    assert asked(database, found) == step
