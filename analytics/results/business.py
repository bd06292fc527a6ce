"""The business case: from the balance that a raise adds to the net value that is left of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from analytics.assumptions import Assumptions
from analytics.method import formulas, measures
from analytics.results.simulation import Group


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the waterfall, currency units a year; what lowers the value is negative.

    ``is_total`` marks a sum of the steps before it.
    """

    name: str
    title: str
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
    return_on_capital : what is earned after losses and cost, per capital on top; None without
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

    @property
    def sentence(self) -> str:
        """The result in words."""
        if not self.balance and not self.net_value:
            return "Nobody is raised: nothing is earned, nothing is lost"
        if self.return_on_capital is None:
            return "The policy pays" if self.pays else "The policy does not pay"
        shown, hurdle = self.return_on_capital * 100, self.hurdle_rate * 100
        verb = "pays" if self.pays else "does not pay"
        return f"The policy {verb}: {shown:.3g} % on the capital it needs, against {hurdle:g} %"


def business_case(group: Group, assumptions: Assumptions) -> BusinessCase:
    """Return the waterfall of a simulated group; all steps are 0 for a group without accounts.

    The margin is the interest less funding and operating cost of the increment of balance.
    """
    change = group.increment
    if change is None:
        nothing = tuple(Step(name, title, 0.0, total) for name, title, total in _STEPS)
        return BusinessCase(
            balance=0.0,
            steps=nothing,
            net_value=0.0,
            capital=0.0,
            return_on_capital=None,
            hurdle_rate=assumptions.hurdle_rate,
        )
    parts = group.expected_loss_parts
    funding, operating = (
        rate * change.balance for rate in (assumptions.funding_rate, assumptions.operating_rate)
    )
    amounts = {
        "interest": change.margin + funding + operating,
        "funding": -funding,
        "operating": -operating,
        "retained": change.retained,
        "loss_new_exposure": -parts["new_exposure"],
        "loss_old_balance": -parts["old_balance"],
        "loss_cross": -parts["cross"],
        "capital_charge": -change.capital_charge,
        "action_cost": -change.action_cost,
    }
    amounts["margin"] = change.margin
    amounts["net_value"] = math.fsum(v for n, v in amounts.items() if n != "margin")
    capital = formulas.capital(change.rwa, assumptions.capital_ratio)
    return BusinessCase(
        balance=change.balance,
        steps=tuple(Step(name, title, amounts[name], total) for name, title, total in _STEPS),
        net_value=amounts["net_value"],
        capital=capital,
        return_on_capital=measures.own_rate("return_on_capital", change, assumptions),
        hurdle_rate=assumptions.hurdle_rate,
    )


_STEPS = (
    ("interest", "Interest on new balance", False),
    ("funding", "Funding", False),
    ("operating", "Operating cost", False),
    ("margin", "Margin", True),
    ("retained", "Retained customers", False),
    ("loss_new_exposure", "Loss: new exposure", False),
    ("loss_old_balance", "Loss: old balance", False),
    ("loss_cross", "Loss: cross", False),
    ("capital_charge", "Capital charge", False),
    ("action_cost", "Cost of raising", False),
    ("net_value", "Net value", True),
)
