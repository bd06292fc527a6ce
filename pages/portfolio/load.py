"""The portfolio in view and its load report, and the way to bring another."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from analytics import currencies, formats, ingest
from analytics.columns import BY_NAME
from analytics.errors import HeadroomError
from analytics.ingest import Declaration, Loaded, LoadReport
from analytics.ingest.report import REASON_WORDS
from analytics.scales import KNOWN, parse_scale
from pages.shared import session, show

OTHER = "other"
KINDS = ["csv", "txt", "tsv", "parquet", "xlsx", "gz", "zip"]


def report(loaded: Loaded) -> None:
    """Show what the load understood, kept and left out."""
    found = loaded.report
    st.markdown(f"## {show.plain(loaded.portfolio.name)}")
    st.caption(show.plain(show.context(loaded.portfolio)))
    totals(found)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        rejected(loaded)
    with right:
        columns(found)


def totals(found: LoadReport) -> None:
    """Show rows read, accepted and rejected, with their amounts."""
    shown = (
        ("Rows read", formats.count(found.rows_read), _understood(found)),
        ("Accepted", formats.count(found.accepted), ""),
        ("Rejected", formats.count(found.rejected), _rejected_limit(found)),
        ("Credit limit", formats.compact(float(found.total_limit)), f"{found.total_limit:,}"),
        ("Balance", formats.compact(float(found.total_balance)), f"{found.total_balance:,}"),
    )
    for place, (title, value, detail) in zip(st.columns(5, gap="small"), shown, strict=True):
        place.metric(title, value, delta_description=detail or None, border=True, height="stretch")


def _understood(found: LoadReport) -> str:
    parts = (found.format, found.encoding, found.delimiter)
    return ", ".join(part for part in parts if part)


def _rejected_limit(found: LoadReport) -> str:
    return f"limit {formats.compact(float(found.rejected_limit))}" if found.rejected else ""


def rejected(loaded: Loaded) -> None:
    """Show why rows were rejected, the first of them, and the download of all."""
    found = loaded.report
    if not found.rejected:
        show.heading("Every row was accepted")
    else:
        show.heading(f"{formats.count(found.rejected)} rows are left out of every figure")
        frame = pd.DataFrame(
            {
                "Reason": [REASON_WORDS.get(name, name) for name in found.reasons],
                "Rows": [formats.count(reason.rows) for reason in found.reasons.values()],
                "First at": [
                    "; ".join(f"line {line}, {column}" for line, column in reason.examples[:3])
                    for reason in found.reasons.values()
                ],
            }
        )
        show.table(frame, key="reasons", alt="Why rows were rejected")
    if found.warnings or found.blanks:
        show.heading("Worth knowing", detail="none of this rejects a row")
        lines = [*found.warnings, *(_blank(name, count) for name, count in found.blanks.items())]
        st.markdown("\n".join(f"- {show.plain(line)}" for line in lines))


def _blank(column: str, count: int) -> str:
    return f"{column} is unknown for {count:,} accounts."


def columns(found: LoadReport) -> None:
    """Show where each column came from, and what the missing ones switch off."""
    show.heading("Columns", detail=f"segments: {', '.join(found.segments) or 'none'}")
    sources = dict(found.sources)
    frame = pd.DataFrame(
        {
            "Column": [BY_NAME[name].title for name in found.columns],
            "read from": [sources.get(name, name) for name in found.columns],
        }
    )
    show.table(frame, key="columns", alt="Columns found")
    if found.switched_off:
        show.heading("Switched off")
        st.markdown("\n".join(f"- {show.plain(line)}" for line in found.switched_off))
    if found.ignored:
        st.caption(show.plain(f"Left aside: {', '.join(found.ignored)}."))


def bring() -> None:
    """Take a file and what the user states about it; load it, or say what is wrong with it."""
    show.heading("Bring a portfolio", detail="one row is one account")
    upload = st.file_uploader(
        "CSV, Parquet or Excel; also as gzip or zip",
        type=KINDS,
        key="portfolio_file",
        help="Needed: account_id, score, credit_limit, balance. The rest switches on what needs "
        "it.",
    )
    first, second, third = st.columns(3)
    name = first.text_input("Name", placeholder="from the file", key="portfolio_name")
    as_of = second.date_input("As of", value=None, key="portfolio_as_of", format="YYYY-MM-DD")
    currency = third.selectbox(
        "Currency", [known.code for known in currencies.KNOWN], key="portfolio_currency"
    )
    scales = {f"{known.name} {known}": known for known in KNOWN}
    chosen = first.selectbox("Score scale", [*scales, OTHER], key="portfolio_scale")
    typed = second.text_input(
        "Other scale", placeholder="0:1000", disabled=chosen != OTHER, key="portfolio_other_scale"
    )
    mapping = third.text_input(
        "Column names",
        placeholder="score=fico, balance=drawn",
        key="portfolio_mapping",
        help="Where the file's headers are others: column=header, separated by commas.",
    )
    if not st.button("Load", disabled=upload is None, icon=":material/upload_file:"):
        return
    if upload is None:
        return
    try:
        declaration = Declaration(
            name=name.strip() or None,
            as_of=as_of if isinstance(as_of, dt.date) else None,
            currency=currency,
            scale=parse_scale(typed) if chosen == OTHER else scales[chosen],
            mapping=ingest.parse_mapping(m for m in mapping.split(",") if m.strip()),
        )
        with st.spinner("Reading and checking every row ..."):
            loaded = ingest.load_bytes(upload.name, upload, declaration)
    except HeadroomError as error:
        show.faults(error.faults, lead="The file was not loaded; the portfolio in view stays.")
        return
    session.put_in_view(loaded)
    st.rerun()


report(session.loaded())
st.space("small")
bring()
st.button("Show the sample portfolio", on_click=session.show_sample, type="tertiary")
