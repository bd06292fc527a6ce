"""The rejected rows of a file or a table: the first of them as a table, all of them as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pandas as pd

from analytics.ingest.report import reason_words
from analytics.portfolio import Portfolio
from analytics.shown.harmless import harmless

BATCH = 50_000
_ON_ONE_LINE = str.maketrans("\r\n\0", "   ")


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


def rejects_csv(portfolio: Portfolio) -> Iterator[str]:
    """Give all faults as CSV for viewing in pieces, the header first; never held whole."""
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\n")
    statement = portfolio.door.rejects()
    writer.writerow(statement.selected_columns.keys())
    yield lines.take()
    with portfolio.door.rows(statement, BATCH) as batches:
        for batch in batches:
            writer.writerows([_shown(cell) for cell in row] for row in batch)
            yield lines.take()


def _shown(cell: object) -> object:
    """Return a cell for viewing: a text on one line, as a spreadsheet may have it."""
    return harmless(cell.translate(_ON_ONE_LINE)) if isinstance(cell, str) else cell


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
