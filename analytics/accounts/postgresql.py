"""PostgreSQL, opened for reading by a user who can do nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from analytics.accounts.allowance import Limits
from analytics.accounts.database import Database
from analytics.accounts.servers import (
    CONNECT_SECONDS,
    GRACE_SECONDS,
    IDLE_SECONDS,
    pooled,
    with_driver,
)
from analytics.accounts.statements import Channel
from analytics.errors import DatabaseError

LOCK_SECONDS = 10


def open_postgresql(url: sa.URL, label: str, limits: Limits) -> Database:
    """Return the database of an address; a user who may do more than read is refused."""
    psycopg = with_driver("psycopg", "postgres", label)
    driver = with_driver("analytics.accounts.postgresql_driver", "postgres", label)
    make_dialect: Callable[..., sa.Dialect] = url.get_dialect()
    arguments, where = make_dialect(dbapi=psycopg).create_connect_args(url)
    options = {**where, **_settings(limits)}
    engine = pooled(
        url.drivername,
        lambda: driver.connect(*arguments, **options),
        execution_options={"postgresql_readonly": True},
    )
    database = Database(Channel(engine, label, _stop, seconds=limits.statement_seconds))
    role = database.one(_powers())
    if (role["superuser"] or role["files"] or role["programs"]) and not limits.allow_superuser:
        database.close()
        raise DatabaseError(
            f"The database {label} would let Headroom in as a superuser, or as one who may reach "
            "the server's files or programs: give it a user that may only SELECT."
        )
    return database


def _settings(limits: Limits) -> dict[str, Any]:
    """Return what a connection is opened with: read-only, limits in time, and notice of an end."""
    seconds = limits.statement_seconds
    session = {
        "default_transaction_read_only": "on",
        "statement_timeout": f"{seconds * 1000}",
        "lock_timeout": f"{LOCK_SECONDS * 1000}",
        "idle_in_transaction_session_timeout": f"{max(seconds, IDLE_SECONDS) * 1000}",
        "extra_float_digits": "1",
    }
    return {
        "patience": seconds + GRACE_SECONDS,
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "headroom",
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25_000,
        "options": " ".join(f"-c {name}={value}" for name, value in session.items()),
    }


def _stop(driver: Any) -> None:
    driver.cancel_safe(timeout=CONNECT_SECONDS)


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
