"""Stress: what bad years do to the portfolio, and how much of the loss is the policy's doing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics.declared.language import clauses, marked, say
from analytics.errors import ParameterError
from analytics.results.stress import (
    SHIPPED,
    CapitalSide,
    Scenario,
    StressPools,
    StressResult,
    capital_by_approach,
    loss_distribution,
    stress,
)
from analytics.shown import figures, findings, formats, words
from pages.shared import cached, outcome, session, show
from pages.shared.session import View

OWN = (
    (
        marked("Worst year in"),
        "years",
        1.0,
        1e6,
        1.0,
        10.0,
        marked("Of the one-factor model; 1 leaves the year as it is."),
    ),
    (marked("Odds of default x"), "odds", 0.1, 100.0, 1.0, 0.1, ""),
    (marked("Loss given default, pp more"), "lgd", -100.0, 100.0, 0.0, 5.0, ""),
    (marked("Unused line drawn, % more"), "drawdown", 0.0, 100.0, 0.0, 5.0, ""),
)
"""The boxes of a scenario of one's own: title, key, lowest, highest, start, step, help."""


def own_scenario() -> Scenario | None:
    """Let the user state a scenario; return it, or None where nothing is stressed."""
    with st.expander(say("A scenario of your own")):
        years, odds, severity, drawn = (
            place.number_input(
                say(title),
                min_value=low,
                max_value=high,
                value=start,
                step=step,
                format="%g",
                key=f"own_{key}",
                help=say(explained) or None,
                persist_state="session",
            )
            for place, (title, key, low, high, start, step, explained) in zip(
                st.columns(4, gap="small"), OWN, strict=True
            )
        )
    if (years, odds, severity, drawn) == (1.0, 1.0, 0.0, 0.0):
        return None
    return Scenario(
        name="own",
        title=marked("Your own"),
        source=marked("Stated on this page"),
        years=years if years > 1 else None,
        odds_multiplier=odds,
        lgd_add=severity / 100,
        drawdown=drawn / 100,
    )


def outcomes_table(result: StressResult) -> pd.DataFrame:
    """Return one row a scenario, as texts."""
    rows = []
    for found in result.outcomes:
        more, before = found.increment, found.baseline
        rows.append(
            {
                say("Scenario"): words.scenario_title(found.scenario),
                say("stresses"): words.scenario_words(found.scenario),
                say("Defaults"): formats.count(round(before.projected_defaults)),
                say("Δ defaults"): formats.signed(
                    formats.count(more.projected_defaults), more.projected_defaults
                ),
                say("Expected loss"): formats.compact(before.expected_loss),
                say("proposed"): formats.compact(found.proposed.expected_loss),
                say("Δ loss"): formats.signed(
                    formats.compact(more.expected_loss), more.expected_loss
                ),
                say("Loss rate"): formats.percent(before.loss_rate),
                say("rate proposed"): formats.percent(found.proposed.loss_rate),
                say("policy's share"): formats.percent(found.policy_share),
            }
        )
    return pd.DataFrame(rows)


def capital_table(found: Sequence[CapitalSide]) -> pd.DataFrame:
    """Return risk-weighted assets and capital by approach, as texts."""
    return pd.DataFrame(
        [
            {
                say("Approach"): words.approach_title(side.approach),
                say("RWA"): formats.compact(side.baseline_rwa),
                say("proposed"): formats.compact(side.proposed_rwa),
                say("Capital"): formats.compact(side.baseline_capital),
                say("capital proposed"): formats.compact(side.proposed_capital),
                say("Δ capital"): formats.signed(formats.compact(side.increment), side.increment),
            }
            for side in found
        ]
    )


@show.part
def pooled(view: View) -> StressPools:
    """Return the pools that scenarios are put upon."""
    return cached.stress_pools(view.portfolio, view.policy, view.assumptions)


@show.part
def scenarios_chart(result: StressResult, currency: str) -> None:
    """Show the expected loss by scenario, and what of it is the policy's doing."""
    show.heading(findings.stress_finding(result))
    show.chart(
        figures.stress_figure(result, currency, show.colours()),
        key="stress",
        alt=say("Expected loss by scenario, baseline and the policy's part"),
    )


@show.part
def distribution(view: View) -> None:
    """Show how a year's loss spreads, or why that cannot be said."""
    try:
        pools = cached.pools(view.portfolio, view.policy, view.assumptions)
        found = loss_distribution(pools, view.policy.score_threshold, view.assumptions)
    except ParameterError as error:
        show.notes(error.faults)
        return
    show.heading(findings.distribution_finding(found))
    show.chart(
        figures.distribution_figure(found, view.portfolio.currency, show.colours()),
        key="distribution",
        alt=say("Density of a year's loss, baseline and proposed"),
    )


@show.part
def outcomes(result: StressResult, scenarios: Sequence[Scenario]) -> None:
    """Show every scenario's figures, and where the scenarios are from."""
    show.table(outcomes_table(result), key="outcomes", alt=say("Outcomes by scenario"))
    sources = clauses(
        f"{words.scenario_title(item)} [{item.mark.value}] {words.scenario_source(item)}"
        for item in scenarios
        if item.source
    )
    st.caption(show.plain(say("Sources: {sources}.", sources=sources)))


@show.part
def capital(pools: StressPools, view: View) -> None:
    """Show risk-weighted assets and capital by approach."""
    found = capital_by_approach(pools, view.policy.score_threshold, view.assumptions)
    show.heading(
        say("Capital"), detail=say("baseline, proposed; floors as on the assumptions page")
    )
    show.table(capital_table(found), key="capital", alt=say("Capital by approach"))


def page() -> None:
    view = session.view()
    outcome.policy_in_view(view)
    own = own_scenario()
    scenarios = (*SHIPPED, own) if own else SHIPPED
    left, right = st.columns(2, gap="medium")
    with right:
        distribution(view)
    with left:
        pools = pooled(view)
    if pools is None:
        return
    result = stress(pools, view.policy.score_threshold, view.assumptions, scenarios)
    with left:
        scenarios_chart(result, view.portfolio.currency)
    outcomes(result, scenarios)
    capital(pools, view)


page()
