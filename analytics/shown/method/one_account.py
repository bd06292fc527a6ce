"""One account that a person can follow: before and after its raise, in the linear form."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.declared.choices import ResponseForm, UpliftDriver
from analytics.method import formulas


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account and what is assumed of it; money in currency units, rates as decimals."""

    limit: float = 10_000.0
    balance: float = 3_000.0
    raise_rate: float = 0.20
    mpb: float = 0.25
    conversion_factor: float = 0.5
    default_probability: float = 0.02
    loss_given_default: float = 0.85
    uplift: float = 0.02


def worked(account: Account) -> dict[str, tuple[float, float]]:
    """Return an account before and after its raise in the linear form, without a ceiling."""
    new = account.limit * (1.0 + account.raise_rate)
    balance = formulas.balance_after(
        account.balance,
        account.limit,
        new,
        form=ResponseForm.LINEAR,
        elasticity=0.0,
        mpb=account.mpb,
        idle_draw=0.0,
    )
    riskier = formulas.default_probability_after(
        account.default_probability,
        formulas.uplift_change(
            account.uplift,
            growth=account.raise_rate,
            drawn=(balance - account.balance) / account.limit,
            reference=1.0,
            driver=UpliftDriver.LIMIT,
        ),
    )
    exposures = (
        formulas.ead(drawn, formulas.headroom(limit, drawn), account.conversion_factor)
        for limit, drawn in ((account.limit, account.balance), (new, balance))
    )
    before, after = map(float, exposures)
    probabilities = (account.default_probability, float(riskier))
    losses = (
        formulas.expected_loss(probability, account.loss_given_default, exposure)
        for probability, exposure in zip(probabilities, (before, after), strict=True)
    )
    first, second = map(float, losses)
    return {
        "limit": (account.limit, new),
        "balance": (account.balance, float(balance)),
        "ead": (before, after),
        "default_probability": probabilities,
        "expected_loss": (first, second),
    }


def parts(account: Account) -> tuple[float, float, float]:
    """Return the increment of expected loss by new exposure, old balance and cross."""
    found = worked(account)
    (before, after), (old, new) = found["ead"], found["default_probability"]
    severity, more = account.loss_given_default, after - before
    loss = formulas.expected_loss
    return (
        loss(old, severity, more),
        loss(new - old, severity, before),
        loss(new - old, severity, more),
    )
