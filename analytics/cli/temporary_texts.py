"""A temporary raise as the commands print it: its end, and the same raise for good beside it."""

from __future__ import annotations

from analytics.cli.tables import table
from analytics.declared.language import say
from analytics.declared.measures import BY_NAME
from analytics.results.simulation import Simulation
from analytics.results.temporary import COMPARED, Lasting, Lengths
from analytics.shown import formats
from analytics.shown.temporary import end_sentence, lengths_sentence


def end_text(result: Simulation) -> str:
    """Return when the raises end and what they leave behind; nothing for permanent ones."""
    days, above = result.policy.temporary_days, result.total.above_old_limit
    if days is None or above is None:
        return ""
    return end_sentence(days, result.policy.end_date, above)


def lengths_text(found: Lengths, horizon_months: int, code: str) -> str:
    """Return a raise for some days and for good side by side, as text."""
    sides = (found.temporary, found.for_good)
    header = [
        say("Increments, {currency}", currency=code),
        say("For {days} days", days=found.temporary.days),
        say("For good"),
    ]
    rows = [
        [BY_NAME[name].title, *(_increment(side, name, code) for side in sides)]
        for name in COMPARED
    ]
    rows.append([say("Above the old limit at the end"), *map(_above, sides)])
    note = say(
        "Flows of the temporary raise are those of its days; its customers are counted as of a "
        "permanent one."
    )
    return "\n".join((lengths_sentence(found, horizon_months), "", table([header, *rows]), note))


def _increment(side: Lasting, name: str, code: str) -> str:
    if side.increment is None:
        return formats.DASH
    return formats.change(name, side.increment.get(name), full_in=code)


def _above(side: Lasting) -> str:
    return formats.count(side.above_old_limit)
