"""Smaller steps: what ceilings leave of the raises that they stop, account by account."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from analytics.assumptions import Assumptions
from analytics.declared.choices import Binding
from analytics.declared.scales import SESAME
from analytics.method.limits import NO_ROOM
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation import simulate
from analytics.results.smaller import load_smaller_steps
from tests.drawn import random_accounts
from tests.oracle.columns import read_columns
from tests.oracle.decision import decide, read_policy
from tests.portfolios import oracle_policy, portfolio_of

POLICIES = {
    "shipped": Policy(score_threshold=600, opted_out=False),
    "every ceiling": Policy(
        score_threshold=550,
        raise_rate=0.5,
        limit_cap=Decimal(20_000),
        income_multiple=3.0,
        max_increment=Decimal(4_000),
        holdout_rate=0.1,
    ),
    "none": Policy(score_threshold=600, limit_cap=None, affordability=False),
}


@pytest.fixture(scope="module", params=range(3))
def drawn(request: pytest.FixtureRequest) -> pd.DataFrame:
    return random_accounts(np.random.default_rng(request.param), 1_500, SESAME, 8_000_000)


@pytest.mark.parametrize("name", POLICIES)
def test_asked_and_given_are_those_of_the_accounts_one_by_one(
    drawn: pd.DataFrame, name: str
) -> None:
    policy = POLICIES[name]
    found = load_smaller_steps(portfolio_of(drawn), policy, Assumptions())
    by_ceiling = {step.binding: step for step in found}
    decisions = decide(read_columns(drawn), read_policy(oracle_policy(policy)))
    limits = drawn["credit_limit"].tolist()
    for binding in NO_ROOM:
        pairs = list(zip(decisions, limits, strict=True))
        smaller = [
            (d, limit) for d, limit in pairs if d.reason == "raised" and d.binding == binding
        ]
        stopped = [(d, limit) for d, limit in pairs if d.reason == NO_ROOM[binding]]
        if not smaller and not stopped:
            assert binding not in by_ceiling
            continue
        step = by_ceiling[binding]
        assert (step.raised, step.without_room) == (len(smaller), len(stopped))
        assert step.given == sum(d.new_limit - limit for d, limit in smaller) / 100
        for value, those in ((step.asked, smaller), (step.asked_in_vain, stopped)):
            asked = sum(d.target - limit * 10_000 for d, limit in those)
            assert math.isclose(value, asked / 1_000_000, rel_tol=1e-12, abs_tol=1e-9)
    assert bool(found) == (name != "none")
    assert set(by_ceiling) <= set(NO_ROOM), "the largest raise is part of what is asked"


def test_ceilings_never_give_more_than_was_asked(book: Portfolio) -> None:
    policy = Policy(score_threshold=700)
    total = simulate(book, policy, Assumptions()).total
    steps = load_smaller_steps(book, policy, Assumptions())
    assert {step.binding for step in steps} == {Binding.LIMIT_CAP, Binding.AFFORDABILITY}
    for step in steps:
        assert 0 < step.given < step.asked
        assert step.raised == total.binding[step.binding]
        assert step.without_room == total.reasons[NO_ROOM[step.binding]][0]
