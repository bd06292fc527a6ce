"""What an administrator sets holds for every kind of database; what is not understood is said."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from analytics.accounts import duckdb_owner
from analytics.accounts.allowance import ON_COMMAND_LINE, ON_PAGES, SETTINGS, Limits, allowed
from analytics.accounts.asker import in_force
from analytics.accounts.connect import open_database
from analytics.accounts.database import EmbeddedDatabase
from analytics.accounts.statements import Statements
from analytics.cli import main
from analytics.errors import ParameterError
from tests.accounts.books import KINDS, cells_of

SET = {
    "HEADROOM_SECONDS": "7",
    "HEADROOM_LOADING_SECONDS": "900",
    "HEADROOM_MEMORY": "200MB",
    "HEADROOM_THREADS": "3",
}


def test_nothing_set_is_half_a_minute_for_a_page_and_ten_for_a_command() -> None:
    assert allowed() == Limits(statement_seconds=600) == Limits()
    assert allowed(ON_PAGES) == Limits(statement_seconds=30)
    assert ON_COMMAND_LINE == 600


def test_a_file_has_ten_minutes_to_load_on_a_page_too_and_never_less_than_a_statement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert allowed(ON_PAGES).loading_seconds == allowed().loading_seconds == 600
    monkeypatch.setenv("HEADROOM_SECONDS", "7")
    assert allowed(ON_PAGES).loading_seconds == 600
    monkeypatch.setenv("HEADROOM_SECONDS", "1200")
    assert allowed(ON_PAGES).loading_seconds == 1200
    monkeypatch.setenv("HEADROOM_LOADING_SECONDS", "40")
    assert allowed(ON_PAGES).loading_seconds == 40


def test_what_is_set_holds_for_page_and_command_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in SET.items():
        monkeypatch.setenv(name, f" {text} ")
    wanted = Limits(statement_seconds=7, loading_seconds=900, memory="200MB", threads=3)
    assert allowed() == allowed(ON_PAGES) == in_force().limits == wanted


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("HEADROOM_SECONDS", "0"),
        ("HEADROOM_SECONDS", "-1"),
        ("HEADROOM_SECONDS", "1.5"),
        ("HEADROOM_SECONDS", "86401"),
        ("HEADROOM_SECONDS", "30 s"),
        ("HEADROOM_SECONDS", "٣"),
        ("HEADROOM_LOADING_SECONDS", "0"),
        ("HEADROOM_MEMORY", "4"),
        ("HEADROOM_MEMORY", "99MB"),
        ("HEADROOM_MEMORY", "0%"),
        ("HEADROOM_MEMORY", "91%"),
        ("HEADROOM_MEMORY", "lots"),
        ("HEADROOM_MEMORY", "-1GB"),
        ("HEADROOM_THREADS", "0"),
        ("HEADROOM_THREADS", "1025"),
        ("HEADROOM_THREADS", "all"),
    ],
)
def test_a_setting_that_is_not_understood_is_said_with_what_is_taken(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, text)
    said = f"The setting {name} is {text!r}, which is not understood: give "
    with pytest.raises(ParameterError) as caught:
        allowed()
    assert str(caught.value).startswith(said)
    assert main(["check", "sample"]) == 2
    assert capsys.readouterr().err.startswith(f"headroom: {said}")


def test_every_fault_of_the_settings_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.setenv(name, "?")
    with pytest.raises(ParameterError) as caught:
        allowed()
    assert [fault.split()[2] for fault in caught.value.faults] == list(SETTINGS)


@pytest.mark.parametrize("text", ["4GB", "512MB", "1.5GiB", "0.5TB", "40%", "4 gb"])
def test_memory_that_is_taken_is_understood_by_duckdb(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADROOM_MEMORY", text)
    with duckdb.connect(config={"memory_limit": allowed().memory}) as connection:
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


def told(door: Statements, setting: str) -> object:
    value = sa.cast(sa.func.current_setting(setting, type_=sa.String()), sa.String())
    return door.one(sa.select(value.label("value")))["value"]


@pytest.mark.parametrize("kind", list(KINDS))
def test_memory_and_threads_hold_for_files_and_tables(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, text in SET.items():
        monkeypatch.setenv(name, text)
    door = KINDS[kind](cells_of(9), tmp_path).portfolio.door
    assert isinstance(door, Statements)
    assert told(door, "memory_limit") == "190.7 MiB"
    assert told(door, "threads") == "3"
    door.close()


def test_nothing_set_takes_a_quarter_of_the_memory_and_the_processors_that_are_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(duckdb_owner, "_TAKEN", {})
    with duckdb.connect(config={"memory_limit": "25%"}) as connection:
        quarter = connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0]
    given = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(given)})
    try:
        database = EmbeddedDatabase()
    finally:
        os.sched_setaffinity(0, given)
    assert told(database, "memory_limit") == quarter
    assert told(database, "threads") == "1"
    database.close()


def bytes_of(text: object) -> float:
    amount, unit = str(text).split()
    return float(amount) * 1024.0 ** {"KiB": 1, "MiB": 2, "GiB": 3, "TiB": 4}[unit]


def test_databases_that_are_open_together_stay_within_four_fifths_of_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(duckdb_owner, "_TAKEN", {})
    with duckdb.connect(config={"memory_limit": "80%"}) as connection:
        most = connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0]
    databases = [EmbeddedDatabase() for _ in range(9)]
    given = [bytes_of(told(database, "memory_limit")) for database in databases]
    assert given == sorted(given, reverse=True)
    assert sum(given) <= bytes_of(most) * 1.01
    for database in databases:
        database.close()
    again = EmbeddedDatabase()
    assert bytes_of(told(again, "memory_limit")) == given[0], "what was closed gave it back"
    again.close()


def test_settings_of_the_first_opening_hold_for_a_shared_file(tmp_path: Path) -> None:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE numbers AS SELECT 1 AS n")
    first = open_database(f"duckdb:///{path}", Limits(threads=1))
    second = open_database(f"duckdb:///{path}", Limits(threads=2, memory="300MB"))
    assert told(first, "threads") == told(second, "threads") == "1"
    first.close()
    second.close()
