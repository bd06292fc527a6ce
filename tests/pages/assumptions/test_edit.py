"""The assumptions page: it shows the values of the method, and what is changed is in force."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics.assumptions import Assumptions
from analytics.declared.assumption_parameters import BAND_PARAMETERS
from analytics.export.assumptions_file import assumptions_csv
from tests.oracle import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY, simulate
from tests.pages import driver, reading
from tests.pages.driver import ASSUMPTIONS, HOME
from tests.pages.reading import said

IN_PERCENT = (
    "build_month_3",
    "discount_rate",
    "transactor_yield",
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
    "horizon_months",
    "loss_lag_months",
    "life_years",
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
    "reference_draw",
    "moved_share",
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
    of_rival = {"rival_reach": 60.0, "rival_shift": 10.0, "rival_attrition": 25.0}
    for name, wanted in of_rival.items():
        assert shown.pop(f"assume_{name}") == pytest.approx(wanted, abs=1e-9), name
    assert shown == {"assume_pd_floor": 0.0, "assume_lgd_floor": 0.0}
    for name in ("capital_approach", "pd_uplift_driver", "provisioning"):
        assert page.selectbox(key=f"assume_{name}").value == DEFAULT_ASSUMPTIONS[name]


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
    drawn = (after - balance) / limit / DEFAULT_ASSUMPTIONS["reference_draw"][place]
    factor = DEFAULT_ASSUMPTIONS["credit_conversion_factor"]
    before_ead = balance + factor * (limit - balance)
    after_ead = after + factor * (1.1 * limit - after)
    lines = reading.traces(page, "effects")
    shown = {name: float(line["y"][place]) for name, line in lines.items()}
    assert shown == pytest.approx(
        {
            "balance": (after / balance - 1) * 100,
            "EAD": (after_ead / before_ead - 1) * 100,
            "default probability": DEFAULT_ASSUMPTIONS["pd_uplift"][place] * drawn * 100,
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
    assert driver.wrong_cards(home, result) == {}
    driver.turned_to(page, ASSUMPTIONS)
    driver.pressed(page, "Reset all")
    assert "changed" not in said(page)[0]
    driver.turned_to(page, HOME)
    result = simulate(frame, DEFAULT_POLICY, DEFAULT_ASSUMPTIONS)
    assert driver.wrong_cards(page, result) == {}


def test_the_effects_follow_an_edit(page: AppTest, frame: pd.DataFrame) -> None:
    before = reading.traces(page, "effects")["balance"]["y"][3]
    page.number_input(key="assume_credit_conversion_factor").set_value(80.0).run()
    lines = reading.traces(page, "effects")
    assert lines["balance"]["y"][3] == before
    limit, balance, _ = band_means(frame, 650, 700)
    after = balance * (1 + 0.6 * math.log(1.1))
    ead = (balance + 0.8 * (limit - balance), after + 0.8 * (1.1 * limit - after))
    assert float(lines["EAD"]["y"][3]) == pytest.approx((ead[1] / ead[0] - 1) * 100, rel=1e-9)


def test_a_small_set_of_values_is_taken_whole(page: AppTest, frame: pd.DataFrame) -> None:
    page.selectbox(key="regime_conversion").select("50 %, half of the unused line").run()
    assert driver.complaints(page) == []
    assert page.number_input(key="assume_credit_conversion_factor").value == 50
    driver.turned_to(page, HOME)
    assumed = DEFAULT_ASSUMPTIONS | {"credit_conversion_factor": 0.5}
    result = simulate(frame, DEFAULT_POLICY, assumed)
    assert driver.wrong_cards(page, result) == {}
    driver.turned_to(page, ASSUMPTIONS)
    page.selectbox(key="regime_capital").select("IRB, revolving retail, with floors").run()
    assert page.selectbox(key="assume_capital_approach").value == "irb_qrre"
    floors = [page.number_input(key=f"assume_{name}_floor").value for name in ("pd", "lgd")]
    assert floors == [0.1, 50]


def rules_shown(app: AppTest) -> pd.DataFrame:
    return next(f.value for f in app.dataframe if "rule book" in f.value.columns).set_index("value")


def button(app: AppTest, label: str) -> Any:
    return next(one for one in app.button if one.label == label)


def test_a_rule_book_tells_what_it_moves_is_applied_and_undone(
    page: AppTest, frame: pd.DataFrame
) -> None:
    page.selectbox(key="rule_book").select("turkiye").run()
    shown = rules_shown(page)
    assert shown.loc["● Income multiple", ["of", "in force", "rule book", "mark"]].tolist() == [
        "policy",
        "none",
        "4.0",
        "R",
    ]
    assert [title for title in shown.index if title.startswith("●")] == ["● Income multiple"]
    assert "1 value differs from what is in force." in said(page)
    assert driver.policy(page).income_multiple is None, "a look moves nothing"
    button(page, "Apply").click().run()
    assert driver.complaints(page) == []
    assert driver.policy(page).income_multiple == 4.0
    assert "In force." in said(page)
    assert page.number_input(key="lever_income_multiple").value == 4.0
    driver.turned_to(page, HOME)
    result = simulate(frame, DEFAULT_POLICY | {"income_multiple": 4.0}, DEFAULT_ASSUMPTIONS)
    assert driver.wrong_cards(page, result) == {}
    driver.turned_to(page, ASSUMPTIONS)
    button(page, "Undo").click().run()
    assert driver.policy(page).income_multiple is None


def test_a_rule_book_sets_assumptions_and_says_what_to_check(
    page: AppTest, frame: pd.DataFrame
) -> None:
    page.selectbox(key="rule_book").select("us").run()
    shown = rules_shown(page)
    assert shown.loc["● Provisioning", "source"].endswith("to be checked at source")
    button(page, "Apply").click().run()
    assert page.selectbox(key="assume_provisioning").value == "cecl"
    assert page.number_input(key="assume_risk_weight").value == 100
    assert page.number_input(key="assume_regulatory_conversion_factor").value == 0
    assert "3 changed" in said(page)[0]
    driver.turned_to(page, HOME)
    ruled = {"provisioning": "cecl", "risk_weight": 1.0, "regulatory_conversion_factor": 0.0}
    result = simulate(frame, DEFAULT_POLICY, DEFAULT_ASSUMPTIONS | ruled)
    assert driver.wrong_cards(page, result) == {}
    driver.turned_to(page, ASSUMPTIONS)
    button(page, "Undo").click().run()
    assert "changed" not in said(page)[0]
    assert button(page, "Undo").disabled


def test_the_months_of_the_method_are_set_on_the_page(page: AppTest, frame: pd.DataFrame) -> None:
    page.number_input(key="assume_horizon_months").set_value(24).run()
    page.number_input(key="assume_loss_lag_months").set_value(3).run()
    page.selectbox(key="assume_pd_uplift_driver").select("limit").run()
    assert driver.complaints(page) == []
    assert "3 changed" in said(page)[0]
    changed = {"horizon_months": 24, "loss_lag_months": 3, "pd_uplift_driver": "limit"}
    driver.turned_to(page, HOME)
    result = simulate(frame, DEFAULT_POLICY, DEFAULT_ASSUMPTIONS | changed)
    assert driver.wrong_cards(page, result, period="24 months") == {}


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("horizon_months", 12, 60),
        ("loss_lag_months", 0, 24),
        ("build_month_3", 0, 100),
        ("discount_rate", 0, 100),
        ("life_years", 0, 10),
        ("transactor_yield", 0, 100),
    ],
)
def test_the_box_of_a_value_takes_what_is_legal_and_no_more(
    page: AppTest, name: str, low: float, high: float
) -> None:
    box = page.number_input(key=f"assume_{name}")
    assert (box.min, box.max) == (low, high)


def test_a_link_with_months_out_of_bounds_says_so_and_applies_the_rest(page: AppTest) -> None:
    driver.followed(
        page, ASSUMPTIONS, horizon_months="61", build_month_3="1.2", discount_rate="0.1"
    )
    told = " ".join(driver.notes_on_link(page))
    assert "horizon_months = 61 is too high" in told
    assert "build_month_3 = 120 % is too high" in told
    assert page.number_input(key="assume_discount_rate").value == 10
    assert page.number_input(key="assume_horizon_months").value == 36


def test_a_file_of_version_1_is_read_and_says_what_it_lacks(page: AppTest) -> None:
    lines = assumptions_csv(Assumptions(funding_rate=0.03)).decode().splitlines()
    gone = ("method_version", "horizon_months", "pd_uplift_driver")
    text = "\n".join(line for line in lines if line.split(",")[0] not in gone)
    page.file_uploader(key="assumptions_file").upload("assumptions.csv", text.encode()).run()
    assert driver.complaints(page) == []
    assert page.number_input(key="assume_funding_rate").value == 3
    told = " ".join(driver.notes(page))
    assert "It has no pd_uplift_driver, horizon_months: the values shipped are taken." in told
    driver.pressed(page, "Reset all")
    assert "the values shipped are taken" not in " ".join(driver.notes(page))


def test_a_file_with_faults_changes_nothing_and_names_them_all(page: AppTest) -> None:
    text = assumptions_csv(Assumptions()).decode()
    for old, new in (
        ("horizon_months,36", "horizon_months,0"),
        ("discount_rate,0.12", "discount_rate,-1"),
        ("life_years,2.0", "life_years,-3"),
    ):
        assert old in text
        text = text.replace(old, new)
    page.file_uploader(key="assumptions_file").upload("assumptions.csv", text.encode()).run()
    told = " ".join(driver.complaints(page))
    for words in (
        "Nothing was changed",
        "horizon_months = 0 is too low",
        "discount_rate = -100 % is too low",
        "life_years = -3.0 is too low",
    ):
        assert words in told
    assert "changed" not in said(page)[0].replace("Nothing was changed", "")


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
