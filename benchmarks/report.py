"""How results are shown: a table for the terminal and for the results file."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version

from benchmarks.benchmark import Benchmark, Measured, Unit

PACKAGES = ("duckdb", "duckdb-sqlalchemy", "sqlalchemy", "numpy", "pandas")
HEADER = ("benchmark", "what is measured", "unit", "median", "least", "rounds", "target", "", "")
_PLACES = {Unit.RATIO: 2, Unit.STATEMENTS: 0, Unit.GIBIBYTES: 2, Unit.TIMES: 0}


def cells(benchmark: Benchmark, measured: Measured, accounts: int = 1_000_000) -> tuple[str, ...]:
    """Return the row of one benchmark, held against its target for so many accounts."""
    median = measured.median
    places = _PLACES.get(benchmark.unit, 0 if median >= 10 else 2)
    target, verdict = "", ""
    wanted = benchmark.target_at(accounts)
    if wanted is not None:
        least = benchmark.unit is Unit.TIMES
        target = f"at {'least' if least else 'most'} {wanted:,g}"
        verdict = "kept" if (median >= wanted if least else median <= wanted) else "MISSED"
    return (
        benchmark.name,
        benchmark.title,
        benchmark.unit.value,
        f"{median:,.{places}f}",
        f"{measured.least:,.{places}f}",
        str(len(measured.values)),
        target,
        verdict,
        measured.note,
    )


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows under the header as a Markdown table, padded so that it reads as text too."""
    lines = [HEADER, *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(HEADER))]
    ruled = [HEADER, tuple("-" * max(width, 3) for width in widths), *rows]
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in ruled
    )


def document(rows: Sequence[tuple[str, ...]], *, accounts: int, command: str, day: dt.date) -> str:
    """Return the results file."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"""# Last results

{accounts:,} accounts; less is better, but of "x faster" more; a target is held against the median
of all rounds.

{table(rows)}

- Command: `{command}`
- Day: {day.isoformat()}
- Machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}
- Packages: {packages}

In every round the product and its rival run in turn, each first in every other one. How long the
processors were busy is the least of each side, all threads together: other programs move it less
than the clock.
"""
