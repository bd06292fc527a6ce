"""Closed sets: what can be chosen, each as an enum whose members are the texts of files and links.

A text that is none of them is refused in words wherever it is turned into a member.
"""

from __future__ import annotations

import difflib
import re
from enum import StrEnum

from analytics.errors import ParameterError


class Choice(StrEnum):
    """A closed set of texts.

    Raises
    ------
    ParameterError
        ``Choice(text)`` of a text that is no member; the nearest is suggested.
    """

    @classmethod
    def _missing_(cls, value: object) -> Choice | None:
        noun = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cls.__name__).lower()
        names = [str(choice) for choice in cls]
        near = difflib.get_close_matches(str(value), names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"give {', '.join(names)}."
        raise ParameterError(f"There is no {noun} {value!r}: {hint}")


class ResponseForm(Choice):
    """How balance follows the limit."""

    LOG = "log"
    LINEAR = "linear"


class ConsentMode(Choice):
    """Whether a raise is made by itself, or offered and taken by a share of customers."""

    AUTOMATIC = "automatic"
    OPT_IN = "opt_in"


class CapitalApproach(Choice):
    """By which rules capital is held."""

    STANDARDISED = "standardised"
    IRB_QRRE = "irb_qrre"
    """Internal ratings, qualifying revolving retail (CRE31.15)."""
    IRB_OTHER_RETAIL = "irb_other_retail"
    """Internal ratings, other retail (CRE31.16)."""

    @property
    def is_irb(self) -> bool:
        """Whether capital follows the IRB formula."""
        return self is not CapitalApproach.STANDARDISED


class ResponsePreset(Choice):
    """How strongly customers respond to a raise: values by band that belong together."""

    LOW = "low"
    CENTRAL = "central"
    HIGH = "high"


class Which(Choice):
    """Which accounts an export lists."""

    ALL = "all"
    RAISED = "raised"


class Side(Choice):
    """What of a measure is looked at: what the policy adds, or how things stand after it."""

    INCREMENT = "increment"
    PROPOSED = "proposed"


class Sign(Choice):
    """On which side of a bound a figure is to be."""

    AT_MOST = "<="
    AT_LEAST = ">="
