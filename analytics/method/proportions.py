"""How sure a share of counted accounts is, and one share held against another."""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy.special import ndtri

from analytics.method.chance import CENTRAL

CONFIDENCE = CENTRAL[1] - CENTRAL[0]
"""How often an interval holds what it is of."""
_WIDTH = float(ndtri(CENTRAL[1]))
"""Standard deviations from the middle of a normal distribution to the end of its centre."""


class Interval(NamedTuple):
    """What a figure lies between."""

    low: float
    high: float


class Counted(NamedTuple):
    """So many of so many accounts; of at least one."""

    found: int
    accounts: int

    @property
    def share(self) -> float:
        """What was found, as a share of the accounts."""
        return self.found / self.accounts


def share_interval(counted: Counted) -> Interval:
    """Return the central 95 % Wilson interval of a share (Wilson 1927), within 0 and 1.

    Unlike the usual one it has a width where none or all were found.

    Raises
    ------
    ValueError
        There are no accounts, or more were found than there are.
    """
    found, accounts = counted
    if not 0 <= found <= accounts or not accounts:
        raise ValueError(f"{found} found of {accounts} is no share.")
    squared = _WIDTH**2
    middle = (found + squared / 2) / (accounts + squared)
    spread = math.sqrt(found * (accounts - found) / accounts + squared / 4)
    half = _WIDTH * spread / (accounts + squared)
    return Interval(
        max(middle - half, 0.0) if found else 0.0,
        min(middle + half, 1.0) if found < accounts else 1.0,
    )


def ratio_interval(counted: Counted, other: Counted) -> Interval:
    """Return the interval of a share as a multiple of another one, of other accounts.

    It is made of both shares' Wilson intervals (Donner and Zou 2012): a multiple is outside where
    the share and so many times the other are further apart than both can be by chance. ``other``
    has at least one found; the interval never ends below 0.

    Raises
    ------
    ValueError
        As for :func:`share_interval`, or nothing was found among the others.
    """
    if not other.found:
        raise ValueError("A share of 0 has no multiples.")
    one, two = counted.share, other.share
    (low, high), (other_low, other_high) = share_interval(counted), share_interval(other)
    product = one * two
    least, most = (two**2 - (two - end) ** 2 for end in (other_high, other_low))
    lower, upper = (one**2 - (one - end) ** 2 for end in (low, high))
    root = math.sqrt(max(product**2 - lower * least, 0.0))
    bottom = lower / (product + root) if lower > 0 else 0.0
    top = (product + math.sqrt(product**2 - upper * most)) / most
    return Interval(bottom, top)


__all__ = ["CONFIDENCE", "Counted", "Interval", "ratio_interval", "share_interval"]
