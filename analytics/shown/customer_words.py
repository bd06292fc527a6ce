"""What treatments, single rules and next actions are called."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from analytics.declared.choices import NextAction, Reason, SingleRule, Treatment
from analytics.declared.language import calendar_day, marked, say, say_n
from analytics.shown.words import reason_title

TREATMENT_TITLES: Mapping[Treatment, str] = {
    Treatment.SUPPORT: marked("Support"),
    Treatment.ON_REQUEST: marked("On request"),
    Treatment.GUIDANCE: marked("Guidance"),
    Treatment.ASK: marked("Ask"),
    Treatment.WAIT: marked("Wait"),
    Treatment.RAISE_WITH_GUIDANCE: marked("Raise with guidance"),
    Treatment.CONTROL_WITH_GUIDANCE: marked("Control with guidance"),
    Treatment.RAISE: marked("Raise alone"),
    Treatment.CONTROL: marked("Control"),
    Treatment.NONE: marked("Nothing"),
}
NEXT_ACTION_WORDS: Mapping[NextAction, str] = {
    NextAction.NONE: marked("nothing: this rule stays on"),
    NextAction.OFFER_ON_REQUEST: marked("offer on request"),
    NextAction.ASK: marked("ask for the missing item, the income first"),
    NextAction.WAIT: marked("wait until both rules pass"),
    NextAction.GUIDANCE: marked("guidance, and look again"),
    NextAction.REVIEW: marked("look at the lever"),
}


def treatment_title(treatment: Treatment) -> str:
    """Return what a treatment is called."""
    return say(TREATMENT_TITLES[treatment])


def single_rule_title(rule: SingleRule) -> str:
    """Return what a rule that alone keeps accounts from a raise is called."""
    if rule is SingleRule.WAIT:
        return say("Too new, or limit changed recently")
    return reason_title(Reason(rule.value))


def next_action_words(
    action: NextAction, wait_months: int | None = None, wait_until: dt.date | None = None
) -> str:
    """Return what can be done next; of a wait, until when or how long at most where it is known."""
    if action is NextAction.WAIT and wait_until:
        return say("wait, until {day} at most", day=calendar_day(wait_until))
    if action is NextAction.WAIT and wait_months:
        return say_n("wait, at most {count:,} month", "wait, at most {count:,} months", wait_months)
    return say(NEXT_ACTION_WORDS[action])
