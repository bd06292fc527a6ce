"""The one place that sends statements to accounts: guarded, timed, and able to stop them."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from analytics.accounts import asker
from analytics.accounts.failures import StatementError, Trouble, Watch, guarded, logged, noted
from analytics.accounts.fetched import InexactError, columns_of
from analytics.accounts.temporary import PrivateFolder
from analytics.declared.arrays import Columns
from analytics.declared.language import say
from analytics.errors import DatabaseError
from analytics.portfolio import Listing, Progress, Saved

logger = logging.getLogger(__name__)

Interrupt = Callable[[Any], object]
"""Told a driver's connection, ends the statement that runs there; called from another thread."""


AGAIN_SECONDS = 0.2
"""How soon what was told to stop between two statements is told again: the first went unheard."""


@dataclass(slots=True, eq=False)
class _Use:
    """A connection in use: once it is over, nothing stops it, for it may be another's."""

    stop: Callable[[], object]
    again: bool
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def end(self, label: str) -> None:
        """Stop what runs; where it is made of many statements, until it is over."""
        self._end_once(label)
        if self.again:
            threading.Thread(target=self._end_each, args=(label,), daemon=True).start()

    def _end_once(self, label: str) -> None:
        with self.lock:
            if not self.over.is_set():
                with contextlib.suppress(DatabaseError), guarded(label):
                    self.stop()

    def _end_each(self, label: str) -> None:
        while not self.over.wait(AGAIN_SECONDS):
            self._end_once(label)

    def leave(self) -> None:
        """Be over; a stop that is under way is waited for."""
        with self.lock:
            self.over.set()


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """The connections to one database, and which of them are in use at the moment.

    The engine is not shown in ``repr``: its address may hold a secret.

    Parameters
    ----------
    seconds : float or None
        Whatever takes longer to answer is ended.
    """

    engine: sa.Engine = field(repr=False)
    label: str
    interrupt: Interrupt = field(repr=False)
    seconds: float | None = None
    in_use: dict[int, tuple[Watch, _Use]] = field(default_factory=dict, repr=False)

    @contextlib.contextmanager
    def connection(self, watch: Watch) -> Iterator[sa.Connection]:
        """Give a connection that :meth:`cancel` reaches while it is in use.

        One that was told to stop is not used again: a server may hear of it late.
        """
        with self.engine.connect() as connection:
            driver = connection.connection.driver_connection
            try:
                with self.reached(watch, lambda: self.interrupt(driver)):
                    yield connection
            finally:
                if watch.trouble is not None:
                    connection.invalidate()

    @contextlib.contextmanager
    def reached(
        self, watch: Watch, stop: Callable[[], object], *, again: bool = False
    ) -> Iterator[None]:
        """Let :meth:`cancel`, the limit in time and a leaving asker stop what runs inside.

        With ``again`` it is many statements, and each that follows is stopped as well. Nothing is
        stopped once this has been left: the connection may be in other hands then. How long it
        took is noted in the log.
        """
        asking = asker.in_force()
        use = _Use(stop, again)
        self.in_use[id(watch)] = (watch, use)
        try:
            with asking.waiting(lambda: self._cancel(watch)):
                watch.cancelled |= asking.left
                if watch.cancelled:
                    raise StatementError(Trouble.CANCELLED, self.label)
                yield
        finally:
            del self.in_use[id(watch)]
            use.leave()
            logger.debug("database %s: asked for %.3f s", logged(self.label), watch.seconds)

    def cancel(self) -> None:
        """Stop every statement that runs now."""
        for watch, _ in tuple(self.in_use.values()):
            self._cancel(watch)

    def _cancel(self, watch: Watch) -> None:
        watch.cancelled = True
        self._stop(watch)

    def _expire(self, watch: Watch) -> None:
        watch.expired = True
        self._stop(watch)

    def _stop(self, watch: Watch) -> None:
        """End what runs; where nothing does yet, the driver gives up by itself."""
        _, use = self.in_use.get(id(watch), (watch, None))
        if use is not None:
            use.end(self.label)

    @contextlib.contextmanager
    def asking(
        self, watch: Watch, only: type[Exception] = Exception, *, limited: bool = True
    ) -> Iterator[None]:
        """Guard and time what is asked inside; what was told to stop has no answer.

        With ``limited`` it is stopped when it takes too long.
        """
        timer = threading.Timer(self.seconds or 0, self._expire, (watch,))
        timer.daemon = True
        started = time.perf_counter()
        if limited and self.seconds is not None:
            timer.start()
        try:
            with guarded(self.label, watch, only):
                yield
        finally:
            timer.cancel()
            watch.seconds += time.perf_counter() - started
        if watch.trouble is not None:
            raise noted(watch.trouble, self.label)


class Statements:
    """The ways in which the product asks a database that holds accounts.

    Every method raises DatabaseError where the database does not answer, refuses, takes longer
    than its limit or is told to stop by :meth:`cancel`.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    @property
    def label(self) -> str:
        """What the user calls the database."""
        return self._channel.label

    @property
    def engine(self) -> sa.Engine:
        """SQLAlchemy's engine; statements go through the methods here, never past them."""
        return self._channel.engine

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the kind of database."""
        return self.engine.dialect.name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.label})"

    @contextlib.contextmanager
    def sending(self) -> Iterator[sa.Connection]:
        """Give a connection for what is sent inside; for the modules of this room alone."""
        watch = Watch()
        with self._channel.asking(watch), self._channel.connection(watch) as connection:
            yield connection

    def sums(self, statement: sa.Select[Any]) -> Columns:
        """Return the statement's result as one array a column.

        int64 with 0 for null, float64 with NaN for null, bool where no flag is unknown; anything
        else as objects. Whole numbers that do not fit 64 bits are refused; they never wrap.
        """
        kinds = [column.type for column in statement.selected_columns]
        try:
            with self.sending() as connection:
                try:
                    return columns_of(connection.execute(statement), kinds)
                except InexactError:
                    return columns_of(connection.execute(statement), kinds, in_bulk=False)
        except OverflowError:
            raise DatabaseError(
                say(
                    "The amounts of this portfolio add up to more than can be held exactly: "
                    "split it, or give a smaller max_increment."
                )
            ) from None

    def one(self, statement: sa.Select[Any]) -> dict[str, Any]:
        """Return the single row of a statement by column name."""
        with self.sending() as connection:
            return dict(connection.execute(statement).mappings().one())

    @contextlib.contextmanager
    def rows(self, statement: sa.Select[Any], size: int = 50_000) -> Iterator[Iterator[Any]]:
        """Give the statement's rows in batches of at most ``size``, without holding them all."""
        watch = Watch()
        with contextlib.ExitStack() as stack:
            with self._channel.asking(watch):
                connection = stack.enter_context(self._channel.connection(watch))
                streaming = connection.execution_options(stream_results=True)
                result = streaming.execute(statement)
            stack.callback(result.close)
            yield self._batches(result.partitions(size), watch)

    def _batches(self, batches: Iterator[Any], watch: Watch) -> Iterator[Any]:
        while True:
            with self._channel.asking(watch):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    @contextlib.contextmanager
    def saved(
        self, listing: Listing, *, total: int = 0, progress: Progress | None = None
    ) -> Iterator[Saved]:
        """Give a list of accounts as a CSV file in a private place, removed at the end.

        Its rows come in batches, so that memory does not grow with them.
        """
        with PrivateFolder("export") as folder:
            path = folder / "accounts.csv"
            yield Saved(path, self._write(listing, path, total, progress))

    def _write(self, listing: Listing, path: Path, total: int, progress: Progress | None) -> int:
        done = 0
        with self.rows(listing.rows) as batches, _room(self.label), path.open("wb") as file:
            file.write(f"{listing.header}\n".encode())
            for batch in batches:
                file.write("".join(listing.line(*row) for row in batch).encode("utf-8"))
                done += len(batch)
                if progress:
                    progress(done, total)
        return done

    def cancel(self) -> None:
        """Stop every statement that runs now, from any thread; each then raises DatabaseError."""
        self._channel.cancel()


@contextlib.contextmanager
def _room(label: str) -> Iterator[None]:
    """Turn the refusal of the temporary folder into a DatabaseError of one sentence."""
    try:
        yield
    except OSError:
        raise StatementError(Trouble.NO_ROOM, label) from None


__all__ = ["Channel", "Interrupt", "Statements"]
