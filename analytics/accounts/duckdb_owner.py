"""A DuckDB connection with its settings and its private folder: opened, shut, shared, removed."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa
from duckdb_sqlalchemy import ConnectionWrapper
from sqlalchemy.pool import QueuePool

from analytics.accounts.allowance import Limits
from analytics.accounts.first_look import Elsewhere
from analytics.accounts.quoting import quoted
from analytics.accounts.statements import Channel
from analytics.accounts.temporary import PrivateFolder
from analytics.declared.language import say
from analytics.errors import DatabaseError

_GUARD = threading.RLock()
"""Reentrant, for what is no longer used may be let go while another thing is opened."""
MOST, PART, LEAST = 80.0, 5 / 16, 2.0
"""Percent of memory for all databases where nothing is set; of what is left of it, the part for the
next: 25 % for the first; and what a database gets in any case.
"""
_TAKEN: dict[int, float] = {}
"""Percent of memory that databases which are open may take, by their private folders' number."""
SHUT = ("SET enable_external_access = false", "SET lock_configuration = true")
"""What shuts access to files and to settings for good."""


class DuckDBOwner:
    """A DuckDB file opened for reading, or a database in memory; it gives out cursors.

    What does not fit memory is written to a private folder, removed when no longer used.

    Parameters
    ----------
    source : Path or None
        The file.
    limits : Limits
        The memory and the threads that it may take.
    """

    def __init__(self, source: Path | None = None, *, limits: Limits) -> None:
        private = PrivateFolder("data")
        self.folder = private.path
        config: dict[str, Any] = {
            "temp_directory": str(self.folder / "spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": limits.memory or _share(id(private)),
        }
        if limits.threads:
            config["threads"] = limits.threads
        self._source, self._config = source, config
        try:
            self._connection = duckdb.connect(
                source or ":memory:", read_only=source is not None, config=config
            )
        except BaseException:
            _leave(private)
            raise
        self._finalizer = weakref.finalize(self, _remove, self._connection, private)
        self._threads = limits.threads or self._spare_processors()

    def _spare_processors(self) -> int:
        """Take no more threads than processors are given: DuckDB knows the container's alone.

        Return how many it takes.
        """
        given = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        (threads,) = self._connection.execute("SELECT current_setting('threads')").fetchone() or (
            1,
        )
        if 0 < given < threads:
            self._connection.execute(f"SET GLOBAL threads = {given}")
            return given
        return int(threads)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor of its own connection to the same database."""
        return self._connection.cursor()

    def channel(self, label: str, limits: Limits) -> Channel:
        """Return connections for statements."""
        engine = sa.create_engine(
            "duckdb://", creator=lambda: _Connection(self.cursor()), poolclass=QueuePool
        )
        return Channel(
            engine, label, lambda driver: driver.stop(), seconds=limits.statement_seconds
        )

    def elsewhere(self, *before: str) -> Elsewhere:
        """Return how another process opens the same data, after these statements of its own."""
        config = {**self._config, "temp_directory": str(self.folder / "first")}
        return Elsewhere(
            str(self._source) if self._source else None,
            {**config, "threads": self._threads},
            (*before, *SHUT),
        )

    def shut(self, *, allowed: Path | None = None) -> None:
        """Shut access to files, all but one folder, and to settings."""
        with contextlib.closing(self.cursor()) as cursor:
            if allowed is not None:
                cursor.execute(f"SET allowed_directories = [{quoted(str(allowed))}]")
            for statement in SHUT:
                cursor.execute(statement)

    def close(self) -> None:
        """End the database and remove its folder."""
        self._finalizer()


class _Connection(ConnectionWrapper):
    """SQLAlchemy's view of a cursor, with the way to stop it from another thread."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        super().__init__(cursor)
        self.stop = cursor.interrupt


def _remove(connection: duckdb.DuckDBPyConnection, folder: PrivateFolder) -> None:
    try:
        connection.close()
    finally:
        _leave(folder)


def _leave(folder: PrivateFolder) -> None:
    with _GUARD:
        _TAKEN.pop(id(folder), None)
    folder.remove()


def _share(key: int) -> str:
    """Return the memory for a further database, so that all together stay within ``MOST``.

    What each is given holds until it is closed: DuckDB's settings are locked. Each takes a part of
    what the others leave, and about nine fill it; beyond them each has the least.
    """
    with _GUARD:
        _TAKEN[key] = max(LEAST, PART * (MOST - sum(_TAKEN.values())))
        return f"{_TAKEN[key]:.2f}%"


# ---- Files that are shared


@dataclass(slots=True)
class _Shared:
    owner: DuckDBOwner
    file: tuple[int, int]
    users: int = 1


_OPEN: dict[Path, _Shared] = {}


def share(source: Path, limits: Limits, label: str) -> tuple[DuckDBOwner, Callable[[], None]]:
    """Return the owner of a DuckDB file, and what lets go of it; the last to let go closes it.

    DuckDB opens a file once in a process, with one set of settings: those of the first opening
    hold for all who share it.

    Raises
    ------
    DatabaseError
        Another file has taken the place of the one that is open.
    """
    place = source.resolve()
    with _GUARD:
        found = place.stat()
        shared = _OPEN.get(place)
        if shared is not None:
            shared.users += 1
            if _OPEN.get(place) is not shared:
                shared = None
        if shared is None:
            owner = DuckDBOwner(place, limits=limits)
            try:
                owner.shut()
            except BaseException:
                owner.close()
                raise
            shared = _OPEN[place] = _Shared(owner, (found.st_dev, found.st_ino))
        elif shared.file != (found.st_dev, found.st_ino):
            shared.users -= 1
            raise DatabaseError(
                say(
                    "The file of the database {label} was replaced while it is open: close "
                    "the portfolios that are in it, and open it again.",
                    label=label,
                )
            )
    return shared.owner, lambda: _let_go(place, shared)


def _let_go(place: Path, shared: _Shared) -> None:
    with _GUARD:
        shared.users -= 1
        if not shared.users:
            if _OPEN.get(place) is shared:
                del _OPEN[place]
            shared.owner.close()
