"""A portfolio that stays in the database that holds it, opened."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from analytics.accounts.catalogue import find_table
from analytics.accounts.database import Database
from analytics.declared.language import Sentence, say
from analytics.errors import PortfolioError
from analytics.ingest.assumed import assumed_of, assumed_sentences
from analytics.ingest.declaration import Declaration, SumRow
from analytics.ingest.remarks import blank_throughout
from analytics.ingest.report import Loaded, unusable
from analytics.ingest.statuses import unread
from analytics.ingest.sum_rows import ask as ask_sum_row
from analytics.ingest.tables.cautions import ask_for_scale, cautions, scores_off_scale
from analytics.ingest.tables.currency import own_rows
from analytics.ingest.tables.long_texts import know_long_texts
from analytics.ingest.tables.overview import (
    faults,
    find_roles,
    find_statuses,
    find_total,
    has_duplicates,
    overview,
)
from analytics.ingest.tables.plan import plan_table, refuse_what_tables_lack
from analytics.ingest.tables.report import LookedOver, reasons_of, table_loaded
from analytics.ingest.tables.rows import Contract, read_table


def load_warehouse(
    database: Database,
    table: str,
    declaration: Declaration | None = None,
    *,
    segments: Sequence[str] | None = None,
) -> Loaded:
    """Return the portfolio in a table or view, and the report on how it is read.

    Few statements run, each one scan: the words of a status, duplicate ids, segments, the
    contract, where rows break it, why, and what is odd about the others. The portfolio's
    fingerprint is a hash over the catalogue's description of its columns, the declaration, the
    counts, the exact sums and a checksum over every value of every accepted row, which no order of
    rows changes. So it changes when a cell that the product reads is changed, a row comes or goes,
    or the table is read otherwise. It guards against a table that moved on since a figure was
    computed, not against someone who forges rows to fit a checksum of 64 bits; and two databases
    with the same rows have different ones.

    Every statement afterwards leaves out rows without a valid score, limit and balance, and rows
    that any column rejected at the opening would reject. Columns that rejected nothing are read
    only where a figure needs them; so a row that arrives later with a broken cell in one of those
    counts as one whose cell is unknown, until the table is opened again.

    Parameters
    ----------
    database : Database
        Opened for reading.
    table : str
        A table or view as the catalogue spells it, with its schema where needed.
    declaration : Declaration, optional
        ``mapping`` names the table's columns; a column of a product column's name needs no entry.
    segments : sequence of str, optional
        Columns to group by. Without it: text, true/false and whole-number columns of at most 50
        distinct values, but for outcomes.

    Raises
    ------
    ChoiceNeeded
        The scores may be on another scale than the one taken, a status has words that are not
        known, or a row sums up all others; the declaration has to say which it is.
    DatabaseError
        The database did not answer, or has no such table.
    PortfolioError
        The table cannot be used; every fault is named.
    """
    declaration = declaration or Declaration()
    refuse_what_tables_lack(declaration)
    plan = plan_table(find_table(database, table), declaration)
    ask_for_scale(plan, declaration)
    plan = know_long_texts(database, plan)
    own = own_rows(database, plan, declaration)
    meanings = find_statuses(database, plan, declaration)
    reading = read_table(plan, declaration, meanings, own)
    contract = Contract(reading, not plan.unique_ids and has_duplicates(database, reading))
    roles = find_roles(database, reading, segments, declaration)
    chosen = roles.segments
    looked = _look_over(database, contract, chosen)
    if looked.found["accepted"] and declaration.sum_row is not SumRow.KEEP:
        looked = _without_total(database, looked, chosen, declaration)
    said = _refuse_unusable(database, looked, declaration)
    headers = [column.name for column in plan.others]
    assumed = assumed_of(declaration, looked.columns, currency_found=own.named)
    noticed = (
        *assumed_sentences(assumed, declaration, scores_read=True),
        *own.said,
        *meanings.said,
        *unread(headers, plan.columns, declaration),
        *said,
        *blank_throughout(looked.blank_throughout),
        *roles.said,
        *cautions(database, looked, chosen, declaration),
    )
    return table_loaded(database, declaration, looked, roles, assumed, said=noticed)


def _look_over(database: Database, contract: Contract, segments: tuple[str, ...]) -> LookedOver:
    statement = overview(contract, segments)
    seen = database.one(statement)
    found = dict(seen)
    if found["accepted"] != found["rows_read"]:
        found |= database.one(faults(contract))
    return LookedOver(contract, statement, seen, found, reasons_of(found))


def _without_total(
    database: Database, looked: LookedOver, segments: tuple[str, ...], declaration: Declaration
) -> LookedOver:
    """Leave out the rows that sum up all others where that is declared; else ask about them."""
    ids, columns = find_total(database, looked.contract, looked.found)
    if not ids:
        return looked
    if declaration.sum_row is None:
        raise ask_sum_row(say("A row of the table"), columns, len(ids))
    contract = dataclasses.replace(looked.contract, totals=ids, totalled=columns[0])
    return _look_over(database, contract, segments)


def _refuse_unusable(
    database: Database, looked: LookedOver, declaration: Declaration
) -> tuple[Sentence, ...]:
    """Refuse a table without a usable row; return what is said of its scores."""
    rows = int(looked.found["rows_read"])
    if not rows:
        raise PortfolioError(
            say("The table in the database {label} has no rows.", label=database.label)
        )
    said = scores_off_scale(database, looked.contract, declaration, looked.reasons, rows)
    if not looked.found["accepted"]:
        raise unusable(rows, looked.reasons, said=said)
    return said
