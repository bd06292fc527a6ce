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
from analytics.results.optimum import (
    Infeasible,
    Optimum,
    Plan,
    TierRules,
    best_single,
    best_tiered,
    efficient_frontier,
)
from analytics.results.simulation import simulate
from analytics.results.surface import Surface, load_surface
from analytics.results.verdicts import State, judge, judge_group, within
from analytics.shown import words
from tests.oracle import load_cases, portfolio_from_csv
from tests.portfolios import portfolio_of
from tests.results.optimum.examples import EVERY_RAISE, HAND, OPEN, best_of, keeps, tight


def test_the_best_single_policy_known_by_hand(by_hand: Portfolio) -> None:
    surface = load_surface(by_hand, OPEN, HAND)
    best = best_of(best_single(surface, Appetite(), "net_value", beyond_evidence=True))
    # The good account alone, doubled: 10,000 x 1.5 %. The even one adds nothing, so that the
    # highest threshold is taken.
    assert best.value == pytest.approx(150.0)
    assert best.plan == Plan.flat(860, 1.0)
    assert best.gap == 0
    bound = parse_appetite("limit_increment<=2500")
    capped = best_of(best_single(surface, bound, "net_value", beyond_evidence=True))
    assert capped.plan == Plan.flat(860, 0.25)
    assert capped.value == pytest.approx(37.5)
    (cost,) = capped.costs
    assert cost.gain == pytest.approx(112.5)
    assert cost.gain_loosened == pytest.approx(0.27 * 150 - 37.5)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_best_single_policy_is_the_best_of_all(
    data: st.DataObject, mixed: Surface, paying: Surface
) -> None:
    surface = data.draw(st.sampled_from([mixed, paying]))
    appetite = tight(data, surface)
    beyond = data.draw(st.booleans())
    found = best_single(surface, appetite, beyond_evidence=beyond)
    tried = np.broadcast_to(beyond | (surface.raises <= 3_000), surface.shape)
    region = within(appetite, surface) & tried
    assert isinstance(found, Optimum) == bool(region.any())
    if isinstance(found, Optimum):
        assert found.value == pytest.approx(surface.increment("npv")[region].max())
        assert keeps(surface, found.plan, appetite)
        for cost in found.costs:
            others = within(appetite.without(cost.constraint), surface) & tried
            rest = surface.increment("npv")[others]
            assert cost.gain == pytest.approx(rest.max() - found.value, abs=1e-6)
    else:
        for relaxation in found.helpful:
            eased = Appetite(
                tuple(
                    c.with_bound(relaxation.bound or 0.0) if c == relaxation.constraint else c
                    for c in appetite.constraints
                )
            )
            assert (within(eased, surface) & tried).any()


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
            alone[threshold, points] = total.increment.npv  # type: ignore[union-attr,assignment]
    region = within(appetite, surface)
    coarse = np.where(region, surface.increment("npv"), -np.inf)[np.array(thresholds) - 350, :]
    row, column = np.unravel_index(np.argmax(coarse), coarse.shape)
    assert (thresholds[row], raises[column]) == max(alone, key=alone.__getitem__)
    assert coarse.max() == pytest.approx(max(alone.values()), rel=1e-9)
    assert best_of(best_single(surface, appetite, **EVERY_RAISE)).value >= coarse.max()
    portfolio.door.close()


def test_one_account_and_one_score_have_a_best_policy(database: EmbeddedDatabase) -> None:
    frame = load_cases().iloc[[0]]
    surface = load_surface(portfolio_of(frame, database=database), OPEN, Assumptions())
    best = best_of(best_single(surface, Appetite(), "limit"))
    assert best.plan == Plan.flat(int(frame["score"].iloc[0]), 0.3)
    assert best_of(best_tiered(surface, Appetite(), "limit")).value == best.value


def test_a_rate_can_be_maximised_by_a_single_policy(mixed: Surface) -> None:
    best = best_of(best_single(mixed, parse_appetite("raised>=100"), "return_on_capital"))
    region = (mixed.proposed("raised") >= 100) & (mixed.raises <= 3_000)
    assert best.value == pytest.approx(mixed.proposed("return_on_capital")[region].max())


def test_the_best_by_default_is_within_the_evidence_and_its_value_known_by_hand(
    by_hand: Portfolio,
) -> None:
    """The good and the even account, by 30 %: each draws 1,500, of which 4 % a year stay.

    1 % and 4 % of them default a year. The response builds up to 55 % in month 3 and the whole in
    month 12. A loss is booked six months after the default, so that the even account gains too.
    """
    best = best_of(best_single(load_surface(by_hand, OPEN, HAND), Appetite()))
    assert best.maximise == "npv"
    assert best.plan == Plan.flat(760, 0.30)
    value = 0.0
    for month, probability in itertools.product(range(1, 37), (0.01, 0.04)):
        built = float(np.interp(month, (0, 3, 12), (0, 0.55, 1)))
        there = (1 - probability) ** ((month - 1) / 12) * built / 12
        value += 1.12 ** (-month / 12) * there * 1_500 * 0.04
        value -= 1.12 ** (-(month + 6) / 12) * there * 1_500 * probability
    assert best.value == pytest.approx(value, rel=1e-12)
    assert best.point.increment.payback_months == 1


def test_beyond_the_evidence_only_on_request(by_hand: Portfolio) -> None:
    surface = load_surface(by_hand, OPEN, HAND)
    asked = best_of(best_single(surface, Appetite(), beyond_evidence=True))
    assert asked.plan == Plan.flat(760, 1.0)
    rules = TierRules(beyond_evidence=True)
    for rule, most in ((TierRules(), 0.30), (rules, 1.0)):
        (tiers,) = (
            tiers for _, tiers in best_of(best_tiered(surface, Appetite(), rules=rule)).plan.tiers
        )
        assert max(tier.raise_rate for tier in tiers) == most
    assert efficient_frontier(surface).raises.max() == 3_000
    assert efficient_frontier(surface, beyond_evidence=True).raises.max() == 10_000
    only = parse_appetite("limit_increment>=5000; raised<=1")
    found = best_single(surface, only)
    assert isinstance(found, Infeasible), "only raises beyond the evidence would do"


def test_a_policy_that_never_pays_back_breaks_every_bound_of_payback(by_hand: Portfolio) -> None:
    surface = load_surface(by_hand, OPEN, HAND)
    appetite = parse_appetite("payback_months<=42")
    (verdict,) = judge(appetite, surface.at(351, 0.3))
    assert surface.at(351, 0.3).increment.payback_months is None
    assert verdict.state is State.BROKEN
    assert words.verdict_sentence(verdict).endswith("broken, the policy never pays back")
    assert best_of(best_single(surface, appetite)).plan == Plan.flat(760, 0.30)
    region = within(appetite, surface)
    assert not region[:, 0].any(), "nobody raised pays nothing back"
    assert not region[1, 30]
    assert region[860 - 350, 30]
