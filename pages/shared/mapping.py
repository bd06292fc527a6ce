"""Which header is which column: proposed, remembered, and the user's word on it."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from analytics.declared.columns import BY_NAME, COLUMNS
from analytics.declared.language import later, marked, say
from analytics.ingest import Loaded, Preview, Proposal, Remembered
from analytics.ingest.plausible import AS_IT_IS, SCALED
from analytics.ingest.proposals import source_of
from pages.shared import session, show

ASIDE = marked("(segment or aside)")
HEADER, VALUES, IS = marked("Header"), "values", marked("Is")
"""The columns of the mapping."""
CHOICES: dict[str, tuple[str, str]] = {
    **{column.name: (column.name, AS_IT_IS) for column in COLUMNS},
    **{f"{column}{arithmetic}": (column, arithmetic) for column, arithmetic in SCALED},
}
"""What a header can be: a column as it is, or by arithmetic over it."""
Mapping = tuple[tuple[str, str], ...]
_VERSION = "mapping_version"
_UNKEPT = "mapping_unkept"
"""Whether it is still to be said that mappings are not remembered."""


def confirmed(preview: Preview, file_id: str) -> Mapping:
    """Let the user confirm which header is which column; return the mapping."""
    remembered = session.memory().recall(preview.headers)
    kept = {source: column for column, source in remembered.mapping} if remembered else {}
    if remembered:
        _offer_undo(preview, remembered)
    edited = st.data_editor(
        _frame(preview, kept),
        key=f"intake_mapping_{file_id}_{session.state(_VERSION, 0)}",
        hide_index=True,
        disabled=[HEADER, VALUES],
        column_config={
            HEADER: st.column_config.TextColumn(say(HEADER)),
            IS: st.column_config.SelectboxColumn(
                say(IS), options=[ASIDE, *CHOICES], format_func=_title, required=True
            ),
            VALUES: st.column_config.TextColumn(say("Three values")),
        },
        height="content",
        row_height=28,
    )
    found = tuple(
        (CHOICES[choice][0], source_of(str(header), CHOICES[choice][1]))
        for header, choice in zip(edited[HEADER], edited[IS], strict=True)
        if choice in CHOICES
    )
    aside = tuple(
        (name, "")
        for name in BY_NAME
        if name in {h.lower() for h in preview.headers} and name not in dict(found)
    )
    return found + aside


def keep(preview: Preview, mapping: Mapping) -> None:
    """Remember a mapping that a file was loaded by, as far as names alone do not say it."""
    own = tuple(pair for pair in mapping if pair[1])
    remembered = Remembered(own, preview.name, dt.datetime.now(dt.UTC).date())
    if not session.memory().keep(preview.headers, remembered):
        session.keep(_UNKEPT, session.state(_UNKEPT, default=True))


def say_what_is_not_kept() -> None:
    """Say once that mappings are not remembered on this machine."""
    if session.state(_UNKEPT):
        session.keep(_UNKEPT, value=False)
        st.info(
            say(
                "The mapping of columns is not remembered: its folder cannot be written to. "
                "HEADROOM_HOME names another one."
            ),
            icon=":material/info:",
        )


def noted(loaded: Loaded, preview: Preview, mapping: Mapping) -> Loaded:
    """Return what was loaded, with a word on what of its mapping was remembered."""
    remembered = session.memory().recall(preview.headers)
    used = tuple(p for p in remembered.mapping if p in mapping) if remembered else ()
    if not remembered or not used:
        return loaded
    undo = later("“Forget it” on this page, where the file is shown, undoes that.")
    said = Remembered(used, remembered.file, remembered.day).sentence(undo)
    return loaded.with_note(said)


def _offer_undo(preview: Preview, remembered: Remembered) -> None:
    words, undo = st.columns([5, 1], vertical_alignment="center")
    asked = remembered.sentence(later("Exact names of columns are never overruled by it."))
    words.caption(show.plain(str(asked)))
    undo.button(
        say("Forget it"),
        key="mapping_forget",
        on_click=_forget,
        args=(preview.headers,),
        help=say("The names are proposed anew, as for a file that was never seen."),
    )


def _forget(headers: tuple[str, ...]) -> None:
    session.memory().forget(headers)
    session.keep(_VERSION, session.state(_VERSION, 0) + 1)


def _frame(preview: Preview, kept: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            HEADER: preview.headers,
            VALUES: [_values(proposal) for proposal in preview.proposals],
            IS: [_proposed(proposal, kept) for proposal in preview.proposals],
        }
    )


def _proposed(proposal: Proposal, kept: dict[str, str]) -> str:
    """Return what a header is: as remembered, else as proposed."""
    for choice, (column, arithmetic) in CHOICES.items():
        if kept.get(source_of(proposal.header, arithmetic)) == column:
            return choice
    taken = proposal.column is None or proposal.column in kept.values()
    return ASIDE if taken else f"{proposal.column}{proposal.arithmetic}"


def _title(choice: object) -> str:
    """Return how what a header can be is shown."""
    if choice == ASIDE:
        return say(ASIDE)
    column, arithmetic = CHOICES.get(str(choice), (str(choice), AS_IT_IS))
    if not arithmetic:
        return column
    return say("{column} = header {arithmetic}", column=column, arithmetic=arithmetic)


def _values(proposal: Proposal) -> str:
    """Return a header's three values; ids are shown by their last characters alone."""
    samples = proposal.samples
    if proposal.column == "account_id":
        samples = tuple(show.masked(sample) for sample in samples)
    return "  |  ".join(samples)
