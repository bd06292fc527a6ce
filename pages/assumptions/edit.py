"""Every assumption: its value, unit, bounds and source; change it, keep it, reset it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analytics.assumptions import Assumptions
from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS, CURVE
from analytics.declared.cases import CASES
from analytics.declared.language import clauses, marked, say
from analytics.declared.parameters import Parameter, Unit
from analytics.declared.regimes import CAPITAL, CONVERSION, Regime
from analytics.errors import HeadroomError, ParameterError
from analytics.export.assumptions_file import assumptions_csv, read_given
from analytics.export.table_file import MAX_BYTES
from analytics.method import bands
from analytics.portfolio import Portfolio
from analytics.results import illustration
from analytics.shown import figures, words
from pages.shared import assumed, cached, inputs, rule_books, session, show

OWN = marked("own values")
ASSUMPTION = marked("Assumption")
"""The column of titles in the table by band."""


@show.part
def head(assumptions: Assumptions, shipped: Assumptions) -> None:
    """Show what is in force and what differs from the values shipped."""
    changed = assumptions.changed_from(shipped)
    title = say("Assumptions: {name} response", name=words.choice_title(assumptions.response_name))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        counted = say("{count} changed", count=len(changed))
        badge = f" :orange-badge[{counted}]" if changed else ""
        st.markdown(f"## {title}{badge}", width="stretch")
        files(assumptions, shipped)
        st.button(
            say("Reset all"),
            on_click=session.reset_assumptions,
            icon=":material/restart_alt:",
            disabled=not changed,
        )
    show.faults(session.state("assumption_faults", []), lead=say("Nothing was changed."))
    note, taken = session.state("assumption_note", ("", ""))
    if note and taken == assumptions.fingerprint:
        show.notes([note])
    st.caption(show.plain(words.marks_legend()))
    if changed:
        differs = say("Differs from the values shipped: {names}.", names=tuple(changed))
        st.caption(f":orange[{show.plain(differs)}]")


def files(assumptions: Assumptions, shipped: Assumptions) -> None:
    """Offer the assumptions as a file, and read one back."""
    with st.popover(say("Save or load"), icon=":material/description:"):
        st.download_button(
            "assumptions.csv",
            data=assumptions_csv(assumptions, shipped),
            file_name="assumptions.csv",
            mime="text/csv",
            on_click="ignore",
            key="assumptions_csv",
            width="stretch",
            icon=":material/download:",
        )
        st.file_uploader(
            say("Load an assumptions.csv"), type="csv", key="assumptions_file", on_change=_take_file
        )


@session.speaking
def _take_file() -> None:
    """Take the assumptions of a file into force; with a fault nothing changes."""
    upload = session.widget("assumptions_file")
    if upload is None:
        return
    try:
        given = read_given(upload.read(MAX_BYTES + 1))
    except HeadroomError as error:
        session.keep("assumption_faults", list(error.faults))
        return
    if given.assumptions.band_edges != session.shipped_assumptions().band_edges:
        session.keep(
            "assumption_faults",
            [say("The file's score bands are not those of the portfolio: load one for its scale.")],
        )
        return
    session.keep("assumption_faults", [])
    session.keep("assumption_note", (given.note, given.assumptions.fingerprint))
    session.take_assumptions(given.assumptions)


@show.part
def regimes(assumptions: Assumptions) -> None:
    """Offer small sets of values: conversion factors, and capital by approach."""
    places = st.columns(2, gap="medium")
    offered = (
        ("regime_conversion", say("Conversion factor, as in"), CONVERSION),
        ("regime_capital", say("Capital, by"), CAPITAL),
    )
    for place, (key, title, known) in zip(places, offered, strict=True):
        held = next((regime.english_title for regime in known if regime.holds(assumptions)), OWN)
        session.hold(key, held)
        place.selectbox(
            title,
            [*(regime.english_title for regime in known), *([OWN] if held == OWN else [])],
            format_func=say,
            key=key,
            on_change=_take_regime,
            args=(key, known, assumptions),
            help=clauses(f"{regime.title} ({regime.source})" for regime in known),
        )


def _take_regime(key: str, known: tuple[Regime, ...], assumptions: Assumptions) -> None:
    held = session.widget(key)
    chosen = next((regime for regime in known if regime.english_title == held), None)
    if chosen is not None:
        session.take_assumptions(assumptions.with_changes(**chosen.values))


@show.part
def by_band(assumptions: Assumptions, shipped: Assumptions, lowest: int) -> None:
    """Show the values by band in a table that can be edited, in percent."""
    show.heading(say("By score band"), detail=say("percent; click a cell to change it"))
    labels = bands.band_labels(assumptions.band_edges, lowest)
    frame = pd.DataFrame(
        [
            [round(value * 100, 6) for value in getattr(assumptions, band.name)]
            for band in BAND_PARAMETERS
        ],
        columns=list(labels),
    )
    frame.insert(
        0,
        ASSUMPTION,
        [_band_title(band.name, assumptions, shipped) for band in BAND_PARAMETERS],
    )
    version = session.state("bands_version", 0)
    config: dict[Any, Any] = {
        label: st.column_config.NumberColumn(format="%g", width=62) for label in labels
    }
    config[ASSUMPTION] = st.column_config.TextColumn(say(ASSUMPTION))
    st.data_editor(
        frame,
        key=f"bands_{version}_{assumptions.fingerprint[:8]}",
        hide_index=True,
        disabled=[ASSUMPTION],
        column_config=config,
        on_change=_take_band,
        args=(f"bands_{version}_{assumptions.fingerprint[:8]}", assumptions, labels),
        row_height=30,
    )
    sources = clauses(
        f"{band.declared.title} [{band.declared.mark.value}] {band.declared.source}".strip()
        for band in BAND_PARAMETERS
    )
    st.caption(show.plain(say("Sources: {sources}.", sources=sources)))


def _band_title(name: str, assumptions: Assumptions, shipped: Assumptions) -> str:
    band = next(item for item in BAND_PARAMETERS if item.name == name)
    changed = getattr(assumptions, name) != getattr(shipped, name)
    return f"● {band.declared.title}" if changed else band.declared.title


@session.speaking
def _take_band(key: str, assumptions: Assumptions, labels: tuple[str, ...]) -> None:
    """Take edited cells into force, all of them or none."""
    faults: list[str] = []
    changes: dict[str, tuple[float, ...]] = {}
    for row, cells in session.widget(key)["edited_rows"].items():
        name = BAND_PARAMETERS[int(row)].name
        values = list(getattr(assumptions, name))
        for label, value in cells.items():
            if value is None:
                faults.append(
                    say("{name}, band {label}: the value is missing.", name=name, label=label)
                )
            else:
                values[labels.index(label)] = round(float(value) / 100, 10)
        changes[name] = tuple(values)
    try:
        assumptions.with_changes(**changes)
    except ParameterError as error:
        faults += error.faults
    if not faults:
        for name, taken in changes.items():
            session.edit_assumption(name, taken)
    session.keep("assumption_faults", faults)
    session.keep("bands_version", session.state("bands_version", 0) + 1)


@show.part
def scalars(assumptions: Assumptions, shipped: Assumptions) -> None:
    """Show the other values by section, each with its bounds and source in its help."""
    sections = list(dict.fromkeys(parameter.section for parameter in ASSUMPTION_PARAMETERS))
    for section in sections:
        held = [
            parameter
            for parameter in ASSUMPTION_PARAMETERS
            if parameter.section == section and parameter.name in assumed.EDITABLE
        ]
        if not held or (section == CURVE and assumptions.curve is None):
            continue
        show.heading(held[0].section_title)
        for index in range(0, len(held), 4):
            places = st.columns(4, gap="small")
            for place, parameter in zip(places, held[index : index + 4], strict=False):
                with place:
                    _scalar(parameter, assumptions, shipped)


def _scalar(parameter: Parameter, assumptions: Assumptions, shipped: Assumptions) -> None:
    value, start = getattr(assumptions, parameter.name), getattr(shipped, parameter.name)
    key = f"assume_{parameter.name}"
    session.hold(key, inputs.shown(parameter, value))
    title = f":orange[● {parameter.title}]" if value != start else parameter.title
    if parameter.unit is Unit.CHOICE:
        st.selectbox(
            title,
            parameter.choices,
            key=key,
            help=inputs.explained(parameter),
            on_change=_take_scalar,
            args=(parameter, key),
            format_func=words.choice_title,
        )
    else:
        percent = parameter.unit in (Unit.RATE, Unit.FRACTION)
        st.number_input(
            f"{title}, %" if percent else title,
            key=key,
            help=inputs.explained(parameter),
            on_change=_take_scalar,
            args=(parameter, key),
            **inputs.bounds(parameter),
        )
    case = CASES.get(parameter.name)
    between = ""
    if case is not None and not isinstance(case.low, tuple) and not isinstance(case.high, tuple):
        low, high = parameter.show(case.low), parameter.show(case.high)
        between = f" · {say('{low} to {high} plausible', low=low, high=high)}"
    source = parameter.source or say("own choice")
    shipped_value = say("shipped {value}", value=parameter.show(start))
    st.caption(
        show.plain(f"[{parameter.mark.value}] {source}{between}")
        + (f" · :orange[{show.plain(shipped_value)}]" if value != start else "")
    )


@session.speaking
def _take_scalar(parameter: Parameter, key: str) -> None:
    faults = session.edit_assumption(parameter.name, inputs.meant(parameter, session.widget(key)))
    session.keep("assumption_faults", faults)


@show.part
def effects(portfolio: Portfolio, assumptions: Assumptions) -> None:
    """Show what a raise of 10 % does to the average account of each band."""
    show.heading(say("A raise of 10 % changes"), detail=say("the average account of each band by"))
    found = illustration.band_effects(cached.baseline(portfolio, assumptions), assumptions)
    show.chart(
        figures.effects_figure(found, show.colours(), height=300),
        key="effects",
        alt=say("What a raise of 10 % does to balance, EAD and default probability by band"),
    )


def page() -> None:
    portfolio = session.loaded().portfolio
    assumptions, shipped = session.assumptions(), session.shipped_assumptions()
    head(assumptions, shipped)
    left, right = st.columns([1.9, 1], gap="medium")
    with left:
        by_band(assumptions, shipped, portfolio.scale.lowest)
    with right:
        effects(portfolio, assumptions)
    rule_books.draw(session.policy(), assumptions)
    regimes(assumptions)
    scalars(assumptions, shipped)


page()
