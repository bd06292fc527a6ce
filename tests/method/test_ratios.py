"""Ratios of sums: where they are undefined, and what take-up does to increments."""

import numpy as np
import pytest

from analytics.assumptions import Assumptions
from analytics.declared.assumption_parameters import BAND_PARAMETERS
from analytics.declared.measures import BY_NAME, MEAN_LIMIT, UTILIZATION
from analytics.method import measures
from analytics.method.months import Schedule


def test_what_is_divided_by_nothing_is_empty() -> None:
    found = measures.divided(np.array([1.0, 0.0, 3.0]), np.array([2.0, 0.0, 0.0]), empty=7.0)
    assert found.tolist() == [0.5, 7.0, 7.0]
    assert np.isnan(measures.divided(1.0, 0.0))
    assert measures.divided(np.array([0.0, 1e10]), np.array([5e-324] * 2)).tolist()[0] == 0.0
    assert np.isnan(measures.divided(1e10, 5e-324)), "a quotient that is no number"


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(3, 4, 0.75), (None, 4, None), (3, None, None), (3, 0, None), (0, 4, 0.0)],
)
def test_a_quotient_that_is_not_known_is_none(
    numerator: float | None, denominator: float | None, expected: float | None
) -> None:
    assert measures.per(numerator, denominator) == expected


def test_ratios_that_are_only_shown_are_no_measures() -> None:
    sums = {"balance": 30.0, "limit": np.array([120.0, 0.0]), "accounts": 4.0}
    np.testing.assert_array_equal(measures.rate(UTILIZATION, sums), [0.25, np.nan])
    np.testing.assert_array_equal(measures.rate(MEAN_LIMIT, sums), [30.0, 0.0])
    declared = [measure.ratio for measure in BY_NAME.values()]
    assert UTILIZATION not in declared
    assert MEAN_LIMIT not in declared


@pytest.mark.parametrize(("mode", "taken"), [("automatic", (1.0, 1.0)), ("opt_in", (0.25, 0.5))])
def test_who_does_not_take_a_raise_adds_nothing_but_was_raised(
    mode: str, taken: tuple[float, float]
) -> None:
    cut = {band.name: getattr(Assumptions(), band.name)[:2] for band in BAND_PARAMETERS}
    assumptions = Assumptions().with_changes(
        **cut | {"take_up": (0.25, 0.5)}, band_edges=(0, 700), consent_mode=mode, action_cost=2.0
    )
    scores = np.array([600, 700])
    schedule = Schedule.of(scores, np.array([10, 10]), np.array([0.1, 0.1]), assumptions)
    offered = {name: np.array([8.0, 8.0]) for name in measures.SUM_NAMES} | {"accounts": 0 * scores}
    found = measures.increments(offered, scores, assumptions, schedule.worths())
    assert found.raised.tolist() == [8.0, 8.0]
    assert found.accounts.tolist() == [0.0, 0.0]
    assert found.limit.tolist() == [8.0 * share for share in taken]
    assert found.action_cost.tolist() == [8.0 * 200.0] * 2, "every offer has its cost"
