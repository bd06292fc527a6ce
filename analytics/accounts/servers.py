"""What databases on servers have in common: drivers that may be missing, pools of connections."""

from __future__ import annotations

import importlib
import threading
import weakref
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from analytics.declared.language import say
from analytics.errors import DatabaseError

CONNECT_SECONDS = 3
GRACE_SECONDS = 5
"""How long after the limit in time a server that says nothing at all is given up."""
IDLE_SECONDS = 300
"""How long connections are kept that nobody uses; the next statement opens another."""


def with_driver(module: str, extra: str, label: str) -> Any:
    """Return a driver's module; where it is not installed, say how it is."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise DatabaseError(
            say(
                "The database {label} needs a driver that is not installed: install "
                "headroom[{extra}].",
                label=label,
                extra=extra,
            )
        ) from None


def pooled(driver: str, connect: Callable[[], Any], **options: Any) -> sa.Engine:
    """Return an engine that does not hold the address, so that nothing can print it."""
    engine = sa.create_engine(
        f"{driver}://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=4,
        pool_pre_ping=True,
        pool_recycle=1800,
        hide_parameters=True,
        **options,
    )
    _close_idle(engine)
    return engine


def _close_idle(engine: sa.Engine) -> None:
    """Close the connections of an engine whenever none has been used for a while."""
    known = weakref.ref(engine)
    waiting: list[threading.Timer] = []

    def close() -> None:
        found = known()
        if found is not None:
            found.dispose()

    def used(*_: object) -> None:
        while waiting:
            waiting.pop().cancel()

    def returned(*_: object) -> None:
        used()
        timer = threading.Timer(IDLE_SECONDS, close)
        timer.daemon = True
        waiting.append(timer)
        timer.start()

    sa.event.listen(engine, "checkout", used)
    sa.event.listen(engine, "checkin", returned)
    weakref.finalize(engine, used)
