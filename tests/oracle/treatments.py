"""Section 10: what each account gets: one treatment, its message, the wait, what is foregone.

Readings, where the text leaves room:

- Support looks at what the account is (in_hardship is true, days_past_due above 0), whether the
  guardrail is on or not; a blank cell is no flag. So does "minimum payments in 1 or 2 of 6 months":
  3 or more are the guardrail's, and where that is off or higher they count the more.
- The affordability ceiling of 10 x would-be limit >= 9 x ceiling is there for every known income,
  on or off, in whole minor units; L* is the same. It is none at a minimum payment of 0, unless
  other payments alone are too much.
- B1 is the balance at month 12 of a raise that is taken up, of a permanent raise too where the
  raise is temporary (section 8: customers' counts as of a permanent raise). Of an account that is
  held out it is that of the limit it would get. The bound is strict: above.
- wait_months is None but for the treatment wait; a rule that is off, or whose cell is blank, adds
  no wait.
- The missing item of ask is monthly_income, where it is blank and a ceiling on incomes is on; else
  the first blank column in the order of section 4.
- raise_with_guidance and control_with_guidance carry the message of guidance, so that the arms
  differ by the raise alone. raise and control carry none: a raise's notice is part of the raise.
  A message that the arm withholds reads as none; the treatment stays.
- Foregone: see counterfactual. 0 for a raised account; of an account held out, the raise's value.
- Totals are of the baseline: L, B and p g EAD as they are today. Foregone is the run rate of the
  raise in the mode in force (opt-in: expected; temporary: of its days).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tests.oracle.columns import BASIS_POINTS, MINOR_UNITS, Columns, basis_points, read_columns
from tests.oracle.counterfactual import OFF, without_holdout, without_rule
from tests.oracle.decision import (
    Policy,
    columns_in_force,
    decide,
    is_held_out,
    largest_affordable,
    read_policy,
)
from tests.oracle.response import Floats, Rows, respond
from tests.oracle.simulation import Measured, measure, rows_by_label

# In the order of the table; the message of each, NO_MESSAGE where it has none.
NO_MESSAGE = "none"
MESSAGES = {
    "support": "support",
    "on_request": "on_request",
    "guidance": "guidance",
    "ask": "ask",
    "wait": "wait",
    "raise_with_guidance": "guidance",
    "control_with_guidance": "guidance",
    "raise": NO_MESSAGE,
    "control": NO_MESSAGE,
    "none": NO_MESSAGE,
}
# The rows of the table that test the account's reason alone.
BY_REASON = {
    "opted_out": "on_request",
    "past_due_12m": "guidance",
    "persistent_minimum_payer": "guidance",
    "unaffordable": "guidance",
    "at_income_multiple": "guidance",
    "unknown_data": "ask",
    "too_new": "wait",
    "recent_limit_change": "wait",
}
MESSAGE_HOLDOUT_RATE = 0.05


@dataclass(frozen=True, slots=True)
class Treated:
    """What one account gets; money in minor units."""

    treatment: str
    message_code: str
    message_withheld: bool
    wait_months: int | None
    missing_item: str
    largest_affordable_limit: int | None


def treat(
    accounts: pd.DataFrame,
    policy: Mapping[str, Any],
    assumptions: Mapping[str, Any],
    by: str | None = None,
    *,
    message_holdout_rate: float = MESSAGE_HOLDOUT_RATE,
) -> dict[str, Any]:
    """Return the treatments of a policy, arguments as of ``simulate``; money in currency units.

    ``treatments`` has an entry for every treatment (accounts, limit, balance, expected_loss,
    foregone_net_value), ``groups`` the same for each label of ``by``, and ``accounts_detail`` one
    entry per account, in row order, its ``largest_affordable_limit`` in minor units.
    """
    columns, read = read_columns(accounts), read_policy(policy, assumptions)
    every = measure(columns, read, assumptions)
    rate = basis_points(message_holdout_rate)
    treated = treat_each(columns, read, assumptions, every, rate)
    foregone = foregone_net_value(columns, read, assumptions, every)
    rows = np.arange(len(columns))
    result: dict[str, Any] = {
        "treatments": _totals(every, treated, foregone, rows),
        "accounts_detail": {
            name: [getattr(account, name) for account in treated] for name in Treated.__slots__
        }
        | {"foregone_net_value": (foregone / MINOR_UNITS).tolist()},
    }
    if by is not None:
        result["groups"] = {
            label: _totals(every, treated, foregone, of_label)
            for label, of_label in rows_by_label(accounts, by).items()
        }
    return result


def treat_each(
    columns: Columns,
    policy: Policy,
    assumptions: Mapping[str, Any],
    every: Measured,
    message_holdout_rate: int,
) -> list[Treated]:
    """Return what every account gets, in row order; the rate in basis points."""
    both_arms = decide(columns, without_holdout(policy))
    balance1 = respond(columns, both_arms, assumptions).balance1
    needed = columns_in_force(columns, policy)
    treated = []
    for row, decision in enumerate(every.decisions):
        would_be = (decision.would_be_limit, float(balance1[row]))
        guided = bool(decision.arm) and needs_guidance(columns, row, policy, assumptions, *would_be)
        treatment = _treatment(columns, row, decision.reason, guided=guided)
        seed = policy.policy_seed + "/message"
        drawn = is_held_out(columns.account_id[row], seed, message_holdout_rate)
        message = MESSAGES[treatment]
        withheld = drawn and message not in (NO_MESSAGE, "support")
        treated.append(
            Treated(
                treatment=treatment,
                message_code=NO_MESSAGE if withheld else message,
                message_withheld=withheld,
                wait_months=_wait(columns, row, policy) if treatment == "wait" else None,
                missing_item=_missing(columns, row, needed) if treatment == "ask" else "",
                largest_affordable_limit=largest_affordable(columns, row, policy),
            )
        )
    return treated


def needs_guidance(
    columns: Columns,
    row: int,
    policy: Policy,
    assumptions: Mapping[str, Any],
    would_be_limit: int,
    balance1: float,
) -> bool:
    """Tell whether an account that would be raised needs guidance with it."""
    # B/L >= relief_utilization
    relief = basis_points(assumptions["relief_utilization"])
    if columns.balance[row] * BASIS_POINTS >= relief * columns.credit_limit[row]:
        return True
    # minimum payments in 1 or 2 of 6 months
    if (columns.minimum_payment_months_6[row] or 0) >= 1:
        return True
    # 10 x would-be limit >= 9 x affordability ceiling, where the income is known
    ceiling = largest_affordable(columns, row, policy)
    if ceiling is not None and 10 * would_be_limit >= 9 * ceiling:
        return True
    # B1 (of the would-be raise) above half of the over-indebted bound, balance > 6 x income
    income = columns.monthly_income[row]
    multiple = basis_points(assumptions["over_indebted_multiple"])
    return income is not None and 2 * balance1 * BASIS_POINTS > multiple * income


def foregone_net_value(
    columns: Columns, policy: Policy, assumptions: Mapping[str, Any], every: Measured
) -> Floats:
    """Return every account's net value of the raise that its reason alone keeps it from.

    Minor units a year. 0 where the account would still get none, is raised or is not meant.
    """
    foregone = np.zeros(len(columns))
    for reason in sorted({decision.reason for decision in every.decisions} & set(OFF)):
        off = measure(columns, without_rule(policy, reason), assumptions)
        gained = off.proposed["net_value"] - off.baseline["net_value"]
        for row, decision in enumerate(every.decisions):
            if decision.reason == reason:
                foregone[row] = gained[row]
    return foregone


def _treatment(columns: Columns, row: int, reason: str, *, guided: bool) -> str:
    """Return the first row of the table that fits."""
    if columns.in_hardship[row] or (columns.days_past_due[row] or 0) > 0:
        return "support"
    if reason in BY_REASON:
        return BY_REASON[reason]
    if reason == "raised":
        return "raise_with_guidance" if guided else "raise"
    if reason == "held_out":
        return "control_with_guidance" if guided else "control"
    return "none"


def _wait(columns: Columns, row: int, policy: Policy) -> int:
    """Return the months until both rules pass: the longest wait of the two."""
    pairs = (
        (policy.too_new, columns.months_on_book[row]),
        (policy.recent_limit_change, columns.months_since_limit_change[row]),
    )
    return max(
        bound - months for bound, months in pairs if bound is not None and months is not None
    )


def _missing(columns: Columns, row: int, needed: Sequence[str]) -> str:
    """Name the blank column that is asked for: the income first, then as in section 4."""
    blank = [name for name in needed if getattr(columns, name)[row] is None]
    name = "monthly_income" if "monthly_income" in blank else blank[0]
    return "account_status" if name == "closed" else name


def _totals(
    every: Measured, treated: Sequence[Treated], foregone: Floats, rows: Rows
) -> dict[str, dict[str, Any]]:
    """Sum a set of rows by treatment."""
    totals = {}
    for treatment in MESSAGES:
        chosen = [row for row in rows.tolist() if treated[row].treatment == treatment]
        sums = {
            name: math.fsum(every.baseline[name][chosen]) / MINOR_UNITS
            for name in ("limit", "balance", "expected_loss")
        }
        sums["foregone_net_value"] = math.fsum(foregone[chosen]) / MINOR_UNITS
        totals[treatment] = {"accounts": len(chosen), **sums}
    return totals
