"""How far each assumption may plausibly be off: its low and its high case, marked and sourced.

The cases are what the tornado moves an assumption between; they are no bounds, and no preset. Low
is the lower value (of a change that is negative, the weaker one).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.declared.assumption_parameters import BAND_PARAMETERS
from analytics.declared.choices import (
    CapitalApproach,
    ConsentMode,
    Provisioning,
    ResponseForm,
    UpliftDriver,
)
from analytics.declared.language import say
from analytics.declared.parameters import Mark

Setting = float | str | tuple[float, ...]
"""A value of an assumption: a number, a choice, or one number for each band."""


@dataclass(frozen=True, slots=True)
class Case:
    """The plausible ends of one assumption, how they are supported, and by what.

    ``low`` and ``high`` are tuples of eight for values by band.
    """

    low: Setting
    high: Setting
    mark: Mark
    english_source: str

    @property
    def source(self) -> str:
        """What supports the two ends."""
        return say(self.english_source)


_E, _R, _P, _A = Mark.EVIDENCE, Mark.REGULATION, Mark.PRACTICE, Mark.ASSUMPTION
_BANDS = {band.name: band for band in BAND_PARAMETERS}


def _times(name: str, low: float, high: float, most: float = 1.0) -> tuple[Setting, Setting]:
    """Return the central values by band times two factors."""
    central = _BANDS[name].central
    return tuple(
        tuple(round(min(value * factor, most), 6) for value in central) for factor in (low, high)
    )  # type: ignore[return-value]


def _plus(name: str, step: float) -> tuple[Setting, Setting]:
    """Return the central values by band less and plus a step."""
    central = _BANDS[name].central
    return tuple(tuple(round(value + off, 6) for value in central) for off in (-step, step))  # type: ignore[return-value]


CASES: Mapping[str, Case] = {
    "elasticity": Case(
        _BANDS["elasticity"].low_case,
        _BANDS["elasticity"].high_case,
        _A,
        "The response presets low and high",
    ),
    "mpb": Case(
        _BANDS["mpb"].low_case,
        _BANDS["mpb"].high_case,
        _A,
        "The response presets low and high",
    ),
    "pd_uplift": Case(*_times("pd_uplift", 0.5, 2.0), _A, "Half and twice; Fu et al. 2025: +5.7 %"),
    "reference_draw": Case(
        *_times("reference_draw", 0.7, 1.3), _A, "30 % less and more use of the line"
    ),
    "moved_share": Case(*_times("moved_share", 0.5, 1.5), _A, "Half, and half as much again"),
    "attrition": Case(*_times("attrition", 0.7, 1.3), _A, "30 % less and more"),
    "attrition_change": Case(
        *_times("attrition_change", 0.5, 2.0), _A, "Half and twice the fall; Fu et al. 2025"
    ),
    "take_up": Case(*_times("take_up", 0.7, 1.3), _A, "30 % less and more"),
    "yield_rate": Case(*_plus("yield_rate", 0.01), _A, "One percentage point less and more"),
    "response_form": Case(ResponseForm.LOG, ResponseForm.LINEAR, _E, "The two forms of the method"),
    "consent_mode": Case(
        ConsentMode.AUTOMATIC, ConsentMode.OPT_IN, _P, "The two modes of the method"
    ),
    "pd_uplift_driver": Case(
        UpliftDriver.DEBT, UpliftDriver.LIMIT, _A, "What is drawn, and the raise itself"
    ),
    "idle_draw": Case(0.0, 0.05, _A, "Nothing, and more than twice the central value"),
    "attrition_floor": Case(0.20, 0.50, _A, "Around Fu et al. 2025: -33 %"),
    "anchor_score": Case(630.0, 670.0, _A, "Half a doubling of the odds either way"),
    "anchor_odds": Case(24.5, 98.0, _A, "Half and twice the odds"),
    "points_to_double_odds": Case(30.0, 50.0, _A, "A steeper and a flatter curve"),
    "credit_conversion_factor": Case(
        0.10, 0.50, _A, "Regulatory factors: Basel III, cancellable lines, and half of the line"
    ),
    "loss_given_default": Case(
        0.70, 0.95, _P, "Unsecured cards 70-90 %, sold in bulk up to 95 %; to be checked at source"
    ),
    "asset_correlation": Case(0.03, 0.16, _R, "CRE31.16: the range of other retail"),
    "funding_rate": Case(0.02, 0.04, _A, "Around consumer ABS coupons; to be checked at source"),
    "operating_rate": Case(0.003, 0.010, _A, "Half and twice"),
    "transactor_yield": Case(0.03, 0.09, _A, "Half, and half as much again"),
    "capital_approach": Case(
        CapitalApproach.STANDARDISED, CapitalApproach.IRB_QRRE, _R, "CRE20 and CRE31"
    ),
    "risk_weight": Case(0.45, 1.00, _R, "Basel III: transactors 45 %, other retail 100 %"),
    "regulatory_conversion_factor": Case(
        0.0, 0.40, _R, "Basel II, cancellable lines: 0; Basel III, other commitments: 40 %"
    ),
    "pd_floor": Case(0.0, 0.001, _R, "Off, and CRE32.58 for revolving retail"),
    "lgd_floor": Case(0.0, 0.50, _R, "Off, and CRE32.58 for revolving retail"),
    "capital_ratio": Case(0.08, 0.13, _R, "Basel minimum without buffer; with further buffers [A]"),
    "hurdle_rate": Case(0.08, 0.15, _A, "Around a common cost of equity"),
    "action_cost": Case(0.0, 2.0, _A, "Nothing, and two units of currency for each raise"),
    "build_month_3": Case(0.30, 0.80, _A, "Nearly a straight line, and nearly all at once"),
    "horizon_months": Case(24, 60, _A, "Two years, and five"),
    "discount_rate": Case(0.08, 0.15, _A, "As for the hurdle rate"),
    "loss_lag_months": Case(3, 12, _A, "Charge-off at 90 days, and recovery tried for a year"),
    "provisioning": Case(
        Provisioning.IFRS9, Provisioning.CECL, _A, "Twelve months ahead, and over life"
    ),
    "life_years": Case(1.0, 4.0, _A, "Half and twice"),
    "relief_utilization": Case(0.70, 0.90, _A, "Ten percentage points less and more"),
    "minimum_payment_rate": Case(0.05, 0.15, _A, "Five percentage points less and more"),
    "strain_income_share": Case(0.20, 0.40, _A, "Ten percentage points less and more"),
    "over_indebted_multiple": Case(4.0, 8.0, _A, "Two incomes less and more"),
    "rival_reach": Case(0.30, 0.90, _A, "Half, and half as much again"),
    "rival_shift": Case(0.05, 0.20, _A, "Half and twice"),
    "rival_attrition": Case(0.10, 0.50, _A, "Well under half, and twice"),
}
