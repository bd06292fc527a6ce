"""What goes wrong in a database is one sentence; the portfolio in view stays as it was."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from analytics.accounts.allowance import Limits
from analytics.accounts.connect import open_database
from analytics.accounts.database import Database
from analytics.assumptions import Assumptions
from analytics.errors import DatabaseError
from analytics.ingest.tables import load_warehouse
from analytics.policy import Policy
from analytics.results.simulation import simulate
from tests.databases.engines import CANARY, DuckDBFile, PostgreSQL, Spark
from tests.portfolios import alike

postgres = pytest.mark.postgres
ROWS = pa.table(
    {
        "account_id": ["a1", "a2"],
        "score": pa.array([700, 900], pa.int32()),
        "credit_limit": pa.array([Decimal("1000.00")] * 2, pa.decimal128(18, 2)),
        "balance": pa.array([Decimal("10.01")] * 2, pa.decimal128(18, 2)),
    }
)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


@pytest.fixture
def reading(postgresql: PostgreSQL) -> Iterator[Database]:
    database = postgresql.open()
    yield database
    database.close()


@postgres
def test_unreachable_postgresql_is_said_within_seconds(closed_port: int) -> None:
    started = time.monotonic()
    with pytest.raises(DatabaseError, match="cannot be reached"):
        open_database(f"postgresql://reader:{CANARY}@127.0.0.1:{closed_port}/bank")
    assert time.monotonic() - started < 10


@postgres
def test_postgresql_that_does_not_answer_is_given_up_after_seconds() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        with pytest.raises(DatabaseError, match="cannot be reached"):
            open_database(f"postgresql://u:{CANARY}@127.0.0.1:{silent.getsockname()[1]}/bank")
        assert time.monotonic() - started < 15


@postgres
def test_wrong_password_is_said(postgresql: PostgreSQL) -> None:
    with pytest.raises(DatabaseError, match="refused the sign-in") as caught:
        open_database(postgresql.address("reader", "wrong"))
    assert "reader" not in str(caught.value)


@postgres
def test_missing_database_is_said(postgresql: PostgreSQL) -> None:
    address = postgresql.address("reader", CANARY).replace("/postgres?", "/elsewhere?")
    with pytest.raises(DatabaseError, match="is not there"):
        open_database(address)


@postgres
def test_superuser_is_refused_unless_a_test_allows_it(postgresql: PostgreSQL) -> None:
    with pytest.raises(DatabaseError, match="superuser"):
        open_database(postgresql.address("postgres", None))
    open_database(postgresql.address("postgres", None), Limits(allow_superuser=True)).close()


@postgres
def test_nothing_can_be_written_to_postgresql(postgresql: PostgreSQL) -> None:
    postgresql.fill("accounts", ROWS)
    owner = open_database(postgresql.address("postgres", None), Limits(allow_superuser=True))
    for statement in (
        "INSERT INTO accounts SELECT * FROM accounts",
        "DELETE FROM accounts",
        "CREATE TABLE mine (a int)",
        "WITH gone AS (DELETE FROM accounts RETURNING 1) SELECT * FROM gone",
    ):
        with (
            owner.engine.connect() as connection,
            pytest.raises(sa.exc.InternalError, match="read-only transaction"),
        ):
            connection.exec_driver_sql(statement)
    assert owner.one(sa.text("SELECT count(*) AS n FROM accounts").columns(n=sa.Integer))["n"] == 2
    owner.close()


def test_nothing_can_be_written_or_read_beside_a_duckdb_file(tmp_path: Path) -> None:
    engine = DuckDBFile(tmp_path)
    engine.fill("accounts", ROWS)
    (tmp_path / "secret.csv").write_text("a\n1\n")
    before = engine.path.read_bytes()
    database = engine.open()
    for statement in (
        "INSERT INTO accounts SELECT * FROM accounts",
        "CREATE TABLE mine (a int)",
        f"COPY accounts TO '{tmp_path}/out.csv'",
        f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
        f"ATTACH '{tmp_path}/other.duckdb'",
        "SET enable_external_access = true",
        "SET memory_limit = '1GB'",
        "INSTALL httpfs",
    ):
        with database.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError):
            connection.exec_driver_sql(statement)
    database.close()
    assert engine.path.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bank.duckdb", "secret.csv"]


def test_parquet_folder_reads_nothing_beside_itself(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    pq.write_table(ROWS, folder / "a.parquet")
    pq.write_table(ROWS, tmp_path / "beside.parquet")
    (folder / "link.csv").symlink_to(tmp_path / "beside.parquet")
    database = open_database(f"duckdb:///{folder}")
    for place in (tmp_path / "beside.parquet", folder / ".." / "beside.parquet"):
        with database.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError):
            connection.exec_driver_sql(f"SELECT * FROM read_parquet('{place}')")
    assert load_warehouse(database, "accounts").portfolio.accounts == 2
    database.close()


def test_parquet_files_of_different_columns_are_refused(tmp_path: Path) -> None:
    pq.write_table(ROWS, tmp_path / "a.parquet")
    texts = ROWS.set_column(2, "credit_limit", pa.array(["1000", "2000"]))
    pq.write_table(texts, tmp_path / "b.parquet")
    with pytest.raises(DatabaseError, match="do not all have the same columns and types"):
        open_database(f"duckdb:///{tmp_path}")


def test_truncated_parquet_is_one_sentence(tmp_path: Path) -> None:
    pq.write_table(ROWS, tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatabaseError) as caught:
        open_database(f"duckdb:///{tmp_path}")
    assert str(tmp_path) not in str(caught.value)


def test_parquet_files_that_go_away_are_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    pq.write_table(ROWS, folder / "a.parquet")
    database = open_database(f"duckdb:///{folder}")
    portfolio = load_warehouse(database, "accounts").portfolio
    shutil.rmtree(folder)
    with pytest.raises(DatabaseError) as caught:
        simulate(portfolio, Policy(), Assumptions())
    assert str(tmp_path) not in str(caught.value)
    database.close()


@postgres
def test_dropped_table_is_said_and_the_portfolio_works_once_it_is_back(
    postgresql: PostgreSQL, reading: Database
) -> None:
    postgresql.fill("staying", ROWS)
    postgresql.fill("gone", ROWS)
    portfolio = load_warehouse(reading, "gone").portfolio
    before = simulate(portfolio, Policy(), Assumptions())
    postgresql.run("DROP TABLE gone")
    with pytest.raises(DatabaseError, match="no longer has the table"):
        simulate(portfolio, Policy(), Assumptions())
    with pytest.raises(DatabaseError, match="no table 'gone'"):
        load_warehouse(reading, "gone")
    postgresql.fill("gone", ROWS)
    assert alike(simulate(portfolio, Policy(), Assumptions()).total, before.total)


@postgres
def test_dropped_column_is_said(postgresql: PostgreSQL, reading: Database) -> None:
    postgresql.fill("changed", ROWS)
    portfolio = load_warehouse(reading, "changed").portfolio
    postgresql.run("ALTER TABLE changed DROP COLUMN balance")
    with pytest.raises(DatabaseError, match="no longer has a column"):
        simulate(portfolio, Policy(), Assumptions())


@postgres
def test_missing_right_is_said(postgresql: PostgreSQL, reading: Database) -> None:
    postgresql.fill("hidden", ROWS)
    postgresql.run("REVOKE ALL ON hidden FROM reader")
    with pytest.raises(DatabaseError, match="ask for the right to SELECT"):
        load_warehouse(reading, "hidden")


@postgres
def test_time_limit_is_kept_and_said(postgresql: PostgreSQL) -> None:
    database = open_database(postgresql.address("reader", CANARY), Limits(statement_seconds=1))
    started = time.monotonic()
    with pytest.raises(DatabaseError, match="within the time limit"):
        database.one(sa.select(sa.func.pg_sleep(30)))
    assert time.monotonic() - started < 15
    database.close()


@postgres
def test_statement_is_stopped_from_another_thread(reading: Database) -> None:
    threading.Timer(0.5, reading.cancel).start()
    started = time.monotonic()
    with pytest.raises(DatabaseError, match="was told to stop"):
        reading.one(sa.select(sa.func.pg_sleep(30)))
    assert time.monotonic() - started < 15
    assert reading.one(sa.select(sa.literal(1).label("n")))["n"] == 1


@postgres
def test_stream_is_stopped_in_mid_batch_and_the_next_statement_answers(reading: Database) -> None:
    slow = sa.select(sa.cast(sa.func.pg_sleep(0.01), sa.String()).label("n")).select_from(
        sa.func.generate_series(1, 10_000).alias("numbers")
    )
    threading.Timer(0.5, reading.cancel).start()
    with pytest.raises(DatabaseError, match="was told to stop"), reading.rows(slow) as batches:
        list(batches)
    assert reading.one(sa.select(sa.literal(1).label("n")))["n"] == 1


def cut_every_connection(postgresql: PostgreSQL, seconds: float) -> threading.Thread:
    """End what `reader` runs, again and again for some seconds."""

    def cut() -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.2)
            postgresql.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE usename = 'reader' AND query LIKE '%%pg_sleep%%'"
            )

    thread = threading.Thread(target=cut)
    thread.start()
    return thread


@postgres
def test_connection_cut_in_mid_query_is_said_and_the_next_one_works(
    postgresql: PostgreSQL, reading: Database
) -> None:
    thread = cut_every_connection(postgresql, 2)
    with pytest.raises(DatabaseError, match="ended the connection"):
        reading.one(sa.select(sa.func.pg_sleep(20)))
    thread.join()
    assert reading.one(sa.select(sa.literal(1).label("n")))["n"] == 1


@postgres
def test_connection_cut_while_streaming_is_said(postgresql: PostgreSQL, reading: Database) -> None:
    numbers = sa.select(sa.func.generate_series(1, 10**7).label("n"))
    with reading.rows(numbers, size=1_000) as batches:
        next(batches)
        postgresql.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'"
        )
        with pytest.raises(DatabaseError, match="ended the connection"):
            list(batches)


@postgres
def test_connections_that_ended_while_idle_are_replaced(
    postgresql: PostgreSQL, reading: Database
) -> None:
    reading.one(sa.select(sa.literal(1).label("n")))
    postgresql.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename='reader'")
    time.sleep(0.2)
    assert reading.one(sa.select(sa.literal(1).label("n")))["n"] == 1


@postgres
def test_errors_of_the_caller_pass_a_stream_unchanged(reading: Database) -> None:
    with pytest.raises(OSError, match="disk"), reading.rows(sa.select(sa.literal(1))):
        raise OSError("disk full")


@postgres
def test_cells_are_never_in_an_error(postgresql: PostgreSQL, reading: Database) -> None:
    postgresql.fill("words", pa.table({"account_id": [CANARY]}))
    words = sa.table("words", sa.column("account_id"))
    with pytest.raises(DatabaseError) as caught:
        reading.sums(sa.select(sa.cast(words.c.account_id, sa.Integer()).label("n")))
    assert CANARY not in str(caught.value)


def test_missing_driver_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyhive.sqlalchemy_hive", None)
    with pytest.raises(DatabaseError, match=r"install headroom\[spark\]"):
        open_database("hive://127.0.0.1:10000/default")


def test_missing_file_is_said_and_not_created(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="is not there"):
        open_database(f"duckdb:///{tmp_path}/none.duckdb")
    assert list(tmp_path.iterdir()) == []


def test_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.duckdb").write_text("not a database at all, " * 500)
    with pytest.raises(DatabaseError, match="cannot be opened"):
        open_database(f"duckdb:///{tmp_path}/a.duckdb")


@pytest.mark.spark
def test_unreachable_spark_is_said_within_seconds(closed_port: int) -> None:
    started = time.monotonic()
    with pytest.raises(DatabaseError, match="cannot be reached"):
        open_database(f"hive://tester@127.0.0.1:{closed_port}/default")
    assert time.monotonic() - started < 10


@pytest.mark.spark
def test_dropped_table_and_lost_session_of_spark_are_said(spark: Spark) -> None:
    spark.fill("gone", ROWS)
    database = spark.open()
    portfolio = load_warehouse(database, "gone").portfolio
    spark.run("DROP TABLE gone")
    with pytest.raises(DatabaseError, match="no longer has the table"):
        simulate(portfolio, Policy(), Assumptions())
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
    driver._transport.close()
    assert database.one(sa.select(sa.literal(1).label("n")))["n"] == 1
    database.close()


@pytest.mark.spark
def test_spark_ends_a_statement_after_the_time_limit(spark: Spark) -> None:
    spark.open().close()
    database = open_database(spark.address, Limits(statement_seconds=10))
    ids = sa.select(sa.func.count().label("n")).select_from(
        sa.text("range(1000000) AS a CROSS JOIN range(10000000) AS b")
    )
    with pytest.raises(DatabaseError, match="within the time limit"):
        database.one(ids)
    database.close()


@pytest.mark.spark
def test_spark_stops_a_statement_from_another_thread(spark: Spark) -> None:
    database = spark.open()
    rows = sa.text("range(1000000) AS a CROSS JOIN range(10000000) AS b")
    threading.Timer(2.0, database.cancel).start()
    started = time.monotonic()
    with pytest.raises(DatabaseError, match="was told to stop"):
        database.one(sa.select(sa.func.count().label("n")).select_from(rows))
    assert time.monotonic() - started < 60
    assert database.one(sa.select(sa.literal(1).label("n")))["n"] == 1
    database.close()


@pytest.mark.spark
def test_missing_database_of_spark_is_said(spark: Spark) -> None:
    with pytest.raises(DatabaseError, match="is not there"):
        open_database(spark.address.replace("/default", "/elsewhere"))


@pytest.mark.spark
def test_spark_puts_nothing_in_place_of_variables(spark: Spark) -> None:
    database = spark.open()
    text = "${env:PATH} ${spark.master} ' \" \\ %s \n\t é"
    assert database.one(sa.select(sa.literal(text).label("t")))["t"] == text
    whole = database.one(sa.select(sa.literal(0.1).label("x"), sa.literal(1e-300).label("y")))
    assert whole == {"x": 0.1, "y": 1e-300}
    database.close()
