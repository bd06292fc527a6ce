"""The floor's page: what was recorded of a page, shown again by the framework alone."""

from __future__ import annotations

import streamlit as st

from benchmarks import moves

st.set_page_config(layout="wide", initial_sidebar_state=300)
moves.replay()
