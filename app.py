"""The frame: the pages, the levers that every page shares, and the portfolio and policy in view."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from analytics.declared.language import say
from analytics.errors import HeadroomError
from pages.shared import frame, session, show, sidebar, tongues

IMAGES = Path(__file__).resolve().parent / "pages" / "shared"
ICON = IMAGES / "icon.png"

st.set_page_config(
    page_title="Headroom",
    page_icon=ICON,
    layout="wide",
    initial_sidebar_state=300,
)

st.logo(IMAGES / "wordmark.png", size="medium", icon_image=ICON)

session.speak()

page = st.navigation(
    [
        st.Page("pages/policy/simulate.py", title=say("Simulate"), default=True),
        st.Page("pages/policy/frontier.py", title=say("Frontier")),
        st.Page("pages/policy/stress.py", title=say("Stress")),
        st.Page("pages/policy/value.py", title=say("Value")),
        st.Page("pages/policy/customers.py", title=say("Customers")),
        st.Page("pages/assumptions/edit.py", title=say("Assumptions"), url_path="assumptions"),
        st.Page("pages/portfolio/load.py", title=say("Load")),
        st.Page("pages/portfolio/profile.py", title=say("Profile")),
        st.Page("pages/review/method.py", title=say("Method")),
    ],
    position="top",
)

tongues.switch()

try:
    session.attend()
except HeadroomError as error:
    show.failure(error)
    st.stop()

# Whatever fails says so in its place, and leaves the rest: there is always a way to go on.
notes = show.part(frame.begin)()
with st.sidebar:
    show.part(sidebar.draw)()
found = show.part(frame.finish)()
show.notes(notes or [])
show.faults(found or [], lead=say("The policy in view is the last one within bounds."))
show.part(page.run)()
