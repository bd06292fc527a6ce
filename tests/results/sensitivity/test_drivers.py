"""What can be moved, and between which cases."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

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
from analytics.results.sensitivity import Driver, Sensitivity, drivers, find_driver
from analytics.results.stress import StressPools, load_stress_pools
from tests.portfolios import portfolio_of
from tests.results.stress.examples import ordinary

NAMES = tuple(p.name for p in ASSUMPTION_PARAMETERS) + tuple(b.name for b in BAND_PARAMETERS)


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


def test_only_what_can_act_is_moved(database: EmbeddedDatabase) -> None:
    accounts = ordinary(3, 30)

    def names(frame: pd.DataFrame, **changes: Any) -> set[str]:
        portfolio = portfolio_of(frame, database=database)
        return {driver.name for driver in drivers(portfolio.contents, Assumptions(**changes))}

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
    months = {"discount_rate", "horizon_months", "loss_lag_months", "build_month_3"}
    assert months <= names(accounts)
    assert "transactor_yield" not in names(accounts.drop(columns="is_transactor"))
    assert "transactor_yield" in names(accounts.assign(is_transactor=True))
    assert "reference_draw" in names(accounts)
    assert "reference_draw" not in names(accounts, pd_uplift_driver="limit")
    assert "life_years" in names(accounts, provisioning="cecl")
    assert "life_years" not in names(accounts)


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


def test_a_driver_out_of_bounds_is_refused(pools: StressPools) -> None:
    driver = find_driver("lgd_floor", pools.contents, Assumptions(capital_approach="irb_qrre"))
    assert isinstance(driver, Driver)
    with pytest.raises(ParameterError, match="lgd_floor = 150 % is too high"):
        driver.assumptions_at(1.5, Assumptions())
    assert driver.between(0.5) == 0.25
    assert math.isclose(float(driver.current(Assumptions())), 0.0)  # type: ignore[arg-type]
    assert SESAME.lowest == 350
