"""The one-factor model: identities, and sums of defaults against what is known of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.method import factor
from analytics.method.factor import Events, FactorModel

PROBABILITIES = st.floats(1e-6, 0.999)
CORRELATIONS = st.floats(0.0, 0.6)
POINTS, WEIGHTS = np.polynomial.hermite_e.hermegauss(120)
FINE = np.linspace(-7, 7, 20_001)
"""Values of the factor, for what is almost a step in it."""


def alike(accounts: float, probability: float, loss: float = 1.0) -> Events:
    """Return the events of one pool of accounts that all agree."""
    level = accounts * probability * np.array([[1.0], [loss], [loss**2], [loss**3]])
    return Events(
        accounts=np.array([accounts]),
        probability=np.array([probability]),
        riskier=np.array([probability]),
        level=level,
        rise=np.zeros_like(level),
    )


def model_of(events: Events, correlation: float) -> FactorModel:
    return FactorModel.over([events.probability, events.riskier], correlation)


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


@pytest.mark.parametrize(
    ("correlation", "within"), [(0.0, 1e-7), (0.04, 1e-6), (0.2, 1e-4), (0.6, 1e-3)]
)
def test_the_model_keeps_means_at_every_point_of_its_grid(
    correlation: float, within: float
) -> None:
    model = FactorModel.over([np.array([1e-5, 0.9])], correlation)
    assert model.relative @ model.weights == pytest.approx(1.0, abs=within)
    assert model.slope @ model.weights == pytest.approx(1.0, abs=5 * within)


@pytest.mark.parametrize("accounts", [1, 10, 40])
@pytest.mark.parametrize("probability", [0.001, 0.05, 0.4])
def test_counts_of_accounts_alike_are_binomial_mixed_over_the_factor(
    accounts: int, probability: float
) -> None:
    events = alike(accounts, probability).counted()
    model = model_of(events, 0.04)
    found = factor.count_distribution(model.moments(events), model)[0, : accounts + 1]
    given_factor = factor.conditional_probability(probability, POINTS, 0.04)
    counts = np.arange(accounts + 1)[:, np.newaxis]
    expected = stats.binom.cdf(counts, accounts, given_factor) @ WEIGHTS / WEIGHTS.sum()
    assert found == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("accounts", [1, 30, 64, 65, 90, 400, 20_000])
@pytest.mark.parametrize("probability", [0.001, 0.05, 0.4, 0.9])
def test_the_range_of_a_count_of_accounts_alike_is_that_of_the_mixture(
    accounts: int, probability: float
) -> None:
    events = alike(accounts, probability)
    low, high = factor.count_quantiles(events, model_of(events, 0.04))
    given_factor = factor.conditional_probability(probability, FINE, 0.04)
    for end, level in ((low, 0.025), (high, 0.975)):
        at_most, below = (
            stats.binom.cdf(count, accounts, given_factor)
            @ stats.norm.pdf(FINE)
            * (FINE[1] - FINE[0])
            for count in (end, end - 1)
        )
        assert at_most >= level - 1e-3
        assert below < level + 1e-3


@pytest.mark.parametrize("accounts", [30, 64, 65, 500, 20_000, 3_000_000])
@pytest.mark.parametrize("probability", [0.0005, 0.02, 0.4])
def test_without_correlation_the_count_is_binomial(accounts: int, probability: float) -> None:
    events = alike(accounts, probability)
    low, high = factor.count_quantiles(events, model_of(events, 0.0))
    for end, level in ((low, 0.025), (high, 0.975)):
        assert stats.binom.cdf(end, accounts, probability) >= level - 1e-3
        assert stats.binom.cdf(end - 1, accounts, probability) < level + 1e-3


@pytest.mark.parametrize("correlation", [0.01, 0.04, 0.15])
@pytest.mark.parametrize("probability", [0.001, 0.02, 0.3])
def test_the_range_of_a_huge_portfolio_is_the_factors(
    probability: float, correlation: float
) -> None:
    events = alike(1e9, probability)
    found = factor.count_quantiles(events, model_of(events, correlation))
    expected = [
        1e9 * factor.conditional_probability(probability, stats.norm.isf(level), correlation)
        for level in factor.CENTRAL
    ]
    assert found == pytest.approx(expected, rel=3e-3)


def test_one_account_loses_nothing_or_everything() -> None:
    for probability, expected in ((0.01, (0, 0)), (0.5, (0, 700)), (0.99, (700, 700))):
        events = alike(1.0, probability, loss=700.0)
        found = factor.loss_quantiles(events, model_of(events, 0.04))
        assert found == pytest.approx(expected, abs=1)


def test_certain_defaults_add_to_the_sum_and_not_to_its_uncertainty() -> None:
    open_, certain = alike(500.0, 0.05, loss=10.0), alike(7.0, 1.0, loss=1_000.0)
    model = model_of(open_.and_those(certain), 0.04)
    alone, both = (factor.loss_quantiles(e, model) for e in (open_, open_.and_those(certain)))
    assert np.subtract(both, alone) == pytest.approx([7_000, 7_000])
    alone, both = (factor.count_quantiles(e, model) for e in (open_, open_.and_those(certain)))
    assert np.subtract(both, alone).tolist() == [7, 7]


def test_no_events_have_no_range() -> None:
    nothing = alike(0.0, 0.5).only(np.array([False]))
    model = model_of(nothing, 0.04)
    assert factor.count_quantiles(nothing, model) == (0, 0)
    assert factor.loss_quantiles(nothing, model) == (0, 0)


def test_losses_of_accounts_alike_are_their_count_times_the_loss() -> None:
    """The convolution and, from many accounts on, the normal sum agree with the count."""
    for accounts in (20.0, 500.0, 5_000.0, 200_000.0):
        events = alike(accounts, 0.02, loss=250.0)
        model = model_of(events, 0.04)
        counts = np.array(factor.count_quantiles(events, model)) * 250.0
        losses = np.array(factor.loss_quantiles(events, model))
        assert losses == pytest.approx(counts, abs=130 + 0.002 * counts[1])


@given(st.floats(0.001, 0.3), st.floats(0.0, 0.3), st.integers(1, 100_000))
def test_ranges_are_ordered_and_inside_what_is_possible(
    probability: float, correlation: float, accounts: int
) -> None:
    events = alike(float(accounts), probability, loss=3.0)
    model = model_of(events, correlation)
    low, high = factor.count_quantiles(events, model)
    assert 0 <= low <= high <= accounts
    assert float(low).is_integer()
    assert float(high).is_integer()
    low, high = factor.loss_quantiles(events, model)
    assert 0 <= low <= high <= 3.0 * accounts * (1 + 1e-2)
