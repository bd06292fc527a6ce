"""When the one who asks is gone, what runs for it is stopped, and for nobody else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from analytics.accounts.allowance import Limits
from analytics.accounts.asker import Asker, ask_for
from analytics.accounts.database import EmbeddedDatabase
from analytics.accounts.failures import StatementError, Trouble
from analytics.accounts.statements import Statements
from analytics.errors import DatabaseError
from tests.accounts.books import KINDS, cells_of
from tests.accounts.test_door import ENDLESS, ONE

WITHOUT_END = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) FROM t"


@pytest.fixture(scope="module", params=list(KINDS))
def door(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Statements]:
    found = KINDS[request.param](cells_of(9), tmp_path_factory.mktemp("asker")).portfolio.door
    assert isinstance(found, Statements)
    yield found
    found.close()


class Asking(threading.Thread):
    """Asks on behalf of someone, and keeps what came of it."""

    def __init__(self, asker: Asker, ask: Callable[[], Any]) -> None:
        super().__init__()
        self.asker, self.ask, self.outcome = asker, ask, None
        self.start()

    def run(self) -> None:
        ask_for(self.asker)
        try:
            self.outcome = self.ask()
        except DatabaseError as error:
            self.outcome = error

    def wait(self) -> Any:
        self.join(20)
        assert not self.is_alive()
        return self.outcome


def is_cancelled(outcome: Any) -> bool:
    return isinstance(outcome, StatementError) and outcome.trouble is Trouble.CANCELLED


def test_what_runs_for_one_who_leaves_is_stopped_and_for_others_goes_on(door: Statements) -> None:
    gone, staying = Asker(Limits()), Asker(Limits())
    first = Asking(gone, lambda: door.sums(ENDLESS))
    second = Asking(staying, lambda: door.sums(ENDLESS))
    time.sleep(0.5)
    gone.leave()
    assert is_cancelled(first.wait())
    assert second.is_alive()
    staying.leave()
    assert is_cancelled(second.wait())


def test_one_who_left_asks_nothing_more(door: Statements) -> None:
    gone = Asker(Limits())
    gone.leave()
    assert gone.left
    assert is_cancelled(Asking(gone, lambda: door.one(ONE)).wait())
    assert Asking(Asker(Limits()), lambda: door.one(ONE)).wait() == {"n": 1}


def test_to_leave_does_not_wait_for_the_databases() -> None:
    gone = Asker(Limits())
    released = threading.Event()
    with gone.waiting(released.wait):
        started = time.monotonic()
        gone.leave()
        assert time.monotonic() - started < 1
    released.set()


def test_the_loading_of_a_file_is_stopped_when_its_asker_leaves() -> None:
    gone = Asker(Limits())
    database = EmbeddedDatabase()

    def load() -> None:
        with database.loading() as cursor:
            cursor.execute("CREATE TABLE t AS SELECT a.range FROM range(10000000) a, range(9999) b")

    loading = Asking(gone, load)
    time.sleep(0.5)
    gone.leave()
    assert is_cancelled(loading.wait())
    database.close()


def test_what_an_asker_has_sets_the_limits_of_what_it_opens(tmp_path: Path) -> None:
    def load() -> None:
        ask_for(Asker(Limits(statement_seconds=4)))
        door = KINDS["duckdb"](cells_of(9), tmp_path).portfolio.door
        with pytest.raises(DatabaseError, match="within the time limit"):
            door.sums(ENDLESS)
        assert door.one(ONE) == {"n": 1}
        door.close()

    copy_context().run(load)


def test_each_statement_of_a_loading_has_the_limit_and_not_all_together() -> None:
    database = EmbeddedDatabase(limits=Limits(loading_seconds=1))
    with database.loading() as cursor:
        for _ in range(3):
            time.sleep(0.5)
            cursor.execute("SELECT 1")
    with pytest.raises(DatabaseError, match="within the time limit"), database.loading() as cursor:
        cursor.execute(f"CREATE TABLE endless AS {WITHOUT_END}")
    database.close()


def test_the_loading_of_a_file_takes_longer_than_a_page_waits_for_a_statement() -> None:
    database = EmbeddedDatabase(limits=Limits(statement_seconds=1, loading_seconds=60))
    with database.loading() as cursor:
        started, rows = time.monotonic(), 10_000
        while time.monotonic() - started < 2:
            started, rows = time.monotonic(), rows * 2
            query = f"SELECT count(*) FROM range({rows}) a, range({rows}) b WHERE a.range < b.range"
            assert cursor.execute(query).fetchall() == [(rows * (rows - 1) // 2,)]
    database.close()


def test_a_stream_has_the_limit_for_each_batch_and_none_for_who_reads_it() -> None:
    database = EmbeddedDatabase(limits=Limits(statement_seconds=1))
    numbers = sa.select(sa.literal_column("a.range").label("n")).select_from(sa.text("range(30) a"))
    with database.rows(numbers, size=10) as batches:
        for _ in range(3):
            assert len(next(batches)) == 10
            time.sleep(0.5)
    database.close()
