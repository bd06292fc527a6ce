"""What the portfolio in view is like: distributions, concentration, and how limits follow risk."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics.assumptions import Assumptions
from analytics.declared.language import say
from analytics.portfolio import Portfolio
from analytics.results import profile
from analytics.results.simulation import Baseline
from analytics.shown import figures, findings, formats
from pages.shared import cached, plausible, session, show


@show.part
def distributions(found: profile.Profile) -> None:
    """Show accounts by class of limit, utilization and default probability."""
    shown = (found.limits, found.utilization, found.probability)
    for place, classes in zip(st.columns(3, gap="medium"), shown, strict=True):
        with place:
            show.heading(classes.title, detail=say("share of accounts; mark: share of limit"))
            figure = figures.classes_figure(classes, show.colours(), height=330)
            show.chart(
                figure,
                key=f"by_{classes.english_title}",
                alt=say("Accounts by class of {title}", title=classes.title),
            )


@show.part
def segments(portfolio: Portfolio, assumptions: Assumptions) -> None:
    """Show one row for each value of the segment chosen."""
    if not portfolio.segments:
        show.heading(say("By segment"))
        st.caption(say("The portfolio has no text column to group by."))
        return
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        show.heading(say("By segment"))
    name = right.selectbox(
        say("Segment"),
        portfolio.segments,
        label_visibility="collapsed",
        persist_state="session",
        key="profile_segment",
    )
    rows = cached.segment(portfolio, assumptions, name)
    show.table(_shown(rows), key="segments", alt=say("Accounts by {name}", name=name))


def _shown(rows: tuple[profile.SegmentRow, ...]) -> pd.DataFrame:
    total = sum(row.accounts for row in rows)
    return pd.DataFrame(
        {
            say("Segment"): [row.label for row in rows],
            say("Accounts"): [formats.count(row.accounts) for row in rows],
            say("Share"): [formats.percent(row.accounts / total) for row in rows],
            say("Mean score"): [f"{row.mean_score:.0f}" for row in rows],
            say("Limit"): [formats.compact(row.limit) for row in rows],
            say("Balance"): [formats.compact(row.balance) for row in rows],
            say("Headroom"): [formats.compact(row.unused) for row in rows],
            say("Utilization"): [formats.percent(row.utilization) for row in rows],
            say("Default rate"): [formats.percent(row.default_rate) for row in rows],
        }
    )


@show.part
def risk_pattern(baseline: Baseline, currency: str) -> None:
    """Show how limits follow risk over the score."""
    pattern = profile.pattern(baseline)
    show.heading(findings.pattern_finding(pattern))
    show.chart(
        figures.pattern_figure(pattern, currency, show.colours()),
        key="pattern",
        alt=say("Mean limit, utilization and default rate over the score"),
    )


@show.part
def concentration(found: profile.Profile) -> None:
    """Show the share of limit that the largest lines hold."""
    show.heading(findings.concentration_finding(found.concentration))
    show.chart(
        figures.concentration_figure(found.concentration, show.colours(), height=420),
        key="concentration",
        alt=say("Share of limit held by the largest lines"),
    )


def page() -> None:
    portfolio, assumptions = session.loaded().portfolio, session.assumptions()
    baseline = cached.baseline(portfolio, assumptions)
    found = cached.distributions(portfolio, assumptions)
    st.markdown(f"## {show.plain(portfolio.name)}")
    st.caption(show.plain(show.context(portfolio)))
    plausible.notices(portfolio, assumptions)
    distributions(found)
    left, right = st.columns([1.2, 1], gap="medium")
    with left:
        risk_pattern(baseline, portfolio.currency)
    with right:
        concentration(found)
    segments(portfolio, assumptions)


page()
