"""The frame: the pages, the levers that every page shares, and the portfolio and policy in view."""

from __future__ import annotations

import streamlit as st

from analytics.errors import HeadroomError
from pages.shared import levers, session, show

st.set_page_config(
    page_title="Headroom",
    page_icon="pages/shared/icon.png",
    layout="wide",
    initial_sidebar_state=300,
)

st.logo("pages/shared/wordmark.png", size="medium", icon_image="pages/shared/icon.png")

page = st.navigation(
    [
        st.Page("pages/policy/simulate.py", title="Simulate", default=True),
        st.Page("pages/policy/frontier.py", title="Frontier"),
        st.Page("pages/policy/stress.py", title="Stress"),
        st.Page("pages/policy/value.py", title="Value"),
        st.Page("pages/policy/customers.py", title="Customers"),
        st.Page("pages/assumptions/edit.py", title="Assumptions", url_path="assumptions"),
        st.Page("pages/portfolio/load.py", title="Load"),
        st.Page("pages/portfolio/profile.py", title="Profile"),
        st.Page("pages/review/method.py", title="Method"),
    ],
    position="top",
)

try:
    notes = session.begin()
    with st.sidebar:
        levers.draw()
    found = session.finish()
    show.notes(notes)
    show.faults(found, lead="The policy in view is the last one within bounds.")
    page.run()
except HeadroomError as error:
    show.failure(error)
except Exception as error:  # noqa: BLE001 - the last boundary: a sentence for the user, the rest for the log
    show.unexpected(error)
