"""Method: what every number means, in the words and values that the figures are made with."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics.declared.language import say
from analytics.shown import markdown
from analytics.shown.method import Section, blocks, excerpt, sections
from pages.shared import show

SHORTEST = 2
"""Letters that a term has at least; a shorter one leaves the whole method."""


@show.part
def contents(found: tuple[Section, ...]) -> None:
    """Show where each section begins."""
    links = [f"[{section.heading}](#{section.anchor})" for section in found]
    st.markdown(" · ".join(links))


@show.part
def part(section: Section, body: str) -> None:
    """Show a section, or what of it holds a term."""
    st.subheader(section.heading, anchor=section.anchor)
    for block in blocks(body):
        if block.startswith("|"):
            header, *rows = markdown.cells(block)
            st.table(pd.DataFrame(rows, columns=header), hide_index=True)
        elif block.startswith("```"):
            st.code(block.strip("`").removeprefix("text").strip(), language=None, wrap_lines=True)
        else:
            st.markdown(block)


def head() -> str:
    """Show the title and a box for a term; return the term, empty for the whole method."""
    left, right = st.columns([2.2, 1], vertical_alignment="bottom")
    left.markdown(f"## {say('Method: what every number means')}")
    term = right.text_input(
        say("Find a term"),
        key="method_term",
        max_chars=60,
        placeholder=say("Find a term, for example retained"),
        label_visibility="collapsed",
        icon=":material/search:",
    ).strip()
    return term if len(term) >= SHORTEST else ""


def page() -> None:
    term = head()
    parts = {section: excerpt(section, term) if term else section.body for section in sections()}
    found = {section: body for section, body in parts.items() if body}
    if found:
        contents(tuple(found))
    else:
        st.caption(say("Nothing in the method holds {term}.", term=show.plain(term)))
    for section, body in found.items():
        part(section, body)


page()
