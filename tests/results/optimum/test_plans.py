"""Clear answers where nothing is to be found."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.appetite import Appetite, parse_appetite
from analytics.assumptions import Assumptions
from analytics.errors import ParameterError
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results.optimum import (
    Infeasible,
    Optimum,
    Plan,
    TierRules,
    best_single,
    best_tiered,
    efficient_frontier,
    evaluate,
)
from analytics.results.simulation import simulate
from analytics.results.surface import Surface, load_surface
from analytics.shown import words
from tests.oracle import load_cases
from tests.portfolios import portfolio_of
from tests.results.optimum.examples import HAND, OPEN, best_of


def test_an_empty_region_names_the_constraint_and_the_least_that_helps(mixed: Surface) -> None:
    appetite = parse_appetite("raised>=100; ead_increment_rate<=0.0001%")
    single, tiered = best_single(mixed, appetite), best_tiered(mixed, appetite)
    for found in (single, tiered):
        assert isinstance(found, Infeasible)
        assert len(found.helpful) == 2
        for relaxation in found.helpful:
            assert f"{relaxation.eased} would do" in words.optimum_sentence(found)
            rest = appetite.without(relaxation.constraint)
            eased = parse_appetite([str(relaxation.eased), *map(str, rest.constraints)])
            again = best_single if found is single else partial(best_tiered, rules=TierRules(gap=0))
            assert isinstance(again(mixed, eased), Optimum)
    hopeless = parse_appetite("raised>=1000000; net_value_increment>=1e12")
    none = best_single(mixed, hopeless)
    assert isinstance(none, Infeasible)
    assert none.helpful == ()
    assert "loosening one alone does not help" in words.optimum_sentence(none)
    assert isinstance(best_tiered(mixed, hopeless), Infeasible)


def test_the_least_rate_that_helps_is_found_by_both(mixed: Surface) -> None:
    appetite = parse_appetite("loss_rate<=0.01%; raised>=50")
    single, tiered = best_single(mixed, appetite), best_tiered(mixed, appetite)
    assert isinstance(single, Infeasible)
    assert isinstance(tiered, Infeasible)
    of_single, of_tiered = (f.relaxations[0].bound for f in (single, tiered))
    assert of_single is not None
    assert of_tiered is not None
    assert of_tiered <= of_single * 1.01
    assert of_tiered > 0.0001


@pytest.mark.parametrize("size", [0, 1, 5])
def test_nobody_to_raise_is_said_in_a_sentence(database: EmbeddedDatabase, size: int) -> None:
    frame = load_cases().iloc[:size].assign(opted_out=True)
    surface = load_surface(portfolio_of(frame, database=database), Policy(), Assumptions())
    for found in (best_single(surface, Appetite()), best_tiered(surface, Appetite())):
        best = best_of(found)
        assert best.value == 0
        assert best.plan.tiers == (("", ()),)
        assert "raising nobody" in words.optimum_sentence(best)
        nothing = best.plan.policy(Policy(), surface)
        assert nothing.raise_rate == 0
    frontier = efficient_frontier(surface)
    assert len(frontier.scores) == 1
    assert frontier.nearest_dominating(800, 0.2) is None


def test_what_cannot_be_maximised_is_refused(mixed: Surface, by_hand: Portfolio) -> None:
    with pytest.raises(ParameterError, match="did you mean net_value"):
        best_single(mixed, Appetite(), "net_valeu")
    with pytest.raises(ParameterError, match="number of months"):
        best_tiered(mixed, Appetite(), "payback_months")
    with pytest.raises(ParameterError, match="a latest payback, not an earliest"):
        best_tiered(mixed, parse_appetite("payback_months>=3"))
    with pytest.raises(ParameterError, match="is a rate"):
        best_tiered(mixed, Appetite(), "loss_rate")
    with pytest.raises(ParameterError, match="cannot be maximised"):
        best_single(mixed, Appetite(), "accounts")
    with pytest.raises(ParameterError, match=r"not on the surface: 0\.5 %"):
        best_tiered(mixed, Appetite(), rules=TierRules(raises=(0, 50)))
    with pytest.raises(ParameterError, match="max_tiers"):
        TierRules(max_tiers=0)
    plain = load_surface(by_hand, OPEN, HAND)
    with pytest.raises(ParameterError, match="holds no segment"):
        best_tiered(plain, Appetite(), rules=TierRules(by_segment=True))
    with pytest.raises(ParameterError, match="monthly_income"):
        efficient_frontier(plain, gain="strained")


@given(
    edges=st.sets(st.integers(351, 949), min_size=1, max_size=4),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
def test_a_plan_pays_back_when_the_policy_run_alone_does(
    paying: Surface, edges: set[int], seed: int
) -> None:
    rates = np.random.default_rng(seed).choice(np.arange(1, 101), len(edges), replace=False) / 100
    tiers = tuple(Tier(edge, float(rate)) for edge, rate in zip(sorted(edges), rates, strict=True))
    plan = Plan((("", tiers),))
    policy = plan.policy(OPEN, paying)
    alone = simulate(paying.portfolio, policy, paying.assumptions).total.increment
    found = evaluate(paying, plan).increment
    assert alone is not None
    assert found.payback_months == alone.payback_months
    for name in ("npv", "first_year_value", "provision_day_one", "first_year_profit"):
        assert found.get(name) == pytest.approx(alone.get(name), rel=1e-9, abs=1e-6)


def test_the_latest_payback_that_helps_is_found_by_both(paying: Surface) -> None:
    appetite = parse_appetite("raised>=300; payback_months<=2")
    single, tiered = best_single(paying, appetite), best_tiered(paying, appetite)
    assert isinstance(single, Infeasible)
    assert isinstance(tiered, Infeasible)
    of_single, of_tiered = (f.relaxations[1].bound for f in (single, tiered))
    many = (paying.proposed("raised") >= 300) & (paying.raises <= 3_000)
    assert of_single == np.nanmin(paying.payback[many])
    assert of_single is not None
    assert of_tiered is not None
    assert 2 < of_tiered <= of_single
    eased = parse_appetite(f"raised>=300; payback_months<={of_tiered}")
    found = best_of(best_tiered(paying, eased))
    assert found.point.increment.payback_months is not None
    assert found.point.increment.payback_months <= of_tiered
