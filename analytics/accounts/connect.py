"""Connections to the databases that hold portfolios: named in settings, opened only for reading.

An administrator gives each database a short name and an address (a SQLAlchemy URL), in the
environment variable ``HEADROOM_DATABASES`` (a JSON object) or under ``[databases]`` in
``.streamlit/secrets.toml``. Only the short name is ever shown, logged or exported.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import socket
import tempfile
import tomllib
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa
from duckdb_sqlalchemy import ConnectionWrapper
from sqlalchemy.pool import QueuePool

from analytics.accounts.database import Database
from analytics.accounts.failures import guarded
from analytics.errors import DatabaseError

ENVIRONMENT = "HEADROOM_DATABASES"
SECRETS = Path(".streamlit") / "secrets.toml"
SECTION = "databases"
PARQUET_TABLE = "accounts"
"""What a folder of Parquet files is called as a table."""
CONNECT_SECONDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a database may take from this machine, and a statement from the database.

    Parameters
    ----------
    statement_seconds : int
        A statement that takes longer is given up.
    memory : str or None
        Memory for DuckDB, such as ``4GB``; else its own default. Beyond it data go to disk.
    allow_superuser : bool
        Accept a PostgreSQL superuser, who could do far more than read. For tests.
    """

    statement_seconds: int = 600
    memory: str | None = None
    allow_superuser: bool = False


def known_databases() -> tuple[str, ...]:
    """Return the short names of the databases in the settings, sorted."""
    return tuple(sorted(_addresses()))


def open_database(address: str, limits: Limits | None = None) -> Database:
    """Return the database of a short name from the settings, or of an address, for reading.

    ``postgresql://`` and ``hive://`` (Spark's Thrift server) are servers; ``duckdb:///`` is a
    DuckDB file, or a folder of Parquet files, which becomes the table ``accounts``.

    Raises
    ------
    DatabaseError
        The name is unknown, the address cannot be used, or the database does not let us in. The
        sentence holds no part of the address.
    """
    limits = limits or Limits()
    if "://" in address:
        return _open(address, "of that address", limits)
    known = _addresses()
    if address not in known:
        names = ", ".join(sorted(known)) or "none"
        raise DatabaseError(f"There is no database {address!r} in the settings: known are {names}.")
    return _open(known[address], address, limits)


def _open(address: str, label: str, limits: Limits) -> Database:
    url = _url(address, label)
    opener = _OPENERS[url.get_backend_name()]
    _refuse_options(url, label)
    return opener(url, label, limits)


# ---- Settings


def _addresses() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in (Path.home() / SECRETS, Path.cwd() / SECRETS):
        found |= _checked(_from_file(path), f"[{SECTION}] in {SECRETS}")
    text = os.environ.get(ENVIRONMENT, "").strip()
    return found | _checked(_from_json(text) if text else {}, ENVIRONMENT)


def _from_file(path: Path) -> Any:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")).get(SECTION, {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise DatabaseError(f"{SECRETS} could not be read: it has to be TOML in UTF-8.") from None


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise DatabaseError(
            f'{ENVIRONMENT} was not understood: write a JSON object, {{"name": "address"}}.'
        ) from None


def _checked(entries: Any, where: str) -> dict[str, str]:
    if not isinstance(entries, Mapping) or not all(
        isinstance(name, str) and isinstance(url, str) and name.strip() and "://" not in name
        for name, url in entries.items()
    ):
        raise DatabaseError(f"{where}: give each database as a short name and an address.")
    return dict(entries)


# ---- Addresses

_OPTIONS: dict[str, frozenset[str]] = {
    "duckdb": frozenset(),
    "postgresql": frozenset(
        {"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding"}
    ),
    "hive": frozenset({"auth", "kerberos_service_name"}),
}
_DRIVERS = {
    "duckdb": "duckdb",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "hive": "hive+headroom",
}


def _url(address: str, label: str) -> sa.URL:
    """Return the address in parts. Nothing of it may be in an error: it may hold a password."""
    try:
        url = sa.make_url(address.strip())
        driver = _DRIVERS[url.drivername]
    except KeyError:
        kinds = ", ".join(f"{name}://" for name in _OPTIONS)
        raise DatabaseError(
            f"The database {label} is of a kind that is not read here: known are {kinds}."
        ) from None
    except (sa.exc.ArgumentError, ValueError):
        raise DatabaseError(
            f"The address of the database {label} was not understood: write "
            "kind://user:password@host:port/database."
        ) from None
    if any(mark in (url.host or "") for mark in "@?#%/ "):
        raise DatabaseError(
            f"The address of the database {label} was not understood: in user and password write "
            "@ : / ? # % as %40 %3A %2F %3F %23 %25."
        )
    return url.set(drivername=driver)


def _refuse_options(url: sa.URL, label: str) -> None:
    allowed = _OPTIONS[url.get_backend_name()]
    if any(name not in allowed for name in url.query):
        what = f"only {', '.join(sorted(allowed))} can" if allowed else "nothing may"
        raise DatabaseError(
            f"The address of the database {label} has settings after the question mark that are "
            f"not taken: {what} stand there. A password belongs before the @."
        )


def _with_driver(module: str, extra: str, label: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise DatabaseError(
            f"The database {label} needs a driver that is not installed: install headroom[{extra}]."
        ) from None


def _engine(driver: str, connect: Callable[[], Any], **options: Any) -> sa.Engine:
    """Return an engine that does not hold the address, so that nothing can print it."""
    return sa.create_engine(
        f"{driver}://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=4,
        pool_pre_ping=True,
        pool_recycle=1800,
        hide_parameters=True,
        **options,
    )


def _connector(url: sa.URL, dialect: sa.Dialect, more: Mapping[str, Any]) -> Callable[[], Any]:
    arguments, options = dialect.create_connect_args(url)
    return lambda: dialect.connect(*arguments, **{**options, **more})


class ServerDatabase(Database):
    """A database on a server; its connections are closed when it is no longer used."""

    def __init__(self, engine: sa.Engine, *, label: str) -> None:
        super().__init__(engine, label=label)
        self._finalizer = weakref.finalize(self, engine.dispose)

    def close(self) -> None:
        """Close the connections."""
        self._finalizer()


# ---- PostgreSQL


def _open_postgresql(url: sa.URL, label: str, limits: Limits) -> Database:
    psycopg = _with_driver("psycopg", "postgres", label)
    make_dialect: Callable[..., sa.Dialect] = url.get_dialect()
    dialect = make_dialect(dbapi=psycopg)
    settings = {
        "default_transaction_read_only": "on",
        "statement_timeout": f"{limits.statement_seconds * 1000}",
        "lock_timeout": "10000",
        "idle_in_transaction_session_timeout": f"{limits.statement_seconds * 1000}",
        "extra_float_digits": "1",
    }
    more = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "headroom",
        "keepalives_idle": 30,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }
    engine = _engine(
        url.drivername,
        _connector(url, dialect, more),
        execution_options={"postgresql_readonly": True},
    )
    database = ServerDatabase(engine, label=label)
    role = database.one(_powers())
    if (role["superuser"] or role["files"] or role["programs"]) and not limits.allow_superuser:
        database.close()
        raise DatabaseError(
            f"The database {label} would let Headroom in as a superuser, or as one who may reach "
            "the server's files or programs: give it a user that may only SELECT."
        )
    return database


def _powers() -> sa.Select[Any]:
    def may(role: str) -> sa.ColumnElement[bool]:
        return sa.func.pg_has_role(sa.func.current_user(), role, "MEMBER", type_=sa.Boolean())

    files = sa.or_(may("pg_read_server_files"), may("pg_write_server_files"))
    superuser = sa.func.current_setting("is_superuser", type_=sa.String()) == "on"
    programs = may("pg_execute_server_program")
    powers: dict[str, sa.ColumnElement[Any]] = {
        "superuser": superuser,
        "files": files,
        "programs": programs,
    }
    return sa.select(*(value.label(name) for name, value in powers.items()))


# ---- Spark


def _open_hive(url: sa.URL, label: str, limits: Limits) -> Database:
    _with_driver("pyhive.sqlalchemy_hive", "spark", label)
    _with_driver("thrift_sasl", "spark", label)
    spark = _with_driver("analytics.accounts.spark", "spark", label)
    dialect = spark.SparkDialect(dbapi=spark.hive)
    connect = _connector(url, dialect, {})
    place = (url.host or "localhost", url.port or 10000)

    def reach() -> Any:
        # The driver would wait for ever for a server that does not answer.
        with socket.create_connection(place, timeout=CONNECT_SECONDS):
            pass
        return connect()

    engine = _engine(url.drivername, reach)
    engine.dialect.statement_timeout_seconds = limits.statement_seconds  # type: ignore[attr-defined]
    database = ServerDatabase(engine, label=label)
    database.one(sa.select(sa.literal(1).label("answer")))
    return database


# ---- DuckDB files and folders of Parquet files


class DuckDBSource(Database):
    """A DuckDB file or a folder of Parquet files; it reads nothing else.

    What does not fit memory is written to a private folder, removed when no longer used.
    """

    def __init__(self, source: Path, *, label: str, memory: str | None) -> None:
        folder = Path(tempfile.mkdtemp(prefix="headroom-"))
        folder.chmod(0o700)
        try:
            owner = _duckdb_owner(source, folder, label, memory)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        engine = sa.create_engine(
            "duckdb://", creator=lambda: ConnectionWrapper(owner.cursor()), poolclass=QueuePool
        )
        super().__init__(engine, label=label)
        self._finalizer = weakref.finalize(self, _close_duckdb, engine, owner, folder)

    def close(self) -> None:
        """End the connection and remove the private folder."""
        self._finalizer()


def _close_duckdb(engine: sa.Engine, owner: duckdb.DuckDBPyConnection, folder: Path) -> None:
    engine.dispose()
    owner.close()
    shutil.rmtree(folder, ignore_errors=True)


def _open_duckdb(url: sa.URL, label: str, limits: Limits) -> Database:
    if not url.database or url.database.startswith(":"):
        raise DatabaseError(
            f"The address of the database {label} names no file: write duckdb:///path."
        )
    source = Path(url.database)
    if not source.exists():
        raise DatabaseError(f"The database {label} is not there: check the path in the settings.")
    return DuckDBSource(source, label=label, memory=limits.memory)


def _duckdb_owner(
    source: Path, folder: Path, label: str, memory: str | None
) -> duckdb.DuckDBPyConnection:
    config: dict[str, Any] = {
        "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if memory:
        config["memory_limit"] = memory
    with guarded(label):
        if source.is_dir():
            return _parquet_view(source.resolve(), config, label)
        owner = duckdb.connect(source, read_only=True, config=config)
        owner.execute("SET enable_external_access = false")
        owner.execute("SET lock_configuration = true")
        return owner


def _parquet_view(source: Path, config: dict[str, Any], label: str) -> duckdb.DuckDBPyConnection:
    files = sorted(str(path) for path in source.glob("*.parquet"))
    if not files:
        raise DatabaseError(f"The database {label} is a folder without Parquet files (*.parquet).")
    if any(mark in file for file in files for mark in "*?["):
        raise DatabaseError(f"The database {label} has a path with one of the signs * ? [ in it.")
    owner = duckdb.connect(":memory:", config=config)
    try:
        _refuse_mixed(owner, files, label)
        listed = ", ".join(_text(file) for file in files)
        owner.execute(f"CREATE VIEW {PARQUET_TABLE} AS FROM read_parquet([{listed}])")
        owner.execute(f"SET allowed_directories = [{_text(str(source))}]")
        owner.execute("SET enable_external_access = false")
        owner.execute("SET lock_configuration = true")
    except BaseException:
        owner.close()
        raise
    return owner


def _refuse_mixed(owner: duckdb.DuckDBPyConnection, files: list[str], label: str) -> None:
    """Refuse files whose columns differ: the first file's types would be cast onto the others."""
    query = (
        "SELECT count(DISTINCT kinds) FROM (SELECT list((name, duckdb_type) ORDER BY name) "
        "AS kinds FROM parquet_schema(?) WHERE duckdb_type IS NOT NULL GROUP BY file_name)"
    )
    if owner.execute(query, [files]).fetchall() != [(1,)]:
        raise DatabaseError(
            f"The Parquet files of the database {label} do not all have the same columns and types."
        )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


_OPENERS: dict[str, Callable[[sa.URL, str, Limits], Database]] = {
    "duckdb": _open_duckdb,
    "postgresql": _open_postgresql,
    "hive": _open_hive,
}

__all__ = [
    "DuckDBSource",
    "Limits",
    "known_databases",
    "open_database",
]
