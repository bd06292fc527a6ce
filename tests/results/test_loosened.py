"""A rule loosened for everybody: the policy without it raises who failed it alone, and others."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.assumptions import Assumptions
from analytics.declared.choices import NextAction, SingleRule
from analytics.declared.scales import SESAME
from analytics.declared.treatments import NEXT_ACTIONS
from analytics.policy import Policy
from analytics.results.loosened import can_be_loosened, levers_of, without_rule
from analytics.results.simulation import simulate
from analytics.results.whitespace import load_whitespace
from tests.drawn import random_accounts
from tests.portfolios import portfolio_of

OWN = [rule for rule in SingleRule if can_be_loosened(rule)]
CEILINGS = {SingleRule.AT_LIMIT_CAP, SingleRule.AT_INCOME_MULTIPLE, SingleRule.UNAFFORDABLE}


def test_what_is_law_or_the_customers_own_word_cannot_be_loosened() -> None:
    assert set(SingleRule) - set(OWN) == {
        SingleRule.CLOSED,
        SingleRule.OPTED_OUT,
        SingleRule.IN_HARDSHIP,
        SingleRule.IS_STUDENT,
        SingleRule.PAST_DUE,
    }
    assert all(NEXT_ACTIONS[rule] is not NextAction.NONE for rule in OWN)


@pytest.mark.parametrize("rule", OWN)
def test_a_loosened_rule_moves_its_own_levers_alone(rule: SingleRule) -> None:
    policy = Policy(income_multiple=4.0)
    loosened = without_rule(policy, rule)
    moved = {name for name in levers_of(rule) if getattr(loosened, name) != getattr(policy, name)}
    assert moved == set(levers_of(rule))
    assert loosened.with_changes(**{n: getattr(policy, n) for n in levers_of(rule)}) == policy


@pytest.mark.parametrize("rule", OWN)
def test_without_the_rule_all_are_raised_who_failed_it_alone(rule: SingleRule) -> None:
    frame = random_accounts(np.random.default_rng(7), 3_000, SESAME, 8_000_000)
    policy = Policy(score_threshold=500, income_multiple=2.6)
    portfolio, assumptions = portfolio_of(frame), Assumptions()
    rows = {row.rule: row for row in load_whitespace(portfolio, policy, assumptions).rows}
    kept = rows[rule].reachable.accounts
    before = simulate(portfolio, policy, assumptions).total.raised
    after = simulate(portfolio, without_rule(policy, rule), assumptions).total.raised
    assert kept
    assert after >= before + kept
    if rule not in CEILINGS:
        assert after == before + kept, "who fails two rules still fails the other"
