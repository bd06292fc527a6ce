"""One side's arithmetic: pools with the numbers that assumptions and a shift give each of them.

All that is linear in the accounts is exact. What is not is taken at the mean of a pool: the value
of keeping a customer where it has its kink, capital by the IRB formula, a default probability given
a factor, and bounds at a probability of 1 or a loss given default of 0 or 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats
from analytics.declared.choices import LossPart, ResponseForm
from analytics.declared.columns import MINOR_UNITS
from analytics.method import capital, factor, formulas, measures
from analytics.method.bands import band_index, take_up
from analytics.method.measures import divided
from analytics.results.stress.figures import Shift
from analytics.results.stress.pools import (
    IDLE,
    LOSS,
    LOSS_GROWTH,
    ONE,
    RISK,
    RISK_GROWTH,
    SEVERITY,
    Sums,
)

_NO_RAISE = {"retained": 0.0, "action_cost": 0.0}
"""What only a raise brings."""


class Side:
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
        self._level = divided(self._moved(self._mean), self._own, empty=1.0)
        assumed = sums.key("assumed") == 1
        severity = np.where(
            assumed, assumptions.loss_given_default, sums.counts["severities"] / count
        )
        factor = np.minimum(shift.severity, divided(1.0, severity, empty=1.0))
        self._severity = np.clip(severity * factor + shift.lgd_add, 0.0, 1.0)
        # A pool that loses nothing on average holds no account that loses less.
        factor = np.where(self._severity > 0.0, factor, 0.0)
        self._factor, self._added = factor, self._severity - severity * factor
        self._assumed = np.where(assumed, assumptions.loss_given_default * factor, 0.0)

    def full_severity(self) -> float:
        """Return the factor at which every loss given default is 100 %; 1 where nothing is lost."""
        own = self._severity[self._severity > 0.0]
        return float(1.0 / own.min()) if own.size else 1.0

    def standing(self) -> dict[str, float]:
        """Return the sums of the accounts as they stand, minor units."""
        amounts = self._sums.amounts
        balance, exposure = amounts["balance"], self._exposure(amounts["balance"], amounts["reach"])
        unused = amounts["reach"] - balance
        risky, lost = self._level * exposure[RISK], self._level * self._lost(exposure)
        found = {
            "limit": amounts["limit"][ONE],
            "balance": balance[ONE],
            "headroom": unused[ONE],
            "projected_defaults": self._level * self._sums.counts["risks"],
            "defaulted_exposure": risky,
            "expected_loss": lost,
            **self._linear(balance, unused),
        }
        if self._assumptions.capital_approach.is_irb:
            found["rwa"] = self._irb_rwa(risky, exposure)
        return {name: float(values.sum()) for name, values in found.items()} | _NO_RAISE

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
        parts: dict[str, Floats] = {
            LossPart.NEW_EXPOSURE: self._level * self._lost(more),
            LossPart.OLD_BALANCE: rise * uplift * self._lost(before, grown=True),
            LossPart.CROSS: rise * uplift * self._lost(more, grown=True),
        }
        risky = self._level * before[RISK]
        new_risky = self._level * after[RISK] + rise * uplift * after[RISK_GROWTH]
        found: dict[str, Any] = {
            "limit": amounts["more"][ONE],
            "balance": (new_balance - balance)[ONE],
            "headroom": (new_unused - unused)[ONE],
            "projected_defaults": rise * uplift * counts["risk_growths"],
            "defaulted_exposure": self._level * more[RISK] + rise * uplift * after[RISK_GROWTH],
            "expected_loss": sum(parts.values()),
            "retained": self._retained(balance, before, lost),
            "action_cost": measures.action_cost(counts["accounts"], assumptions),
            **self._linear(new_balance - balance, new_unused - unused),
        }
        if assumptions.capital_approach.is_irb:
            found["rwa"] = self._irb_rwa(new_risky, after) - self._irb_rwa(risky, before)
        summed = {name: float((taking * values).sum()) for name, values in found.items()}
        shares = {name: float((taking * v).sum()) / MINOR_UNITS for name, v in parts.items()}
        return summed, shares

    def _linear(self, balance: Floats, unused: Floats) -> dict[str, Floats]:
        """Return what is linear in balance and headroom, each pool's."""
        return measures.linear(
            balance[ONE],
            unused[ONE],
            self._of_band("yield_rate"),
            self._assumptions,
            conversion_factor=self._conversion,
        )

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
        uplift = formulas.change_by_growth(self._of_band("pd_uplift"), 1.0)
        unbounded = uplift * counts["risk_growths"] / counts["accounts"]
        after = np.minimum(self._mean + self._scale * unbounded, 1.0)
        rise = self._moved(after) - self._moved(self._mean)
        return uplift, divided(rise, unbounded, empty=0.0)

    def _drawn(self) -> Floats:
        """Return the new balance drawn, in every weight, before its bound."""
        amounts, assumptions = self._sums.amounts, self._assumptions
        if assumptions.response_form is ResponseForm.LINEAR:
            linear: Floats = formulas.drawn_linear(self._of_band("mpb"), amounts["more"])
            return linear
        idle = np.where(self._sums.key("price_step") == IDLE, assumptions.idle_draw, 0.0)
        # The logarithm of the growth is in the sums already.
        drawn: Floats = formulas.drawn_log(
            self._of_band("elasticity"), amounts["log"], 1.0
        ) + formulas.drawn_idle(idle, amounts["more"])
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
        change = -formulas.change_by_growth(self._of_band("attrition_change"), 1.0)
        floored = change * counts["growths"] > assumptions.attrition_floor * counts["accounts"]
        kept = np.where(floored, assumptions.attrition_floor * worth, change * grown)
        found: Floats = self._of_band("attrition") * np.where(worth > 0, kept, 0.0)
        return found

    def _irb_rwa(self, risky: Floats, exposed: Floats) -> Floats:
        """Return risk-weighted assets by the IRB formula; ``risky`` is exposure times risk."""
        assumptions = self._assumptions
        severity = capital.floored(self._severity, assumptions.lgd_floor)
        lost = self._factor * exposed[SEVERITY] + (self._assumed + self._added) * exposed[ONE]
        lost = lost + (severity - self._severity) * exposed[ONE]
        probability = np.clip(divided(risky, exposed[ONE], empty=0.0), 0.0, 1.0)
        rwa: Floats = capital.counted_rwa(probability, 1.0, lost, assumptions)
        return rwa

    def _of_band(self, name: str) -> Floats:
        values: Floats = np.asarray(getattr(self._assumptions, name), dtype=np.float64)[self._band]
        return values


def _of_curve(sums: Sums, assumptions: Assumptions, loaded: Assumptions) -> Floats | float:
    """Return how many times as high the curve's default probability is as the one loaded."""
    own, other = assumptions.curve, loaded.curve
    if own is None or other is None or own == other:
        return 1.0
    now, then = (
        formulas.default_probability_from_score(sums.score, *curve) for curve in (own, other)
    )
    found: Floats = np.where(sums.key("curved") == 1, now / then, 1.0)
    return found
