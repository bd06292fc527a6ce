"""Documents in Markdown: tables, formulas, and texts that stay what they are in a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table, one line a row."""
    lines = [_line(header), _line(["---"] * len(header))]
    return "\n".join([*lines, *map(_line, rows)])


def cells(text: str) -> list[list[str]]:
    """Return the cells of a table, its header first: the inverse of :func:`table`."""
    header, _, *rows = text.split("\n")
    return [[cell.strip().replace(r"\|", "|") for cell in _cells(row)] for row in (header, *rows)]


def formulas(text: str) -> str:
    """Return formulas as a block that is shown as it is written."""
    return f"```text\n{text.strip()}\n```"


def code(text: object) -> str:
    """Return a name as it stands in code and files."""
    return f"`{text}`"


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cells(row: str) -> list[str]:
    return re.split(r"(?<!\\)\|", row)[1:-1]


def _cell(content: object) -> str:
    return " ".join(str(content).split()).replace("|", r"\|")
