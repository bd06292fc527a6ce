"""The levers of the sidebar: each is there with legal input, and what it holds is in force."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics.declared.parameters import Unit
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from tests.oracle import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY, simulate
from tests.pages import driver
from tests.pages.driver import HOME

SLID = ("score_threshold", "raise_rate")
"""Levers that are a slider and a box."""


@pytest.fixture
def home(thousand: AppTest) -> AppTest:
    """The first page with every lever at its default."""
    app = driver.turned_to(thousand, HOME)
    driver.pressed(app, "Reset")
    assert driver.complaints(app) == []
    return app


def levers(app: AppTest) -> dict[str, Any]:
    """Return the widgets of the levers by their names."""
    kinds = (app.toggle, app.number_input, app.text_input, app.date_input, app.button_group)
    return {
        str(box.key).removeprefix("lever_"): box
        for kind in kinds
        for box in kind
        if str(box.key).startswith("lever_")
    }


def test_every_lever_has_a_widget_that_holds_its_default(home: AppTest) -> None:
    found = levers(home)
    assert {p.name for p in POLICY_PARAMETERS} - set(SLID) <= set(found)
    assert found["affordability"].value is True
    assert found["income_multiple"].value is None
    assert found["temporary_days"].value is None
    assert driver.policy(home).unknown_cells == "hold"


def test_the_box_of_days_takes_what_is_legal_and_no_more(home: AppTest) -> None:
    box = levers(home)["temporary_days"]
    assert (box.min, box.max) == (7, 90)


def test_a_choice_offers_its_members_in_words(home: AppTest) -> None:
    for lever in (p for p in POLICY_PARAMETERS if p.unit is Unit.CHOICE):
        offered = [option.content for option in levers(home)[lever.name].proto.options]
        assert offered == [str(choice).replace("_", " ") for choice in lever.choices]


@pytest.mark.parametrize(
    ("name", "value"), [("affordability", False), ("unknown_cells", "pass"), ("temporary_days", 30)]
)
def test_a_lever_of_the_method_is_in_force(
    home: AppTest, frame: pd.DataFrame, name: str, value: Any
) -> None:
    levers(home)[name].set_value(value).run()
    assert driver.complaints(home) == []
    assert getattr(driver.policy(home), name) == value
    result = simulate(frame, DEFAULT_POLICY | {name: value}, DEFAULT_ASSUMPTIONS)
    period = "30 days" if name == "temporary_days" else "36 months"
    assert driver.wrong_cards(home, result, period=period) == {}
