"""A policy without one of its rules: what loosening it would be, for everybody (METHOD 10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.declared.choices import NextAction, SingleRule, UnknownCells
from analytics.declared.treatments import NEXT_ACTIONS
from analytics.policy import Policy

HELD = frozenset({NextAction.NONE, NextAction.OFFER_ON_REQUEST})
"""What can be done about rules that are law, protect the customer or are the customer's own word:
none of it is to loosen them."""
_WITHOUT: Mapping[SingleRule, Mapping[str, Any]] = {
    SingleRule.PAST_DUE_12M: {"past_due_12m": None},
    SingleRule.PERSISTENT_MINIMUM_PAYER: {"persistent_minimum_payer": None},
    SingleRule.WAIT: {"too_new": None, "recent_limit_change": None},
    SingleRule.UTILIZATION_OUT_OF_RANGE: {"utilization_out_of_range": False},
    SingleRule.UNKNOWN_DATA: {"unknown_cells": UnknownCells.PASS},
    SingleRule.AT_LIMIT_CAP: {"limit_cap": None},
    SingleRule.AT_INCOME_MULTIPLE: {"income_multiple": None},
    SingleRule.UNAFFORDABLE: {"affordability": False},
}
"""The levers that loosen a rule, and what they are set to."""


def can_be_loosened(rule: SingleRule) -> bool:
    """Whether a rule is the lender's own to loosen."""
    return NEXT_ACTIONS[rule] not in HELD


def without_rule(policy: Policy, rule: SingleRule) -> Policy:
    """Return the policy without a rule that can be loosened; it holds for every account."""
    return policy.with_changes(**_WITHOUT[rule])


def levers_of(rule: SingleRule) -> tuple[str, ...]:
    """Return the names of the levers that loosen a rule that can be."""
    return tuple(_WITHOUT[rule])


__all__ = ["can_be_loosened", "levers_of", "without_rule"]
