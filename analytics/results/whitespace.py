"""What one rule alone keeps the lender from: accounts that would be raised without it (METHOD 10).

A hold-out is ignored here: who is held out would be raised. Held out accounts themselves are no
whitespace.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Flags, Ints, summed_at
from analytics.declared.choices import NextAction, Reason, SingleRule
from analytics.declared.columns import MINOR_UNITS
from analytics.declared.treatments import NEXT_ACTIONS, NeededColumn, single_rule
from analytics.errors import ParameterError
from analytics.method.guardrails import NotApplied, not_applied
from analytics.method.treatments import NEAR_MISS
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.fairness import FEW
from analytics.results.steps import Memo, afresh
from analytics.results.treated import Treated, load_treated
from analytics.results.treatments import missing_columns

_RULES = np.array([-1 if (rule := single_rule(reason)) is None else rule.code for reason in Reason])
"""The code of each reason's rule, by the reason's; -1 for what can not be off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """Accounts that could be raised: how many, and the increments that their raises would bring.

    Money in currency units; ``limit`` and ``net_value`` (a year) as in a simulation, ``npv`` over
    the horizon.
    """

    accounts: int
    limit: float
    net_value: float
    npv: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WhitespaceRow:
    """Accounts of a group that would be raised if one rule alone were off.

    Parameters
    ----------
    rule : SingleRule
    segment, label : str or None
        The group; None for the whole portfolio.
    reachable : Reachable
    next_action : NextAction
        What can be done about it.
    wait_months : int or None
        Months after which the last of them passes; None but for the rules of time.
    wait_until : date or None
        The day of the balances and these months; None where either is not known.
    rank : int or None
        Place by npv, from 1, among the rows of the whole portfolio or of the segment; None for
        rows of few accounts.
    """

    rule: SingleRule
    segment: str | None
    label: str | None
    reachable: Reachable
    next_action: NextAction
    wait_months: int | None
    wait_until: dt.date | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMisses:
    """Accounts just below the threshold that would be raised at the first tier's rate.

    ``points`` below the threshold; ``label`` is None for the whole portfolio.
    """

    points: int
    label: str | None
    reachable: Reachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Whitespace:
    """What each rule alone keeps from a raise, best first, and the near misses.

    ``rows`` and ``near_misses`` are of the whole portfolio, ``by_segment`` and
    ``near_misses_by_segment`` of the segment asked for. ``missing`` are the columns that the
    portfolio lacks, ``not_applied`` the rules that are on and cannot be applied for that.
    """

    portfolio: Portfolio
    policy: Policy
    assumptions: Assumptions
    segment: str | None
    rows: tuple[WhitespaceRow, ...]
    by_segment: tuple[WhitespaceRow, ...]
    near_misses: NearMisses
    near_misses_by_segment: tuple[NearMisses, ...]
    missing: tuple[NeededColumn, ...]
    not_applied: tuple[NotApplied, ...]


def load_whitespace(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions,
    *,
    by: str | None = None,
    every_threshold: bool = True,
    memo: Memo = afresh,
) -> Whitespace:
    """Return what each rule of a policy alone keeps from a raise.

    Parameters
    ----------
    every_threshold : bool
        Read for all thresholds, so that another one needs no statement, rather than for the
        policy's alone, which is quicker once.

    Raises
    ------
    ParameterError
        The policy does not fit the portfolio's score scale.
    PortfolioError
        As for :func:`~analytics.results.treated.load_treated`.
    """
    found = policy.faults_on(portfolio.scale, portfolio.currency)
    if found:
        raise ParameterError(found)
    treated = load_treated(
        portfolio, policy, assumptions, by=by, every_threshold=every_threshold, memo=memo
    )
    above = treated.above(policy.score_threshold)
    near = ~above & (treated.score >= policy.score_threshold - NEAR_MISS) & _in_an_arm(treated)
    whole, everybody = (None,), np.zeros(len(above), dtype=np.int64)
    groups = treated.groups if by else ()
    day = portfolio.as_of
    return Whitespace(
        portfolio=portfolio,
        policy=policy,
        assumptions=assumptions,
        segment=by,
        rows=_ranked(_rows(treated, above, everybody, whole, None, day)),
        by_segment=_ranked(_rows(treated, above, treated.group, groups, by, day)),
        near_misses=_near_misses(treated, near, everybody, whole)[0],
        near_misses_by_segment=_near_misses(treated, near, treated.group, groups),
        missing=missing_columns(portfolio),
        not_applied=not_applied(portfolio, policy),
    )


def _until(day: dt.date | None, months: int | None) -> dt.date | None:
    if day is None or months is None:
        return None
    found: dt.date = (pd.Timestamp(day) + pd.DateOffset(months=months)).date()
    return found


def _in_an_arm(treated: Treated) -> Flags:
    found: Flags = np.isin(treated.outcome, [Reason.RAISED.code, Reason.HELD_OUT.code])
    return found


def _near_misses(
    treated: Treated, members: Flags, place: Ints, labels: Sequence[str | None]
) -> tuple[NearMisses, ...]:
    """Return the near misses of each group, at whose place (of ``labels``) the entries are."""
    found = _reachable(treated, members, place, (len(labels),)) if labels else []
    return tuple(
        NearMisses(points=NEAR_MISS, label=label, reachable=reachable)
        for label, reachable in zip(labels, found, strict=True)
    )


def _rows(
    treated: Treated,
    above: Flags,
    place: Ints,
    labels: Sequence[str | None],
    segment: str | None,
    day: dt.date | None,
) -> list[WhitespaceRow]:
    """Return the rows of groups, of rules that keep any account of the group from a raise."""
    if not labels:
        return []
    rules = tuple(SingleRule)
    rule = _RULES[treated.outcome]
    members = above & (rule >= 0)
    at = place * len(rules) + rule
    found = iter(_reachable(treated, members, at, (len(labels), len(rules))))
    waits = np.zeros((len(labels), len(rules)), dtype=np.int64)
    np.maximum.at(waits.reshape(-1), at[members], treated.wait_months[members])
    rows = []
    for (group, label), of in itertools.product(enumerate(labels), rules):
        reachable = next(found)
        if reachable.accounts:
            months = int(waits[group, of.code]) if of is SingleRule.WAIT else None
            rows.append(
                WhitespaceRow(
                    rule=of,
                    segment=segment,
                    label=label,
                    reachable=reachable,
                    next_action=NEXT_ACTIONS[of],
                    wait_months=months,
                    wait_until=_until(day, months),
                )
            )
    return rows


def _reachable(
    treated: Treated, members: Flags, place: Ints, shape: tuple[int, ...]
) -> list[Reachable]:
    """Return what the members could be raised by, for each place in an array of the shape."""
    at = place[members]
    summed = (
        summed_at(at, values[members], (math.prod(shape),)).tolist()
        for values in (treated.freed, treated.more_limit, treated.net_value, treated.npv)
    )
    return [
        Reachable(
            accounts=accounts,
            limit=limit / MINOR_UNITS,
            net_value=net_value / MINOR_UNITS,
            npv=npv / MINOR_UNITS,
        )
        for accounts, limit, net_value, npv in zip(*summed, strict=True)
    ]


def _ranked(rows: Iterable[WhitespaceRow]) -> tuple[WhitespaceRow, ...]:
    """Return rows by npv, the best first; those of few accounts stand behind, without a rank."""
    found = sorted(rows, key=lambda row: -row.reachable.npv)
    many = [row for row in found if row.reachable.accounts >= FEW]
    few = [row for row in found if row.reachable.accounts < FEW]
    ranked = (dataclasses.replace(row, rank=place) for place, row in enumerate(many, 1))
    return (*ranked, *few)


__all__ = ["NearMisses", "Reachable", "Whitespace", "WhitespaceRow", "load_whitespace"]
