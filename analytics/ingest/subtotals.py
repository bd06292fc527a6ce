"""Subtotals by plain ids: rows that sum up the accounts right before them, down the whole list."""

# Statements are built from this package's own names alone.
# ruff: noqa: S608

from __future__ import annotations

import duckdb
import numpy as np

from analytics.declared.arrays import Ints
from analytics.declared.language import say
from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.declaration import SumRow
from analytics.ingest.sum_rows import COLUMNS, OTHERS, SumRowFound

LEAST = 2
"""Subtotals from which a list is taken to have them; one alone is a total or a chance."""
FIRST_ROWS = 10_000
"""Rows within which the first subtotal has to stand, so that others need not be fetched."""
MOST_ROWS = 2_000_000
"""Rows above which no subtotals are looked for."""


def find_subtotals(cursor: duckdb.DuckDBPyConnection, rows: str) -> tuple[SumRowFound, ...]:
    """Return the rows, not rejected yet, that sum up the rows since the one before of their kind.

    A list is taken to have subtotals only where they run from its first row to its last, with
    ``OTHERS`` amounts or more above each, so that accounts that add up by chance are none.
    """
    kept = f"FROM ({rows}) WHERE place NOT IN (SELECT place FROM found)"
    for name in COLUMNS:
        query = f"SELECT place, {name} AS amount {kept} ORDER BY place"
        few = cursor.execute(f"{query} LIMIT {FIRST_ROWS}").fetchnumpy()
        if not _chain(np.ma.filled(few["amount"], 0).astype(np.int64))[0]:
            continue
        (count,) = cursor.execute(f"SELECT count(*) {kept}").fetchall()[0]
        if count > MOST_ROWS:
            continue
        every = cursor.execute(query).fetchnumpy()
        subtotals, whole = _chain(np.ma.filled(every["amount"], 0).astype(np.int64))
        if whole and len(subtotals) >= LEAST:
            places = np.asarray(every["place"], dtype=np.int64)[subtotals]
            return tuple(SumRowFound(int(place), (name,)) for place in places)
    return ()


def _chain(amounts: Ints) -> tuple[list[int], bool]:
    """Return where each row stands that sums up those since the one before, from the first on.

    Beside it, whether they go on to the end; a last row may sum up all of them.
    """
    before = np.concatenate(([0], np.cumsum(amounts)))
    positive = np.concatenate(([0], np.cumsum(amounts > 0)))
    rest = before[:-1] - amounts
    order = np.argsort(rest, kind="stable")
    ordered = rest[order]
    found: list[int] = []
    start = 0
    while start < len(amounts):
        low = np.searchsorted(ordered, before[start], side="left")
        high = np.searchsorted(ordered, before[start], side="right")
        alike = order[low:high]
        later = alike[np.searchsorted(alike, start + OTHERS) :]
        at = int(later[0]) if len(later) else -1
        if at < 0 or positive[at] - positive[start] < OTHERS:
            break
        found.append(at)
        start = at + 1
    if found and start == len(amounts) - 1 and amounts[start] == amounts[found].sum():
        return [*found, start], True
    return found, bool(found) and start == len(amounts)


def ask(line: int, found: tuple[SumRowFound, ...]) -> ChoiceNeeded:
    """Return the question whether rows are subtotals, of which the first stands in ``line``."""
    return ChoiceNeeded(
        say(
            "{count:,} rows, the first in line {line}, each have the {column} of the rows right "
            "before them together: they look like subtotals, which would double the portfolio. "
            "Give --sum-row leave_out to reject them, or --sum-row keep if they are accounts.",
            count=len(found),
            line=line,
            column=found[0].columns[0],
        ),
        option="sum_row",
        choices=(Choice(SumRow.LEAVE_OUT.value), Choice(SumRow.KEEP.value)),
    )
