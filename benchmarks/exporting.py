"""The list of accounts: policy, list and manifest, against DuckDB's bare COPY of a ready list.

The rival's table holds what the product's list says, in the list's types, so that it only sorts
and writes: it decides nothing, adds nothing up, and syncs nothing to the disk.
"""

from __future__ import annotations

import datetime as dt
import filecmp
import tempfile
from pathlib import Path

import duckdb

from analytics.assumptions import Assumptions
from analytics.declared.columns import Kind
from analytics.export import export_policy
from analytics.export.accounts_lines import ACCOUNTS, ACCOUNTS_COLUMNS
from analytics.policy import Policy
from analytics.results.simulation import Simulation, simulate
from benchmarks.benchmark import Benchmark, Measured, Setting, Unit
from benchmarks.timing import pairs

STAMPED = dt.datetime(2026, 10, 31, tzinfo=dt.UTC)
_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.SCORE: "INTEGER",
    Kind.COUNT: "INTEGER",
    Kind.MONEY: "DECIMAL(18, 2)",
}


def against_copy(setting: Setting) -> Measured:
    """Return seconds of an export for each second of DuckDB's COPY of the same list."""
    simulation = simulate(setting.portfolio(), Policy(), Assumptions())
    with tempfile.TemporaryDirectory(dir=setting.folder) as name, duckdb.connect() as connection:
        ours, theirs = Path(name) / "ours", Path(name) / "theirs.csv"
        _export(simulation, ours)
        _create_list(connection, ours / ACCOUNTS)
        _copy_list(connection, theirs)
        if not filecmp.cmp(ours / ACCOUNTS, theirs, shallow=False):
            raise AssertionError("The rival writes another list.")
        timed = pairs(
            lambda: _export(simulation, ours), lambda: _copy_list(connection, theirs), setting
        )
    return Measured(values=timed.ratios, note=timed.note)


def _export(simulation: Simulation, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    export_policy(simulation, folder, stamped=STAMPED)


def _create_list(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    types = ", ".join(f"'{name}': '{_TYPES[kind]}'" for name, kind in ACCOUNTS_COLUMNS)
    connection.execute(
        f"CREATE TABLE list AS SELECT * FROM read_csv('{path}', header = true, "
        f"columns = {{{types}}})"
    )


def _copy_list(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    connection.execute(
        f"COPY (SELECT * FROM list ORDER BY account_id) TO '{path}' (FORMAT csv, HEADER true)"
    )


BENCHMARKS = (
    Benchmark(
        name="export",
        title="Policy, ordered list of accounts and manifest, against DuckDB's bare COPY",
        unit=Unit.RATIO,
        target=2.0,
        run=against_copy,
    ),
)
