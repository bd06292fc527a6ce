"""Bringing a file: how it was understood, the user's word on it, and the load."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics import ingest
from analytics.declared.language import listed, say, say_n
from analytics.errors import HeadroomError
from analytics.ingest import ChoiceNeeded, Declaration, Preview
from pages.shared import mapping, session, show, stated, statuses, wording


@show.part
def bring() -> None:
    """Take a file, show how it is understood, and load it at the user's word."""
    show.heading(say("Bring a portfolio"), detail=say("one row is one account"))
    mapping.say_what_is_not_kept()
    upload = st.file_uploader(
        say("CSV, Parquet or Excel; also as gzip, or a zip of one file"),
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
        ask(choice)
        return
    except HeadroomError as error:
        lead = say("The file cannot be read; the portfolio in view stays.")
        show.faults(map(wording.for_page, error.faults), lead=lead)
        return
    _understood(preview)
    pairs = mapping.confirmed(preview, upload.file_id)
    statuses.ask(upload.file_id, stated.statuses_of(wording.FILE))
    if st.button(say("Load this portfolio"), icon=":material/upload_file:", key="intake_load"):
        _load(upload, preview, pairs)


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
        say_n("about {count:,} row", "about {count:,} rows", preview.rows),
        say_n("{count:,} column", "{count:,} columns", len(preview.headers)),
    ]
    show.heading(say("Understood as"), detail=listed(part for part in parts if part))


def _load(upload: Any, preview: Preview, pairs: mapping.Mapping) -> None:
    """Load the file; with a fault the portfolio in view stays as it was."""
    try:
        with st.spinner(say("Reading and checking every row ...")):
            upload.seek(0)
            loaded = ingest.load_bytes(upload.name, upload, stated.declaration(pairs))
    except ChoiceNeeded as choice:
        if choice.option == statuses.OPTION:
            statuses.keep(upload.file_id, choice)
            st.rerun()
        ask(choice)
        return
    except HeadroomError as error:
        lead = say("The file was not loaded; the portfolio in view stays.")
        show.faults(map(wording.for_page, error.faults), lead=lead)
        return
    loaded = mapping.noted(loaded, preview, pairs)
    mapping.keep(preview, pairs)
    session.put_in_view(loaded)
    st.rerun()


def ask(choice: ChoiceNeeded, of: str = wording.FILE) -> None:
    """Show what can be chosen and how each reading looks; a click declares it."""
    st.warning(show.plain(wording.for_page(str(choice), of)), icon=":material/help:")
    for place, option in zip(st.columns(max(len(choice.choices), 1)), choice.choices, strict=False):
        with place:
            if option.preview:
                st.code("\n".join(option.preview), language=None)
            if choice.option in stated.ASKED_FOR:
                st.button(
                    stated.chosen(choice.option, option.value),
                    key=f"choose_{of}_{option.value}",
                    on_click=stated.choose,
                    args=(choice.option, option.value, of),
                )
