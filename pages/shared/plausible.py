"""Whether the portfolio in view is plausible, and what was assumed of it, said where it matters."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analytics.assumptions import Assumptions
from analytics.portfolio import Portfolio
from analytics.shown.calibration import assumed_sentence, calibration_sentences
from pages.shared import cached, show


@show.part
def notices(portfolio: Portfolio, assumptions: Assumptions) -> None:
    """Say what makes the portfolio implausible, and what was assumed of it."""
    warn(calibration_sentences(cached.calibration(portfolio, assumptions)))
    assumed = assumed_sentence(portfolio)
    if assumed:
        st.caption(show.plain(assumed))


def warn(sentences: Sequence[str]) -> None:
    """Show what makes a portfolio implausible, as one warning."""
    if sentences:
        lines = [show.plain(sentence) for sentence in sentences]
        st.warning("  \n".join(lines), icon=":material/troubleshoot:")
