"""The one-factor model: a default probability given the factor, and identities of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.method import factor

PROBABILITIES = st.floats(1e-6, 0.999)
CORRELATIONS = st.floats(0.0, 0.6)
POINTS, WEIGHTS = np.polynomial.hermite_e.hermegauss(120)


@given(PROBABILITIES, CORRELATIONS)
def test_mean_over_the_factor_is_the_default_probability(
    probability: float, correlation: float
) -> None:
    values = factor.conditional_probability(probability, POINTS, correlation)
    mean = values @ WEIGHTS / WEIGHTS.sum()
    assert mean == pytest.approx(probability, rel=1e-6)


@given(PROBABILITIES, CORRELATIONS, st.floats(-4, 4), st.floats(0, 4))
def test_a_worse_factor_never_lowers_the_default_probability(
    probability: float, correlation: float, value: float, worse_by: float
) -> None:
    good = factor.conditional_probability(probability, value, correlation)
    bad = factor.conditional_probability(probability, value - worse_by, correlation)
    assert bad >= good


def test_certain_accounts_stay_certain_whatever_the_factor() -> None:
    values = factor.conditional_probability(np.array([[0.0], [1.0]]), np.linspace(-6, 6, 13), 0.04)
    assert np.all(values[0] == 0.0)
    assert np.all(values[1] == 1.0)


def test_bad_years_of_two_percent_are_those_of_the_method() -> None:
    found = [
        float(factor.conditional_probability(0.02, factor.factor_of_year(years), 0.04))
        for years in (2, 10, 20, 100, 1000)
    ]
    expected = [0.01803672, 0.03328968, 0.03917472, 0.05248363, 0.07141850]
    assert found == pytest.approx(expected, abs=5e-9)


@given(PROBABILITIES, st.floats(0.1, 10))
def test_scaled_odds_multiply_the_odds(probability: float, multiplier: float) -> None:
    found = factor.scaled_odds(probability, multiplier)
    assert found / (1 - found) == pytest.approx(multiplier * probability / (1 - probability))


def test_scaled_odds_leave_certainty_alone() -> None:
    assert factor.scaled_odds(np.array([0.0, 1.0]), 1.7).tolist() == [0.0, 1.0]
