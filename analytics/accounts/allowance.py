"""What a database may take from this machine, and a statement from the database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a database may take from this machine, and a statement from the database.

    Parameters
    ----------
    statement_seconds : int
        A statement that takes longer is given up.
    memory : str or None
        Memory for DuckDB, such as ``4GB``; else its own default. Beyond it data go to disk.
    allow_superuser : bool
        Accept a PostgreSQL superuser, who could do far more than read. For tests.
    """

    statement_seconds: int = 600
    memory: str | None = None
    allow_superuser: bool = False
