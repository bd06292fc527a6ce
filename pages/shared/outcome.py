"""The verdict on the policy in view, on the pages that open with it: one sentence, then why."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from analytics.declared.language import say
from analytics.method.measures import Measures
from analytics.results.simulation import Group, Simulation
from analytics.results.verdicts import Outcome, Outlook, outlook
from analytics.shown import findings, verdict
from pages.shared import cached, show
from pages.shared.session import View

UNNAMED = "Draft"
"""The name of a policy that was given none."""
COLOURS = {Outcome.PAYS: "primary", Outcome.LOSES: "orange"}
"""What a verdict is written in; where the sign is uncertain, in the colour of text."""


Under = Mapping[str, Group]
"""The policy in view under each response preset; none where they do not fit."""


@show.part
def under_responses(simulation: Simulation) -> Under:
    """Return the policy in view under each response preset."""
    chosen = simulation.policy
    sweeps = cached.responses(simulation.portfolio, chosen, simulation.assumptions)
    return {name: found.at(chosen.score_threshold).total for name, found in sweeps.items()}


def outlook_of(simulation: Simulation, under: Under) -> Outlook | None:
    """Return what the policy in view brings; None where there are no accounts."""
    increment = simulation.total.increment
    if increment is None:
        return None
    found: dict[str, Measures | None] = {name: total.increment for name, total in under.items()}
    months, days = simulation.assumptions.horizon_months, simulation.policy.temporary_days
    return outlook(increment, found, months, days=days)


def policy_line(simulation: Simulation) -> str:
    """Return the policy in words as a heading, that it is a draft, and its name if it has one."""
    line = f"## {show.plain(findings.policy_title(simulation))} :gray-badge[{say('DRAFT')}]"
    if simulation.policy.name != UNNAMED:
        line += f" :gray[{show.plain(simulation.policy.name)}]"
    return line


@show.part
def policy_in_words(simulation: Simulation) -> None:
    """Show the policy in words, and what the figures stand on."""
    st.markdown(policy_line(simulation))
    st.caption(show.plain(show.standing(simulation.portfolio, simulation.assumptions)))


@show.part
def policy_in_view(view: View) -> None:
    """Show the policy in view in words, on pages that compute nothing else of it."""
    sweep = cached.sweep(view.portfolio, view.policy, view.assumptions)
    policy_in_words(sweep.at(view.policy.score_threshold))


@show.part
def headline(simulation: Simulation, under: Under) -> None:
    """Show what the policy pays, what it does to customers, and whether it is within the evidence.

    A policy that loses is written in the colour of harm, one whose sign hangs on the response in
    that of text.
    """
    found = outlook_of(simulation, under)
    if found is not None:
        sentence, spread = verdict.verdict_sentence(found), verdict.by_response(found)
        colour = COLOURS.get(found.outcome)
        line = show.plain(sentence)
        line = f":{colour}[{line}]" if colour else line
        if spread:
            line += f" :gray[{show.plain(say('({spread})', spread=spread))}]"
        st.markdown(f"# {line}")
    st.markdown(show.plain(verdict.customers_sentence(simulation.total)))
    beyond = verdict.evidence_sentence(simulation.policy)
    if beyond:
        st.warning(show.plain(beyond), icon=":material/science:")
