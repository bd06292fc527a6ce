"""Sections 7 and 9: the per-account measures summed into baseline, proposed and increment."""

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
from tests.oracle.decision import BINDINGS, ELIGIBLE_REASONS, REASONS, Decision, decide, read_policy
from tests.oracle.defaults import DEFAULT_ASSUMPTIONS
from tests.oracle.measures import COUNT_MEASURES, LOSS_PARTS, MONEY_MEASURES, baseline_and_raised
from tests.oracle.response import Floats, Rows, respond

RATES = ("raised_share", "default_rate", "loss_rate", "return_on_capital")


@dataclass(frozen=True, slots=True)
class _Accounts:
    """Everything known of every account, ready to be summed over any set of rows."""

    columns: Columns
    decisions: list[Decision]
    take_up: Floats
    baseline: dict[str, Floats]
    proposed: dict[str, Floats]
    parts: dict[str, Floats]
    capital_ratio: float


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
        ``baseline``, ``proposed``, ``increment`` (a dict of measures each), the counts, sums and
        waterfalls of section 4, and ``accounts_detail`` with one entry per account, in row order.
    """
    require_keys(assumptions, DEFAULT_ASSUMPTIONS, "assumptions")
    columns = read_columns(accounts)
    decisions = decide(columns, read_policy(policy))
    response = respond(columns, decisions, assumptions)
    before, after, parts = baseline_and_raised(columns, response, assumptions)

    # Section 6: every measure of a raised account is q x raised + (1 - q) x baseline.
    # q is 0 for an account that is not raised, and 1 for a raised one in automatic mode.
    q = response.take_up
    every = _Accounts(
        columns=columns,
        decisions=decisions,
        take_up=q,
        baseline=before,
        proposed={name: q * after[name] + (1.0 - q) * before[name] for name in before},
        parts={name: q * parts[name] for name in parts},
        capital_ratio=float(assumptions["capital_ratio"]),
    )
    result = _summarise(every, np.arange(len(columns)))
    result["accounts_detail"] = {
        "reason": [decision.reason for decision in decisions],
        "new_limit": [decision.new_limit for decision in decisions],
        "binding": [decision.binding for decision in decisions],
    }
    if by is not None:
        # Section 9: groups are formed on baseline values only.
        labels = segment_labels(accounts, by)
        rows_of: dict[str, list[int]] = {label: [] for label in sorted(set(labels))}
        for row, label in enumerate(labels):
            rows_of[label].append(row)
        result["groups"] = {
            label: _summarise(every, np.array(rows, dtype=np.int64))
            for label, rows in rows_of.items()
        }
    return result


def _summarise(every: _Accounts, rows: Rows) -> dict[str, Any]:
    """Sum the result over a set of rows."""
    limit = every.columns.credit_limit
    chosen = [(row, every.decisions[row]) for row in rows.tolist()]
    raised = [(row, decision) for row, decision in chosen if decision.reason == "raised"]
    eligible = [(row, decision) for row, decision in chosen if decision.reason in ELIGIBLE_REASONS]

    baseline = _side(every, every.baseline, rows, raised=0)
    proposed = _side(every, every.proposed, rows, raised=len(raised))
    increment = _increment(every, rows, baseline, proposed)

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
    }


def _side(
    every: _Accounts, measures: dict[str, Floats], rows: Rows, *, raised: int
) -> dict[str, Any]:
    """Sum one of baseline and proposed."""
    side: dict[str, Any] = {"accounts": len(rows), "raised": raised}
    side |= {name: _sum(measures[name], rows) / MINOR_UNITS for name in MONEY_MEASURES}
    side |= {name: _sum(measures[name], rows) for name in COUNT_MEASURES}
    side["raised_share"] = _quotient(raised, len(rows))
    # default_rate, loss_rate: projected_defaults / accounts; expected_loss / ead
    side["default_rate"] = _quotient(side["projected_defaults"], len(rows))
    side["loss_rate"] = _quotient(side["expected_loss"], side["ead"])
    # return_on_capital: (margin + retained - expected_loss - action cost) / (capital ratio x rwa)
    earned = side["margin"] + side["retained"] - side["expected_loss"] - side["action_cost"]
    side["return_on_capital"] = _quotient(earned, every.capital_ratio * side["rwa"])
    side["loss_per_new_exposure"] = None
    return side


def _increment(
    every: _Accounts, rows: Rows, baseline: dict[str, Any], proposed: dict[str, Any]
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
    for name in RATES:
        known = proposed[name] is not None and baseline[name] is not None
        increment[name] = proposed[name] - baseline[name] if known else None
    # loss_per_new_exposure: null when nothing is raised
    increment["loss_per_new_exposure"] = (
        _quotient(increment["expected_loss"], increment["ead"]) if proposed["raised"] else None
    )
    return increment


def _sum(values: Floats, rows: Rows) -> float:
    """Return the correctly rounded sum, so that the order of the rows does not matter."""
    return math.fsum(values[rows].tolist())


def _quotient(numerator: float, denominator: float) -> float | None:
    """Divide; null when the denominator is 0."""
    return None if denominator == 0 else numerator / denominator
