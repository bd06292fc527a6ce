"""The best single policy: known by hand, and the best of all."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.appetite import Appetite, parse_appetite
from analytics.assumptions import Assumptions
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.optimum import Optimum, Plan, best_single, best_tiered
from analytics.results.simulation import simulate
from analytics.results.surface import Surface, load_surface
from analytics.results.verdicts import State, judge_group, within
from tests.oracle import load_cases, portfolio_from_csv
from tests.portfolios import portfolio_of
from tests.results.optimum.examples import HAND, OPEN, best_of, keeps, tight


def test_the_best_single_policy_known_by_hand(by_hand: Portfolio) -> None:
    surface = load_surface(by_hand, OPEN, HAND)
    best = best_of(best_single(surface, Appetite()))
    # The good account alone, doubled: 10,000 x 1.5 %. The even one adds nothing, so that the
    # highest threshold is taken.
    assert best.value == pytest.approx(150.0)
    assert best.plan == Plan.flat(860, 1.0)
    assert best.gap == 0
    capped = best_of(best_single(surface, parse_appetite("limit_increment<=2500")))
    assert capped.plan == Plan.flat(860, 0.25)
    assert capped.value == pytest.approx(37.5)
    (cost,) = capped.costs
    assert cost.gain == pytest.approx(112.5)
    assert cost.gain_loosened == pytest.approx(0.27 * 150 - 37.5)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_best_single_policy_is_the_best_of_all(data: st.DataObject, mixed: Surface) -> None:
    appetite = tight(data, mixed)
    found = best_single(mixed, appetite)
    region = within(appetite, mixed)
    assert isinstance(found, Optimum) == bool(region.any())
    if isinstance(found, Optimum):
        assert found.value == pytest.approx(mixed.increment("net_value")[region].max())
        assert keeps(mixed, found.plan, appetite)
        for cost in found.costs:
            rest = mixed.increment("net_value")[within(appetite.without(cost.constraint), mixed)]
            assert cost.gain == pytest.approx(rest.max() - found.value, abs=1e-6)
    else:
        for relaxation in found.helpful:
            eased = Appetite(
                tuple(
                    c.with_bound(relaxation.bound or 0.0) if c == relaxation.constraint else c
                    for c in appetite.constraints
                )
            )
            assert within(eased, mixed).any()


def test_the_best_of_the_cards_is_the_best_of_policies_run_alone(taiwan: Path) -> None:
    frame = portfolio_from_csv(taiwan)
    portfolio = portfolio_of(frame)
    rules = Policy(limit_cap=None)
    appetite = parse_appetite("ead_increment_rate<=2%; loss_per_new_exposure<=4%")
    raises = (0, 1_000, 2_500, 5_000)
    surface = load_surface(portfolio, rules, Assumptions(), raises=raises)
    thresholds = [650, 700, 750, 800, 850]
    alone: dict[tuple[int, int], float] = {}
    for threshold, points in itertools.product(thresholds, raises):
        policy = rules.with_changes(score_threshold=threshold, raise_rate=points / 10_000)
        total = simulate(portfolio, policy, Assumptions()).total
        if all(v.state is State.MET for v in judge_group(appetite, total)):
            alone[threshold, points] = total.increment.net_value  # type: ignore[union-attr]
    region = within(appetite, surface)
    coarse = np.where(region, surface.increment("net_value"), -np.inf)[
        np.array(thresholds) - 350, :
    ]
    row, column = np.unravel_index(np.argmax(coarse), coarse.shape)
    assert (thresholds[row], raises[column]) == max(alone, key=alone.__getitem__)
    assert coarse.max() == pytest.approx(max(alone.values()), rel=1e-9)
    assert best_of(best_single(surface, appetite)).value >= coarse.max()
    portfolio.door.close()


def test_one_account_and_one_score_have_a_best_policy(database: EmbeddedDatabase) -> None:
    frame = load_cases().iloc[[0]]
    surface = load_surface(portfolio_of(frame, database=database), OPEN, Assumptions())
    best = best_of(best_single(surface, Appetite(), "limit"))
    assert best.plan == Plan.flat(int(frame["score"].iloc[0]), 1.0)
    assert best_of(best_tiered(surface, Appetite(), "limit")).value == best.value


def test_a_rate_can_be_maximised_by_a_single_policy(mixed: Surface) -> None:
    best = best_of(best_single(mixed, parse_appetite("raised>=100"), "return_on_capital"))
    region = mixed.proposed("raised") >= 100
    assert best.value == pytest.approx(mixed.proposed("return_on_capital")[region].max())
