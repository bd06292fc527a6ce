"""Results read at different moments held against each other: accounts that moved meanwhile.

A warehouse's table may be written to between two statements. Figures made of both would be of no
state of the accounts at all, so they are refused.
"""

from __future__ import annotations

import numpy as np

from analytics.declared.arrays import Floats, Ints, Numbers
from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.portfolio import Portfolio


def moved(how: str) -> PortfolioError:
    """Return the failure to raise where two readings differ; ``how`` says in which way."""
    return PortfolioError(
        say(
            "The accounts changed while they were read: {how}. Figures made of both would be "
            "of neither: open the portfolio again.",
            how=how,
        )
    )


def hold_whole(portfolio: Portfolio, accounts: Numbers, what: str) -> None:
    """Refuse a reading that does not hold every account of the portfolio once.

    Parameters
    ----------
    accounts : array of numbers
        Accounts by whatever the reading tells apart.
    what : str
        What was read, for the message.

    Raises
    ------
    PortfolioError
        The accounts sum to another number than when the portfolio was opened.
    """
    found = round(float(accounts.sum()))
    if found != portfolio.accounts:
        raise moved(
            say(
                "there were {accounts:,} when the portfolio was opened, and {what} hold {found:,}",
                accounts=portfolio.accounts,
                what=what,
                found=found,
            )
        )


def hold_equal(first: Numbers, second: Numbers, what: str) -> None:
    """Refuse two readings of the same whole numbers, by group and score, that differ anywhere.

    Raises
    ------
    PortfolioError
        They differ.
    """
    _hold_shapes(first, second)
    before, now = int(first.sum()), int(second.sum())
    if before != now:
        raise moved(
            say(
                "{what} sum to {now:,}, where {before:,} stood before",
                what=what,
                now=now,
                before=before,
            )
        )
    if not np.array_equal(first, second):
        raise moved(say("{what} have other scores or groups than before", what=what))


def hold_within(part: Numbers, whole: Numbers, what: str) -> None:
    """Refuse a reading of part of the accounts that is anywhere more than the whole.

    Raises
    ------
    PortfolioError
        Somewhere the part is more, or the two are by other groups.
    """
    _hold_shapes(whole, part)
    if bool((part > whole).any()):
        raise moved(say("{what} are more than there were before", what=what))


def _hold_shapes(first: Numbers, second: Numbers) -> None:
    if first.shape != second.shape:
        raise moved(say("the segment has other values than before"))


def accounts_by_score(portfolio: Portfolio, score: Ints, accounts: Floats) -> Floats:
    """Return accounts summed over pools by score, over the portfolio's whole scale.

    Raises
    ------
    PortfolioError
        A score is off the scale.
    """
    scale = portfolio.scale
    place = score - scale.lowest
    if ((place < 0) | (score > scale.highest)).any():
        raise moved(say("there are now scores off the portfolio's scale"))
    return np.bincount(place, accounts, scale.highest - scale.lowest + 1).astype(np.float64)
