"""A folder of Parquet files, out of core: what opening it and one raise cost, beside a bare sum.

``python -m benchmarks.warehouse FOLDER [MEMORY]`` measures a folder with the product's columns,
such as ``sample_data.generate.sample_table`` makes; MEMORY is DuckDB's limit, for example 4GB.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from analytics.accounts.allowance import Limits
from analytics.accounts.connect import open_database
from analytics.assumptions import Assumptions
from analytics.ingest.tables import load_warehouse
from analytics.policy import Policy
from analytics.results.simulation import load_baseline, load_eligibility, load_raise

Result = TypeVar("Result")
BARE = (
    "SELECT score, count(*), sum(credit_limit), sum(balance), sum(default_probability * "
    "loss_given_default * (balance + 0.2 * greatest(credit_limit - balance, 0))) "
    "FROM read_parquet(?) GROUP BY score"
)


@dataclass(frozen=True, slots=True)
class Step:
    """What one step took: seconds on the clock and of all cores, and the peak memory so far."""

    name: str
    seconds: float
    core_seconds: float
    peak_gib: float


def measure_folder(folder: Path, memory: str | None = None) -> list[Step]:
    """Return what the steps from opening a folder to all thresholds of one raise cost."""
    steps: list[Step] = []

    def timed(name: str, run: Callable[[], Result]) -> Result:
        wall, cores = time.perf_counter(), time.process_time()
        result = run()
        seconds, core_seconds = time.perf_counter() - wall, time.process_time() - cores
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        steps.append(Step(name, seconds, core_seconds, peak))
        return result

    with duckdb.connect(config={"memory_limit": memory} if memory else {}) as connection:
        bare = timed("bare sum", lambda: connection.execute(BARE, [f"{folder}/*.parquet"]))
        bare.fetchall()
    limits = Limits(memory=memory) if memory else Limits()
    database = open_database(f"duckdb:///{folder}", limits)
    portfolio = timed("opening", lambda: load_warehouse(database, "accounts")).portfolio
    policy, assumptions = Policy(score_threshold=700), Assumptions()
    baseline = timed("baseline", lambda: load_baseline(portfolio, assumptions))
    timed("eligibility", lambda: load_eligibility(portfolio, policy, baseline))
    timed("raise", lambda: load_raise(portfolio, policy, assumptions, baseline))
    held_out = policy.with_changes(holdout_rate=0.05)
    timed("eligibility, hold-out", lambda: load_eligibility(portfolio, held_out, baseline))
    database.close()
    return steps


def main(folder: str, memory: str | None = None) -> None:
    """Print the steps, each beside the bare sum."""
    steps = measure_folder(Path(folder), memory)
    for step in steps:
        ratio = step.core_seconds / steps[0].core_seconds
        print(
            f"{step.name:24} {step.seconds:8.2f} s {step.core_seconds:8.2f} core-s "
            f"{ratio:6.1f} x bare sum, peak {step.peak_gib:.2f} GiB"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
