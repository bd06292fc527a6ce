"""A table is opened on the page, by two sessions at once, and its rejected rows are shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.accounts.books import cells_of, from_duckdb
from tests.pages import driver
from tests.pages.driver import HOME, LOAD


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a DuckDB file in the settings; one of its sixty accounts has a score off the scale."""
    cells = cells_of(60, raised=["North", "South"] * 30)
    from_duckdb({**cells, "score": [5, *cells["score"][1:]]}, tmp_path).portfolio.door.close()
    address = f"duckdb:///{tmp_path / 'bank.duckdb'}"
    monkeypatch.setenv("HEADROOM_DATABASES", json.dumps({"bank": address}))


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
