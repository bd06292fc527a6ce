"""A table opened where it is: its figures are those of the same accounts loaded as a file."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.oracle import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY, simulate
from tests.pages import driver, reading
from tests.pages.driver import CUSTOMERS, FRONTIER, HOME, LOAD, PROFILE, STRESS, VALUE
from tests.places import THOUSAND

RENAMED = {"score": "sesame", "balance": "drawn"}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file: the thousand accounts, the same under a bank's own names, and scraps."""
    path = tmp_path_factory.mktemp("bank") / "bank.duckdb"
    with duckdb.connect(str(path)) as connection:
        header = THOUSAND.read_text(encoding="utf-8").splitlines()[0].split(",")
        kinds = ", ".join(f"'{name}': '{_kind(name)}'" for name in header)
        connection.execute(
            f"CREATE TABLE accounts AS SELECT * FROM read_csv(?, columns = {{{kinds}}})",
            [str(THOUSAND)],
        )
        picked = ", ".join(f"{name} AS {RENAMED.get(name, name)}" for name in header)
        connection.execute(f"CREATE TABLE own_names AS SELECT {picked} FROM accounts")
        connection.execute(
            "CREATE TABLE statuses AS SELECT 'A' || n AS account_id, 820 AS score, "
            "CAST(5000 AS DECIMAL(9, 2)) AS credit_limit, CAST(1 AS DECIMAL(9, 2)) AS balance, "
            "CASE n WHEN 1 THEN 'Dormant' ELSE 'Active' END AS stat FROM range(3) AS t(n)"
        )
        connection.execute("CREATE TABLE scraps AS SELECT 1 AS a, 2 AS b")
    return path


def _kind(name: str) -> str:
    if name in ("credit_limit", "balance", "monthly_income"):
        return "DECIMAL(18, 2)"
    if name in ("default_probability", "loss_given_default"):
        return "DOUBLE"
    if name in ("account_id", "account_status", "region", "age_band", "channel"):
        return "VARCHAR"
    return "BOOLEAN" if name in ("opted_out", "in_hardship", "is_student") else "INTEGER"


@pytest.fixture(autouse=True)
def _known(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name the file in the settings, as an administrator does."""
    monkeypatch.setenv("HEADROOM_DATABASES", json.dumps({"bank": f"duckdb:///{file}"}))


def open_table(app: AppTest, table: str, mapping: str = "") -> AppTest:
    """Choose a table on the Load page and open it."""
    driver.turned_to(app, LOAD)
    label = next(o for o in app.selectbox(key="table_name").options if o.endswith(table))
    app.selectbox(key="table_name").select(label)
    app.text_input(key="table_mapping").set_value(mapping).run()
    return driver.pressed(app, "Open this table")


def test_a_tables_figures_are_the_oracles_and_those_of_the_file(
    thousand: AppTest, frame: pd.DataFrame
) -> None:
    app = open_table(driver.opened(), "accounts")
    assert driver.complaints(app) == []
    shown = driver.cards(app)
    assert shown["Rows read"].value == shown["Accepted"].value == "1,000"
    driver.turned_to(app, HOME)
    result = simulate(frame, DEFAULT_POLICY, DEFAULT_ASSUMPTIONS)
    assert driver.wrong_cards(app, result) == {}
    assert driver.cards(app) == driver.cards(driver.turned_to(thousand, HOME))
    driver.slide(app, 700, 35)
    driver.slide(thousand, 700, 35)
    assert driver.cards(app) == driver.cards(thousand)


def test_every_page_shows_of_a_table_what_it_shows_of_the_file(thousand: AppTest) -> None:
    app = open_table(driver.opened(), "accounts")
    for page in (CUSTOMERS, FRONTIER, STRESS, VALUE, PROFILE):
        driver.followed(app, page, score_threshold="700", raise_rate="0.25")
        driver.followed(thousand, page, score_threshold="700", raise_rate="0.25")
        assert driver.complaints(app) == []
        tables = [[frame.value.to_csv() for frame in each.dataframe] for each in (app, thousand)]
        assert tables[0] == tables[1], page


def test_columns_of_another_name_are_mapped(frame: pd.DataFrame) -> None:
    mapping = "; ".join(f"{column}={own}" for column, own in RENAMED.items())
    app = open_table(driver.opened(), "own_names", mapping)
    assert driver.complaints(app) == []
    sources = reading.table(app, "Columns found")["read from"].tolist()
    assert set(RENAMED.values()) <= set(sources)
    driver.turned_to(app, HOME)
    result = simulate(frame, DEFAULT_POLICY, DEFAULT_ASSUMPTIONS)
    assert driver.wrong_cards(app, result) == {}


@pytest.mark.parametrize(
    ("table", "mapping", "said"),
    [
        ("scraps", "", "account_id"),
        ("own_names", "", "score"),
        ("own_names", "score=no_such_column; balance=drawn", "no_such_column"),
        ("own_names", "scores=sesame; balance=drawn", "scores"),
        ("own_names", "score", "score"),
    ],
)
def test_a_mapping_that_does_not_fit_is_answered_in_words_and_the_portfolio_stays(
    thousand: AppTest, table: str, mapping: str, said: str
) -> None:
    app = driver.turned_to(thousand, LOAD)
    shown = driver.cards(app)
    open_table(app, table, mapping)
    assert len(driver.complaints(app)) == 1
    complaint = driver.complaints(app)[0]
    assert complaint.startswith("The table was not opened; the portfolio in view stays.")
    assert said in complaint
    assert "Traceback" not in complaint
    assert driver.cards(app) == shown


def test_a_table_can_be_opened_again_and_left_for_the_sample() -> None:
    app = open_table(driver.opened(), "accounts")
    shown = driver.cards(app)
    open_table(app, "accounts")
    assert driver.complaints(app) == []
    assert driver.cards(app) == shown
    driver.pressed(app, "Show the sample portfolio")
    assert driver.complaints(app) == []
    open_table(app, "accounts")
    assert driver.complaints(app) == []
    assert driver.cards(app) == shown


def test_the_address_of_the_database_is_shown_nowhere(file: Path) -> None:
    app = open_table(driver.opened(), "accounts")
    for page in driver.PAGES:
        driver.turned_to(app, page)
        assert file.name.encode() not in driver.sent(app), page
        assert str(file.parent).encode() not in driver.sent(app), page


def test_a_second_session_opens_the_same_file() -> None:
    first, second = driver.opened(), driver.opened()
    open_table(first, "accounts")
    open_table(second, "accounts")
    assert driver.complaints(first) == driver.complaints(second) == []
    for app in (first, second):
        driver.turned_to(app, HOME)
        driver.slide(app, 712, 23)
        assert driver.complaints(app) == []
    assert driver.cards(first) == driver.cards(second)


def test_words_of_a_tables_status_are_asked_about_and_a_click_answers() -> None:
    app = open_table(driver.opened(), "statuses", "account_status=stat")
    (asked,) = driver.notes(app)
    assert "stat holds words that are not known as the status of an account: 'Dormant'" in asked
    driver.pressed(app, "Dormant is closed")
    assert not app.warning
    driver.pressed(app, "Open this table")
    assert driver.complaints(app) == []
    assert "count as closed: Dormant; as open: Active." in driver.words(app)


def test_words_that_were_typed_wrong_are_said() -> None:
    app = driver.turned_to(driver.opened(), LOAD)
    app.text_area(key="table_statuses").set_value("Dormant=shut").run()
    open_table(app, "statuses", "account_status=stat")
    (complaint,) = driver.complaints(app)
    assert "“Words of the status” 'Dormant=shut'" in complaint
