"""Every formula of the method, once: on floats, NumPy arrays and SQL columns alike.

Money is in one unit throughout (the engine uses minor units), rates are decimals, nothing is
rounded but a new limit. No formula takes a null: what is unknown is settled before.
Section numbers refer to the method (METHOD 4 to 7).
"""

from __future__ import annotations

from analytics.declared.choices import ResponseForm, UpliftDriver
from analytics.declared.columns import MAX_MONEY, MINOR_UNITS
from analytics.declared.parameters import BASIS_POINTS
from analytics.method.elementwise import (
    Quantity,
    Result,
    exp,
    greatest,
    least,
    ln,
    power,
    where,
    whole_quotient,
)

MONTHS_OF_A_YEAR = 12
LN_2 = 0.6931471805599453
PER_TEN_PERCENT = 10.0
"""Uplifts and attrition changes are declared per +10 % of limit."""
LEAVING_THROUGH_THE_YEAR = 0.5
"""Share of a year that who leaves within it stays on average."""
NO_CEILING = 4 * MAX_MONEY * MINOR_UNITS
"""Stands for a limit without end, minor units: above any limit that a raise can give."""


def default_probability_from_score(
    score: Quantity, anchor_score: Quantity, anchor_odds: Quantity, points_to_double: Quantity
) -> Result:
    """Return the 12-month default probability of a score (0 to 1), METHOD 5.

    Odds of good to bad are ``anchor_odds`` at ``anchor_score`` and double every
    ``points_to_double`` points; p = 1 / (1 + odds).
    """
    odds = anchor_odds * exp((score - anchor_score) * (LN_2 / points_to_double))
    return 1.0 / (1.0 + odds)


def score_from_default_probability(
    default_probability: Quantity,
    anchor_score: Quantity,
    anchor_odds: Quantity,
    points_to_double: Quantity,
) -> Result:
    """Return the score of a 12-month default probability (above 0, below 1).

    The inverse of :func:`default_probability_from_score`; not rounded, nor cut to a scale.
    """
    odds = (1.0 - default_probability) / default_probability
    return anchor_score + (points_to_double / LN_2) * ln(odds / anchor_odds)


def default_probability_over_a_year(probability: Quantity, horizon_months: int) -> Result:
    """Return the 12-month default probability (0 to 1) of one over another horizon, METHOD 2.

    p = 1 - (1 - p_h)^(12/h): the same hazard in every month.
    """
    return 1.0 - power(1.0 - probability, MONTHS_OF_A_YEAR / horizon_months)


def headroom(limit: Quantity, balance: Quantity) -> Result:
    """Return the unused part of the limit (money, never below 0)."""
    return greatest(limit - balance, 0)


def ead(balance: Quantity, unused: Quantity, conversion_factor: Quantity) -> Result:
    """Return the exposure at default (money): balance plus the part of headroom drawn by then."""
    return balance + conversion_factor * unused


def target_limit_numerator(
    limit: Quantity, points: Quantity, max_increment: Quantity | None
) -> Result:
    """Return 10,000 times the target limit (whole minor units), METHOD 4.

    ``points`` is the raise in whole basis points; the target is at most ``max_increment`` above
    the limit.
    """
    wanted = limit * (BASIS_POINTS + points)
    if max_increment is None:
        return wanted
    return least(wanted, (limit + max_increment) * BASIS_POINTS)


def round_down(numerator: Quantity, step: int) -> Result:
    """Return ``numerator / 10,000`` rounded down to a multiple of ``step`` (whole minor units)."""
    return whole_quotient(numerator, BASIS_POINTS * step) * step


def affordable_limit(
    income: Quantity, other_payments: Quantity, share: int, payment: int
) -> Result:
    """Return the highest whole limit whose minimum payment an income bears, METHOD 4.

    Money in minor units; ``share`` of the income and ``payment`` on the limit in whole basis
    points. Where nothing has to be paid on a limit, it is as good as none for incomes that bear
    the other payments.
    """
    bearable, elsewhere = income * share, other_payments * BASIS_POINTS
    if not payment:
        return where(bearable >= elsewhere, NO_CEILING, 0)
    return least(whole_quotient(greatest(bearable - elsewhere, 0), payment), NO_CEILING)


def balance_after(
    balance: Quantity,
    limit: Quantity,
    new_limit: Quantity,
    *,
    form: ResponseForm,
    elasticity: Quantity,
    mpb: Quantity,
    idle_draw: Quantity,
) -> Result:
    """Return the balance 12 months after a raise (money), METHOD 6; for limits above 0 only.

    Log form: balance grows by elasticity x balance x ln(new / old limit), that of an idle account
    by ``idle_draw`` x new limit. Linear form: mpb x new limit. Never above the new limit, nor
    below the balance of an account that is over it.

    Raises
    ------
    ParameterError
        A text that is no response form.
    """
    match ResponseForm(form):
        case ResponseForm.LINEAR:
            drawn = drawn_linear(mpb, new_limit - limit)
        case ResponseForm.LOG:
            drawn = where(
                is_idle(balance, limit, elasticity, idle_draw),
                drawn_idle(idle_draw, new_limit - limit),
                drawn_log(elasticity, balance, ln(new_limit / limit)),
            )
    return least(balance + drawn, greatest(new_limit, balance))


def is_idle(
    balance: Quantity, limit: Quantity, elasticity: Quantity, idle_draw: Quantity
) -> Result:
    """Return whether an account answers in the log form as an idle one: by use, it would less."""
    return elasticity * balance < idle_draw * limit


def drawn_linear(mpb: Quantity, more: Quantity) -> Result:
    """Return what is drawn of ``more`` limit in the linear form, before any bound (money)."""
    return mpb * more


def drawn_idle(idle_draw: Quantity, more: Quantity) -> Result:
    """Return what an idle line draws of ``more`` limit in the log form (money)."""
    return idle_draw * more


def drawn_log(elasticity: Quantity, balance: Quantity, log_growth: Quantity) -> Result:
    """Return what a balance grows by in the log form, before any bound (money).

    ``log_growth`` is ln(new / old limit).
    """
    return elasticity * balance * log_growth


def change_by_growth(per_ten_percent: Quantity, growth: Quantity) -> Result:
    """Return the relative change that a growth of limit brings, of one declared per +10 %."""
    return per_ten_percent * growth * PER_TEN_PERCENT


def change_by_draw(uplift: Quantity, drawn: Quantity, reference: Quantity) -> Result:
    """Return the relative change of default probability that a draw brings, METHOD 6.

    ``drawn`` is what is drawn of the raise and ``reference`` what a raise of +10 % usually brings
    to be drawn, both as a share of the old limit.
    """
    return uplift * (drawn / reference)


def uplift_change(
    uplift: Quantity,
    *,
    growth: Quantity,
    drawn: Quantity,
    reference: Quantity,
    driver: UpliftDriver,
) -> Result:
    """Return the relative change of default probability under a driver.

    ``growth`` is new / old limit - 1, ``drawn`` what is drawn of the raise as a share of the old
    limit.

    Raises
    ------
    ParameterError
        A text that is no driver.
    """
    match UpliftDriver(driver):
        case UpliftDriver.DEBT:
            return change_by_draw(uplift, drawn, reference)
        case UpliftDriver.LIMIT:
            return change_by_growth(uplift, growth)


def default_probability_after(default_probability: Quantity, change: Quantity) -> Result:
    """Return the default probability after a raise that changes it by a relative ``change``."""
    return least(default_probability * (1.0 + change), 1.0)


def attrition_after(
    attrition: Quantity, growth: Quantity, change: Quantity, floor: Quantity
) -> Result:
    """Return attrition after a raise; it falls by at most the share ``floor``."""
    return attrition * greatest(1.0 + change_by_growth(change, growth), 1.0 - floor)


def expected_loss(
    default_probability: Quantity, loss_given_default: Quantity, exposure: Quantity
) -> Result:
    """Return the expected loss of an exposure at default (money, over 12 months)."""
    return default_probability * loss_given_default * exposure


def margin(
    balance: Quantity, yield_rate: Quantity, funding_rate: Quantity, operating_rate: Quantity
) -> Result:
    """Return yield less funding and operating cost of a balance (money a year)."""
    return interest(balance, yield_rate - funding_rate - operating_rate)


def interest(balance: Quantity, rate: Quantity) -> Result:
    """Return what a balance earns or costs at a rate (money a year)."""
    return balance * rate


def standardised_rwa(
    balance: Quantity, unused: Quantity, risk_weight: Quantity, conversion_factor: Quantity
) -> Result:
    """Return risk-weighted assets of the standardised approach (money)."""
    return risk_weight * ead(balance, unused, conversion_factor)


def capital(rwa: Quantity, capital_ratio: Quantity) -> Result:
    """Return the capital held against risk-weighted assets (money)."""
    return capital_ratio * rwa


def capital_charge(
    rwa: Quantity, capital_ratio: Quantity, hurdle_rate: Quantity, funding_rate: Quantity
) -> Result:
    """Return what the capital behind risk-weighted assets has to earn (money a year).

    Above the funding that it replaces, for margin pays funding on the whole balance.
    """
    return (hurdle_rate - funding_rate) * capital_ratio * rwa


def earned(margin: Quantity, expected_loss: Quantity, capital_charge: Quantity) -> Result:
    """Return what a customer leaves as things stand, a loss included (money a year)."""
    return margin - expected_loss - capital_charge


def retained_value(attrition_fall: Quantity, earned_before: Quantity) -> Result:
    """Return the value of customers who stay because of the raise (money a year).

    Half of what they leave in a year, for leavers leave through the year; below 0 for customers
    who cost more than they bring.
    """
    return LEAVING_THROUGH_THE_YEAR * attrition_fall * earned_before


def net_value(
    margin: Quantity,
    retained: Quantity,
    expected_loss: Quantity,
    capital_charge: Quantity,
    action_cost: Quantity,
) -> Result:
    """Return what is left for the lender (money a year)."""
    return margin + retained - expected_loss - capital_charge - action_cost
