"""The sidebar: every lever of the policy, in the order in which an analyst reaches for them."""

from __future__ import annotations

import streamlit as st

from analytics.assumptions import PRESETS
from analytics.declared.choices import ConsentMode, ResponseForm, ResponsePreset
from analytics.declared.language import say
from analytics.declared.policy_parameters import (
    ABOUT,
    CAPS,
    DURATION,
    ELIGIBILITY,
    HOLD_OUT,
    POLICY_PARAMETERS,
)
from analytics.shown import words
from pages.shared import export, inputs, levers, session, show
from pages.shared.session import lever_key


def draw() -> None:
    """Draw the levers; their widgets hold the policy."""
    scale = session.loaded().portfolio.scale
    tiered = levers.is_tiered()
    inputs.slider_with_box(levers.declared("score_threshold"), scale.lowest, scale.highest)
    inputs.slider_with_box(levers.declared("raise_rate"), 0, 100, unit="%%", disabled=tiered)
    if tiered:
        st.caption(say("The raise is set by tier, below."))
    for section in (CAPS, ELIGIBILITY, DURATION):
        with st.expander(say(section)):
            _section(section)
    with st.expander(say("Tiers")):
        st.text_input(
            say("Raise by tier of score"),
            key=lever_key("tiers"),
            placeholder="650=5%, 700=10%, 800=20%",
            help=say(
                "Score and raise, ascending; the threshold follows the first. Empty: one raise."
            ),
            on_change=_follow_tiers,
        )
        left = levers.tiers_in_force() if tiered else ""
        if left:
            st.caption(show.plain(say("With this threshold: {tiers}", tiers=left)))
    with st.expander(say(HOLD_OUT)):
        _section(HOLD_OUT)
    with st.expander(say("Response")):
        _response()
    with st.expander(say("Name and note")):
        _section(ABOUT)
    with st.expander(say("Load a policy")):
        export.read_back()
    st.button(say("Reset"), on_click=levers.reset, icon=":material/restart_alt:", width="stretch")


def _section(section: str) -> None:
    for parameter in POLICY_PARAMETERS:
        if parameter.section == section:
            inputs.lever(parameter)


def _response() -> None:
    st.segmented_control(
        say("How customers respond"),
        PRESETS,
        default=ResponsePreset.CENTRAL,
        required=True,
        format_func=words.choice_title,
        key=lever_key("response_preset"),
        help=say(
            "Presets of the response to a raise, in the form in force; defaults follow what is "
            "drawn."
        ),
    )
    st.segmented_control(
        say("Form"),
        tuple(ResponseForm),
        default=ResponseForm.LOG,
        required=True,
        format_func=words.choice_title,
        key=lever_key("response_form"),
        help=say("How balance follows the limit: log (concave) or linear."),
    )
    st.segmented_control(
        say("Consent"),
        tuple(ConsentMode),
        default=ConsentMode.AUTOMATIC,
        required=True,
        format_func=words.choice_title,
        key=lever_key("consent_mode"),
        help=say("Automatic: every raised account gets it; opt-in: a share takes the offer."),
    )


def _follow_tiers() -> None:
    """Move the threshold to the first tier, where the text can be read."""
    text = session.widget(lever_key("tiers"))
    first = text.split(",")[0].split("=")[0].strip()
    scale = session.loaded().portfolio.scale
    if first.isdecimal() and scale.lowest <= int(first) <= scale.highest:
        session.set_widget(lever_key("score_threshold"), int(first))
