"""The IRB formula: its limits, its shape and other people's worked cases."""

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.method import capital
from analytics.method.normal import normal_quantile

PROBABILITIES = st.floats(1e-6, 0.999)
CORRELATIONS = st.floats(0.001, 0.9)
APPROACHES = ("irb_qrre", "irb_other_retail")


def requirement(probability: float, severity: float, approach: str = "irb_qrre") -> float:
    correlation = capital.correlation(probability, approach, 0.04)
    return float(capital.irb_requirement(probability, severity, correlation))


@pytest.mark.parametrize("approach", APPROACHES)
@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_requirement_is_exactly_zero_at_a_default_probability_of_zero_and_one(
    probability: float, approach: str
) -> None:
    correlation = capital.correlation(np.array([probability]), approach, 0.04)
    assert requirement(probability, 0.85, approach) == 0.0
    found = capital.irb_requirement(np.array([probability]), 0.85, correlation)
    assert found.tolist() == [0.0]
    column = sa.literal(probability, sa.Double())
    statement = sa.select(
        capital.irb_requirement(
            column, sa.literal(0.85, sa.Double()), capital.correlation(column, approach, 0.04)
        ).label("requirement")
    )
    assert EmbeddedDatabase().sums(statement)["requirement"].tolist() == [0.0]


@pytest.mark.parametrize("approach", APPROACHES)
def test_requirement_falls_to_zero_towards_both_ends(approach: str) -> None:
    low = [requirement(10.0**-power, 1.0, approach) for power in range(3, 12)]
    high = [requirement(1.0 - 10.0**-power, 1.0, approach) for power in range(2, 12)]
    for values in (low, high):
        assert values == sorted(values, reverse=True)
        assert 0.0 < values[-1] < 1e-8


@given(PROBABILITIES, CORRELATIONS, st.floats(0.0, 1.0))
def test_requirement_is_linear_in_the_loss_given_default(
    probability: float, correlation: float, severity: float
) -> None:
    whole = capital.irb_requirement(probability, 1.0, correlation)
    part = capital.irb_requirement(probability, severity, correlation)
    assert part == pytest.approx(severity * whole, rel=1e-14)


@given(st.floats(1e-6, 0.9), CORRELATIONS)
def test_expected_loss_and_requirement_together_are_a_loss_between_nothing_and_everything(
    probability: float, correlation: float
) -> None:
    worst = probability + capital.irb_requirement(probability, 1.0, correlation)
    assert 0.0 <= worst <= 1.0


def test_without_correlation_nothing_is_unexpected() -> None:
    assert capital.irb_requirement(0.02, 0.85, 0.0) == pytest.approx(0.0, abs=1e-16)


def test_requirement_peaks_where_risk_is_high_and_falls_above() -> None:
    """With the correlation 4 %, K per LGD is largest, 0.245221, at a probability of 38.98 %."""
    probabilities = np.linspace(0.30, 0.50, 20_001)
    values = capital.irb_requirement(probabilities, 1.0, 0.04)
    assert values.max() == pytest.approx(0.245221, abs=5e-7)
    assert probabilities[values.argmax()] == pytest.approx(0.3898, abs=5e-5)


def test_correlation_of_other_retail_runs_from_sixteen_to_three_percent() -> None:
    values = capital.correlation(np.linspace(0.0, 1.0, 101), "irb_other_retail", 0.04)
    assert values[0] == 0.16
    assert values[-1] == pytest.approx(0.03, rel=1e-14)
    assert np.all(np.diff(values) < 0)


def test_correlations_of_the_two_classes_cross_at_seven_point_three_percent() -> None:
    assert capital.correlation(0.073284, "irb_other_retail", 0.04) == pytest.approx(0.04, abs=1e-6)


@pytest.mark.parametrize(("approach", "rwa"), [("irb_qrre", 14_461), ("irb_other_retail", 28_993)])
def test_rwa_of_fifty_thousand_at_two_percent_and_a_loss_of_forty_five(
    approach: str, rwa: float
) -> None:
    """OpenAfterHours/rwa_calculator, documentation, Basel 3.1 without the factor 1.06."""
    found = capital.RWA_PER_CAPITAL * requirement(0.02, 0.45, approach) * 50_000
    assert found == pytest.approx(rwa, abs=0.5)


@pytest.mark.parametrize("approach", APPROACHES)
def test_requirement_of_floats_arrays_and_columns_is_the_same(approach: str) -> None:
    probabilities = np.array([0.0, 1e-5, 0.0003, 0.02, 0.3, 0.97, 1.0])
    correlations = capital.correlation(probabilities, approach, 0.04)
    array = capital.irb_requirement(probabilities, 0.85, correlations)
    assert [requirement(p, 0.85, approach) for p in probabilities] == array.tolist()
    rows = sa.values(sa.column("p", sa.Double()), name="given").data(
        [(float(p),) for p in probabilities]
    )
    severity = sa.literal(0.85, sa.Double())
    correlation = capital.correlation(rows.c.p, approach, 0.04)
    direct = capital.irb_requirement(rows.c.p, severity, correlation)
    staged = sa.select(rows.c.p, normal_quantile(rows.c.p).label("quantile")).cte("staged")
    correlation = capital.correlation(staged.c.p, approach, 0.04)
    by_stage = capital.irb_requirement(
        staged.c.p, severity, correlation, quantile=staged.c.quantile
    )
    database = EmbeddedDatabase()
    for expression, source in ((direct, rows), (by_stage, staged)):
        statement = sa.select(source.c.p, expression.label("found")).order_by(source.c.p)
        found = database.sums(statement)["found"]
        assert found == pytest.approx(array, rel=5e-12, abs=1e-17)


def test_floors_lift_what_is_below_them_and_nothing_else() -> None:
    found = capital.floored(np.array([0.0, 0.0004, 0.001, 0.02]), 0.001)
    assert found.tolist() == [0.001, 0.001, 0.001, 0.02]


@pytest.mark.parametrize("approach", APPROACHES)
def test_the_counted_requirement_is_that_of_the_parameters_lifted_to_their_floors(
    approach: str,
) -> None:
    assumptions = Assumptions(capital_approach=approach, pd_floor=0.05, lgd_floor=0.95)
    found = capital.counted_requirement(
        np.array([0.002, 0.05, 0.2]), np.array([0.85, 0.99, 0.5]), assumptions
    )
    wanted = [requirement(0.05, 0.95, approach), requirement(0.05, 0.99, approach)]
    assert found == pytest.approx([*wanted, requirement(0.2, 0.95, approach)], rel=1e-14)
    plain = capital.counted_requirement(0.002, 0.85, assumptions.with_changes(pd_floor=0.0))
    assert plain == pytest.approx(requirement(0.002, 0.95, approach), rel=1e-14)
