"""The ranges against what they replace: drawing the default of every account, year after year."""

from __future__ import annotations

import time
from functools import partial

import numpy as np
import sqlalchemy as sa
from scipy.special import ndtri

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats
from analytics.method import formulas, response
from analytics.method.chance import Distribution, Events, FactorModel, distribution_of
from analytics.method.elementwise import as_double
from analytics.method.factor import conditional_probability
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.ranges import Range, load_pools, ranges_at
from benchmarks import data
from benchmarks.benchmark import Benchmark, Measured, Setting, Unit
from benchmarks.timing import alone

POLICY, ASSUMPTIONS = Policy(), Assumptions()
MOST, DRAWS, CHUNK = 20_000, 10_000, 250
"""Accounts and years that are drawn, and years at a time."""
LEVELS = (0.025, 0.5, 0.95, 0.975, 0.999)
"""Levels at which tails are held against drawn years."""
AGREEMENT = 0.01
"""How far apart the ends may be, as a share of the range's width (and one account beside it)."""


def ranges(setting: Setting) -> Measured:
    """Return how many times faster the ranges of a baseline are than drawing its accounts.

    Raises
    ------
    AssertionError
        The two disagree by more than 1 % of the range's width.
    """
    portfolio = data.portfolio(min(setting.accounts, MOST), setting.folder)
    pools = load_pools(portfolio, POLICY, ASSUMPTIONS)
    found = ranges_at(pools, POLICY.score_threshold, ASSUMPTIONS)
    start = time.perf_counter()
    defaults, losses = _drawn(*_accounts(portfolio))
    drawing = time.perf_counter() - start
    apart = max(
        _apart(found.projected_defaults.baseline, defaults, slack=1.0),
        _apart(found.expected_loss.baseline, losses),
    )
    if apart > AGREEMENT:
        raise AssertionError(f"ranges and drawn years differ by {apart:.2%} of the width")
    runs = alone(lambda: ranges_at(pools, POLICY.score_threshold, ASSUMPTIONS), setting)
    note = f"{portfolio.accounts:,} accounts, {DRAWS:,} years; apart by {apart:.2%} of the width"
    return Measured(values=tuple(drawing / run.wall for run in runs), note=note)


def _accounts(portfolio: Portfolio) -> tuple[Floats, Floats]:
    """Return default probability and loss at default (currency units) of every account."""
    c = response.priced(portfolio, ASSUMPTIONS).c
    unused = as_double(formulas.headroom(c.credit_limit, c.balance))
    ead = formulas.ead(as_double(c.balance), unused, ASSUMPTIONS.credit_conversion_factor)
    rows = portfolio.door.sums(
        sa.select(
            as_double(c.default_probability).label("p"),
            as_double(c.loss_given_default * ead).label("loss"),
        )
    )
    return rows["p"], rows["loss"] / 100


def _drawn(
    probability: Floats,
    loss: Floats,
    *,
    correlation: float = ASSUMPTIONS.asset_correlation,
    draws: int = DRAWS,
) -> tuple[Floats, Floats]:
    """Return defaults and loss of every drawn year; the factor is stratified, the draw seeded."""
    rng = np.random.default_rng(20_261_031)
    factors = ndtri((np.arange(draws) + rng.random(draws)) / draws)
    defaults, losses = np.empty(draws), np.empty(draws)
    for start in range(0, draws, CHUNK):
        years = slice(start, start + CHUNK)
        stressed = conditional_probability(probability, factors[years, np.newaxis], correlation)
        hit = rng.random(stressed.shape) < stressed
        defaults[years], losses[years] = hit.sum(axis=1), hit @ loss
    return defaults, losses


def _apart(found: Range, drawn: Floats, *, slack: float = 0.0) -> float:
    """Return how far apart the ends are, as a share of the width; ``slack`` is forgiven."""
    low, high = np.quantile(drawn, (0.025, 0.975))
    off = max(abs(found.low - low), abs(found.high - high)) - slack
    return max(float(off), 0.0) / max(found.high - found.low, 1e-12)


def tails(setting: Setting) -> Measured:
    """Return how many times faster the tails of difficult sums are than drawing them.

    150 accounts of 5 to 50 %, and 400 of which one is a sixth of the loss, each under asset
    correlations from 0 to 80 %.

    Raises
    ------
    AssertionError
        An end's share of the drawn years is not its level, within four deviations of that share
        and a five-thousandth.
    """
    rng = np.random.default_rng(9)
    risky = rng.uniform(0.05, 0.5, 150), rng.lognormal(7.5, 0.8, 150)
    single = rng.uniform(0.005, 0.05, 400), rng.lognormal(7.0, 0.7, 400)
    single[1][0] = 0.17 / 0.83 * single[1][1:].sum()
    times, worst, draws = [], 0.0, min(10 * DRAWS, 2 * setting.accounts)
    few = Setting(rounds=min(setting.rounds, 3), seconds=0.0)
    for probability, loss in (risky, single):
        for correlation in (0.0, 0.04, 0.15, 0.5, 0.8):
            start = time.perf_counter()
            years = _drawn(probability, loss, correlation=correlation, draws=draws)[1]
            drawing = time.perf_counter() - start
            found = _distribution(probability, loss, correlation)
            worst = max(worst, *(_off(found, years, level) for level in LEVELS))
            runs = alone(partial(_distribution, probability, loss, correlation), few)
            times.append(drawing / min(run.wall for run in runs))
    if worst > 0.0:
        raise AssertionError(f"an end is off by {worst:.3%} of probability")
    note = f"{draws:,} years each of {len(times)} sums"
    return Measured(values=tuple(times), note=note)


def _distribution(probability: Floats, loss: Floats, correlation: float) -> Distribution:
    """Return the distribution of the loss of accounts, each of them a pool."""
    level = np.stack([probability * loss**power for power in range(4)])
    events = Events(
        accounts=np.ones(len(loss)),
        probability=probability,
        riskier=probability,
        level=level,
        rise=np.zeros_like(level),
        most=loss,
    )
    return distribution_of(events, FactorModel.over([probability], correlation))


def _off(found: Distribution, drawn: Floats, level: float) -> float:
    """Return by how much an end's share of the drawn years misses its level beyond chance."""
    end, width = found.quantile(level), float(np.subtract(*np.quantile(drawn, (0.975, 0.025))))
    slack = 4.0 * np.sqrt(level * (1.0 - level) / len(drawn)) + 2e-4
    reached = float(np.mean(drawn <= end + 1e-3 * width))
    below = float(np.mean(drawn < end - 1e-3 * width))
    return max(float(level - slack - reached), float(below - level - slack), 0.0)


BENCHMARKS = (
    Benchmark(
        name="monte-carlo",
        title="Ranges of a baseline, against drawing every account",
        unit=Unit.TIMES,
        target=10.0,
        run=ranges,
    ),
    Benchmark(
        name="tails",
        title="Tails of risky and uneven portfolios, against drawing them",
        unit=Unit.TIMES,
        target=10.0,
        run=tails,
    ),
)
