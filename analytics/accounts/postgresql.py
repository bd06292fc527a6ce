"""PostgreSQL, opened for reading by a user who can do nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from analytics.accounts.allowance import Limits
from analytics.accounts.database import Database
from analytics.accounts.servers import CONNECT_SECONDS, connector, pooled, with_driver
from analytics.accounts.statements import Channel
from analytics.errors import DatabaseError


def open_postgresql(url: sa.URL, label: str, limits: Limits) -> Database:
    """Return the database of an address; a user who may do more than read is refused."""
    psycopg = with_driver("psycopg", "postgres", label)
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
    engine = pooled(
        url.drivername,
        connector(url, dialect, more),
        execution_options={"postgresql_readonly": True},
    )
    database = Database(Channel(engine, label, interrupt=_stop))
    role = database.one(_powers())
    if (role["superuser"] or role["files"] or role["programs"]) and not limits.allow_superuser:
        database.close()
        raise DatabaseError(
            f"The database {label} would let Headroom in as a superuser, or as one who may reach "
            "the server's files or programs: give it a user that may only SELECT."
        )
    return database


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
