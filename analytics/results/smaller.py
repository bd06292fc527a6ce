"""Smaller steps: where a ceiling stops a raise, how much was asked for and what is given.

A raise asks for the rate of its tier, up to the largest raise. Where the limit cap or the income
binds, less is given, or nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Columns, Flags
from analytics.declared.choices import Binding, Reason
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.parameters import BASIS_POINTS
from analytics.method import response
from analytics.method.limits import NO_ROOM
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.steps import Memo, Step, StepKind, afresh

CEILINGS = tuple(NO_ROOM)
"""What can make a step smaller, in the order in which the first of equals is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallerStep:
    """What one ceiling leaves of the raises that it stops; money in currency units.

    Parameters
    ----------
    binding : Binding
        The ceiling: the lowest of an account's.
    raised : int
        Accounts that are raised by less than was asked.
    asked, given : float
        What their raises would add without any ceiling, and what they add.
    without_room : int
        Accounts at the threshold that pass every rule, to which it leaves no raise at all.
    asked_in_vain : float
        What the raises of these would add.
    """

    binding: Binding
    raised: int
    asked: float
    given: float
    without_room: int
    asked_in_vain: float


def load_smaller_steps(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, *, memo: Memo = afresh
) -> tuple[SmallerStep, ...]:
    """Return what each ceiling leaves of the raises that it stops, of ceilings that stop any.

    Accounts are read for every threshold, so that another one needs no statement.

    Raises
    ------
    PortfolioError
        The portfolio cannot be read.
    """
    kept = policy.for_sweep()
    step = Step.of(StepKind.SMALLER_STEPS, portfolio, kept, assumptions)
    rows = memo(step, lambda: _read(portfolio, kept, assumptions))
    return _steps(rows, rows["score"] >= policy.score_threshold)


def smaller_steps_statement(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions
) -> sa.Select[Any]:
    """Return the statement, one row for a score, what became of accounts and what set limits."""
    accounts = response.labelled(portfolio, columns=response.columns_of(policy))
    decided = response.decided(accounts, policy, portfolio)
    c = response.resized(decided, policy, assumptions, portfolio, passing_only=True).c
    outcomes = [Reason.RAISED.code, *(reason.code for reason in NO_ROOM.values())]
    return (
        sa.select(
            c.score,
            c.outcome,
            c.binding,
            sa.func.count().label("accounts"),
            sa.func.sum(c.headline, type_=sa.BigInteger()).label("asked"),
            sa.func.sum(c.new_limit - c.credit_limit, type_=sa.BigInteger()).label("given"),
        )
        .where(c.outcome.in_(outcomes))
        .group_by(c.score, c.outcome, c.binding)
    )


def _read(portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> Columns:
    return portfolio.door.sums(smaller_steps_statement(portfolio, policy, assumptions))


def _steps(rows: Columns, above: Flags) -> tuple[SmallerStep, ...]:
    """Return the smaller steps of the rows at the threshold and above."""
    raised = above & (rows["outcome"] == Reason.RAISED.code)
    found = []
    for binding in CEILINGS:
        smaller = raised & (rows["binding"] == binding.code)
        stopped = above & (rows["outcome"] == NO_ROOM[binding].code)
        if smaller.any() or stopped.any():
            found.append(
                SmallerStep(
                    binding=binding,
                    raised=_sum(rows, "accounts", smaller),
                    asked=_sum(rows, "asked", smaller) / (BASIS_POINTS * MINOR_UNITS),
                    given=_sum(rows, "given", smaller) / MINOR_UNITS,
                    without_room=_sum(rows, "accounts", stopped),
                    asked_in_vain=_sum(rows, "asked", stopped) / (BASIS_POINTS * MINOR_UNITS),
                )
            )
    return tuple(found)


def _sum(rows: Columns, name: str, chosen: Flags) -> int:
    return int(rows[name][chosen].sum())


__all__ = ["CEILINGS", "SmallerStep", "load_smaller_steps", "smaller_steps_statement"]
