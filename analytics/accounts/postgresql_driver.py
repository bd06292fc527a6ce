"""PostgreSQL's driver, made to give up on a server that says nothing more."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import errors
from psycopg.abc import RV, PQGen


class PatientConnection(psycopg.Connection[Any]):
    """A connection that waits for an answer of the server's no longer than it is told to.

    The driver waits without end for a server whose machine is there and whose program is not: no
    setting of the network's notices that.
    """

    patience: float | None = None
    """Seconds; after them the connection is given up, for nobody knows what state it is in."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Return the server's answer."""
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except errors._WaitTimeout:  # noqa: SLF001 - all that the driver says of it
            self.pgconn.finish()
            raise errors.QueryCanceled from None


def connect(*arguments: Any, patience: float, **options: Any) -> PatientConnection:
    """Return a connection that is patient for so many seconds."""
    connection = PatientConnection.connect(*arguments, **options)
    connection.patience = patience
    return connection
