"""Spark's Thrift server, opened for reading."""

from __future__ import annotations

import socket
from typing import Any

import sqlalchemy as sa

from analytics.accounts.allowance import Limits
from analytics.accounts.database import Database
from analytics.accounts.servers import CONNECT_SECONDS, GRACE_SECONDS, pooled, with_driver
from analytics.accounts.statements import Channel
from analytics.declared.language import say
from analytics.errors import DatabaseError

SIGN_INS = ("NONE", "NOSASL", "LDAP", "CUSTOM", "KERBEROS")
"""Ways to sign in, as the server's own setting spells them."""


def open_spark(url: sa.URL, label: str, limits: Limits) -> Database:
    """Return the database of an address."""
    _check_sign_in(url, label)
    with_driver("pyhive.sqlalchemy_hive", "spark", label)
    with_driver("thrift_sasl", "spark", label)
    spark = with_driver("analytics.accounts.spark", "spark", label)
    dialect = spark.SparkDialect(dbapi=spark.hive)
    arguments, options = dialect.create_connect_args(url)
    patience = limits.statement_seconds + GRACE_SECONDS
    place = (url.host or "localhost", url.port or 10000)

    def reach() -> Any:
        # The driver would wait for ever for a server that does not answer.
        with socket.create_connection(place, timeout=CONNECT_SECONDS):
            pass
        return dialect.connect(*arguments, patience=patience, **options)

    engine = pooled(url.drivername, reach)
    engine.dialect.statement_timeout_seconds = limits.statement_seconds  # type: ignore[attr-defined]
    seconds = limits.statement_seconds
    database = Database(Channel(engine, label, lambda driver: driver.stop(), seconds=seconds))
    database.one(sa.select(sa.literal(1).label("answer")))
    return database


def _check_sign_in(url: sa.URL, label: str) -> None:
    """Refuse a way of signing in that there is not, or that lacks what it needs."""
    way = url.query.get("auth", "NONE")
    if way not in SIGN_INS:
        raise DatabaseError(
            say(
                "The address of the database {label} has an auth that is not known: it is one of "
                "{known}.",
                label=label,
                known=tuple(SIGN_INS),
            )
        )
    if (way == "KERBEROS") != ("kerberos_service_name" in url.query):
        raise DatabaseError(
            say(
                "The address of the database {label} needs auth=KERBEROS and "
                "kerberos_service_name together, or neither.",
                label=label,
            )
        )
