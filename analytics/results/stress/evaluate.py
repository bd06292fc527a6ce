"""Pools under assumptions: every measure that adds up, before and after, without a statement.

All that is linear in the accounts is exact. What is not is taken at the mean of a pool: the value
of keeping a customer where it has its kink, capital by the IRB formula, a default probability given
a factor, and bounds at a probability of 1 or a loss given default of 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats
from analytics.declared.columns import MINOR_UNITS
from analytics.errors import ParameterError
from analytics.method import capital, factor, formulas, measures
from analytics.method.bands import band_index, take_up
from analytics.results.stress.pools import (
    IDLE,
    LOSS,
    LOSS_GROWTH,
    ONE,
    RISK,
    RISK_GROWTH,
    SEVERITY,
    StressPools,
    Sums,
)

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


class Evaluator:
    """A policy at one threshold, ready to be evaluated under many assumptions."""

    def __init__(self, pools: StressPools, score_threshold: int, edges: tuple[int, ...]) -> None:
        found = pools.policy.with_changes(tiers=(), score_threshold=score_threshold).faults_on(
            pools.portfolio.scale
        )
        if found:
            raise ParameterError(found)
        self._pools = pools
        self._edges = edges
        self._fine = pools.raised.only(pools.raised.score >= score_threshold)

    def figures(self, assumptions: Assumptions, shift: Shift = UNCHANGED) -> Figures:
        """Return the policy's figures under assumptions of the same bands.

        Raises
        ------
        ParameterError
            The assumptions have other bands.
        """
        loaded = self._pools.curve
        own_curve = _curve(assumptions) != _curve(loaded)
        standing = self._pools.standing if own_curve else self._standing
        baseline = _Side(standing, assumptions, shift, loaded).standing()
        increment, parts = self._increments(assumptions, shift)
        return Figures(
            accounts=float(standing.counts["accounts"].sum()),
            raised=float(self._fine.counts["accounts"].sum()),
            baseline=_complete(baseline, assumptions),
            increment=_complete(increment, assumptions),
            parts=parts,
            capital_ratio=assumptions.capital_ratio,
        )

    def increment(
        self, measure: str, assumptions: Assumptions, shift: Shift = UNCHANGED
    ) -> float | None:
        """Return proposed less baseline of a measure; None where undefined.

        Faster than :meth:`figures` where the measure adds up.
        """
        if measure not in ADDITIVE:
            return self.figures(assumptions, shift).of_increment(measure)
        return _complete(self._increments(assumptions, shift)[0], assumptions)[measure]

    @cached_property
    def _standing(self) -> Sums:
        keys = ("odds_step", "severity_step", "curved", "assumed")
        return self._pools.standing.by_band(self._edges, keys)

    @cached_property
    def _raised(self) -> Sums:
        return self._fine.by_band(self._edges)

    def _increments(
        self, assumptions: Assumptions, shift: Shift
    ) -> tuple[dict[str, float], dict[str, float]]:
        if assumptions.band_edges != self._edges:
            raise ParameterError(
                "The assumptions have other score bands than these pools were put together by."
            )
        own_curve = _curve(assumptions) != _curve(self._pools.curve)
        raised = self._fine if own_curve else self._raised
        return _Side(raised, assumptions, shift, self._pools.curve).increments()


class _Side:
    """Pools with the numbers that assumptions and shift give each of them."""

    def __init__(
        self, sums: Sums, assumptions: Assumptions, shift: Shift, loaded: Assumptions
    ) -> None:
        self._sums, self._assumptions, self._shift = sums, assumptions, shift
        self._band = band_index(sums.score, assumptions.band_edges)
        self._conversion = min(assumptions.credit_conversion_factor + shift.drawdown, 1.0)
        count = sums.counts["accounts"]
        self._own = sums.counts["risks"] / count
        self._scale = shift.default_probability * _of_curve(sums, assumptions, loaded)
        self._mean = np.minimum(self._own * self._scale, 1.0)
        self._level = _over(self._moved(self._mean), self._own)
        assumed = sums.key("assumed") == 1
        severity = np.where(
            assumed, assumptions.loss_given_default, sums.counts["severities"] / count
        )
        factor = np.minimum(shift.severity, _over(np.ones_like(severity), severity))
        self._severity = np.clip(severity * factor + shift.lgd_add, 0.0, 1.0)
        # A pool that loses nothing on average holds no account that loses less.
        factor = np.where(self._severity > 0.0, factor, 0.0)
        self._factor, self._added = factor, self._severity - severity * factor
        self._assumed = np.where(assumed, assumptions.loss_given_default * factor, 0.0)

    def standing(self) -> dict[str, float]:
        """Return the sums of the accounts as they stand, minor units."""
        amounts = self._sums.amounts
        balance, exposure = amounts["balance"], self._exposure(amounts["balance"], amounts["reach"])
        unused = amounts["reach"] - balance
        risky, lost = self._level * exposure[RISK], self._level * self._lost(exposure)
        return {
            "limit": amounts["limit"][ONE].sum(),
            "balance": balance[ONE].sum(),
            "headroom": unused[ONE].sum(),
            "ead": exposure[ONE].sum(),
            "projected_defaults": (self._level * self._sums.counts["risks"]).sum(),
            "defaulted_exposure": risky.sum(),
            "expected_loss": lost.sum(),
            "margin": (self._earning() * balance[ONE]).sum(),
            "rwa": self._rwa(risky, balance, unused, exposure).sum(),
            "retained": 0.0,
            "action_cost": 0.0,
        }

    def increments(self) -> tuple[dict[str, float], dict[str, float]]:
        """Return what the raises add, and the parts of the expected loss, minor units."""
        sums, assumptions = self._sums, self._assumptions
        amounts, counts = sums.amounts, sums.counts
        taking = take_up(sums.score, assumptions)
        balance, reach, new_reach = (amounts[n] for n in ("balance", "reach", "new_reach"))
        new_balance = np.minimum(balance + self._drawn(), new_reach)
        before, after = self._exposure(balance, reach), self._exposure(new_balance, new_reach)
        more, unused = after - before, reach - balance
        new_unused = new_reach - new_balance
        uplift, rise = self._risen()
        lost = self._lost(before)
        parts = {
            "new_exposure": self._level * self._lost(more),
            "old_balance": rise * uplift * self._lost(before, grown=True),
            "cross": rise * uplift * self._lost(more, grown=True),
        }
        risky = self._level * before[RISK]
        new_risky = self._level * after[RISK] + rise * uplift * after[RISK_GROWTH]
        rwa = self._rwa(new_risky, new_balance, new_unused, after)
        rwa = rwa - self._rwa(risky, balance, unused, before)
        found: dict[str, Any] = {
            "limit": amounts["more"][ONE],
            "balance": (new_balance - balance)[ONE],
            "headroom": (new_unused - unused)[ONE],
            "ead": more[ONE],
            "projected_defaults": rise * uplift * counts["risk_growths"],
            "defaulted_exposure": self._level * more[RISK] + rise * uplift * after[RISK_GROWTH],
            "expected_loss": sum(parts.values()),
            "margin": self._earning() * (new_balance - balance)[ONE],
            "rwa": rwa,
            "retained": self._retained(balance, before, lost),
            "action_cost": counts["accounts"] * (assumptions.action_cost * MINOR_UNITS),
        }
        summed = {name: float((taking * values).sum()) for name, values in found.items()}
        shares = {name: float((taking * v).sum()) / MINOR_UNITS for name, v in parts.items()}
        return summed, shares

    def _exposure(self, balance: Floats, reach: Floats) -> Floats:
        found: Floats = formulas.ead(balance, reach - balance, self._conversion)
        return found

    def _lost(self, exposure: Floats, *, grown: bool = False) -> Floats:
        """Return exposure weighted by default probability and loss given default, each pool's."""
        loss, risk = (LOSS_GROWTH, RISK_GROWTH) if grown else (LOSS, RISK)
        found: Floats = (
            self._factor * exposure[loss] + (self._assumed + self._added) * exposure[risk]
        )
        return found

    def _moved(self, probability: Floats) -> Floats:
        """Return default probabilities under the shift's odds and factor."""
        shift = self._shift
        if shift.odds != 1.0:
            probability = factor.scaled_odds(probability, shift.odds)
        if shift.factor is not None:
            correlation = self._assumptions.asset_correlation
            probability = factor.conditional_probability(probability, shift.factor, correlation)
        return probability

    def _risen(self) -> tuple[Floats, Floats]:
        """Return uplift per growth, and the factor on the rises that it brings."""
        counts = self._sums.counts
        uplift = self._of_band("pd_uplift") * formulas.PER_TEN_PERCENT
        unbounded = uplift * counts["risk_growths"] / counts["accounts"]
        after = np.minimum(self._mean + self._scale * unbounded, 1.0)
        rise = self._moved(after) - self._moved(self._mean)
        return uplift, _over(rise, unbounded, empty=0.0)

    def _drawn(self) -> Floats:
        """Return the new balance drawn, in every weight, before its bound."""
        amounts, assumptions = self._sums.amounts, self._assumptions
        if assumptions.response_form == "linear":
            return self._of_band("mpb") * amounts["more"]
        idle = np.where(self._sums.key("price_step") == IDLE, assumptions.idle_draw, 0.0)
        drawn: Floats = self._of_band("elasticity") * amounts["log"] + idle * amounts["more"]
        return drawn

    def _earning(self) -> Floats:
        assumptions = self._assumptions
        found: Floats = formulas.margin(
            1.0, self._of_band("yield_rate"), assumptions.funding_rate, assumptions.operating_rate
        )
        return found

    def _retained(self, balance: Floats, exposure: Floats, lost: Floats) -> Floats:
        """Return the value of customers who stay; a pool is worth keeping as a whole, or not."""
        counts, assumptions = self._sums.counts, self._assumptions
        earning = self._earning()
        worth = earning * balance[ONE] - self._level * lost
        grown = earning * counts["growth_balances"] - self._level * self._lost(exposure, grown=True)
        change = -self._of_band("attrition_change") * formulas.PER_TEN_PERCENT
        floored = change * counts["growths"] > assumptions.attrition_floor * counts["accounts"]
        kept = np.where(floored, assumptions.attrition_floor * worth, change * grown)
        found: Floats = self._of_band("attrition") * np.where(worth > 0, kept, 0.0)
        return found

    def _rwa(self, risky: Floats, balance: Floats, unused: Floats, exposed: Floats) -> Floats:
        """Return risk-weighted assets; ``risky`` is exposure times default probability."""
        assumptions = self._assumptions
        if assumptions.capital_approach == "standardised":
            found: Floats = formulas.standardised_rwa(
                balance[ONE],
                unused[ONE],
                assumptions.risk_weight,
                assumptions.regulatory_conversion_factor,
            )
            return found
        severity = capital.floored(self._severity, assumptions.lgd_floor)
        lost = self._factor * exposed[SEVERITY] + (self._assumed + self._added) * exposed[ONE]
        lost = lost + (severity - self._severity) * exposed[ONE]
        probability = np.clip(_over(risky, exposed[ONE], empty=0.0), 0.0, 1.0)
        requirement = capital.counted_requirement(probability, 1.0, assumptions)
        rwa: Floats = capital.RWA_PER_CAPITAL * requirement * lost
        return rwa

    def _of_band(self, name: str) -> Floats:
        values: Floats = np.asarray(getattr(self._assumptions, name), dtype=np.float64)[self._band]
        return values


def _curve(assumptions: Assumptions) -> tuple[float | None, ...]:
    return assumptions.anchor_score, assumptions.anchor_odds, assumptions.points_to_double_odds


def _of_curve(sums: Sums, assumptions: Assumptions, loaded: Assumptions) -> Floats | float:
    """Return how many times as high the curve's default probability is as the one loaded."""
    if _curve(assumptions) == _curve(loaded) or not assumptions.has_curve:
        return 1.0
    now, then = (
        formulas.default_probability_from_score(sums.score, *_curve(which))
        for which in (assumptions, loaded)
    )
    found: Floats = np.where(sums.key("curved") == 1, now / then, 1.0)
    return found


def _complete(sums: dict[str, float], assumptions: Assumptions) -> dict[str, float]:
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


def _over(numerator: Floats, denominator: Floats, empty: float = 1.0) -> Floats:
    """Return a quotient, ``empty`` where the denominator is 0."""
    start = np.full(np.shape(denominator), empty)
    found: Floats = np.divide(numerator, denominator, out=start, where=np.asarray(denominator) != 0)
    return found


def _ratio(numerator: float, denominator: float) -> float | None:
    found = float(measures.ratio(np.asarray(numerator), np.asarray(denominator)))
    return None if np.isnan(found) else found
