"""The pages sign in to a database once a session, whatever is rerun."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.accounts.books import cells_of, table_of
from tests.databases.engines import CANARY, PostgreSQL
from tests.pages import driver
from tests.pages.driver import HOME, LOAD

pytestmark = pytest.mark.postgres


@pytest.fixture
def bank(postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgreSQL]:
    postgresql.fill("accounts", table_of(cells_of(60)))
    address = postgresql.address("reader", CANARY)
    monkeypatch.setenv("HEADROOM_DATABASES", json.dumps({"bank": address}))
    yield postgresql
    gc.collect()
    postgresql.run("DROP TABLE accounts")


def connections(server: PostgreSQL) -> list[int]:
    """Return the reader's connections, by their processes."""
    with server.owner.connect() as connection:
        query = "SELECT pid FROM pg_stat_activity WHERE usename = 'reader' ORDER BY pid"
        return [row[0] for row in connection.exec_driver_sql(query)]


def test_ten_reruns_of_load_sign_in_once(bank: PostgreSQL) -> None:
    before = set(connections(bank))
    app = driver.opened(LOAD)
    assert driver.complaints(app) == []
    first = set(connections(bank)) - before
    assert len(first) == 1
    for _ in range(10):
        app.run()
        assert driver.complaints(app) == []
        assert set(connections(bank)) - before == first


def test_a_portfolio_in_view_keeps_its_connection_from_page_to_page(bank: PostgreSQL) -> None:
    before = set(connections(bank))
    app = driver.opened(LOAD)
    chosen = app.selectbox(key="table_name")
    own = next(name for name in chosen.options if name.split(".")[-1] == "accounts")
    driver.pressed(chosen.select(own).run(), "Open this table")
    assert driver.complaints(app) == []
    for page in (HOME, LOAD, HOME):
        assert driver.complaints(driver.turned_to(app, page)) == []
    # One of the portfolio in view, one of the Load page, which looks for another.
    held = len(set(connections(bank)) - before)
    assert held <= 3
    for _ in range(5):
        driver.turned_to(app, LOAD)
        assert len(set(connections(bank)) - before) == held


def test_two_sessions_have_a_connection_each(bank: PostgreSQL) -> None:
    before = set(connections(bank))
    apps: list[AppTest] = [driver.opened(LOAD) for _ in range(2)]
    assert len(set(connections(bank)) - before) == 2
    assert apps
