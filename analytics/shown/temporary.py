"""A temporary raise in sentences: its end, who owes more by then, and a lasting one beside it."""

from __future__ import annotations

import datetime as dt

from analytics.declared.language import calendar_day, say, say_n
from analytics.results.temporary import Lengths
from analytics.shown import formats


def end_sentence(days: int, end_date: dt.date | None, above: float) -> str:
    """Return when a temporary raise ends, and how many customers then owe more than the limit."""
    if end_date is None:
        when = say("The raise ends after {days} days, and the old limits hold again.", days=days)
    else:
        when = say(
            "The raise ends after {days} days, on {day}, and the old limits hold again.",
            days=days,
            day=calendar_day(end_date),
        )
    if not above:
        return say("{when} Nobody is expected to owe more than that by then.", when=when)
    return say_n(
        "{when} {number} customer is expected to owe more than that by then.",
        "{when} {number} customers are expected to owe more than that by then.",
        round(above),
        when=when,
        number=formats.count(above),
    )


def lengths_sentence(found: Lengths, horizon_months: int) -> str:
    """Return what a raise is worth for some days and for good, in one sentence."""
    short, long = found.temporary.increment, found.for_good.increment
    if short is None or long is None or not found.for_good.raised:
        return say("Nobody is raised, for some days or for good.")
    return say(
        "For {days} days the raises bring {short}, for good {long} over {months} months.",
        days=found.temporary.days,
        short=formats.signed(formats.compact(short.npv), short.npv),
        long=formats.signed(formats.compact(long.npv), long.npv),
        months=horizon_months,
    )


__all__ = ["end_sentence", "lengths_sentence"]
