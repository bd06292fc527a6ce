"""Who gets the raise, and how customers fare."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.scales import SESAME
from analytics.policy import Policy
from analytics.results.fairness import FEW, customers, group_raises
from analytics.results.simulation import Simulation, simulate
from analytics.shown import words
from tests.drawn import random_accounts
from tests.portfolios import portfolio_of


@pytest.fixture
def split(database: EmbeddedDatabase) -> Simulation:
    """North: 100 accounts, 80 raised by 200; South: 100, 60 by 100; East: 10, none; one blank."""

    def group(name: str | None, count: int, raised: int, limit: int) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "score": [820] * raised + [500] * (count - raised),
                "credit_limit": limit * 100,
                "balance": limit * 85,
                "default_probability": 0.01,
                "loss_given_default": 0.85,
                "monthly_income": pd.array([limit * 35] * count, dtype="Int64"),
                "region": name,
            }
        )

    frame = pd.concat(
        [
            group("North", 100, 80, 1_000),
            group("South", 100, 60, 500),
            group("East", 10, 0, 1_000),
            group(None, 1, 1, 1_000),
        ],
        ignore_index=True,
    ).assign(account_id=[f"a{i}" for i in range(211)])
    portfolio = portfolio_of(frame, segments=["region"], database=database)
    return simulate(portfolio, Policy(affordability=False), Assumptions(), by="region")


def test_groups_are_held_against_the_highest_and_warned_of_under_four_fifths(
    split: Simulation,
) -> None:
    found = {group.label: group for group in group_raises(split)}
    north, south = found["North"], found["South"]
    assert (north.approval_rate, south.approval_rate) == (0.8, 0.6)
    assert north.approval_ratio == 1.0
    assert south.approval_ratio == pytest.approx(0.75)
    assert (north.mean_raise, south.mean_raise) == (200.0, 100.0)
    assert south.raise_ratio == 0.5
    assert (north.relative_raise, south.relative_raise) == (0.2, 0.2)
    assert words.fairness_warnings([north]) == ()
    assert words.fairness_warnings(found.values()) == (
        "South: the approval rate is 75 % of the highest group's, under four fifths",
        "South: the average raise is 50 % of the highest group's, under four fifths",
    )


def test_groups_of_few_are_shown_and_not_judged(split: Simulation) -> None:
    found = {group.label: group for group in group_raises(split)}
    east, blank = found["East"], found["(blank)"]
    assert east.accounts < FEW
    assert east.approval_ratio == 0.0
    assert east.raise_ratio is None
    assert east.is_few
    assert words.fairness_warnings([east]) == ()
    assert blank.approval_rate == 1.0
    assert found["North"].approval_ratio == 1.0


def test_customers_fare_by_segment_and_by_band(split: Simulation) -> None:
    found = {group.label: group for group in customers(split.groups)}
    assert found["North"].relieved == 80
    assert found["East"].relieved == 0
    assert found["North"].strained == (0, 80, 80)
    assert found["North"].over_indebted == (0, 0, 0)
    # Of 350 a month: headroom of 150 before, of 257 after, so nobody's is thin and all are short.
    assert found["North"].thin_cover == (0, 0, 0)
    assert found["North"].short_cover == (100, 100, 0)
    # Everybody draws 0.6 x 850 x ln 1.2; at a score of 820 all of it was owed elsewhere before.
    drawn = 80 * 0.6 * 850 * math.log(1.2)
    assert found["North"].moved_balance == pytest.approx(drawn)
    assert found["North"].new_debt == pytest.approx(0.0, abs=1e-6)
    by_band = customers(split.bands)
    assert sum(band.relieved or 0 for band in by_band) == split.total.relieved
    assert by_band[2].relieved is None
    assert by_band[2].strained is None
    assert by_band[2].new_debt is None
    assert sum(b.thin_cover[2] for b in by_band if b.thin_cover) == sum(
        g.thin_cover[2] for g in found.values() if g.thin_cover
    )


def test_without_incomes_only_relief_is_known(database: EmbeddedDatabase) -> None:
    frame = random_accounts(np.random.default_rng(2), 50, SESAME, 10**7)
    portfolio = portfolio_of(frame.drop(columns="monthly_income"), database=database)
    (total,) = customers([simulate(portfolio, Policy(), Assumptions()).total])
    assert total.strained is None
    assert total.over_indebted is None
    assert total.thin_cover is None
    assert total.short_cover is None
    assert total.relieved is not None
