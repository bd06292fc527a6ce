"""Value: from the balance that a raise adds to net value, and what it hangs on."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics.declared.measures import BY_NAME
from analytics.results.business import business_case
from analytics.results.sensitivity import Sensitivity, drivers
from analytics.shown import figures, findings, formats, words
from pages.shared import cached, session, show

MOVED = ("net_value", "expected_loss", "projected_defaults", "ead", "margin")


def waterfall() -> None:
    """Show the increment of net value as the sum of its parts."""
    case = business_case(simulation.total, assumptions)
    balance = formats.compact(case.balance)
    show.heading(findings.business_finding(case), detail=f"from {balance} of new balance")
    show.chart(
        figures.waterfall_figure(case.steps, portfolio.currency, show.colours()),
        key="waterfall",
        alt="From interest on the new balance to net value, part by part",
    )


def break_evens() -> None:
    """Show at which setting of each driver alone the policy stops paying."""
    found = sensitivity.break_evens()
    show.heading(findings.break_evens_finding(found))
    frame = pd.DataFrame(
        {
            "Each alone": [item.driver.title for item in found],
            "now": [item.driver.show(item.current) for item in found],
            "stops paying at": [
                formats.DASH if item.value is None else item.driver.show(formats.short(item.value))
                for item in found
            ],
            "room": [
                formats.DASH
                if item.room is None
                else formats.signed(formats.percent(abs(item.room), 2), item.room)
                for item in found
            ],
        }
    )
    show.table(frame, key="break_evens", alt="Break-evens")
    for item in found:
        if item.value is None:
            st.caption(show.plain(f"{item.driver.title}: {words.break_even_reason(item)}."))


portfolio, policy, assumptions = (
    session.loaded().portfolio,
    session.policy(),
    session.assumptions(),
)
simulation = cached.sweep(portfolio, policy, assumptions).at(policy.score_threshold)
pools = cached.stress_pools(portfolio, policy, assumptions)
sensitivity = Sensitivity(pools, policy.score_threshold, assumptions)
st.markdown("## Value, and what it hangs on")
st.caption(show.plain(show.standing(portfolio, assumptions)))
left, right = st.columns(2, gap="medium")
with left:
    waterfall()
with right:
    break_evens()
heads = st.columns([1.4, 0.6, 1, 0.5, 0.5], gap="small", vertical_alignment="center")
measure = heads[1].selectbox(
    "Measure",
    MOVED,
    format_func=lambda name: BY_NAME[name].title,
    key="moved",
    label_visibility="collapsed",
    persist_state="session",
)
tornado = sensitivity.tornado(measure)
with heads[0]:
    show.heading(findings.tornado_finding(tornado), detail="grey: low case; colour: high case")
movable = {driver.name: driver for driver in drivers(portfolio, assumptions)}
widest = [bar.driver.name for bar in tornado.bars if bar.driver.name in movable]
with heads[2]:
    show.heading("Any two together", detail="from low to high case")
names = list(movable)
first = heads[3].selectbox(
    "First",
    names,
    index=names.index(widest[0]) if widest else 0,
    key="two_first",
    format_func=lambda name: movable[name].title,
    label_visibility="collapsed",
    persist_state="session",
)
second = heads[4].selectbox(
    "Second",
    names,
    index=names.index(widest[1]) if len(widest) > 1 else 1,
    key="two_second",
    format_func=lambda name: movable[name].title,
    label_visibility="collapsed",
    persist_state="session",
)
left, right = st.columns(2, gap="medium")
with left:
    show.chart(
        figures.tornado_figure(tornado, portfolio.currency, show.colours()),
        key="tornado",
        alt="Increment between the low and high case of each assumption",
    )
with right:
    if first == second:
        st.caption("Choose two assumptions that differ.")
    else:
        show.chart(
            figures.two_way_figure(
                sensitivity.two_way(first, second, measure=measure, steps=7),
                show.colours(),
                height=420,
            ),
            key="two_way",
            alt="Increment over two assumptions",
        )
