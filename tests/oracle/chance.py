"""What a sum of losses may come to, by listing every outcome (section 9).

Given the factor z an account loses ``loss`` with chance p0(z), ``extra`` with p1(z) - p0(z), else
nothing, independently of all others; p(z) = N((G(p) - sqrt(R) z) / sqrt(1 - R)). All 3^n outcomes
are listed, and z is added up on a fine even grid.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
from scipy import stats

Array = npt.NDArray[np.float64]

GRID = np.linspace(-8.0, 8.0, 4_001)
WEIGHTS = stats.norm.pdf(GRID) / stats.norm.pdf(GRID).sum()


def given_factor(probability: float, correlation: float, z: Array = GRID) -> Array:
    """Return p(z)."""
    own = stats.norm.ppf(probability)
    moved = (own - np.sqrt(correlation) * z) / np.sqrt(1.0 - correlation)
    return np.asarray(stats.norm.cdf(moved), dtype=np.float64)


def every_outcome(
    probability: Array, riskier: Array, loss: Array, extra: Array, correlation: float
) -> tuple[Array, Array]:
    """Return all sums there are, ascending, and the chance of each."""
    chances = []
    for before, after in zip(probability, riskier, strict=True):
        old, new = (given_factor(value, correlation) for value in (before, after))
        chances.append((1.0 - new, old, new - old))
    totals: dict[float, float] = {}
    for outcome in itertools.product(range(3), repeat=len(loss)):
        chance, total = WEIGHTS, 0.0
        for account, which in enumerate(outcome):
            chance = chance * chances[account][which]
            total += (0.0, loss[account], extra[account])[which]
        key = round(total, 6)
        totals[key] = totals.get(key, 0.0) + float(chance.sum())
    sums = np.array(sorted(totals))
    return sums, np.array([totals[total] for total in sums])


def quantile(sums: Array, chances: Array, level: float) -> float:
    """Return the least sum that is not exceeded with a probability."""
    return float(sums[np.searchsorted(np.cumsum(chances), level - 1e-9)])


def drawn(
    probability: Array,
    riskier: Array,
    loss: Array,
    extra: Array,
    correlation: float,
    *,
    years: int,
    seed: int = 20_261_031,
) -> Array:
    """Return the sum of every account's loss in seeded years; the factor is stratified."""
    rng = np.random.default_rng(seed)
    factors = stats.norm.ppf((np.arange(years) + rng.random(years)) / years)
    sums = np.empty(years)
    for start in range(0, years, 1_000):
        z = factors[start : start + 1_000, np.newaxis]
        uniform = rng.random((len(z), len(loss)))
        old, new = (
            stats.norm.cdf(
                (stats.norm.ppf(of) - np.sqrt(correlation) * z) / np.sqrt(1.0 - correlation)
            )
            for of in (probability, riskier)
        )
        before = uniform < old
        sums[start : start + 1_000] = before @ loss + ((uniform < new) & ~before) @ extra
    return sums
