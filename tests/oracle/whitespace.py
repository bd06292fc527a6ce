"""Section 10: who would be raised if one rule or ceiling alone were off, and the near misses.

Readings, where the text leaves room (and those of counterfactual):

- An account is counted under the one rule that it fails, which is its reason, and so once: an
  account with a blank income fails unknown_data and not unaffordable, though no ceiling on incomes
  would ask for the income; one that rounding below a ceiling keeps from its raise fails
  raise_too_small. So a rule's net value is the foregone value of its accounts.
- raise_too_small, which is always on, and held_out, which would be raised, are no rows.
- limit is what they would get on top, net value and npv those of their raises; expected values in
  opt-in mode, of its days for a temporary raise (npv is the net value then).
- Rows without accounts are left out; rank counts from 1 by npv among rows of 30 accounts and more,
  None below; near misses stand apart and are not ranked.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tests.oracle.columns import read_columns
from tests.oracle.counterfactual import from_score, without_rule
from tests.oracle.decision import REASONS, decide, read_policy
from tests.oracle.response import Rows
from tests.oracle.simulation import Measured, measure, rows_by_label, summarise

WAIT = ("too_new", "recent_limit_change")
# The rules in the order of section 4, and the reasons that each stands for.
RULES: dict[str, tuple[str, ...]] = {}
for _reason in REASONS[1:-3]:
    RULES["wait" if _reason in WAIT else _reason] = WAIT if _reason in WAIT else (_reason,)
NEAR = 10
RANKED_FROM = 30


def whitespace(
    accounts: pd.DataFrame,
    policy: Mapping[str, Any],
    assumptions: Mapping[str, Any],
    by: str | None = None,
) -> dict[str, Any]:
    """Return ``only_rule`` and ``near_misses``: rows of label, accounts, limit, net_value, npv.

    Arguments are those of ``simulate``; money in currency units. The label is None without ``by``.
    Rows of ``only_rule`` have the ``rule`` and the ``rank`` as well.
    """
    columns, read = read_columns(accounts), read_policy(policy, assumptions)
    labels: dict[str | None, Rows] = {None: np.arange(len(columns))}
    if by is not None:
        labels = dict(rows_by_label(accounts, by).items())
    reasons = [decision.reason for decision in decide(columns, read)]

    only_rule = []
    for rule, of_rule in RULES.items():
        failed = {row for row, reason in enumerate(reasons) if reason in of_rule}
        off = measure(columns, without_rule(read, of_rule[0]), assumptions)
        only_rule += [{"rule": rule, **found} for found in _by_label(off, failed, labels)]

    near = range(read.score_threshold - NEAR, read.score_threshold)
    lower = measure(columns, from_score(read, near.start), assumptions)
    missed = {row for row, score in enumerate(columns.score) if score in near}

    ranked = [row for row in only_rule if row["accounts"] >= RANKED_FROM]
    ranked.sort(key=lambda row: row["npv"], reverse=True)
    for row in only_rule:
        row["rank"] = ranked.index(row) + 1 if row in ranked else None
    return {"only_rule": only_rule, "near_misses": _by_label(lower, missed, labels)}


def _by_label(
    off: Measured, failed: set[int], labels: Mapping[str | None, Rows]
) -> list[dict[str, Any]]:
    """Sum, by label, the raises of those of the accounts that would get one."""
    found = []
    for label, rows in labels.items():
        chosen = [
            row for row in rows.tolist() if row in failed and off.decisions[row].reason == "raised"
        ]
        if chosen:
            increment = summarise(off, np.array(chosen))["increment"]
            sums = {name: increment[name] for name in ("limit", "net_value", "npv")}
            found.append({"label": label, "accounts": len(chosen), **sums})
    return found
