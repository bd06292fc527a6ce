"""What pools are asked for and what they give: shifts, figures, and the measures among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Numbers
from analytics.declared.language import say
from analytics.declared.measures import RATES as RATES_OF_SUMS
from analytics.errors import ParameterError
from analytics.method import measures
from analytics.method.months import WORTHS

ADDITIVE = (
    "limit",
    "balance",
    "headroom",
    "ead",
    "projected_defaults",
    "defaulted_exposure",
    "expected_loss",
    "new_debt",
    "moved_balance",
    "margin",
    "rwa",
    "capital_charge",
    "retained",
    "action_cost",
    "net_value",
    *WORTHS,
)
"""Measures that pools give as sums."""
RATES = tuple(name for name in RATES_OF_SUMS if name != "raised_share")
"""Measures that pools give as ratios of sums; the last is of an increment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What is changed beside the assumptions, for all accounts alike.

    Parameters
    ----------
    default_probability, severity : factors on every default probability and on every loss given
        default, brought or assumed; what they make stays at most 1
    odds : multiplies the odds of default
    factor : value of the common factor, low is bad; None is its average
    lgd_add : added to every loss given default; what it makes stays between 0 and 1
    drawdown : share of the unused line drawn by default on top of the conversion factor
    """

    default_probability: float = 1.0
    severity: float = 1.0
    odds: float = 1.0
    factor: float | None = None
    lgd_add: float = 0.0
    drawdown: float = 0.0


UNCHANGED = Shift()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Sums of a policy by name, currency units: as accounts stand, and what the policy adds.

    ``parts`` are those of the increment of expected loss. ``default_worth`` is what of ``npv`` is
    lost to defaults (above 0 where more is lost).
    """

    accounts: float
    raised: float
    baseline: dict[str, float]
    increment: dict[str, float]
    parts: dict[str, float]
    default_worth: float
    assumptions: Assumptions

    def of_baseline(self, measure: str) -> float | None:
        """Return a measure of the baseline; None where undefined."""
        return _number(measures.level(measure, self._standing(), self.assumptions))

    def of_proposed(self, measure: str) -> float | None:
        """Return a measure of the proposal; None where undefined."""
        sums = measures.together(self._standing(), self._added())
        return _number(measures.level(measure, sums, self.assumptions))

    def of_increment(self, measure: str) -> float | None:
        """Return proposed less baseline of a measure; None where undefined."""
        found = measures.change(measure, self._standing(), self._added(), self.assumptions)
        return _number(found)

    def _standing(self) -> dict[str, float]:
        return {**self.baseline, "accounts": self.accounts}

    def _added(self) -> dict[str, float]:
        return {**self.increment, "accounts": 0.0}


def check_measure(measure: str) -> None:
    """Refuse a measure that pools do not give.

    Raises
    ------
    ParameterError
        The measure is none of ``ADDITIVE`` and ``RATES``.
    """
    if measure not in (*ADDITIVE, *RATES):
        raise ParameterError(
            say(
                "The measure {measure!r} cannot be moved from pools of accounts: give one of "
                "{names}.",
                measure=measure,
                names=(*ADDITIVE, *RATES),
            )
        )


def complete(sums: Mapping[str, Numbers], assumptions: Assumptions) -> dict[str, float]:
    """Return the measures that add up, in currency units, from sums in minor units."""
    full = measures.additive(sums, assumptions)
    return {name: float(measures.in_currency(name, full[name])) for name in ADDITIVE}


def _number(value: Numbers) -> float | None:
    found = float(value)
    return None if np.isnan(found) else found
