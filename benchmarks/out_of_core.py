"""Ten times the portfolio in a folder of Parquet files, out of core, in a process of its own.

``python -m benchmarks out-of-core --accounts 10m`` makes 100 million accounts, opens their folder,
runs one raise at every threshold, and deletes them. It runs only where it is named.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

from benchmarks import data
from benchmarks.benchmark import Benchmark, Measured, Setting, Unit
from benchmarks.warehouse import measure_folder

COPIES = 10
MEMORY = "6GB"
"""DuckDB's own limit; what does not fit goes to the disk."""


def peak(setting: Setting) -> Measured:
    """Return the most memory held, in GiB; the note has the seconds of each step."""
    source = data.accounts_file(setting.accounts, setting.folder)
    _insist_on_room(source)
    with tempfile.TemporaryDirectory(dir=setting.folder) as name:
        write_copies(source, Path(name))
        command = [sys.executable, "-m", "benchmarks.out_of_core", name]
        root = Path(__file__).resolve().parents[1]
        done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    steps = json.loads(done.stdout)
    said = "; ".join(f"{step} {wall:.1f} s ({core:.1f} core-s)" for step, wall, core, _ in steps)
    accounts = f"{COPIES * setting.accounts:,} accounts"
    return Measured(values=(max(held for *_, held in steps),), note=f"{accounts}; {said}")


def write_copies(source: Path, folder: Path) -> None:
    """Write a portfolio ten times, a file each; the ids of each get a digit in front."""
    with duckdb.connect() as connection:
        for copy in range(COPIES):
            target = folder / f"accounts_{copy}.parquet"
            connection.execute(
                f"COPY (SELECT '{copy}' || account_id AS account_id, * EXCLUDE (account_id) "
                f"FROM read_parquet('{source}')) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            )


def _insist_on_room(source: Path) -> None:
    """Refuse where the copies, and as much again for what goes to the disk, find no room."""
    needed = 2 * COPIES * source.stat().st_size
    free = shutil.disk_usage(source.parent).free
    if free < needed:
        raise RuntimeError(
            f"{needed / 2**30:.1f} GiB are needed on the disk, {free / 2**30:.1f} are free."
        )


def main(folder: Path) -> None:
    """Print what each step took: its name, seconds, core-seconds, peak memory so far in GiB."""
    steps = measure_folder(folder, MEMORY)
    print(json.dumps([[s.name, s.seconds, s.core_seconds, s.peak_gib] for s in steps]))


BENCHMARKS = (
    Benchmark(
        name="out-of-core",
        title="Peak memory: ten times the portfolio in Parquet files, opened and one policy run",
        unit=Unit.GIBIBYTES,
        target=8.0,
        run=peak,
        by_default=False,
    ),
)

if __name__ == "__main__":
    main(Path(sys.argv[1]))
