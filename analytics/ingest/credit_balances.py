"""Balances in the customer's favour: how files write them, and how they are read where it is asked.

An account that was paid beyond what was drawn has a balance below zero: ``-12.50``, ``(12.50)``,
``12.50-`` or ``12.50CR``. Nothing is drawn on it, so its exposure is that of a balance of 0; but
a column of negative balances may as well have its sign the other way round. So it is a choice.
"""

from __future__ import annotations

from analytics.declared.language import Sentence, later, later_n
from analytics.ingest.cells import TOLERANCE, Spelling, number_text
from analytics.ingest.declaration import CreditBalances

COLUMN = "balance"
"""The one column that credit balances are read in; a limit below zero is none."""
_CREDIT = " *(?i:cr)\\.?$"
"""How the word for credit stands behind an amount."""


def without_credit(text: str) -> str:
    """Return SQL for a cell without the word for credit behind it."""
    return f"regexp_replace({text}, '{_CREDIT}', '')"


def is_credit(text: str, number: str, spelling: Spelling) -> str:
    """Return SQL for whether a cell is an amount below zero, dust of binary numbers apart.

    ``number`` is SQL for what :func:`number_text` makes of the cell.
    """
    inner = (
        f"CASE WHEN regexp_full_match({text}, '-[^-()]+') THEN substr({text}, 2) "
        f"WHEN regexp_full_match({text}, '\\([^-()]+\\)') THEN trim({text}, '()') "
        f"WHEN regexp_full_match({text}, '[^-()]+-') THEN rtrim({text}, ' -') "
        f"WHEN regexp_full_match({text}, '[^-()]+') AND regexp_matches({text}, '{_CREDIT}') "
        f"THEN {without_credit(text)} END"
    )
    bare = number_text(f"trim({inner})", spelling)
    amount = f"CASE WHEN starts_with({number}, '-') THEN substr({number}, 2) ELSE {bare} END"
    return f"coalesce(TRY_CAST({amount} AS DOUBLE) > {TOLERANCE}, false)"


def credit_sentences(
    declared: CreditBalances, *, read: int, rejected: int, rows: int
) -> tuple[Sentence, ...]:
    """Return how many credit balances were read as 0, or rejected and how to read them.

    Parameters
    ----------
    read, rejected : int
        Credit balances that were read as 0, and rows rejected for one.
    rows : int
        All rows: where most have one, the sign is likely to be the other way round.
    """
    found: list[Sentence] = []
    if declared is CreditBalances.ZERO and read:
        found.append(
            later_n(
                "{count:,} credit balance was read as 0.",
                "{count:,} credit balances were read as 0.",
                read,
            )
        )
    elif rejected:
        found.append(
            later_n(
                "{count:,} row was rejected for a balance below zero: if it is in the customer's "
                "favour, give --credit-balances zero to read it as 0.",
                "{count:,} rows were rejected for a balance below zero: if they are in the "
                "customer's favour, give --credit-balances zero to read them as 0.",
                rejected,
            )
        )
    if 2 * (read + rejected) > rows:
        found.append(
            later(
                "Most balances are below zero: if they are what is drawn, with the sign the other "
                "way round, give --map with the header times -1."
            )
        )
    return tuple(found)
