"""Every treatment, single rule and next action has words of its own."""

import datetime as dt

import pytest

from analytics.declared.choices import NextAction, SingleRule, Treatment
from analytics.shown.customer_words import (
    NEXT_ACTION_WORDS,
    TREATMENT_TITLES,
    next_action_words,
    single_rule_title,
    treatment_title,
)


def test_every_member_has_words_and_no_two_the_same() -> None:
    assert set(TREATMENT_TITLES) == set(Treatment)
    assert set(NEXT_ACTION_WORDS) == set(NextAction)
    assert len({treatment_title(treatment) for treatment in Treatment}) == len(Treatment)
    assert len({single_rule_title(rule) for rule in SingleRule}) == len(SingleRule)


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (None, "wait until both rules pass"),
        (1, "wait, at most 1 month"),
        (6, "wait, at most 6 months"),
    ],
)
def test_a_wait_says_how_long(months: int | None, words: str) -> None:
    assert next_action_words(NextAction.WAIT, months) == words


def test_a_wait_says_until_when_where_the_day_of_the_balances_is_known() -> None:
    said = next_action_words(NextAction.WAIT, 6, dt.date(2027, 4, 30))
    assert said == "wait, until 2027-04-30 at most"
    assert next_action_words(NextAction.ASK, None, None).startswith("ask for the missing item")
