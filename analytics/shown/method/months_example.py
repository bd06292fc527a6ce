"""The worked example of value over months: one account, so that each cell can be followed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats, Ints
from analytics.declared.choices import Provisioning
from analytics.declared.language import say
from analytics.declared.parameters import percent_text
from analytics.method import formulas, months
from analytics.method.months import STATES, Schedule
from analytics.shown.markdown import table
from analytics.shown.method.one_account import Account, worked

ACCOUNT = Account(conversion_factor=0.2, default_probability=0.01)
"""The account of the first example at a fifth of its unused line and half of its risk."""
YIELD = 0.075
COST = 5.0
"""What making the raise costs, currency units."""
SHOWN = (1, 2, 3, 7, 8, 12, 36, 37, 42)
"""The months that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverMonths:
    """What the account's raise brings, money in currency units, flows by month from 1 on."""

    sums: dict[str, float]
    month: Ints = field(repr=False)
    built: Floats = field(repr=False)
    flows: dict[str, Floats] = field(repr=False)
    cumulated: Floats = field(repr=False)
    worths: dict[str, float]
    payback_months: int | None


def assumed() -> Assumptions:
    """Return what is assumed: as shipped, in one band whose customers never leave."""
    bands = len(Assumptions().band_edges)
    return Assumptions(
        attrition=(0.0,) * bands,
        yield_rate=(YIELD,) * bands,
        provisioning=Provisioning.IFRS9,
    )


def increments(account: Account, assumptions: Assumptions) -> dict[str, float]:
    """Return the account's yearly increments in the states that value over months needs."""
    found = worked(account)
    (old, new), (before, after) = found["limit"], found["balance"]
    p, riskier = found["default_probability"]
    severity, drawn, more = account.loss_given_default, after - before, new - old
    costs = (assumptions.funding_rate, assumptions.operating_rate)

    def assets(balance: float, unused: float) -> float:
        weight, factor = assumptions.risk_weight, assumptions.regulatory_conversion_factor
        return float(formulas.standardised_rwa(balance, unused, weight, factor))

    first = formulas.ead(0.0, more, account.conversion_factor)
    return {
        "margin": float(formulas.margin(drawn, YIELD, *costs)),
        "retained": 0.0,
        "rwa": assets(drawn, more - drawn),
        "day_after_rwa": assets(0.0, more),
        "expected_loss": found["expected_loss"][1] - found["expected_loss"][0],
        "day_after_loss": float(formulas.expected_loss(p, severity, first)),
        "drawn_loss": float(
            formulas.expected_loss(riskier, severity, after)
            - formulas.expected_loss(p, severity, before)
        ),
    }


def followed(account: Account = ACCOUNT) -> OverMonths:
    """Return what the raise of an account brings month by month."""
    assumptions = assumed()
    sums = increments(account, assumptions)
    one, defaults = np.ones(1), np.array([account.default_probability])
    schedule = Schedule.of(np.array(assumptions.band_edges[:1]), one, defaults, assumptions)
    by_score = {name: np.array([sums[name]]) for name in STATES}
    flows = months.flows(schedule, by_score)
    cumulated = months.cumulated(flows["value"], schedule, COST)
    first = float(months.payback(cumulated, 1.0))
    return OverMonths(
        sums=sums,
        month=schedule.months,
        built=months.build_up(schedule.months, assumptions),
        flows=flows,
        cumulated=cumulated,
        worths={
            name: float(months.worth(name, weights, by_score, np.array([COST])).sum())
            for name, weights in schedule.worths().items()
        },
        payback_months=None if np.isnan(first) else int(first),
    )


def text() -> str:
    """Return the example in words and figures."""
    found = followed()
    header = (
        say("month t"),
        "phi(t)",
        "margin(t)",
        "capital(t)",
        "default(t)",
        say("booked"),
        "value(t)",
        say("cumulated, discounted"),
    )
    return say(
        """### Value over months

The same account with c {factor} and p {probability}, yield {rate} and a cost of {cost:.2f} to
make the raise, in a band that nobody leaves; all else as shipped. Margin at month 12 is
{drawn:,.0f} x ({rate} - funding - operating cost) = {margin:.2f} a year. Risk-weighted assets grow
by {day_after:.2f} the day after and by {rwa:.2f} at month 12, the expected loss by
{first_loss:.3f} and {loss:.3f} a year:

{table}

In month 1 everybody is there: margin is {built:.4f} x {margin:.2f} / 12. What defaults in it is
booked in month {booked}; after month {horizon} only such losses come. The value over the horizon is
{npv:.2f}, that of the first year {first_year:.2f}; what the raise costs is paid back in month
{payback}. The provision on day one is {provision:.2f}, the first year's profit {profit:.2f}.""",
        factor=ACCOUNT.conversion_factor,
        probability=percent_text(ACCOUNT.default_probability),
        rate=percent_text(YIELD),
        cost=COST,
        drawn=found.sums["margin"] / (YIELD - assumed().funding_rate - assumed().operating_rate),
        margin=found.sums["margin"],
        day_after=found.sums["day_after_rwa"],
        rwa=found.sums["rwa"],
        first_loss=found.sums["day_after_loss"],
        loss=found.sums["expected_loss"],
        table=table(header, _rows(found)),
        built=float(found.built[0]),
        booked=1 + assumed().loss_lag_months,
        horizon=assumed().horizon_months,
        npv=found.worths["npv"],
        first_year=found.worths["first_year_value"],
        payback=found.payback_months or say("none"),
        provision=found.worths["provision_day_one"],
        profit=found.worths["first_year_profit"],
    )


def _rows(found: OverMonths) -> list[tuple[str, ...]]:
    """Return the months that are shown, a row each."""
    names = ("margin", "capital", "default", "loss", "value")
    return [
        (
            f"{month}",
            f"{found.built[month - 1]:.4f}",
            *(f"{found.flows[name][month - 1]:.4f}" for name in names),
            f"{found.cumulated[month - 1]:.4f}",
        )
        for month in SHOWN
    ]
