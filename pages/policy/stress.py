"""Stress: what bad years do to the portfolio, and how much of the loss is the policy's doing."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics.declared.choices import CapitalApproach
from analytics.errors import ParameterError
from analytics.results.stress import (
    SHIPPED,
    LossDistribution,
    Scenario,
    StressResult,
    capital_by_approach,
    loss_distribution,
    stress,
)
from analytics.shown import figures, formats
from pages.shared import cached, session, show

APPROACHES = {
    CapitalApproach.STANDARDISED: "Standardised",
    CapitalApproach.IRB_QRRE: "IRB, revolving retail",
    CapitalApproach.IRB_OTHER_RETAIL: "IRB, other retail",
}


def own_scenario() -> Scenario | None:
    """Let the user state a scenario; return it, or None where nothing is stressed."""
    with st.expander("A scenario of your own"):
        places = st.columns(4, gap="small")
        years = places[0].number_input(
            "Worst year in",
            min_value=1.0,
            max_value=1e6,
            value=1.0,
            step=10.0,
            format="%g",
            key="own_years",
            help="Of the one-factor model; 1 leaves the year as it is.",
            persist_state="session",
        )
        odds = places[1].number_input(
            "Odds of default x",
            min_value=0.1,
            max_value=100.0,
            value=1.0,
            step=0.1,
            format="%g",
            key="own_odds",
            persist_state="session",
        )
        severity = places[2].number_input(
            "Loss given default, pp more",
            min_value=-100.0,
            max_value=100.0,
            value=0.0,
            step=5.0,
            format="%g",
            key="own_lgd",
            persist_state="session",
        )
        drawn = places[3].number_input(
            "Unused line drawn, % more",
            min_value=0.0,
            max_value=100.0,
            value=0.0,
            step=5.0,
            format="%g",
            key="own_drawdown",
            persist_state="session",
        )
    if (years, odds, severity, drawn) == (1.0, 1.0, 0.0, 0.0):
        return None
    return Scenario(
        name="own",
        title="Your own",
        source="Stated on this page",
        years=years if years > 1 else None,
        odds_multiplier=odds,
        lgd_add=severity / 100,
        drawdown=drawn / 100,
    )


def finding(result: StressResult) -> str:
    """Return how much of the stressed loss the policy adds, in one sentence."""
    worst = max(result.outcomes, key=lambda outcome: outcome.proposed.expected_loss)
    if not worst.policy_share:
        return "The policy adds nothing to any stressed loss"
    return (
        f"{formats.percent(worst.policy_share)} of the loss under {worst.scenario.title} is the "
        "policy's doing"
    )


def outcomes_table(result: StressResult) -> pd.DataFrame:
    """Return one row a scenario, as texts."""
    rows = []
    for outcome in result.outcomes:
        more, before = outcome.increment, outcome.baseline
        rows.append(
            {
                "Scenario": outcome.scenario.title,
                "stresses": outcome.scenario.words(),
                "Defaults": formats.count(round(before.projected_defaults)),
                "Δ defaults": formats.signed(
                    formats.count(more.projected_defaults), more.projected_defaults
                ),
                "Expected loss": formats.compact(before.expected_loss),
                "proposed": formats.compact(outcome.proposed.expected_loss),
                "Δ loss": formats.signed(formats.compact(more.expected_loss), more.expected_loss),
                "Loss rate": formats.percent(before.loss_rate),
                "rate proposed": formats.percent(outcome.proposed.loss_rate),
                "policy's share": formats.percent(outcome.policy_share),
            }
        )
    return pd.DataFrame(rows)


def capital_table() -> pd.DataFrame:
    """Return risk-weighted assets and capital by approach, as texts."""
    found = capital_by_approach(pools, policy.score_threshold, assumptions)
    return pd.DataFrame(
        [
            {
                "Approach": APPROACHES[side.approach],
                "RWA": formats.compact(side.baseline_rwa),
                "proposed": formats.compact(side.proposed_rwa),
                "Capital": formats.compact(side.baseline_capital),
                "capital proposed": formats.compact(side.proposed_capital),
                "Δ capital": formats.signed(formats.compact(side.increment), side.increment),
            }
            for side in found
        ]
    )


def distribution_finding(found: LossDistribution) -> str:
    """Return what economic capital the policy needs on top."""
    more = found.more_capital
    before = found.baseline.economic_capital
    return (
        f"Economic capital {formats.compact(before)} {formats.ARROW} "
        f"{formats.compact(found.proposed.economic_capital)} "
        f"({formats.signed(formats.compact(more), more)})"
    )


portfolio, policy, assumptions = (
    session.loaded().portfolio,
    session.policy(),
    session.assumptions(),
)
pools = cached.stress_pools(portfolio, policy, assumptions)
st.markdown("## Stress")
st.caption(show.plain(show.standing(portfolio, assumptions)))
own = own_scenario()
scenarios = (*SHIPPED, own) if own else SHIPPED
result = stress(pools, policy.score_threshold, assumptions, scenarios)
left, right = st.columns(2, gap="medium")
with left:
    show.heading(finding(result))
    show.chart(
        figures.stress_figure(result, portfolio.currency, show.colours()),
        key="stress",
        alt="Expected loss by scenario, baseline and the policy's part",
    )
with right:
    try:
        spread = loss_distribution(
            cached.pools(portfolio, policy, assumptions), policy.score_threshold, assumptions
        )
        show.heading(distribution_finding(spread))
        show.chart(
            figures.distribution_figure(spread, portfolio.currency, show.colours()),
            key="distribution",
            alt="Density of a year's loss, baseline and proposed",
        )
    except ParameterError as error:
        show.notes(error.faults)
show.table(outcomes_table(result), key="outcomes", alt="Outcomes by scenario")
sources = "; ".join(
    f"{item.title} [{item.mark.value}] {item.source}" for item in scenarios if item.source
)
st.caption(show.plain(f"Sources: {sources}."))
show.heading("Capital", detail="baseline, proposed; floors as on the assumptions page")
show.table(capital_table(), key="capital", alt="Capital by approach")
