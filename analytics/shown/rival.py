"""The rival's line in sentences: which choice is better, and what hangs on it."""

from __future__ import annotations

from analytics.declared.choices import RivalVerdict
from analytics.declared.language import say
from analytics.results.rival import Rival
from analytics.shown import formats


def choice_sentence(found: Rival) -> str:
    """Return which choice is better, whatever the rival does, in one sentence."""
    if not found.raised:
        return say("Nobody is raised: a rival takes the same, whatever we do.")
    match found.verdict:
        case RivalVerdict.RAISE:
            return say("Raising is better whether or not the rival raises.")
        case RivalVerdict.DO_NOT_RAISE:
            return say("Not raising is better whether or not the rival raises.")
        case RivalVerdict.NO_DIFFERENCE:
            return say("Raising and not raising are worth the same, whatever the rival does.")
        case RivalVerdict.DEPENDS if found.gain_against > 0:
            return say("Raising is better if the rival raises, and not raising if it does not.")
        case RivalVerdict.DEPENDS:
            return say("Raising is better if the rival does not raise, and not raising if it does.")


def stake_sentence(found: Rival) -> str:
    """Return what is at stake, in one sentence; where those customers cost money, that they do."""
    amount = formats.compact(found.at_stake)
    if found.loses_money:
        return say(
            "At stake is {amount} a year, below 0: those customers lose money, and a rival may "
            "have them.",
            amount=amount,
        )
    if not found.at_stake:
        return say("Nothing is at stake: the rival takes nothing of what these customers bring.")
    return say(
        "At stake is {amount} a year: what a rival that raises alone takes of what the raised "
        "customers bring.",
        amount=amount,
    )


def break_even_sentence(found: Rival) -> str:
    """Return at which reach the better choice against a raising rival changes, if at any."""
    if found.break_even_reach is None:
        return say("No reach of the rival makes raising and not raising worth the same.")
    return say(
        "If the rival raises, raising and not raising are worth the same at a reach of {reach}.",
        reach=formats.percent(found.break_even_reach),
    )


def days_sentence(days: int | None) -> str:
    """Return over what a temporary raise is held against the rival; nothing for a lasting one."""
    if days is None:
        return ""
    return say(
        "The raise lasts {days} days, and its own value is of these; what is at stake is a year's.",
        days=days,
    )


def rival_sentences(found: Rival, *, days: int | None = None) -> tuple[str, ...]:
    """Return what is to be said of a rival's line, the choice first."""
    if not found.raised:
        return (choice_sentence(found),)
    said = (
        choice_sentence(found),
        stake_sentence(found),
        break_even_sentence(found),
        days_sentence(days),
    )
    return tuple(filter(None, said))


__all__ = [
    "break_even_sentence",
    "choice_sentence",
    "days_sentence",
    "rival_sentences",
    "stake_sentence",
]
