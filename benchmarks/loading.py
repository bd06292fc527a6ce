"""Loading a file: read, validated and ready to simulate, against DuckDB's bare reading.

The rival neither checks a cell nor finds a duplicate, hashes no bytes and takes money as DOUBLE.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from analytics import ingest
from benchmarks import data
from benchmarks.benchmark import Benchmark, Measured, Setting, Unit
from benchmarks.timing import pairs


def csv_against_duckdb(setting: Setting) -> Measured:
    """Return seconds to load a CSV file for each second of DuckDB's ``read_csv``."""
    return _compared(data.accounts_csv(setting.accounts, setting.folder), "read_csv", setting)


def parquet_against_duckdb(setting: Setting) -> Measured:
    """Return seconds to load a Parquet file for each second of DuckDB's ``read_parquet``."""
    return _compared(data.accounts_file(setting.accounts, setting.folder), "read_parquet", setting)


def _compared(path: Path, reader: str, setting: Setting) -> Measured:
    _insist_on_equal(path, reader)

    def bare() -> None:
        with duckdb.connect() as connection:
            _create(connection, path, reader)

    timed = pairs(lambda: _load(path), bare, setting)
    return Measured(values=timed.ratios, note=timed.note)


def _load(path: Path) -> tuple[int, int]:
    """Load a file, forget it, and return its accounts and their total limit in minor units."""
    portfolio = ingest.load_file(path).portfolio
    portfolio.door.close()
    return portfolio.accounts, portfolio.total_limit


def _create(connection: duckdb.DuckDBPyConnection, path: Path, reader: str) -> None:
    connection.execute(f"CREATE TABLE accounts AS SELECT * FROM {reader}('{path}')")


def _insist_on_equal(path: Path, reader: str) -> None:
    with duckdb.connect() as connection:
        _create(connection, path, reader)
        rows = connection.execute("SELECT count(*), sum(credit_limit) FROM accounts").fetchall()
    ((accounts, limit),) = rows
    if (accounts, round(limit * 100)) != _load(path):
        raise AssertionError("The rival reads other accounts.")


BENCHMARKS = (
    Benchmark(
        name="load-csv",
        title="A CSV file, ready to simulate, against DuckDB's bare read_csv",
        unit=Unit.RATIO,
        target=2.0,
        run=csv_against_duckdb,
    ),
    Benchmark(
        name="load-parquet",
        title="A Parquet file, ready to simulate, against DuckDB's bare read_parquet",
        unit=Unit.RATIO,
        target=2.0,
        run=parquet_against_duckdb,
    ),
)
