"""A simulation as plain data for JSON: what the manifest and the command line print.

Money in currency units, rates as decimals, full precision; None (null) for what is undefined.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias

from analytics.assumptions import CURVE_NAMES, Assumptions, parameter
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.language import ENGLISH, marked, spoken
from analytics.declared.measures import MEASURES
from analytics.declared.method_version import METHOD_VERSION
from analytics.method.measures import Measures
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.ranges import Ranges, RangeTriple
from analytics.results.simulation import Group, Simulation
from analytics.results.temporary import COMPARED, Lasting, Lengths
from analytics.shown import words

OVER_MONTHS = (
    "npv",
    "first_year_value",
    "payback_months",
    "provision_day_one",
    "first_year_profit",
)
"""Measures of a raise over months (METHOD 8)."""
Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Record: TypeAlias = dict[str, Json]


def as_json(record: Mapping[str, Json]) -> str:
    """Return a record as JSON text; NaN and infinity are refused.

    Raises
    ------
    ValueError
        A number is not finite.
    """
    return json.dumps(record, ensure_ascii=False, allow_nan=False, indent=2)


@spoken(ENGLISH)
def portfolio_record(portfolio: Portfolio) -> Record:
    """Return what is known of the portfolio: name, day, counts, sums; never where it lives."""
    return {
        "name": portfolio.name,
        "as_of": portfolio.as_of.isoformat() if portfolio.as_of else None,
        "currency": portfolio.currency,
        "scale": str(portfolio.scale),
        "fingerprint": portfolio.fingerprint,
        "accounts": portfolio.accounts,
        "rows_read": portfolio.rows_read,
        "rows_rejected": portfolio.rows_rejected,
        "total_limit": portfolio.total_limit / MINOR_UNITS,
        "total_balance": portfolio.total_balance / MINOR_UNITS,
        "columns": list(portfolio.columns),
        "unknown_cells": dict(portfolio.blanks),
        "segments": list(portfolio.segments),
        "derived": {name: str(how) for name, how in portfolio.derived},
        "pd_horizon_months": portfolio.pd_horizon_months,
        "assumed": [what.value for what in portfolio.assumed],
        "protected": list(portfolio.protected),
        "outcomes": list(portfolio.outcomes),
        "marked": {header: mark.value for header, mark in portfolio.marks},
    }


def policy_record(policy: Policy) -> Record:
    """Return every lever's value by name, the tiers, the constraints, and the fingerprint."""
    record: Record = {name: _plain(value) for name, value in policy.values().items()}
    record["tiers"] = [
        {"score_from": tier.score_from, "raise_rate": tier.raise_rate} for tier in policy.tiers
    ]
    record["constraints"] = list(policy.constraints)
    record["beyond_evidence"] = policy.is_beyond_evidence
    record["fingerprint"] = policy.fingerprint
    return record


def assumptions_record(assumptions: Assumptions) -> Record:
    """Return every assumption's value by name, and the fingerprint."""
    names = [item.name for item in dataclasses.fields(assumptions)]
    record: Record = {name: _plain(getattr(assumptions, name)) for name in names}
    record["fingerprint"] = assumptions.fingerprint
    return record


def sourced_assumptions(assumptions: Assumptions, portfolio: Portfolio) -> Record:
    """Return every assumption with value, unit, mark, source and whether it was changed."""
    shipped = Assumptions.for_scale(portfolio.scale)
    changed = set(assumptions.changed_from(shipped))
    values: Record = {}
    for item in dataclasses.fields(assumptions):
        if item.name != "band_edges":
            values[item.name] = _sourced(item.name, assumptions, shipped)
    return {
        "response": assumptions.response_name,
        "band_edges": list(assumptions.band_edges),
        "values": values,
        "changed": [name for name in values if name in changed],
        "fingerprint": assumptions.fingerprint,
    }


@spoken(ENGLISH)
def not_applied_record(simulation: Simulation) -> Record:
    """Return the rules that are on but could not be applied, each with its sentence."""
    total = simulation.portfolio.accounts
    return {
        found.guardrail: words.not_applied_sentence(found, total)
        for found in simulation.not_applied
    }


def group_record(group: Group) -> Record:
    """Return the results of the whole portfolio or of a group; null where it has no accounts."""
    change = group.increment
    return {
        "baseline": _measures(group.baseline),
        "proposed": _measures(group.proposed),
        "increment": _measures(change),
        "time": time_record(group.increment),
        "raised": group.raised,
        "expected_takers": group.expected_takers,
        "headline_raise": group.headline_raise,
        "effective_raise": group.effective_raise,
        "relieved": group.relieved,
        "above_old_limit": group.above_old_limit,
        "loss_per_new_exposure": change.loss_per_new_exposure if change else None,
        "expected_loss_parts": dict(group.expected_loss_parts),
        "reasons": {
            reason: {"accounts": accounts, "limit": limit}
            for reason, (accounts, limit) in group.reasons.items()
        },
        "binding": dict(group.binding),
    }


def ranges_record(ranges: Ranges) -> Record:
    """Return the central 95 % of defaults, realised loss and value as ``[low, high]``, by side."""

    def sides(triple: RangeTriple) -> dict[str, Json]:
        named = (
            ("baseline", triple.baseline),
            ("proposed", triple.proposed),
            ("increment", triple.increment),
        )
        return {name: [found.low, found.high] for name, found in named}

    return {
        "projected_defaults": sides(ranges.projected_defaults),
        "expected_loss": sides(ranges.expected_loss),
        "net_value": {"increment": [ranges.net_value.low, ranges.net_value.high]},
        "npv": {"increment": [ranges.npv.low, ranges.npv.high] if ranges.npv else None},
    }


def simulation_record(simulation: Simulation, groups: Iterable[Group] | None = None) -> Record:
    """Return the whole simulation, with groups by label where they are asked for."""
    record: Record = {
        "method_version": METHOD_VERSION,
        "portfolio": portfolio_record(simulation.portfolio),
        "policy": policy_record(simulation.policy),
        "assumptions": assumptions_record(simulation.assumptions),
        **group_record(simulation.total),
        "end_date": day_text(simulation.policy.end_date),
        "not_applied": not_applied_record(simulation),
    }
    if groups is not None:
        record["groups"] = {group.label: group_record(group) for group in groups}
    return record


def day_text(day: dt.date | None) -> str | None:
    """Return a day as ISO text; null where there is none."""
    return None if day is None else day.isoformat()


def lengths_record(found: Lengths) -> Record:
    """Return what a raise does for some days and for good; increments are null without accounts."""

    def lasting(one: Lasting) -> Record:
        change = one.increment
        measured = {n: _finite(change.get(n)) if change else None for n in COMPARED}
        return {
            "days": one.days,
            "raised": one.raised,
            **measured,
            "above_old_limit": one.above_old_limit,
        }

    return {"temporary": lasting(found.temporary), "for_good": lasting(found.for_good)}


def months_record(group: Group) -> list[Json]:
    """Return the flows of every month, in currency units; none for a temporary raise."""
    return [dict(row) for row in group.timeline.rows()] if group.timeline else []


def time_record(increment: Measures | None) -> Record | None:
    """Return what the raises bring over months; null where there are no accounts."""
    if increment is None:
        return None
    found: Record = {name: _finite(increment.get(name)) for name in OVER_MONTHS}
    payback = _finite(increment.get("payback_months"))
    return found | {"payback_months": None if payback is None else int(payback)}


def _measures(side: Measures | None) -> Json:
    if side is None:
        return None
    return {measure.name: _finite(side.get(measure.name)) for measure in MEASURES}


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value


def _sourced(name: str, assumptions: Assumptions, shipped: Assumptions) -> Record:
    declared = parameter(name)
    value, default = getattr(assumptions, name), getattr(shipped, name)
    of_scale = name in CURVE_NAMES and default != declared.default
    return {
        "value": _plain(value),
        "title": declared.english_title,
        "unit": declared.unit.value,
        "mark": declared.mark.value,
        "source": marked("Shipped for this score scale") if of_scale else declared.english_source,
        "changed": value != default,
        "default": _plain(default),
    }


def _plain(value: object) -> Json:
    """Return a value of the registry as JSON has it; money has two decimals and stays exact."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} has no place in JSON")
