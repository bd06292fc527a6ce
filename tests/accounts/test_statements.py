"""What was told to stop is stopped, and never the next that runs on the same connection."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from analytics.accounts.allowance import Limits
from analytics.accounts.database import EmbeddedDatabase
from analytics.accounts.failures import LOADED_FILE, StatementError, Trouble, Watch
from analytics.accounts.statements import Channel
from analytics.errors import DatabaseError


@pytest.fixture
def channel() -> Iterator[Channel]:
    engine = sa.create_engine("duckdb://")
    yield Channel(engine, "bank", lambda _: None)
    engine.dispose()


def test_a_connection_goes_to_the_next_only_when_a_stop_under_way_is_done(channel: Channel) -> None:
    begun, released = threading.Event(), threading.Event()
    order: list[str] = []

    def stop() -> None:
        begun.set()
        released.wait(20)
        order.append("stopped")

    stopping = threading.Thread(target=channel.cancel)
    with channel.reached(Watch(), stop):
        stopping.start()
        assert begun.wait(20)
        threading.Timer(0.3, released.set).start()
    order.append("left")
    stopping.join(20)
    assert order == ["stopped", "left"]


def test_a_stop_that_comes_late_reaches_nobody(channel: Channel) -> None:
    stopped: list[str] = []
    with channel.reached(Watch(), lambda: stopped.append("once")):
        ((_, use),) = channel.in_use.values()
        channel.cancel()
    use.end("bank")
    channel.cancel()
    assert stopped == ["once"]


def test_a_connection_that_was_told_to_stop_is_not_given_to_another() -> None:
    database = EmbeddedDatabase()
    drivers = []
    for cancelled in (False, True, False):
        with contextlib.suppress(DatabaseError), database.sending() as connection:
            drivers.append(connection.connection.driver_connection)
            if cancelled:
                database.cancel()
    assert drivers[0] is drivers[1] is not drivers[2]
    database.close()


def test_a_loading_told_to_stop_between_its_statements_stops_at_the_next() -> None:
    database = EmbeddedDatabase()

    def load() -> None:
        with database.loading() as cursor:
            cursor.execute("SELECT 1")
            database.cancel()
            cursor.execute("SELECT sum(a.range * b.range) FROM range(300000) a, range(300000) b")

    started = time.monotonic()
    with pytest.raises(DatabaseError, match="told to stop"):
        load()
    assert time.monotonic() - started < 20
    database.close()


@pytest.mark.parametrize("trouble", list(Trouble))
def test_what_fails_in_a_loaded_file_is_said_of_the_file(trouble: Trouble) -> None:
    said = str(StatementError(trouble, LOADED_FILE))
    assert "file" in said
    assert "The database" not in said
    assert "embedded" not in said


def test_a_file_that_takes_too_long_is_said_of_the_file_in_sentence_and_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    database = EmbeddedDatabase(limits=Limits(loading_seconds=1))
    with (
        pytest.raises(DatabaseError, match=r"^The file could not be .* within the time limit"),
        database.loading() as cursor,
    ):
        cursor.execute("SELECT sum(a.range * b.range) FROM range(9000000) a, range(9000000) b")
    assert caplog.messages == ["database file: TOO_LONG (SQLSTATE none)"]
    database.close()
