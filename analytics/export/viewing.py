"""Copies *for viewing*: the same tables made harmless for a spreadsheet. Never for an engine.

Here the column's type decides, never the look of a number: cells of numeric columns stay as they
are, negative ones too; text cells and headers are made harmless. The copy opens with a byte order
mark, so that a spreadsheet reads it as UTF-8.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Callable
from pathlib import Path

from analytics.declared.columns import Kind
from analytics.export.accounts_lines import ACCOUNTS_COLUMNS
from analytics.export.policy_context import Context
from analytics.export.policy_file import FORMAT_RULE, POLICY_COLUMNS, VIEWING, policy_rows
from analytics.export.table_file import rows_csv
from analytics.policy import Policy
from analytics.shown.harmless import harmless

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BATCH = 20_000


def write_accounts_view(source: Path, write: Callable[[bytes], object]) -> None:
    """Write the viewing copy of a finished ``accounts.csv``, in batches."""
    texts = [place for place, (_, kind) in enumerate(ACCOUNTS_COLUMNS) if kind is Kind.TEXT]
    word = functools.lru_cache(harmless)  # decisions and reasons are few, ids are not
    made = [(place, harmless if place == 0 else word) for place in texts]
    write(BYTE_ORDER_MARK)
    with source.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        write(rows_csv([[harmless(cell) for cell in header]]))
        batch: list[list[str]] = []
        for row in reader:
            for place, of in made:
                row[place] = of(row[place])
            batch.append(row)
            if len(batch) == BATCH:
                write(rows_csv(batch))
                batch = []
        write(rows_csv(batch))


def policy_view(policy: Policy, context: Context | None = None) -> bytes:
    """Return the viewing copy of ``policy.csv``; ``context`` as there.

    Its value column holds every type, so each cell goes by its own rule's unit: texts are made
    harmless, numbers and dates stay. The row of the version says that it is a copy for viewing, so
    that it cannot be loaded in place of the policy.
    """
    value, unit = POLICY_COLUMNS.index("value"), POLICY_COLUMNS.index("unit")
    rows = [list(POLICY_COLUMNS)]
    for row in policy_rows(policy, context):
        cells = list(row)
        if cells[0] == FORMAT_RULE:
            cells[value] = VIEWING
        elif cells[unit] == "text":
            cells[value] = harmless(cells[value])
        rows.append(cells)
    return BYTE_ORDER_MARK + rows_csv(rows)
