"""The best tiers: known by hand, and against brute force."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from analytics.appetite import Appetite, parse_appetite
from analytics.assumptions import Assumptions
from analytics.errors import ParameterError
from analytics.policy import Tier
from analytics.portfolio import Portfolio
from analytics.results.optimum import Optimum, Plan, TierRules, best_single, best_tiered, evaluate
from analytics.results.optimum.plans import objective_value
from analytics.results.simulation import simulate
from analytics.results.surface import Surface, load_surface
from analytics.shown import words
from tests.results.optimum.examples import HAND, OPEN, PROVEN, best_of, keeps, tight


def test_the_best_tiers_known_by_hand(by_hand: Portfolio) -> None:
    """To raise 15,000 in all, the even account takes what the good one cannot, the bad nothing."""
    surface = load_surface(by_hand, OPEN, HAND)
    appetite = parse_appetite("limit_increment>=15000")
    best = best_of(best_tiered(surface, appetite, "net_value", PROVEN))
    assert best.value == pytest.approx(150.0)
    assert evaluate(surface, best.plan).increment.limit >= 15_000
    single = best_of(best_single(surface, appetite, "net_value", beyond_evidence=True))
    assert single.value == pytest.approx(150.0)
    # The bad account has to take part from 20,001 on: it loses 2.5 % of what it gets.
    more = parse_appetite("limit_increment>=21000")
    forced = best_of(best_tiered(surface, more, "net_value", PROVEN))
    assert forced.value == pytest.approx(150 - 0.025 * 1_000)
    policy = forced.plan.policy(OPEN, surface)
    assert policy.rate_at(560) == 0.10
    assert policy.rate_at(860) == 1.0


def every_plan(
    edges: list[int], raises: list[int], *, max_tiers: int | None, monotone: bool
) -> Iterator[Plan]:
    for chosen in itertools.product(raises, repeat=len(edges)):
        if monotone and list(chosen) != sorted(chosen):
            continue
        before = (0, *chosen[:-1])
        tiers = tuple(
            Tier(edge, points / 10_000)
            for edge, points, last in zip(edges, chosen, before, strict=True)
            if points != last
        )
        if max_tiers is None or len(tiers) <= max_tiers:
            yield Plan((("", tiers),))


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_solver_finds_what_brute_force_finds(
    data: st.DataObject, mixed: Surface, paying: Surface
) -> None:
    edges = [350, *sorted(data.draw(st.sets(st.integers(400, 900), min_size=1, max_size=2)))]
    raises = [0, *sorted(data.draw(st.sets(st.integers(1, 100), min_size=1, max_size=3)))]
    raises = [0, *(100 * r for r in raises[1:])]
    shape: dict[str, Any] = {
        "max_tiers": data.draw(st.sampled_from([None, 1, 2])),
        "monotone": data.draw(st.booleans()),
    }
    maximise = data.draw(st.sampled_from(["npv", "net_value", "limit", "relieved"]))
    surface = data.draw(st.sampled_from([mixed, paying]))
    appetite = tight(data, surface)
    plans = list(every_plan(edges, raises, **shape))
    values = [
        objective_value(evaluate(surface, plan), maximise)
        for plan in plans
        if keeps(surface, plan, appetite)
    ]
    found = best_tiered(
        surface,
        appetite,
        maximise,
        TierRules(
            raises=tuple(raises),
            edges=tuple(edges),
            with_single=False,
            gap=0.0,
            beyond_evidence=True,
            **shape,
        ),
    )
    event(f"feasible: {bool(values)}, constraints: {len(appetite.constraints)}")
    assert isinstance(found, Optimum) == bool(values)
    if isinstance(found, Optimum):
        assert found.value == pytest.approx(max(values), rel=1e-6, abs=1e-6)
        assert keeps(surface, found.plan, appetite)
        (tiers,) = (tiers for _, tiers in found.plan.tiers)
        assert shape["max_tiers"] is None or len(tiers) <= shape["max_tiers"]


@pytest.mark.parametrize("bound", ["1e-3", "1e-4", "1e-9"])
@pytest.mark.parametrize("maximise", ["relieved", "npv", "limit"])
def test_a_bound_that_doing_nothing_breaks_by_a_hair_is_kept(
    mixed: Surface, bound: str, maximise: str
) -> None:
    """Beside values of 280,000 a bound under a thousandth is less than the solver can tell."""
    appetite = parse_appetite(f"npv>={bound}; ead_increment_rate<=0.05; limit_increment<=942413.1")
    edges, raises = [350, 656, 731], [0, 1200, 4500, 10000]
    values = [
        objective_value(evaluate(mixed, plan), maximise)
        for plan in every_plan(edges, raises, max_tiers=None, monotone=False)
        if keeps(mixed, plan, appetite)
    ]
    rules = TierRules(
        raises=tuple(raises),
        edges=tuple(edges),
        with_single=False,
        gap=0.0,
        beyond_evidence=True,
    )
    found = best_tiered(mixed, appetite, maximise, rules)
    assert isinstance(found, Optimum) == bool(values)
    if isinstance(found, Optimum):
        assert found.value == pytest.approx(max(values), rel=1e-6, abs=1e-6)
        assert keeps(mixed, found.plan, appetite)


def test_tiers_as_a_policy_do_what_the_plan_says(mixed: Surface) -> None:
    appetite = parse_appetite("ead_increment_rate<=3%; strained_increment<=20")
    best = best_of(best_tiered(mixed, appetite, rules=TierRules(by_segment=False)))
    policy = best.plan.policy(OPEN, mixed)
    total = simulate(mixed.portfolio, policy, Assumptions()).total
    assert total.increment is not None
    assert total.increment.npv == pytest.approx(best.value, rel=1e-9)
    assert total.increment.payback_months == best.point.increment.payback_months
    assert total.increment.strained == best.point.increment.strained
    assert best.value >= best_of(best_single(mixed, appetite)).value - 1e-6


def test_tiers_by_segment_are_a_policy_for_each_and_gain_at_least_as_much(mixed: Surface) -> None:
    appetite = parse_appetite("ead_increment_rate<=3%; strained_increment<=20")
    together = best_of(best_tiered(mixed, appetite, rules=PROVEN))
    apart = best_of(
        best_tiered(
            mixed, appetite, rules=TierRules(by_segment=True, gap=1e-6, beyond_evidence=True)
        )
    )
    assert apart.value >= together.value * (1 - 1e-5)
    policies = apart.plan.policies(OPEN, mixed)
    assert [group for group, _ in policies] == ["East", "West"]
    summed = 0.0
    for group, policy in policies:
        alone = simulate(mixed.portfolio, policy, Assumptions(), by="region")
        (of_group,) = (g for g in alone.groups if g.label == group)
        summed += (of_group.increment.npv or 0.0) if of_group.increment else 0.0
    assert summed == pytest.approx(apart.value, rel=1e-9)
    with pytest.raises(ParameterError, match="2 policies"):
        apart.plan.policy(OPEN, mixed)
    assert "East: " in words.optimum_sentence(apart)


def test_more_freedom_never_gains_less_and_costs_say_so(mixed: Surface) -> None:
    appetite = parse_appetite("ead_increment_rate<=2%; strained_increment<=5")
    rules = TierRules(with_single=False, gap=0.0)

    def solve(kept: Appetite, **changes: Any) -> Optimum:
        return best_of(best_tiered(mixed, kept, rules=dataclasses.replace(rules, **changes)))

    free = solve(appetite, costs=True)
    few = solve(appetite, max_tiers=1)
    rising = solve(appetite, monotone=True)
    assert free.value >= few.value - 1e-6
    assert free.value >= rising.value - 1e-6
    for cost in free.costs:
        rest = solve(appetite.without(cost.constraint))
        assert cost.gain == pytest.approx(rest.value - free.value, rel=1e-6, abs=1.0)
        assert 0 <= (cost.gain_loosened or 0.0) <= cost.gain + 1e-6
    rates = [tier.raise_rate for _, tiers in rising.plan.tiers for tier in tiers]
    assert rates == sorted(rates)


def test_the_solver_prints_nothing(mixed: Surface, capfd: pytest.CaptureFixture[str]) -> None:
    best_tiered(mixed, parse_appetite("strained_increment<=20"), rules=TierRules(by_segment=True))
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
