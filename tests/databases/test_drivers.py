"""Whatever a driver raises, wherever: no word of it, no path and no secret reaches page or CLI."""

from __future__ import annotations

import importlib
import json
import logging
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
import sqlalchemy as sa

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
            OSError,
            PermissionError,
            TimeoutError,
            EOFError,
            sa.exc.SQLAlchemyError,
        )
    ),
    sa.exc.OperationalError(f"SELECT {CANARY}", {"key": CANARY}, psycopg.OperationalError(TEXT)),
)
NAMES = [f"{type(error).__module__}.{type(error).__name__}" for error in ERRORS]
OF_SPARK = (
    "pyhive.exc.OperationalError",
    "pyhive.exc.DatabaseError",
    "pyhive.exc.NotSupportedError",
    "thrift.Thrift.TApplicationException",
    "thrift.transport.TTransport.TTransportException",
)
"""What Spark's drivers raise, which are there where its tests run."""


class Broken:
    """Makes whatever is sent to a database fail from now on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.error: BaseException | None = None
        self.after = 0
        connection = Channel.connection

        def failing(channel: Channel, watch: Any) -> Any:
            if self.error is not None and channel.label == "bank":
                self.after -= 1
                if self.after < 0:
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


COMMANDS = ("check", "simulate", "stress", "sensitivity", "export", "surface", "optimise")
WRITES = {"export": "out", "surface": "out.csv"}
LONGEST = 30
"""More statements than any command sends before it is done."""


def said_by(command: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    folder.mkdir(exist_ok=True)
    out = ["--out", str(folder / WRITES[command])] if command in WRITES else []
    code = main([command, "bank:accounts", *out])
    said = capsys.readouterr()
    return code, said.out + said.err


@pytest.mark.parametrize("error", ERRORS, ids=NAMES)
def test_the_command_line_says_a_sentence_of_its_own_whatever_is_raised(
    error: BaseException,
    broken: Broken,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    says_a_sentence(error, broken, tmp_path, capsys, caplog)


@pytest.mark.spark
@pytest.mark.parametrize("name", OF_SPARK)
def test_the_command_line_says_a_sentence_of_its_own_whatever_sparks_drivers_raise(
    name: str,
    broken: Broken,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    module, _, kind = name.rpartition(".")
    error = getattr(importlib.import_module(module), kind)(
        **({"message": TEXT} if "thrift" in module else {})
    )
    error.args = (TEXT,)
    says_a_sentence(error, broken, tmp_path, capsys, caplog)


def says_a_sentence(
    error: BaseException,
    broken: Broken,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for broken.after in (0, 3):
        broken.error = error
        code, said = said_by("simulate", folder, capsys)
        assert code == 2
        assert said.startswith("headroom: The database bank")
        assert is_clean(said)
    assert is_clean(caplog.text)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_statement_of_every_command_is_guarded(
    command: str, broken: Broken, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken.error = psycopg.OperationalError(TEXT)
    failed = 0
    for after in range(LONGEST):
        broken.after = after
        code, said = said_by(command, tmp_path / str(after), capsys)
        assert is_clean(said), after
        if code == 0:
            break
        assert code == 2, said
        assert "The database bank" in said, said
        failed += 1
    assert failed >= 3
    assert code == 0


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
