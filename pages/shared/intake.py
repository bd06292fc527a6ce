"""Bringing a portfolio: the file as it was understood, the user's word on it, and the load."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from analytics import ingest
from analytics.accounts.catalogue import tables
from analytics.accounts.connect import open_database
from analytics.accounts.settings import known_databases
from analytics.declared import currencies
from analytics.declared.columns import BY_NAME, COLUMNS
from analytics.declared.scales import KNOWN, ScoreScale, parse_scale
from analytics.errors import HeadroomError, ParameterError
from analytics.ingest import ChoiceNeeded, Declaration, Duplicates, Preview, Proposal
from analytics.ingest.tables import load_warehouse
from pages.shared import session, show

OTHER = "other"
ASIDE = "(segment or aside)"
KINDS = ["csv", "txt", "tsv", "parquet", "xlsx", "gz", "zip"]
ENCODINGS = ("utf-8", "utf-16", "gb18030", "big5", "shift_jis", "cp1252")
DELIMITERS = ("comma", "semicolon", "tab", "pipe")
DETECT = "detect"
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
CHOSEN = {name: f"intake_{name}" for name in ("encoding", "delimiter", "decimal", "scale", "sheet")}
"""Options of a file that a choice may ask for, and their widgets."""
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
        stated = _about()
        preview = _preview(upload, _declaration(stated))
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
        _load(upload, preview, stated, mapping)


def bring_table() -> None:
    """Open a table of a database that the settings name; the accounts stay there."""
    names = known_databases()
    if not names:
        return
    show.heading("Open a table", detail="the accounts stay in their database")
    first, second, third, fourth = st.columns(4, vertical_alignment="bottom")
    alias = first.selectbox("Database", names, key="table_database")
    try:
        database = open_database(alias)
        known = [str(table) for table in tables(database)]
    except HeadroomError as error:
        show.failure(error)
        return
    table = second.selectbox("Table or view", known, key="table_name")
    mapping = third.text_input(
        "Columns of another name", placeholder="score=fico; balance=drawn", key="table_mapping"
    )
    currency = fourth.selectbox(
        "Currency of the table", [item.code for item in currencies.KNOWN], key="table_currency"
    )
    if not st.button("Open this table", disabled=not table, key="table_open"):
        return
    try:
        pairs = ingest.parse_mapping(m for m in mapping.split(";") if m.strip())
        declared = Declaration(currency=currency, mapping=pairs)
        with st.spinner("Checking the table where it is ..."):
            loaded = load_warehouse(database, table, declared)
    except HeadroomError as error:
        show.faults(error.faults, lead="The table was not opened; the portfolio in view stays.")
        return
    session.put_in_view(loaded)
    st.rerun()


def _about() -> dict[str, Any]:
    """Draw what the user states about the file; return it."""
    first, second, third, fourth = st.columns(4)
    scales = {f"{known.name} {known}": known for known in KNOWN}
    stated: dict[str, Any] = {
        "name": first.text_input("Name", placeholder="from the file", key="intake_name"),
        "as_of": second.date_input("As of", value=None, key="intake_as_of", format="YYYY-MM-DD"),
        "currency": third.selectbox(
            "Currency", [known.code for known in currencies.KNOWN], key="intake_currency"
        ),
        "scale": fourth.selectbox(
            "Score scale",
            [DETECT, *scales, OTHER],
            key=CHOSEN["scale"],
            help="Detect: 350-950, and you are asked where the scores are of another scale.",
        ),
    }
    with st.expander("How the file is written"):
        places = st.columns(4)
        stated["other_scale"] = places[0].text_input(
            "Other score scale", placeholder="0:1000", key="intake_other_scale"
        )
        stated["encoding"] = places[1].selectbox(
            "Encoding", [DETECT, *ENCODINGS], key=CHOSEN["encoding"]
        )
        stated["delimiter"] = places[2].selectbox(
            "Delimiter", [DETECT, *DELIMITERS], key=CHOSEN["delimiter"]
        )
        stated["decimal"] = places[3].selectbox(
            "Decimal sign", [DETECT, "point", "comma"], key=CHOSEN["decimal"]
        )
        places = st.columns(4)
        stated["sheet"] = places[0].text_input(
            "Sheet of a workbook", placeholder="the only one", key=CHOSEN["sheet"]
        )
        stated["header_line"] = places[1].number_input(
            "Line of the headers", min_value=1, value=1, step=1, key="intake_header_line"
        )
        places = st.columns(4)
        stated["duplicates"] = places[0].selectbox(
            "Rows with the same id",
            list(Duplicates),
            format_func=lambda rule: {"reject": "reject all of them"}.get(
                rule.value, f"keep the {rule.value}"
            ),
            key="intake_duplicates",
        )
        stated["sentinels"] = places[1].text_input(
            "Scores that mean none", placeholder="0, 999", key="intake_sentinels"
        )
        stated["derived"] = places[2].text_input(
            "Derived columns",
            placeholder="balance=utilization*current_limit",
            key="intake_derived",
            help="column=arithmetic over the file's headers, separated by semicolons.",
        )
        stated["derive_score"] = places[3].toggle(
            "Score from the default probability",
            key="intake_derive_score",
            help="Where the file has no score: by the inverse of the PD curve, marked as derived.",
        )
    return stated


def _declaration(stated: dict[str, Any], mapping: tuple[tuple[str, str], ...] = ()) -> Declaration:
    """Return the declaration of what was stated."""
    derived = ingest.parse_mapping(d for d in stated["derived"].split(";") if d.strip())
    names = {column for column, _ in derived}
    as_of = stated["as_of"]
    return Declaration(
        name=stated["name"].strip() or None,
        as_of=as_of if isinstance(as_of, dt.date) else None,
        currency=stated["currency"],
        scale=_scale(stated),
        encoding=_given(stated["encoding"]),
        delimiter=_given(stated["delimiter"]),
        decimal=_given(stated["decimal"]),
        duplicates=stated["duplicates"],
        sentinels=_whole_numbers(stated["sentinels"]),
        sheet=stated["sheet"].strip() or None,
        header_line=int(stated["header_line"]) if stated["header_line"] > 1 else None,
        mapping=derived + tuple(pair for pair in mapping if pair[0] not in names),
        derive_score=stated["derive_score"],
    )


def _whole_numbers(text: str) -> tuple[int, ...]:
    """Return whole numbers separated by commas."""
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise ParameterError(
            f"Scores that mean none: {text!r} was not understood: give whole numbers separated by "
            "commas, for example 0, 999."
        ) from None


def _scale(stated: dict[str, Any]) -> ScoreScale | None:
    if stated["scale"] == DETECT:
        return None
    if stated["scale"] == OTHER:
        return parse_scale(stated["other_scale"])
    return next(known for known in KNOWN if f"{known.name} {known}" == stated["scale"])


def _given(choice: str) -> str | None:
    return None if choice == DETECT else choice


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


def _load(
    upload: Any, preview: Preview, stated: dict[str, Any], mapping: tuple[tuple[str, str], ...]
) -> None:
    """Load the file; with a fault the portfolio in view stays as it was."""
    try:
        with st.spinner("Reading and checking every row ..."):
            upload.seek(0)
            loaded = ingest.load_bytes(upload.name, upload, _declaration(stated, mapping))
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
            if choice.option in CHOSEN:
                st.button(
                    f"It is {option.value}",
                    key=f"choose_{option.value}",
                    on_click=_choose,
                    args=(choice.option, option.value),
                )


def _choose(option: str, value: str) -> None:
    """Declare what was chosen: set the widget of its option."""
    if option != "scale":
        st.session_state[CHOSEN[option]] = value
        return
    known = next((f"{k.name} {k}" for k in KNOWN if str(k) == value.replace(":", "-")), OTHER)
    st.session_state[CHOSEN["scale"]] = known
    if known == OTHER:
        st.session_state["intake_other_scale"] = value
