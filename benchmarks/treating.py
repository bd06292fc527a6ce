"""Who gets what, and what one rule alone keeps from a raise: one statement each."""

from __future__ import annotations

import functools
from collections.abc import Callable

from analytics.assumptions import Assumptions
from analytics.policy import Policy
from analytics.results.treatments import load_treatments
from analytics.results.whitespace import load_whitespace
from benchmarks.benchmark import Benchmark, Measured, Setting, Unit
from benchmarks.one_policy import counted_statements
from benchmarks.timing import alone, busy

POLICY, ASSUMPTIONS = Policy(), Assumptions()


def treatments(setting: Setting) -> Measured:
    """Return the milliseconds of who gets what under a policy."""
    return _measured(load_treatments, setting)


def whitespace(setting: Setting) -> Measured:
    """Return the milliseconds of what each rule of a policy alone keeps from a raise."""
    return _measured(load_whitespace, setting)


def _measured(load: Callable[..., object], setting: Setting) -> Measured:
    portfolio = setting.portfolio()
    once = functools.partial(load, portfolio, POLICY, ASSUMPTIONS, every_threshold=False)
    with counted_statements(portfolio) as statements:
        once()
        number = len(statements)
    runs = alone(once, setting)
    note = f"{number} statement{'s' * (number != 1)}; {busy(runs)}"
    return Measured(values=tuple(run.wall * 1e3 for run in runs), note=note)


BENCHMARKS = (
    Benchmark(
        name="treatments",
        title="Who gets what under a policy",
        unit=Unit.MILLISECONDS,
        target=150.0,
        run=treatments,
    ),
    Benchmark(
        name="whitespace",
        title="What each rule of a policy alone keeps from a raise",
        unit=Unit.MILLISECONDS,
        target=250.0,
        run=whitespace,
    ),
)
