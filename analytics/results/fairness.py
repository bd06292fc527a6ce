"""Who gets the raise, and how customers fare, between the groups of a segment.

A group's rate is held against the highest of all groups. Under four fifths of it is the usual
sign of adverse impact (US Uniform Guidelines, 29 CFR 1607.4 D); it is a warning to look, not
a finding. Groups of few accounts are shown and not judged: their rates are chance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analytics.declared.choices import Reason
from analytics.method import measures
from analytics.method.measures import per
from analytics.results.simulation import Group, Simulation

FOUR_FIFTHS = 0.8
FEW = 30
"""Groups of fewer accounts are not judged, nor is an average over fewer raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRaise:
    """How one group is raised; None where there is nothing to divide by.

    Parameters
    ----------
    approval_rate : raised accounts per account
    mean_raise : raise per raised account, currency units
    relative_raise : the raises as a share of the raised accounts' limits
    approval_ratio, raise_ratio : approval rate and mean raise per those of the group where they
        are highest
    """

    label: str
    accounts: int
    raised: int
    approval_rate: float | None
    mean_raise: float | None
    relative_raise: float | None
    approval_ratio: float | None
    raise_ratio: float | None
    is_few: bool

    @property
    def approval_is_low(self) -> bool:
        """Whether the approval rate is under four fifths of the highest; never of a few."""
        return not self.is_few and _under(self.approval_ratio)

    @property
    def raise_is_low(self) -> bool:
        """Whether the mean raise is under four fifths of the highest; never of a few."""
        return not self.is_few and _under(self.raise_ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """How the customers of a group fare: counts, as they stand, as proposed, and added.

    What needs incomes (strained, over-indebted, cover) is None where they are not known, and all is
    None for a group without accounts. ``new_debt`` and ``moved_balance`` are what of the raises is
    drawn: owed nowhere before, or to other lenders; currency units.
    """

    label: str
    accounts: int
    relieved: float | None
    strained: tuple[float, float, float] | None
    over_indebted: tuple[float, float, float] | None
    thin_cover: tuple[float, float, float] | None
    short_cover: tuple[float, float, float] | None
    new_debt: float | None
    moved_balance: float | None


def group_raises(simulation: Simulation) -> tuple[GroupRaise, ...]:
    """Return how each group of the segment that the simulation was run by is raised."""
    rates = {group.label: _rates(group) for group in simulation.groups}
    judged = [group for group in simulation.groups if _accounts(group) >= FEW]
    approval = max((rates[g.label][0] or 0.0 for g in judged), default=0.0)
    raising = [group for group in judged if group.raised >= FEW]
    largest = max((rates[g.label][1] or 0.0 for g in raising), default=0.0)
    found = []
    for group in simulation.groups:
        approval_rate, mean_raise, relative = rates[group.label]
        enough = group.raised >= FEW
        found.append(
            GroupRaise(
                label=group.label,
                accounts=_accounts(group),
                raised=group.raised,
                approval_rate=approval_rate,
                mean_raise=mean_raise,
                relative_raise=relative,
                approval_ratio=per(approval_rate, approval),
                raise_ratio=per(mean_raise, largest) if enough else None,
                is_few=_accounts(group) < FEW,
            )
        )
    return tuple(found)


def customers(groups: Iterable[Group]) -> tuple[Customers, ...]:
    """Return how the customers of groups fare: of segments, or of score bands."""
    return tuple(
        Customers(
            label=group.label,
            accounts=_accounts(group),
            relieved=group.relieved if group.increment else None,
            strained=_three(group, "strained"),
            over_indebted=_three(group, "over_indebted"),
            thin_cover=_three(group, "thin_cover"),
            short_cover=_three(group, "short_cover"),
            new_debt=group.increment.new_debt if group.increment else None,
            moved_balance=group.increment.moved_balance if group.increment else None,
        )
        for group in groups
    )


def _three(group: Group, measure: str) -> tuple[float, float, float] | None:
    sides = (group.baseline, group.proposed, group.increment)
    values = [side.get(measure) for side in sides if side is not None]
    before, after, more = (*values, None, None, None)[:3]
    return None if before is None or after is None or more is None else (before, after, more)


def _rates(group: Group) -> tuple[float | None, float | None, float | None]:
    """Return approval rate, mean raise and relative raise."""
    return (
        measures.ratio_on("raised_share", group.proposed),
        per(group.effective_raise, group.raised),
        per(group.effective_raise, group.reasons[Reason.RAISED][1]),
    )


def _accounts(group: Group) -> int:
    return int(group.baseline.accounts) if group.baseline else 0


def _under(ratio: float | None) -> bool:
    return ratio is not None and ratio < FOUR_FIFTHS
