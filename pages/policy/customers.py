"""The customers: who gets the raise, group by group, and how they fare before and after."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from analytics.declared.language import marked, say
from analytics.declared.measures import BY_NAME
from analytics.results import fairness
from analytics.results.simulation import Simulation
from analytics.shown import figures, findings, formats, verdict
from pages.shared import cached, outcome, rivals, session, show, treated, untapped
from pages.shared.session import View

NO_INCOMES = marked(
    "Strained, over-indebted and short of cover are not known: the portfolio has no column "
    "monthly_income."
)
CHANGES = ("relieved", "new_debt", "moved_balance")
"""What only a raise brings about."""
BEFORE_AND_AFTER = ("strained", "over_indebted", "thin_cover", "short_cover")
"""What is shown before and after, in this order."""


def raises(simulation: Simulation, segment: str) -> None:
    """Show how each group is raised, and which are judged under four fifths of the highest."""
    found = fairness.group_raises(simulation)
    finding = findings.fairness_finding(found, segment)
    show.heading(finding, detail=say("a reason to look, not a finding of unfairness"))
    show.chart(
        figures.groups_figure(found, show.colours()),
        key="group_shares",
        alt=say("Share raised with its 95 % interval, by {segment}", segment=segment),
    )
    frame = pd.DataFrame(
        {
            say("Group"): [item.label for item in found],
            say("Accounts"): [formats.count(item.accounts) for item in found],
            say("Raised"): [formats.count(item.raised) for item in found],
            say("Share raised"): [formats.percent(item.approval_rate) for item in found],
            say("95 % interval"): [
                formats.percent_interval(item.approval_interval) for item in found
            ],
            say("to the highest"): [_to_the_highest(item) for item in found],
            say("Mean raise"): [formats.compact(item.mean_raise) for item in found],
            say("highest = 1"): [_ratio(item.raise_ratio, few=item.is_few) for item in found],
            say("of the limit"): [formats.percent(item.relative_raise) for item in found],
        }
    )
    show.table(
        frame, key="group_raises", alt=say("Who gets the raise, by {segment}", segment=segment)
    )


def _to_the_highest(item: fairness.GroupRaise) -> str:
    """Return the share to the highest with its interval: 0.75 (0.62 to 0.91)."""
    ratio = _ratio(item.approval_ratio, few=item.is_few)
    if item.ratio_interval is None:
        return ratio
    low, high = (formats.significant(end, 2) for end in item.ratio_interval)
    return say("{ratio} ({low} to {high})", ratio=ratio, low=low, high=high)


def _ratio(value: float | None, *, few: bool) -> str:
    if few:
        return say("few")
    return formats.DASH if value is None else formats.significant(value, 2)


def fare(rows: tuple[fairness.Customers, ...], first: str, labels: Iterable[str], key: str) -> None:
    """Show who is strained, over-indebted and short of cover, and what is drawn of the raises."""
    columns: dict[str, list[str]] = {
        first: list(labels),
        say("Accounts"): [formats.count(row.accounts) for row in rows],
    }
    for name in BEFORE_AND_AFTER:
        columns[BY_NAME[name].title] = [_before_and_after(getattr(row, name)) for row in rows]
    columns[BY_NAME["relieved"].title] = [formats.count(row.relieved) for row in rows]
    for name in ("new_debt", "moved_balance"):
        columns[BY_NAME[name].title] = [formats.compact(getattr(row, name)) for row in rows]
    frame = pd.DataFrame(columns)
    show.table(frame, key=key, alt=say("How customers fare, by {first}", first=first.lower()))


def _before_and_after(three: tuple[float, float, float] | None) -> str:
    """Return how many there were and are: 12 → 15 (+3), or 12 where it stays the same."""
    if three is None:
        return formats.DASH
    before, after = (formats.count(value) for value in three[:2])
    if not three[2]:
        return before
    more = formats.signed(formats.count(three[2]), three[2])
    return f"{before} {formats.ARROW} {after} ({more})"


@show.part
def cover(whole: Simulation) -> None:
    """Show who is strained and who cannot bridge a week or a month of income, before and after."""
    with st.container(horizontal=True, gap="small"):
        for name in BEFORE_AND_AFTER:
            show.card(whole.total, name)
        for name in CHANGES:
            show.change_card(whole.total, name)


@show.part
def by_band(whole: Simulation) -> None:
    """Show customers by score band."""
    show.heading(say("How they fare, by score band"))
    found = fairness.customers((whole.total, *reversed(whole.bands)))
    fare(found, say("Score band"), (say(row.label) for row in found), "fare_by_band")


@show.part
def by_segment(view: View) -> None:
    """Show raises and customers by the segment chosen."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    chosen = right.selectbox(
        say("Segment"),
        view.portfolio.segments,
        label_visibility="collapsed",
        key="customers_segment",
        persist_state="session",
    )
    sweep = cached.sweep(view.portfolio, view.policy, view.assumptions, chosen)
    simulation = sweep.at(view.policy.score_threshold)
    with left:
        show.heading(say("By {segment}", segment=chosen))
    raises(simulation, chosen)
    found = fairness.customers(simulation.groups)
    fare(found, chosen, (row.label for row in found), "fare_by_segment")
    of_all = view.portfolio, view.policy, view.assumptions
    treated.by_group(cached.treatments(*of_all, session.treatments(), chosen), chosen)
    untapped.by_group(cached.whitespace(*of_all, chosen), chosen)


def chosen_segment(view: View) -> str | None:
    """Return the segment that is shown further down; None where the portfolio has none."""
    segments = view.portfolio.segments
    found = session.widget("customers_segment")
    return found if found in segments else next(iter(segments), None)


def page() -> None:
    view = session.view()
    sweep = cached.sweep(view.portfolio, view.policy, view.assumptions)
    whole = sweep.at(view.policy.score_threshold)
    outcome.policy_in_words(whole)
    st.markdown(f"# {show.plain(verdict.customers_sentence(whole.total))}")
    if not view.portfolio.has("monthly_income"):
        show.notes([say(NO_INCOMES)])
    cover(whole)
    segment = chosen_segment(view)
    treated.who_gets_what(view, segment)
    untapped.whitespace(view, segment)
    left, right = st.columns(2, gap="medium")
    with left:
        treated.smaller_steps(view)
    with right:
        rivals.against_a_rival(whole)
    by_band(whole)
    if view.portfolio.segments:
        by_segment(view)
    else:
        st.caption(say("The portfolio has no text column to group by."))


page()
