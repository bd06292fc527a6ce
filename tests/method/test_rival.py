"""A rival's line by hand: what it takes, the four pairs of choices, and the reach of break-even."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.assumptions import Assumptions
from analytics.method.rival import (
    LINES,
    at_stake,
    break_even_reach,
    in_reach,
    matrix,
    reaches,
    share_taken,
)

SHIPPED = Assumptions()


def test_a_rival_takes_what_moves_at_once_and_half_a_year_of_more_attrition() -> None:
    assert share_taken(0.08, SHIPPED) == pytest.approx(0.10 + 0.08 * 0.25 / 2, rel=1e-15)
    assert reaches(SHIPPED).tolist() == [1.0, 0.6]
    assert [str(line) for line in LINES] == ["at_hand", "unknown"]


def test_what_is_at_stake_is_taken_of_what_customers_in_reach_leave() -> None:
    scores = np.array([820])
    earned = np.array([[100.0, 50.0]])
    attrition = SHIPPED.attrition[-2]
    taken = 0.10 + attrition * 0.25 / 2
    assert at_stake(earned, scores, SHIPPED) == pytest.approx([taken * (100 + 0.6 * 50)])
    assert in_reach(np.array([[3, 5]]), scores, SHIPPED) == pytest.approx([3 + 0.6 * 5])
    nobody = Assumptions(rival_reach=0.0)
    assert at_stake(earned, scores, nobody) == pytest.approx([taken * 100.0])


def test_the_four_pairs_of_choices() -> None:
    found = matrix(30.0, 20.0)
    assert (found.neither, found.we_alone, found.rival_alone, found.both) == (0, 30, -20, 20)


def test_at_the_reach_of_break_even_raising_is_worth_nothing_against_a_rival() -> None:
    value, stake, reach = -5.0, 20.0, 0.6
    found = break_even_reach(value, stake, reach)
    assert found == pytest.approx(-2 * value * reach / stake)
    assert found is not None
    there = matrix(value, stake * found / reach)
    assert there.both == pytest.approx(there.rival_alone)
    assert break_even_reach(5.0, stake, reach) is None
    assert break_even_reach(-50.0, stake, reach) is None
    assert break_even_reach(-5.0, 0.0, reach) is None
    assert break_even_reach(-5.0, stake, 0.0) is None
    assert break_even_reach(0.0, stake, reach) == 0.0
