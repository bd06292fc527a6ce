"""A hold-out measures: its two arms differ by the raise alone, whatever the seed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from scipy import stats

from analytics.assumptions import Assumptions
from analytics.declared.choices import Reason
from analytics.method import response
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation import simulate
from benchmarks.arms import LEAST, POLICY, evenly_spread, p_values, seed_names
from tests.places import SAMPLE
from tests.portfolios import frame_from_parquet, portfolio_of

SEEDS = 60
"""Trials in this test, of the seeds aa-0 to aa-59; the benchmarks have all 500."""


@pytest.fixture(scope="module")
def book() -> Iterator[Portfolio]:
    frame: pd.DataFrame = frame_from_parquet(SAMPLE).iloc[:60_000].reset_index(drop=True)
    portfolio = portfolio_of(frame)
    yield portfolio
    portfolio.door.close()


def test_arms_of_many_seeds_are_alike_in_what_they_were_before(book: Portfolio) -> None:
    found = p_values(book, POLICY, Assumptions(), seed_names(SEEDS))
    for name, values in found.items():
        assert len(np.unique(values)) == SEEDS, "every seed draws its own arms"
        assert evenly_spread(values) > LEAST, name


def test_a_hold_out_drawn_before_sizing_would_be_found(book: Portfolio) -> None:
    """Then the held out have among them who has no room for a raise, and the raised have not."""
    policy, rng = POLICY.with_changes(holdout_rate=0.0), np.random.default_rng(1)
    decided = response.decided(response.priced(book, Assumptions()), policy, book)
    c = response.resized(decided, policy, Assumptions(), book, passing_only=True).c
    above = sa.select(c.credit_limit, c.outcome).where(c.score >= policy.score_threshold)
    rows = book.door.sums(above)
    limit, has_room = rows["credit_limit"].astype(float), rows["outcome"] == Reason.RAISED.code
    found = []
    for _ in range(SEEDS):
        drawn = rng.random(len(limit)) < 0.05
        arms = limit[drawn], limit[has_room & ~drawn]
        found.append(float(stats.ttest_ind(*arms, equal_var=False).pvalue))
    assert evenly_spread(np.array(found)) < LEAST


def test_the_arms_together_are_who_is_raised_without_a_hold_out(book: Portfolio) -> None:
    without = simulate(book, POLICY.with_changes(holdout_rate=0.0), Assumptions()).total
    total = simulate(book, POLICY, Assumptions()).total
    held_out = total.reasons["held_out"][0]
    assert total.raised + held_out == without.raised
    assert held_out / without.raised == pytest.approx(POLICY.holdout_rate, abs=0.01)
    same = set(total.reasons) - {"raised", "held_out"}
    assert {n: total.reasons[n] for n in same} == {n: without.reasons[n] for n in same}


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.5])
def test_the_share_of_a_hold_out_changes_nobodys_reason_but_those_it_draws(
    book: Portfolio, rate: float
) -> None:
    total = simulate(book, Policy(score_threshold=700, holdout_rate=rate), Assumptions()).total
    drawn = total.reasons["held_out"][0]
    assert (drawn > 0) == (rate > 0)
    assert sum(count for count, _ in total.reasons.values()) == book.accounts
