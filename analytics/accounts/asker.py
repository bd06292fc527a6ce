"""On whose behalf databases are asked: the limits that hold, and the end when nobody waits."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar

from analytics.accounts.allowance import Limits, allowed


class Asker:
    """Someone who asks databases, such as a browser session or a command.

    Parameters
    ----------
    limits : Limits
        What holds for the databases that it opens.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._left = False
        self._lock = threading.Lock()
        self._running: dict[object, Callable[[], object]] = {}

    @property
    def left(self) -> bool:
        """Whether it waits for nothing any longer."""
        return self._left

    def leave(self) -> None:
        """Stop what runs for it, and let it ask no more; the databases are not waited for."""
        with self._lock:
            self._left = True
            running = tuple(self._running.values())
        for stop in running:
            threading.Thread(target=stop, name="headroom-leave", daemon=True).start()

    @contextlib.contextmanager
    def waiting(self, stop: Callable[[], object]) -> Iterator[None]:
        """Let :meth:`leave` stop what runs inside."""
        mark = object()
        with self._lock:
            self._running[mark] = stop
        try:
            yield
        finally:
            with self._lock:
                del self._running[mark]


_IN_FORCE: ContextVar[Asker] = ContextVar("asker")


def ask_for(asker: Asker) -> None:
    """Ask on behalf of someone from now on in this context."""
    _IN_FORCE.set(asker)


def in_force() -> Asker:
    """Return on whose behalf this context asks; by itself, a command that nobody leaves.

    Raises
    ------
    ParameterError
        A setting of the administrator's was not understood.
    """
    found = _IN_FORCE.get(None)
    return Asker(allowed()) if found is None else found
