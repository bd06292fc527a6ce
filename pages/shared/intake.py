"""Bringing a file: how it was understood, the user's word on it, and the load."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from analytics import ingest
from analytics.declared.columns import BY_NAME, COLUMNS
from analytics.declared.language import marked, say
from analytics.errors import HeadroomError
from analytics.ingest import ChoiceNeeded, Declaration, Preview, Proposal
from pages.shared import session, show, stated

ASIDE = marked("(segment or aside)")
HEADER, VALUES, IS = marked("Header"), "values", marked("Is")
"""The columns of the mapping."""
KINDS = ["csv", "txt", "tsv", "parquet", "xlsx", "gz", "zip"]
LABELS = {
    "derive-score": marked("“Score from the default probability”"),
    "header-line": marked("“Line of the headers”"),
    "encoding": marked("“Encoding”"),
    "delimiter": marked("“Delimiter”"),
    "decimal": marked("“Decimal sign”"),
    "scale": marked("“Score scale”"),
    "currency": marked("“Currency”"),
    "sheet": marked("“Sheet of a workbook”"),
    "map": marked("“Derived columns”"),
}
"""Options of the command line, by their labels on this page."""
MAPPINGS = Path(os.environ.get("HEADROOM_HOME") or "~/.headroom", "mappings")
"""Where confirmed mappings are kept: column names only, never data."""
_UNKEPT = "mapping_unkept"
"""Whether it is still to be said that they are not."""


def bring() -> None:
    """Take a file, show how it is understood, and load it at the user's word."""
    show.heading(say("Bring a portfolio"), detail=say("one row is one account"))
    _say_what_is_not_kept()
    upload = st.file_uploader(
        say("CSV, Parquet or Excel; also as gzip, or a zip of one file"),
        type=KINDS,
        key="portfolio_file",
        help=say(
            "Needed: an id, score, credit limit and balance. The rest switches on what needs it."
        ),
    )
    if upload is None:
        st.caption(
            say("The file is read here and shown before it is used; nothing leaves the machine.")
        )
        return
    try:
        stated.draw()
        preview = _preview(upload, stated.declaration())
    except ChoiceNeeded as choice:
        _ask(choice)
        return
    except HeadroomError as error:
        lead = say("The file cannot be read; the portfolio in view stays.")
        show.faults(map(_for_page, error.faults), lead=lead)
        return
    _understood(preview)
    mapping = _mapping(preview, upload.file_id)
    if st.button(say("Load this portfolio"), icon=":material/upload_file:", key="intake_load"):
        _load(upload, preview, mapping)


def _preview(upload: Any, declared: Declaration) -> Preview:
    """Return how the file is understood; the same file and declaration are looked at once."""
    known = session.state("preview")
    key = (upload.file_id, declared.canonical())
    if known is not None and known[0] == key:
        found: Preview = known[1]
        return found
    with st.spinner(say("Looking at the file ...")):
        found = ingest.inspect_bytes(upload.name, upload, declared)
    session.keep("preview", (key, found))
    return found


def _understood(preview: Preview) -> None:
    parts = [
        preview.format,
        say("encoding {encoding}", encoding=preview.encoding) if preview.encoding else "",
        say("delimiter {delimiter}", delimiter=preview.delimiter) if preview.delimiter else "",
        say("about {rows:,} rows", rows=preview.rows),
        say("{count} columns", count=len(preview.headers)),
    ]
    show.heading(say("Understood as"), detail=", ".join(part for part in parts if part))


def _mapping(preview: Preview, file_id: str) -> tuple[tuple[str, str], ...]:
    """Let the user confirm which header is which column; return the mapping."""
    kept = dict(_kept(preview) or ())
    by_header = {source: column for column, source in kept.items()}
    proposed = [
        by_header.get(proposal.header, proposal.column or ASIDE) for proposal in preview.proposals
    ]
    frame = pd.DataFrame(
        {
            HEADER: preview.headers,
            VALUES: [_values(proposal) for proposal in preview.proposals],
            IS: proposed,
        }
    )
    edited = st.data_editor(
        frame,
        key=f"intake_mapping_{file_id}",
        hide_index=True,
        disabled=[HEADER, VALUES],
        column_config={
            HEADER: st.column_config.TextColumn(say(HEADER)),
            IS: st.column_config.SelectboxColumn(
                say(IS),
                options=[ASIDE, *(column.name for column in COLUMNS)],
                format_func=lambda name: say(ASIDE) if name == ASIDE else str(name),
                required=True,
            ),
            VALUES: st.column_config.TextColumn(say("Three values")),
        },
        height="content",
        row_height=28,
    )
    found = tuple(
        (str(column), str(header))
        for header, column in zip(edited[HEADER], edited[IS], strict=True)
        if column in BY_NAME
    )
    aside = tuple(
        (name, "")
        for name in BY_NAME
        if name in {h.lower() for h in preview.headers} and name not in dict(found)
    )
    return found + aside


def _kept(preview: Preview) -> tuple[tuple[str, str], ...] | None:
    """Return the mapping that was confirmed for a file with these headers."""
    try:
        return ingest.saved_mapping(MAPPINGS.expanduser(), preview.headers)
    except RuntimeError:  # nobody's home is known
        return None


def _values(proposal: Proposal) -> str:
    """Return a header's three values; ids are shown by their last characters alone."""
    samples = proposal.samples
    if proposal.column == "account_id":
        samples = tuple(show.masked(sample) for sample in samples)
    return "  |  ".join(samples)


def _load(upload: Any, preview: Preview, mapping: tuple[tuple[str, str], ...]) -> None:
    """Load the file; with a fault the portfolio in view stays as it was."""
    try:
        with st.spinner(say("Reading and checking every row ...")):
            upload.seek(0)
            loaded = ingest.load_bytes(upload.name, upload, stated.declaration(mapping))
    except ChoiceNeeded as choice:
        _ask(choice)
        return
    except HeadroomError as error:
        lead = say("The file was not loaded; the portfolio in view stays.")
        show.faults(map(_for_page, error.faults), lead=lead)
        return
    _keep(preview, mapping)
    session.put_in_view(loaded)
    st.rerun()


def _keep(preview: Preview, mapping: tuple[tuple[str, str], ...]) -> None:
    """Keep the mapping for the next such file; a folder that refuses takes no load away."""
    try:
        place = MAPPINGS.expanduser()
        ingest.save_mapping(place, preview.headers, tuple(pair for pair in mapping if pair[1]))
    except (OSError, RuntimeError):  # no room, no right, no home
        session.keep(_UNKEPT, session.state(_UNKEPT, default=True))


def _say_what_is_not_kept() -> None:
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


def _for_page(sentence: str) -> str:
    """Return a sentence in the words of this page, where it names an option to type."""
    words = re.sub(
        r"--map (\w+)=(\S+)",
        lambda found: say(
            "{column} as the column of {header} in the table above",
            column=found[1],
            header=found[2],
        ),
        sentence,
    )
    for option, label in LABELS.items():
        words = words.replace(f"--{option}", say(label))
    return words


def _ask(choice: ChoiceNeeded) -> None:
    """Show what can be chosen and how each reading looks; a click declares it."""
    st.warning(show.plain(_for_page(str(choice))), icon=":material/help:")
    for place, option in zip(st.columns(max(len(choice.choices), 1)), choice.choices, strict=False):
        with place:
            if option.preview:
                st.code("\n".join(option.preview), language=None)
            if choice.option in stated.ASKED_FOR:
                st.button(
                    say("It is {option}", option=option.value),
                    key=f"choose_{option.value}",
                    on_click=stated.choose,
                    args=(choice.option, option.value),
                )
