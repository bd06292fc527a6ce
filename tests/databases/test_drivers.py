"""Whatever a driver raises, wherever: no word of it, no path and no secret reaches page or CLI."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
import sqlalchemy as sa
from pyhive import exc as hive
from thrift.Thrift import TApplicationException
from thrift.transport.TTransport import TTransportException

from analytics.accounts.statements import Channel
from analytics.cli import main
from tests.accounts.books import cells_of, table_of
from tests.databases.engines import CANARY
from tests.pages import driver
from tests.pages.driver import HOME, LOAD, PAGES

TEXT = f"FATAL at /srv/data/{CANARY}.db: password {CANARY} of host 10.9.8.7 SELECT secret"
ERRORS: tuple[BaseException, ...] = (
    *(
        kind(TEXT)
        for kind in (
            duckdb.IOException,
            duckdb.BinderException,
            duckdb.CatalogException,
            duckdb.InternalException,
            duckdb.FatalException,
            duckdb.OutOfMemoryException,
            duckdb.Error,
            psycopg.OperationalError,
            psycopg.ProgrammingError,
            psycopg.InternalError,
            psycopg.InterfaceError,
            psycopg.errors.RaiseException,
            hive.OperationalError,
            hive.DatabaseError,
            hive.NotSupportedError,
            TApplicationException,
            OSError,
            PermissionError,
            TimeoutError,
            EOFError,
            sa.exc.SQLAlchemyError,
        )
    ),
    TTransportException(message=TEXT),
    sa.exc.OperationalError(f"SELECT {CANARY}", {"key": CANARY}, psycopg.OperationalError(TEXT)),
)
NAMES = [f"{type(error).__module__}.{type(error).__name__}" for error in ERRORS]


class Broken:
    """Makes whatever is sent to a database fail from now on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.error: BaseException | None = None
        connection = Channel.connection

        def failing(channel: Channel, watch: Any) -> Any:
            if self.error is not None and channel.label == "bank":
                raise self.error
            return connection(channel, watch)

        patch.setattr(Channel, "connection", failing)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp(CANARY) / "bank.duckdb"
    with duckdb.connect(path) as connection:
        connection.register("incoming", table_of(cells_of(60)))
        connection.execute("CREATE TABLE accounts AS FROM incoming")
    return path


@pytest.fixture
def broken(file: Path, monkeypatch: pytest.MonkeyPatch) -> Broken:
    monkeypatch.setenv("HEADROOM_DATABASES", json.dumps({"bank": f"duckdb:///{file}"}))
    return Broken(monkeypatch)


def is_clean(text: str) -> bool:
    return not any(word in text for word in (CANARY, "10.9.8.7", "/srv", "FATAL", "SELECT secret"))


COMMANDS = ("check", "simulate", "surface", "stress", "sensitivity", "optimise")


@pytest.mark.parametrize("error", ERRORS, ids=NAMES)
def test_the_command_line_says_a_sentence_of_its_own(
    error: BaseException,
    broken: Broken,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    broken.error = error
    for command in COMMANDS:
        assert main([command, "bank:accounts"]) == 2, command
        said = capsys.readouterr()
        assert said.err.startswith("headroom: The database bank"), command
        assert is_clean(said.out + said.err), command
    assert is_clean(caplog.text)


def test_every_page_says_a_sentence_of_its_own(
    broken: Broken, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = driver.pressed(driver.opened(LOAD), "Open this table")
    assert driver.complaints(app) == []
    driver.turned_to(app, HOME)
    for place, error in enumerate(ERRORS):
        broken.error = error
        page = PAGES[place % len(PAGES)]
        driver.turned_to(app, page)
        driver.slide(app, 650 + place, 10 + place)
        complaints = driver.complaints(app)
        assert all("The database bank" in text for text in complaints), (page, complaints)
        assert is_clean(driver.words(app)), page
        assert is_clean(driver.sent(app).decode("utf-8", "replace")), page
    assert is_clean(caplog.text)
