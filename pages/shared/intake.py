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
from analytics.errors import HeadroomError
from analytics.ingest import ChoiceNeeded, Declaration, Preview, Proposal
from pages.shared import session, show, stated

ASIDE = "(segment or aside)"
KINDS = ["csv", "txt", "tsv", "parquet", "xlsx", "gz", "zip"]
LABELS = {
    "derive-score": "“Score from the default probability”",
    "header-line": "“Line of the headers”",
    "encoding": "“Encoding”",
    "delimiter": "“Delimiter”",
    "decimal": "“Decimal sign”",
    "scale": "“Score scale”",
    "currency": "“Currency”",
    "sheet": "“Sheet of a workbook”",
    "map": "“Derived columns”",
}
"""Options of the command line, by their labels on this page."""
MAPPINGS = Path(os.environ.get("HEADROOM_HOME", Path.home() / ".headroom")) / "mappings"
"""Where confirmed mappings are kept: column names only, never data."""


def bring() -> None:
    """Take a file, show how it is understood, and load it at the user's word."""
    show.heading("Bring a portfolio", detail="one row is one account")
    upload = st.file_uploader(
        "CSV, Parquet or Excel; also as gzip, or a zip of one file",
        type=KINDS,
        key="portfolio_file",
        help="Needed: an id, score, credit limit and balance. The rest switches on what needs it.",
    )
    if upload is None:
        st.caption("The file is read here and shown before it is used; nothing leaves the machine.")
        return
    try:
        stated.draw()
        preview = _preview(upload, stated.declaration())
    except ChoiceNeeded as choice:
        _ask(choice)
        return
    except HeadroomError as error:
        lead = "The file cannot be read; the portfolio in view stays."
        show.faults(map(_for_page, error.faults), lead=lead)
        return
    _understood(preview)
    mapping = _mapping(preview, upload.file_id)
    if st.button("Load this portfolio", icon=":material/upload_file:", key="intake_load"):
        _load(upload, preview, mapping)


def _preview(upload: Any, declared: Declaration) -> Preview:
    """Return how the file is understood; the same file and declaration are looked at once."""
    known = session.state("preview")
    key = (upload.file_id, declared.canonical())
    if known is not None and known[0] == key:
        found: Preview = known[1]
        return found
    with st.spinner("Looking at the file ..."):
        found = ingest.inspect_bytes(upload.name, upload, declared)
    session.keep("preview", (key, found))
    return found


def _understood(preview: Preview) -> None:
    parts = [
        preview.format,
        f"encoding {preview.encoding}" if preview.encoding else "",
        f"delimiter {preview.delimiter}" if preview.delimiter else "",
        f"about {preview.rows:,} rows",
        f"{len(preview.headers)} columns",
    ]
    show.heading("Understood as", detail=", ".join(part for part in parts if part))


def _mapping(preview: Preview, file_id: str) -> tuple[tuple[str, str], ...]:
    """Let the user confirm which header is which column; return the mapping."""
    kept = dict((ingest.saved_mapping(MAPPINGS, preview.headers)) or ())
    by_header = {source: column for column, source in kept.items()}
    proposed = [
        by_header.get(proposal.header, proposal.column or ASIDE) for proposal in preview.proposals
    ]
    frame = pd.DataFrame(
        {
            "Header": preview.headers,
            "Values": [_values(proposal) for proposal in preview.proposals],
            "Is": proposed,
        }
    )
    edited = st.data_editor(
        frame,
        key=f"intake_mapping_{file_id}",
        hide_index=True,
        disabled=["Header", "Values"],
        column_config={
            "Is": st.column_config.SelectboxColumn(
                "Is", options=[ASIDE, *(column.name for column in COLUMNS)], required=True
            ),
            "Values": st.column_config.TextColumn("Three values"),
        },
        height="content",
        row_height=28,
    )
    found = tuple(
        (str(column), str(header))
        for header, column in zip(edited["Header"], edited["Is"], strict=True)
        if column in BY_NAME
    )
    aside = tuple(
        (name, "")
        for name in BY_NAME
        if name in {h.lower() for h in preview.headers} and name not in dict(found)
    )
    return found + aside


def _values(proposal: Proposal) -> str:
    """Return a header's three values; ids are shown by their last characters alone."""
    samples = proposal.samples
    if proposal.column == "account_id":
        samples = tuple(show.masked(sample) for sample in samples)
    return "  |  ".join(samples)


def _load(upload: Any, preview: Preview, mapping: tuple[tuple[str, str], ...]) -> None:
    """Load the file; with a fault the portfolio in view stays as it was."""
    try:
        with st.spinner("Reading and checking every row ..."):
            upload.seek(0)
            loaded = ingest.load_bytes(upload.name, upload, stated.declaration(mapping))
    except ChoiceNeeded as choice:
        _ask(choice)
        return
    except HeadroomError as error:
        lead = "The file was not loaded; the portfolio in view stays."
        show.faults(map(_for_page, error.faults), lead=lead)
        return
    ingest.save_mapping(MAPPINGS, preview.headers, tuple(p for p in mapping if p[1]))
    session.put_in_view(loaded)
    st.rerun()


def _for_page(sentence: str) -> str:
    """Return a sentence in the words of this page, where it names an option to type."""
    words = re.sub(r"--map (\w+)=(\S+)", r"\1 as the column of \2 in the table above", sentence)
    for option, label in LABELS.items():
        words = words.replace(f"--{option}", label)
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
                    f"It is {option.value}",
                    key=f"choose_{option.value}",
                    on_click=stated.choose,
                    args=(choice.option, option.value),
                )
