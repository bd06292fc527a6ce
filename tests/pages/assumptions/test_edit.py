"""The assumptions page: it shows the values of the method, and what is changed is in force."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics.declared.assumption_parameters import BAND_PARAMETERS
from tests.oracle import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY, simulate
from tests.pages import driver, reading
from tests.pages.driver import ASSUMPTIONS, HOME
from tests.pages.reading import said

HEADLINE = ("ead", "projected_defaults", "expected_loss", "net_value")
IN_PERCENT = (
    "idle_draw",
    "attrition_floor",
    "credit_conversion_factor",
    "loss_given_default",
    "funding_rate",
    "operating_rate",
    "asset_correlation",
    "risk_weight",
    "regulatory_conversion_factor",
    "capital_ratio",
    "hurdle_rate",
    "relief_utilization",
    "minimum_payment_rate",
    "strain_income_share",
)
AS_THEY_ARE = (
    "anchor_score",
    "anchor_odds",
    "points_to_double_odds",
    "action_cost",
    "over_indebted_multiple",
)
BY_BAND = [
    "elasticity",
    "mpb",
    "pd_uplift",
    "attrition",
    "attrition_change",
    "take_up",
    "yield_rate",
]


@pytest.fixture
def page(thousand: AppTest) -> AppTest:
    """The page with every assumption as shipped."""
    app = driver.turned_to(thousand, ASSUMPTIONS)
    driver.pressed(app, "Reset")
    assert driver.complaints(app) == []
    return app


def table_by_band(app: AppTest) -> Any:
    return next(f.value for f in app.dataframe if "Assumption" in f.value.columns)


def test_every_value_shown_is_the_methods(page: AppTest) -> None:
    shown = {str(box.key): box.value for box in page.number_input if "assume_" in str(box.key)}
    for name in IN_PERCENT:
        wanted = float(DEFAULT_ASSUMPTIONS[name]) * 100
        assert shown.pop(f"assume_{name}") == pytest.approx(wanted, abs=1e-9), name
    for name in AS_THEY_ARE:
        wanted = float(DEFAULT_ASSUMPTIONS[name])
        assert shown.pop(f"assume_{name}") == pytest.approx(wanted, abs=1e-9), name
    assert shown == {"assume_pd_floor": 0.0, "assume_lgd_floor": 0.0}
    approach = page.selectbox(key="assume_capital_approach").value
    assert approach == DEFAULT_ASSUMPTIONS["capital_approach"]


def test_every_value_by_band_is_the_methods(page: AppTest) -> None:
    shown = table_by_band(page).drop(columns="Assumption")
    edges = DEFAULT_ASSUMPTIONS["band_edges"]
    assert [int(str(label).strip("+").split("-")[0]) for label in shown.columns] == list(edges)
    wanted = [np.multiply(DEFAULT_ASSUMPTIONS[name], 100) for name in BY_BAND]
    assert shown.to_numpy(dtype=float) == pytest.approx(np.array(wanted), abs=1e-9)


def band_means(frame: pd.DataFrame, start: int, end: int) -> tuple[float, float, float]:
    """Return mean limit, balance and default probability of the accounts of a band."""
    inside = frame[(frame["score"] >= start) & (frame["score"] < end)]
    return (
        float(inside["credit_limit"].mean()),
        float(inside["balance"].mean()),
        float(inside["default_probability"].mean()),
    )


@pytest.mark.parametrize(("band", "end"), [(650, 700), (800, 850)])
def test_the_effects_of_a_raise_are_the_formulas_by_hand(
    page: AppTest, frame: pd.DataFrame, band: int, end: int
) -> None:
    place = DEFAULT_ASSUMPTIONS["band_edges"].index(band)
    limit, balance, _ = band_means(frame, band, end)
    after = balance + DEFAULT_ASSUMPTIONS["elasticity"][place] * balance * math.log(1.1)
    factor = DEFAULT_ASSUMPTIONS["credit_conversion_factor"]
    before_ead = balance + factor * (limit - balance)
    after_ead = after + factor * (1.1 * limit - after)
    lines = reading.traces(page, "effects")
    shown = {name: float(line["y"][place]) for name, line in lines.items()}
    assert shown == pytest.approx(
        {
            "balance": (after / balance - 1) * 100,
            "EAD": (after_ead / before_ead - 1) * 100,
            "default probability": DEFAULT_ASSUMPTIONS["pd_uplift"][place] * 100,
        },
        rel=1e-9,
    )
    assert lines["EAD"]["x"][place] == str(band)


def test_a_changed_value_is_in_force_marked_and_can_be_reset(
    page: AppTest, frame: pd.DataFrame
) -> None:
    page.number_input(key="assume_credit_conversion_factor").set_value(40.0).run()
    page.number_input(key="assume_action_cost").set_value(1.5).run()
    assert driver.complaints(page) == []
    assert "2 changed" in said(page)[0]
    titles = [box.label for box in page.number_input if "assume_" in str(box.key)]
    marked = [title for title in titles if "●" in title]
    assert len(marked) == 2
    assumed = DEFAULT_ASSUMPTIONS | {"credit_conversion_factor": 0.4, "action_cost": 1.5}
    home = driver.turned_to(page, HOME)
    result = simulate(frame, DEFAULT_POLICY, assumed)
    assert driver.differing(home, driver.expected_cards(result, HEADLINE)) == {}
    driver.turned_to(page, ASSUMPTIONS)
    driver.pressed(page, "Reset all")
    assert "changed" not in said(page)[0]
    driver.turned_to(page, HOME)
    result = simulate(frame, DEFAULT_POLICY, DEFAULT_ASSUMPTIONS)
    assert driver.differing(page, driver.expected_cards(result, HEADLINE)) == {}


def test_the_effects_follow_an_edit(page: AppTest, frame: pd.DataFrame) -> None:
    before = reading.traces(page, "effects")["balance"]["y"][3]
    page.number_input(key="assume_credit_conversion_factor").set_value(80.0).run()
    lines = reading.traces(page, "effects")
    assert lines["balance"]["y"][3] == before
    limit, balance, _ = band_means(frame, 650, 700)
    after = balance * (1 + 0.6 * math.log(1.1))
    ead = (balance + 0.8 * (limit - balance), after + 0.8 * (1.1 * limit - after))
    assert float(lines["EAD"]["y"][3]) == pytest.approx((ead[1] / ead[0] - 1) * 100, rel=1e-9)


def test_a_rule_books_values_are_taken_whole(page: AppTest, frame: pd.DataFrame) -> None:
    page.selectbox(key="regime_capital").select("Basel III, transactors").run()
    assert driver.complaints(page) == []
    assert page.number_input(key="assume_risk_weight").value == 45
    driver.turned_to(page, HOME)
    assumed = DEFAULT_ASSUMPTIONS | {"risk_weight": 0.45}
    result = simulate(frame, DEFAULT_POLICY, assumed)
    assert driver.differing(page, driver.expected_cards(result, HEADLINE)) == {}
    driver.turned_to(page, ASSUMPTIONS)
    page.selectbox(key="regime_capital").select("IRB, revolving retail, with floors").run()
    assert page.selectbox(key="assume_capital_approach").value == "irb_qrre"
    floors = [page.number_input(key=f"assume_{name}_floor").value for name in ("pd", "lgd")]
    assert floors == [0.1, 50]


def test_values_by_band_of_a_link_stand_in_the_table_and_are_marked(page: AppTest) -> None:
    driver.followed(page, ASSUMPTIONS, pd_uplift="0.04", elasticity=",".join(["0.1"] * 7 + ["0.2"]))
    assert driver.complaints(page) == driver.notes_on_link(page) == []
    frame = table_by_band(page).set_index("Assumption")
    titles = {band.name: band.declared.title for band in BAND_PARAMETERS}
    assert frame.loc[f"● {titles['pd_uplift']}"].tolist() == [4.0] * 8
    assert frame.loc[f"● {titles['elasticity']}"].tolist() == [10.0] * 7 + [20.0]
    assert frame.loc[titles["mpb"]].tolist() == pytest.approx(
        np.multiply(DEFAULT_ASSUMPTIONS["mpb"], 100)
    )
    assert "2 changed" in said(page)[0]


def test_the_rows_of_the_table_are_the_declared_bands(page: AppTest) -> None:
    titles = table_by_band(page)["Assumption"].tolist()
    assert titles == [band.declared.title for band in BAND_PARAMETERS]
    assert [band.name for band in BAND_PARAMETERS] == BY_BAND
