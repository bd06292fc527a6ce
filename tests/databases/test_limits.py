"""The administrator's limit in time holds for servers, those that say nothing more included."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from analytics.accounts import postgresql as opening
from analytics.accounts import servers, spark_server
from analytics.accounts.allowance import Limits
from analytics.accounts.asker import Asker, ask_for
from analytics.accounts.connect import open_database
from analytics.accounts.database import Database
from analytics.accounts.failures import StatementError, Trouble
from analytics.errors import DatabaseError
from tests.databases.engines import CANARY, PostgreSQL, Spark
from tests.databases.silent import READY, Way, to_file, to_port, way

ONE = sa.select(sa.literal(1).label("n"))
TWO_SECONDS = Limits(statement_seconds=2)
on_postgres = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (opening, spark_server):
        monkeypatch.setattr(module, "GRACE_SECONDS", 1)


def socket_of(server: PostgreSQL) -> str:
    return str(next(Path(server.socket).glob(".s.PGSQL.*[0-9]")))


def by(passing: Way) -> str:
    return f"postgresql://reader:{CANARY}@127.0.0.1:{passing.port}/postgres"


def backends(server: PostgreSQL) -> int:
    with server.owner.connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'"
        return int(connection.exec_driver_sql(query).scalar_one())


def gives_up(ask: Callable[[], object], *, within: float) -> StatementError:
    started = time.monotonic()
    with pytest.raises(StatementError, match="within the time limit") as caught:
        ask()
    assert time.monotonic() - started < within
    return caught.value


def comes_to(count: int, server: PostgreSQL) -> bool:
    """Whether the server soon has so many connections of the reader's."""
    end = time.monotonic() + 10
    while backends(server) != count and time.monotonic() < end:
        time.sleep(0.1)
    return backends(server) == count


@on_postgres
def test_a_limit_above_the_shipped_one_can_be_set_for_postgresql(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADROOM_SECONDS", "900")
    database = postgresql.open()
    setting = sa.func.current_setting("statement_timeout", type_=sa.String())
    assert database.one(sa.select(setting.label("limit")))["limit"] == "15min"
    database.close()


@on_postgres
def test_a_server_that_falls_silent_is_given_up_and_the_next_one_answers(
    postgresql: PostgreSQL,
) -> None:
    with way(to_file(socket_of(postgresql))) as passing:
        database = open_database(by(passing), TWO_SECONDS)
        assert database.one(ONE) == {"n": 1}
        passing.silent.set()
        failure = gives_up(lambda: database.one(sa.select(sa.func.pg_sleep(0))), within=12)
        assert failure.trouble is Trouble.TOO_LONG
        passing.silent.clear()
        assert database.one(ONE) == {"n": 1}
        database.close()


@on_postgres
def test_a_server_that_is_silent_right_after_the_sign_in_is_given_up(
    postgresql: PostgreSQL,
) -> None:
    with way(to_file(socket_of(postgresql)), until=READY) as passing:
        gives_up(lambda: open_database(by(passing), TWO_SECONDS), within=12)


@on_postgres
def test_a_server_that_falls_silent_in_a_stream_is_given_up(postgresql: PostgreSQL) -> None:
    numbers = sa.select(sa.func.generate_series(1, 100_000).label("n"))
    with way(to_file(socket_of(postgresql))) as passing:
        database = open_database(by(passing), TWO_SECONDS)
        with database.rows(numbers, size=1_000) as batches:
            next(batches)
            passing.silent.set()
            gives_up(lambda: list(batches), within=12)
        database.close()


def left_while_asking(database: Database, statement: sa.Select[Any]) -> BaseException | None:
    """Return what becomes of a statement whose asker leaves after a moment."""
    asker = Asker(Limits())

    def ask() -> BaseException | None:
        ask_for(asker)
        timer = threading.Timer(1.5, asker.leave)
        timer.start()
        try:
            database.one(statement)
        except DatabaseError as error:
            return error
        finally:
            timer.join()
        return None

    return copy_context().run(ask)


@on_postgres
def test_postgresql_is_told_to_cancel_when_the_asker_leaves(postgresql: PostgreSQL) -> None:
    database = postgresql.open()
    error = left_while_asking(database, sa.select(sa.func.pg_sleep(30)))
    assert isinstance(error, StatementError)
    assert error.trouble is Trouble.CANCELLED
    with postgresql.owner.connect() as connection:
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
            "AND usename = 'reader' AND query LIKE '%%sleep%%'"
        )
        assert connection.exec_driver_sql(query).scalar_one() == 0
    assert database.one(ONE) == {"n": 1}
    database.close()


@on_postgres
def test_connections_that_nobody_uses_are_closed_and_opened_again_when_needed(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "IDLE_SECONDS", 0.5)
    assert comes_to(0, postgresql)
    database = postgresql.open()
    assert comes_to(0, postgresql)
    assert database.one(ONE) == {"n": 1}
    assert comes_to(1, postgresql)
    assert comes_to(0, postgresql)
    database.close()


@on_postgres
def test_connections_in_use_are_not_idle(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "IDLE_SECONDS", 0.5)
    database = postgresql.open()
    assert database.one(sa.select(sa.func.pg_sleep(1), ONE.scalar_subquery().label("n")))["n"] == 1
    database.close()


@pytest.mark.spark
@pytest.mark.timeout(900)
def test_spark_is_told_to_cancel_when_the_asker_leaves(spark: Spark) -> None:
    database = spark.open()
    rows = sa.text("range(1000000) AS a CROSS JOIN range(10000000) AS b")
    error = left_while_asking(database, sa.select(sa.func.count().label("n")).select_from(rows))
    assert isinstance(error, StatementError)
    assert error.trouble is Trouble.CANCELLED
    assert database.one(ONE) == {"n": 1}
    database.close()


@pytest.mark.spark
@pytest.mark.timeout(900)
def test_spark_that_falls_silent_is_given_up_and_the_next_session_answers(spark: Spark) -> None:
    with way(to_port(spark.port)) as passing:
        address = f"hive://tester@127.0.0.1:{passing.port}/default"
        database = open_database(address, Limits(statement_seconds=20))
        assert database.one(ONE) == {"n": 1}
        passing.silent.set()
        # One wait for the session that was and one for a new one, none more for the goodbyes.
        gives_up(lambda: database.one(ONE), within=55)
        passing.silent.clear()
        assert database.one(ONE) == {"n": 1}
        database.close()


@pytest.mark.spark
def test_spark_that_says_nothing_at_all_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"hive://tester@127.0.0.1:{mute.getsockname()[1]}/default"
        gives_up(lambda: open_database(address, TWO_SECONDS), within=20)
