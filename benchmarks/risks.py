"""How sure, how bad, and what it hangs on: of one policy, from the loaded portfolio.

The pools that the accounts are summed into are part of what is measured: those of the policy's
threshold, as the command line reads them. The notes say what is left where pools of every threshold
are kept, and what these take once. Ranges and the loss distribution share pools, so do stress and
tornado.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from analytics.assumptions import Assumptions
from analytics.policy import Policy
from analytics.results.ranges import Pools, load_pools, ranges_at
from analytics.results.sensitivity import Sensitivity
from analytics.results.stress import StressPools, load_stress_pools, loss_distribution, stress
from benchmarks.benchmark import Benchmark, Measured, Setting, Unit
from benchmarks.timing import Clocked, alone, busy

POLICY, ASSUMPTIONS = Policy(), Assumptions()
THRESHOLD = POLICY.score_threshold

Loaded = TypeVar("Loaded", Pools, StressPools)


def ranges(setting: Setting) -> Measured:
    """Return the milliseconds of the 95 % ranges of one policy."""
    return _measured(load_pools, _ranges, setting)


def losses(setting: Setting) -> Measured:
    """Return the milliseconds of the loss distribution of both sides."""
    return _measured(
        load_pools, lambda pools: loss_distribution(pools, THRESHOLD, ASSUMPTIONS), setting
    )


def stresses(setting: Setting) -> Measured:
    """Return the milliseconds of all shipped scenarios."""
    return _measured(load_stress_pools, _stressed, setting)


def tornado(setting: Setting) -> Measured:
    """Return the milliseconds of every assumption between its low and its high case."""
    return _measured(load_stress_pools, _moved, setting)


def together(setting: Setting) -> Measured:
    """Return the milliseconds of ranges, scenarios and tornado of one policy."""

    def use(pools: Pools) -> None:
        _ranges(pools)
        _stressed(pools.whatif)
        _moved(pools.whatif)

    return _measured(load_pools, use, setting)


def _ranges(pools: Pools) -> object:
    return ranges_at(pools, THRESHOLD, ASSUMPTIONS)


def _stressed(pools: StressPools) -> object:
    return stress(pools, THRESHOLD, ASSUMPTIONS)


def _moved(pools: StressPools) -> object:
    return Sensitivity(pools, THRESHOLD, ASSUMPTIONS).tornado()


def _measured(
    load: Callable[..., Loaded], use: Callable[[Loaded], object], setting: Setting
) -> Measured:
    portfolio = setting.portfolio()
    pools = load(portfolio, POLICY, ASSUMPTIONS)
    runs = alone(lambda: use(load(portfolio, POLICY, ASSUMPTIONS, every_threshold=False)), setting)
    few = Setting(rounds=min(setting.rounds, 3), seconds=0.0)
    kept = alone(lambda: use(pools), few)
    once = alone(lambda: load(portfolio, POLICY, ASSUMPTIONS), few)
    note = (
        f"{busy(runs)}; from kept pools {_least(kept):,.0f} ms, which for every threshold take "
        f"{_least(once):,.0f} ms once"
    )
    return Measured(values=tuple(run.wall * 1e3 for run in runs), note=note)


def _least(runs: tuple[Clocked, ...]) -> float:
    return min(run.wall for run in runs) * 1e3


BENCHMARKS = tuple(
    Benchmark(name=name, title=title, unit=Unit.MILLISECONDS, target=target, run=run)
    for name, title, target, run in (
        ("ranges", "Ranges of a policy, from the loaded portfolio", 150.0, ranges),
        ("stress", "All shipped scenarios, from the loaded portfolio", 150.0, stresses),
        ("tornado", "The tornado of every assumption, from the loaded portfolio", 150.0, tornado),
        ("losses", "The loss distribution of a policy, from the loaded portfolio", 200.0, losses),
        (
            "risks",
            "Ranges, scenarios and tornado, from the loaded portfolio",
            None,
            together,
        ),
    )
)
