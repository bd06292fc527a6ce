"""Bars, break-evens and tables held against full simulations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.errors import ParameterError
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.sensitivity import BreakEven, Kind, Sensitivity, find_driver
from analytics.results.simulation import simulate
from analytics.results.whatif import StressPools, load_stress_pools
from analytics.shown import words
from tests.portfolios import portfolio_of
from tests.results.stress.examples import alike, ordinary


def value(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, measure: str = "npv"
) -> float:
    change = simulate(portfolio, policy, assumptions).total.increment
    assert change
    found = change.get(measure)
    assert found is not None
    return found


def put_back(found: BreakEven, assumptions: Assumptions) -> Assumptions | None:
    assert found.value is not None
    if found.driver.kind is Kind.MULTIPLIER:
        return None
    return found.driver.assumptions_at(found.value, assumptions)


@pytest.mark.parametrize("measure", ["npv", "net_value", "first_year_profit"])
def test_each_bar_is_the_full_simulation_at_its_case(
    book: Portfolio, pools: StressPools, measure: str
) -> None:
    assumptions = Assumptions()
    found = Sensitivity(pools, 800, assumptions).tornado(measure)
    swings = [bar.swing for bar in found.bars]
    assert swings == sorted(swings, reverse=True)
    checked = 0
    for bar in found.bars:
        if bar.driver.kind is Kind.MULTIPLIER:
            continue
        for end, value in ((bar.driver.low, bar.low), (bar.driver.high, bar.high)):
            moved = bar.driver.assumptions_at(end, assumptions)
            change = simulate(book, Policy(), moved).total.increment
            assert change
            # What is linear is exact; capital by the IRB formula is taken pool by pool.
            closely = 3e-3 if moved.capital_approach != "standardised" else 1e-9
            assert value == pytest.approx(
                change.get(measure), rel=closely, abs=1e-9 * change.margin
            )
            checked += 1
    assert checked > 45
    assert found.central == pytest.approx(
        simulate(book, Policy(), assumptions).total.increment.get(measure),  # type: ignore[union-attr]
        rel=1e-9,
    )


def test_multipliers_are_full_simulations_of_multiplied_accounts(
    frame: pd.DataFrame, pools: StressPools, database: EmbeddedDatabase
) -> None:
    moved = Sensitivity(pools, 800, Assumptions())
    for name, column in (
        ("default_probability", "default_probability"),
        ("severity", "loss_given_default"),
    ):
        driver = find_driver(name, pools.contents, Assumptions())
        factor = float(driver.low)  # type: ignore[arg-type]
        changed = frame.assign(**{column: frame[column] * factor})
        wanted = value(portfolio_of(changed, database=database), Policy(), Assumptions())
        assert moved.increment("npv", (driver, factor)) == pytest.approx(wanted, rel=1e-9)


def test_rates_can_be_moved_and_the_customers_side_is_refused(pools: StressPools) -> None:
    found = Sensitivity(pools, 800, Assumptions())
    assert found.tornado("return_on_capital").bars[0].swing > 0
    assert found.tornado("loss_per_new_exposure").bars[0].swing > 0
    with pytest.raises(ParameterError, match="'relieved' cannot be moved"):
        found.tornado("relieved")


def test_the_curve_moves_default_probabilities_that_come_from_it(
    database: EmbeddedDatabase,
) -> None:
    accounts = ordinary(6, 400).drop(columns="default_probability")
    portfolio = portfolio_of(accounts, database=database)
    policy = Policy(score_threshold=600)
    pools = load_stress_pools(portfolio, policy, Assumptions())
    found = Sensitivity(pools, 600, Assumptions())
    for name in ("anchor_score", "anchor_odds", "points_to_double_odds"):
        driver = find_driver(name, portfolio.contents, Assumptions())
        for end in (driver.low, driver.high):
            moved = driver.assumptions_at(end, Assumptions())
            change = simulate(portfolio, policy, moved).total.increment
            assert change
            value = found.increment("expected_loss", (driver, end))
            assert value == pytest.approx(change.expected_loss, rel=1e-9)


@pytest.mark.parametrize("threshold", [800, 650])
def test_a_break_even_put_back_gives_a_value_of_0(
    book: Portfolio, frame: pd.DataFrame, database: EmbeddedDatabase, threshold: int
) -> None:
    policy, assumptions = Policy(score_threshold=threshold), Assumptions()
    pools = load_stress_pools(book, policy, assumptions)
    found = Sensitivity(pools, threshold, assumptions).break_evens()
    names = ["response", "default_probability", "uplift", "credit_conversion_factor", "severity"]
    assert [item.driver.name for item in found] == [*names, "funding_rate"]
    change = simulate(book, policy, assumptions).total.increment
    assert change
    closely = 1e-3 * change.margin  # who is idle between the cases is told pool by pool
    reached = 0
    for item in found:
        if item.value is None:
            assert words.break_even_reason(item)
            continue
        moved = put_back(item, assumptions)
        if moved is None:
            riskier = (frame["default_probability"] * item.value).clip(upper=1.0)
            changed = portfolio_of(frame.assign(default_probability=riskier), database=database)
            left = value(changed, policy, assumptions)
        else:
            left = value(book, policy, moved)
        assert left == pytest.approx(0.0, abs=closely)
        assert item.measure == "npv"
        turns = "stops" if item.pays else "starts"
        assert f"{turns} paying at" in words.break_even_sentence(item)
        reached += 1
    assert reached >= 4


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    probability=st.floats(0.001, 0.2),
    balance=st.integers(1, 100_000),
    rate=st.integers(500, 5_000),
    form=st.sampled_from(["log", "linear"]),
)
def test_accounts_of_one_kind_break_even_exactly(
    database: EmbeddedDatabase, probability: float, balance: int, rate: int, form: str
) -> None:
    accounts = alike(3, probability).drop(columns="loss_given_default").assign(balance=balance)
    policy = Policy(raise_rate=rate / 10_000)
    assumptions = Assumptions(response_form=form)
    portfolio = portfolio_of(accounts, database=database)
    pools = load_stress_pools(portfolio, policy, assumptions)
    size = simulate(portfolio, policy, assumptions).total.increment
    assert size
    scale = size.margin + size.expected_loss + size.capital_charge
    for item in Sensitivity(pools, 800, assumptions).break_evens():
        if item.value is None:
            continue
        for at in (item.value, *item.others):
            changed = accounts
            moved = item.driver.assumptions_at(at, assumptions)
            if item.driver.name == "default_probability":
                changed = accounts.assign(default_probability=min(probability * at, 1.0))
            left = value(portfolio_of(changed, database=database), policy, moved)
            assert left == pytest.approx(0.0, abs=1e-8 * scale)


def test_the_closed_form_of_the_break_even_default_probability_is_found(
    database: EmbeddedDatabase,
) -> None:
    # Per unit of new limit: mpb 0.12, spread 0.07, LGD 0.85, CCF 0.20, and capital of
    # 0.095 x 0.105 x 0.75 x (0.12 + 0.1 x 0.88): p* = 2.7201 %.
    assumptions = Assumptions(
        response_form="linear",
        mpb=(0.12,) * 8,
        yield_rate=(0.10,) * 8,
        pd_uplift=(0.0,) * 8,
        attrition=(0.0,) * 8,
    )
    accounts = alike(10, 0.01).assign(loss_given_default=0.85, balance=20_000)
    portfolio = portfolio_of(accounts, database=database)
    pools = load_stress_pools(portfolio, Policy(), assumptions)
    items = Sensitivity(pools, 800, assumptions).break_evens("net_value")
    found = {item.driver.name: item for item in items}
    assert found["default_probability"].value == pytest.approx(2.7201, rel=2e-5)
    assert found["uplift"].value is None


@pytest.mark.parametrize("own", [0.25, 0.85])
def test_a_break_even_of_the_loss_given_default_ends_at_100_percent(
    database: EmbeddedDatabase, own: float
) -> None:
    def severity(probability: float) -> BreakEven:
        accounts = alike(10, probability).assign(loss_given_default=own)
        pools = load_stress_pools(
            portfolio_of(accounts, database=database), Policy(), Assumptions()
        )
        found = Sensitivity(pools, 800, Assumptions()).break_evens("net_value")
        return next(item for item in found if item.driver.name == "severity")

    never = severity(0.001)
    assert (never.value, never.low, never.high) == (None, 0.0, pytest.approx(1 / own))
    said = words.break_even_sentence(never)
    assert "the policy pays up to a loss given default of 100 % (" in said
    turns = severity(0.0100)
    assert turns.value is not None
    assert 1.0 < turns.value < 1 / own
    at_it = alike(10, 0.0100).assign(loss_given_default=own * turns.value)
    left = value(portfolio_of(at_it, database=database), Policy(), Assumptions(), "net_value")
    assert left == pytest.approx(0.0, abs=1e-6)


def test_where_there_is_no_break_even_the_reason_is_given(database: EmbeddedDatabase) -> None:
    portfolio = portfolio_of(alike(5, 0.9), database=database)
    pools = load_stress_pools(portfolio, Policy(), Assumptions())
    for item in Sensitivity(pools, 800, Assumptions()).break_evens():
        if item.driver.name == "credit_conversion_factor":
            assert item.value is None
            assert "does not pay at every value from 0 % to 100 %" in words.break_even_reason(item)
            assert item.room is None
    nobody = Sensitivity(pools, 900, Assumptions()).break_evens()
    assert {item.value for item in nobody} == {None}
    assert all("nobody is raised" in words.break_even_sentence(item) for item in nobody)


def test_a_two_way_table_is_full_simulations(book: Portfolio, pools: StressPools) -> None:
    found = Sensitivity(pools, 800, Assumptions()).two_way("funding", "yield_rate", steps=3)
    assert found.values.shape == (3, 3)
    for row, funding in enumerate(found.first_settings):
        for column, rates in enumerate(found.second_settings):
            moved = Assumptions(funding_rate=funding, yield_rate=rates)  # type: ignore[arg-type]
            wanted = value(book, Policy(), moved)
            assert found.values[row, column] == pytest.approx(wanted, rel=1e-9)


def test_choices_and_multipliers_can_be_moved_together(pools: StressPools) -> None:
    found = Sensitivity(pools, 800, Assumptions()).two_way(
        "response-form", "default_probability", measure="expected_loss"
    )
    assert found.values.shape == (2, 9)
    assert (np.diff(found.values, axis=1) > 0).all()


def test_what_cannot_be_moved_is_refused_with_what_can(pools: StressPools) -> None:
    found = Sensitivity(pools, 800, Assumptions())
    with pytest.raises(ParameterError, match="did you mean funding_rate"):
        found.two_way("fundng_rate", "yield_rate")
    with pytest.raises(ParameterError, match="named twice"):
        found.two_way("yield_rate", "yield")
    with pytest.raises(ParameterError, match="cannot be moved from pools"):
        found.two_way("funding_rate", "yield_rate", measure="strained")


def test_months_are_moved_in_whole_numbers(pools: StressPools) -> None:
    found = Sensitivity(pools, 800, Assumptions()).two_way("horizon", "lag", steps=9)
    assert found.first_settings == (24, 28, 33, 38, 42, 46, 51, 56, 60)
    assert np.isfinite(found.values).all()
    assert (np.diff(found.values, axis=0) > 0).all(), "a longer horizon is worth more where it pays"


def test_a_temporary_raise_is_moved_as_it_is_simulated(book: Portfolio) -> None:
    policy = Policy(temporary_days=45)
    moved = Sensitivity(
        load_stress_pools(book, policy, Assumptions()), policy.score_threshold, Assumptions()
    )
    driver = find_driver("yield_rate", book.contents, Assumptions())
    wanted = value(book, policy, driver.assumptions_at(driver.high, Assumptions()))
    assert moved.increment("npv", (driver, driver.high)) == pytest.approx(wanted, rel=1e-9)
    assert moved.increment("provision_day_one") is None
