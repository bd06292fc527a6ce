"""Method: what every number means, in the words and values that the figures are made with."""

from __future__ import annotations

import streamlit as st

from analytics.shown.method import SECTIONS, Section, excerpt
from pages.shared import show

WHOLE_FROM = 2
"""Letters that a term needs at least before it is looked for."""


def contents(sections: tuple[Section, ...]) -> None:
    """Show where each section begins."""
    lines = [f"- [{section.heading}](#{section.anchor})" for section in sections]
    st.markdown("\n".join(lines))


def text(section: Section, body: str) -> None:
    """Show a section, or the part of it that holds a term."""
    st.subheader(section.heading, anchor=section.anchor)
    st.markdown(body)


st.markdown("## Method: what every number means")
left, right = st.columns([1, 3.2], gap="large")
with left:
    term = st.text_input(
        "Find a term",
        key="method_term",
        max_chars=60,
        placeholder="for example: retained, EAD, CONC",
        icon=":material/search:",
    ).strip()
sought = term if len(term) >= WHOLE_FROM else ""
found = tuple(
    (section, body)
    for section in SECTIONS
    if (body := excerpt(section, sought) if sought else section.body)
)
with left:
    contents(tuple(section for section, _ in found))
with right:
    if not found:
        st.caption(f"Nothing in the method holds {show.plain(term)}.")
    for section, body in found:
        text(section, body)
