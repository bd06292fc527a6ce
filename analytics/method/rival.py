"""A rival's line: what is at stake if a rival raises, and what both choices make of it (METHOD 10).

What customers leave as things stand is summed by score and by what is known of their lines
elsewhere (:class:`~analytics.declared.choices.RivalLine`), so that another assumption on the rival
needs no other look at the accounts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats, Ints, Numbers
from analytics.declared.choices import RivalLine
from analytics.method.bands import band_value, take_up
from analytics.method.elementwise import Quantity, Result
from analytics.method.formulas import LEAVING_THROUGH_THE_YEAR

LINES = tuple(RivalLine)
SHARE_IF_BOTH = 0.5
"""What a rival takes where both raise, as a share of what it takes alone."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """A year's value of who raises, over nobody raising; money."""

    neither: float
    we_alone: float
    rival_alone: float
    both: float


def reaches(assumptions: Assumptions) -> Floats:
    """Return the share of customers in reach of the rival, for each of ``LINES``."""
    share = {RivalLine.AT_HAND: 1.0, RivalLine.UNKNOWN: assumptions.rival_reach}
    return np.array([share[line] for line in LINES])


def share_taken(attrition: Quantity, assumptions: Assumptions) -> Result:
    """Return what share a rival that raises alone takes of what customers in reach leave a year.

    What moves at once, and what more of them leave with, who leave through the year.
    """
    leaving = LEAVING_THROUGH_THE_YEAR * attrition * assumptions.rival_attrition
    return assumptions.rival_shift + leaving


def at_stake(earned: Floats, scores: Ints, assumptions: Assumptions) -> Floats:
    """Return what is at stake at each score, in the unit of ``earned``.

    ``earned`` is what raised customers leave as things stand, shape (..., scores, lines). Of a
    raise that customers opt in to, only those who take it count.
    """
    attrition = band_value(scores, assumptions.attrition, assumptions.band_edges)
    taken: Floats = share_taken(attrition, assumptions) * (earned @ reaches(assumptions))
    return taken * take_up(scores, assumptions)


def in_reach(accounts: Numbers, scores: Ints, assumptions: Assumptions) -> Floats:
    """Return how many customers at each score are expected to be in reach, of those who take part.

    ``accounts`` are raised ones, shape (..., scores, lines).
    """
    found: Floats = accounts @ reaches(assumptions)
    return found * take_up(scores, assumptions)


def matrix(net_value: float, stake: float) -> Matrix:
    """Return the year's value of each pair of choices, from ours alone and what is at stake."""
    return Matrix(
        neither=0.0,
        we_alone=net_value,
        rival_alone=-stake,
        both=net_value - SHARE_IF_BOTH * stake,
    )


def break_even_reach(net_value: float, stake: float, reach: float | None) -> float | None:
    """Return the reach at which raising and not raising are worth the same if the rival raises.

    None where no share of customers is it, or where nothing is at stake at any.
    """
    if not stake or not reach:
        return None
    found = -net_value * reach / ((1.0 - SHARE_IF_BOTH) * stake)
    return found + 0.0 if 0.0 <= found <= 1.0 else None


__all__ = [
    "LINES",
    "SHARE_IF_BOTH",
    "Matrix",
    "at_stake",
    "break_even_reach",
    "in_reach",
    "matrix",
    "reaches",
    "share_taken",
]
