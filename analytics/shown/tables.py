"""Results as tables: full precision, ready for a download; money in currency units."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analytics.declared.choices import Reason
from analytics.declared.measures import BY_NAME, MEAN_LIMIT, MEASURES, UTILIZATION, MeasureUnit
from analytics.method.guardrails import REASONS
from analytics.method.measures import in_currency, per, ratio_on
from analytics.results.simulation import Group, Simulation, Sweep
from analytics.results.simulation.timeline import Timeline
from analytics.results.treatments import TreatmentCounts
from analytics.results.whitespace import Whitespace
from analytics.shown import words

_REACHABLE = ("accounts", "limit", "net_value", "npv")
_BY_THRESHOLD = ("raised", "limit", "balance", "ead", "projected_defaults", "expected_loss")


def measures_table(group: Group) -> pd.DataFrame:
    """Return every measure of a group, one row each: baseline, proposed, increment."""
    rows = [
        {
            "measure": measure.name,
            "unit": measure.unit.value,
            "baseline": _value(group.baseline, measure.name),
            "proposed": _value(group.proposed, measure.name),
            "increment": _value(group.increment, measure.name),
        }
        for measure in MEASURES
    ]
    return pd.DataFrame(rows)


def bands_table(simulation: Simulation) -> pd.DataFrame:
    """Return where the raise goes: one row a score band, highest first, after a row of totals.

    ``share_of_increment`` is the band's share of the increment of EAD.
    """
    groups = (simulation.total, *reversed(simulation.bands))
    whole = simulation.total.increment
    return pd.DataFrame([_band_row(group, whole.ead if whole else 0) for group in groups])


def reasons_table(group: Group) -> pd.DataFrame:
    """Return the outcomes of all accounts in the order of the rules, with today's limit."""
    rows = [
        {
            "reason": name,
            "title": words.reason_title(name),
            "accounts": group.reasons[name][0],
            "limit": group.reasons[name][1],
        }
        for name in REASONS
    ]
    return pd.DataFrame(rows)


def not_raised_table(group: Group) -> pd.DataFrame:
    """Return why accounts at the threshold are not raised, without rules that remove none."""
    table = reasons_table(group)
    outside = table["reason"].isin([Reason.SCORE_BELOW_THRESHOLD, Reason.RAISED])
    return table[~outside & (table["accounts"] > 0)].reset_index(drop=True)


def thresholds_table(sweep: Sweep) -> pd.DataFrame:
    """Return the increments of one raise at every threshold, one row a score."""
    sums = sweep.increments()
    table = pd.DataFrame({"score_threshold": sweep.baseline.scores})
    for name in _BY_THRESHOLD:
        values, counts = getattr(sums, name), BY_NAME[name].unit is MeasureUnit.ACCOUNTS
        table[name] = values if counts else in_currency(name, values)
    table["net_value"] = sweep.net_values()
    table["npv"] = sweep.npvs()
    return table


def months_table(timelines: Mapping[str, Timeline]) -> pd.DataFrame:
    """Return the flows of each month, one row a month and response, costs positive."""
    parts = [
        pd.DataFrame(timeline.rows()).assign(response=name) for name, timeline in timelines.items()
    ]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"response": []})
    return table[["response", *(name for name in table if name != "response")]]


def treatments_table(found: TreatmentCounts) -> pd.DataFrame:
    """Return who gets what, one row a treatment: of all accounts, then of each group of a segment.

    ``label`` is empty for all accounts.
    """
    groups = [("", found.total), *((group.label, group) for group in found.groups)]
    return pd.DataFrame(
        [
            {
                "label": label,
                "treatment": str(one.treatment),
                "accounts": one.accounts,
                "limit": one.limit,
                "balance": one.balance,
                "expected_loss": one.expected_loss,
                "foregone_net_value": one.foregone_net_value,
            }
            for label, group in groups
            for one in group.figures
        ]
    )


def whitespace_table(found: Whitespace) -> pd.DataFrame:
    """Return what each rule alone keeps from a raise, one row a rule and group, best first."""
    columns = [
        "rank",
        "rule",
        "segment",
        "label",
        *_REACHABLE,
        "next_action",
        "wait_months",
        "wait_until",
    ]
    rows = [
        {
            "rank": row.rank,
            "rule": str(row.rule),
            "segment": row.segment,
            "label": row.label,
            **{name: getattr(row.reachable, name) for name in _REACHABLE},
            "next_action": str(row.next_action),
            "wait_months": row.wait_months,
            "wait_until": row.wait_until,
        }
        for row in (*found.rows, *found.by_segment)
    ]
    return pd.DataFrame(rows, columns=columns)


def _band_row(group: Group, whole: float) -> dict[str, object]:
    more = _value(group.increment, "ead")
    return {
        "band": group.label,
        "accounts": group.baseline.accounts if group.baseline else 0,
        "raised": group.raised,
        "raised_share": _value(group.proposed, "raised_share"),
        "mean_limit_before": ratio_on(MEAN_LIMIT, group.baseline),
        "mean_limit_after": ratio_on(MEAN_LIMIT, group.proposed),
        "utilization": ratio_on(UTILIZATION, group.baseline),
        "default_rate": _value(group.baseline, "default_rate"),
        "limit_increment": _value(group.increment, "limit"),
        "ead_increment": more,
        "projected_defaults_increment": _value(group.increment, "projected_defaults"),
        "expected_loss_increment": _value(group.increment, "expected_loss"),
        "net_value_increment": _value(group.increment, "net_value"),
        "npv": _value(group.increment, "npv"),
        "thin_cover_increment": _value(group.increment, "thin_cover"),
        "loss_per_new_exposure": _value(group.increment, "loss_per_new_exposure"),
        "share_of_increment": per(more, whole),
    }


def _value(measures: object, name: str) -> float | None:
    value: float | None = getattr(measures, name) if measures is not None else None
    return value
