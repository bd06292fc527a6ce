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


ON_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgres)
ON_SPARK = pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.timeout(900)])


@pytest.fixture(scope="session", params=["duckdb", "parquet", ON_POSTGRESQL, ON_SPARK])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Return each kind of database in turn."""
    return _engine(request, tmp_path_factory)


@pytest.fixture(scope="session", params=["duckdb", ON_POSTGRESQL])
def swift_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Engine:
    """Return in turn the databases whose statements take milliseconds."""
    return _engine(request, tmp_path_factory)


def _engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder: Path = tmp_path_factory.mktemp("databases")
    if request.param == "duckdb":
        return DuckDBFile(folder)
    if request.param == "parquet":
        return ParquetFolder(folder)
    server: Engine = request.getfixturevalue(request.param)
    return server
