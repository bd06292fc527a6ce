"""One side's arithmetic: pools with the numbers that assumptions and a shift give each of them.

What is linear in the accounts is exact, and so is what a bound divides where pools are divided
there. What is left is taken at the mean of a pool: capital by the IRB formula under assumptions
other than those loaded, a default probability given a factor, and bounds at a probability of 1 or
a loss given default of 0 or 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Flags, Floats, Numbers
from analytics.declared.choices import LossPart, Provisioning, ResponseForm, UpliftDriver
from analytics.method import capital, factor, formulas
from analytics.method.bands import band_index
from analytics.method.measures import divided
from analytics.results.whatif.figures import Shift
from analytics.results.whatif.sums import (
    GROWTH,
    IRB,
    LOSS,
    LOSS_GROWTH,
    LOSS_USE,
    ONE,
    RISK,
    RISK_GROWTH,
    RISK_USE,
    Sums,
)

_NEARLY = 1.0 - 1e-12
"""A pool at a bound, but for rounding, has reached it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Raised:
    """What a raise makes of the pools; each amount in every weight, shape (weights, pools).

    ``driver`` is whether default follows the use of the line, else it follows growth; ``rise`` is
    what that is multiplied by.
    """

    drawn: Floats
    before: Floats
    after: Floats
    day_after: Floats
    driver: Flags
    rise: Floats


class Side:
    """Pools with the numbers that assumptions and shift give each of them.

    ``exact`` are factors on risk-weighted assets by the IRB formula, by which those of the
    assumptions loaded are those of the accounts one by one.
    """

    def __init__(
        self,
        sums: Sums,
        assumptions: Assumptions,
        shift: Shift,
        loaded: Assumptions,
        exact: Mapping[str, Floats] | None = None,
    ) -> None:
        self.sums = self._sums = sums
        self._assumptions, self._shift = assumptions, shift
        self._exact = exact or {}
        self._band = band_index(sums.score, assumptions.band_edges)
        count = sums.counts["accounts"]
        self._own = sums.counts["risks"] / count
        self._scale = shift.default_probability * _of_curve(sums, assumptions, loaded)
        self._mean = np.minimum(self._own * self._scale, 1.0)
        self._level = divided(self._moved(self._mean), self._own, empty=1.0)
        assumed = sums.key("assumed") == 1
        severity = np.where(
            assumed, assumptions.loss_given_default, sums.counts["severities"] / count
        )
        times = np.minimum(shift.severity, divided(1.0, severity, empty=1.0))
        self._severity = np.clip(severity * times + shift.lgd_add, 0.0, 1.0)
        # A pool that loses nothing on average holds no account that loses less.
        times = np.where(self._severity > 0.0, times, 0.0)
        self._times, self._added = times, self._severity - severity * times
        self._assumed = np.where(assumed, assumptions.loss_given_default * times, 0.0)

    def full_severity(self) -> float:
        """Return the factor at which every loss given default is 100 %; 1 where nothing is lost."""
        own = self._severity[self._severity > 0.0]
        return float(1.0 / own.min()) if own.size else 1.0

    def defaults(self) -> Floats:
        """Return the projected defaults of each pool, as its accounts stand."""
        return np.asarray(self._level * self._sums.counts["risks"])

    def exactness(self) -> dict[str, Floats]:
        """Return the factors by which the sums of the accounts are those of the pools (IRB)."""
        counts = self._sums.counts
        if IRB[0] not in counts:
            return {}
        found = {"irb": self._irb_today(ONE)}
        if "room" in self._sums.amounts:
            found |= self._irb_after(self._raised()) | {"irb_growth": self._irb_today(GROWTH)}
        return {name: divided(counts[name], value, empty=1.0) for name, value in found.items()}

    def standing(self) -> dict[str, Floats]:
        """Return the sums of each pool's accounts as they stand, minor units."""
        amounts = self._sums.amounts
        balance, exposure = amounts["balance"], self._exposure(amounts["balance"], amounts["reach"])
        found = {
            "accounts": self._sums.counts["accounts"],
            "limit": self._sums.counts["limit"],
            "balance": balance[ONE],
            "headroom": (amounts["reach"] - balance)[ONE],
            "projected_defaults": self.defaults(),
            "defaulted_exposure": self._level * exposure[RISK],
            "expected_loss": self._level * self._lost(exposure),
            "transactor_balance": self._of_transactors(balance[ONE]),
        }
        if self._assumptions.capital_approach.is_irb:
            found["rwa"] = self._irb_today(ONE)
        return found

    def increments(self) -> dict[str, Floats]:
        """Return what each pool's raises add as offered, and the parts of the loss; minor units."""
        sums, raised = self._sums, self._raised()
        balance, room = sums.amounts["balance"], sums.amounts["room"]
        rise, more = raised.rise, raised.after - raised.before
        first, drawn = raised.day_after - raised.before, raised.drawn
        parts: dict[str, Floats] = {
            LossPart.NEW_EXPOSURE: self._level * self._lost(more),
            LossPart.OLD_BALANCE: rise * self._lost_more(raised.before, raised.driver),
            LossPart.CROSS: rise * self._lost_more(more, raised.driver),
        }
        risen = np.where(raised.driver, raised.after[RISK_USE], raised.after[RISK_GROWTH])
        found = {
            "raised": sums.counts["accounts"],
            "limit": sums.counts["raise"],
            "balance": drawn[ONE],
            "headroom": (room - drawn)[ONE],
            "projected_defaults": rise * self._driven(raised.driver),
            "defaulted_exposure": self._level * more[RISK] + rise * risen,
            "expected_loss": sum(parts.values(), np.zeros(len(rise))),
            "retained": self._retained(balance, raised.before),
            "transactor_balance": self._of_transactors(drawn[ONE]),
            "day_after_headroom": room[ONE],
            "day_after_loss": self._level * self._lost(first),
            "day_after_defaulted_exposure": self._level * first[RISK],
            **parts,
        }
        if self._assumptions.provisioning is Provisioning.CECL:
            found["drawn_loss"] = self._level * self._lost(drawn) + rise * self._lost_more(
                balance + drawn, raised.driver
            )
        if self._assumptions.capital_approach.is_irb:
            today, after = self._irb_today(ONE), self._irb_after(raised)
            found["rwa"] = after["irb_after"] - today
            found["day_after_rwa"] = after["irb_day_after"] - today
        return found

    def _raised(self) -> _Raised:
        amounts = self._sums.amounts
        balance, reach, room = (amounts[n] for n in ("balance", "reach", "room"))
        drawn, coefficient, driver = self._drawn()
        driven = self._driven(driver)
        unbounded = coefficient * driven / self._sums.counts["accounts"]
        likely = np.minimum(self._mean + self._scale * unbounded, 1.0)
        rise = divided(self._moved(likely) - self._moved(self._mean), unbounded, empty=0.0)
        return _Raised(
            drawn=drawn,
            before=self._exposure(balance, reach),
            after=self._exposure(balance + drawn, reach + room),
            day_after=self._exposure(balance, reach + room),
            driver=driver,
            rise=rise * coefficient,
        )

    def _drawn(self) -> tuple[Floats, Floats, Flags]:
        """Return what is drawn, and how default probability rises.

        What is drawn of the raises comes in every weight; then the relative rise of default
        probability per use or growth, and whether it follows use.
        """
        amounts, assumptions = self._sums.amounts, self._assumptions
        balance, room, log = amounts["balance"], amounts["room"], amounts["log"]
        more = room * divided(self._sums.counts["raise"], room[ONE], empty=0.0)
        if assumptions.response_form is ResponseForm.LINEAR:
            share, by_use = self._of_band("mpb"), np.zeros(len(self._band), dtype=np.bool_)
        else:
            elasticity = self._of_band("elasticity")
            limit = (amounts["reach"])[ONE]
            idle = formulas.is_idle(
                balance[ONE], limit * _NEARLY, elasticity, assumptions.idle_draw
            )
            share, by_use = np.where(idle, assumptions.idle_draw, elasticity), ~idle
        # The logarithm of the growth is in the sums already.
        drawn = share * np.where(by_use, log, more)
        bound = np.minimum(divided(room[ONE], drawn[ONE], empty=0.0), 1.0)
        over = self._sums.key("over") > 0
        bound = np.where(over, bound, 1.0)
        uplift = self._of_band("pd_uplift")
        if assumptions.pd_uplift_driver is UpliftDriver.LIMIT:
            change = formulas.change_by_growth(uplift, 1.0)
            return drawn * bound, np.asarray(change), np.zeros_like(by_use)
        change = formulas.change_by_draw(uplift, share * bound, self._of_band("reference_draw"))
        return drawn * bound, np.asarray(change), by_use

    def _driven(self, by_use: Flags) -> Floats:
        """Return what rises with default probability: its sum times use, or times growth."""
        counts = self._sums.counts
        return np.where(by_use, counts["risk_uses"], counts["risk_growths"])

    def _exposure(self, balance: Floats, reach: Floats) -> Floats:
        found: Floats = formulas.ead(
            balance, reach - balance, self._assumptions.credit_conversion_factor
        )
        return found

    def _lost(self, exposure: Floats, loss: int = LOSS, risk: int = RISK) -> Floats:
        """Return exposure weighted by default probability and loss given default, each pool's."""
        found: Floats = (
            self._times * exposure[loss] + (self._assumed + self._added) * exposure[risk]
        )
        return found

    def _lost_more(self, exposure: Floats, by_use: Flags) -> Floats:
        """Return the same, weighted by what default probability follows as well."""
        return np.where(
            by_use,
            self._lost(exposure, LOSS_USE, RISK_USE),
            self._lost(exposure, LOSS_GROWTH, RISK_GROWTH),
        )

    def _moved(self, probability: Floats) -> Floats:
        """Return default probabilities under the shift's odds and factor."""
        shift = self._shift
        if shift.odds != 1.0:
            probability = factor.scaled_odds(probability, shift.odds)
        if shift.factor is not None:
            correlation = self._assumptions.asset_correlation
            probability = factor.conditional_probability(probability, shift.factor, correlation)
        return probability

    def _retained(self, balance: Floats, exposure: Floats) -> Floats:
        """Return the value of customers who stay."""
        counts, assumptions = self._sums.counts, self._assumptions
        change = -formulas.change_by_growth(self._of_band("attrition_change"), 1.0)
        floor = assumptions.attrition_floor
        floored = change * counts["growths"] > floor * counts["accounts"]
        whole = self._earned(balance, ONE, self._lost(exposure))
        grown = self._earned(balance, GROWTH, self._lost(exposure, LOSS_GROWTH, RISK_GROWTH))
        left = np.where(floored, floor * whole, change * grown)
        found: Floats = formulas.retained_value(self._of_band("attrition"), left)
        return found

    def _earned(self, balance: Floats, weight: int, lost: Floats) -> Floats:
        """Return what customers leave as things stand, in a weight."""
        assumptions = self._assumptions
        margin = formulas.margin(
            balance[weight], self._yields(), assumptions.funding_rate, assumptions.operating_rate
        )
        if assumptions.capital_approach.is_irb:
            rwa = self._irb_today(weight)
        else:
            unused = (self._sums.amounts["reach"] - balance)[weight]
            rwa = formulas.standardised_rwa(
                balance[weight],
                unused,
                assumptions.risk_weight,
                assumptions.regulatory_conversion_factor,
            )
        found: Floats = formulas.earned(
            margin, self._level * lost, capital.charge(rwa, assumptions)
        )
        return found

    def _yields(self) -> Floats:
        known = self._sums.key("transactor") == 1
        return np.where(known, self._assumptions.transactor_yield, self._of_band("yield_rate"))

    def _of_transactors(self, balance: Floats) -> Floats:
        return np.where(self._sums.key("transactor") == 1, balance, 0.0)

    def _irb_today(self, weight: int) -> Floats:
        """Return risk-weighted assets as accounts stand, in a weight: 1 or growth."""
        amounts = self._sums.amounts
        exposure = self._exposure(amounts["balance"], amounts["reach"])
        risk, name = {ONE: (RISK, "irb"), GROWTH: (RISK_GROWTH, "irb_growth")}[weight]
        return self._irb(name, self._level * exposure[risk], exposure[weight])

    def _irb_after(self, raised: _Raised) -> dict[str, Floats]:
        """Return risk-weighted assets after the raises, and on the day after them."""
        after, first = raised.after, raised.day_after
        risen = np.where(raised.driver, after[RISK_USE], after[RISK_GROWTH])
        risky = self._level * after[RISK] + raised.rise * risen
        return {
            "irb_after": self._irb("irb_after", risky, after[ONE]),
            "irb_day_after": self._irb("irb_day_after", self._level * first[RISK], first[ONE]),
        }

    def _irb(self, name: str, risky: Floats, exposed: Floats) -> Floats:
        """Return risk-weighted assets by the IRB formula; ``risky`` is exposure times risk."""
        assumptions = self._assumptions
        probability = np.clip(divided(risky, exposed, empty=0.0), 0.0, 1.0)
        rwa: Floats = capital.counted_rwa(probability, self._severity, exposed, assumptions)
        return rwa * self._exact.get(name, 1.0)

    def _of_band(self, name: str) -> Floats:
        values: Floats = np.asarray(getattr(self._assumptions, name), dtype=np.float64)[self._band]
        return values


def _of_curve(sums: Sums, assumptions: Assumptions, loaded: Assumptions) -> Numbers | float:
    """Return how many times as high the curve's default probability is as the one loaded."""
    own, other = assumptions.curve, loaded.curve
    if own is None or other is None or own == other:
        return 1.0
    now, then = (
        formulas.default_probability_from_score(sums.score, *curve) for curve in (own, other)
    )
    found: Floats = np.where(sums.key("curved") == 1, now / then, 1.0)
    return found
