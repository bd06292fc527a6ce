"""Sums of defaults and of losses, against what is known of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.method import chance, factor
from analytics.method.chance import Events, FactorModel

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
        most=np.array([accounts * loss]),
    )


def model_of(events: Events, correlation: float) -> FactorModel:
    return FactorModel.over([events.probability, events.riskier], correlation)


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
    found = chance.count_distribution(model.moments(events), model)[0, : accounts + 1]
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
    low, high = chance.count_quantiles(events, model_of(events, 0.04))
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
    low, high = chance.count_quantiles(events, model_of(events, 0.0))
    for end, level in ((low, 0.025), (high, 0.975)):
        assert stats.binom.cdf(end, accounts, probability) >= level - 1e-3
        assert stats.binom.cdf(end - 1, accounts, probability) < level + 1e-3


@pytest.mark.parametrize("correlation", [0.01, 0.04, 0.15])
@pytest.mark.parametrize("probability", [0.001, 0.02, 0.3])
def test_the_range_of_a_huge_portfolio_is_the_factors(
    probability: float, correlation: float
) -> None:
    events = alike(1e9, probability)
    found = chance.count_quantiles(events, model_of(events, correlation))
    expected = [
        1e9 * factor.conditional_probability(probability, stats.norm.isf(level), correlation)
        for level in chance.CENTRAL
    ]
    assert found == pytest.approx(expected, rel=3e-3)


def test_one_account_loses_nothing_or_everything() -> None:
    for probability, expected in ((0.01, (0, 0)), (0.5, (0, 700)), (0.99, (700, 700))):
        events = alike(1.0, probability, loss=700.0)
        found = chance.distribution_of(events, model_of(events, 0.04)).central()
        assert found == pytest.approx(expected, abs=1)


def test_certain_defaults_add_to_the_sum_and_not_to_its_uncertainty() -> None:
    open_, certain = alike(500.0, 0.05, loss=10.0), alike(7.0, 1.0, loss=1_000.0)
    model = model_of(open_.and_those(certain), 0.04)
    alone, both = (
        chance.distribution_of(e, model).central() for e in (open_, open_.and_those(certain))
    )
    assert np.subtract(both, alone) == pytest.approx([7_000, 7_000])
    alone, both = (chance.count_quantiles(e, model) for e in (open_, open_.and_those(certain)))
    assert np.subtract(both, alone).tolist() == [7, 7]


def test_no_events_have_no_range() -> None:
    nothing = alike(0.0, 0.5).only(np.array([False]))
    model = model_of(nothing, 0.04)
    assert chance.count_quantiles(nothing, model) == (0, 0)
    assert chance.distribution_of(nothing, model).central() == (0, 0)


def test_losses_of_accounts_alike_are_their_count_times_the_loss() -> None:
    """The convolution and, from many accounts on, the normal sum agree with the count."""
    for accounts in (20.0, 500.0, 5_000.0, 200_000.0):
        events = alike(accounts, 0.02, loss=250.0)
        model = model_of(events, 0.04)
        counts = np.array(chance.count_quantiles(events, model)) * 250.0
        losses = np.array(chance.distribution_of(events, model).central())
        assert losses == pytest.approx(counts, abs=130 + 0.002 * counts[1])


@given(st.floats(0.001, 0.3), st.floats(0.0, 0.3), st.integers(1, 100_000))
def test_ranges_are_ordered_and_inside_what_is_possible(
    probability: float, correlation: float, accounts: int
) -> None:
    events = alike(float(accounts), probability, loss=3.0)
    model = model_of(events, correlation)
    low, high = chance.count_quantiles(events, model)
    assert 0 <= low <= high <= accounts
    assert float(low).is_integer()
    assert float(high).is_integer()
    low, high = chance.distribution_of(events, model).central()
    assert 0 <= low <= high <= 3.0 * accounts * (1 + 1e-2)
