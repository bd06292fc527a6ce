"""A portfolio that stays in the database that holds it, opened."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.accounts.catalogue import find_table
from analytics.accounts.database import Database
from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.ingest.declaration import Declaration
from analytics.ingest.report import Loaded, unusable
from analytics.ingest.statuses import unread
from analytics.ingest.tables.cautions import ask_for_scale, cautions, scores_off_scale
from analytics.ingest.tables.currency import own_rows
from analytics.ingest.tables.long_texts import know_long_texts
from analytics.ingest.tables.overview import (
    faults,
    find_segments,
    find_statuses,
    has_duplicates,
    overview,
    sum_row,
)
from analytics.ingest.tables.plan import plan_table, refuse_sum_row, refuse_what_tables_lack
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
    fingerprint is a hash over the
    catalogue's description of its columns, the declaration, the counts, the exact sums and a
    checksum over every value of every accepted row, which no order of rows changes. So it changes
    when a cell that the product reads is changed, a row comes or goes, or the table is read
    otherwise. It guards against a table that moved on since a figure was computed, not against
    someone who forges rows to fit a checksum of 64 bits; and two databases with the same rows have
    different ones.

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
        distinct values.

    Raises
    ------
    ChoiceNeeded
        The scores may be on another scale than the one taken; the declaration has to say which.
    DatabaseError
        The database did not answer, or has no such table.
    ChoiceNeeded
        A status has words that are not known; the declaration has to say what they mean.
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
    chosen = find_segments(database, reading, segments)
    looking_over = overview(contract, chosen)
    seen = database.one(looking_over)
    found = dict(seen)
    if found["accepted"] != found["rows_read"]:
        found |= database.one(faults(contract))
    reasons = reasons_of(found)
    if not found["rows_read"]:
        raise PortfolioError(
            say("The table in the database {label} has no rows.", label=database.label)
        )
    said = scores_off_scale(database, contract, declaration, reasons, int(found["rows_read"]))
    if not found["accepted"]:
        raise unusable(found["rows_read"], reasons, said=said)
    refuse_sum_row(declaration, database.one(sum_row(contract, found)))
    headers = [column.name for column in plan.others]
    noticed = (
        *own.said,
        *meanings.said,
        *unread(headers, plan.columns, declaration),
        *said,
        *cautions(database, contract, chosen, declaration, reasons),
    )
    once = LookedOver(looking_over, seen)
    return table_loaded(
        database, declaration, contract, chosen, found, reasons, said=noticed, once=once
    )
