"""The flows of a group by month: in currency units, one row a month, with its payback."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.assumptions import Assumptions
from analytics.method.months import STATES, Schedule
from analytics.results.simulation.timeline import FLOWS, make_timeline

ASSUMPTIONS = Assumptions(attrition=(0.0,) * 8)
SCHEDULE = Schedule.of(np.array([700, 820]), np.ones(2), np.zeros(2), ASSUMPTIONS)


def by_score(**values: float) -> dict[str, np.ndarray]:
    """Return sums in minor units, half of them at each of two scores."""
    return {name: np.full(2, values.get(name, 0.0) * 100 / 2) for name in STATES}


def test_rows_are_the_months_in_currency_units() -> None:
    found = make_timeline(SCHEDULE, by_score(margin=12.0), action_cost=0.0, raised=1)
    rows = found.rows()
    assert [row["month"] for row in rows] == list(range(1, 43))
    assert set(rows[0]) == {"month", *FLOWS, "cumulated"}
    assert rows[11]["margin"] == pytest.approx(1.0)
    assert rows[11]["value"] == pytest.approx(1.0)
    assert rows[36]["margin"] == 0


def test_what_a_raise_costs_is_paid_back_later() -> None:
    """Three months bring 0.55 x (1 + 2 + 3) / 3 = 1.10 and the fourth 0.60, before discounting."""
    sums = by_score(margin=12.0)
    assert make_timeline(SCHEDULE, sums, action_cost=0.0, raised=1).payback_months == 1
    assert make_timeline(SCHEDULE, sums, action_cost=150.0, raised=1).payback_months == 4
    assert make_timeline(SCHEDULE, sums, action_cost=1e9, raised=1).payback_months is None
    assert make_timeline(SCHEDULE, sums, action_cost=0.0, raised=0).payback_months is None
