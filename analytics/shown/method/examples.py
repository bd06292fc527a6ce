"""Section 16: examples worked by the formulas that the product runs on."""

from __future__ import annotations

import math

from analytics.declared.columns import MINOR_UNITS
from analytics.declared.language import say
from analytics.declared.parameters import BASIS_POINTS, basis_points, percent_text
from analytics.declared.scales import KNOWN
from analytics.method import capital, factor, formulas
from analytics.method.guardrails import hold_out_bound
from analytics.shown import formats
from analytics.shown.markdown import table
from analytics.shown.method import months_example
from analytics.shown.method.one_account import Account, parts, worked
from analytics.shown.method.sections import Section


def risk_weight(default_probability: float, loss_given_default: float, correlation: float) -> float:
    """Return the IRB risk weight of a retail exposure, in percent of EAD."""
    found = capital.irb_requirement(default_probability, loss_given_default, correlation)
    return float(capital.irb_rwa(found, 100.0))


def rounded_limit(limit: int, raise_rate: float, step: int) -> int:
    """Return a limit raised and rounded down, all in minor units, as a statement computes it."""
    numerator = formulas.target_limit_numerator(limit, basis_points(raise_rate), None)
    return int(formulas.round_down(numerator, step))


def examples() -> Section:
    """Return the section of worked examples."""
    body = say(
        """
Every number here is computed by the functions that the figures come from, when this text is
written.

{raise_example}

{months_example}

{exact_example}

{affordable_example}

{curve_example}

{capital_example}

{hold_out_example}
""",
        raise_example=_raise_example(),
        months_example=months_example.text(),
        exact_example=_exact_example(),
        affordable_example=_affordable_example(),
        curve_example=_curve_example(),
        capital_example=_capital_example(),
        hold_out_example=_hold_out_example(),
    )
    return Section(16, say("Worked examples"), body.strip())


def _raise_example() -> str:
    account = Account()
    names = {
        "limit": say("limit"),
        "balance": say("balance"),
        "ead": say("EAD"),
        "default_probability": say("default probability"),
        "expected_loss": say("expected loss"),
    }
    rows = [
        (names[name], *(_number(value, name) for value in (before, after, after - before)))
        for name, (before, after) in worked(account).items()
    ]
    new, old, cross = parts(account)
    rate, p, g = account.raise_rate, account.default_probability, account.loss_given_default
    given = say(
        "L {limit:,.0f}, B {balance:,.0f}, r {rate}, linear form with mpb {mpb}, c {factor}, "
        "p {probability}, g {severity}, uplift {uplift} per +10 % of limit, the driver:",
        limit=account.limit,
        balance=account.balance,
        rate=percent_text(rate),
        mpb=account.mpb,
        factor=account.conversion_factor,
        probability=percent_text(p),
        severity=percent_text(g),
        uplift=account.uplift,
    )
    return say(
        """### One raise

{given}

{table}

The increment of expected loss is {total:.2f} =
{new:.2f} new exposure + {old:.2f} old balance + {cross:.2f} cross.""",
        given=given,
        table=table(("", say("before"), say("after"), say("increment")), rows),
        total=new + old + cross,
        new=new,
        old=old,
        cross=cross,
    )


def _number(value: float, name: str) -> str:
    return formats.plain_percent(value, 2) if name == "default_probability" else f"{value:,.2f}"


def _exact_example() -> str:
    limit, rate, step = 100, 0.15, 5
    exact = rounded_limit(limit * MINOR_UNITS, rate, step * MINOR_UNITS) / MINOR_UNITS
    floating = limit * (1 + rate)
    lost = math.floor(floating / step) * step
    minor, points = limit * MINOR_UNITS, BASIS_POINTS + basis_points(rate)
    return say(
        """### Why limits are whole numbers

A limit of {limit} raised by {rate} is {exact:.2f}, on a step of {step} too. In floating
point {limit} x {times:.2f} is {floating!r}, which rounds down to {lost}. The code computes
{minor:,} x {points:,} / {basis_points:,} in whole hundredths.""",
        limit=limit,
        rate=percent_text(rate),
        exact=exact,
        step=step,
        times=1 + rate,
        floating=floating,
        lost=lost,
        minor=minor,
        points=points,
        basis_points=BASIS_POINTS,
    )


def affordable(income: int, elsewhere: int, share: float, payment: float) -> float:
    """Return the highest limit that an income bears, currency units, as a statement computes it."""
    found = formulas.affordable_limit(
        income * MINOR_UNITS,
        elsewhere * MINOR_UNITS,
        basis_points(share),
        basis_points(payment),
    )
    return float(found) / MINOR_UNITS


def _affordable_example() -> str:
    income, elsewhere, share, payment = 5_000, 300, 0.30, 0.10
    limit = affordable(income, elsewhere, share, payment)
    return say(
        """### What is affordable

Of an income of {income:,} a month {share} is {bearable:,.0f}; {elsewhere:,} of it are paid
elsewhere. The other {rest:,.0f} bear a minimum payment of {payment} on a limit of {limit:,.2f}, and
on no higher one; without payments elsewhere it would be {without:,.2f}.""",
        income=income,
        share=percent_text(share),
        bearable=income * share,
        elsewhere=elsewhere,
        rest=income * share - elsewhere,
        payment=percent_text(payment),
        limit=limit,
        without=affordable(income, 0, share, payment),
    )


def _curve_example() -> str:
    shipped = KNOWN[0].curve
    assert shipped is not None  # noqa: S101 - the first scale has a curve
    curves = (
        (shipped.anchor_score, shipped.anchor_odds, shipped.points_to_double_odds, (650, 800)),
        (600.0, 50.0, 20.0, (600, 620)),
    )
    rows = []
    for anchor, odds, points, scores in curves:
        for score in scores:
            p = float(formulas.default_probability_from_score(score, anchor, odds, points))
            good = say("{odds:,.6g} to 1", odds=(1 - p) / p)
            rows.append(
                (
                    f"{anchor:g}",
                    f"{odds:g}",
                    f"{points:g}",
                    score,
                    good,
                    formats.rounded_percent(p, 6),
                )
            )
    header = (
        say("anchor"),
        say("odds there"),
        say("points to double"),
        say("score"),
        say("odds"),
        say("default probability"),
    )
    return say("### Default probability from the score\n\n{table}", table=table(header, rows))


def _capital_example() -> str:
    correlation, severity = 0.04, 0.45
    weights = [
        (formats.plain_percent(p, 2), f"{risk_weight(p, severity, correlation):.2f} %")
        for p in (0.0025, 0.01, 0.025)
    ]
    years = [
        (
            say("1 in {years:,}", years=year),
            f"{float(factor.factor_of_year(year)):.6f}",
            formats.plain_percent(_stressed(0.02, year, correlation), 6),
        )
        for year in (20, 1000)
    ]
    return say(
        """### A bad year, and capital

Asset correlation {correlation}, default probability 2 %:

{table}

Risk weights of qualifying revolving retail at a loss given default of {severity} (Basel
II, Annex 5, has 5.76, 17.22 and 33.98 %):

{second_table}""",
        correlation=percent_text(correlation),
        table=table((say("year"), say("z"), say("default probability given z")), years),
        severity=percent_text(severity),
        second_table=table((say("default probability"), say("risk weight")), weights),
    )


def _stressed(default_probability: float, years: float, correlation: float) -> float:
    """Return the default probability in the worst year of so many."""
    bad = factor.factor_of_year(years)
    return float(factor.conditional_probability(default_probability, bad, correlation))


def _hold_out_example() -> str:
    rows = [(percent_text(rate), f"`{hold_out_bound(rate)}`") for rate in (0.01, 0.05, 0.5)]
    return say(
        "### The bound of the hold-out\n\n{table}",
        table=table((say("share"), say("held out below")), rows),
    )
