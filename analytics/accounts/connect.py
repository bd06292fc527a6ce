"""Databases are opened here, by their name in the settings or by an address, only for reading."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from analytics.accounts import asker
from analytics.accounts.addresses import parsed
from analytics.accounts.allowance import Limits
from analytics.accounts.database import Database
from analytics.accounts.duckdb_sources import open_duckdb
from analytics.accounts.postgresql import open_postgresql
from analytics.accounts.settings import address_of
from analytics.accounts.spark_server import open_spark
from analytics.declared.language import say

_OPENERS: dict[str, Callable[[sa.URL, str, Limits], Database]] = {
    "duckdb": open_duckdb,
    "postgresql": open_postgresql,
    "hive": open_spark,
}


def open_database(address: str, limits: Limits | None = None) -> Database:
    """Return the database of a short name from the settings, or of an address, for reading.

    Without ``limits``, those of the one who asks hold.

    ``postgresql://`` and ``hive://`` (Spark's Thrift server) are servers; ``duckdb:///`` is a
    DuckDB file, or a folder of Parquet files, which becomes the table ``accounts``.

    Raises
    ------
    DatabaseError
        The name is unknown, the address cannot be used, or the database does not let us in. The
        sentence holds no part of the address.
    """
    named = "://" not in address
    label = address if named else say("of that address")
    url = parsed(address_of(address) if named else address, label)
    return _OPENERS[url.get_backend_name()](url, label, limits or asker.in_force().limits)
