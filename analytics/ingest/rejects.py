"""The rejected rows: the first of them as a table, all of them as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO, Any

import pandas as pd
import sqlalchemy as sa

from analytics.ingest.report import REASON_WORDS
from analytics.portfolio import Portfolio

COLUMNS = ("line", "column", "value", "reason")
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
    """Return the first faults in the order of the file: line, column, value, reason, in words.

    A row with several faults stands there once for each. Values are cells of the file.
    """
    with portfolio.door.rows(_statement().limit(first)) as batches:
        rows = [tuple(row) for batch in batches for row in batch]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["explanation"] = [REASON_WORDS[reason] for reason in table["reason"]]
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
    writer.writerow(COLUMNS)
    yield lines.take()
    with portfolio.door.rows(_statement(), BATCH) as batches:
        for batch in batches:
            for line, column, value, reason in batch:
                writer.writerow((line, _harmless(column), _harmless(value), reason))
            yield lines.take()


def _statement() -> sa.Select[Any]:
    columns: list[sa.ColumnClause[Any]] = [
        sa.column("line", sa.BigInteger()),
        *(sa.column(name, sa.String()) for name in COLUMNS[1:]),
    ]
    line, column, _, reason = columns
    rejects = sa.table("rejects", *columns)
    return sa.select(*columns).select_from(rejects).order_by(line, column, reason)


def _harmless(text: str | None) -> str:
    if text is None:
        return ""
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
