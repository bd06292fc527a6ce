"""For some days or for good: the same raise as a temporary one and as a lasting one (METHOD 8)."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.assumptions import Assumptions
from analytics.method.measures import Measures
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation import Group, sweep
from analytics.results.steps import Memo, afresh

USUAL_DAYS = 30
"""Days of the temporary raise that a lasting one is held against."""
COMPARED = (
    "npv",
    "net_value",
    "balance",
    "ead",
    "expected_loss",
    "capital_charge",
    "strained",
    "thin_cover",
    "short_cover",
)
"""Increments that both are compared by, in the order in which they are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """What a raise does that lasts so long.

    Parameters
    ----------
    days : after how many it ends; None for good
    increment : over the baseline; its yearly flows are those of the days. None without accounts
    above_old_limit : customers expected to owe more than their old limit when it holds again; None
        where it never does
    """

    days: int | None
    raised: int
    increment: Measures | None
    above_old_limit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """One raise for some days, and for good: over all accounts."""

    temporary: Lasting
    for_good: Lasting


def compare_lengths(
    portfolio: Portfolio, policy: Policy, assumptions: Assumptions, *, memo: Memo = afresh
) -> Lengths:
    """Return what a policy's raise does for the days in force (or the usual ones), and for good.

    Raises
    ------
    ParameterError, PortfolioError
        As for :func:`~analytics.results.simulation.sweep`.
    """
    days = USUAL_DAYS if policy.temporary_days is None else policy.temporary_days

    def lasting(length: int | None) -> Lasting:
        changed = policy.with_changes(temporary_days=length)
        swept = sweep(portfolio, changed, assumptions, memo=memo)
        return _lasting(swept.at(policy.score_threshold).total, length)

    return Lengths(temporary=lasting(days), for_good=lasting(None))


def _lasting(group: Group, days: int | None) -> Lasting:
    return Lasting(
        days=days,
        raised=group.raised,
        increment=group.increment,
        above_old_limit=group.above_old_limit,
    )


__all__ = ["COMPARED", "USUAL_DAYS", "Lasting", "Lengths", "compare_lengths"]
