"""Every choice of the command line is on the page, for files and for tables."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from analytics.declared.language import say
from analytics.ingest import Declaration
from analytics.ingest.declaration import OPTIONS
from analytics.ingest.tables.plan import FILES_ALONE
from pages.shared import wording
from tests.pages import driver
from tests.pages.driver import LOAD

FIELDS = {field.name for field in dataclasses.fields(Declaration)}
LABELS: dict[str, str] = {
    "name": "Name",
    "as_of": "As of",
    "currency": "Currency",
    "scale": "Score scale",
    "pd_horizon_months": "Months of the default probability",
    "marks": "What columns may be used for",
    "encoding": "Encoding",
    "delimiter": "Delimiter",
    "decimal": "Decimal sign",
    "duplicates": "Rows with the same id",
    "header_line": "Line of the headers",
    "sheet": "Sheet of a workbook",
    "blank_words": "Words that mean unknown",
    "sentinels": "Scores that mean none",
    "derive_score": "Score from the default probability",
    "statuses": "Words of the status",
    "credit_balances": "Credit balances",
    "sum_row": "A row that sums up all others",
}
FICO_TABLE = """
CREATE TABLE fico AS SELECT 'A' || i AS account_id, 560 + i % 280 AS fico_score,
5000 AS credit_limit, 10 * i % 4000 AS balance, 'USD' AS currency FROM range(500) r(i)
"""


@pytest.fixture(autouse=True)
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(FICO_TABLE)
    monkeypatch.setenv("HEADROOM_DATABASES", json.dumps({"risk": f"duckdb:///{path}"}))


def labels(app: AppTest, beginning: str) -> set[str]:
    """The labels of the widgets whose keys begin so."""
    kinds: tuple[Any, ...] = (
        app.text_input,
        app.date_input,
        app.selectbox,
        app.number_input,
        app.toggle,
        app.text_area,
    )
    return {w.label for kind in kinds for w in kind if str(w.key).startswith(beginning)}


def test_every_choice_of_a_file_has_its_widget() -> None:
    app = driver.with_file("a.csv", driver.accounts_csv(["A,700,1000,1"]))
    found = labels(app, "intake_")
    assert set(LABELS) == FIELDS - {"mapping"}
    assert {say(label) for label in LABELS.values()} <= found
    assert "Derived columns" in found, "the mapping's arithmetic; its headers are in the table"


def test_every_choice_of_a_table_has_its_widget() -> None:
    found = labels(driver.opened(LOAD), "table_")
    wanted = {say(label) for name, label in LABELS.items() if name not in FILES_ALONE}
    assert wanted <= found
    assert "Columns of another name" in found


def test_every_option_has_the_words_of_the_page() -> None:
    for field, option in OPTIONS.items():
        said = wording.for_page(f"give --{option} x")
        assert "--" not in said, field


def test_scores_of_a_table_that_may_be_fico_are_asked_for_and_a_click_declares_them() -> None:
    app = driver.opened(LOAD)
    app.text_input(key="table_mapping").set_value("score=fico_score").run()
    driver.pressed(app, "Open this table")
    (asked,) = driver.notes(app)
    assert "'fico_score', which may be on the scale 300-850" in asked
    assert "--" not in asked
    driver.pressed(app, "It is 300:850")
    driver.pressed(app, "Open this table")
    (asked,) = driver.notes(app)
    assert "says USD, and no currency is declared" in asked
    driver.pressed(app, "It is USD")
    driver.pressed(app, "Open this table")
    assert driver.complaints(app) == []
    assert "500 accounts · USD · scale 300-850" in driver.words(app)


def test_what_is_stated_of_a_table_is_what_is_opened() -> None:
    app = driver.opened(LOAD)
    app.text_input(key="table_mapping").set_value("score=fico_score")
    app.text_input(key="table_called").set_value("Cards")
    app.selectbox(key="table_currency").select("USD")
    app.selectbox(key="table_scale").select("other")
    app.text_input(key="table_other_scale").set_value("500:900")
    app.text_input(key="table_sentinels").set_value("560, 561").run()
    driver.pressed(app, "Open this table")
    assert driver.complaints(app) == []
    assert "Cards" in driver.words(app)
    assert "USD · scale 500-900" in driver.words(app)
    assert "a score that means no score" in driver.words(app)


def pressed_with(word: str, set_up: Callable[[AppTest], Any]) -> AppTest:
    rows = [f"A{place},700,1000,1,{word if place % 2 else place}" for place in range(6)]
    header = "account_id,score,credit_limit,balance,months_on_book"
    app = driver.with_file("words.csv", driver.accounts_csv(rows, header))
    set_up(app)
    return driver.pressed(app, "Load this portfolio")


def test_words_that_mean_unknown_are_offered_and_taken_on_the_page() -> None:
    app = pressed_with("NA", lambda _: None)
    assert driver.cards(app)["Rejected"].value == "3"
    assert "declare it with “Words that mean unknown” NA" in driver.words(app)
    app = pressed_with("NA", lambda app: app.text_input(key="intake_blank").set_value("NA, -"))
    assert driver.cards(app)["Rejected"].value == "0"
