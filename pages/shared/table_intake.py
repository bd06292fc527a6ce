"""Opening a table where it is: the accounts stay in their database."""

from __future__ import annotations

import streamlit as st

from analytics.accounts.catalogue import tables
from analytics.accounts.settings import known_databases
from analytics.declared.language import say
from analytics.errors import DatabaseError, HeadroomError
from analytics.ingest import ChoiceNeeded
from analytics.ingest.tables import load_warehouse
from pages.shared import intake, session, show, stated, statuses, wording


@show.part
def bring_table() -> None:
    """Open a table of a database that the settings name; the accounts stay there."""
    names = known_databases()
    if not names:
        return
    show.heading(say("Open a table"), detail=say("the accounts stay in their database"))
    first, second = st.columns(2)
    alias = first.selectbox(say("Database"), names, key="table_database")
    try:
        database = session.database(alias)
        known = [str(table) for table in tables(database)]
    except HeadroomError as error:
        session.close_database()
        show.failure(error)
        return
    table = second.selectbox(say("Table or view"), known, key="table_name")
    stated.draw_table()
    statuses.ask(f"{alias}:{table}", stated.statuses_of(wording.TABLE))
    if not st.button(say("Open this table"), disabled=not table, key="table_open"):
        return
    try:
        declared = stated.table_declaration()
        with st.spinner(say("Checking the table where it is ...")):
            loaded = load_warehouse(database, table, declared)
    except ChoiceNeeded as choice:
        if choice.option == statuses.OPTION:
            statuses.keep(f"{alias}:{table}", choice)
            st.rerun()
        intake.ask(choice, wording.TABLE)
        return
    except HeadroomError as error:
        if isinstance(error, DatabaseError):
            session.close_database()
        show.faults(
            [wording.for_page(fault, wording.TABLE) for fault in error.faults],
            lead=say("The table was not opened; the portfolio in view stays."),
        )
        return
    session.hand_over_database()
    session.put_in_view(loaded)
    st.rerun()
