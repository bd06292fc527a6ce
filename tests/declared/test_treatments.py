"""The table of treatments: its order, who gets what, and what an institution may change."""

import itertools

import pytest

from analytics.declared.choices import NextAction, Reason, SingleRule, Treatment
from analytics.declared.treatments import (
    ALWAYS_ON,
    NEXT_ACTIONS,
    SHIPPED,
    TREATMENTS,
    Treatments,
    single_rule,
)

ORDER = (
    "support",
    "on_request",
    "guidance",
    "ask",
    "wait",
    "raise_with_guidance",
    "control_with_guidance",
    "raise",
    "control",
    "none",
)
EVERY = list(itertools.product(Reason, (False, True), (False, True)))


def test_the_order_is_that_of_the_method() -> None:
    assert tuple(row.treatment for row in TREATMENTS) == ORDER
    assert tuple(Treatment) == ORDER


def test_every_account_gets_exactly_one_treatment_whatever_is_off() -> None:
    can_be_off = [treatment for treatment in Treatment if treatment not in ALWAYS_ON]
    for count in range(len(can_be_off) + 1):
        for off in itertools.combinations(can_be_off, count):
            table = Treatments(off=frozenset(off))
            for reason, support, careful in EVERY:
                found = table.treatment_of(reason, support=support, careful=careful)
                assert found not in off


@pytest.mark.parametrize(
    ("reason", "support", "careful", "treatment"),
    [
        (Reason.RAISED, True, True, "support"),
        (Reason.SCORE_BELOW_THRESHOLD, True, False, "support"),
        (Reason.SCORE_BELOW_THRESHOLD, False, False, "none"),
        (Reason.OPTED_OUT, False, False, "on_request"),
        (Reason.PAST_DUE_12M, False, False, "guidance"),
        (Reason.PERSISTENT_MINIMUM_PAYER, False, False, "guidance"),
        (Reason.UNAFFORDABLE, False, False, "guidance"),
        (Reason.AT_INCOME_MULTIPLE, False, False, "guidance"),
        (Reason.UNKNOWN_DATA, False, False, "ask"),
        (Reason.TOO_NEW, False, False, "wait"),
        (Reason.RECENT_LIMIT_CHANGE, False, False, "wait"),
        (Reason.RAISED, False, True, "raise_with_guidance"),
        (Reason.HELD_OUT, False, True, "control_with_guidance"),
        (Reason.RAISED, False, False, "raise"),
        (Reason.HELD_OUT, False, False, "control"),
        (Reason.AT_LIMIT_CAP, False, False, "none"),
        (Reason.CLOSED, False, False, "none"),
    ],
)
def test_the_first_row_that_fits_is_what_an_account_gets(
    reason: Reason,
    support: bool,
    careful: bool,
    treatment: str,
) -> None:
    assert SHIPPED.treatment_of(reason, support=support, careful=careful) == treatment


def test_a_treatment_that_is_off_leaves_its_accounts_to_the_next_that_fits() -> None:
    table = Treatments(off=frozenset({Treatment.RAISE_WITH_GUIDANCE, Treatment.GUIDANCE}))
    assert table.treatment_of(Reason.RAISED, support=False, careful=True) == "raise"
    assert table.treatment_of(Reason.UNAFFORDABLE, support=False, careful=False) == "none"


def test_both_arms_get_the_same_message_and_a_raise_itself_has_none() -> None:
    assert SHIPPED.message_code(Treatment.RAISE_WITH_GUIDANCE) == SHIPPED.message_code(
        Treatment.CONTROL_WITH_GUIDANCE
    )
    silent = [t for t in Treatment if not SHIPPED.message_code(t)]
    assert silent == ["raise", "control", "none"]


def test_a_message_can_be_renamed() -> None:
    table = Treatments(messages=((Treatment.WAIT, "msg-17"),))
    assert table.message_code(Treatment.WAIT) == "msg-17"
    assert table.message_code(Treatment.ASK) == "ask"


def test_every_rule_that_can_be_off_stands_for_reasons_and_has_a_next_action() -> None:
    rules = {single_rule(reason) for reason in Reason} - {None}
    assert rules == set(SingleRule) == set(NEXT_ACTIONS)
    always = [reason for reason in Reason if single_rule(reason) is None]
    assert always == ["score_below_threshold", "raise_too_small", "held_out", "raised"]
    assert single_rule(Reason.TOO_NEW) is single_rule(Reason.RECENT_LIMIT_CHANGE)


def test_nothing_is_proposed_against_a_rule_that_protects() -> None:
    protecting = ("closed", "in_hardship", "is_student", "past_due")
    assert {NEXT_ACTIONS[SingleRule(rule)] for rule in protecting} == {NextAction.NONE}
    assert NEXT_ACTIONS[SingleRule.OPTED_OUT] is NextAction.OFFER_ON_REQUEST
    assert NEXT_ACTIONS[SingleRule.UNKNOWN_DATA] is NextAction.ASK
