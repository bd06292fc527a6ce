"""The part of section 10 on a rival's line."""

from __future__ import annotations

from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS
from analytics.declared.language import say
from analytics.declared.parameters import find
from analytics.shown.markdown import formulas


def rival_words() -> str:
    """Return what a rival's line puts at stake, in Markdown."""
    return say(
        """
### The rival's line

Another lender may raise its own line. What is not raised is lost to it either way, so that only
raised customers matter. In its reach is who has a line elsewhere (`external_limit` above 0); where
that is not known, a share of {reach} is assumed. If the rival alone raises, {shift} of what those
customers leave moves at once, and attrition rises by {attrition} of itself, through the year
(half); if we raise too, half of both. All three are assumptions, [A], and are to be tested.

{formulas}

The reach of break-even is where raising and not raising are worth the same if the rival raises; it
is empty outside 0 to 1, and where nothing is at stake. The reach is the mean over the raised
customers; of an offer that customers opt in to, those count who take it. What is at stake below 0
is said: those customers lose money, and a rival may have them. A temporary raise has the net value
of its days, and a year is at stake.
""",
        reach=_shipped("rival_reach"),
        shift=_shipped("rival_shift"),
        attrition=_shipped("rival_attrition"),
        formulas=formulas(_matrix()),
    ).strip()


def _matrix() -> str:
    return say(
        """
at stake = sum over raised of reach x (rival_shift + attrition0(s) x rival_attrition / 2)
                              x (margin0 - EL0 - capital charge0)

a year's value              the rival does not raise     the rival raises
we do not raise             0                            -at stake
we raise                    net value                    net value - at stake / 2

reach of break-even = -2 x net value x reach / at stake
"""
    )


def _shipped(name: str) -> str:
    parameter = find(ASSUMPTION_PARAMETERS, name)
    return parameter.show(parameter.default)
