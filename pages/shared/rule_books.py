"""Rule books on the assumptions page: what each sets, before and after, and the way back."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics.assumptions import Assumptions
from analytics.declared.language import say, say_n, together
from analytics.declared.regimes import PACKS, Pack, pack_of
from analytics.policy import Policy
from analytics.regime import Standing, applied, changes, packs_in_force, standings, undone
from pages.shared import levers, session, show

BOOK = "rule_book"
"""The widget that holds the rule book in view."""
UNDO = "rule_book_moved"
"""Under what is kept what the last one moved."""


@show.part
def draw(policy: Policy, assumptions: Assumptions) -> None:
    """Offer a rule book: what it sets of assumptions and policy, before and after."""
    show.heading(say("Rules as in"), detail=say("one choice sets what belongs together"))
    held = packs_in_force(policy, assumptions)
    if session.widget(BOOK) is None:
        session.set_widget(BOOK, str(held[0].name if held else PACKS[0].name))
    left, right = st.columns([1, 2.2], gap="medium", vertical_alignment="bottom")
    with left:
        st.selectbox(
            say("Rules as in"),
            [str(pack.name) for pack in PACKS],
            key=BOOK,
            format_func=lambda name: pack_of(name).title,
            label_visibility="collapsed",
        )
    pack = pack_of(session.widget(BOOK))
    moved = changes(pack, policy, assumptions)
    with right, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            say("Apply"),
            on_click=_apply,
            args=(pack, policy, assumptions),
            disabled=not moved,
            icon=":material/gavel:",
        )
        st.button(
            say("Undo"),
            on_click=_undo,
            args=(policy, assumptions),
            disabled=not session.state(UNDO),
            icon=":material/undo:",
        )
        st.caption(show.plain(_counted(moved, [other for other in held if other is not pack])))
    st.caption(show.plain(pack.note))
    if moved:
        _table(moved, "rules_moved")
    with st.expander(say("Every value of it, with mark and source")):
        _table(standings(pack, policy, assumptions), "rules")


def _counted(moved: tuple[Standing, ...], alike: list[Pack]) -> str:
    """Return how many values a rule book would move, or that it is in force, alone or not."""
    if not moved and alike:
        return say(
            "In force, with the same values as {others}.",
            others=together(other.title for other in alike),
        )
    if not moved:
        return say("In force.")
    return say_n(
        "{count} value differs from what is in force.",
        "{count} values differ from what is in force.",
        len(moved),
    )


def _table(found: tuple[Standing, ...], key: str) -> None:
    """Show values of a rule book beside those in force, what would move marked."""
    rows = [
        (
            f"● {one.declared.title}" if one.changes else one.declared.title,
            say("policy") if one.of_policy else say("assumption"),
            one.before_text,
            one.after_text,
            one.ruled.mark.value,
            one.ruled.source,
        )
        for one in found
    ]
    header = (
        say("value"),
        say("of"),
        say("in force"),
        say("rule book"),
        say("mark"),
        say("source"),
    )
    frame = pd.DataFrame(rows, columns=list(header))
    st.dataframe(frame, hide_index=True, row_height=30, height="content", key=key)


@session.speaking
def _apply(pack: Pack, policy: Policy, assumptions: Assumptions) -> None:
    """Take a rule book into force, and keep what it moved for the way back."""
    session.keep(UNDO, changes(pack, policy, assumptions))
    _take_both(*applied(pack, policy, assumptions))


@session.speaking
def _undo(policy: Policy, assumptions: Assumptions) -> None:
    """Set what the last rule book moved to what it was."""
    made = session.state(UNDO, ())
    session.keep(UNDO, ())
    _take_both(*undone(made, policy, assumptions))


def _take_both(policy: Policy, assumptions: Assumptions) -> None:
    session.take_assumptions(assumptions)
    levers.seed(policy)
