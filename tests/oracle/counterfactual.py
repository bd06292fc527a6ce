"""Section 10: what would be, were one rule or ceiling alone off.

Readings, where the text leaves room:

- What is "always on" (score_below_threshold, raise_too_small) is no rule that could be off: whom
  it keeps from a raise the policy does not mean, and nothing is foregone there.
- too_new and recent_limit_change are one rule, off together, since a new account fails both. The
  text says so of the whitespace; without it the foregone value of a new account would always be 0.
- unknown_data off is unknown_cells = pass, for every column.
- The hold-out is ignored: what "would be raised" is what section 4 calls so, before the draw.
"""

from dataclasses import replace
from typing import Any

from tests.oracle.decision import Policy

NO_HOLDOUT: dict[str, Any] = {"holdout_rate": 0}
NO_WAIT: dict[str, Any] = {"too_new": None, "recent_limit_change": None}
# What switches the rule or the ceiling of a reason off.
OFF: dict[str, dict[str, Any]] = {
    "closed": {"closed": False},
    "opted_out": {"opted_out": False},
    "in_hardship": {"in_hardship": False},
    "is_student": {"is_student": False},
    "past_due": {"past_due": False},
    "past_due_12m": {"past_due_12m": None},
    "persistent_minimum_payer": {"persistent_minimum_payer": None},
    "too_new": NO_WAIT,
    "recent_limit_change": NO_WAIT,
    "utilization_out_of_range": {"utilization_out_of_range": False},
    "unknown_data": {"unknown_cells": "pass"},
    "at_limit_cap": {"limit_cap": None},
    "at_income_multiple": {"income_multiple": None},
    "unaffordable": {"affordability": False},
    "held_out": {},
}


def without_holdout(policy: Policy) -> Policy:
    """Return the policy that raises both arms: everybody who would be raised."""
    return replace(policy, **NO_HOLDOUT)


def without_rule(policy: Policy, reason: str) -> Policy:
    """Return the policy with the rule or ceiling of a reason alone off, and no hold-out."""
    if reason not in OFF:
        raise ValueError(f"no rule keeps an account of the reason {reason!r} from a raise")
    return replace(policy, **NO_HOLDOUT, **OFF[reason])


def from_score(policy: Policy, score: int) -> Policy:
    """Return the policy from a lower score on, at the first tier's rate, and no hold-out."""
    (_, rate), *later = policy.tiers
    return replace(policy, **NO_HOLDOUT, score_threshold=score, tiers=((score, rate), *later))
