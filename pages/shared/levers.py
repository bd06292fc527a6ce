"""The sidebar: every lever of the policy, in the order in which an analyst reaches for them."""

from __future__ import annotations

import streamlit as st

from analytics.assumptions import PRESETS
from analytics.declared.choices import ConsentMode, ResponseForm, ResponsePreset
from analytics.declared.policy_parameters import (
    ABOUT,
    CAPS,
    ELIGIBILITY,
    HOLD_OUT,
    POLICY_PARAMETERS,
)
from pages.shared import export, inputs, session


def draw() -> None:
    """Draw the levers; their widgets hold the policy."""
    scale = session.loaded().portfolio.scale
    tiered = bool(st.session_state.get(inputs.key("tiers"), "").strip())
    inputs.slider_with_box(session.lever("score_threshold"), scale.lowest, scale.highest)
    inputs.slider_with_box(session.lever("raise_rate"), 0, 100, unit="%%", disabled=tiered)
    if tiered:
        st.caption("The raise is set by tier, below.")
    for section in (CAPS, ELIGIBILITY):
        with st.expander(section):
            _section(section)
    with st.expander("Tiers"):
        st.text_input(
            "Raise by tier of score",
            key=inputs.key("tiers"),
            placeholder="650=5%, 700=10%, 800=20%",
            help="Score and raise, ascending; the threshold follows the first. Empty: one raise.",
            on_change=_follow_tiers,
        )
    with st.expander(HOLD_OUT):
        _section(HOLD_OUT)
    with st.expander("Response"):
        _response()
    with st.expander("Name and note"):
        _section(ABOUT)
    with st.expander("Load a policy"):
        export.read_back()
    st.button("Reset", on_click=session.reset, icon=":material/restart_alt:", width="stretch")


def _section(section: str) -> None:
    for parameter in POLICY_PARAMETERS:
        if parameter.section == section:
            inputs.lever(parameter)


def _response() -> None:
    st.segmented_control(
        "How customers respond",
        PRESETS,
        default=ResponsePreset.CENTRAL,
        required=True,
        key=inputs.key("response_preset"),
        help="Presets of the response to a raise; high is known for the linear form only.",
    )
    if st.session_state.get(inputs.key("response_preset")) == ResponsePreset.HIGH:
        st.session_state[inputs.key("response_form")] = ResponseForm.LINEAR
    st.segmented_control(
        "Form",
        tuple(ResponseForm),
        default=ResponseForm.LOG,
        required=True,
        key=inputs.key("response_form"),
        disabled=st.session_state.get(inputs.key("response_preset")) == ResponsePreset.HIGH,
        help="How balance follows the limit: log (concave) or linear.",
    )
    st.segmented_control(
        "Consent",
        tuple(ConsentMode),
        default=ConsentMode.AUTOMATIC,
        required=True,
        format_func=lambda mode: mode.replace("_", "-"),
        key=inputs.key("consent_mode"),
        help="Automatic: every raised account gets it; opt-in: a share takes the offer.",
    )


def _follow_tiers() -> None:
    """Move the threshold to the first tier, where the text can be read."""
    text = st.session_state[inputs.key("tiers")]
    first = text.split(",")[0].split("=")[0].strip()
    scale = session.loaded().portfolio.scale
    if first.isdecimal() and scale.lowest <= int(first) <= scale.highest:
        st.session_state[inputs.key("score_threshold")] = int(first)
