"""The switch of the language, at the top right of every page."""

from __future__ import annotations

import streamlit as st

from analytics.declared.language import LANGUAGES, REMEMBERED, language
from pages.shared import session

_KEY = "language_switch"
_PLACE = "language_place"
_STYLE = f"""<style>
.st-key-{_PLACE} {{
  position: fixed; top: 0.55rem; right: 3.5rem; width: auto; z-index: 999991;
}}
@media print {{ .st-key-{_PLACE} {{ display: none; }} }}
</style>"""
"""The switch stands at the end of the framework's own line, above the page."""


def switch() -> None:
    """Show the switch to the other language, at the top right of every page."""
    st.html(_STYLE)
    now = language()
    with st.container(key=_PLACE):
        for tag, name in LANGUAGES.items():
            if tag != now:
                st.button(
                    name,
                    key=f"{_KEY}_{tag}",
                    type="tertiary",
                    icon=":material/translate:",
                    on_click=session.take_language,
                    args=(tag,),
                )
        if session.has_switched():
            # The server remembers it in a cookie, which no script has to set.
            st.html(f'<img src="{REMEMBERED}/{now}" alt="" hidden>')
