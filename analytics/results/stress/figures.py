"""What pools are asked for and what they give: shifts, figures, and the measures among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.columns import MINOR_UNITS
from analytics.errors import ParameterError
from analytics.method import formulas, measures

ADDITIVE = (
    "limit",
    "balance",
    "headroom",
    "ead",
    "projected_defaults",
    "defaulted_exposure",
    "expected_loss",
    "margin",
    "rwa",
    "capital_charge",
    "retained",
    "action_cost",
    "net_value",
)
"""Measures that pools give as sums."""
RATES = ("default_rate", "loss_rate", "return_on_capital", "loss_per_new_exposure")
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

    ``parts`` are those of the increment of expected loss.
    """

    accounts: float
    raised: float
    baseline: dict[str, float]
    increment: dict[str, float]
    parts: dict[str, float]
    capital_ratio: float

    def of_baseline(self, measure: str) -> float | None:
        """Return a measure of the baseline; None where undefined."""
        return self._of(measure, self.baseline)

    def of_proposed(self, measure: str) -> float | None:
        """Return a measure of the proposal; None where undefined."""
        return self._of(measure, {n: self.baseline[n] + self.increment[n] for n in ADDITIVE})

    def of_increment(self, measure: str) -> float | None:
        """Return proposed less baseline of a measure; None where undefined."""
        if measure in ADDITIVE:
            return self.increment[measure]
        if measure == "loss_per_new_exposure":
            return _ratio(self.increment["expected_loss"], self.increment["ead"])
        before, after = self.of_baseline(measure), self.of_proposed(measure)
        return None if before is None or after is None else after - before

    def _of(self, measure: str, sums: dict[str, float]) -> float | None:
        if measure in ADDITIVE:
            return sums[measure]
        if measure == "default_rate":
            return _ratio(sums["projected_defaults"], self.accounts)
        if measure == "loss_rate":
            return _ratio(sums["expected_loss"], sums["ead"])
        if measure == "return_on_capital":
            earned = sums["margin"] + sums["retained"] - sums["expected_loss"]
            return _ratio(earned - sums["action_cost"], self.capital_ratio * sums["rwa"])
        return None


def check_measure(measure: str) -> None:
    """Refuse a measure that pools do not give.

    Raises
    ------
    ParameterError
        The measure is none of ``ADDITIVE`` and ``RATES``.
    """
    if measure not in (*ADDITIVE, *RATES):
        raise ParameterError(
            f"The measure {measure!r} cannot be moved from pools of accounts: give one of "
            f"{', '.join((*ADDITIVE, *RATES))}."
        )


def complete(sums: dict[str, float], assumptions: Assumptions) -> dict[str, float]:
    """Return sums in currency units, with capital charge and net value."""
    found = {
        name: float(value) if name == "projected_defaults" else float(value) / MINOR_UNITS
        for name, value in sums.items()
    }
    found["capital_charge"] = formulas.capital_charge(
        found["rwa"], assumptions.capital_ratio, assumptions.hurdle_rate
    )
    found["net_value"] = formulas.net_value(
        found["margin"],
        found["retained"],
        found["expected_loss"],
        found["capital_charge"],
        found["action_cost"],
    )
    return found


def _ratio(numerator: float, denominator: float) -> float | None:
    found = float(measures.ratio(np.asarray(numerator), np.asarray(denominator)))
    return None if np.isnan(found) else found
