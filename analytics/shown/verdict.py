"""The verdict on a policy in sentences: what it pays, how far that is known, and for customers."""

from __future__ import annotations

from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.language import say
from analytics.policy import Policy
from analytics.results.simulation import Group
from analytics.results.verdicts import Outcome, Outlook
from analytics.shown import formats, words


def verdict_sentence(found: Outlook) -> str:
    """Return what a policy comes to over the horizon, in one sentence without a full stop."""
    value, span = money(found.value), period(found)
    match found.outcome:
        case Outcome.NOTHING:
            return say("Nobody is raised: nothing is gained and nothing is lost")
        case Outcome.UNCERTAIN:
            return _uncertain(found, value)
        case Outcome.LOSES:
            lost = formats.compact(abs(found.value))
            return say("Loses {value} over {period}", value=lost, period=span)
        case Outcome.PAYS if found.payback_months is None:
            return say("Pays {value} over {period}", value=value, period=span)
        case Outcome.PAYS:
            return say(
                "Pays {value} over {period}, from {month}",
                value=value,
                period=span,
                month=formats.month(found.payback_months),
            )


def period(found: Outlook) -> str:
    """Return over what value is counted: the months of the horizon, or a temporary raise's days."""
    return formats.span(found.horizon_months, found.days)


def _uncertain(found: Outlook, value: str) -> str:
    """Return the value, and that of the response which lies furthest on the other side of 0."""
    response, other = (found.lowest if found.value >= 0 else found.highest) or ("", 0.0)
    return say(
        "Sign uncertain: {value} over {period}, under the {response} response {other}",
        value=value,
        period=period(found),
        response=words.choice_title(response),
        other=money(other),
    )


def by_response(found: Outlook) -> str:
    """Return from where to where the value goes by response; nothing where that is not known."""
    if found.lowest is None or found.highest is None or found.outcome is Outcome.NOTHING:
        return ""
    low, high = (formats.compact(end[1]) for end in (found.lowest, found.highest))
    return say("{low} to {high} by response", low=low, high=high)


def verdict_in_full(found: Outlook) -> str:
    """Return the verdict with its range by response, as one line of text."""
    spread = by_response(found)
    verdict = verdict_sentence(found)
    return say("{verdict} ({spread})", verdict=verdict, spread=spread) if spread else verdict


def evidence_sentence(policy: Policy) -> str:
    """Return that a policy lies beyond the evidence; nothing where it is within."""
    if not policy.is_beyond_evidence:
        return ""
    highest = max([tier.raise_rate for tier in policy.tiers] or [policy.raise_rate])
    return say(
        "A raise of {rate} is beyond the evidence: the studies behind the response looked at "
        "raises up to {most}.",
        rate=formats.stated(highest),
        most=formats.stated(EVIDENCE_RAISE),
    )


def customers_sentence(group: Group) -> str:
    """Return what a policy does to the customers, in one sentence."""
    change = group.increment
    if change is None or not change.raised:
        return say("Customers: nothing changes for anybody.")
    if change.strained is None:
        return say(
            "Customers: who is strained or short of cover is not known, the portfolio has no "
            "column monthly_income."
        )
    parts = [
        say("{count} newly strained", count=formats.count(change.strained))
        if change.strained
        else say("nobody newly strained")
    ]
    if change.over_indebted:
        parts.append(say("{count} newly over-indebted", count=formats.count(change.over_indebted)))
    if change.thin_cover:
        parts.append(say("{count} fewer with thin cover", count=_fewer(change.thin_cover)))
    if change.short_cover:
        parts.append(say("{count} fewer with short cover", count=_fewer(change.short_cover)))
    return say("Customers: {parts}.", parts=tuple(parts))


def _fewer(change: float) -> str:
    """Return a fall as a count: cover only grows with a raise."""
    return formats.count(-change)


def money(value: float) -> str:
    """Return an amount, compact and signed."""
    return formats.signed(formats.compact(value), value)
