"""Opening a table where it is: the accounts stay in their database."""

from __future__ import annotations

import streamlit as st

from analytics import ingest
from analytics.accounts.catalogue import tables
from analytics.accounts.settings import known_databases
from analytics.declared import currencies
from analytics.declared.language import say
from analytics.errors import DatabaseError, HeadroomError
from analytics.ingest import CreditBalances, Declaration, SumRow
from analytics.ingest.tables import load_warehouse
from pages.shared import intake, session, show, stated


def bring_table() -> None:
    """Open a table of a database that the settings name; the accounts stay there."""
    names = known_databases()
    if not names:
        return
    show.heading(say("Open a table"), detail=say("the accounts stay in their database"))
    first, second, third, fourth = st.columns(4, vertical_alignment="bottom")
    alias = first.selectbox(say("Database"), names, key="table_database")
    try:
        database = session.database(alias)
        known = [str(table) for table in tables(database)]
    except HeadroomError as error:
        session.close_database()
        show.failure(error)
        return
    table = second.selectbox(say("Table or view"), known, key="table_name")
    mapping = third.text_input(
        say("Columns of another name"),
        placeholder="score=fico; balance=drawn",
        key="table_mapping",
    )
    currency = fourth.selectbox(
        say("Currency of the table"),
        [stated.DETECT, *(item.code for item in currencies.KNOWN)],
        format_func=lambda code: say(code) if code == stated.DETECT else str(code),
        accept_new_options=True,
        key="table_currency",
        help=say("Detect: CNY, and you are asked where a column names several currencies."),
    )
    credit, summing = _meaning()
    if not st.button(say("Open this table"), disabled=not table, key="table_open"):
        return
    try:
        pairs = ingest.parse_mapping(m for m in mapping.split(";") if m.strip())
        declared = Declaration(
            currency=None if currency == stated.DETECT else currency,
            mapping=pairs,
            credit_balances=credit,
            sum_row=summing,
        )
        with st.spinner(say("Checking the table where it is ...")):
            loaded = load_warehouse(database, table, declared)
    except HeadroomError as error:
        if isinstance(error, DatabaseError):
            session.close_database()
        show.faults(
            map(intake.for_page, error.faults),
            lead=say("The table was not opened; the portfolio in view stays."),
        )
        return
    session.hand_over_database()
    session.put_in_view(loaded)
    st.rerun()


def _meaning() -> tuple[CreditBalances, SumRow | None]:
    """Return what balances below zero, and a row that sums up all others, are declared to be."""
    first, second, *_ = st.columns(4)
    credit = first.selectbox(
        say("Credit balances of the table"),
        [rule.value for rule in CreditBalances],
        format_func=lambda rule: say(stated.CREDIT_BALANCES[CreditBalances(rule)]),
        key="table_credit_balances",
    )
    summing = second.selectbox(
        say("A row of the table that sums up all others"),
        list(stated.SUM_ROW),
        format_func=lambda rule: say(stated.SUM_ROW[rule]),
        key="table_sum_row",
    )
    return CreditBalances(credit), None if summing == stated.ASK else SumRow(summing)
