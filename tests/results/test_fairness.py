"""Who gets the raise, and how customers fare."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.scales import SESAME
from analytics.policy import Policy
from analytics.results.fairness import FEW, FOUR_FIFTHS, GroupRaise, customers, group_raises
from analytics.results.simulation import Simulation, simulate
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


def test_groups_are_held_against_the_highest(split: Simulation) -> None:
    found = {group.label: group for group in group_raises(split)}
    north, south = found["North"], found["South"]
    assert (north.approval_rate, south.approval_rate) == (0.8, 0.6)
    assert north.approval_ratio == 1.0
    assert north.is_highest
    assert north.ratio_interval is None
    assert south.approval_ratio == pytest.approx(0.75)
    assert (north.mean_raise, south.mean_raise) == (200.0, 100.0)
    assert south.raise_ratio == 0.5
    assert (north.relative_raise, south.relative_raise) == (0.2, 0.2)
    assert not north.is_low


def test_a_share_under_four_fifths_is_low_only_where_its_interval_is(split: Simulation) -> None:
    south = next(group for group in group_raises(split) if group.label == "South")
    assert south.approval_ratio is not None
    assert south.approval_ratio < FOUR_FIFTHS
    assert south.approval_interval == pytest.approx((0.5020, 0.6906), abs=5e-5)
    assert south.ratio_interval is not None
    assert south.ratio_interval.low < south.approval_ratio < FOUR_FIFTHS < south.ratio_interval.high
    assert not south.approval_is_low
    assert south.raise_is_low, "the mean of 60 raises is half the highest"
    many = groups_of(split, North=(1_000, 800), South=(1_000, 590))
    assert many["South"].approval_is_low
    assert not many["North"].approval_is_low


@pytest.mark.parametrize(
    ("low", "is_low"),
    [((30, 0), True), ((29, 0), False), ((40, 12), True), ((40, 20), False), ((40, 40), False)],
)
def test_none_raised_all_raised_and_few_are_judged_as_their_numbers_allow(
    split: Simulation, low: tuple[int, int], *, is_low: bool
) -> None:
    group = groups_of(split, North=(400, 300), South=low)["South"]
    assert group.approval_is_low == is_low
    assert group.is_few == (low[0] < FEW)
    assert group.approval_interval is not None
    assert 0.0 <= group.approval_interval.low < group.approval_interval.high <= 1.0


def test_all_raised_is_held_against_by_what_its_own_number_allows(split: Simulation) -> None:
    found = groups_of(split, North=(30, 30), South=(1_000, 730))
    assert found["North"].is_highest
    assert found["South"].approval_ratio == pytest.approx(0.73)
    assert not found["South"].approval_is_low, "30 of 30 may be 89 % as well"


def test_nobody_is_judged_where_nobody_is_raised(split: Simulation) -> None:
    found = groups_of(split, North=(100, 0), South=(100, 0))
    assert all(group.approval_ratio is None for group in found.values())
    assert not any(group.is_low or group.is_highest for group in found.values())


def test_groups_of_few_are_shown_and_not_judged(split: Simulation) -> None:
    found = {group.label: group for group in group_raises(split)}
    east, blank = found["East"], found["(blank)"]
    assert east.accounts < FEW
    assert east.approval_ratio == 0.0
    assert east.approval_interval == pytest.approx((0.0, 0.2775), abs=5e-5)
    assert east.ratio_interval is None
    assert east.raise_ratio is None
    assert east.is_few
    assert not east.is_low
    assert blank.approval_rate == 1.0
    assert not blank.is_highest
    assert found["North"].approval_ratio == 1.0


def test_who_is_low_is_the_oracles_on_random_portfolios(database: EmbeddedDatabase) -> None:
    random = np.random.default_rng(17)
    low = 0
    for _ in range(6):
        frame = random_accounts(random, 900, SESAME, 10**7)
        frame["region"] = random.choice(["a", "b", "c", "d"], 900, p=[0.5, 0.3, 0.17, 0.03])
        unlucky = (frame["region"] == "b") & (random.random(900) < random.random())
        frame.loc[unlucky, "score"] = 400
        policy = Policy(score_threshold=600, affordability=False)
        portfolio = portfolio_of(frame, segments=["region"], database=database)
        found = group_raises(simulate(portfolio, policy, Assumptions(), by="region"))
        wanted = oracle_low({group.label: (group.accounts, group.raised) for group in found})
        assert {group.label for group in found if group.approval_is_low} == wanted
        low += len(wanted)
    assert low, "no group is low: the test says nothing"


def oracle_low(groups: dict[str, tuple[int, int]]) -> set[str]:
    """Return who is low: by Wilson's roots, each share and 4/5 of the highest squared and added."""
    judged = {label: both for label, both in groups.items() if both[0] >= 30}
    shares = {label: raised / accounts for label, (accounts, raised) in judged.items()}
    highest = max(shares, key=lambda label: shares[label])

    def ends(label: str) -> tuple[float, float]:
        accounts, _ = judged[label]
        share, z = shares[label], 1.959963984540054
        low, high = sorted(
            np.roots([1 + z**2 / accounts, -(2 * share + z**2 / accounts), share**2]).real
        )
        return float(low), float(high)

    return {
        label
        for label in judged
        if shares[label]
        - 0.8 * shares[highest]
        + math.hypot(ends(label)[1] - shares[label], 0.8 * (shares[highest] - ends(highest)[0]))
        < 0
    }


def groups_of(simulation: Simulation, **counts: tuple[int, int]) -> dict[str, GroupRaise]:
    """Return how groups of so many accounts, so many of them raised, compare."""
    groups = []
    for group in simulation.groups:
        if group.label in counts:
            accounts, raised = counts[group.label]
            assert group.baseline
            assert group.proposed
            baseline = dataclasses.replace(group.baseline, accounts=accounts)
            share = {"accounts": accounts, "raised": raised}
            proposed = dataclasses.replace(group.proposed, **share)
            groups.append(
                dataclasses.replace(group, baseline=baseline, proposed=proposed, raised=raised)
            )
    found = group_raises(dataclasses.replace(simulation, groups=tuple(groups)))
    return {group.label: group for group in found}


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
