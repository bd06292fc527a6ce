"""Sections 7, 8 and 11: the per-account measures summed into baseline, proposed and increment."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tests.oracle.columns import (
    BASIS_POINTS,
    MINOR_UNITS,
    Columns,
    read_columns,
    require_keys,
    segment_labels,
)
from tests.oracle.decision import (
    BINDINGS,
    ELIGIBLE_REASONS,
    REASONS,
    Decision,
    Policy,
    decide,
    read_policy,
)
from tests.oracle.defaults import DEFAULT_ASSUMPTIONS
from tests.oracle.measures import (
    COUNT_MEASURES,
    INCOME_MEASURES,
    LOSS_PARTS,
    MONEY_MEASURES,
    baseline_and_raised,
    lenders_side,
    net_value,
)
from tests.oracle.months import (
    ByScore,
    Curves,
    curves,
    parts_until_its_last_day,
    until_its_last_day,
    value_over_months,
    without_months,
)
from tests.oracle.response import Floats, Rows, respond, the_day_after

RATES = ("raised_share", "default_rate", "loss_rate", "loss_rate_on_balance", "return_on_capital")
# Section 8: what a raise is decided on, beside the months themselves. Null on each side alone.
TIME_MEASURES = (
    "npv",
    "first_year_value",
    "payback_months",
    "provision_day_one",
    "first_year_profit",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything known of every account, ready to be summed over any set of rows."""

    columns: Columns
    decisions: list[Decision]
    take_up: Floats
    baseline: dict[str, Floats]
    proposed: dict[str, Floats]
    parts: dict[str, Floats]
    day_after: dict[str, Floats]
    month_12: dict[str, Floats]
    curves: Curves
    incomes: bool
    temporary: bool
    assumptions: Mapping[str, Any]


def simulate(
    accounts: pd.DataFrame,
    policy: Mapping[str, Any],
    assumptions: Mapping[str, Any],
    by: str | None = None,
) -> dict[str, Any]:
    """Compute baseline, proposed and increment of a policy, money in currency units.

    Parameters
    ----------
    accounts : pandas.DataFrame
        The canonical columns of section 2, money as whole minor units. Optional columns may be
        absent and their cells missing.
    policy, assumptions : mapping
        The keys of ``DEFAULT_POLICY`` and ``DEFAULT_ASSUMPTIONS``, every one of them.
    by : str, optional
        A text column to group by: adds ``groups``, the same result for each label.

    Returns
    -------
    dict
        ``baseline``, ``proposed``, ``increment`` (a dict of measures each), ``time`` (section 8),
        the counts, sums and waterfalls of section 4, and ``accounts_detail`` with one entry per
        account, in row order.
    """
    require_keys(assumptions, DEFAULT_ASSUMPTIONS, "assumptions")
    columns = read_columns(accounts)
    read = read_policy(policy, assumptions)
    every = measure(columns, read, assumptions)
    result = summarise(every, np.arange(len(columns)))
    result["accounts_detail"] = {
        name: [getattr(decision, name) for decision in every.decisions]
        for name in ("reason", "new_limit", "binding", "would_be_limit", "arm")
    }
    if by is not None:
        result["groups"] = {
            label: summarise(every, rows) for label, rows in rows_by_label(accounts, by).items()
        }
    return result


def rows_by_label(accounts: pd.DataFrame, by: str) -> dict[str, Rows]:
    """Return the rows of each group (section 11: formed on baseline values only)."""
    rows_of: dict[str, list[int]] = {}
    for row, label in enumerate(segment_labels(accounts, by)):
        rows_of.setdefault(label, []).append(row)
    return {label: np.array(rows_of[label], dtype=np.int64) for label in sorted(rows_of)}


def measure(columns: Columns, policy: Policy, assumptions: Mapping[str, Any]) -> Measured:
    """Compute every account's measures: as it is, as proposed, the day after and at month 12."""
    decisions = decide(columns, policy)
    response = respond(columns, decisions, assumptions)
    temporary_days = policy.temporary_days
    before, after, parts = baseline_and_raised(columns, response, assumptions)
    _, static, static_parts = lenders_side(columns, the_day_after(response), assumptions)

    month_12 = after
    if temporary_days is not None:
        pace = {"days": temporary_days, "at_month_3": assumptions["build_month_3"]}
        after = until_its_last_day(before, static, month_12, **pace)
        parts = parts_until_its_last_day(static_parts, parts, **pace)

    # Section 6: every measure of a raised account is q x raised + (1 - q) x baseline, but action
    # cost is per offer. q is 0 for an account that is not raised, and 1 for a raised one in
    # automatic mode.
    q = response.take_up
    proposed = {name: q * after[name] + (1.0 - q) * before[name] for name in before}
    proposed["action_cost"] = after["action_cost"]
    proposed["net_value"] = net_value(proposed)
    return Measured(
        columns=columns,
        decisions=decisions,
        take_up=q,
        baseline=before,
        proposed=proposed,
        parts={name: q * parts[name] for name in parts},
        day_after={name: q * (static[name] - before[name]) for name in static},
        month_12={name: q * (month_12[name] - before[name]) for name in static},
        curves=curves(columns, response),
        incomes=columns.has("monthly_income"),
        temporary=temporary_days is not None,
        assumptions=assumptions,
    )


def summarise(every: Measured, rows: Rows) -> dict[str, Any]:
    """Sum the result over a set of rows, money in currency units."""
    limit = every.columns.credit_limit
    chosen = [(row, every.decisions[row]) for row in rows.tolist()]
    raised = [(row, decision) for row, decision in chosen if decision.reason == "raised"]
    eligible = [(row, decision) for row, decision in chosen if decision.reason in ELIGIBLE_REASONS]

    baseline = _side(every, every.baseline, rows, raised=0)
    proposed = _side(every, every.proposed, rows, raised=len(raised))
    increment = _increment(every, rows, baseline, proposed)
    time = _time(every, rows, increment)
    for name in TIME_MEASURES:
        baseline[name], proposed[name], increment[name] = None, None, time[name]

    # headline_raise = target - L over eligible accounts; effective_raise = new - L over raised ones
    headline = sum(decision.target - limit[row] * BASIS_POINTS for row, decision in eligible)
    effective = sum(decision.new_limit - limit[row] for row, decision in raised)

    reasons = {reason: {"accounts": 0, "limit": 0} for reason in REASONS}
    for row, decision in chosen:
        reasons[decision.reason]["accounts"] += 1
        reasons[decision.reason]["limit"] += limit[row]
    binding = dict.fromkeys(BINDINGS, 0)
    for _, decision in raised:
        binding[decision.binding] += 1

    return {
        "baseline": baseline,
        "proposed": proposed,
        "increment": increment,
        "raised": len(raised),
        "expected_takers": _sum(every.take_up, rows),
        "headline_raise": headline / (BASIS_POINTS * MINOR_UNITS),
        "effective_raise": effective / MINOR_UNITS,
        "relieved": proposed["relieved"],
        "expected_loss_parts": {
            name: _sum(every.parts[name], rows) / MINOR_UNITS for name in LOSS_PARTS
        },
        "reasons": {
            reason: {"accounts": entry["accounts"], "limit": entry["limit"] / MINOR_UNITS}
            for reason, entry in reasons.items()
        },
        "binding": binding,
        "time": time,
    }


def _side(
    every: Measured, measures: dict[str, Floats], rows: Rows, *, raised: int
) -> dict[str, Any]:
    """Sum one of baseline and proposed."""
    side: dict[str, Any] = {"accounts": len(rows), "raised": raised}
    side |= {name: _sum(measures[name], rows) / MINOR_UNITS for name in MONEY_MEASURES}
    side |= {name: _sum(measures[name], rows) for name in COUNT_MEASURES}
    if not every.incomes:
        side |= dict.fromkeys(INCOME_MEASURES)
    side["raised_share"] = _quotient(raised, len(rows))
    # default_rate, loss_rate, loss_rate_on_balance: projected_defaults / accounts;
    #   expected_loss / ead; expected_loss / balance
    side["default_rate"] = _quotient(side["projected_defaults"], len(rows))
    side["loss_rate"] = _quotient(side["expected_loss"], side["ead"])
    side["loss_rate_on_balance"] = _quotient(side["expected_loss"], side["balance"])
    # return_on_capital: (margin + retained - expected_loss - action cost) / (capital ratio x rwa)
    #   + funding
    earned = side["margin"] + side["retained"] - side["expected_loss"] - side["action_cost"]
    on_capital = _quotient(earned, every.assumptions["capital_ratio"] * side["rwa"])
    funding = every.assumptions["funding_rate"]
    side["return_on_capital"] = None if on_capital is None else on_capital + funding
    side["loss_per_new_exposure"] = None
    return side


def _increment(
    every: Measured, rows: Rows, baseline: dict[str, Any], proposed: dict[str, Any]
) -> dict[str, Any]:
    """Return proposed - baseline, summed over the accounts' own differences to lose no digits."""

    def change(name: str) -> float:
        return _sum(every.proposed[name] - every.baseline[name], rows)

    increment: dict[str, Any] = {
        "accounts": proposed["accounts"] - baseline["accounts"],
        "raised": proposed["raised"] - baseline["raised"],
    }
    increment |= {name: change(name) / MINOR_UNITS for name in MONEY_MEASURES}
    increment |= {name: change(name) for name in COUNT_MEASURES}
    if not every.incomes:
        increment |= dict.fromkeys(INCOME_MEASURES)
    for name in RATES:
        known = proposed[name] is not None and baseline[name] is not None
        increment[name] = proposed[name] - baseline[name] if known else None
    # loss_per_new_exposure: null when nothing is raised
    increment["loss_per_new_exposure"] = (
        _quotient(increment["expected_loss"], increment["ead"]) if proposed["raised"] else None
    )
    return increment


def _time(every: Measured, rows: Rows, increment: dict[str, Any]) -> dict[str, Any]:
    """Return section 8's value over months of a set of rows."""
    if every.temporary:
        return without_months(increment["net_value"])
    rows_of: dict[int, list[int]] = {}
    for row in rows.tolist():
        if every.decisions[row].reason == "raised":
            rows_of.setdefault(every.columns.score[row], []).append(row)
    scores = sorted(rows_of)

    def by_score(state: dict[str, Floats], name: str) -> Floats:
        sums = [_sum(state[name], np.array(rows_of[score])) / MINOR_UNITS for score in scores]
        return np.array(sums, dtype=np.float64)

    sums = ByScore(
        scores=scores,
        margin1=by_score(every.month_12, "margin"),
        retained1=by_score(every.month_12, "retained"),
        rwa0=by_score(every.day_after, "rwa"),
        rwa1=by_score(every.month_12, "rwa"),
        loss0=by_score(every.day_after, "expected_loss"),
        loss1=by_score(every.month_12, "expected_loss"),
        drawn_loss0=by_score(every.day_after, "drawn_loss"),
        drawn_loss1=by_score(every.month_12, "drawn_loss"),
    )
    return value_over_months(
        sums,
        every.curves,
        action_cost=increment["action_cost"],
        raised=sum(len(of_score) for of_score in rows_of.values()),
        assumptions=every.assumptions,
    )


def _sum(values: Floats, rows: Rows) -> float:
    """Return the correctly rounded sum, so that the order of the rows does not matter."""
    return math.fsum(values[rows].tolist())


def _quotient(numerator: float, denominator: float) -> float | None:
    """Divide; null when the denominator is 0."""
    return None if denominator == 0 else numerator / denominator
