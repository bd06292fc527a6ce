"""Who gets what: treatments, and the steps that ceilings make smaller."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics.declared.language import say
from analytics.declared.treatments import BY_TREATMENT
from analytics.method.measures import per
from analytics.results.treatments import TreatmentCounts, TreatmentGroup
from analytics.shown import customer_findings, customer_words, formats, tables, words
from pages.shared import cached, session, show
from pages.shared.session import View


@show.part
def who_gets_what(view: View, segment: str | None) -> None:
    """Show what every account gets, and what is foregone; read by a segment that is shown too."""
    found = cached.treatments(
        view.portfolio, view.policy, view.assumptions, session.treatments(), segment
    )
    show.heading(
        customer_findings.treatments_finding(found),
        detail=say("every account exactly one, the first that fits"),
    )
    show.table(_table(found.total), key="treatments", alt=say("Who gets what"), left=(say("Who"),))
    lacking = customer_findings.missing_sentence(found.missing)
    for sentence in filter(None, (*customer_findings.treatment_notes(found), lacking)):
        st.caption(show.plain(sentence))
    show.download(tables.treatments_table(found), "treatments")


def _table(group: TreatmentGroup) -> pd.DataFrame:
    rows = [
        {
            say("Treatment"): customer_words.treatment_title(one.treatment),
            say("Accounts"): formats.count(one.accounts),
            say("Share"): formats.percent(per(one.accounts, group.accounts)),
            say("Limit"): formats.compact(one.limit),
            say("Balance"): formats.compact(one.balance),
            say("Expected loss"): formats.compact(one.expected_loss),
            say("Foregone a year"): formats.compact(one.foregone_net_value),
            say("Who"): BY_TREATMENT[one.treatment].who,
        }
        for one in group.figures
    ]
    return pd.DataFrame(rows)


@show.part
def smaller_steps(view: View) -> None:
    """Show how much was asked and what is given where a ceiling binds."""
    steps = cached.smaller_steps(view.portfolio, view.policy, view.assumptions)
    show.heading(customer_findings.smaller_finding(steps))
    rows = [
        {
            say("Ceiling"): words.binding_title(step.binding),
            say("Smaller step"): formats.count(step.raised),
            say("Asked"): formats.compact(step.asked),
            say("Given"): formats.compact(step.given),
            say("No room"): formats.count(step.without_room),
            say("Asked in vain"): formats.compact(step.asked_in_vain),
        }
        for step in steps
    ]
    if rows:
        show.table(pd.DataFrame(rows), key="smaller_steps", alt=say("Smaller steps by ceiling"))


def by_group(found: TreatmentCounts, segment: str) -> None:
    """Show how many accounts of each group of a segment get each treatment."""
    show.heading(say("Who gets what, by {segment}", segment=segment))
    show.table(
        _counts(found.groups, segment),
        key="treatments_by_segment",
        alt=say("Who gets what, by {segment}", segment=segment),
    )


def _counts(groups: Sequence[TreatmentGroup], segment: str) -> pd.DataFrame:
    rows = [
        {
            segment: group.label,
            **{
                customer_words.treatment_title(one.treatment): formats.count(one.accounts)
                for one in group.figures
            },
        }
        for group in groups
    ]
    return pd.DataFrame(rows)
