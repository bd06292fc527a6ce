"""Every assumption on response, risk and money, declared once (METHOD 5 to 8)."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.declared.choices import CapitalApproach, ConsentMode, ResponseForm, ResponsePreset
from analytics.declared.language import marked
from analytics.declared.parameters import Mark, Parameter, Unit

RESPONSE = marked("Response to a raise")
CURVE = marked("Default probability from the score")
EXPOSURE = marked("Exposure and loss")
VALUE = marked("Yield, cost and capital")
CUSTOMER = marked("Customer's side")

ASSUMPTION_PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "response_form",
        "Response form",
        "How balance follows the limit: log (concave) or linear.",
        Unit.CHOICE,
        ResponseForm.LOG,
        RESPONSE,
        Mark.EVIDENCE,
        "Log of the treatment: Miao et al., arXiv 2007.05188",
        choices=tuple(ResponseForm),
    ),
    Parameter(
        "consent_mode",
        "Consent",
        "Automatic: every raised account gets it; opt-in: a share takes the offer.",
        Unit.CHOICE,
        ConsentMode.AUTOMATIC,
        RESPONSE,
        Mark.PRACTICE,
        "By market: express consent in Canada, South Africa, Ireland",
        choices=tuple(ConsentMode),
    ),
    Parameter(
        "idle_draw",
        "Draw on an idle line",
        "Share of the new limit that an account with no balance draws (log form).",
        Unit.FRACTION,
        0.02,
        RESPONSE,
        Mark.ASSUMPTION,
        "Elasticity says nothing about a balance of 0",
        low=0,
        high=1,
    ),
    Parameter(
        "attrition_floor",
        "Largest fall of attrition",
        "Attrition falls by at most this share, however large the raise.",
        Unit.FRACTION,
        0.33,
        RESPONSE,
        Mark.EVIDENCE,
        "Fu et al. 2025: platform exit -33 %",
        low=0,
        high=1,
    ),
    Parameter(
        "anchor_score",
        "Anchor score",
        "Score at which the odds below hold.",
        Unit.NUMBER,
        650.0,
        CURVE,
        Mark.ASSUMPTION,
        "Set so that the book's loss is near Ant Consumer Finance 2024",
        low=0,
        high=100_000,
        aliases=("anchor",),
    ),
    Parameter(
        "anchor_odds",
        "Odds at the anchor",
        "Good customers for one that defaults, at the anchor score.",
        Unit.NUMBER,
        49.0,
        CURVE,
        Mark.ASSUMPTION,
        "Default probability of 2 % at the anchor",
        low=0,
        above_low=True,
        high=1_000_000,
        aliases=("odds_at_anchor", "odds"),
    ),
    Parameter(
        "points_to_double_odds",
        "Points that double the odds",
        "Points of score by which the odds double (PDO).",
        Unit.NUMBER,
        40.0,
        CURVE,
        Mark.ASSUMPTION,
        "About 0.15 % at a score of 800",
        low=0,
        above_low=True,
        high=10_000,
        aliases=("pdo",),
    ),
    Parameter(
        "credit_conversion_factor",
        "Credit conversion factor",
        "Share of the unused limit that is drawn by the time of default.",
        Unit.FRACTION,
        0.20,
        EXPOSURE,
        Mark.REGULATION,
        "China 2023, qualifying lines; elsewhere 0.10, 0.40 or 0.50",
        low=0,
        high=1,
        aliases=("ccf",),
    ),
    Parameter(
        "loss_given_default",
        "Loss given default",
        "Share of the exposure lost at default, where the portfolio brings none.",
        Unit.FRACTION,
        0.85,
        EXPOSURE,
        Mark.PRACTICE,
        "Unsecured cards 70-90 %",
        low=0,
        high=1,
        aliases=("lgd",),
    ),
    Parameter(
        "asset_correlation",
        "Asset correlation",
        "How strongly customers' fates move together (one-factor model); ranges hold up to 80 %.",
        Unit.FRACTION,
        0.04,
        EXPOSURE,
        Mark.REGULATION,
        "CRE31.15, qualifying revolving retail",
        low=0,
        high=0.8,
        aliases=("correlation",),
    ),
    Parameter(
        "funding_rate",
        "Funding cost",
        "Cost of funding the balance, a year.",
        Unit.FRACTION,
        0.025,
        VALUE,
        Mark.ASSUMPTION,
        "Near consumer ABS coupons",
        low=0,
        high=1,
        aliases=("funding",),
    ),
    Parameter(
        "operating_rate",
        "Operating cost",
        "Variable cost of running the balance, a year.",
        Unit.FRACTION,
        0.005,
        VALUE,
        Mark.ASSUMPTION,
        "Small for a digital lender",
        low=0,
        high=1,
        aliases=("operating",),
    ),
    Parameter(
        "capital_approach",
        "Capital approach",
        "Risk-weighted assets: standardised, or the IRB formula of a retail class.",
        Unit.CHOICE,
        CapitalApproach.STANDARDISED,
        VALUE,
        Mark.REGULATION,
        "CRE20 (standardised), CRE31 (IRB)",
        choices=tuple(CapitalApproach),
    ),
    Parameter(
        "risk_weight",
        "Risk weight",
        "Risk-weighted assets per unit of exposure (standardised).",
        Unit.FRACTION,
        0.75,
        VALUE,
        Mark.REGULATION,
        "Basel III, regulatory retail",
        low=0,
        high=12.5,
    ),
    Parameter(
        "regulatory_conversion_factor",
        "Regulatory conversion factor",
        "Share of the unused limit counted for capital (standardised).",
        Unit.FRACTION,
        0.10,
        VALUE,
        Mark.REGULATION,
        "Basel III, unconditionally cancellable lines",
        low=0,
        high=1,
        aliases=("regulatory_ccf",),
    ),
    Parameter(
        "pd_floor",
        "Floor of default probability",
        "IRB capital counts no default probability below it; 0 is off.",
        Unit.FRACTION,
        0.0,
        VALUE,
        Mark.REGULATION,
        "Off; CRE32.58: 0.10 % for revolving retail, 0.05 % for other retail",
        low=0,
        high=1,
        aliases=("default_probability_floor",),
    ),
    Parameter(
        "lgd_floor",
        "Floor of loss given default",
        "IRB capital counts no loss given default below it; 0 is off.",
        Unit.FRACTION,
        0.0,
        VALUE,
        Mark.REGULATION,
        "Off; CRE32.58: 50 % for revolving retail, 30 % for other retail",
        low=0,
        high=1,
        aliases=("loss_given_default_floor",),
    ),
    Parameter(
        "capital_ratio",
        "Capital ratio",
        "Capital held per unit of risk-weighted assets.",
        Unit.FRACTION,
        0.105,
        VALUE,
        Mark.REGULATION,
        "Basel III minimum with conservation buffer",
        low=0,
        high=1,
    ),
    Parameter(
        "hurdle_rate",
        "Hurdle rate",
        "Return that the capital has to earn, a year.",
        Unit.FRACTION,
        0.12,
        VALUE,
        Mark.ASSUMPTION,
        "Common cost of equity",
        low=0,
        high=1,
        aliases=("hurdle",),
    ),
    Parameter(
        "action_cost",
        "Cost of a raise",
        "Cost of making one raise: message, handling; in the portfolio's currency.",
        Unit.NUMBER,
        0.0,
        VALUE,
        Mark.ASSUMPTION,
        "Digital channel",
        low=0,
        high=10**9,
    ),
    Parameter(
        "relief_utilization",
        "Tight from utilization",
        "A customer at this utilization or above is tight; below it after the raise, relieved.",
        Unit.RATE,
        0.80,
        CUSTOMER,
        Mark.ASSUMPTION,
        "Near-limit customers",
        low=0,
        high=10,
    ),
    Parameter(
        "minimum_payment_rate",
        "Minimum payment",
        "Monthly minimum payment as a share of the full limit.",
        Unit.RATE,
        0.10,
        CUSTOMER,
        Mark.REGULATION,
        "Reg Z 1026.51 tests the full proposed line",
        low=0,
        high=1,
    ),
    Parameter(
        "strain_income_share",
        "Strained above",
        "A minimum payment above this share of monthly income strains the customer.",
        Unit.RATE,
        0.30,
        CUSTOMER,
        Mark.REGULATION,
        "Reg Z 1026.51: ability to pay",
        low=0,
        high=10,
    ),
    Parameter(
        "over_indebted_multiple",
        "Over-indebted above",
        "A balance above this many monthly incomes counts as over-indebted.",
        Unit.MULTIPLE,
        6.0,
        CUSTOMER,
        Mark.ASSUMPTION,
        "Half a year of income",
        low=0,
        above_low=True,
        high=50,
    ),
)


@dataclass(frozen=True, slots=True)
class BandParameter:
    """An assumption with one value for each score band.

    Parameters
    ----------
    declared : Parameter
        Words, unit and bounds; its default is not used.
    low_case, central, high_case : tuple of float
        Values for the eight bands under the response presets; central is the default.
    """

    declared: Parameter
    low_case: tuple[float, ...]
    central: tuple[float, ...]
    high_case: tuple[float, ...]

    @property
    def name(self) -> str:
        """Name in code and files."""
        return self.declared.name

    def under(self, preset: ResponsePreset) -> tuple[float, ...]:
        """Return the values for the eight bands under a response preset."""
        match preset:
            case ResponsePreset.LOW:
                return self.low_case
            case ResponsePreset.CENTRAL:
                return self.central
            case ResponsePreset.HIGH:
                return self.high_case


def _by_band(
    name: str,
    english_title: str,
    english_help: str,
    mark: Mark,
    english_source: str,
    low: float,
    high: float,
    aliases: tuple[str, ...] = (),
    low_case: tuple[float, ...] | None = None,
    high_case: tuple[float, ...] | None = None,
    *,
    central: tuple[float, ...],
) -> BandParameter:
    declared = Parameter(
        name,
        english_title,
        english_help,
        Unit.FRACTION,
        central[0],
        RESPONSE,
        mark,
        english_source,
        low=low,
        high=high,
        aliases=aliases,
    )
    return BandParameter(declared, low_case or central, central, high_case or central)


BAND_PARAMETERS: tuple[BandParameter, ...] = (
    _by_band(
        "elasticity",
        "Elasticity of balance",
        "Relative growth of balance per relative growth of limit (log form).",
        Mark.ASSUMPTION,
        "Low: Equifax 2013, +7 pp of balance for 10-30 %; central between it and TransUnion 2019",
        0,
        1,
        low_case=(0.35,) * 8,
        central=(0.60,) * 8,
    ),
    _by_band(
        "mpb",
        "Use of new limit",
        "Share of the new limit that is borrowed (linear form).",
        Mark.ASSUMPTION,
        "Mean 0.10-0.14 as Gross & Souleles 2002; high: shape of Agarwal et al. 2018",
        0,
        1,
        aliases=("marginal_propensity_to_borrow",),
        low_case=(0.193, 0.147, 0.105, 0.070, 0.045, 0.032, 0.025, 0.017),
        central=(0.33, 0.25, 0.18, 0.12, 0.08, 0.055, 0.04, 0.03),
        high_case=(0.58, 0.55, 0.45, 0.35, 0.25, 0.23, 0.20, 0.20),
    ),
    _by_band(
        "pd_uplift",
        "Uplift of default probability",
        "Relative rise of the default probability per +10 % of limit.",
        Mark.ASSUMPTION,
        "Order of Fu et al. 2025: +5.7 % on 60+ days past due",
        0,
        1,
        central=(0.030, 0.025, 0.020, 0.015, 0.012, 0.010, 0.010, 0.010),
    ),
    _by_band(
        "attrition",
        "Attrition",
        "Share of customers who leave within 12 months, without a raise.",
        Mark.ASSUMPTION,
        "",
        0,
        1,
        central=(0.18, 0.14, 0.11, 0.09, 0.07, 0.06, 0.05, 0.05),
    ),
    _by_band(
        "attrition_change",
        "Change of attrition",
        "Relative change of attrition per +10 % of limit.",
        Mark.ASSUMPTION,
        "Order of Fu et al. 2025",
        -1,
        1,
        central=(-0.05, -0.05, -0.05, -0.04, -0.04, -0.03, -0.03, -0.03),
    ),
    _by_band(
        "take_up",
        "Take-up",
        "Share of customers who take an offered raise (opt-in only).",
        Mark.ASSUMPTION,
        "",
        0,
        1,
        central=(0.70, 0.65, 0.60, 0.50, 0.40, 0.35, 0.30, 0.30),
    ),
    _by_band(
        "yield_rate",
        "Yield on balance",
        "Interest and fees earned on the balance, a year.",
        Mark.ASSUMPTION,
        "Under the 14.9-18.25 % customers pay",
        0,
        1,
        aliases=("yield", "yield_on_balance"),
        central=(0.14, 0.13, 0.115, 0.10, 0.085, 0.08, 0.075, 0.07),
    ),
)
