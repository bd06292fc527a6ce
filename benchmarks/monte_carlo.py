"""The ranges against what they replace: drawing the default of every account, year after year."""

from __future__ import annotations

import time

import numpy as np
import sqlalchemy as sa
from scipy.special import ndtri

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats
from analytics.method import formulas, response
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


def _drawn(probability: Floats, loss: Floats) -> tuple[Floats, Floats]:
    """Return defaults and loss of every drawn year; the factor is stratified, the draw seeded."""
    rng = np.random.default_rng(20_261_031)
    factors = ndtri((np.arange(DRAWS) + rng.random(DRAWS)) / DRAWS)
    defaults, losses = np.empty(DRAWS), np.empty(DRAWS)
    for start in range(0, DRAWS, CHUNK):
        years = slice(start, start + CHUNK)
        stressed = conditional_probability(
            probability, factors[years, np.newaxis], ASSUMPTIONS.asset_correlation
        )
        hit = rng.random(stressed.shape) < stressed
        defaults[years], losses[years] = hit.sum(axis=1), hit @ loss
    return defaults, losses


def _apart(found: Range, drawn: Floats, *, slack: float = 0.0) -> float:
    """Return how far apart the ends are, as a share of the width; ``slack`` is forgiven."""
    low, high = np.quantile(drawn, (0.025, 0.975))
    off = max(abs(found.low - low), abs(found.high - high)) - slack
    return max(float(off), 0.0) / max(found.high - found.low, 1e-12)


BENCHMARKS = (
    Benchmark(
        name="monte-carlo",
        title="Ranges of a baseline, against drawing every account",
        unit=Unit.TIMES,
        target=10.0,
        run=ranges,
    ),
)
