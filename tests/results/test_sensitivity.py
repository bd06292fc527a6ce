"""Break-evens, tornado and two-way tables, held against full simulations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions, described
from analytics.declared.assumption_parameters import (
    ASSUMPTION_PARAMETERS,
    BAND_PARAMETERS,
    BandParameter,
)
from analytics.declared.cases import CASES
from analytics.declared.scales import SESAME
from analytics.errors import ParameterError
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.sensitivity import BreakEven, Driver, Kind, Sensitivity, drivers, find_driver
from analytics.results.simulation import simulate
from analytics.results.stress import StressPools, load_stress_pools
from analytics.shown import words
from tests.portfolios import frame_from_parquet, portfolio_of
from tests.results.test_stress import alike, ordinary

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "huabei_like.parquet"
NAMES = tuple(p.name for p in ASSUMPTION_PARAMETERS) + tuple(b.name for b in BAND_PARAMETERS)


@pytest.fixture(scope="module")
def database() -> Iterator[EmbeddedDatabase]:
    database = EmbeddedDatabase()
    with database.raw() as cursor:
        cursor.execute("SET threads = 1")
    yield database
    database.close()


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return frame_from_parquet(SAMPLE).iloc[:40_000].reset_index(drop=True)


@pytest.fixture(scope="module")
def book(frame: pd.DataFrame) -> Iterator[Portfolio]:
    portfolio = portfolio_of(frame)
    yield portfolio
    portfolio.door.close()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def pools(book: Portfolio) -> StressPools:
    return load_stress_pools(book, Policy(), Assumptions())


def net_value(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> float:
    change = simulate(portfolio, policy, assumptions).total.increment
    assert change
    return change.net_value


# ---- Cases


@pytest.mark.parametrize("name", NAMES)
def test_every_assumption_has_a_low_and_a_high_case_in_bounds_around_the_shipped(name: str) -> None:
    case, declared = CASES[name], described(name)
    banded = isinstance(declared, BandParameter)
    parameter = declared.declared if isinstance(declared, BandParameter) else declared
    shipped = getattr(Assumptions(), name)
    for end in (case.low, case.high):
        assert isinstance(end, tuple) is banded
        assert Assumptions(**{name: end})
    assert case.source
    assert case.low != case.high
    if parameter.choices:
        assert {case.low, case.high} <= set(parameter.choices)
        return
    triples = zip(*(np.atleast_1d(v) for v in (case.low, shipped, case.high)), strict=True)
    assert all(abs(low) <= abs(value) <= abs(high) for low, value, high in triples)


def test_cases_are_declared_for_assumptions_and_nothing_else() -> None:
    assert set(CASES) == set(NAMES)


# ---- Tornado


@pytest.mark.parametrize("measure", ["net_value", "expected_loss"])
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
            closely = 3e-3 if moved.capital_approach != "standardised" else 1e-6
            assert value == pytest.approx(
                change.get(measure), rel=closely, abs=2e-6 * change.margin
            )
            checked += 1
    assert checked > 30
    assert found.central == pytest.approx(
        simulate(book, Policy(), assumptions).total.increment.get(measure),  # type: ignore[union-attr]
        rel=1e-6,
    )


def test_multipliers_are_full_simulations_of_multiplied_accounts(
    frame: pd.DataFrame, pools: StressPools, database: EmbeddedDatabase
) -> None:
    moved = Sensitivity(pools, 800, Assumptions())
    for name, column in (
        ("default_probability", "default_probability"),
        ("severity", "loss_given_default"),
    ):
        driver = find_driver(name, pools.portfolio, Assumptions())
        factor = float(driver.low)  # type: ignore[arg-type]
        changed = frame.assign(**{column: frame[column] * factor})
        wanted = net_value(portfolio_of(changed, database=database), Policy(), Assumptions())
        assert moved.increment("net_value", (driver, factor)) == pytest.approx(wanted, rel=1e-6)


def test_rates_can_be_moved_and_the_customers_side_is_refused(pools: StressPools) -> None:
    found = Sensitivity(pools, 800, Assumptions())
    assert found.tornado("return_on_capital").bars[0].swing > 0
    assert found.tornado("loss_per_new_exposure").bars[0].swing > 0
    with pytest.raises(ParameterError, match="'relieved' cannot be moved"):
        found.tornado("relieved")


def test_only_what_can_act_is_moved(database: EmbeddedDatabase) -> None:
    accounts = ordinary(3, 30)

    def names(frame: pd.DataFrame, **changes: Any) -> set[str]:
        portfolio = portfolio_of(frame, database=database)
        return {driver.name for driver in drivers(portfolio, Assumptions(**changes))}

    bare = accounts.drop(columns=["default_probability", "loss_given_default"])
    assert {"anchor_odds", "loss_given_default"} <= names(bare)
    assert not {"anchor_odds", "loss_given_default"} & names(accounts)
    assert "severity" in names(accounts)
    assert "severity" not in names(bare)
    assert {"elasticity", "idle_draw"} <= names(accounts)
    assert not {"elasticity", "idle_draw"} & names(accounts, response_form="linear")
    assert "mpb" in names(accounts, response_form="linear")
    assert "take_up" in names(accounts, consent_mode="opt_in")
    assert "pd_floor" in names(accounts, capital_approach="irb_qrre")
    assert "strain_income_share" not in names(accounts)


def test_the_curve_moves_default_probabilities_that_come_from_it(
    database: EmbeddedDatabase,
) -> None:
    accounts = ordinary(6, 400).drop(columns="default_probability")
    portfolio = portfolio_of(accounts, database=database)
    policy = Policy(score_threshold=600)
    pools = load_stress_pools(portfolio, policy, Assumptions())
    found = Sensitivity(pools, 600, Assumptions())
    for name in ("anchor_score", "anchor_odds", "points_to_double_odds"):
        driver = find_driver(name, portfolio, Assumptions())
        for end in (driver.low, driver.high):
            moved = driver.assumptions_at(end, Assumptions())
            change = simulate(portfolio, policy, moved).total.increment
            assert change
            value = found.increment("expected_loss", (driver, end))
            assert value == pytest.approx(change.expected_loss, rel=1e-9)


def test_cases_are_fitted_to_bands_of_ones_own(database: EmbeddedDatabase) -> None:
    values = {band.name: band.central[:2] for band in BAND_PARAMETERS}
    assumptions = Assumptions(band_edges=(350, 700), **values)
    portfolio = portfolio_of(ordinary(5, 200), database=database)
    pools = load_stress_pools(portfolio, Policy(), assumptions)
    bars = Sensitivity(pools, 500, assumptions).tornado().bars
    ends = {bar.driver.name: bar.driver for bar in bars}
    low, high = ends["pd_uplift"].low, ends["pd_uplift"].high
    assert low == pytest.approx((0.015, 0.0125))
    assert high == pytest.approx((0.06, 0.05))


# ---- Break-evens


def put_back(found: BreakEven, assumptions: Assumptions) -> Assumptions | None:
    assert found.value is not None
    if found.driver.kind is Kind.MULTIPLIER:
        return None
    return found.driver.assumptions_at(found.value, assumptions)


@pytest.mark.parametrize("threshold", [800, 650])
def test_a_break_even_put_back_gives_a_net_value_of_0(
    book: Portfolio, frame: pd.DataFrame, database: EmbeddedDatabase, threshold: int
) -> None:
    policy, assumptions = Policy(score_threshold=threshold), Assumptions()
    pools = load_stress_pools(book, policy, assumptions)
    found = Sensitivity(pools, threshold, assumptions).break_evens()
    names = ["response", "default_probability", "uplift", "credit_conversion_factor", "severity"]
    assert [item.driver.name for item in found] == [*names, "funding_rate"]
    change = simulate(book, policy, assumptions).total.increment
    assert change
    closely = 2e-3 * change.margin  # the kink of retained value, taken pool by pool
    reached = 0
    for item in found:
        if item.value is None:
            assert words.break_even_reason(item)
            continue
        moved = put_back(item, assumptions)
        if moved is None:
            riskier = (frame["default_probability"] * item.value).clip(upper=1.0)
            changed = portfolio_of(frame.assign(default_probability=riskier), database=database)
            left = net_value(changed, policy, assumptions)
        else:
            left = net_value(book, policy, moved)
        assert left == pytest.approx(0.0, abs=closely)
        assert item.pays
        assert "stops paying at" in words.break_even_sentence(item)
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
        for value in (item.value, *item.others):
            changed = accounts
            moved = item.driver.assumptions_at(value, assumptions)
            if item.driver.name == "default_probability":
                changed = accounts.assign(default_probability=min(probability * value, 1.0))
            left = net_value(portfolio_of(changed, database=database), policy, moved)
            assert left == pytest.approx(0.0, abs=1e-8 * scale)


def test_the_closed_form_of_the_break_even_default_probability_is_found(
    database: EmbeddedDatabase,
) -> None:
    # Per unit of new limit: mpb 0.12, spread 0.07, LGD 0.85, CCF 0.20, and capital of
    # 0.12 x 0.105 x 0.75 x (0.12 + 0.1 x 0.88): p* = 2.557 %.
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
    found = {item.driver.name: item for item in Sensitivity(pools, 800, assumptions).break_evens()}
    assert found["default_probability"].value == pytest.approx(2.557, rel=2e-4)
    assert found["uplift"].value is None


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


# ---- Two together


def test_a_two_way_table_is_full_simulations(book: Portfolio, pools: StressPools) -> None:
    found = Sensitivity(pools, 800, Assumptions()).two_way("funding", "yield_rate", steps=3)
    assert found.values.shape == (3, 3)
    for row, funding in enumerate(found.first_settings):
        for column, rates in enumerate(found.second_settings):
            moved = Assumptions(funding_rate=funding, yield_rate=rates)  # type: ignore[arg-type]
            wanted = net_value(book, Policy(), moved)
            assert found.values[row, column] == pytest.approx(wanted, rel=1e-6)


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


def test_a_driver_out_of_bounds_is_refused(pools: StressPools) -> None:
    driver = find_driver("lgd_floor", pools.portfolio, Assumptions(capital_approach="irb_qrre"))
    assert isinstance(driver, Driver)
    with pytest.raises(ParameterError, match="lgd_floor = 150 % is too high"):
        driver.assumptions_at(1.5, Assumptions())
    assert driver.between(0.5) == 0.25
    assert math.isclose(float(driver.current(Assumptions())), 0.0)  # type: ignore[arg-type]
    assert SESAME.lowest == 350
