"""One database that holds accounts: it runs statements and gives back columns."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from duckdb_sqlalchemy import ConnectionWrapper
from sqlalchemy.pool import QueuePool

from analytics.accounts.failures import guarded
from analytics.errors import DatabaseError

Columns = dict[str, npt.NDArray[Any]]


class Database:
    """A SQLAlchemy engine and the few ways in which the product asks it.

    The engine is not shown in ``repr``: its address may hold a secret.
    """

    def __init__(self, engine: sa.Engine, *, label: str) -> None:
        self.engine = engine
        self.label = label

    def __repr__(self) -> str:
        return f"Database({self.label})"

    def sums(self, statement: sa.Select[Any]) -> Columns:
        """Return the statement's result as one array a column: int64, float64 or object.

        Whole numbers that do not fit 64 bits are refused; they never wrap.

        Raises
        ------
        DatabaseError
            The database did not answer, or refused; here as in the other methods.
        """
        with guarded(self.label), self.engine.connect() as connection:
            result = connection.execute(statement)
            names, rows = list(result.keys()), result.all()
        kinds = [column.type for column in statement.selected_columns]
        lists = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        try:
            return {
                name: _array(values, kind)
                for name, values, kind in zip(names, lists, kinds, strict=True)
            }
        except OverflowError:
            raise DatabaseError(
                "The amounts of this portfolio add up to more than can be held exactly: split it, "
                "or give a smaller max_increment."
            ) from None

    def one(self, statement: sa.Select[Any]) -> dict[str, Any]:
        """Return the single row of a statement by column name."""
        with guarded(self.label), self.engine.connect() as connection:
            return dict(connection.execute(statement).mappings().one())

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    @contextlib.contextmanager
    def rows(self, statement: sa.Select[Any], size: int = 50_000) -> Iterator[Iterator[Any]]:
        """Give the statement's rows in batches of at most ``size``, without holding them all."""
        with contextlib.ExitStack() as stack:
            with guarded(self.label):
                connection = stack.enter_context(self.engine.connect())
                streaming = connection.execution_options(stream_results=True)
                result = streaming.execute(statement)
            stack.callback(result.close)
            yield self._batches(result.partitions(size))

    def _batches(self, batches: Iterator[Any]) -> Iterator[Any]:
        while True:
            with guarded(self.label):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch


def _array(values: tuple[Any, ...], kind: sa.types.TypeEngine[Any]) -> npt.NDArray[Any]:
    if isinstance(kind, sa.Float):
        return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)
    if isinstance(kind, sa.Integer):
        return np.array([0 if v is None else int(v) for v in values], dtype=np.int64)
    return np.array(values, dtype=object)


class EmbeddedDatabase(Database):
    """A private DuckDB database in a temporary folder, removed when no longer used.

    Once locked down, access to files, other databases and its own settings is shut for good,
    apart from ``exports``: a folder of its own into which it may still write results.
    """

    def __init__(self, *, memory_limit: str | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="headroom-"))
        self.folder.chmod(0o700)
        config: dict[str, Any] = {
            "temp_directory": str(self.folder / "spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        if memory_limit:
            config["memory_limit"] = memory_limit
        self.exports = self.folder / "exports"
        self.exports.mkdir(mode=0o700)
        owner = duckdb.connect(":memory:", config=config)
        engine = sa.create_engine(
            "duckdb://", creator=lambda: ConnectionWrapper(owner.cursor()), poolclass=QueuePool
        )
        super().__init__(engine, label="embedded")
        self._owner = owner
        self._finalizer = weakref.finalize(self, _remove, engine, owner, self.folder)

    @contextlib.contextmanager
    def raw(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor of DuckDB's own, for bulk reading and writing."""
        cursor = self._owner.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def lock_down(self) -> None:
        """Shut access to files and settings; what is loaded stays."""
        exports = str(self.exports).replace("'", "''")
        with self.raw() as cursor:
            cursor.execute(f"SET allowed_directories = ['{exports}']")
            cursor.execute("SET enable_external_access = false")
            cursor.execute("SET lock_configuration = true")

    def close(self) -> None:
        """End the database and remove its folder."""
        self._finalizer()


def _remove(engine: sa.Engine, owner: duckdb.DuckDBPyConnection, folder: Path) -> None:
    engine.dispose()
    owner.close()
    shutil.rmtree(folder, ignore_errors=True)
