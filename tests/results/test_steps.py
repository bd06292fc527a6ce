"""What depends on what: which changes of a question ask the accounts again, and which do not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.scales import SESAME
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results.profile import load_profile, segment_rows
from analytics.results.ranges import load_increment_ranges, load_ranges
from analytics.results.simulation import simulate, sweep
from analytics.results.steps import Step, StepKind
from analytics.results.stress import load_stress_pools
from analytics.results.surface import load_surface
from tests.drawn import random_accounts
from tests.memory import Remembering
from tests.pages.driver import statements
from tests.portfolios import alike, portfolio_of

BASE = Policy(score_threshold=640)
NAMED = BASE.with_changes(name="Spring", note="for the committee", constraints=("raised>=1",))
OTHER_RAISE = BASE.with_changes(raise_rate=0.37)
OTHER_RULE = BASE.with_changes(too_new=11)
CAPPED = BASE.with_changes(limit_cap=Decimal(12_345))
FUNDED = Assumptions(funding_rate=0.031)
CURVED = Assumptions(anchor_odds=60.0)
B, E, R = StepKind.BASELINE, StepKind.ELIGIBILITY, StepKind.RAISE


@pytest.fixture(scope="module")
def portfolio(database: EmbeddedDatabase) -> Portfolio:
    accounts = random_accounts(np.random.default_rng(2), 300, SESAME, 10**7)
    return portfolio_of(accounts, segments=["region"], database=database)


@pytest.mark.parametrize(
    ("policy", "assumptions", "by", "made"),
    [
        (BASE.at_threshold(733), Assumptions(), None, []),
        (NAMED, Assumptions(), None, []),
        (OTHER_RAISE, Assumptions(), None, [R]),
        (CAPPED, Assumptions(), None, [R]),
        (OTHER_RULE, Assumptions(), None, [E, R]),
        (BASE.with_changes(policy_seed="again"), Assumptions(), None, [R]),
        (BASE, FUNDED, None, [B, R]),
        (BASE, Assumptions(rival_reach=0.3, rival_attrition=1.0), None, []),
        (BASE, Assumptions(), "region", [B, E, R]),
    ],
    ids=["threshold", "name", "raise", "cap", "rule", "seed", "assumption", "rival", "segment"],
)
def test_another_question_asks_only_what_it_depends_on(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    by: str | None,
    made: list[StepKind],
) -> None:
    memo = Remembering()
    sweep(portfolio, BASE, Assumptions(), memo=memo)
    assert memo.made == [B, E, R]
    memo.made.clear()
    with statements() as seen:
        found = sweep(portfolio, policy, assumptions, by=by, memo=memo)
    assert memo.made == made
    assert len(seen) == len(made)
    alone = simulate(portfolio, policy, assumptions, by=by)
    assert alike(found.at(policy.score_threshold).total, alone.total)


def test_another_threshold_of_tiers_that_share_their_raises_runs_no_statement(
    portfolio: Portfolio,
) -> None:
    memo = Remembering()
    tiered = Policy(score_threshold=600, tiers=(Tier(600, 0.1), Tier(700, 0.2), Tier(800, 0.3)))
    sweep(portfolio, tiered, Assumptions(), memo=memo)
    with statements() as seen:
        sweep(portfolio, tiered.at_threshold(640), Assumptions(), memo=memo)
    assert seen == []


def test_ranges_ask_the_accounts_once_for_all_thresholds(portfolio: Portfolio) -> None:
    memo = Remembering()
    load_ranges(portfolio, BASE, Assumptions(), memo=memo)
    raised, values = StepKind.RAISED_POOLS, StepKind.STRESS_POOLS
    standing = StepKind.BASELINE_POOLS, StepKind.STANDING_POOLS
    assert memo.made == [StepKind.RANGES, standing[0], raised, values, standing[1]]
    with statements() as seen:
        load_ranges(portfolio, NAMED, Assumptions(), memo=memo)
        load_ranges(portfolio, BASE.at_threshold(700), Assumptions(), memo=memo)
        load_increment_ranges(portfolio, BASE.at_threshold(710), Assumptions(), memo=memo)
    assert seen == []
    memo.made.clear()
    load_ranges(portfolio, OTHER_RAISE, Assumptions(), memo=memo)
    assert memo.made == [StepKind.RANGES, raised, values]


def test_a_surface_is_one_for_all_thresholds_raises_tiers_and_names(portfolio: Portfolio) -> None:
    memo = Remembering()
    built = load_surface(portfolio, BASE, Assumptions(), memo=memo)
    tiered = BASE.with_changes(tiers=(Tier(640, 0.1), Tier(700, 0.2)))
    with statements() as seen:
        for policy in (BASE.at_threshold(800), OTHER_RAISE, NAMED, tiered):
            assert load_surface(portfolio, policy, Assumptions(), memo=memo) is built
    assert seen == []
    memo.made.clear()
    assert load_surface(portfolio, CAPPED, Assumptions(), memo=memo) is not built
    assert load_surface(portfolio, BASE, Assumptions(), raises=(0, 500), memo=memo) is not built
    assert memo.made == [StepKind.SURFACE] * 2, "the baseline is that of the first"


def test_stress_pools_are_one_for_all_assumptions_but_the_curve(portfolio: Portfolio) -> None:
    memo = Remembering()
    pools = load_stress_pools(portfolio, BASE, Assumptions(), memo=memo)
    assert load_stress_pools(portfolio, BASE.at_threshold(700), FUNDED, memo=memo) is pools
    assert load_stress_pools(portfolio, BASE, CURVED, memo=memo) is not pools
    assert load_stress_pools(portfolio, OTHER_RAISE, Assumptions(), memo=memo) is not pools


@pytest.mark.parametrize(
    "load",
    [
        lambda portfolio, memo: load_profile(portfolio, Assumptions(), memo=memo),
        lambda portfolio, memo: segment_rows(portfolio, Assumptions(), "region", memo=memo),
    ],
    ids=["profile", "segment"],
)
def test_what_a_portfolio_is_like_is_asked_once(
    portfolio: Portfolio, load: Callable[[Portfolio, Any], Any]
) -> None:
    memo = Remembering()
    first = load(portfolio, memo)
    with statements() as seen:
        assert load(portfolio, memo) is first
    assert seen == []


def test_another_portfolio_asks_for_everything(portfolio: Portfolio) -> None:
    memo = Remembering()
    for fingerprint in ("one", "another"):
        again = dataclasses.replace(portfolio, fingerprint=fingerprint)
        sweep(again, BASE, Assumptions(), memo=memo)
    assert memo.made == [B, E, R] * 2


def test_a_step_is_named_by_a_fingerprint_and_frozen_parameters(portfolio: Portfolio) -> None:
    memo = Remembering()
    sweep(portfolio, BASE, Assumptions(), by="region", memo=memo)
    load_surface(portfolio, BASE, Assumptions(), memo=memo)
    load_ranges(portfolio, BASE, Assumptions(), memo=memo)
    plain = (Policy, Assumptions, str, int, tuple, type(None))
    for step in memo.held:
        assert step.fingerprint == portfolio.fingerprint
        assert all(isinstance(value, plain) for value in step.inputs), step
        assert hash(step) == hash(Step(step.kind, step.fingerprint, step.inputs))
