"""DuckDB files and folders of Parquet files, opened for reading; they read nothing else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import sqlalchemy as sa

from analytics.accounts.allowance import Limits
from analytics.accounts.database import Database
from analytics.accounts.duckdb_owner import DuckDBOwner, share
from analytics.accounts.failures import guarded
from analytics.accounts.quoting import quoted
from analytics.declared.language import say
from analytics.errors import DatabaseError

PARQUET_TABLE = "accounts"
"""What a folder of Parquet files is called as a table."""


def open_duckdb(url: sa.URL, label: str, limits: Limits) -> Database:
    """Return the database of an address: a file, or a folder of Parquet files as one table.

    A file that is open already is shared; each who opened it closes it for itself.
    """
    if not url.database or url.database.startswith(":"):
        raise DatabaseError(
            say(
                "The address of the database {label} names no file: write duckdb:///path.",
                label=label,
            )
        )
    source = Path(url.database)
    if not source.exists():
        raise DatabaseError(
            say("The database {label} is not there: check the path in the settings.", label=label)
        )
    with guarded(label):
        if source.is_dir():
            owner, shown = _parquet_owner(source.resolve(), label, limits)
            return Database(owner.channel(label, limits), owner.close, owner.elsewhere(*shown))
        owner, let_go = share(source, limits, label)
        return Database(owner.channel(label, limits), let_go, owner.elsewhere())


def _parquet_owner(source: Path, label: str, limits: Limits) -> tuple[DuckDBOwner, tuple[str, str]]:
    """Return a database in memory that shows the folder as one table and reads nothing else.

    And the statements that make another one show it.
    """
    files = sorted(str(path) for path in source.glob("*.parquet"))
    if not files:
        raise DatabaseError(
            say("The database {label} is a folder without Parquet files (*.parquet).", label=label)
        )
    if any(mark in file for file in files for mark in "*?["):
        raise DatabaseError(
            say("The database {label} has a path with one of the signs * ? [ in it.", label=label)
        )
    owner = DuckDBOwner(limits=limits)
    try:
        cursor = owner.cursor()
        cursor.execute(f"SET SESSION max_execution_time = {limits.statement_seconds * 1000}")
        _refuse_mixed(cursor, files, label)
        listed = ", ".join(quoted(file) for file in files)
        view = f"CREATE VIEW {PARQUET_TABLE} AS FROM read_parquet([{listed}])"
        cursor.execute(view)
        owner.shut(allowed=source)
    except BaseException:
        owner.close()
        raise
    return owner, (view, f"SET allowed_directories = [{quoted(str(source))}]")


def _refuse_mixed(cursor: duckdb.DuckDBPyConnection, files: list[str], label: str) -> None:
    """Refuse files whose columns differ: the first file's types would be cast onto the others."""
    query = (
        "SELECT count(DISTINCT kinds) FROM (SELECT list((name, duckdb_type) ORDER BY name) "
        "AS kinds FROM parquet_schema(?) WHERE duckdb_type IS NOT NULL GROUP BY file_name)"
    )
    if cursor.execute(query, [files]).fetchall() != [(1,)]:
        raise DatabaseError(
            say(
                "The Parquet files of the database {label} do not all have the same columns "
                "and types.",
                label=label,
            )
        )
