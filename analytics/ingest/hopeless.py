"""Files of which nothing can be used: seen in their first rows, before each fault is written."""

# Statements are built from this package's own names and quoted identifiers alone.

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import duckdb

from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.ingest.staging import ODD, Staged

MANY_ODD = 150_000
"""Odd rows above which the first are tried alone; fewer are read at once."""
TRIED = 20_000
MANY_ROWS = 1_000_000
"""Rows above which ids are counted beforehand."""
PER_ID = 20
"""Rows for each id above which the column holds no ids."""


def refuse_hopeless(
    cursor: duckdb.DuckDBPyConnection,
    staged: Staged,
    settle: Callable[[Staged], PortfolioError | None],
    *,
    unique: bool,
) -> None:
    """Refuse a long file that is odd in most rows, and unusable in the first of these.

    Every fault of every row is kept for the user; of millions of rows without a single account it
    would be all that is kept.

    Parameters
    ----------
    settle : callable
        Reads the rows in ``accounts``, of which there are as many as said, and returns what is to
        be said where none of them was accepted.
    unique : bool
        Rows of one id are rejected, none of them kept.

    Raises
    ------
    PortfolioError
        None of the first odd rows was accepted, or the ids are no ids.
    """
    odd, rows = staged.odd - staged.blank, staged.rows - staged.blank
    if odd > MANY_ODD and 2 * odd > rows:
        _try_first(cursor, staged, settle)
    elif unique and staged.rows > MANY_ROWS:
        _check_ids(cursor, staged)


def _try_first(
    cursor: duckdb.DuckDBPyConnection,
    staged: Staged,
    settle: Callable[[Staged], PortfolioError | None],
) -> None:
    cursor.execute("ALTER TABLE accounts RENAME TO whole")
    cursor.execute(f"CREATE TABLE accounts AS FROM whole WHERE len({ODD}) > 0 LIMIT {TRIED}")
    said = settle(dataclasses.replace(staged, rows=TRIED, odd=TRIED, blank=0))
    if said is not None:
        raise PortfolioError(
            say(
                "Of {rows:,} rows {odd:,} are not written as rows of accounts are, and none of the "
                "first {tried:,} of these can be used. {why}",
                rows=staged.rows - staged.blank,
                odd=staged.odd - staged.blank,
                tried=TRIED,
                why=said,
            )
        )
    cursor.execute("DROP TABLE accounts")
    for left in ("rejects", "found", "mended"):
        cursor.execute(f"DROP TABLE IF EXISTS {left}")
    cursor.execute("ALTER TABLE whole RENAME TO accounts")


def _check_ids(cursor: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    (ids,) = cursor.execute("SELECT approx_count_distinct(account_id) FROM accounts").fetchall()[0]
    if ids * PER_ID < staged.rows:
        raise PortfolioError(
            say(
                "{rows:,} rows have about {ids:,} ids between them, so the column of account_id "
                "holds no ids: give --map account_id=HEADER for the one that does.",
                rows=staged.rows,
                ids=ids,
            )
        )
