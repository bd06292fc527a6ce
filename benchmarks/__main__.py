"""The command: ``python -m benchmarks [name ...] [--accounts 1m]``."""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import (
    arms,
    data,
    exporting,
    loading,
    memory,
    monte_carlo,
    moves,
    one_policy,
    others,
    out_of_core,
    painted,
    report,
    risks,
    surfaces,
    treating,
)
from benchmarks.benchmark import Benchmark, Setting

GROUPS = (
    one_policy,
    loading,
    exporting,
    surfaces,
    treating,
    moves,
    risks,
    monte_carlo,
    arms,
    memory,
    others,
    out_of_core,
    painted,
)
"""Modules that declare ``BENCHMARKS``; a new group is one more module here."""

ALL: dict[str, Benchmark] = {b.name: b for group in GROUPS for b in group.BENCHMARKS}
BY_DEFAULT = [name for name, benchmark in ALL.items() if benchmark.by_default]
RESULTS = Path(__file__).resolve().parent / "results.md"
_MULTIPLES = {"k": 10**3, "m": 10**6}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks asked for; return 0 if every target is kept, else 1."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in ALL]:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(ALL)}")
    setting = Setting(
        accounts=options.accounts,
        rounds=options.rounds,
        seconds=options.seconds,
        folder=options.folder,
    )
    rows: list[tuple[str, ...]] = []
    for name in options.names or BY_DEFAULT:
        measured = ALL[name].run(setting)
        rows.append(report.cells(ALL[name], measured, setting.accounts))
        print(": ".join((name, " ".join(rows[-1][2:]))), flush=True)
        gc.collect()
    print("", report.table(rows), sep="\n")
    given = sys.argv[1:] if arguments is None else arguments
    text = report.document(
        rows,
        accounts=setting.accounts,
        command=" ".join(["python -m benchmarks", *given]),
        day=options.date,
    )
    options.results.write_text(text, encoding="utf-8")
    return int(any("MISSED" in row for row in rows))


def account_number(text: str) -> int:
    """Return a number of accounts from text such as 2000, 200k or 10m."""
    factor = _MULTIPLES.get(text[-1:].lower(), 1)
    number = int(text[:-1] if factor > 1 else text) * factor
    if number < 1:
        raise ValueError("At least 1 account is needed.")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(ALL))
    parser.add_argument("--accounts", type=account_number, default=1_000_000, metavar="1m|10m")
    parser.add_argument("--rounds", type=int, default=5, help="at least so many rounds each")
    parser.add_argument("--seconds", type=float, default=15.0, help="further rounds while it lasts")
    parser.add_argument(
        "--date",
        type=dt.date.fromisoformat,
        default=dt.datetime.now(tz=dt.UTC).date(),
        help="day to write into the results",
    )
    parser.add_argument("--folder", type=Path, default=data.FOLDER, help="of generated portfolios")
    parser.add_argument("--results", type=Path, default=RESULTS, help="file that is written")
    return parser


if __name__ == "__main__":
    sys.exit(main())
