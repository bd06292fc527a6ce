"""Whether the two arms of a hold-out differ by chance alone: an A/A trial of many seeds.

For each seed the accounts that would be raised are drawn into two arms, and the arms compared by
what they were before the raise. Were the draw fair, the p-values of these comparisons would be
spread evenly from 0 to 1; whether they are is what is measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import sqlalchemy as sa
from scipy import stats

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Columns, Floats
from analytics.declared.choices import Reason
from analytics.method import response
from analytics.method.elementwise import as_double
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from benchmarks.benchmark import Benchmark, Measured, Setting, Unit

POLICY = Policy(score_threshold=700, holdout_rate=0.05)
SEEDS = 500
COMPARED = ("credit_limit", "balance", "default_probability")
ARMS = (Reason.HELD_OUT, Reason.RAISED)
LEAST = 0.01
"""The p-value of the Kolmogorov-Smirnov test below which the draw is not taken for fair."""


def seed_names(count: int) -> list[str]:
    """Return the seeds of the trials: aa-0, aa-1 and so on."""
    return [f"aa-{number}" for number in range(count)]


def p_values(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, seeds: Iterable[str]
) -> dict[str, Floats]:
    """Return the p-value of Welch's test between the arms, for each quantity and seed."""
    found = [_of_seed(portfolio, policy.with_changes(policy_seed=s), assumptions) for s in seeds]
    return {name: np.array([values[name] for values in found]) for name in COMPARED}


def _of_seed(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> dict[str, float]:
    """Return the p-values of one draw, from the sums of each arm in the product's own statement."""
    decided = response.decided(response.priced(portfolio, assumptions), policy, portfolio)
    c = response.resized(decided, policy, assumptions, portfolio, passing_only=True).c
    sums = {}
    for name in COMPARED:
        value = as_double(c[name])
        sums[name] = sa.func.avg(value)
        sums[f"{name}_spread"] = sa.func.var_samp(value)
    arms = [arm.code for arm in ARMS]
    statement = (
        sa.select(
            c.outcome,
            sa.func.count().label("accounts"),
            *(value.label(name) for name, value in sums.items()),
        )
        .where(c.score >= policy.score_threshold, c.outcome.in_(arms))
        .group_by(c.outcome)
        .order_by(c.outcome)
    )
    rows = portfolio.door.sums(statement)
    held_out, raised = (rows["outcome"].tolist().index(arm) for arm in arms)
    return {
        name: float(
            stats.ttest_ind_from_stats(
                *_arm(rows, name, held_out), *_arm(rows, name, raised), equal_var=False
            ).pvalue
        )
        for name in COMPARED
    }


def _arm(rows: Columns, name: str, at: int) -> tuple[Any, ...]:
    """Return mean, standard deviation and count of a quantity in one arm."""
    spread = float(rows[f"{name}_spread"][at]) ** 0.5
    return float(rows[name][at]), spread, float(rows["accounts"][at])


def evenly_spread(p: Floats) -> float:
    """Return the p-value of the test that values are spread evenly from 0 to 1."""
    return float(stats.kstest(p, "uniform").pvalue)


def fair(setting: Setting) -> Measured:
    """Return how far the draws are from fair: the bound over the least p-value."""
    count = SEEDS if setting.seconds else 20
    found = p_values(setting.portfolio(), POLICY, Assumptions(), seed_names(count))
    spread = {name: evenly_spread(values) for name, values in found.items()}
    note = f"{count} seeds; " + ", ".join(f"{name} p = {p:.3f}" for name, p in spread.items())
    return Measured(values=(LEAST / min(spread.values()),), note=note)


BENCHMARKS = (
    Benchmark(
        name="arms",
        title="Hold-out: 0.01 over the p-value that the arms of many seeds differ by chance alone",
        unit=Unit.RATIO,
        target=1.0,
        run=fair,
        by_default=False,
    ),
)
