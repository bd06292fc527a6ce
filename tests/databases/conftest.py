"""The databases, started once a session where a test asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases.engines import DuckDBFile, Engine, ParquetFolder, PostgreSQL, Spark


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    yield server
    server.close()


@pytest.fixture(scope="session")
def spark() -> Iterator[Spark]:
    server = Spark()
    yield server
    server.close()


@pytest.fixture(
    scope="session",
    params=[
        "duckdb",
        "parquet",
        pytest.param("postgresql", marks=pytest.mark.postgres),
        pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.timeout(600)]),
    ],
)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Return each kind of database in turn."""
    folder: Path = tmp_path_factory.mktemp("databases")
    if request.param == "duckdb":
        return DuckDBFile(folder)
    if request.param == "parquet":
        return ParquetFolder(folder)
    server: Engine = request.getfixturevalue(request.param)
    return server
