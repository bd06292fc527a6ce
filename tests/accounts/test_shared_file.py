"""A DuckDB file is opened once in a process, shared, and let go by the last who holds it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from analytics.accounts import duckdb_owner
from analytics.accounts.allowance import Limits
from analytics.accounts.connect import open_database
from analytics.accounts.database import Database
from analytics.errors import DatabaseError

ROWS = sa.select(sa.func.count().label("n")).select_from(sa.table("numbers", sa.column("n")))


def filled(path: Path, count: int = 3) -> Path:
    with duckdb.connect(path) as connection:
        connection.execute(f"CREATE TABLE numbers AS SELECT range AS n FROM range({count})")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return filled(tmp_path / "bank.duckdb")


def opened(path: Path, limits: Limits | None = None) -> Database:
    return open_database(f"duckdb:///{path}", limits)


def may_be_written(path: Path) -> bool:
    """Whether nobody in this process holds the file: its owner would refuse other settings."""
    try:
        with duckdb.connect(path) as connection:
            connection.execute("SELECT 1")
    except duckdb.Error:
        return False
    return True


def test_a_second_opening_shares_the_first(path: Path) -> None:
    first, second = opened(path), opened(path)
    assert len(duckdb_owner._OPEN) == 1
    assert first.one(ROWS) == second.one(ROWS) == {"n": 3}
    first.close()
    second.close()


def test_the_second_goes_on_when_the_first_has_closed(path: Path) -> None:
    first, second = opened(path), opened(path)
    first.close()
    first.close()
    assert second.one(ROWS) == {"n": 3}
    third = opened(path)
    second.close()
    assert third.one(ROWS) == {"n": 3}
    assert not may_be_written(path)
    third.close()
    assert may_be_written(path)


def test_it_can_be_opened_again_after_the_last_has_closed(path: Path) -> None:
    opened(path).close()
    again = opened(path)
    assert again.one(ROWS) == {"n": 3}
    again.close()


def test_one_that_nobody_holds_lets_go(path: Path) -> None:
    first: Database | None = opened(path)
    assert first
    assert not may_be_written(path)
    first = None
    gc.collect()
    assert may_be_written(path)


def test_the_settings_of_the_first_hold_for_all(path: Path) -> None:
    first, second = opened(path, Limits(memory="200MB")), opened(path, Limits(memory="900MB"))
    setting = sa.select(sa.func.current_setting("memory_limit", type_=sa.String()).label("m"))
    assert first.one(setting) == second.one(setting)
    first.close()
    second.close()


def test_one_name_and_a_link_to_it_are_one_file(path: Path) -> None:
    link = path.with_name("link.duckdb")
    link.symlink_to(path)
    first, second = opened(path), opened(link)
    assert len(duckdb_owner._OPEN) == 1
    first.close()
    assert second.one(ROWS) == {"n": 3}
    second.close()


def test_threads_that_open_at_once_share(path: Path) -> None:
    together = threading.Barrier(8)

    def ask(_: int) -> int:
        together.wait()
        database = opened(path)
        try:
            return int(database.one(ROWS)["n"])
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            assert list(pool.map(ask, range(8))) == [3] * 8
    assert may_be_written(path)


def test_a_file_that_was_replaced_while_open_is_said(path: Path) -> None:
    first = opened(path)
    filled(path.with_name("new.duckdb"), 5).replace(path)
    with pytest.raises(DatabaseError, match="was replaced while it is open"):
        opened(path)
    assert first.one(ROWS) == {"n": 3}
    first.close()
    again = opened(path)
    assert again.one(ROWS) == {"n": 5}
    again.close()


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("harm", [cut_short, gone])
def test_a_file_that_cannot_be_opened_is_a_sentence_and_leaves_nothing(
    harm: Callable[[Path], None], path: Path
) -> None:
    harm(path)
    with pytest.raises(DatabaseError) as caught:
        opened(path)
    assert str(path) not in str(caught.value)
    assert duckdb_owner._OPEN == {}


def test_a_file_opens_once_it_is_whole_again(path: Path) -> None:
    whole = path.read_bytes()
    cut_short(path)
    for _ in range(3):
        with pytest.raises(DatabaseError, match="cannot be opened"):
            opened(path)
    path.write_bytes(whole)
    database = opened(path)
    assert database.one(ROWS) == {"n": 3}
    database.close()


def test_the_first_to_go_leaves_the_others_whatever_their_settings(path: Path) -> None:
    first = opened(path, Limits(memory="200MB", threads=1, statement_seconds=1))
    others = [opened(path, Limits(memory=f"{size}MB", threads=2)) for size in (300, 400)]
    first.close()
    for other in others:
        assert other.one(ROWS) == {"n": 3}
        other.close()
    assert may_be_written(path)
