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
from analytics.declared.language import clauses, marked, say
from analytics.errors import DatabaseError

LOCK_SECONDS = 10
POWERS = {
    "superuser": marked("be a superuser"),
    "programs": marked("run programs on the server"),
    "files": marked("reach the server's files"),
    "roles": marked("make roles"),
    "replication": marked("copy the whole server"),
    "writing": marked("write to every table"),
    "sessions": marked("interfere with what others run"),
    "hidden": marked("see rows that a policy of the database hides"),
}
"""What a login can do that is more than reading, in words."""
_FLAGS = ("rolsuper", "rolcreaterole", "rolreplication", "rolbypassrls")


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
    if not limits.allow_superuser:
        _refuse_power(database, label)
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


def _refuse_power(database: Database, label: str) -> None:
    """Refuse a login that may do more than read, whichever of its roles it may do it by."""
    try:
        found = database.one(_powers())
    except BaseException:
        database.close()
        raise
    powers = [say(POWERS[name]) for name, has in found.items() if has]
    if powers:
        database.close()
        raise DatabaseError(
            say(
                "The database {label} would let Headroom in as one who may do more than read, by "
                "a role of its own or one that it can take: {powers}. Give it a user that may only "
                "SELECT.",
                label=label,
                powers=clauses(powers),
            )
        )


def _powers() -> sa.Select[Any]:
    """Return the statement of what a login can do, by every role that it has or can take.

    A member that inherits nothing of a role can still take it (SET ROLE), and so can a function
    in a view that it reads; whoever administers a role can make itself such a member.
    """
    roles = sa.table(
        "pg_roles", *(sa.column(name) for name in ("oid", "rolname", *_FLAGS)), schema="pg_catalog"
    )
    tables = sa.table("pg_class", sa.column("relrowsecurity"), schema="pg_catalog")
    c = roles.c
    hidden = sa.exists().select_from(tables).where(tables.c.relrowsecurity)
    powers: dict[str, sa.ColumnElement[Any]] = {
        "superuser": c.rolsuper,
        "programs": c.rolname == "pg_execute_server_program",
        "files": c.rolname.in_(("pg_read_server_files", "pg_write_server_files")),
        "roles": c.rolcreaterole,
        "replication": c.rolreplication,
        "writing": c.rolname == "pg_write_all_data",
        "sessions": c.rolname.in_(("pg_signal_backend", "pg_maintain")),
        "hidden": sa.and_(c.rolbypassrls, hidden),
    }
    can_take = sa.or_(
        *(
            sa.func.pg_catalog.pg_has_role(
                sa.literal_column(user), c.oid, sa.literal("MEMBER"), type_=sa.Boolean()
            )
            for user in ("session_user", "current_user")
        )
    )
    return sa.select(*(sa.func.bool_or(value).label(name) for name, value in powers.items())).where(
        can_take
    )
