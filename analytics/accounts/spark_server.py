"""Spark's Thrift server, opened for reading."""

from __future__ import annotations

import socket
from typing import Any

import sqlalchemy as sa

from analytics.accounts.allowance import Limits
from analytics.accounts.database import Database
from analytics.accounts.servers import CONNECT_SECONDS, connector, pooled, with_driver
from analytics.accounts.statements import Channel


def open_spark(url: sa.URL, label: str, limits: Limits) -> Database:
    """Return the database of an address."""
    with_driver("pyhive.sqlalchemy_hive", "spark", label)
    with_driver("thrift_sasl", "spark", label)
    spark = with_driver("analytics.accounts.spark", "spark", label)
    dialect = spark.SparkDialect(dbapi=spark.hive)
    connect = connector(url, dialect, {})
    place = (url.host or "localhost", url.port or 10000)

    def reach() -> Any:
        # The driver would wait for ever for a server that does not answer.
        with socket.create_connection(place, timeout=CONNECT_SECONDS):
            pass
        return connect()

    engine = pooled(url.drivername, reach)
    engine.dialect.statement_timeout_seconds = limits.statement_seconds  # type: ignore[attr-defined]
    database = Database(Channel(engine, label, interrupt=lambda driver: driver.stop()))
    database.one(sa.select(sa.literal(1).label("answer")))
    return database
