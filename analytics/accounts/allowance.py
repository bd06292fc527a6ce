"""What a database may take from this machine, and a statement from the database.

An administrator sets it in the environment; :data:`SETTINGS` says what can be set, and how.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analytics.declared.language import marked, say
from analytics.errors import ParameterError

ON_PAGES, ON_COMMAND_LINE = 30, 600
"""Seconds that a statement may take where nothing is set: someone waits for a page."""
TO_LOAD = 600
"""Seconds for each step of loading a file where nothing is set: the largest that is taken fits."""
LONGEST = 86_400
MOST_THREADS = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a database may take from this machine, and a statement from the database.

    Parameters
    ----------
    statement_seconds : int
        A statement that takes longer to answer is given up; a list has it for each of its batches.
    loading_seconds : int
        A step of loading a file that takes longer is given up.
    memory : str or None
        Memory for each DuckDB database, such as ``4GB`` or ``25%``; else a part of what the others
        of this process leave. Beyond it data go to disk.
    threads : int or None
        Threads for each DuckDB database; else as many as this process may use processors.
    allow_superuser : bool
        Accept a PostgreSQL superuser, who could do far more than read. For tests.
    """

    statement_seconds: int = ON_COMMAND_LINE
    loading_seconds: int = TO_LOAD
    memory: str | None = None
    threads: int | None = None
    allow_superuser: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the environment: its field of the limits, how it is read, and what it takes."""

    field: str
    read: Callable[[str], Any]
    english_allowed: str


def _seconds(text: str) -> int | None:
    return _whole(text, LONGEST)


def _threads(text: str) -> int | None:
    return _whole(text, MOST_THREADS)


def _whole(text: str, most: int) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) and 1 <= int(text) <= most else None


def _memory(text: str) -> str | None:
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?(%|[MGT]i?B)", text, re.IGNORECASE)
    if found is None:
        return None
    amount, unit = float(found[1]), found[2].upper()
    least, most = {"%": (1, 90), "M": (100, 999_999)}.get(unit[0], (0.1, 999_999))
    return f"{found[1]}{found[2]}" if least <= amount <= most else None


SETTINGS: Mapping[str, Setting] = {
    "HEADROOM_SECONDS": Setting(
        "statement_seconds", _seconds, marked("a whole number of seconds from 1 to 86400")
    ),
    "HEADROOM_LOADING_SECONDS": Setting(
        "loading_seconds", _seconds, marked("a whole number of seconds from 1 to 86400")
    ),
    "HEADROOM_MEMORY": Setting(
        "memory",
        _memory,
        marked("an amount such as 4GB or 512MB, at least 100MB, or a share of 1% to 90%"),
    ),
    "HEADROOM_THREADS": Setting("threads", _threads, marked("a whole number from 1 to 1024")),
}
"""Every setting of what may be taken, by its name in the environment."""


def allowed(seconds: int = ON_COMMAND_LINE) -> Limits:
    """Return the limits that the administrator set; ``seconds`` is what holds where nothing is.

    Raises
    ------
    ParameterError
        A setting was not understood; every fault is named.
    """
    found: dict[str, Any] = {"statement_seconds": seconds}
    faults: list[str] = []
    for name, setting in SETTINGS.items():
        text = os.environ.get(name, "").strip()
        value = setting.read(text) if text else None
        if value is not None:
            found[setting.field] = value
        elif text:
            faults.append(
                say(
                    "The setting {name} is {given!r}, which is not understood: give {allowed}.",
                    name=name,
                    given=text[:40],
                    allowed=say(setting.english_allowed),
                )
            )
    if faults:
        raise ParameterError(faults)
    found.setdefault("loading_seconds", max(TO_LOAD, found["statement_seconds"]))
    return Limits(**found)
