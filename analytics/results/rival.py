"""The rival's line: what raising and not raising are worth if a rival raises too (METHOD 10)."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.declared.choices import RivalVerdict
from analytics.method import rival as formulas
from analytics.method.measures import per
from analytics.method.rival import Matrix
from analytics.results.simulation import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """What a group's raise is worth against a rival's line; currency units a year.

    Parameters
    ----------
    label : the group's
    raised : accounts raised; of all others the rival takes the same, whatever we do
    at_stake : what a rival that raises alone takes of what raised customers leave; below 0 where
        they cost more than they bring
    reach : mean share of the raised customers (who take the raise) with a rival's line at hand;
        None if there is none
    matrix : value of each pair of choices, over neither raising
    break_even_reach : the reach at which raising and not raising are worth the same if the rival
        raises; None where no share of customers is it
    verdict : which choice is better, whatever the rival does
    """

    label: str
    raised: int
    at_stake: float
    reach: float | None
    matrix: Matrix
    break_even_reach: float | None
    verdict: RivalVerdict

    @property
    def gain_alone(self) -> float:
        """What raising is worth over not raising, if the rival does not raise."""
        return self.matrix.we_alone - self.matrix.neither

    @property
    def gain_against(self) -> float:
        """What raising is worth over not raising, if the rival raises."""
        return self.matrix.both - self.matrix.rival_alone

    @property
    def loses_money(self) -> bool:
        """Whether the customers at stake cost more than they bring: a rival may have them."""
        return self.at_stake < 0


def rival(group: Group) -> Rival | None:
    """Return what a simulated group's raise is worth against a rival; None without accounts."""
    if group.increment is None:
        return None
    value, stake = group.increment.net_value, group.at_stake
    reach = per(group.in_reach, group.expected_takers)
    matrix = formulas.matrix(value, stake)
    return Rival(
        label=group.label,
        raised=group.raised,
        at_stake=stake,
        reach=reach,
        matrix=matrix,
        break_even_reach=formulas.break_even_reach(value, stake, reach),
        verdict=_verdict(matrix.we_alone - matrix.neither, matrix.both - matrix.rival_alone),
    )


def _verdict(alone: float, against: float) -> RivalVerdict:
    """Return the better choice, from what raising is worth without the rival and against it."""
    if not alone and not against:
        return RivalVerdict.NO_DIFFERENCE
    if min(alone, against) >= 0:
        return RivalVerdict.RAISE
    return RivalVerdict.DO_NOT_RAISE if max(alone, against) <= 0 else RivalVerdict.DEPENDS


__all__ = ["Matrix", "Rival", "rival"]
