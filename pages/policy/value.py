"""Value: from the balance that a raise adds to net value, and what it hangs on."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics.declared.language import say
from analytics.declared.measures import BY_NAME
from analytics.results.business import business_case
from analytics.results.sensitivity import Sensitivity, Tornado, drivers
from analytics.results.simulation import Simulation
from analytics.shown import figures, findings, formats, words
from pages.shared import cached, session, show
from pages.shared.session import View

MOVED = ("net_value", "expected_loss", "projected_defaults", "ead", "margin")


@show.part
def waterfall(simulation: Simulation) -> None:
    """Show the increment of net value as the sum of its parts."""
    case = business_case(simulation.total, simulation.assumptions)
    balance = formats.compact(case.balance)
    show.heading(
        findings.business_finding(case),
        detail=say("from {balance} of new balance", balance=balance),
    )
    show.chart(
        figures.waterfall_figure(case.steps, simulation.portfolio.currency, show.colours()),
        key="waterfall",
        alt=say("From interest on the new balance to net value, part by part"),
    )


@show.part
def sensitive(view: View) -> Sensitivity:
    """Return what the value hangs on."""
    pools = cached.stress_pools(view.portfolio, view.policy, view.assumptions)
    return Sensitivity(pools, view.policy.score_threshold, view.assumptions)


@show.part
def break_evens(sensitivity: Sensitivity) -> None:
    """Show at which setting of each driver alone the policy stops paying."""
    found = sensitivity.break_evens()
    show.heading(findings.break_evens_finding(found))
    frame = pd.DataFrame(
        {
            say("Each alone"): [item.driver.title for item in found],
            say("now"): [item.driver.show(item.current) for item in found],
            say("turns at"): [
                formats.DASH if item.value is None else item.driver.show(formats.short(item.value))
                for item in found
            ],
            say("room"): [
                formats.DASH
                if item.room is None
                else formats.signed(formats.percent(abs(item.room), 2), item.room)
                for item in found
            ],
        }
    )
    show.table(frame, key="break_evens", alt=say("Break-evens"))
    for item in found:
        if item.value is None:
            st.caption(show.plain(f"{item.driver.title}: {words.break_even_reason(item)}."))


@show.part
def most_moved(sensitivity: Sensitivity) -> None:
    """Show what each assumption moves alone, and beside it any two together."""
    heads = st.columns([1.4, 0.6, 1, 0.5, 0.5], gap="small", vertical_alignment="center")
    measure = heads[1].selectbox(
        say("Measure"),
        MOVED,
        format_func=lambda name: BY_NAME[name].title,
        key="moved",
        label_visibility="collapsed",
        persist_state="session",
    )
    found = sensitivity.tornado(measure)
    with heads[0]:
        show.heading(
            findings.tornado_finding(found), detail=say("grey: low case; colour: high case")
        )
    with heads[2]:
        show.heading(say("Any two together"), detail=say("from low to high case"))
    first, second = two_drivers(heads[3], heads[4], sensitivity, found)
    left, right = st.columns(2, gap="medium")
    with left:
        tornado_chart(found, sensitivity.portfolio.currency)
    with right:
        two_way_chart(sensitivity, first, second, measure)


def two_drivers(
    left: DeltaGenerator, right: DeltaGenerator, sensitivity: Sensitivity, found: Tornado
) -> tuple[str, str]:
    """Let the user choose two drivers; the two that move most at first."""
    known = drivers(sensitivity.portfolio, sensitivity.assumptions)
    movable = {driver.name: driver for driver in known}
    widest = [bar.driver.name for bar in found.bars if bar.driver.name in movable]
    names = list(movable)
    first, second = (
        place.selectbox(
            title,
            names,
            index=names.index(widest[index]) if len(widest) > index else index,
            key=key,
            format_func=lambda name: movable[name].title,
            label_visibility="collapsed",
            persist_state="session",
        )
        for index, (place, title, key) in enumerate(
            ((left, say("First"), "two_first"), (right, say("Second"), "two_second"))
        )
    )
    return first, second


def tornado_chart(found: Tornado, currency: str) -> None:
    """Show the increment between the low and high case of each assumption."""
    show.chart(
        figures.tornado_figure(found, currency, show.colours()),
        key="tornado",
        alt=say("Increment between the low and high case of each assumption"),
    )


def two_way_chart(sensitivity: Sensitivity, first: str, second: str, measure: str) -> None:
    """Show the increment over two assumptions."""
    if first == second:
        st.caption(say("Choose two assumptions that differ."))
        return
    found = sensitivity.two_way(first, second, measure=measure, steps=7)
    show.chart(
        figures.two_way_figure(found, show.colours(), height=420),
        key="two_way",
        alt=say("Increment over two assumptions"),
    )


def page() -> None:
    view = session.view()
    sweep = cached.sweep(view.portfolio, view.policy, view.assumptions)
    simulation = sweep.at(view.policy.score_threshold)
    st.markdown(f"## {say('Value, and what it hangs on')}")
    st.caption(show.plain(show.standing(view.portfolio, view.assumptions)))
    left, right = st.columns(2, gap="medium")
    with left:
        waterfall(simulation)
    with right:
        sensitivity = sensitive(view)
        if sensitivity is not None:
            break_evens(sensitivity)
    if sensitivity is not None:
        most_moved(sensitivity)


page()
