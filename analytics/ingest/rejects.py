"""The rejected rows of a file or a table: the first of them as a table, all of them as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO

import pandas as pd

from analytics.ingest.report import reason_words
from analytics.portfolio import Portfolio

_ASCII_TRIGGERS = "=+-@"
TRIGGERS = (
    *_ASCII_TRIGGERS,
    *(chr(ord(sign) + 0xFEE0) for sign in _ASCII_TRIGGERS),
    "\t",
    "\r",
    "\n",
    "\0",
)
"""First characters that a spreadsheet may take for the beginning of a formula."""
BATCH = 50_000


def rejects_table(portfolio: Portfolio, first: int = 100) -> pd.DataFrame:
    """Return the first faults: line, column, value, reason, in words.

    In the order of the file; of a table, which has no lines, by ``account_id`` in their place. A
    row with several faults stands there once for each. Values are cells of the portfolio.
    """
    statement = portfolio.door.rejects(first)
    with portfolio.door.rows(statement) as batches:
        rows = [tuple(row) for batch in batches for row in batch]
    table = pd.DataFrame(rows, columns=statement.selected_columns.keys())
    table["explanation"] = [reason_words(reason) for reason in table["reason"]]
    return table


def save_rejects(portfolio: Portfolio, out: IO[str]) -> int:
    """Write all faults as CSV for viewing and return how many there are.

    Values that a spreadsheet would run as a formula have an apostrophe before them.
    """
    written = 0
    for lines in rejects_csv(portfolio):
        out.write(lines)
        written += lines.count("\n")
    return written - 1


def rejects_csv(portfolio: Portfolio) -> Iterator[str]:
    """Give all faults as CSV in pieces, the header first, so that none has to be held whole."""
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\n")
    statement = portfolio.door.rejects()
    writer.writerow(statement.selected_columns.keys())
    yield lines.take()
    with portfolio.door.rows(statement, BATCH) as batches:
        for batch in batches:
            writer.writerows([_harmless(cell) for cell in row] for row in batch)
            yield lines.take()


def _harmless(cell: object) -> str:
    if cell is None:
        return ""
    text = str(cell)
    text = text.replace("\r", " ").replace("\n", " ").replace("\0", " ")
    return f"'{text}" if text.lstrip().startswith(TRIGGERS) else text


class _Lines:
    """Collects what a CSV writer writes until it is taken."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def write(self, piece: str) -> None:
        self._pieces.append(piece)

    def take(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        return text
