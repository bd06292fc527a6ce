"""Who gets the raise, and how customers fare, between the groups of a segment.

A group's share of raised accounts is held against the highest of all groups. Under four fifths of
it is the usual sign of adverse impact (US Uniform Guidelines, 29 CFR 1607.4 D), a difference that
chance explains is none; it is a reason to look, not a finding. So a group is called low only where
the whole interval of its share's ratio to the highest lies under four fifths. Groups of few
accounts are shown and not judged: their rates are chance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analytics.declared.choices import Reason
from analytics.method import measures
from analytics.method.measures import per
from analytics.method.proportions import Counted, Interval, ratio_interval, share_interval
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
    approval_interval : the 95 % interval of the approval rate
    mean_raise : raise per raised account, currency units
    relative_raise : the raises as a share of the raised accounts' limits
    approval_ratio, raise_ratio : approval rate and mean raise per those of the group where they
        are highest
    ratio_interval : the 95 % interval of the approval ratio, in which the chance of both groups
        counts; None for the highest group itself, and for few accounts
    """

    label: str
    accounts: int
    raised: int
    approval_rate: float | None
    approval_interval: Interval | None
    mean_raise: float | None
    relative_raise: float | None
    approval_ratio: float | None
    ratio_interval: Interval | None
    raise_ratio: float | None
    is_few: bool

    @property
    def approval_is_low(self) -> bool:
        """Whether the approval rate is surely under four fifths of the highest; never of a few."""
        return self.ratio_interval is not None and self.ratio_interval.high < FOUR_FIFTHS

    @property
    def raise_is_low(self) -> bool:
        """Whether the mean raise is under four fifths of the highest; never of a few raises.

        A mean has no interval here: how much raises differ within a group is not summed.
        """
        return not self.is_few and self.raise_ratio is not None and self.raise_ratio < FOUR_FIFTHS

    @property
    def is_low(self) -> bool:
        """Whether the approval rate or the mean raise is low."""
        return self.approval_is_low or self.raise_is_low

    @property
    def is_highest(self) -> bool:
        """Whether the others' approval rates are held against this group's."""
        return not self.is_few and self.approval_ratio is not None and self.ratio_interval is None


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
    groups = simulation.groups
    judged = [group for group in groups if _accounts(group) >= FEW]
    best = max(judged, key=_approval, default=None)
    raising = [group for group in judged if group.raised >= FEW]
    largest = max((_mean_raise(group) or 0.0 for group in raising), default=0.0)
    return tuple(_group_raise(group, best, largest) for group in groups)


def _group_raise(group: Group, best: Group | None, largest: float) -> GroupRaise:
    """Return how a group is raised, beside the highest share and the largest mean raise."""
    accounts, rate, mean = _accounts(group), _approval(group), _mean_raise(group)
    counted = Counted(group.raised, accounts)
    beside = None
    if best is not None and best.raised and group is not best and accounts >= FEW:
        beside = ratio_interval(counted, Counted(best.raised, _accounts(best)))
    return GroupRaise(
        label=group.label,
        accounts=accounts,
        raised=group.raised,
        approval_rate=rate if accounts else None,
        approval_interval=share_interval(counted) if accounts else None,
        mean_raise=mean,
        relative_raise=per(group.effective_raise, group.reasons[Reason.RAISED][1]),
        approval_ratio=per(rate, _approval(best)) if accounts and best else None,
        ratio_interval=beside,
        raise_ratio=per(mean, largest) if group.raised >= FEW else None,
        is_few=accounts < FEW,
    )


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


def _approval(group: Group) -> float:
    return measures.ratio_on("raised_share", group.proposed) or 0.0


def _mean_raise(group: Group) -> float | None:
    return per(group.effective_raise, group.raised)


def _accounts(group: Group) -> int:
    return int(group.baseline.accounts) if group.baseline else 0
