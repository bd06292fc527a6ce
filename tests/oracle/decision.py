"""Sections 3 and 4: who is raised, and to what. Integers only: no floating point on this page.

Money is in minor units, a rate r is held as whole basis points bp, and exact fractions of a minor
unit are held in ten-thousandths of one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.columns import BASIS_POINTS, Columns, basis_points, minor_units, require_keys
from tests.oracle.defaults import DEFAULT_POLICY

# Section 4, in the order in which the rules are tried.
REASONS = (
    "score_below_threshold",
    "closed",
    "opted_out",
    "in_hardship",
    "is_student",
    "past_due",
    "past_due_12m",
    "persistent_minimum_payer",
    "too_new",
    "recent_limit_change",
    "utilization_out_of_range",
    "held_out",
    "raise_too_small",
    "raised",
)
# An account with one of these reasons passed every rule down to utilization_out_of_range.
ELIGIBLE_REASONS = ("held_out", "raise_too_small", "raised")
# What can set the new limit; on a tie the earlier one is named.
BINDINGS = ("raise_rate", "max_increment", "limit_cap", "income_multiple")
SMALLEST_MONEY_UNIT = 1


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy of section 3 in integers: money in minor units, rates in basis points."""

    score_threshold: int
    tiers: tuple[tuple[int, int], ...]
    limit_cap: int | None
    income_multiple: int | None
    rounding_step: int
    min_increment: int
    max_increment: int | None
    closed: bool
    opted_out: bool
    in_hardship: bool
    is_student: bool
    past_due: bool
    past_due_12m: int | None
    persistent_minimum_payer: int | None
    too_new: int | None
    recent_limit_change: int | None
    utilization_out_of_range: bool
    utilization_min: int
    utilization_max: int
    holdout_rate: int
    policy_seed: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy does with one account; new_limit is L where it is not raised.

    target is L + the raise before ceiling and rounding, in ten-thousandths of a minor unit.
    """

    reason: str
    new_limit: int
    binding: str
    target: int


def read_policy(given: Mapping[str, Any]) -> Policy:
    """Return the policy in integers; a flat raise becomes one tier that starts at the threshold."""
    require_keys(given, DEFAULT_POLICY, "policy")
    threshold = int(given["score_threshold"])
    tiers = tuple(given["tiers"]) or ((threshold, given["raise_rate"]),)
    starts = [int(score_from) for score_from, _ in tiers]
    if starts != sorted(set(starts)) or starts[0] != threshold:
        raise ValueError(f"tiers must ascend and start at the threshold {threshold}: {tiers}")
    cap, multiple, largest = (
        given[name] for name in ("limit_cap", "income_multiple", "max_increment")
    )
    return Policy(
        score_threshold=threshold,
        tiers=tuple((int(score_from), basis_points(rate)) for score_from, rate in tiers),
        limit_cap=None if cap is None else minor_units(cap),
        income_multiple=None if multiple is None else basis_points(multiple),
        rounding_step=minor_units(given["rounding_step"]),
        min_increment=minor_units(given["min_increment"]),
        max_increment=None if largest is None else minor_units(largest),
        closed=bool(given["closed"]),
        opted_out=bool(given["opted_out"]),
        in_hardship=bool(given["in_hardship"]),
        is_student=bool(given["is_student"]),
        past_due=bool(given["past_due"]),
        past_due_12m=given["past_due_12m"],
        persistent_minimum_payer=given["persistent_minimum_payer"],
        too_new=given["too_new"],
        recent_limit_change=given["recent_limit_change"],
        utilization_out_of_range=bool(given["utilization_out_of_range"]),
        utilization_min=basis_points(given["utilization_min"]),
        utilization_max=basis_points(given["utilization_max"]),
        holdout_rate=basis_points(given["holdout_rate"]),
        policy_seed=str(given["policy_seed"]),
    )


def decide(columns: Columns, policy: Policy) -> list[Decision]:
    """Return the decision for every account, in row order."""
    return [_decide_one(columns, row, policy) for row in range(len(columns))]


def _decide_one(columns: Columns, row: int, policy: Policy) -> Decision:
    limit = columns.credit_limit[row]
    reason = _first_failed_rule(columns, row, policy)
    if reason is not None:
        return Decision(reason=reason, new_limit=limit, binding="", target=limit * BASIS_POINTS)

    # target = L (10000 + bp) / 10000, at most L + max_increment
    candidates = {"raise_rate": limit * (BASIS_POINTS + _raise_rate(columns.score[row], policy))}
    if policy.max_increment is not None:
        candidates["max_increment"] = (limit + policy.max_increment) * BASIS_POINTS
    target = min(candidates.values())

    # ceiling = min(limit_cap, income_multiple x Y where Y is known)
    income = columns.monthly_income[row]
    if policy.limit_cap is not None:
        candidates["limit_cap"] = policy.limit_cap * BASIS_POINTS
    if policy.income_multiple is not None and income is not None:
        candidates["income_multiple"] = policy.income_multiple * income

    # new = floor(min(target, ceiling) / step) x step
    lowest = min(candidates.values())
    new_limit = lowest // (BASIS_POINTS * policy.rounding_step) * policy.rounding_step
    # The candidates stand in the order of BINDINGS, so a tie names the earlier one.
    binding = next(name for name in BINDINGS if candidates.get(name) == lowest)

    if is_held_out(columns.account_id[row], policy.policy_seed, policy.holdout_rate):
        return Decision(reason="held_out", new_limit=limit, binding="", target=target)
    if new_limit - limit < max(policy.min_increment, SMALLEST_MONEY_UNIT):
        return Decision(reason="raise_too_small", new_limit=limit, binding="", target=target)
    return Decision(reason="raised", new_limit=new_limit, binding=binding, target=target)


def _first_failed_rule(columns: Columns, row: int, policy: Policy) -> str | None:
    """Name the first rule that fails, down to utilization_out_of_range; None where all pass."""
    if columns.score[row] < policy.score_threshold:
        return "score_below_threshold"
    if policy.closed and columns.closed[row]:
        return "closed"
    if policy.opted_out and columns.opted_out[row]:
        return "opted_out"
    if policy.in_hardship and columns.in_hardship[row]:
        return "in_hardship"
    if policy.is_student and columns.is_student[row]:
        return "is_student"
    if policy.past_due and _at_least(columns.days_past_due[row], 1):
        return "past_due"
    if _at_least(columns.max_days_past_due_12m[row], policy.past_due_12m):
        return "past_due_12m"
    if _at_least(columns.minimum_payment_months_6[row], policy.persistent_minimum_payer):
        return "persistent_minimum_payer"
    if _below(columns.months_on_book[row], policy.too_new):
        return "too_new"
    if _below(columns.months_since_limit_change[row], policy.recent_limit_change):
        return "recent_limit_change"
    if policy.utilization_out_of_range and not _utilization_in_range(columns, row, policy):
        return "utilization_out_of_range"
    return None


def _at_least(value: int | None, bound: int | None) -> bool:
    """Return False where the value is unknown or the rule is off."""
    return value is not None and bound is not None and value >= bound


def _below(value: int | None, bound: int | None) -> bool:
    """Return False where the value is unknown or the rule is off."""
    return value is not None and bound is not None and value < bound


def _utilization_in_range(columns: Columns, row: int, policy: Policy) -> bool:
    """Tell whether min <= B / L <= max, both ends included; L = 0 is out of range."""
    limit, balance = columns.credit_limit[row], columns.balance[row]
    if limit == 0:
        return False
    scaled = balance * BASIS_POINTS
    return policy.utilization_min * limit <= scaled <= policy.utilization_max * limit


def _raise_rate(score: int, policy: Policy) -> int:
    """Return the rate of the last tier that starts at or below the score, in basis points."""
    return [rate for score_from, rate in policy.tiers if score_from <= score][-1]


def holdout_hash(account_id: str, policy_seed: str) -> int:
    """Return the first 8 bytes of SHA-256 of policy_seed + ":" + account_id (UTF-8), big-endian."""
    digest = hashlib.sha256(f"{policy_seed}:{account_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def is_held_out(account_id: str, policy_seed: str, holdout_rate: int) -> bool:
    """Tell whether the hash / 2^64 is below the hold-out rate, which is in basis points."""
    if holdout_rate == 0:
        return False
    return holdout_hash(account_id, policy_seed) * BASIS_POINTS < holdout_rate * 2**64
