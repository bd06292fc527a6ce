"""A table is opened on the page, by two sessions at once, and its rejected rows are shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.accounts.connect import open_database
from analytics.accounts.database import Database
from analytics.declared.language import say
from analytics.errors import DatabaseError
from pages.shared import session, table_intake
from tests.accounts.books import cells_of, from_duckdb
from tests.pages import driver
from tests.pages.driver import HOME, LOAD


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a DuckDB file in the settings; one of its sixty accounts has a score off the scale."""
    cells = cells_of(60, raised=["North", "South"] * 30)
    from_duckdb({**cells, "score": [5, *cells["score"][1:]]}, tmp_path).portfolio.door.close()
    address = f"duckdb:///{tmp_path / 'bank.duckdb'}"
    monkeypatch.setenv("HEADROOM_DATABASES", json.dumps({"bank": address, "branch": address}))


class Door:
    """What is opened by the page, and which of it was closed again."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.closed: list[str] = []

    def open(self, alias: str) -> Database:
        database = open_database(alias)
        self.opened.append(alias)
        close = database.close

        def closing() -> None:
            self.closed.append(alias)
            close()

        database.close = closing  # type: ignore[method-assign]
        return database


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    found = Door()
    monkeypatch.setattr(session, "open_database", found.open)
    return found


def opened_table() -> AppTest:
    app = driver.opened(LOAD)
    return driver.pressed(app, "Open this table")


@pytest.mark.usefixtures("bank")
def test_two_sessions_open_one_file_and_both_have_their_figures() -> None:
    first = opened_table()
    second = opened_table()
    for app in (first, second, first):
        assert driver.complaints(app) == []
        assert driver.cards(driver.turned_to(app, LOAD))["Accepted"].value == "59"
        assert driver.complaints(driver.turned_to(app, HOME)) == []


@pytest.mark.usefixtures("bank")
def test_rejected_rows_of_a_table_are_listed_with_their_ids_masked() -> None:
    app = opened_table()
    listed = next(f.value for f in app.dataframe if "explanation" in f.value)
    assert listed["reason"].tolist() == ["off_scale"]
    assert listed["value"].tolist() == ["5"]
    assert "A0000" not in listed.to_string()


@pytest.mark.usefixtures("bank")
def test_a_database_is_signed_in_to_once_whatever_is_rerun(door: Door) -> None:
    app = driver.opened(LOAD)
    app.run()
    app.text_input(key="table_mapping").set_value("score=nothing").run()
    driver.pressed(app, "Open this table")
    assert driver.complaints(app) != []
    assert (door.opened, door.closed) == (["bank"], [])


@pytest.mark.usefixtures("bank")
def test_another_database_closes_the_one_that_was_open(door: Door) -> None:
    app = driver.opened(LOAD)
    app.selectbox(key="table_database").select("branch").run()
    assert (door.opened, door.closed) == (["bank", "branch"], ["bank"])


@pytest.mark.usefixtures("bank")
def test_a_database_that_does_not_answer_is_closed_and_signed_in_to_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_: Database) -> list[str]:
        raise DatabaseError(say("The database bank did not answer."))

    app = driver.opened(LOAD)
    with monkeypatch.context() as patched:
        patched.setattr(table_intake, "tables", silent)
        app.run()
        assert any("did not answer" in complaint for complaint in driver.complaints(app))
    assert (door.opened, door.closed) == (["bank"], ["bank"])
    app.run()
    assert driver.complaints(app) == []
    assert (door.opened, door.closed) == (["bank", "bank"], ["bank"])


@pytest.mark.usefixtures("bank")
def test_a_portfolio_keeps_the_database_that_it_was_opened_in(door: Door) -> None:
    app = opened_table()
    app.selectbox(key="table_database").select("branch").run()
    assert (door.opened, door.closed) == (["bank", "bank", "branch"], ["bank"])
    assert driver.cards(driver.turned_to(app, LOAD))["Accepted"].value == "59"
    assert driver.complaints(driver.turned_to(app, HOME)) == []


def no_ids(count: int) -> list[str | None]:
    return [None, " ", *(f"A{place:04d}" for place in range(2, count))]


def test_a_table_with_blank_ids_leaves_the_way_to_another_portfolio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_duckdb({**cells_of(60), "account_id": no_ids(60)}, tmp_path).portfolio.door.close()
    address = f"duckdb:///{tmp_path / 'bank.duckdb'}"
    monkeypatch.setenv("HEADROOM_DATABASES", json.dumps({"bank": address}))
    app = opened_table()
    assert driver.complaints(app) == []
    assert driver.cards(app)["Rejected"].value == "2"
    assert app.get("file_uploader")
    for _ in range(2):
        assert driver.complaints(app.run()) == []
    driver.pressed(app, "Show the sample portfolio")
    assert driver.complaints(app) == []
    assert driver.cards(app)["Rejected"].value == "0"


def test_a_file_with_a_blank_id_leaves_the_way_to_another_portfolio() -> None:
    rows = [f"{'' if place == 3 else f'A{place}'},{600 + place},5000,100" for place in range(9)]
    header = "account_id,score,credit_limit,balance"
    app = driver.with_portfolio("blank.csv", driver.accounts_csv(rows, header))
    assert driver.complaints(app) == []
    assert driver.cards(driver.turned_to(app, LOAD))["Rejected"].value == "1"
    assert app.get("file_uploader")
    assert driver.complaints(app.run()) == []
