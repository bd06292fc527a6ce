"""One policy: against the hand-written query, against pandas, and what each slider costs."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterator

import duckdb
import sqlalchemy as sa

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation import load_baseline, load_raise, sweep
from benchmarks import handwritten, in_pandas
from benchmarks.benchmark import Benchmark, Measured, Setting, Unit
from benchmarks.timing import Pairs, clocked, pairs, rounds

RAISES = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30)
THRESHOLDS = (600, 650, 700, 750, 800, 850)


def against_handwritten(setting: Setting) -> Measured:
    """Return seconds of a whole sweep for each second of the hand-written statements."""
    portfolio = setting.portfolio()
    with own_cursor(portfolio) as cursor:
        _insist_on_equal(cursor, portfolio, Policy())

        def by_hand() -> None:
            handwritten.baseline(cursor)
            handwritten.eligibility(cursor)
            handwritten.raising(cursor)

        timed = pairs(lambda: sweep(portfolio, Policy(), Assumptions()), by_hand, setting)
    return Measured(values=timed.ratios, note=timed.note)


def raise_move(setting: Setting) -> Measured:
    """Return the milliseconds that another raise takes, everything that it needs included."""
    timed = _raise_pairs(setting)
    return Measured(values=timed.milliseconds, note=timed.note)


def raise_against_handwritten(setting: Setting) -> Measured:
    """Return seconds of another raise for each second of the hand-written statement."""
    timed = _raise_pairs(setting)
    return Measured(values=timed.ratios, note=timed.note)


def threshold_move(setting: Setting) -> Measured:
    """Return the statements that another threshold runs; the note has the milliseconds."""
    portfolio = setting.portfolio()
    swept = sweep(portfolio, Policy(), Assumptions())
    counts, times = [], []
    with counted_statements(portfolio) as statements:
        for number in rounds(setting):
            statements.clear()
            threshold = THRESHOLDS[number % len(THRESHOLDS)]
            times.append(clocked(functools.partial(swept.at, threshold)).wall * 1e3)
            counts.append(float(len(statements)))
    return Measured(values=tuple(counts), note=f"{min(times):.1f} ms")


def against_pandas(setting: Setting) -> Measured:
    """Return seconds of a sweep for each second of the same in pandas."""
    portfolio = setting.portfolio()
    frame = in_pandas.accounts_frame(portfolio)
    _insist(in_pandas.differences(frame, sweep(portfolio, Policy(), Assumptions())))

    def by_pandas() -> None:
        in_pandas.baseline_sums(frame)
        in_pandas.raise_sums(frame, 2_000)

    timed = pairs(lambda: sweep(portfolio, Policy(), Assumptions()), by_pandas, setting)
    return Measured(values=timed.ratios, note=timed.note)


@contextlib.contextmanager
def own_cursor(portfolio: Portfolio) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a cursor of DuckDB's own on the database that holds the portfolio."""
    owner = _embedded(portfolio)._owner  # noqa: SLF001 - the rival runs in the same database
    with contextlib.closing(owner.cursor()) as cursor:
        yield cursor


def _embedded(portfolio: Portfolio) -> EmbeddedDatabase:
    if not isinstance(portfolio.door, EmbeddedDatabase):
        raise TypeError("The rival is written for the embedded database.")
    return portfolio.door


@contextlib.contextmanager
def counted_statements(portfolio: Portfolio) -> Iterator[list[str]]:
    """Give a list that grows by every statement that the portfolio's database runs."""
    engine = _embedded(portfolio).engine
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def _raise_pairs(setting: Setting) -> Pairs:
    """Time raises against the hand-written statement, a new one in every round."""
    portfolio, assumptions = setting.portfolio(), Assumptions()
    before = load_baseline(portfolio, assumptions)
    mine, theirs = itertools.cycle(RAISES), itertools.cycle(RAISES)
    with own_cursor(portfolio) as cursor:
        for rate in RAISES:
            _insist_on_equal(cursor, portfolio, Policy(raise_rate=rate))
        return pairs(
            lambda: load_raise(portfolio, Policy(raise_rate=next(mine)), assumptions, before),
            lambda: handwritten.raising(cursor, round(next(theirs) * 10_000)),
            setting,
        )


def _insist_on_equal(
    cursor: duckdb.DuckDBPyConnection, portfolio: Portfolio, policy: Policy
) -> None:
    _insist(handwritten.differences(cursor, sweep(portfolio, policy, Assumptions())))


def _insist(differences: list[str]) -> None:
    if differences:
        raise AssertionError(f"The rival gives other figures: {', '.join(differences)}")


BENCHMARKS = (
    Benchmark(
        name="one-policy",
        title="One policy, every threshold, against the hand-written statements",
        unit=Unit.RATIO,
        target=1.5,
        run=against_handwritten,
    ),
    Benchmark(
        name="raise-move",
        title="Another raise, every threshold",
        unit=Unit.MILLISECONDS,
        target=100.0,
        run=raise_move,
    ),
    Benchmark(
        name="raise-statement",
        title="Another raise against the hand-written statement",
        unit=Unit.RATIO,
        target=1.5,
        run=raise_against_handwritten,
    ),
    Benchmark(
        name="threshold-move",
        title="Another threshold",
        unit=Unit.STATEMENTS,
        target=0.0,
        run=threshold_move,
    ),
    Benchmark(
        name="pandas",
        title="One policy, every threshold, against pandas",
        unit=Unit.RATIO,
        target=None,
        run=against_pandas,
    ),
)
