"""The portfolio in view and its load report, and the way to bring another."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics import ingest
from analytics.declared.choices import Sample
from analytics.declared.columns import BY_NAME
from analytics.declared.language import clauses, listed, say, say_n
from analytics.ingest import Loaded, LoadReport
from analytics.ingest.report import reason_words
from analytics.portfolio import Portfolio
from analytics.shown import formats
from analytics.shown.calibration import calibration_sentences
from pages.shared import cached, intake, plausible, session, show, table_intake, wording


@show.part
def report(loaded: Loaded) -> None:
    """Show what the load understood, kept and left out."""
    found = loaded.report
    st.markdown(f"## {show.plain(loaded.portfolio.name)}")
    st.caption(show.plain(show.context(loaded.portfolio)))
    totals(found)
    calibration(loaded.portfolio)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        rejected(loaded)
    with right:
        columns(found)


@show.part
def totals(found: LoadReport) -> None:
    """Show rows read, accepted and rejected, with their amounts."""
    limit, balance = found.total_limit, found.total_balance
    shown = (
        (say("Rows read"), formats.count(found.rows_read), _understood(found), None),
        (say("Accepted"), formats.count(found.accepted), "", None),
        (say("Rejected"), formats.count(found.rejected), _rejected_limit(found), None),
        (
            say("Credit limit"),
            formats.compact(float(limit)),
            "",
            say("In full: {limit:,}.", limit=limit),
        ),
        (
            say("Balance"),
            formats.compact(float(balance)),
            "",
            say("In full: {balance:,}.", balance=balance),
        ),
    )
    for place, (title, value, detail, full) in zip(st.columns(5, gap="small"), shown, strict=True):
        place.metric(
            title,
            value,
            delta_description=detail or None,
            help=full,
            border=True,
            height="stretch",
        )


@show.part
def calibration(portfolio: Portfolio) -> None:
    """Show what makes the portfolio implausible as it stands."""
    found = cached.calibration(portfolio, session.assumptions())
    plausible.warn(calibration_sentences(found))


def _understood(found: LoadReport) -> str:
    parts = (found.format, found.encoding, found.delimiter)
    return listed(part for part in parts if part)


def _rejected_limit(found: LoadReport) -> str:
    return (
        say("limit {limit}", limit=formats.compact(float(found.rejected_limit)))
        if found.rejected
        else ""
    )


@show.part
def rejected(loaded: Loaded) -> None:
    """Show why rows were rejected, the first of them, and the download of all."""
    found = loaded.report
    if not found.rejected:
        show.heading(say("Every row was accepted"))
    else:
        show.heading(
            say_n(
                "{count:,} row is left out of every figure",
                "{count:,} rows are left out of every figure",
                found.rejected,
            )
        )
        frame = pd.DataFrame(
            {
                say("Reason"): [reason_words(name) for name in found.reasons],
                say("Rows"): [formats.count(reason.rows) for reason in found.reasons.values()],
                say("First at"): [
                    clauses(
                        say("line {line}, {column}", line=line, column=column)
                        if column
                        else say("line {line}", line=line)
                        for line, column in reason.examples[:3]
                    )
                    for reason in found.reasons.values()
                ],
            }
        )
        show.table(frame, key="reasons", alt=say("Why rows were rejected"))
        rejects(loaded)
    if found.warnings or found.blanks:
        show.heading(say("Worth knowing"), detail=say("none of this rejects a row"))
        of = wording.TABLE if found.format == "database" else wording.FILE
        warnings = [wording.for_page(line, of) for line in found.warnings]
        lines = [*warnings, *(_blank(name, count) for name, count in found.blanks.items())]
        st.markdown("\n".join(f"- {show.plain(line)}" for line in lines))


def _blank(column: str, count: int) -> str:
    return say_n(
        "{column} is unknown for {count:,} account.",
        "{column} is unknown for {count:,} accounts.",
        count,
        column=column,
    )


@show.part
def columns(found: LoadReport) -> None:
    """Show where each column came from, and what the missing ones switch off."""
    show.heading(
        say("Columns"),
        detail=say("segments: {segments}", segments=listed(found.segments) or say("none")),
    )
    sources = dict(found.sources)
    frame = pd.DataFrame(
        {
            say("Column"): [BY_NAME[name].title for name in found.columns],
            say("read from"): [sources.get(name, name) for name in found.columns],
        }
    )
    show.table(frame, key="columns", alt=say("Columns found"))
    if found.switched_off:
        show.heading(say("Switched off"))
        st.markdown("\n".join(f"- {show.plain(line)}" for line in found.switched_off))
    if found.ignored:
        st.caption(show.plain(say("Left aside: {ignored}.", ignored=tuple(found.ignored))))


@show.part
def rejects(loaded: Loaded) -> None:
    """Show the first rejected rows, and offer all of them."""
    portfolio = loaded.portfolio
    with st.expander(say("The first rejected rows")):
        table = ingest.rejects_table(portfolio, first=50).astype(object).fillna("").astype(str)
        ids = table["column"] == "account_id"
        table.loc[ids, "value"] = table.loc[ids, "value"].map(show.masked)
        if "account_id" in table:
            table["account_id"] = table["account_id"].map(show.masked)
        show.table(table, key="rejects", alt=say("The first rejected rows"))
        st.download_button(
            say("All rejected rows"),
            data=lambda: "".join(ingest.rejects_csv(portfolio)).encode("utf-8"),
            file_name="rejected.csv",
            mime="text/csv",
            on_click="ignore",
            key="all_rejects",
            icon=":material/download:",
        )


def page() -> None:
    report(session.loaded())
    st.space("small")
    intake.bring()
    table_intake.bring_table()
    show_sample = session.speaking(session.show_sample)
    second = say("Show the sample with limits elsewhere")
    with st.container(horizontal=True):
        st.button(say("Show the sample portfolio"), on_click=show_sample, type="tertiary")
        st.button(second, on_click=show_sample, args=(Sample.HUABEI_PLUS,), type="tertiary")


page()
