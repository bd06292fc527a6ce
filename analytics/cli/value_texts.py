"""What a policy brings over months, as the commands print it: for people, and as JSON."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from analytics.cli.tables import table
from analytics.declared.language import full_sentence, marked, say
from analytics.declared.measures import BY_NAME
from analytics.export.record import Json, time_record
from analytics.results.ranges import Range, Ranges, RangeTriple
from analytics.results.simulation import Group, Simulation
from analytics.results.verdicts import outlook
from analytics.shown import formats
from analytics.shown.verdict import customers_sentence, verdict_in_full

RESPONSES: Mapping[str, str] = {
    "low": marked("Low response"),
    "central": marked("Central response"),
    "high": marked("High response"),
}
FLOWS: Mapping[str, str] = {
    "month": marked("Month"),
    "margin": marked("Margin"),
    "retained": marked("Retained"),
    "capital": marked("Capital"),
    "default": marked("Defaulted"),
    "loss": marked("Loss booked"),
    "value": marked("Value"),
    "cumulated": marked("Cumulated, today"),
}
"""The columns of the flows, in order."""
_SHOWN = (
    "npv",
    "payback_months",
    "first_year_value",
    "first_year_profit",
    "provision_day_one",
    "projected_defaults",
    "expected_loss",
    "net_value",
)
"""Increments in the order in which they are read, the value first."""
_ALSO = ("projected_defaults", "expected_loss", "net_value")
"""Increments that are given by response beside those over months."""
_BY_CHANCE = ("projected_defaults", "expected_loss", "net_value", "npv")
"""Measures that have a range by chance; of the last two, the increment alone."""


def value(result: Simulation, under: Mapping[str, Group]) -> str:
    """Return what the raises bring over months, as it is assumed and under each response."""
    code, days = result.portfolio.currency, result.policy.temporary_days
    columns = [result.total, *under.values()]
    header = [
        say("Value over {months} months", months=result.assumptions.horizon_months)
        if days is None
        else say("Value over {days} days", days=days),
        say("As assumed"),
        *(say(RESPONSES[preset]) for preset in under),
    ]
    rows = [
        [BY_NAME[name].title, *(_increment(group, name, code) for group in columns)]
        for name in _SHOWN
    ]
    return "\n".join((*_verdict(result, under), table([header, *rows])))


def chance(result: Simulation, ranges: Ranges) -> str:
    """Return the central 95 % of defaults, realised loss and value, as chance alone makes them."""
    code = result.portfolio.currency
    header = [say("Range by chance, 95 %"), say("Baseline"), say("Proposed"), say("Increment")]
    rows = []
    for name in _BY_CHANCE:
        found = getattr(ranges, name)
        sides = isinstance(found, RangeTriple)
        before, after = (found.baseline, found.proposed) if sides else (None, None)
        change = found.increment if sides else found
        level = functools.partial(formats.measure, name, full_in=code)
        moved = functools.partial(formats.change, name, full_in=code)
        texts = (_from_to(before, level), _from_to(after, level), _from_to(change, moved))
        rows.append([BY_NAME[name].title, *texts])
    return table([header, *rows])


def _from_to(ends: Range | None, shown: Callable[[float], str]) -> str:
    """Return the ends of a range, as a measure is shown; a dash for none."""
    if ends is None:
        return formats.DASH
    return say("{low} to {high}", low=shown(ends.low), high=shown(ends.high))


def months(result: Simulation) -> str:
    """Return the flows of every month as a table: increments, costs positive."""
    timeline, code = result.total.timeline, result.portfolio.currency
    if timeline is None:
        return say("No flows by month: the raises are temporary, or there are no accounts.")
    rows = [
        [
            formats.count(row["month"]) if name == "month" else formats.amount(row[name], code)
            for name in FLOWS
        ]
        for row in timeline.rows()
    ]
    what = say(
        "Increments in {currency}. Value = margin + retained - capital - loss booked.",
        currency=code,
    )
    when = say(
        "Losses are booked {lag} months after the default. Cumulated: discounted to today, less "
        "the cost of raising.",
        lag=result.assumptions.loss_lag_months,
    )
    flows = table([[say(title) for title in FLOWS.values()], *rows])
    return f"{flows}\n{what}\n{when}"


def by_response_record(under: Mapping[str, Group]) -> dict[str, Json]:
    """Return what a policy brings under each response, for JSON; null without accounts."""
    found: dict[str, Json] = {}
    for preset, group in under.items():
        change = group.increment
        if change is None:
            found[preset] = None
            continue
        more: dict[str, Json] = {name: change.get(name) for name in _ALSO}
        found[preset] = {**(time_record(change) or {}), **more}
    return found


def _verdict(result: Simulation, under: Mapping[str, Group]) -> list[str]:
    """Return what the policy comes to, for the lender and for the customers, in two sentences."""
    change = result.total.increment
    if change is None:
        return []
    others = {preset: group.increment for preset, group in under.items()}
    months, days = result.assumptions.horizon_months, result.policy.temporary_days
    found = outlook(change, others, months, days=days)
    return [full_sentence(verdict_in_full(found)), customers_sentence(result.total), ""]


def _increment(group: Group, name: str, code: str) -> str:
    if group.increment is None:
        return formats.DASH
    return formats.change(name, group.increment.get(name), full_in=code)
