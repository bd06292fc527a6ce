"""The first look into a table of DuckDB: how long its texts are, asked where it can do no harm.

The texts of a view are made inside the process that asks for them, some thousands at a time, and
DuckDB's limit of memory does not count them. So another process reads the columns once, before
this one does; it may run out of memory alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from analytics.accounts import first_reader
from analytics.accounts.failures import StatementError, Trouble, Watch
from analytics.accounts.statements import Channel


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How another process opens the same data: a path or none, settings, and first statements."""

    database: str | None
    config: dict[str, Any]
    before: tuple[str, ...] = ()


def longest_texts(
    channel: Channel,
    elsewhere: Elsewhere,
    table: sa.TableClause,
    *,
    texts: Sequence[str],
    others: Sequence[str],
) -> dict[str, int]:
    """Return the bytes of the longest text of each column that holds text, by its name.

    Columns that hold something else are read as well: a number can be made of texts.

    Raises
    ------
    StatementError
        Reading them takes more memory than the database is given, or too long.
    """
    wanted: list[sa.ColumnElement[Any]] = [
        *(sa.func.max(sa.func.strlen(table.c[name])) for name in texts),
        *(sa.func.bit_xor(sa.func.hash(table.c[name])) for name in others),
    ]
    query = sa.select(*(one.label(f"n{place}") for place, one in enumerate(wanted)))
    found = _asked(channel, elsewhere, str(query.select_from(table).compile(channel.engine)))
    return {name: length or 0 for name, length in zip(texts, found, strict=False)}


def _asked(channel: Channel, elsewhere: Elsewhere, query: str) -> list[Any]:
    """Return the row that the other process found; nothing where it failed in an ordinary way.

    What fails there fails here as well, and is then said in the words of the statement.
    """
    request = {
        "database": elsewhere.database,
        "config": elsewhere.config,
        "before": elsewhere.before,
        "query": query,
    }
    watch = Watch()
    with channel.asking(watch):
        command = [sys.executable, "-P", first_reader.__file__]
        piped = subprocess.PIPE
        with subprocess.Popen(command, stdin=piped, stdout=piped, stderr=piped) as process:  # noqa: S603
            try:
                with channel.reached(watch, process.kill):
                    said, _ = process.communicate(json.dumps(request).encode())
            except BaseException:
                process.kill()
                raise
    if process.returncode:
        raise StatementError(Trouble.TOO_LARGE, channel.label)
    answer: dict[str, Any] = json.loads(said)
    if "memory" in answer:
        raise StatementError(Trouble.TOO_LARGE, channel.label)
    found: list[Any] = answer.get("found", [])
    return found
