"""Whitespace: what one rule alone keeps from a raise, and the click that loosens it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics.declared.choices import SingleRule
from analytics.declared.language import say
from analytics.results.loosened import can_be_loosened, levers_of, without_rule
from analytics.results.whitespace import Whitespace, WhitespaceRow
from analytics.shown import customer_findings, customer_words, formats, tables
from pages.shared import cached, levers, session, show
from pages.shared.session import View

MOST = 10
"""Rows of a segment that are shown; the rest is in the download."""


@show.part
def whitespace(view: View, segment: str | None) -> None:
    """Show what each rule alone keeps from a raise, best first, and let one be loosened.

    It is read by a segment that is shown too, so that the accounts are read once for both.
    """
    found = cached.whitespace(view.portfolio, view.policy, view.assumptions, segment)
    show.heading(customer_findings.whitespace_finding(found))
    if found.rows:
        show.table(
            _table(found.rows, None),
            key="whitespace",
            alt=say("What each rule alone keeps from a raise"),
            left=(say("Fails only"), say("Next")),
        )
    near = customer_findings.near_misses_sentence(found.near_misses, view.policy.score_threshold)
    st.caption(show.plain(near))
    _loosen(found)
    show.download(tables.whitespace_table(found), "whitespace")


def _table(rows: Sequence[WhitespaceRow], segment: str | None) -> pd.DataFrame:
    shown = []
    for row in rows:
        first = {} if segment is None else {segment: row.label or ""}
        shown.append(
            {
                say("Rank"): formats.DASH if row.rank is None else str(row.rank),
                **first,
                say("Fails only"): customer_words.single_rule_title(row.rule),
                say("Accounts"): formats.count(row.reachable.accounts),
                say("Raise"): formats.compact(row.reachable.limit),
                say("Net value a year"): formats.compact(row.reachable.net_value),
                say("Value"): formats.compact(row.reachable.npv),
                say("Next"): customer_words.next_action_words(
                    row.next_action, row.wait_months, row.wait_until
                ),
            }
        )
    return pd.DataFrame(shown)


def _loosen(found: Whitespace) -> None:
    """Let a rule be loosened that is the lender's own; it is loosened for everybody."""
    rules = [row.rule for row in found.rows if can_be_loosened(row.rule)]
    if not rules:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            say("Rule"),
            rules,
            format_func=customer_words.single_rule_title,
            key="rule_to_loosen",
            label_visibility="collapsed",
            persist_state="session",
            width=260,
        )
        st.button(
            say("Loosen for everybody"),
            key="loosen",
            on_click=session.speaking(take_without),
            args=(chosen,),
            help=say(
                "Sets the lever itself: the rule is off for every customer, and not only for those "
                "that fail it alone."
            ),
        )


def take_without(rule: SingleRule) -> None:
    """Take the policy in view without a rule, and say so above the page."""
    new = without_rule(session.policy(), rule)
    levers.seed(new)
    changed = [
        f"{parameter.title} {parameter.show(getattr(new, name))}"
        for name in levers_of(rule)
        for parameter in (levers.declared(name),)
    ]
    session.note([customer_findings.loosened_sentence(rule, changed)])


def by_group(found: Whitespace, segment: str) -> None:
    """Show what each rule alone keeps from a raise in each group, the best rows."""
    ranked = [row for row in found.by_segment if row.rank is not None][:MOST]
    if not ranked:
        show.heading(
            say(
                "No rule alone keeps many accounts of any {segment} from a raise",
                segment=segment,
            )
        )
        return
    show.heading(
        say("What one rule alone keeps, by {segment}", segment=segment),
        detail=say("by value; groups under 30 accounts are not ranked"),
    )
    show.table(
        _table(ranked, segment),
        key="whitespace_by_segment",
        alt=say("What each rule alone keeps from a raise, by {segment}", segment=segment),
        left=(segment, say("Fails only"), say("Next")),
    )
    if segment in found.portfolio.protected:
        st.caption(
            show.plain(
                say(
                    "{segment} is protected: look at its groups, and set no rule by them.",
                    segment=segment,
                )
            )
        )
