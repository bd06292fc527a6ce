"""Value: what the policy brings month by month, from what, and what it hangs on."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics.declared.language import marked, say, say_n
from analytics.declared.measures import BY_NAME
from analytics.results.business import business_case
from analytics.results.sensitivity import Sensitivity, Tornado, drivers
from analytics.results.simulation import Group, Simulation
from analytics.results.temporary import COMPARED, Lasting
from analytics.shown import figures, findings, formats, tables, words
from analytics.shown.temporary import end_sentence, lengths_sentence
from pages.shared import cached, outcome, session, show
from pages.shared.outcome import Under
from pages.shared.session import View

IN_TIME = (
    "npv",
    "payback_months",
    "first_year_value",
    "first_year_profit",
    "provision_day_one",
    "net_value",
    "capital_charge",
    "rwa",
    "new_debt",
    "moved_balance",
)
"""What is shown under each response, in this order."""
NO_MONTHS = marked("A temporary raise ends before there are months to count.")
MOVED = ("npv", "net_value", "expected_loss", "projected_defaults", "ead", "margin")


@show.part
def months(simulation: Simulation, under: Under) -> None:
    """Show the value cumulated by month under each response, and where it has paid."""
    lines = _lines(simulation, under)
    if not lines:
        st.caption(say(NO_MONTHS))
        return
    show.heading(findings.payback_finding(simulation.total, under))
    show.chart(
        figures.months_figure(lines, simulation.portfolio.currency, show.colours()),
        key="months",
        alt=say("Value cumulated by month under each response, first year enlarged"),
    )


def _lines(simulation: Simulation, under: Mapping[str, Group]) -> list[figures.MonthLine]:
    """Return the lines of the responses, and of the assumptions in force where they are others."""
    name = simulation.assumptions.response_name
    groups = {**under, name: simulation.total}
    return [
        figures.MonthLine.of(
            words.choice_title(response),
            group.timeline,
            group.increment.action_cost,
            is_main=response == name,
        )
        for response, group in groups.items()
        if group.timeline is not None and group.increment is not None
    ]


@show.part
def flows(simulation: Simulation, under: Under) -> None:
    """Show the value of each month and its parts."""
    timeline = simulation.total.timeline
    if timeline is None:
        return
    show.heading(
        say("What each month brings and costs"),
        detail=say(
            "losses booked {lag} months after the default",
            lag=simulation.assumptions.loss_lag_months,
        ),
    )
    show.chart(
        figures.flows_figure(timeline, simulation.portfolio.currency, show.colours()),
        key="flows",
        alt=say("Margin, retained value, capital charge and losses by month"),
    )
    timelines = {name: group.timeline for name, group in under.items() if group.timeline}
    show.download(
        tables.months_table(timelines or {simulation.assumptions.response_name: timeline}),
        "months",
    )


@show.part
def provisions(simulation: Simulation, under: Under) -> None:
    """Show value, provisions and capital under each response."""
    name = simulation.assumptions.response_name
    groups = {**under, name: simulation.total}
    total = simulation.total.increment
    day_one = total.provision_day_one if total else None
    show.heading(
        say("Provisions: {amount} on day one", amount=formats.compact(day_one)),
        detail=words.provisioning_title(simulation.assumptions.provisioning),
    )
    rows = []
    for measure in IN_TIME:
        row = {say("Increment"): BY_NAME[measure].title}
        for response, group in groups.items():
            more = group.increment.get(measure) if group.increment else None
            row[words.choice_title(response)] = formats.change(measure, more)
        rows.append(row)
    show.table(pd.DataFrame(rows), key="in_time", alt=say("Value, provisions and capital"))


@show.part
def lasting(view: View) -> None:
    """Show the raise for some days and for good: what each does to value, cover and strain."""
    found = cached.lengths(view.portfolio, view.policy, view.assumptions)
    show.heading(lengths_sentence(found, view.assumptions.horizon_months).rstrip("."))
    sides = {
        say("For {days} days", days=found.temporary.days): found.temporary,
        say("For good"): found.for_good,
    }
    rows = [
        {
            say("Increment"): BY_NAME[name].title,
            **{title: _increment(side, name) for title, side in sides.items()},
        }
        for name in COMPARED
    ]
    rows.append(
        {
            say("Increment"): say("Above the old limit at the end"),
            **{title: formats.count(side.above_old_limit) for title, side in sides.items()},
        }
    )
    show.table(pd.DataFrame(rows), key="lasting", alt=say("The raise for some days and for good"))
    days, above = view.policy.temporary_days, found.temporary.above_old_limit
    if days is not None and above is not None:
        st.caption(show.plain(end_sentence(days, view.policy.end_date, above)))


def _increment(side: Lasting, name: str) -> str:
    return (
        formats.DASH if side.increment is None else formats.change(name, side.increment.get(name))
    )


@show.part
def waterfall(simulation: Simulation) -> None:
    """Show the increment of net value as the sum of its parts."""
    days = simulation.policy.temporary_days
    case = business_case(simulation.total, simulation.assumptions, days=days)
    balance = formats.compact(case.balance)
    show.heading(
        findings.business_finding(case),
        detail=say("run rate: a year from {balance} of new balance", balance=balance)
        if days is None
        else say_n(
            "{count} day from {balance} of new balance",
            "{count} days from {balance} of new balance",
            days,
            balance=balance,
        ),
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
            st.caption(
                show.plain(
                    say(
                        "{driver}: {reason}.",
                        driver=item.driver.title,
                        reason=words.break_even_reason(item),
                    )
                )
            )


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
        tornado_chart(found, sensitivity.contents.currency)
    with right:
        two_way_chart(sensitivity, first, second, measure)


def two_drivers(
    left: DeltaGenerator, right: DeltaGenerator, sensitivity: Sensitivity, found: Tornado
) -> tuple[str, str]:
    """Let the user choose two drivers; the two that move most at first."""
    known = drivers(sensitivity.contents, sensitivity.assumptions)
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
    outcome.policy_in_words(simulation)
    under = outcome.under_responses(simulation) or {}
    outcome.headline(simulation, under)
    left, right = st.columns(2, gap="medium")
    with left:
        months(simulation, under)
        waterfall(simulation)
        lasting(view)
    with right:
        flows(simulation, under)
        provisions(simulation, under)
        sensitivity = sensitive(view)
        if sensitivity is not None:
            break_evens(sensitivity)
    if sensitivity is not None:
        most_moved(sensitivity)


page()
