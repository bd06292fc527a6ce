"""The best policy: brute force, an optimum known by hand, real cards, and clear answers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.appetite import Appetite, parse_appetite
from analytics.assumptions import PRESETS, Assumptions
from analytics.declared.scales import SESAME
from analytics.errors import ParameterError
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results.optimum import (
    Infeasible,
    Optimum,
    Plan,
    best_single,
    best_tiered,
    compare_presets,
    efficient_frontier,
    evaluate,
    preset_surfaces,
)
from analytics.results.optimum.plans import objective_value
from analytics.results.simulation import simulate
from analytics.results.surface import Surface, load_surface
from analytics.results.verdicts import State, judge, judge_group, within
from analytics.shown import words
from analytics.shown.words import contender_words
from tests.oracle import load_cases, portfolio_from_csv
from tests.portfolios import portfolio_of
from tests.results.test_simulation import random_accounts

OPEN = Policy(
    limit_cap=None, income_multiple=None, rounding_step=Decimal(1), min_increment=Decimal(0)
)


@pytest.fixture(scope="module")
def database() -> Iterator[EmbeddedDatabase]:
    database = EmbeddedDatabase()
    yield database
    database.close()


@pytest.fixture(scope="module")
def mixed() -> Iterator[Surface]:
    """2,000 accounts of every kind, with a segment."""
    portfolio = portfolio_of(book_of(2_000, seed=4), segments=["region"])
    yield load_surface(portfolio, OPEN, Assumptions(), by="region")
    portfolio.door.close()


@pytest.fixture(scope="module")
def by_hand() -> Iterator[Portfolio]:
    """Three accounts whose raise gains, breaks even and loses, whatever its size.

    Log response is replaced by a linear one with half of the new limit drawn, conversion factor
    0, no retention, no capital: a raise of d brings d/2 x (7 % - 3 %) and costs d/2 x p x 100 %,
    with no uplift. So at p = 1 % it gains 1.5 % of d, at 4 % nothing, at 9 % it loses 2.5 %.
    """
    frame = pd.DataFrame(
        {
            "account_id": ["good", "even", "bad"],
            "score": [860, 760, 560],
            "credit_limit": [1_000_000] * 3,
            "balance": [500_000] * 3,
            "default_probability": [0.01, 0.04, 0.09],
            "loss_given_default": [1.0] * 3,
        }
    )
    portfolio = portfolio_of(frame)
    yield portfolio
    portfolio.door.close()


HAND = Assumptions(
    response_form="linear",
    mpb=(0.5,) * 8,
    pd_uplift=(0.0,) * 8,
    attrition=(0.0,) * 8,
    yield_rate=(0.07,) * 8,
    funding_rate=0.03,
    operating_rate=0.0,
    credit_conversion_factor=0.0,
    capital_ratio=0.0,
)


def book_of(size: int, seed: int) -> pd.DataFrame:
    frame = random_accounts(np.random.default_rng(seed), size, SESAME, 10**7)
    regions = np.random.default_rng(seed).choice(np.array(["East", "West"], object), size)
    return frame.assign(region=regions, default_probability=frame["default_probability"] ** 2 / 9)


def best_of(found: Optimum | Infeasible) -> Optimum:
    assert isinstance(found, Optimum), found
    return found


# ---- Known by hand


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


def test_the_best_tiers_known_by_hand(by_hand: Portfolio) -> None:
    """To raise 15,000 in all, the even account takes what the good one cannot, the bad nothing."""
    surface = load_surface(by_hand, OPEN, HAND)
    appetite = parse_appetite("limit_increment>=15000")
    best = best_of(best_tiered(surface, appetite, gap=0.0))
    assert best.value == pytest.approx(150.0)
    assert evaluate(surface, best.plan).increment.limit >= 15_000
    single = best_of(best_single(surface, appetite))
    assert single.value == pytest.approx(150.0)
    # The bad account has to take part from 20,001 on: it loses 2.5 % of what it gets.
    forced = best_of(best_tiered(surface, parse_appetite("limit_increment>=21000"), gap=0.0))
    assert forced.value == pytest.approx(150 - 0.025 * 1_000)
    policy = forced.plan.policy(OPEN, surface)
    assert policy.rate_at(560) == 0.10
    assert policy.rate_at(860) == 1.0


def test_the_frontier_known_by_hand(by_hand: Portfolio) -> None:
    surface = load_surface(by_hand, OPEN, HAND)
    frontier = efficient_frontier(surface)
    assert set(frontier.scores.tolist()) == {860, 950}
    assert frontier.raises.tolist() == list(range(0, 10_001, 100))
    assert frontier.gains[-1] == pytest.approx(150.0)
    assert np.all(np.diff(frontier.risks) > 0)
    assert np.all(np.diff(frontier.gains) > 0)
    # Raising all three by 50 % brings 75 - 125, at a loss of 5,000 x (1 + 4 + 9) % / 2.
    nearer = frontier.nearest_dominating(560, 0.5)
    assert nearer is not None
    gain = objective_value(surface.at(nearer.score_threshold, nearer.raise_rate), "net_value")
    assert nearer.gain == pytest.approx(gain - (75 - 125))
    losses = surface.increment("expected_loss")
    here, there = (
        losses[surface.index(*where)]
        for where in ((560, 0.5), (nearer.score_threshold, nearer.raise_rate))
    )
    assert nearer.risk_saved == pytest.approx(here - there)
    assert frontier.nearest_dominating(860, 1.0) is None


# ---- Against brute force


def tight(data: st.DataObject, surface: Surface) -> Appetite:
    """Draw an appetite whose bounds lie among what the policies reach."""
    texts = []
    for name, sign in data.draw(
        st.lists(
            st.sampled_from(
                [
                    ("ead_increment_rate", "<="),
                    ("limit_increment", "<="),
                    ("loss_rate", "<="),
                    ("loss_per_new_exposure", "<="),
                    ("return_on_capital", ">="),
                    ("raised_share", ">="),
                    ("relieved_increment", ">="),
                    ("strained_increment", "<="),
                    ("net_value_increment", ">="),
                    ("default_rate_increment", "<="),
                ]
            ),
            max_size=3,
            unique=True,
        )
    ):
        probe = parse_appetite(f"{name}{sign}0").constraints[0]
        values = probe.figure(
            surface.before(probe.measure),
            surface.proposed(probe.measure),
            surface.increment(probe.measure),
        )
        reached = values[np.isfinite(values)]
        assume(reached.size)
        share = data.draw(st.floats(0, 1))
        bound = float(np.quantile(reached, share)) + data.draw(st.sampled_from([0.0, 1e-4]))
        assume(sign == "<=" or probe.measure != "raised_share" or bound <= 1)
        texts.append(f"{name}{sign}{max(bound, 0.0)!r}")
    return parse_appetite(texts)


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


def keeps(surface: Surface, plan: Plan, appetite: Appetite) -> bool:
    point = evaluate(surface, plan)
    verdicts = judge(appetite, point.baseline, point.proposed, point.increment)
    return all(verdict.state is not State.BROKEN for verdict in verdicts)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_solver_finds_what_brute_force_finds(data: st.DataObject, mixed: Surface) -> None:
    edges = [350, *sorted(data.draw(st.sets(st.integers(400, 900), min_size=1, max_size=2)))]
    raises = [0, *sorted(data.draw(st.sets(st.integers(1, 100), min_size=1, max_size=3)))]
    raises = [0, *(100 * r for r in raises[1:])]
    shape: dict[str, Any] = {
        "max_tiers": data.draw(st.sampled_from([None, 1, 2])),
        "monotone": data.draw(st.booleans()),
    }
    maximise = data.draw(st.sampled_from(["net_value", "limit", "relieved"]))
    appetite = tight(data, mixed)
    plans = list(every_plan(edges, raises, **shape))
    values = [
        objective_value(evaluate(mixed, plan), maximise)
        for plan in plans
        if keeps(mixed, plan, appetite)
    ]
    found = best_tiered(
        mixed,
        appetite,
        maximise,
        raises=tuple(raises),
        edges=tuple(edges),
        with_single=False,
        gap=0.0,
        **shape,
    )
    event(f"feasible: {bool(values)}, constraints: {len(appetite.constraints)}")
    assert isinstance(found, Optimum) == bool(values)
    if isinstance(found, Optimum):
        assert found.value == pytest.approx(max(values), rel=1e-6, abs=1e-6)
        assert keeps(mixed, found.plan, appetite)
        (tiers,) = (tiers for _, tiers in found.plan.tiers)
        assert shape["max_tiers"] is None or len(tiers) <= shape["max_tiers"]


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


def test_the_best_of_the_cards_is_the_best_of_policies_run_alone(shared: Path) -> None:
    frame = portfolio_from_csv(shared / "data" / "taiwan_cards.csv")
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


# ---- Tiers


def test_tiers_as_a_policy_do_what_the_plan_says(mixed: Surface) -> None:
    appetite = parse_appetite("ead_increment_rate<=3%; strained_increment<=20")
    best = best_of(best_tiered(mixed, appetite, by_segment=False))
    policy = best.plan.policy(OPEN, mixed)
    total = simulate(mixed.portfolio, policy, Assumptions()).total
    assert total.increment is not None
    assert total.increment.net_value == pytest.approx(best.value, rel=1e-9)
    assert total.increment.strained == best.point.increment.strained
    assert best.value >= best_of(best_single(mixed, appetite)).value - 1e-6


def test_tiers_by_segment_are_a_policy_for_each_and_gain_at_least_as_much(mixed: Surface) -> None:
    appetite = parse_appetite("ead_increment_rate<=3%; strained_increment<=20")
    together = best_of(best_tiered(mixed, appetite, gap=0.0))
    apart = best_of(best_tiered(mixed, appetite, by_segment=True, gap=1e-6))
    assert apart.value >= together.value * (1 - 1e-5)
    policies = apart.plan.policies(OPEN, mixed)
    assert [group for group, _ in policies] == ["East", "West"]
    summed = 0.0
    for group, policy in policies:
        alone = simulate(mixed.portfolio, policy, Assumptions(), by="region")
        (of_group,) = (g for g in alone.groups if g.label == group)
        summed += of_group.increment.net_value if of_group.increment else 0.0
    assert summed == pytest.approx(apart.value, rel=1e-9)
    with pytest.raises(ParameterError, match="2 policies"):
        apart.plan.policy(OPEN, mixed)
    assert "East: " in words.optimum_sentence(apart)


def test_more_freedom_never_gains_less_and_costs_say_so(mixed: Surface) -> None:
    appetite = parse_appetite("ead_increment_rate<=2%; strained_increment<=5")
    solve = partial(best_tiered, mixed, with_single=False, gap=0.0)
    free = best_of(solve(appetite, costs=True))
    few = best_of(solve(appetite, max_tiers=1))
    rising = best_of(solve(appetite, monotone=True))
    assert free.value >= few.value - 1e-6
    assert free.value >= rising.value - 1e-6
    for cost in free.costs:
        rest = best_of(solve(appetite.without(cost.constraint)))
        assert cost.gain == pytest.approx(rest.value - free.value, rel=1e-6, abs=1.0)
        assert 0 <= (cost.gain_loosened or 0.0) <= cost.gain + 1e-6
    rates = [tier.raise_rate for _, tiers in rising.plan.tiers for tier in tiers]
    assert rates == sorted(rates)


# ---- Clear answers


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
            again = best_single if found is single else partial(best_tiered, gap=0.0)
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


def test_one_account_and_one_score_have_a_best_policy(database: EmbeddedDatabase) -> None:
    frame = load_cases().iloc[[0]]
    surface = load_surface(portfolio_of(frame, database=database), OPEN, Assumptions())
    best = best_of(best_single(surface, Appetite(), "limit"))
    assert best.plan == Plan.flat(int(frame["score"].iloc[0]), 1.0)
    assert best_of(best_tiered(surface, Appetite(), "limit")).value == best.value


def test_what_cannot_be_maximised_is_refused(mixed: Surface, by_hand: Portfolio) -> None:
    with pytest.raises(ParameterError, match="did you mean net_value"):
        best_single(mixed, Appetite(), "net_valeu")
    with pytest.raises(ParameterError, match="is a rate"):
        best_tiered(mixed, Appetite(), "loss_rate")
    with pytest.raises(ParameterError, match="cannot be maximised"):
        best_single(mixed, Appetite(), "accounts")
    with pytest.raises(ParameterError, match=r"not on the surface: 0\.5 %"):
        best_tiered(mixed, Appetite(), raises=(0, 50))
    with pytest.raises(ParameterError, match="max_tiers"):
        best_tiered(mixed, Appetite(), max_tiers=0)
    plain = load_surface(by_hand, OPEN, HAND)
    with pytest.raises(ParameterError, match="holds no segment"):
        best_tiered(plain, Appetite(), by_segment=True)
    with pytest.raises(ParameterError, match="monthly_income"):
        efficient_frontier(plain, gain="strained")


def test_a_rate_can_be_maximised_by_a_single_policy(mixed: Surface) -> None:
    best = best_of(best_single(mixed, parse_appetite("raised>=100"), "return_on_capital"))
    region = mixed.proposed("raised") >= 100
    assert best.value == pytest.approx(mixed.proposed("return_on_capital")[region].max())


def test_the_solver_prints_nothing(mixed: Surface, capfd: pytest.CaptureFixture[str]) -> None:
    best_tiered(mixed, parse_appetite("strained_increment<=20"), by_segment=True)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


# ---- Robustness


def test_a_policy_that_wins_under_one_preset_only_is_labelled_so(mixed: Surface) -> None:
    surfaces = preset_surfaces(mixed.portfolio, OPEN, Assumptions())
    assert tuple(surfaces) == PRESETS
    appetite = parse_appetite("ead_increment_rate<=3%")
    for solve in (best_single, partial(best_tiered, gap=1e-4)):
        found = compare_presets(surfaces, appetite, solve=solve)
        for contender in found.contenders:
            own = next(e for e in contender.elsewhere if e.preset == contender.preset)
            assert own.wins
            assert own.within_appetite
            wins = [entry.preset for entry in contender.elsewhere if entry.wins]
            alone = wins == [contender.preset]
            assert (contender_words(contender) == f"best under {contender.preset} only") == alone
    hopeless = compare_presets(surfaces, parse_appetite("net_value_increment>=1e12"))
    assert "no policy keeps" in contender_words(hopeless.contenders[0])
