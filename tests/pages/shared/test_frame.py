"""A link opens the policy that it was made from, and says what of it cannot be had."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analytics.policy import Policy, Tier
from tests.pages import driver
from tests.pages.driver import HOME, LOAD, PROFILE, RAISE, THRESHOLD


@pytest.fixture(scope="module")
def start() -> AppTest:
    """The home page as it opens without a link."""
    return driver.opened()


def test_a_link_seeds_the_levers() -> None:
    app = driver.opened(
        score_threshold="720",
        raise_rate="0.125",
        limit_cap="none",
        past_due="off",
        response_preset="low",
        name="Spring",
    )
    assert driver.complaints(app) == driver.notes_on_link(app) == []
    wanted = Policy(
        score_threshold=720, raise_rate=0.125, limit_cap=None, past_due=False, name="Spring"
    )
    assert driver.policy(app) == wanted
    assert driver.slider(app, THRESHOLD).value == 720
    assert driver.box(app, RAISE).value == "12.5 %"
    assert app.segmented_control(key="lever_response_preset").value == "low"
    assert "assumptions: low response" in driver.words(app)


def test_the_address_holds_the_policy_and_opens_it_again() -> None:
    app = driver.opened()
    driver.slide(app, 655, 45)
    app.number_input(key="lever_holdout_rate").set_value(5.0)
    app.text_input(key="lever_note").set_value("a & b = c? 50 %")
    app.segmented_control(key="lever_response_preset").set_value("high")
    app.text_input(key="lever_tiers").set_value("655=5%, 800=20%").run()
    link = driver.address(app)
    assert link["score_threshold"] == "655"
    again = driver.opened(**link)
    assert driver.complaints(again) == driver.notes_on_link(again) == []
    assert driver.policy(again) == driver.policy(app)
    assert driver.policy(again).tiers == (Tier(655, 0.05), Tier(800, 0.20))
    assert driver.cards(again) == driver.cards(app)
    assert driver.address(again) == link


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"score_threshold": "9999"}, "from 350 to 950"),
        ({"score_threshold": "high"}, "a whole score"),
        ({"raise_rate": "5"}, "from 0 % to 100 %"),
        ({"raise_rate": "nan"}, "from 0 % to 100 %"),
        ({"limit_cap": "-1"}, "limit_cap"),
        ({"tiers": "800=lots"}, "lots"),
        ({"response_preset": "huge"}, "huge"),
        ({"no_such_lever": "1"}, "no_such_lever"),
        ({"name": "x" * 100}, "name"),
        ({"![x](https://c.invalid/x)": "<img src=x>"}, "![x](https://c.invalid/x)"),
    ],
)
def test_what_a_link_cannot_have_is_said_and_nothing_else_changes(
    start: AppTest, link: dict[str, str], said: str
) -> None:
    app = driver.opened(**link)
    notes = driver.notes_on_link(app)
    assert notes
    assert all(note.startswith("The link could not be followed in full.") for note in notes)
    assert any(said in note for note in notes), notes
    assert driver.complaints(app) == []
    assert driver.policy(app) == driver.policy(start)
    assert driver.cards(app) == driver.cards(start)
    assert driver.markdown_images(app) == []


def test_the_parts_of_a_link_that_can_be_had_are_followed() -> None:
    app = driver.opened(score_threshold="700", raise_rate="7", unknown="1")
    assert len(driver.notes_on_link(app)) == 2
    assert driver.policy(app) == Policy(score_threshold=700)


def test_a_link_made_on_other_data_says_so() -> None:
    app = driver.opened(data="deadbeef", method="2", score_threshold="700")
    assert len(driver.notes_on_link(app)) == 1
    note = driver.notes_on_link(app)[0]
    assert "made on other data (deadbeef)" in note
    assert "Huabei-like sample" in note
    assert driver.policy(app).score_threshold == 700


def test_a_lever_that_moves_faster_than_the_address_is_not_set_back() -> None:
    app = driver.opened()
    late = driver.address(app)
    driver.slide(app, 720)
    for name, value in late.items():
        app.query_params[name] = value
    driver.slide(app, 719)
    assert driver.policy(app).score_threshold == 719
    assert driver.address(app)["score_threshold"] == "719"


def test_the_back_button_takes_the_policy_before() -> None:
    app = driver.opened()
    driver.slide(app, 720)
    before = driver.address(app)
    driver.slide(app, 700, 35)
    for name, value in before.items():
        app.query_params[name] = value
    app.run()
    assert (driver.policy(app).score_threshold, driver.policy(app).raise_rate) == (720, 0.2)
    assert driver.slider(app, THRESHOLD).value == 720


def test_what_a_link_could_not_have_is_no_longer_said_once_the_levers_are_reset() -> None:
    app = driver.opened(score_threshold="9999")
    assert driver.notes_on_link(app)
    driver.pressed(app, "Reset")
    assert driver.notes_on_link(app) == []


def test_levers_keep_their_values_from_page_to_page() -> None:
    app = driver.opened()
    driver.slide(app, 705, 33)
    app.number_input(key="lever_limit_cap").set_value(30_000.0)
    app.toggle(key="lever_is_student").set_value(False)
    app.segmented_control(key="lever_response_form").set_value("linear")
    app.text_input(key="lever_name").set_value("Kept").run()
    chosen, shown = driver.policy(app), driver.cards(app)
    for page in (LOAD, PROFILE, *driver.PAGES):
        driver.turned_to(app, page)
        assert driver.policy(app) == chosen, page
        assert driver.slider(app, RAISE).value == 33
    driver.turned_to(app, HOME)
    assert driver.cards(app) == shown
    assert app.number_input(key="lever_limit_cap").value == 30_000
    assert app.segmented_control(key="lever_response_form").value == "linear"


def test_a_link_can_open_any_page() -> None:
    for page in driver.PAGES:
        app: Any = driver.opened(page, score_threshold="690", raise_rate="0.1")
        assert driver.complaints(app) == []
        assert driver.policy(app).score_threshold == 690
