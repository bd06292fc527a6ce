"""What a policy file states beside its levers, and what of it a portfolio does not fit.

Method version, score scale, currency, and the rates of the affordability ceiling, which are
assumptions: who is raised depends on them. They make no policy, and are held against the portfolio
that the policy is to be used on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics.assumptions import Assumptions, parameter
from analytics.declared.choices import UnknownCells
from analytics.declared.language import marked, say
from analytics.declared.method_version import METHOD_VERSION
from analytics.declared.parameters import Unit, percent_text
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.policy import Policy
from analytics.portfolio import Portfolio

METHOD, SCALE, CURRENCY, BEYOND = "method_version", "scale", "currency", "beyond_evidence"
END = "end_date"
RATES = ("minimum_payment_rate", "strain_income_share")
"""Assumptions that the affordability ceiling is made of."""
NEEDED = (METHOD, SCALE, CURRENCY)
"""Rows that a file must have; it has the others for the reader alone."""
STATED = (*NEEDED, *RATES, BEYOND, END)
NONE, ON, OFF = "none", "on", "off"
UNTIL_1 = {
    "affordability": False,
    "unknown_cells": UnknownCells.PASS,
    "temporary_days": None,
    "message_holdout_rate": 0.0,
}
"""Levers that came with version 2 of the method, and what version 1 did without them."""
AT_FIRST = {"closed": False}
"""Levers that version 1 of the method had from some day on, and what it did before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a policy was made for; None is what is not stated.

    Parameters
    ----------
    unnamed : tuple of str
        Levers that a file of version 1 does not name, which stand as they did then.
    """

    method_version: int = METHOD_VERSION
    scale: str | None = None
    currency: str | None = None
    minimum_payment_rate: float | None = None
    strain_income_share: float | None = None
    unnamed: tuple[str, ...] = ()

    @classmethod
    def of(cls, portfolio: Portfolio, assumptions: Assumptions) -> Context:
        """Return what a policy is made for, on a portfolio and under assumptions."""
        return cls(
            scale=str(portfolio.scale),
            currency=portfolio.currency,
            **{name: getattr(assumptions, name) for name in RATES},
        )

    def rows(self, policy: Policy) -> Iterator[tuple[str, str, str, str, str]]:
        """Return what a file states of a policy: rule, no score_from, value, unit and title."""
        yield (METHOD, "", str(self.method_version), "version", marked("Version of the method"))
        yield (SCALE, "", self.scale or NONE, "scale", marked("Score scale of its scores"))
        yield (CURRENCY, "", self.currency or NONE, "currency", marked("Currency of its amounts"))
        for name in RATES:
            value, declared = getattr(self, name), parameter(name)
            if value is not None:
                text = declared.format(value)
                yield (name, "", text, declared.unit.value, declared.english_title)
        beyond = ON if policy.is_beyond_evidence else OFF
        yield (BEYOND, "", beyond, Unit.FLAG.value, marked("Raise beyond the evidence"))
        if policy.temporary_days is not None:
            day = policy.end_date.isoformat() if policy.end_date else NONE
            yield (END, "", day, Unit.DATE.value, marked("Old limits hold again from"))

    def faults_on(self, policy: Policy, portfolio: Portfolio) -> list[str]:
        """Return why the limits of a policy could not be meant for a portfolio, if so."""
        if self.currency in (None, portfolio.currency):
            return []
        return [
            say(
                "The policy is in {currency} and the portfolio in {other}, so that its amounts "
                "({amounts}) are not meant for it: state the portfolio's currency, or write the "
                "amounts in {other} and currency = {other} into the file.",
                currency=self.currency,
                other=portfolio.currency,
                amounts=_amounts(policy),
            )
        ]

    def notes_on(
        self, policy: Policy, portfolio: Portfolio, assumptions: Assumptions
    ) -> tuple[str, ...]:
        """Return what is to be known before a policy is used here, one sentence each."""
        return (
            *self._of_another_version(policy),
            *self._not_stated(policy, portfolio),
            *self._of_another_scale(portfolio),
            *self._at_other_rates(policy, assumptions),
        )

    def _of_another_version(self, policy: Policy) -> Iterator[str]:
        if self.method_version == METHOD_VERSION:
            return
        if self.unnamed:
            yield say(
                "The policy file is of version {old} of the method. What it does not name stands "
                "as it was then ({kept}), so that its limits are the old ones.",
                old=self.method_version,
                kept=tuple(f"{name} = {_text(name, policy)}" for name in self.unnamed),
            )
        else:
            yield say("The policy file is of version {old} of the method.", old=self.method_version)
        yield say(
            "With pd_uplift_driver = limit its exposure, defaults and loss are the old ones too, "
            "but for accounts of tiny balances, which draw on a raise like idle ones now. Retained "
            "value and the capital charge are counted anew, and the hold-out is drawn after sizing."
        )

    def _not_stated(self, policy: Policy, portfolio: Portfolio) -> Iterator[str]:
        """Say what is taken for granted of a file that does not say what it was made for."""
        if self.currency is None:
            yield say(
                "The policy file names no currency: its amounts ({amounts}) are taken to be in "
                "{currency}.",
                amounts=_amounts(policy),
                currency=portfolio.currency,
            )
        if self.scale is None:
            yield say(
                "The policy file names no score scale: its threshold of {threshold} is taken to be "
                "on {scale}.",
                threshold=policy.score_threshold,
                scale=portfolio.scale,
            )

    def _of_another_scale(self, portfolio: Portfolio) -> Iterator[str]:
        if self.scale not in (None, str(portfolio.scale)):
            yield say(
                "The policy was made for scores of {scale}, and the portfolio has {other}: the "
                "same score means another risk here, so look at the threshold again.",
                scale=self.scale,
                other=portfolio.scale,
            )

    def _at_other_rates(self, policy: Policy, assumptions: Assumptions) -> Iterator[str]:
        for name in RATES if policy.affordability else ():
            then, now = getattr(self, name), getattr(assumptions, name)
            if then not in (None, now):
                yield say(
                    "The policy was made with {name} = {then}, and {now} is assumed here: other "
                    "customers can afford a raise.",
                    name=name,
                    then=percent_text(then),
                    now=percent_text(now),
                )


def _text(name: str, policy: Policy) -> str:
    declared = next(p for p in POLICY_PARAMETERS if p.name == name)
    return declared.format(getattr(policy, name))


def _amounts(policy: Policy) -> str:
    money = (p.name for p in POLICY_PARAMETERS if p.unit is Unit.MONEY)
    amounts = {name: getattr(policy, name) for name in money}
    return ", ".join(
        f"{name} = {amount:f}" for name, amount in amounts.items() if amount is not None
    )
