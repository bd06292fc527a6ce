"""Databases that hold accounts: the loaded file's own, and the warehouse that holds a table."""

from __future__ import annotations

import contextlib
import secrets
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import duckdb
import sqlalchemy as sa

from analytics.accounts import asker
from analytics.accounts.allowance import Limits
from analytics.accounts.duckdb_owner import DuckDBOwner
from analytics.accounts.failures import LOADED_FILE, Watch
from analytics.accounts.first_look import Elsewhere, longest_texts
from analytics.accounts.quoting import quoted
from analytics.accounts.statements import Channel, Statements
from analytics.portfolio import Listing, Progress, Saved

REJECTS = sa.table(
    "rejects",
    sa.column("line", sa.BigInteger()),
    *(sa.column(name, sa.String()) for name in ("column", "value", "reason")),
)
"""Where a loaded file keeps the rows that broke the contract: one row a fault."""


class Database(Statements):
    """A database opened for reading, before a table is chosen.

    Parameters
    ----------
    channel : Channel
        The connections to it.
    release : callable, optional
        Called once after the connections were closed, by :meth:`close` or when nobody holds it.
    elsewhere : Elsewhere, optional
        How another process opens the same data, where they are read inside this one.
    """

    def __init__(
        self,
        channel: Channel,
        release: Callable[[], None] | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        super().__init__(channel)
        self._elsewhere = elsewhere
        self._finalizer = weakref.finalize(self, _end, channel.engine, release)

    def longest_texts(
        self, table: sa.TableClause, *, texts: Sequence[str], others: Sequence[str]
    ) -> dict[str, int]:
        """Return the bytes of the longest text by column; nothing where a server reads them.

        As :func:`~analytics.accounts.first_look.longest_texts` does, in a process of its own.
        """
        if self._elsewhere is None:
            return {}
        return longest_texts(self._channel, self._elsewhere, table, texts=texts, others=others)

    def close(self) -> None:
        """Close the connections."""
        self._finalizer()


def _end(engine: sa.Engine, release: Callable[[], None] | None) -> None:
    engine.dispose()
    if release:
        release()


class Warehouse(Statements):
    """Accounts that stay in a table of their database.

    Parameters
    ----------
    database : Database
        Where the table is.
    fingerprint : str
        What the accounts are known by.
    rejected : Select
        Statement of the rows left out: account id, column, value, reason, in that order.
    overview : Select
        Statement of one row that the fingerprint was made of, and ``seen``, what it found.
    """

    def __init__(
        self,
        database: Database,
        *,
        fingerprint: str,
        rejected: sa.Select[Any],
        overview: sa.Select[Any],
        seen: Mapping[str, Any],
    ) -> None:
        super().__init__(database._channel)  # noqa: SLF001 - one channel, so that cancel reaches all
        self._database = database
        self._rejected = rejected
        self._overview = overview
        self._seen = dict(seen)
        self.fingerprint = fingerprint

    def unchanged(self) -> bool:
        """Return whether every account still is what the fingerprint says: one scan."""
        return self.one(self._overview) == self._seen

    def rejects(self, first: int | None = None) -> sa.Select[Any]:
        """Return the statement of the rows left out, or of the first of them; one row a fault."""
        return self._rejected.limit(first)

    def close(self) -> None:
        """Close the connections to the database."""
        self._database.close()


class EmbeddedDatabase(Statements):
    """A private DuckDB database for a loaded file, removed when no longer used.

    Once locked down, access to files, other databases and its own settings is shut for good,
    apart from ``exports``: a folder of its own into which it may still write results.

    Parameters
    ----------
    fingerprint : str
        What the accounts that are loaded into it are known by.
    limits : Limits, optional
        What it may take; else what holds for the one who asks.
    """

    def __init__(self, *, fingerprint: str = "", limits: Limits | None = None) -> None:
        self._limits = limits or asker.in_force().limits
        self._owner = DuckDBOwner(limits=self._limits)
        self.folder = self._owner.folder
        self.exports = self.folder / "exports"
        self.exports.mkdir(mode=0o700)
        self.fingerprint = fingerprint
        channel = self._owner.channel(LOADED_FILE, self._limits)
        super().__init__(channel)
        self._finalizer = weakref.finalize(self, _end, channel.engine, self._owner.close)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @contextlib.contextmanager
    def loading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor of DuckDB's own, to read a file into the database; ``cancel`` reaches it.

        Each statement has the time of a file that is loaded, not all of them together. What DuckDB
        raises and the caller does not answer becomes a DatabaseError.
        """
        with self._reached_cursor(limited=False) as cursor:
            limit = self._limits.loading_seconds * 1000
            cursor.execute(f"SET SESSION max_execution_time = {limit}")
            yield cursor

    @contextlib.contextmanager
    def _reached_cursor(self, *, limited: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        watch = Watch()
        with (
            contextlib.closing(self._owner.cursor()) as cursor,
            self._channel.reached(watch, cursor.interrupt, again=not limited),
            self._channel.asking(watch, only=duckdb.Error, limited=limited),
        ):
            yield cursor

    def lock_down(self) -> None:
        """Shut access to files and settings; what is loaded stays."""
        self._owner.shut(allowed=self.exports)

    def unchanged(self) -> bool:
        """Return True: what was loaded is locked."""
        return True

    def rejects(self, first: int | None = None) -> sa.Select[Any]:
        """Return the statement of the rows left out, or of the first of them, one row a fault.

        In the order of the file: line, column, value, reason.
        """
        c = REJECTS.c
        return sa.select(*c).order_by(c.line, c.column, c.reason).limit(first)

    @contextlib.contextmanager
    def saved(
        self, listing: Listing, *, total: int = 0, progress: Progress | None = None
    ) -> Iterator[Saved]:
        """Give a list of accounts as a CSV file in ``exports``, removed at the end.

        DuckDB writes it whole, so that there is no progress to tell.
        """
        del total, progress
        path = self.exports / f"accounts-{secrets.token_hex(8)}.csv"
        whole = {"literal_binds": True}
        query = listing.texts.compile(dialect=self.engine.dialect, compile_kwargs=whole)
        copy = f"COPY ({query}) TO {quoted(str(path))} (FORMAT csv, HEADER true, DELIMITER ',')"
        try:
            with self._reached_cursor(limited=True) as cursor:
                (count,) = cursor.execute(copy).fetchone() or (0,)
            yield Saved(path, int(count))
        finally:
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """End the database and remove its folder."""
        self._finalizer()


__all__ = ["Database", "EmbeddedDatabase", "Warehouse"]
