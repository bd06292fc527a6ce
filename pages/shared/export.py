"""The way out and back: the link to this policy, its files, and a policy file read in."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from analytics.accounts.temporary import PrivateFolder
from analytics.declared.language import listed, say
from analytics.declared.treatments import SHIPPED, Treatments
from analytics.errors import HeadroomError
from analytics.export import Context, Which, export_zip, policy_csv, read_stated, zip_name
from analytics.export.table_file import MAX_BYTES
from analytics.export.treatments_file import read_treatments_csv
from analytics.results.simulation import Simulation
from analytics.shown.customer_words import treatment_title
from pages.shared import frame, levers, session, show

FILES = {
    "accounts.csv": "text/csv",
    "treatments.csv": "text/csv",
    "messages.csv": "text/csv",
    "manifest.json": "application/json",
}
AT_ONCE = 500_000
"""Accounts up to which a download is made when it is clicked."""
_UPLOAD, _TABLE = "policy_file", "treatments_file"


@show.part
def buttons(simulation: Simulation) -> None:
    """Show the link and the export, in the row that stands open."""
    with st.popover(say("Link"), icon=":material/link:"):
        st.caption(say("This policy, with its levers. It holds no data."))
        st.code(link(), language=None, wrap_lines=True)
    with st.popover(say("Export"), icon=":material/download:"):
        _files(simulation)


def link() -> str:
    """Return the address of the page with the policy in it."""
    base = (st.context.url or "").split("?")[0]
    return f"{base}?{urlencode(frame.link_of(session.policy()))}"


@show.part
def read_back() -> None:
    """Show the way to load a policy file; a file that cannot be used is answered in words."""
    st.file_uploader(
        say("Load a policy.csv"),
        type="csv",
        key=_UPLOAD,
        on_change=_take_file,
        help=say("A policy that Headroom exported, or one written by hand in the same columns."),
    )


def _files(simulation: Simulation) -> None:
    which: Which = st.segmented_control(
        say("Accounts listed"),
        tuple(Which),
        default=Which.ALL,
        required=True,
        key="export_which",
        persist_state="session",
    )
    viewing = st.toggle(
        say("Copies for viewing"),
        key="export_viewing",
        help=say(
            "Further copies that are harmless to open in a spreadsheet; an engine takes the "
            "originals, in which nothing is altered."
        ),
        persist_state="session",
    )
    _take_treatments()
    treatments = session.treatments()
    at_once = simulation.portfolio.accounts <= AT_ONCE
    if at_once:
        _zip_button(
            say("Everything, one zip"),
            lambda: _zip(simulation, which, treatments, viewing=viewing),
            simulation,
            key="export_zip",
        )
    else:
        _prepared(simulation, which, viewing=viewing)
    context = Context.of(simulation.portfolio, simulation.assumptions)
    policy = policy_csv(simulation.policy, context)
    _file_button("policy.csv", policy, "text/csv", key="export_policy")
    if at_once:
        for name, kind in FILES.items():
            data = _member(simulation, which, treatments, name)
            _file_button(name, data, kind, key=f"export_{name}")


def _take_treatments() -> None:
    """Show the way to load a treatments file, and which treatments the one in force changes."""
    st.file_uploader(
        say("Load a treatments.csv"),
        type="csv",
        key=_TABLE,
        on_change=_take_table,
        help=say("Treatments that are off, and an institution's own codes of messages."),
    )
    table = session.treatments()
    changed = [*sorted(table.off), *(treatment for treatment, _ in table.messages)]
    if changed:
        titles = listed(treatment_title(one) for one in dict.fromkeys(changed))
        st.caption(say("Otherwise than shipped: {titles}", titles=titles))


def _zip_button(title: str, data: Any, simulation: Simulation, *, key: str) -> None:
    st.download_button(
        title,
        data=data,
        file_name=zip_name(simulation.policy),
        mime="application/zip",
        on_click="ignore",
        key=key,
        width="stretch",
        icon=":material/folder_zip:",
    )


def _file_button(name: str, data: bytes | Callable[[], bytes], kind: str, *, key: str) -> None:
    st.download_button(
        name, data=data, file_name=name, mime=kind, on_click="ignore", key=key, width="stretch"
    )


def _prepared(simulation: Simulation, which: Which, *, viewing: bool) -> None:
    """Offer a large zip in two steps: it is written to disk with its progress, then downloaded."""
    parts = (simulation.portfolio, simulation.policy, simulation.assumptions)
    key = (*(part.fingerprint for part in parts), which, viewing, session.treatments())
    made: tuple[object, PrivateFolder] | None = session.state("prepared_zip")
    if made is not None and made[0] == key:
        with (made[1].path / "export.zip").open("rb") as file:
            _zip_button(say("Download the zip"), file, simulation, key="export_prepared")
        return
    if not st.button(say("Prepare the zip"), width="stretch", key="export_prepare"):
        return
    if made is not None:
        session.keep("prepared_zip", None)
        made[1].remove()
    folder = PrivateFolder("zip")
    bar = st.progress(0.0, text=say("Writing the list of accounts ..."))

    def tell(done: int, total: int) -> None:
        bar.progress(
            min(done / max(total, 1), 1.0),
            text=say("{done:,} of {total:,} accounts", done=done, total=total),
        )

    export_zip(
        simulation,
        folder.path / "export.zip",
        stamped=dt.datetime.now(dt.UTC).replace(microsecond=0),
        accounts=which,
        viewing=viewing,
        progress=tell,
        treatments=session.treatments(),
    )
    session.keep("prepared_zip", (key, folder))
    st.rerun()


def _zip(simulation: Simulation, which: Which, treatments: Treatments, *, viewing: bool) -> bytes:
    buffer = io.BytesIO()
    export_zip(
        simulation,
        buffer,
        stamped=dt.datetime.now(dt.UTC).replace(microsecond=0),
        accounts=which,
        viewing=viewing,
        treatments=treatments,
    )
    return buffer.getvalue()


def _member(
    simulation: Simulation, which: Which, treatments: Treatments, name: str
) -> Callable[[], bytes]:
    def read() -> bytes:
        data = _zip(simulation, which, treatments, viewing=False)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read(name)

    return read


@session.speaking
def _take_file() -> None:
    """Set the levers to an uploaded policy; with a fault they stay as they are."""
    upload = session.widget(_UPLOAD)
    if upload is None:
        return
    portfolio = session.loaded().portfolio
    try:
        stated = read_stated(upload.read(MAX_BYTES + 1))
    except HeadroomError as error:
        _refuse(error.faults)
        return
    policy = stated.policy
    found = [*stated.faults_on(portfolio), *policy.faults_on(portfolio.scale, portfolio.currency)]
    if found:
        _refuse(found)
        return
    levers.seed(policy)
    session.note(list(stated.notes_on(portfolio, session.assumptions())))


@session.speaking
def _take_table() -> None:
    """Take an uploaded treatments file into force; with a fault nothing changes."""
    upload = session.widget(_TABLE)
    if upload is None:
        session.take_treatments(SHIPPED)
        return
    try:
        session.take_treatments(read_treatments_csv(upload.read(MAX_BYTES + 1)))
    except HeadroomError as error:
        session.note(
            [say("The treatments file was not loaded. {fault}", fault=one) for one in error.faults]
        )


def _refuse(faults: Iterable[str]) -> None:
    """Say why a policy file was not loaded."""
    session.note([say("The policy file was not loaded. {fault}", fault=one) for one in faults])
