"""Whatever has a name has a title, in one place."""

from __future__ import annotations

import pytest

from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS
from analytics.declared.language import spoken
from analytics.declared.parameters import Mark, find
from analytics.method.guardrails import REASONS, NotApplied
from analytics.method.limits import BINDINGS
from analytics.policy import Policy, Tier
from analytics.results.business import STEPS
from analytics.results.stress import LossSide, Scenario
from analytics.shown import words
from tests.pseudo import Pseudo


def test_every_reason_binding_and_step_has_a_title_in_the_order_of_the_method() -> None:
    assert tuple(words.REASON_TITLES) == REASONS
    assert tuple(words.BINDING_TITLES) == BINDINGS
    assert tuple(words.STEP_TITLES) == STEPS


def test_every_mark_approach_and_loss_has_a_title() -> None:
    approaches = find(ASSUMPTION_PARAMETERS, "capital_approach").choices
    assert tuple(words.MARK_TITLES) == tuple(Mark)
    assert tuple(words.APPROACH_TITLES) == approaches
    assert all(hasattr(LossSide, name) for name in words.LOSS_TITLES)


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (Policy(score_threshold=700, raise_rate=0.125), "raise 12.5 % from score 700"),
        (
            Policy(score_threshold=650, tiers=(Tier(650, 0.05), Tier(800, 0.2))),
            "raise 5 % from 650, 20 % from 800",
        ),
    ],
)
def test_a_raise_is_said_in_one_line(policy: Policy, text: str) -> None:
    assert words.raise_words(policy) == text


def test_what_set_the_limits_is_listed_without_what_set_none() -> None:
    binding = {"raise_rate": 3000, "max_increment": 0, "limit_cap": 20}
    assert words.bindings_words(binding) == "raise 3,000, limit cap 20"
    assert words.bindings_words({"raise_rate": 0}) == ""


def test_a_rule_unknown_for_all_accounts_is_not_applied_to_any() -> None:
    found = NotApplied("past_due", "days_past_due", 5, absent=False)
    assert words.not_applied_sentence(found, 5) == (
        "Past due now: not applied, days_past_due is unknown for every account"
    )


def test_a_users_own_scenario_keeps_the_users_words() -> None:
    own = Scenario(name="mine", title="What Ms Li asked", source="A meeting", drawdown=0.1)
    with spoken(Pseudo()):
        assert words.scenario_words(own).startswith("10 % [more] [of]")
    assert words.scenario_title(own) == "What Ms Li asked"
    assert words.scenario_source(own) == "A meeting"
