"""What a portfolio takes in memory, measured in a process of its own."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from analytics import ingest
from analytics.assumptions import Assumptions
from analytics.policy import Policy
from analytics.results.simulation import sweep
from benchmarks import data
from benchmarks.benchmark import Benchmark, Measured, Setting, Unit

KIBIBYTES = 2**10 if sys.platform != "darwin" else 1
"""Bytes in the unit in which the system reports a process's memory."""


def peak(setting: Setting) -> Measured:
    """Return the most memory held while a file is loaded and one policy is run."""
    path = data.accounts_file(setting.accounts, setting.folder)
    command = [sys.executable, "-m", "benchmarks.memory", str(path)]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    held, raised = done.stdout.split()
    return Measured(values=(int(held) / 2**30,), note=f"{int(raised):,} accounts raised")


def main(path: Path) -> None:
    """Load a file, run a policy over it, print the peak in bytes and the accounts raised."""
    portfolio = ingest.load_file(path).portfolio
    swept = sweep(portfolio, Policy(), Assumptions())
    raised = swept.at(swept.policy.score_threshold).total.raised
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTES, raised)


BENCHMARKS = (
    Benchmark(
        name="memory",
        title="Peak memory: a Parquet file loaded and one policy run",
        unit=Unit.GIBIBYTES,
        target=4.0,
        run=peak,
    ),
)

if __name__ == "__main__":
    main(Path(sys.argv[1]))
