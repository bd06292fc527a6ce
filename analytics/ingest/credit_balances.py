"""Balances in the customer's favour: how files write them, and how they are read where it is asked.

An account that was paid beyond what was drawn has a balance below zero: ``-12.50``, ``(12.50)``,
``12.50-`` or ``12.50CR``. Nothing is drawn on it, so its exposure is that of a balance of 0; but
a column of negative balances may as well have its sign the other way round. So it is a choice.
The accounting format of spreadsheets puts marks of a currency around all that: ``$(12.50)``, and
``$-`` for zero.
"""

from __future__ import annotations

from analytics.declared.language import Sentence, later, later_n
from analytics.ingest.cells import TOLERANCE, Spelling, marks_pattern, number_text
from analytics.ingest.declaration import CreditBalances

COLUMN = "balance"
"""The one column that credit balances are read in; a limit below zero is none."""
_CREDIT = " *(?i:cr)\\.?$"
_DEBIT = " *(?i:dr)\\.?$"
_SIDE = " *(?i:[cd]r)\\.?$"
"""How the words for credit and debit stand behind an amount."""
_BRACKETS = "^([^0-9()]*)\\(([^()]*)\\)([^0-9()]*)$"


def bare_amount(text: str) -> str:
    """Return SQL for a cell without the brackets and the word that say which side it is on."""
    return f"regexp_replace(regexp_replace({text}, '{_SIDE}', ''), '{_BRACKETS}', '\\1\\2\\3')"


def amount_text(text: str, spelling: Spelling) -> str:
    """Return SQL for the plain text of an amount, as :func:`number_text` does of a number.

    The word for debit is taken off, and a dash beside the mark of a currency is zero.
    """
    number = number_text(f"regexp_replace({text}, '{_DEBIT}', '')", spelling)
    if not spelling.marks:
        return number
    is_dash = f"{text} <> '-' AND {_without_marks(text, spelling)} = '-'"
    return f"CASE WHEN {is_dash} THEN '0' ELSE {number} END"


def signed_amount(text: str, spelling: Spelling) -> str:
    """Return SQL for the plain text of an amount, with a minus where it is a credit."""
    return f"coalesce({amount_text(text, spelling)}, '-' || {_credit(text, spelling)})"


def is_credit(text: str, number: str, spelling: Spelling) -> str:
    """Return SQL for whether a cell is an amount below zero, dust of binary numbers apart.

    ``number`` is SQL for what :func:`amount_text` makes of the cell.
    """
    bare = _credit(text, spelling)
    amount = f"CASE WHEN starts_with({number}, '-') THEN substr({number}, 2) ELSE {bare} END"
    return f"coalesce(TRY_CAST({amount} AS DOUBLE) > {TOLERANCE}, false)"


def _credit(text: str, spelling: Spelling) -> str:
    """Return SQL for the number in a cell that is written as a credit; NULL where it is not."""
    body = _without_marks(text, spelling)
    inner = (
        f"CASE WHEN regexp_full_match({body}, '-[^-()]+') THEN substr({body}, 2) "
        f"WHEN regexp_full_match({body}, '\\([^-()]+\\)') THEN trim({body}, '()') "
        f"WHEN regexp_full_match({body}, '[^-()]+-') THEN rtrim({body}, ' -') "
        f"WHEN regexp_full_match({body}, '[^-()]+') AND regexp_matches({body}, '{_CREDIT}') "
        f"THEN regexp_replace({body}, '{_CREDIT}', '') END"
    )
    return number_text(f"trim({inner})", spelling)


def _without_marks(text: str, spelling: Spelling) -> str:
    if not spelling.marks:
        return text
    return f"regexp_replace({text}, '{marks_pattern(spelling.marks)}', '\\1', 'g')"


def credit_sentences(
    declared: CreditBalances, *, read: int, rejected: int, rows: int
) -> tuple[Sentence, ...]:
    """Return how many credit balances were read as 0, or rejected and how to read them.

    Parameters
    ----------
    read, rejected : int
        Credit balances that were read as 0, and rows rejected for one.
    rows : int
        All rows: where most have one, the sign is likely to be the other way round, unless it is
        declared that they are credits.
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
    if declared is CreditBalances.REJECT and 2 * rejected > rows:
        found.append(
            later(
                "Most balances are below zero: if they are what is drawn, with the sign the other "
                "way round, give --map with the header times -1."
            )
        )
    return tuple(found)
