"""Section 8: value over months, provisions, and raises that end."""

from __future__ import annotations

from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS
from analytics.declared.language import say
from analytics.declared.parameters import find
from analytics.method.months import DAYS_PER_MONTH, DAYS_PER_YEAR, QUARTER, YEAR
from analytics.shown.markdown import formulas
from analytics.shown.method.sections import Section


def over_months() -> Section:
    """Return the section on value over months."""
    body = say(
        """
The response builds up, losses come late, capital and provisions are due at once. All of it follows
from sums by score, so that every policy of the surface has it without another look at the accounts.

Of any measure X there are three states, as increments over the baseline: 0 today; X0 **the day
after**, with limits raised and balances and default probabilities as they were (the static result);
X1 at month {year}, with the whole response. In between, in two straight lines:

{build_up}

Customers leave and default on the way, with or without a raise. All accounts of one score s share
one curve of **survival**, whatever group they are shown in; pbar(s) is the mean p of all accounts
at that score before the raise:

{survival}

The **flows** of month t = 1, 2 ... H, for each score, with tau = (t - 1) / {year}:

{flows}

H is `horizon_months`, lag `loss_lag_months` (the loss of an account that defaults in a month is
booked so much later), d `discount_rate`. What defaults within the horizon is paid for:

{value}

At the values shipped, H is {horizon}, the lag {lag} and the share of month {quarter} {share}.

### Provisions

A provision is held against losses to come. Its stock at the end of month t, under `provisioning`:

{provisions}

In the first year's profit losses count when accounts default, not when they are charged off; there
is no charge for capital in it, and it is before tax.

### A raise that ends

A temporary raise of n days (`temporary_days`) has the increments of limit, balance, headroom, EAD
and risk-weighted assets of its last day, X(n / {days_per_month:g}), and of every yearly flow
(defaults, losses, margin, capital charge) n / {days_per_year} of that state's. The cost of raising
counts whole, nothing is retained, and customers are counted as under a permanent raise. Its value
over the horizon and that of the first year are its net value; payback and provisions are empty.
At its end the old limit holds again, which is no lowering: `end_date` is the effective date and the
days. Counted are raised customers who owe more than the old limit by then,
B + phi(n / {days_per_month:g}) x (B1 - B) > L.
""",
        year=YEAR,
        quarter=QUARTER,
        build_up=formulas(_build_up()),
        survival=formulas(
            say(
                "S(t) = ((1 - attrition(s)) x (1 - pbar(s)))^(t / {year})",
                year=YEAR,
            )
        ),
        flows=formulas(_flows()),
        value=formulas(_value()),
        provisions=formulas(_provisions()),
        horizon=_shipped("horizon_months"),
        lag=_shipped("loss_lag_months"),
        share=_shipped("build_month_3"),
        days_per_month=DAYS_PER_MONTH,
        days_per_year=DAYS_PER_YEAR,
    )
    return Section(8, say("Value over months"), body.strip())


def _shipped(name: str) -> str:
    parameter = find(ASSUMPTION_PARAMETERS, name)
    return parameter.show(parameter.default)


def _build_up() -> str:
    return say(
        """
X(t)   = X0 + phi(t) x (X1 - X0)
phi(t) = straight through (0, 0), ({quarter}, build_month_3), ({year}, 1), and 1 after that
""",
        quarter=QUARTER,
        year=YEAR,
    )


def _flows() -> str:
    return say(
        """
margin(t)   = S(t - 1) x phi(t) x margin1 / {year}
capital(t)  = S(t - 1) x (hurdle_rate - funding_rate) x capital_ratio x RWA(t) / {year}
retained(t) = 2 retained1 x tau x (1 - attrition(s))^(tau - 1) x (1 - pbar(s))^tau / {year}
default(t)  = S(t - 1) x EL(t) / {year}, booked lag months later
""",
        year=YEAR,
    )


def _value() -> str:
    return say(
        """
value(t) = margin(t) + retained(t) - capital(t)  for t up to H
           - default(t - lag)                    for t from lag + 1 to H + lag
npv      = -action_cost + sum of value(t) x (1 + d)^(-t / {year}),  t up to H + lag
first_year_value = -action_cost + sum of value(t),  t up to {year}, not discounted
payback_months   = first t from which the discounted cumulated value is >= 0 and stays so
""",
        year=YEAR,
    )


def _provisions() -> str:
    return say(
        """
ifrs9   stock(t) = S(t) x EL(t)               stage 1: {year} months ahead, undrawn included
cecl    stock(t) = S(t) x life_years x DL(t)  DL = sum of p g B: over life, drawn only
none    stock(t) = 0

provision_day_one = stock(0)
first_year_profit = -action_cost + sum of margin(t) + retained(t) - default(t), t up to {year},
                    less stock({year})
""",
        year=YEAR,
    )
