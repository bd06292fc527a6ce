"""The first look into a table of DuckDB, by a process of its own.

One call of a function in a view can take all the memory there is, and cannot be interrupted; so
this is run as a script (``python first_reader.py``), under a limit of memory, and can be killed.
What it found is printed as one JSON object. It imports nothing of the product, so that it starts
at once.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb

SPARE = 500 * 2**20
"""Bytes beside the memory that DuckDB is given: for its code, and for the rows under way."""
_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Return the one row that a query has.

    Parameters
    ----------
    request : dict
        ``database`` is a path or None, ``config`` DuckDB's settings, ``before`` statements that
        come first, ``query`` the one that is asked.
    """
    path = request["database"]
    try:
        opened = duckdb.connect(
            path or ":memory:", read_only=path is not None, config=request["config"]
        )
        for statement in request["before"]:
            opened.execute(statement)
        (memory,) = opened.execute("SELECT current_setting('memory_limit')").fetchone() or ("",)
        _limit(_bytes(memory) + SPARE)
        return {"found": opened.execute(request["query"]).fetchone()}
    except (duckdb.OutOfMemoryException, MemoryError):
        return {"memory": True}
    except duckdb.Error:
        return {"failed": True}


def _bytes(amount: str) -> int:
    number, unit = amount.split()
    return int(float(number) * _UNITS[unit])


def _limit(memory: int) -> None:
    """Let this process have so much more memory, where the system can hold it to that."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - there is none on Windows

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.load(sys.stdin))))
