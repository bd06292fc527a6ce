"""The rival's line: what raising and not raising are worth if a rival raises too."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, RIVAL_NAMES
from analytics.declared.language import say
from analytics.results.rival import Rival, rival
from analytics.results.simulation import Simulation
from analytics.shown import formats
from analytics.shown.rival import choice_sentence, rival_sentences
from pages.shared import show


@show.part
def against_a_rival(simulation: Simulation) -> None:
    """Show a year's value of who raises, the better choice in words, and what is assumed."""
    found = rival(simulation.total)
    if found is None:
        return
    show.heading(
        choice_sentence(found).rstrip("."),
        detail=say("a year's value, {currency}", currency=simulation.portfolio.currency),
    )
    show.table(_matrix(found), key="rival", alt=say("A year's value by who raises"))
    said = rival_sentences(found, days=simulation.policy.temporary_days)[1:]
    if said:
        st.caption(show.plain(" ".join(said)))
    show.table(
        _figures(found, simulation),
        key="rival_figures",
        alt=say("What is at stake, and what is assumed of the rival"),
    )
    st.caption(show.plain(say("What is assumed of the rival is a guess: edit it on Assumptions.")))


def _matrix(found: Rival) -> pd.DataFrame:
    matrix = found.matrix
    rows = (
        (say("We do not raise"), matrix.neither, matrix.rival_alone),
        (say("We raise"), matrix.we_alone, matrix.both),
        (say("Raising is worth"), found.gain_alone, found.gain_against),
    )
    return pd.DataFrame(
        [
            {
                "": name,
                say("The rival does not raise"): formats.change("net_value", quiet),
                say("The rival raises"): formats.change("net_value", loud),
            }
            for name, quiet, loud in rows
        ]
    )


def _figures(found: Rival, simulation: Simulation) -> pd.DataFrame:
    counted = simulation.portfolio.has("external_limit")
    rows = [
        (say("At stake a year"), formats.compact(found.at_stake)),
        (
            say("Reach, counted where limits elsewhere are known")
            if counted
            else say("Reach, assumed"),
            formats.percent(found.reach),
        ),
        (say("Reach of break-even"), formats.percent(found.break_even_reach)),
    ]
    rows += [
        (parameter.title, parameter.show(getattr(simulation.assumptions, parameter.name)))
        for parameter in ASSUMPTION_PARAMETERS
        if parameter.name in RIVAL_NAMES and parameter.name != "rival_reach"
    ]
    return pd.DataFrame([{say("Against a rival"): name, "": value} for name, value in rows])
