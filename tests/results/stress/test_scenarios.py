"""Scenarios: their bounds and their names."""

from __future__ import annotations

import math
from typing import Any

import pytest

from analytics.assumptions import Assumptions
from analytics.declared.parameters import Mark
from analytics.errors import ParameterError
from analytics.results.stress import BASE, SHIPPED, Scenario, find_scenario, stress
from analytics.shown import words
from tests.results.stress.examples import OWN


def test_a_scenario_out_of_bounds_names_every_fault() -> None:
    with pytest.raises(ParameterError) as caught:
        Scenario(
            name="",
            title="two\nlines",
            years=0.5,
            factor=-9,
            odds_multiplier=0.0,
            lgd_add=math.nan,
            drawdown=1.5,
        )
    text = str(caught.value)
    for word in ("name", "title", "years and factor", "years =", "factor =", "odds_", "lgd_", "dr"):
        assert word in text
    assert len(caught.value.faults) == 8


@pytest.mark.parametrize("years", [1.0, 1.2, 1.999, 1_000_001.0])
def test_a_worst_year_in_fewer_than_two_would_be_a_good_one_and_is_refused(years: float) -> None:
    with pytest.raises(ParameterError, match="give a number from 2 to 1,000,000"):
        Scenario(name="own", title="Own", years=years)
    assert Scenario(name="own", title="Own", years=2.0).shift().factor == pytest.approx(0.0)


def test_scenarios_are_found_by_name_and_named_once(book_pools: Any) -> None:
    assert find_scenario(" 1-IN-20 ").years == 20
    with pytest.raises(ParameterError, match="did you mean ant-2020"):
        find_scenario("ant2020")
    with pytest.raises(ParameterError, match="Two scenarios are called base"):
        stress(book_pools, 800, Assumptions(), [BASE, BASE])
    assert words.scenario_words(BASE) == "nothing stressed"
    assert words.scenario_words(OWN) == (
        "factor z = -2.5, odds of default x 1.4, loss given default +10 pp, "
        "25 % more of the unused line drawn"
    )
    assert {scenario.mark for scenario in SHIPPED} >= {Mark.EVIDENCE, Mark.REGULATION}
