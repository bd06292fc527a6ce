"""Distributions of sums against every outcome listed, drawn years, and what must hold of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.declared.arrays import Floats
from analytics.method import chance
from analytics.method.chance import Distribution, Events, FactorModel, distribution_of
from tests.oracle.chance import drawn, every_outcome, quantile

LEVELS = (0.025, 0.25, 0.5, 0.95, 0.975, 0.999)
CORRELATIONS = (0.0, 0.04, 0.15, 0.5, 0.79)


def singles(
    probability: Floats, loss: Floats, rise: Floats | float = 0.0, extra: Floats | float = 0.0
) -> Events:
    """Return the events of accounts, each of them a pool."""
    rises, extras = (np.broadcast_to(of, probability.shape) for of in (rise, extra))
    return Events(
        accounts=np.ones(len(probability)),
        probability=probability,
        riskier=probability + rises,
        level=np.stack([probability * loss**power for power in range(4)]),
        rise=np.stack([rises * extras**power for power in range(4)]),
        most=np.maximum(loss, np.where(rises > 0, extras, 0.0)),
    )


def model_of(events: Events, correlation: float) -> FactorModel:
    return FactorModel.over([events.probability, events.riskier], correlation)


def found_for(events: Events, correlation: float) -> Distribution:
    return distribution_of(events, model_of(events, correlation))


def assert_drawn(found: Distribution, years: Floats, *, levels: tuple[float, ...]) -> None:
    """The chance of the ends is their level's, within four deviations of the drawn share.

    An end may stand beside its atom by a thousandth of the width.
    """
    width = np.subtract(*np.quantile(years, [0.975, 0.025]))
    for level in levels:
        end = found.quantile(level)
        slack = 4.0 * np.sqrt(level * (1.0 - level) / len(years)) + 5e-4
        assert np.mean(years <= end + 1.5e-3 * width) >= level - slack, (level, end)
        assert np.mean(years < end - 1.5e-3 * width) <= level + slack, (level, end)


def test_the_third_moment_of_an_increment_knows_both_losses_of_an_account() -> None:
    """1,000 accounts of 40 %, 4 points more, that lose 20 or 120 more: by hand.

    An account's mean is 0.4 x 20 + 0.04 x 120 = 12.8, its mean square 736, its mean cube 72,320;
    its third cumulant is 72,320 - 3 x 12.8 x 736 + 2 x 12.8^3 = 48,251.904.
    """
    level = 400.0 * 20.0 ** np.arange(4.0)[:, np.newaxis]
    rise = 40.0 * 120.0 ** np.arange(4.0)[:, np.newaxis]
    events = Events(
        accounts=np.array([1_000.0]),
        probability=np.array([0.4]),
        riskier=np.array([0.44]),
        level=level,
        rise=rise,
        most=np.array([120_000.0]),
    )
    found = model_of(events, 0.0).moments(events)
    assert found.mean[0] == pytest.approx(12_800)
    assert found.variance[0] == pytest.approx(736_000 - 1_000 * 12.8**2)
    assert found.third[0] == pytest.approx(48_251_904)


@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize("risen", [False, True], ids=["level", "increment"])
def test_a_few_accounts_have_the_distribution_of_every_outcome_listed(
    correlation: float, risen: bool
) -> None:
    """The ends are sums that can be, to the cent: 2^7 of them, or 3^7 for an increment."""
    rng = np.random.default_rng(7)
    probability, loss = rng.uniform(0.02, 0.6, 7), rng.integers(5, 5_000, 7) / 1.0
    rise = rng.uniform(0.01, 0.3, 7) if risen else np.zeros(7)
    extra = loss + rng.integers(5, 5_000, 7) if risen else np.zeros(7)
    sums, chances = every_outcome(probability, probability + rise, loss, extra, correlation)
    found = found_for(singles(probability, loss, rise, extra), correlation)
    for level in LEVELS:
        assert found.quantile(level) == pytest.approx(quantile(sums, chances, level))
    assert found.below(sums + 1e-3) == pytest.approx(np.cumsum(chances), abs=1e-4)


@pytest.mark.parametrize("correlation", CORRELATIONS)
def test_risky_accounts_by_the_hundred_agree_with_drawn_years(correlation: float) -> None:
    """150 accounts of 5 to 50 %, of which a normal sum made a far too wide range."""
    rng = np.random.default_rng(5)
    probability, loss = rng.uniform(0.05, 0.5, 150), rng.lognormal(7.5, 0.8, 150)
    years = drawn(probability, probability, loss, 0.0 * loss, correlation, years=20_000)
    assert_drawn(found_for(singles(probability, loss), correlation), years, levels=LEVELS)


@pytest.mark.parametrize("correlation", CORRELATIONS)
def test_one_account_that_is_a_sixth_of_the_loss_is_a_jump(correlation: float) -> None:
    rng = np.random.default_rng(6)
    probability, loss = rng.uniform(0.005, 0.05, 300), rng.lognormal(7.0, 0.7, 300)
    probability[0], loss[0] = 0.04, 0.17 / 0.83 * loss[1:].sum()
    found = found_for(singles(probability, loss), correlation)
    years = drawn(probability, probability, loss, 0.0 * loss, correlation, years=20_000)
    assert_drawn(found, years, levels=LEVELS)


@pytest.mark.parametrize(
    ("giants", "correlation"), [(1, 0.0), (1, 0.04), (1, 0.5), (3, 0.15), (40, 0.04)]
)
def test_losses_far_above_all_others_leave_those_their_own_scale(
    giants: int, correlation: float
) -> None:
    """1,500 losses of about 33 and some of a million: the ends are those of the crumbs."""
    rng = np.random.default_rng(8)
    loss = np.append(rng.lognormal(3.0, 1.0, 1_500), np.linspace(1e6, 1.7e6, giants))
    probability = np.append(np.full(1_500, 0.02), np.full(giants, 0.02 / giants))
    years = drawn(probability, probability, loss, 0.0 * loss, correlation, years=8_000)
    found = found_for(singles(probability, loss), correlation)
    crumbs = float(loss[:1_500].sum()) * 1e-4
    for level in (*LEVELS[:3], 0.9, *LEVELS[3:]):
        end = found.quantile(level)
        slack = 4.0 * np.sqrt(level * (1.0 - level) / len(years)) + 5e-4
        near = crumbs if end < 1e5 or giants < 40 else 2e-3 * giants * 1.7e6
        assert np.mean(years <= end + near) >= level - slack, (level, end)
        assert np.mean(years < end - near) <= level + slack, (level, end)
    assert found.quantile(1.0) <= loss.sum() * (1.0 + 1e-12)


@pytest.mark.parametrize("correlation", CORRELATIONS)
def test_an_increment_of_likely_defaults_agrees_with_drawn_years(correlation: float) -> None:
    """A thousand accounts of 40 %, 4 points more, that lose 20 or 120 more."""
    one = np.full(1_000, 1.0)
    found = found_for(singles(0.4 * one, 20.0 * one, 0.04, 120.0), correlation)
    years = drawn(0.4 * one, 0.44 * one, 20.0 * one, 120.0 * one, correlation, years=5_000)
    assert_drawn(found, years, levels=LEVELS[:-1])


def test_what_is_nearly_sure_to_be_lost_is_never_more_than_there_is() -> None:
    for count in (5, 70, 400, 50_000):
        probability = np.linspace(0.9, 0.99, count)
        events = singles(probability, np.linspace(10.0, 20.0, count))
        for correlation in (0.0, 0.04, 0.8):
            found = found_for(events, correlation)
            assert found.quantile(1.0) <= events.most.sum() * (1.0 + 1e-12)
            assert found.quantile(0.999) <= events.most.sum()


@pytest.mark.parametrize("accounts", [1, 12, 64, 65, 150, 700, 20_000, 1_000_000])
@pytest.mark.parametrize("correlation", [0.0, 0.04, 0.5, 0.8])
def test_the_range_of_defaults_is_that_of_losses_of_1(accounts: int, correlation: float) -> None:
    level = np.full((4, 1), accounts * 0.03)
    one = np.array([float(accounts)])
    probability = np.array([0.03])
    events = Events(
        accounts=one,
        probability=probability,
        riskier=probability,
        level=level,
        rise=0.0 * level,
        most=one,
    )
    model = model_of(events, correlation)
    counted = chance.count_quantiles(events, model)
    lost = distribution_of(events, model).central()
    assert counted == pytest.approx(lost, abs=0.51 + 2e-4 * lost[1])
    many = chance.count_quantiles_of(model.moments(events), one, model)
    # A hundredth of a high end is a two-thousandth of probability where the factor rules.
    apart = 2e-3 if correlation < 0.5 else 2e-2
    assert counted == pytest.approx((many[0][0], many[1][0]), abs=1 + apart * lost[1])


@given(
    st.lists(st.tuples(st.floats(0.001, 0.95), st.floats(0.5, 1e6)), min_size=1, max_size=40),
    st.integers(1, 20),
    st.floats(0.0, 0.8),
)
def test_quantiles_rise_with_their_level_between_nothing_and_everything(
    accounts: list[tuple[float, float]], times: int, correlation: float
) -> None:
    probability, loss = (np.repeat(np.array(of), times) for of in zip(*accounts, strict=True))
    events = singles(probability, loss)
    found = found_for(events, correlation)
    ends = [found.quantile(level) for level in (0.0, 0.001, *LEVELS, 1.0)]
    assert np.isfinite(ends).all()
    assert ends == sorted(ends)
    assert ends[0] >= 0.0
    assert ends[-1] <= loss.sum() * (1.0 + 1e-9)
