"""A mapping that a user confirmed is remembered for that user alone, and exact names win."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics.ingest.mappings import HeldMemory
from analytics.shown import formats
from tests.pages import driver

ORDINARY = driver.accounts_csv(["A1,700,1000,100", "A2,710,5000,50"])
FOREIGN = driver.accounts_csv(["A1,700,1000,100", "A2,710,5000,50"], "kontonr,punkte,linie,saldo")
NAMES = ("account_id", "score", "credit_limit", "balance")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path))
    return tmp_path


def confirmed(app: AppTest, names: tuple[str, ...]) -> AppTest:
    """Say what each header is, and load the file."""
    key = next(name for name in app.session_state if str(name).startswith("intake_mapping_"))
    rows = {row: {"Is": name} for row, name in enumerate(names)}
    app.session_state[key] = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}
    return driver.pressed(app, "Load this portfolio")


def limit(app: AppTest) -> str:
    return str(driver.cards(app)["Credit limit"].value)


def test_a_swap_by_one_user_never_reaches_another(home: Path) -> None:
    first = confirmed(
        driver.with_file("a.csv", ORDINARY), ("account_id", "score", "balance", "credit_limit")
    )
    assert limit(first) == formats.compact(150)
    second = driver.with_portfolio("b.csv", ORDINARY)
    assert limit(second) == formats.compact(6000)
    assert "Remembered" not in driver.words(second)
    driver.with_portfolio("c.csv", ORDINARY, first)
    assert limit(first) == formats.compact(6000)
    assert list(home.iterdir()) == []


def test_what_is_remembered_is_said_and_undone() -> None:
    app = confirmed(driver.with_file("first.csv", FOREIGN), NAMES)
    assert driver.complaints(app) == []
    driver.with_file("second.csv", FOREIGN, app)
    assert "Remembered from first," in driver.words(app)
    assert "score = punkte" in driver.words(app)
    driver.pressed(app, "Load this portfolio")
    assert driver.complaints(app) == []
    assert "Remembered from first," in driver.words(app)
    driver.with_file("third.csv", FOREIGN, app)
    driver.pressed(app, "Forget it")
    assert "Remembered from second," not in driver.words(app)
    driver.pressed(app, "Load this portfolio")
    assert len(driver.complaints(app)) == 1
    other = driver.with_file("fourth.csv", FOREIGN)
    assert "Remembered" not in driver.words(other)


def test_who_signed_in_has_a_memory_that_outlives_the_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user: dict[str, object] = {"is_logged_in": True, "iss": "https://idp.test", "sub": "u-1"}
    monkeypatch.setattr(st, "user", user)
    confirmed(driver.with_file("first.csv", FOREIGN), NAMES)
    again = driver.with_file("second.csv", FOREIGN)
    assert "Remembered from first," in driver.words(again)
    monkeypatch.setattr(st, "user", {**user, "sub": "u-2"})
    other = driver.with_file("third.csv", FOREIGN)
    assert "Remembered" not in driver.words(other)


def test_a_home_that_cannot_be_written_to_throws_no_upload_away(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "taken").write_text("")
    monkeypatch.setenv("HEADROOM_HOME", str(home / "taken"))
    user: Mapping[str, object] = {"is_logged_in": True, "iss": "x", "sub": "u-1"}
    monkeypatch.setattr(st, "user", user)
    app = confirmed(driver.with_file("first.csv", FOREIGN), NAMES)
    assert driver.complaints(app) == []
    assert limit(app) == formats.compact(6000)


def test_a_session_holds_a_memory_of_its_own() -> None:
    first, second = driver.opened(driver.LOAD), driver.opened(driver.LOAD)
    confirmed(driver.with_file("a.csv", FOREIGN, first), NAMES)
    held = first.session_state["mappings_confirmed"]
    assert isinstance(held, HeldMemory)
    assert len(held.held) == 1
    assert "mappings_confirmed" not in second.session_state


def test_a_yearly_income_is_filled_in_as_a_twelfth() -> None:
    data = driver.accounts_csv(
        ["A1,700,1000,100,59696", "A2,710,5000,50,72000"],
        "account_id,score,credit_limit,balance,annual_income",
    )
    app = driver.with_portfolio("yearly.csv", data)
    assert driver.complaints(app) == []
    assert "`annual_income`/12" in driver.words(app)
