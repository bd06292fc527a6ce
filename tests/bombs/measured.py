"""A command in a process of its own, and what it took: memory that it grew by, and processor time.

Time on a processor, not on the clock: what else the machine does is no fault of the command.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.places import ROOT

TABLE = "table"
"""In place of a command: open a table of a DuckDB file, as a page does, within small limits."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a command said, its exit code, and what it took."""

    code: int
    said: str
    megabytes: float
    seconds: float


def run(*arguments: str | Path) -> Taken:
    """Run a command line and return what it took."""
    read, write = os.pipe()
    command = [sys.executable, "-m", "tests.bombs.measured", str(write), *map(str, arguments)]
    with os.fdopen(read) as pipe:
        done = subprocess.run(
            command,
            check=False,
            cwd=ROOT,
            pass_fds=(write,),
            capture_output=True,
            text=True,
            timeout=600,
        )
        os.close(write)
        found = json.loads(pipe.read() or "{}")
    assert found, (done.returncode, done.stderr[-2000:])
    return Taken(found["code"], done.stdout + done.stderr, found["megabytes"], found["seconds"])


def main(pipe: int, arguments: list[str]) -> None:
    """Run a command in this process, and write to a pipe what it took."""
    from analytics.cli import main as command

    start, used = _memory("VmRSS"), _seconds()
    code = _opened(*arguments[1:]) if arguments[0] == TABLE else command(arguments)
    sys.stdout.flush()
    of_helpers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    grown = max(_memory("VmHWM") - start, of_helpers)
    with os.fdopen(pipe, "w") as file:
        json.dump({"code": code, "megabytes": grown, "seconds": _seconds() - used}, file)


def _opened(address: str, table: str, seconds: str = "2") -> int:
    from analytics.accounts.allowance import Limits
    from analytics.accounts.connect import open_database
    from analytics.declared.scales import SESAME
    from analytics.errors import HeadroomError
    from analytics.ingest import Declaration
    from analytics.ingest.tables import load_warehouse

    try:
        database = open_database(address, Limits(statement_seconds=int(seconds), memory="400MB"))
        loaded = load_warehouse(database, table, Declaration(scale=SESAME))
    except HeadroomError as error:
        sys.stderr.write("\n".join(error.faults))
        return 2
    report = loaded.report
    segments, aside = [*report.segments], [*report.aside]
    sys.stdout.write(f"{report.accepted} accounts, segments {segments}, aside {aside}")
    return 0


def _memory(name: str) -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


def _seconds() -> float:
    taken = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in taken)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
