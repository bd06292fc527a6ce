"""The forms of files on the Load page: what it asks, what it offers, and how it names things."""

from __future__ import annotations

import io

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages import driver

HEADER = "account_id,score,credit_limit,balance"


@pytest.fixture(scope="module")
def app() -> AppTest:
    """One session on the Load page."""
    return driver.turned_to(driver.opened(), driver.LOAD)


def test_another_kind_of_file_is_named_and_the_page_stays(app: AppTest) -> None:
    driver.with_file("accounts.dta", b"<stata_dta><header><release>119" + b"\0" * 99, app)
    (complaint,) = driver.complaints(app)
    assert "a Stata data set" in complaint
    assert "export delimited using" in complaint
    assert app.file_uploader(key="portfolio_file") is not None


def test_a_header_for_a_column_is_said_in_the_words_of_the_page(app: AppTest) -> None:
    driver.with_file("few.csv", b"account_id,score,credit_limit,zzz\nA1,700,1,2\nA2,710,1,2\n", app)
    driver.pressed(app, "Load this portfolio")
    (complaint,) = driver.complaints(app)
    assert "give balance in the table above for the header that holds it" in complaint
    assert "HEADER" not in complaint


def test_the_line_of_the_header_is_offered_and_taken(app: AppTest) -> None:
    book = openpyxl.Workbook()
    rows = [["Cards"], [], HEADER.split(","), ["A1", 720, 5000, 1], [], ["A2", 700, 1, -1]]
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    driver.with_file("CARDS.XLSM", data.getvalue(), app)
    assert any("Declare it with" in warning.value for warning in app.warning)
    driver.pressed(app, "It is line 3")
    assert driver.complaints(app) == []
    assert "about 2 rows, 4 columns" in driver.words(app)
    driver.pressed(app, "Load this portfolio")
    assert driver.complaints(app) == []
    words = driver.words(app)
    assert "1 row is left out of every figure" in words
    assert "1 blank row was skipped" in words
