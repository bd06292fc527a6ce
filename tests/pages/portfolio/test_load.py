"""The pages about the portfolio: files come in, their faults are said, their text stays text."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.ingest import FolderMemory
from analytics.shown import formats
from pages.shared import session
from tests.oracle import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY, load_cases, simulate
from tests.oracle.cases import CASES
from tests.pages import driver
from tests.pages.driver import HOME, LOAD, PROFILE


@pytest.fixture(scope="module")
def sample() -> AppTest:
    """One session on the sample portfolio."""
    return driver.opened()


def test_a_file_comes_into_view_and_its_figures_are_the_oracles() -> None:
    app = driver.with_portfolio("cases.csv", CASES.read_bytes())
    assert driver.complaints(app) == []
    frame = load_cases()
    cards = driver.cards(app)
    assert cards["Rows read"].value == cards["Accepted"].value == str(len(frame))
    assert cards["Rejected"].value == "0"
    total = float(frame["credit_limit"].sum()) / 100
    assert cards["Credit limit"].value == formats.compact(total)
    driver.turned_to(app, HOME)
    result = simulate(frame, DEFAULT_POLICY, DEFAULT_ASSUMPTIONS)
    assert driver.wrong_cards(app, result) == {}
    assert "cases · 25 accounts · CNY" in driver.words(app)
    driver.turned_to(app, PROFILE)
    assert driver.complaints(app) == []
    assert "North" in driver.words(app)


def test_the_levers_stay_when_a_portfolio_of_the_same_scale_and_currency_is_loaded() -> None:
    app = driver.opened()
    driver.slide(app, 730, 15)
    app.number_input(key="lever_rounding_step").set_value(50.0).run()
    chosen = driver.policy(app)
    driver.with_portfolio("cases.csv", CASES.read_bytes(), app)
    assert driver.policy(app) == chosen
    assert driver.slider(app, driver.THRESHOLD).value == 730
    assert app.number_input(key="lever_rounding_step").value == 50


def test_bad_rows_are_counted_and_shown_and_left_out_of_every_figure() -> None:
    data = driver.accounts_csv(
        [
            "A1,700,1000,100",
            "A2,n/a,1000,100",
            "A3,700,-5,100",
            "A4,9999,1000,100",
            "A5,800,2000,50",
            "A5x,800,,50",
        ]
    )
    app = driver.with_portfolio("bad rows.csv", data)
    assert driver.complaints(app) == []
    cards = driver.cards(app)
    shown = [cards[title].value for title in ("Rows read", "Accepted", "Rejected")]
    assert shown == ["6", "2", "4"]
    assert "4 rows are left out of every figure" in driver.words(app)
    assert "off the score scale" in driver.words(app)
    driver.turned_to(app, HOME)
    assert "2 of 6 rows used" in driver.words(app)
    assert "Opted out: not applied" in driver.words(app)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.csv", b"", "empty"),
        ("no columns.csv", b"a,b\n1,2\n", "account_id"),
        ("noise.parquet", b"PAR1 this is no Parquet file PAR1", "Parquet"),
        ("![x](https://canary.invalid/x.png).csv", b"\x00\x01\x02\x03" * 50, ""),
        ("all bad.csv", driver.accounts_csv(["A1,none,1,1", "A2,none,1,1"]), ""),
    ],
)
def test_a_file_that_cannot_be_used_gets_a_clear_sentence_and_the_portfolio_stays(
    sample: AppTest, name: str, data: bytes, said: str
) -> None:
    driver.turned_to(sample, LOAD)
    shown = driver.cards(sample)
    driver.with_file(name, data, sample)
    if not driver.complaints(sample):
        driver.pressed(sample, "Load this portfolio")
    assert len(driver.complaints(sample)) == 1
    complaint = driver.complaints(sample)[0]
    assert "; the portfolio in view stays." in complaint
    assert said in complaint
    assert "Traceback" not in complaint
    assert driver.cards(sample) == shown
    assert driver.markdown_images(sample) == []


def test_the_sample_comes_back_at_the_press_of_a_button() -> None:
    app = driver.opened()
    shown = driver.cards(app)
    driver.with_portfolio("cases.csv", CASES.read_bytes(), app)
    driver.pressed(app, "Show the sample portfolio")
    assert "Huabei-like sample" in driver.words(app)
    driver.turned_to(app, HOME)
    assert driver.cards(app) == shown


def test_the_second_sample_is_shown_at_the_press_of_a_button_and_the_first_again() -> None:
    app = driver.opened()
    driver.turned_to(app, LOAD)
    driver.pressed(app, "Show the sample with limits elsewhere")
    assert driver.complaints(app) == []
    assert "Huabei-plus sample · as of 2026-10-31 · 120,000 accounts" in driver.words(app)
    driver.turned_to(app, HOME)
    assert driver.complaints(app) == []
    driver.turned_to(app, LOAD)
    driver.pressed(app, "Show the sample portfolio")
    assert "Huabei-like sample" in driver.words(app)


def test_an_odd_scale_a_mapping_and_a_currency_can_be_stated() -> None:
    header = "kontonr,punkte,linie,saldo,default_probability"
    data = driver.accounts_csv(["A1,90,1000,100,0.01", "A2,40,5000,0,0.2"], header)
    app = driver.with_file("konten.csv", data)
    app.selectbox(key="intake_currency").select("EUR")
    app.selectbox(key="intake_scale").select("other")
    app.text_input(key="intake_other_scale").set_value("0:100").run()
    names = ("account_id", "score", "credit_limit", "balance")
    rows = {row: {"Is": name} for row, name in enumerate(names)}
    key = next(name for name in app.session_state if str(name).startswith("intake_mapping_"))
    app.session_state[key] = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}
    driver.pressed(app, "Load this portfolio")
    assert driver.complaints(app) == []
    assert "2 accounts · EUR · scale 0-100" in driver.words(app)
    slider = driver.slider(app, driver.THRESHOLD)
    assert (slider.min, slider.max) == (0, 100)
    assert driver.policy(app).limit_cap is None
    for page in driver.PAGES:
        assert driver.complaints(driver.turned_to(app, page)) == []


def test_a_home_that_cannot_be_written_to_takes_no_load_away_and_is_said_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "memory", lambda: FolderMemory(Path("/proc/headroom/mappings")))
    app = driver.with_portfolio("cases.csv", CASES.read_bytes())
    assert driver.complaints(app) == []
    assert driver.cards(app)["Accepted"].value == "25"
    said = [box.value for box in app.info if "is not remembered" in box.value]
    assert len(said) == 1
    app.run()
    driver.with_portfolio("cases.csv", CASES.read_bytes(), app)
    assert [box.value for box in app.info if "is not remembered" in box.value] == []


def test_a_temporary_folder_that_refuses_is_said_and_the_portfolio_in_view_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = driver.opened()
    monkeypatch.setattr(tempfile, "tempdir", "/proc/headroom")
    driver.with_file("cases.csv", CASES.read_bytes(), app)
    (said,) = driver.complaints(app)
    assert "The temporary folder of this machine cannot be written to" in said
    monkeypatch.undo()
    app.run()
    assert driver.complaints(app) == []
    driver.pressed(app, "Load this portfolio")
    assert driver.cards(app)["Accepted"].value == "25"


def test_words_of_a_status_are_asked_about_and_a_click_answers() -> None:
    header = "account_id,score,credit_limit,balance,status"
    rows = [f"A{n},820,5000,100,{w}" for n, w in enumerate(["Closed", "Active", "Dormant", "Z"])]
    app = driver.with_file("book.csv", driver.accounts_csv(rows, header))
    driver.pressed(app, "Load this portfolio")
    (asked,) = driver.notes(app)
    assert "'Dormant' (1 account), 'Z' (1 account)" in asked
    assert "with “Words of the status” WORD=closed or open or unknown" in asked
    driver.pressed(app, "Dormant is closed")
    driver.pressed(app, "Z is unknown")
    assert app.text_area(key="intake_statuses").value == "Dormant=closed\nZ=unknown"
    assert not app.warning
    driver.pressed(app, "Load this portfolio")
    assert driver.complaints(app) == []
    assert "count as closed: Closed, Dormant; as open: Active." in driver.words(app)
    assert "account_status is unknown for 1 account." in driver.words(app)
    driver.turned_to(app, HOME)
    assert driver.cards(app)["Accounts raised"].value
