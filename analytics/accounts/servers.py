"""What databases on servers have in common: drivers that may be missing, pools of connections."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from analytics.declared.language import say
from analytics.errors import DatabaseError

CONNECT_SECONDS = 3


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
    return sa.create_engine(
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


def connector(url: sa.URL, dialect: sa.Dialect, more: Mapping[str, Any]) -> Callable[[], Any]:
    """Return what opens a connection to an address; ``more`` are settings of the driver."""
    arguments, options = dialect.create_connect_args(url)
    return lambda: dialect.connect(*arguments, **{**options, **more})
