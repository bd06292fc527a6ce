"""What a raise does to one account: the same for rows of a database and for arrays (METHOD 6, 7).

The functions take an account as anything that has its quantities as attributes: the columns of a
statement, or :class:`Rows` of arrays. They come in stages, so that a statement can name what one
stage gives before the next takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from analytics.assumptions import Assumptions
from analytics.declared.choices import Provisioning
from analytics.method import capital, formulas
from analytics.method.elementwise import Quantity, Result, as_double, where

BAND_VALUES = (
    "elasticity",
    "mpb",
    "pd_uplift",
    "reference_draw",
    "attrition",
    "attrition_change",
    "yield_rate",
)
"""Values by band that an account's own formulas need."""

Account = Any
"""What has an account's quantities as attributes; which ones, each function says."""


class Rows(SimpleNamespace):
    """Accounts as arrays by name."""


def drawn(account: Account, band: Mapping[str, Quantity], assumptions: Assumptions) -> Result:
    """Return the balance after the raise, from balance, limits and the values of the band."""
    return formulas.balance_after(
        as_double(account.balance),
        as_double(account.credit_limit),
        as_double(account.new_limit),
        form=assumptions.response_form,
        elasticity=band["elasticity"],
        mpb=band["mpb"],
        idle_draw=assumptions.idle_draw,
    )


def first_stage(
    account: Account,
    band: Mapping[str, Quantity],
    assumptions: Assumptions,
    *,
    transactors: bool,
) -> dict[str, Result]:
    """Return what follows from the new limit: ``new_balance``, ``unused``, ``yield_rate`` and such.

    Takes ``balance``, ``credit_limit``, ``new_limit`` and, where ``transactors`` are known,
    ``is_transactor`` (which may be null).
    """
    growth = as_double(account.new_limit) / as_double(account.credit_limit) - 1.0
    staying = formulas.attrition_after(
        band["attrition"], growth, band["attrition_change"], assumptions.attrition_floor
    )
    return {
        "new_balance": drawn(account, band, assumptions),
        "unused": as_double(formulas.headroom(account.credit_limit, account.balance)),
        "yield_rate": yield_of(account, band["yield_rate"], assumptions, transactors=transactors),
        "attrition_fall": band["attrition"] - staying,
        "uplift": as_double(band["pd_uplift"]),
        "reference_draw": as_double(band["reference_draw"]),
    }


def yield_of(
    account: Account, of_band: Quantity, assumptions: Assumptions, *, transactors: bool
) -> Result:
    """Return what an account's balance earns a year: a transactor's bears no interest."""
    if not transactors:
        return of_band
    return where(is_transactor(account), assumptions.transactor_yield, of_band)


def is_transactor(account: Account) -> Result:
    """Return whether an account is known to pay in full each month."""
    flag = account.is_transactor
    return flag.is_(True) if hasattr(flag, "is_") else flag


def second_stage(account: Account, assumptions: Assumptions) -> dict[str, Result]:
    """Return what follows from the new balance: exposures and ``new_probability``.

    ``exposure`` is at default, before the raise, and ``more`` what the raise adds to it.
    """
    factor = assumptions.credit_conversion_factor
    limit, new = as_double(account.credit_limit), as_double(account.new_limit)
    new_unused = formulas.headroom(new, account.new_balance)
    exposure = formulas.ead(as_double(account.balance), account.unused, factor)
    riskier = formulas.uplift_change(
        account.uplift,
        growth=new / limit - 1.0,
        drawn=(account.new_balance - account.balance) / limit,
        reference=account.reference_draw,
        driver=assumptions.pd_uplift_driver,
    )
    return {
        "new_unused": new_unused,
        "exposure": exposure,
        "more": formulas.ead(account.new_balance, new_unused, factor) - exposure,
        "new_probability": formulas.default_probability_after(account.default_probability, riskier),
    }


def terms(
    account: Account, assumptions: Assumptions, *, transactors: bool, day_after: bool
) -> dict[str, Result]:
    """Return what an account adds to each increment, money in its unit; 0 where it is not raised.

    The ``new_exposure``, ``old_balance`` and ``cross`` parts are those of expected loss. With
    ``day_after``, what a temporary raise needs of the day after it is there too.
    """
    a = account
    probability, severity = a.default_probability, a.loss_given_default
    riskier = a.new_probability - probability
    found = {
        "limit": a.new_limit - a.credit_limit,
        "balance": a.new_balance - a.balance,
        "headroom": a.new_unused - a.unused,
        "projected_defaults": riskier,
        "defaulted_exposure": riskier * a.exposure + a.new_probability * a.more,
        "new_exposure": formulas.expected_loss(probability, severity, a.more),
        "old_balance": formulas.expected_loss(riskier, severity, a.exposure),
        "cross": formulas.expected_loss(riskier, severity, a.more),
        "retained": _retained(a, assumptions),
        **_day_after(a, assumptions, defaulted=day_after),
    }
    if transactors:
        found["transactor_balance"] = where(is_transactor(a), a.new_balance - a.balance, 0.0)
    if assumptions.provisioning is Provisioning.CECL:
        before = formulas.expected_loss(probability, severity, as_double(a.balance))
        after = formulas.expected_loss(a.new_probability, severity, a.new_balance)
        found["drawn_loss"] = after - before
    if assumptions.capital_approach.is_irb:
        before = capital.counted_rwa(probability, severity, a.exposure, assumptions)
        after = capital.counted_rwa(a.new_probability, severity, a.exposure + a.more, assumptions)
        found["rwa"] = after - before
    return found


def earned_today(account: Account, assumptions: Assumptions) -> Result:
    """Return what a customer leaves as things stand (money a year).

    Takes ``balance``, ``unused``, ``exposure``, ``yield_rate`` and what default is likely to cost.
    """
    a = account
    balance = as_double(a.balance)
    loss = formulas.expected_loss(a.default_probability, a.loss_given_default, a.exposure)
    rwa = capital.rwa(balance, a.unused, a.default_probability, a.loss_given_default, assumptions)
    margin = formulas.margin(
        balance, a.yield_rate, assumptions.funding_rate, assumptions.operating_rate
    )
    return formulas.earned(margin, loss, capital.charge(rwa, assumptions))


def _retained(account: Account, assumptions: Assumptions) -> Result:
    """Return what a customer is worth who stays for the raise."""
    return formulas.retained_value(account.attrition_fall, earned_today(account, assumptions))


def _day_after(account: Account, assumptions: Assumptions, *, defaulted: bool) -> dict[str, Result]:
    """Return the state of the day after: limits are raised, balances and risks as before."""
    a = account
    probability, severity = a.default_probability, a.loss_given_default
    unused = as_double(formulas.headroom(a.new_limit, a.balance)) - a.unused
    drawn_by_then = formulas.ead(0.0, unused, assumptions.credit_conversion_factor)
    loss = formulas.expected_loss(probability, severity, drawn_by_then)
    found = {"day_after_headroom": unused, "day_after_loss": loss}
    if defaulted:
        found["day_after_defaulted_exposure"] = probability * drawn_by_then
    if assumptions.capital_approach.is_irb:
        found["day_after_rwa"] = capital.counted_rwa(
            probability, severity, drawn_by_then, assumptions
        )
    return found


__all__ = [
    "BAND_VALUES",
    "Rows",
    "drawn",
    "earned_today",
    "first_stage",
    "is_transactor",
    "second_stage",
    "terms",
    "yield_of",
]
