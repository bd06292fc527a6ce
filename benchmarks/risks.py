"""How sure, how bad, and what it hangs on: from pools of accounts.

The statement that sums the accounts into pools runs once for a portfolio and policy; the notes
say what it takes. Ranges and the loss distribution share pools, so do stress and tornado.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from analytics.assumptions import Assumptions
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.ranges import Pools, load_pools, ranges_at
from analytics.results.sensitivity import Sensitivity
from analytics.results.stress import StressPools, load_stress_pools, loss_distribution, stress
from benchmarks.benchmark import Benchmark, Measured, Setting, Unit
from benchmarks.timing import alone, busy

POLICY, ASSUMPTIONS = Policy(), Assumptions()
THRESHOLD = POLICY.score_threshold

Loaded = TypeVar("Loaded", Pools, StressPools)


def ranges(setting: Setting) -> Measured:
    """Return the milliseconds of the 95 % ranges of one policy."""
    return _measured(load_pools, lambda pools: ranges_at(pools, THRESHOLD, ASSUMPTIONS), setting)


def losses(setting: Setting) -> Measured:
    """Return the milliseconds of the loss distribution of both sides."""
    return _measured(
        load_pools, lambda pools: loss_distribution(pools, THRESHOLD, ASSUMPTIONS), setting
    )


def stresses(setting: Setting) -> Measured:
    """Return the milliseconds of all shipped scenarios."""
    return _measured(
        load_stress_pools, lambda pools: stress(pools, THRESHOLD, ASSUMPTIONS), setting
    )


def tornado(setting: Setting) -> Measured:
    """Return the milliseconds of every assumption between its low and its high case."""
    return _measured(
        load_stress_pools,
        lambda pools: Sensitivity(pools, THRESHOLD, ASSUMPTIONS).tornado(),
        setting,
    )


def _measured(
    load: Callable[[Portfolio, Policy, Assumptions], Loaded],
    use: Callable[[Loaded], object],
    setting: Setting,
) -> Measured:
    portfolio = setting.portfolio()
    pools = load(portfolio, POLICY, ASSUMPTIONS)
    few = Setting(rounds=min(setting.rounds, 3), seconds=0.0)
    statement = alone(lambda: load(portfolio, POLICY, ASSUMPTIONS), few)
    runs = alone(lambda: use(pools), setting)
    least = min(run.wall for run in statement) * 1e3
    note = f"{busy(runs)}; its pools once {least:,.0f} ms, {busy(statement)}"
    return Measured(values=tuple(run.wall * 1e3 for run in runs), note=note)


BENCHMARKS = tuple(
    Benchmark(name=name, title=title, unit=Unit.MILLISECONDS, target=target, run=run)
    for name, title, target, run in (
        ("ranges", "Ranges of defaults and losses, from pools", 100.0, ranges),
        ("stress", "All shipped scenarios, from pools", 100.0, stresses),
        ("tornado", "The tornado of every assumption, from pools", 100.0, tornado),
        ("losses", "The loss distribution of both sides, from pools", 200.0, losses),
    )
)
