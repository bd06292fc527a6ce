"""The business case: from the balance that a raise adds to the net value that is left of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from analytics.assumptions import Assumptions
from analytics.declared.choices import LossPart
from analytics.method import formulas, measures
from analytics.method.months import DAYS_PER_YEAR
from analytics.results.simulation import Group

STEPS: tuple[str, ...] = (
    "interest",
    "funding",
    "operating",
    "margin",
    "retained",
    "loss_new_exposure",
    "loss_old_balance",
    "loss_cross",
    "capital_charge",
    "action_cost",
    "net_value",
)
"""The steps of the waterfall, in their order."""
_TOTALS = frozenset({"margin", "net_value"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the waterfall, currency units a year; what lowers the value is negative.

    ``is_total`` marks a sum of the steps before it.
    """

    name: str
    amount: float
    is_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCase:
    """What the increment of balance earns and costs, currency units a year.

    Parameters
    ----------
    balance : increment of balance
    steps : the waterfall; steps that are no totals add up to ``net_value`` exactly
    net_value : increment of net value
    capital : capital that the raise needs on top
    return_on_capital : what is earned after losses and cost, per capital on top; None without any,
        and under a temporary raise, which is no year
    hurdle_rate : what the capital has to earn
    """

    balance: float
    steps: tuple[Step, ...]
    net_value: float
    capital: float
    return_on_capital: float | None
    hurdle_rate: float

    @property
    def pays(self) -> bool:
        """Whether something is left."""
        return self.net_value > 0


def business_case(
    group: Group, assumptions: Assumptions, *, days: int | None = None
) -> BusinessCase:
    """Return the waterfall of a simulated group; all steps are 0 for a group without accounts.

    The margin is the interest less funding and operating cost of the increment of balance. A
    temporary raise earns and costs for its ``days``.
    """
    change = group.increment
    if change is None:
        nothing = tuple(Step(name, 0.0, name in _TOTALS) for name in STEPS)
        return BusinessCase(
            balance=0.0,
            steps=nothing,
            net_value=0.0,
            capital=0.0,
            return_on_capital=None,
            hurdle_rate=assumptions.hurdle_rate,
        )
    parts = group.expected_loss_parts
    part = 1.0 if days is None else days / DAYS_PER_YEAR
    funding, operating = (
        part * formulas.interest(change.balance, rate)
        for rate in (assumptions.funding_rate, assumptions.operating_rate)
    )
    amounts = {
        "interest": change.margin + funding + operating,
        "funding": -funding,
        "operating": -operating,
        "retained": change.retained,
        "loss_new_exposure": -parts[LossPart.NEW_EXPOSURE],
        "loss_old_balance": -parts[LossPart.OLD_BALANCE],
        "loss_cross": -parts[LossPart.CROSS],
        "capital_charge": -change.capital_charge,
        "action_cost": -change.action_cost,
    }
    amounts["margin"] = change.margin
    amounts["net_value"] = math.fsum(v for n, v in amounts.items() if n != "margin")
    capital = formulas.capital(change.rwa, assumptions.capital_ratio)
    return BusinessCase(
        balance=change.balance,
        steps=tuple(Step(name, amounts[name], name in _TOTALS) for name in STEPS),
        net_value=amounts["net_value"],
        capital=capital,
        return_on_capital=None
        if days is not None
        else measures.own_rate("return_on_capital", change, assumptions),
        hurdle_rate=assumptions.hurdle_rate,
    )
