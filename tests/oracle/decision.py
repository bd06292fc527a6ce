"""Sections 3 and 4: who is raised, and to what. Integers only: no floating point on this page.

Money is in minor units, a rate r is held as whole basis points bp, and exact fractions of a minor
unit are held in ten-thousandths of one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.columns import BASIS_POINTS, Columns, basis_points, minor_units, require_keys
from tests.oracle.defaults import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY

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
    "unknown_data",
    "at_limit_cap",
    "at_income_multiple",
    "unaffordable",
    "raise_too_small",
    "held_out",
    "raised",
)
# An account with one of these reasons passed every rule down to and including unknown_data.
ELIGIBLE_REASONS = REASONS[REASONS.index("unknown_data") + 1 :]
# The reason of an account that a ceiling leaves no room, in the order of the table.
NO_ROOM = {
    "limit_cap": "at_limit_cap",
    "income_multiple": "at_income_multiple",
    "affordability": "unaffordable",
}
# What can set the new limit; on a tie the earlier one is named.
BINDINGS = ("raise_rate", "max_increment", *NO_ROOM)
SMALLEST_MONEY_UNIT = 1
# The column that each rule of section 4 looks at, where one can be blank.
RULE_COLUMNS = {
    "closed": "closed",
    "opted_out": "opted_out",
    "in_hardship": "in_hardship",
    "is_student": "is_student",
    "past_due": "days_past_due",
    "past_due_12m": "max_days_past_due_12m",
    "persistent_minimum_payer": "minimum_payment_months_6",
    "too_new": "months_on_book",
    "recent_limit_change": "months_since_limit_change",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy of section 3 in integers: money in minor units, rates in basis points."""

    score_threshold: int
    tiers: tuple[tuple[int, int], ...]
    limit_cap: int | None
    affordability: bool
    minimum_payment_rate: int
    strain_income_share: int
    income_multiple: int | None
    unknown_cells: str
    temporary_days: int | None
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

    would_be_limit is the new limit of both arms, raised and held out, and L for all others.
    target is L + the raise before ceiling and rounding, in ten-thousandths of a minor unit.
    """

    reason: str
    new_limit: int
    would_be_limit: int
    binding: str
    target: int

    @property
    def arm(self) -> str:
        """The arm of the experiment: "raised", "held_out" or "" for neither."""
        return self.reason if self.reason in ("raised", "held_out") else ""


def read_policy(
    given: Mapping[str, Any], assumptions: Mapping[str, Any] = DEFAULT_ASSUMPTIONS
) -> Policy:
    """Return the policy in integers; a flat raise becomes one tier that starts at the threshold.

    The two rates of the affordability ceiling are assumptions.
    """
    require_keys(given, DEFAULT_POLICY, "policy")
    threshold = int(given["score_threshold"])
    tiers = tuple(given["tiers"]) or ((threshold, given["raise_rate"]),)
    starts = [int(score_from) for score_from, _ in tiers]
    if starts != sorted(set(starts)) or starts[0] != threshold:
        raise ValueError(f"tiers must ascend and start at the threshold {threshold}: {tiers}")
    if given["unknown_cells"] not in ("hold", "pass"):
        raise ValueError(f"unknown_cells is hold or pass, not {given['unknown_cells']!r}")
    cap, multiple, largest = (
        given[name] for name in ("limit_cap", "income_multiple", "max_increment")
    )
    read: dict[str, Any] = {
        **given,
        "score_threshold": threshold,
        "tiers": tuple((int(score_from), basis_points(rate)) for score_from, rate in tiers),
        "limit_cap": None if cap is None else minor_units(cap),
        "minimum_payment_rate": basis_points(assumptions["minimum_payment_rate"]),
        "strain_income_share": basis_points(assumptions["strain_income_share"]),
        "income_multiple": None if multiple is None else basis_points(multiple),
        "rounding_step": minor_units(given["rounding_step"]),
        "min_increment": minor_units(given["min_increment"]),
        "max_increment": None if largest is None else minor_units(largest),
        "utilization_min": basis_points(given["utilization_min"]),
        "utilization_max": basis_points(given["utilization_max"]),
        "holdout_rate": basis_points(given["holdout_rate"]),
    }
    del read["raise_rate"]
    return Policy(**read)


def decide(columns: Columns, policy: Policy) -> list[Decision]:
    """Return the decision for every account, in row order."""
    needed = columns_in_force(columns, policy)
    return [_decide_one(columns, row, policy, needed) for row in range(len(columns))]


def columns_in_force(columns: Columns, policy: Policy) -> list[str]:
    """Name the columns that a blank cell holds an account back in: those of rules that apply.

    A rule applies when it is on and its column is there.
    """
    if policy.unknown_cells == "pass":
        return []
    # A flag that is off is False, a bound that is off is None; a bound of 0 is on.
    settings = {rule: getattr(policy, rule) for rule in RULE_COLUMNS}
    needed = [
        RULE_COLUMNS[rule]
        for rule, value in settings.items()
        if value is not None and value is not False
    ]
    if policy.affordability or policy.income_multiple is not None:
        needed.append("monthly_income")
    return [name for name in needed if columns.has(name)]


def _decide_one(columns: Columns, row: int, policy: Policy, needed: list[str]) -> Decision:
    limit = columns.credit_limit[row]

    def unraised(reason: str, target: int, would_be: int = limit) -> Decision:
        return Decision(reason, limit, would_be, binding="", target=target)

    reason = _first_failed_rule(columns, row, policy)
    if reason is None and any(getattr(columns, name)[row] is None for name in needed):
        reason = "unknown_data"
    if reason is not None:
        return unraised(reason, limit * BASIS_POINTS)

    # target = L (10000 + bp) / 10000, at most L + max_increment
    target = limit * (BASIS_POINTS + _raise_rate(columns.score[row], policy))
    binding = "raise_rate"
    if policy.max_increment is not None:
        largest = (limit + policy.max_increment) * BASIS_POINTS
        if largest < target:
            target, binding = largest, "max_increment"

    # new = floor(min(target, ceiling) / step) x step; a ceiling binds only below the target
    ceilings = _ceilings(columns, row, policy)
    lowest = min([target, *ceilings.values()])
    new_limit = lowest // (BASIS_POINTS * policy.rounding_step) * policy.rounding_step
    # The ceilings stand in the order of the table, so a tie names the earlier one.
    smallest = min(ceilings, key=lambda name: ceilings[name], default="")
    if lowest < target:
        binding = smallest

    # No room: target - L >= max(min_increment, unit) and ceiling - L < the same
    least = max(policy.min_increment, SMALLEST_MONEY_UNIT)
    enough = (limit + least) * BASIS_POINTS
    if target >= enough and smallest and ceilings[smallest] < enough:
        return unraised(NO_ROOM[smallest], target)
    if new_limit - limit < least:
        return unraised("raise_too_small", target)
    # The hold-out is drawn last, among accounts that would be raised.
    if is_held_out(columns.account_id[row], policy.policy_seed, policy.holdout_rate):
        return unraised("held_out", target, new_limit)
    return Decision("raised", new_limit, new_limit, binding=binding, target=target)


def _ceilings(columns: Columns, row: int, policy: Policy) -> dict[str, int]:
    """Return each ceiling that is on, where Y is known, in ten-thousandths of a minor unit."""
    ceilings: dict[str, int] = {}
    income = columns.monthly_income[row]
    if policy.limit_cap is not None:
        ceilings["limit_cap"] = policy.limit_cap * BASIS_POINTS
    if policy.income_multiple is not None and income is not None:
        ceilings["income_multiple"] = policy.income_multiple * income
    affordable = largest_affordable(columns, row, policy)
    if policy.affordability and affordable is not None:
        ceilings["affordability"] = affordable * BASIS_POINTS
    return ceilings


def largest_affordable(columns: Columns, row: int, policy: Policy) -> int | None:
    """Return floor(max(0, a_bp Y - 10000 P) / m_bp) in minor units, P = 0 where unknown.

    None where Y is unknown, and where there is no minimum payment and P alone is affordable: then
    every limit is. The ceiling is there whether it is on or not.
    """
    income = columns.monthly_income[row]
    if income is None:
        return None
    paid = columns.other_payments[row] or 0
    left = policy.strain_income_share * income - BASIS_POINTS * paid
    if policy.minimum_payment_rate == 0:
        return None if left >= 0 else 0
    return max(0, left) // policy.minimum_payment_rate


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
    """Tell whether h < ceil(rate x 2^64), which for a whole h is h < rate x 2^64; rate in bp."""
    if holdout_rate == 0:
        return False
    return holdout_hash(account_id, policy_seed) * BASIS_POINTS < holdout_rate * 2**64
