"""The whole surface, 60,701 policies: how fast it is there, is read, and is searched."""

from __future__ import annotations

import itertools
import statistics
import time

import numpy as np
import pandas as pd

from analytics.appetite import parse_appetite
from analytics.assumptions import Assumptions
from analytics.declared.parameters import BASIS_POINTS
from analytics.policy import Policy
from analytics.results.optimum import Optimum, TierRules, best_tiered
from analytics.results.surface import Surface, load_surface
from benchmarks import in_pandas
from benchmarks.benchmark import Benchmark, Measured, Setting, Unit
from benchmarks.timing import Clocked, alone, busy, clocked, rounds

SAMPLED = 20
"""Policies that pandas computes; the others are taken to cost as much."""
READ = 200
"""Policies read off the surface in a round."""
SEGMENT = "channel"
BY_SEGMENT = TierRules(by_segment=True)
APPETITE = "ead_increment_rate<=5%; expected_loss_increment_rate<=8%; loss_per_new_exposure<=4%"


def whole(setting: Setting) -> Measured:
    """Return the milliseconds of the whole surface, with all measures and the baseline."""
    runs = alone(lambda: _surface(setting), setting)
    policies = len(_surface(setting).increments.raised.ravel())
    return Measured(values=_milliseconds(runs), note=f"{policies:,} policies; {busy(runs)}")


def against_pandas(setting: Setting) -> Measured:
    """Return how often a pandas loop over all policies takes the time of the surface.

    The loop is extrapolated from policies spread evenly over the surface. The note also has a
    loop over the raises alone, which adds up over the scores as the surface does.
    """
    surface = _surface(setting)
    frame = in_pandas.accounts_frame(setting.portfolio())
    sampled = _spread(surface)
    theirs, ours = [], []
    for number, (row, column) in enumerate(sampled):
        theirs.append(_checked(frame, surface, row, column))
        if number % (SAMPLED // setting.rounds or 1) == 0:
            ours.append(clocked(lambda: _surface(setting)))
    policy = statistics.mean(run.wall for run in theirs)
    clever = clocked(lambda: in_pandas.raise_sums(frame, 2_000)).wall * len(surface.raises)
    best = min(run.wall for run in ours)
    loop = policy * surface.increments.raised.size
    return Measured(
        values=tuple(loop / run.wall for run in ours),
        note=f"{policy * 1e3:,.0f} ms a policy in pandas, {loop / 3600:,.1f} h for all, against "
        f"{best * 1e3:,.0f} ms, {busy(ours)}; {clever / best:,.0f} x a loop over the raises alone",
    )


def one_of_them(setting: Setting) -> Measured:
    """Return the milliseconds of one policy read off the surface, all measures of both sides."""
    surface = _surface(setting)
    random = np.random.default_rng(1)
    means, slowest = [], 0.0
    for _ in rounds(setting):
        thresholds = random.choice(surface.scores, READ).tolist()
        raises = (random.choice(surface.raises, READ) / BASIS_POINTS).tolist()
        times = [_reading(surface, *policy) for policy in zip(thresholds, raises, strict=True)]
        means.append(statistics.mean(times))
        slowest = max(slowest, *times)
    return Measured(values=tuple(means), note=f"{READ} policies a round; slowest {slowest:.2f} ms")


def tiers(setting: Setting) -> Measured:
    """Return the milliseconds of the best tiers on a surface that is there.

    Eight bands, 21 raises and the values of one segment, the best single policy included.
    """
    portfolio, assumptions = setting.portfolio(), Assumptions()
    surface = load_surface(portfolio, Policy(), assumptions, by=SEGMENT)
    appetite = parse_appetite(APPETITE)
    found = best_tiered(surface, appetite, rules=BY_SEGMENT)
    runs = alone(lambda: best_tiered(surface, appetite, rules=BY_SEGMENT), setting)
    gap = f"gap {found.gap:.1e}" if isinstance(found, Optimum) else "nothing feasible"
    sizes = f"{len(assumptions.band_edges)} bands x 21 raises x {len(surface.groups)} {SEGMENT}s"
    return Measured(values=_milliseconds(runs), note=f"{sizes}; {gap}; {busy(runs)}")


def _surface(setting: Setting) -> Surface:
    return load_surface(setting.portfolio(), Policy(), Assumptions())


def _milliseconds(runs: tuple[Clocked, ...]) -> tuple[float, ...]:
    return tuple(run.wall * 1e3 for run in runs)


def _reading(surface: Surface, threshold: int, rate: float) -> float:
    start = time.perf_counter()
    surface.at(threshold, rate)
    return (time.perf_counter() - start) * 1e3


def _spread(surface: Surface) -> list[tuple[int, int]]:
    """Return positions of policies in the middle of 5 x 4 equal parts of the surface."""
    rows, columns = (
        ((np.arange(parts) + 0.5) * count / parts).astype(int).tolist()
        for parts, count in zip((SAMPLED // 4, 4), surface.shape, strict=True)
    )
    return list(itertools.product(rows, columns))


def _checked(frame: pd.DataFrame, surface: Surface, row: int, column: int) -> Clocked:
    """Return what pandas took for one policy of the surface; its sums have to be the same."""
    found: list[pd.Series[float]] = []
    threshold, points = int(surface.scores[row]), int(surface.raises[column])
    run = clocked(lambda: found.append(in_pandas.policy_sums(frame, threshold, points)))
    for name, theirs in found[0].items():
        ours = float(getattr(surface.increments, str(name))[row, column])
        if not np.isclose(ours, theirs, rtol=1e-9, atol=1e-6):
            raise AssertionError(f"The rival gives another {name}: {theirs} and not {ours}.")
    return run


BENCHMARKS = (
    Benchmark(
        name="surface",
        title="The whole surface, every measure, with the baseline",
        unit=Unit.MILLISECONDS,
        target=350.0,
        larger=((10_000_000, 1_200.0),),
        run=whole,
    ),
    Benchmark(
        name="surface-pandas",
        title="The whole surface against a pandas loop over its policies",
        unit=Unit.TIMES,
        target=1_000.0,
        run=against_pandas,
    ),
    Benchmark(
        name="surface-policy",
        title="One policy read off the surface, every measure",
        unit=Unit.MILLISECONDS,
        target=1.0,
        run=one_of_them,
    ),
    Benchmark(
        name="tiers",
        title="The best tiers by band and segment, on a surface that is there",
        unit=Unit.MILLISECONDS,
        target=1_000.0,
        run=tiers,
    ),
)
