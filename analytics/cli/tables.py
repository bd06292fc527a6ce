"""Tables of plain text, as the commands print them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

GAP = "  "
_WIDE = ("W", "F")


def table(rows: Sequence[Sequence[str]], *, left: Sequence[int] = (0,)) -> str:
    """Return rows in columns: the named ones to the left, figures to the right."""
    widths = [max(width(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = (
        GAP.join(
            padded(cell, most, left=place in left)
            for place, (cell, most) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
    return "\n".join(lines)


def padded(text: str, most: int, *, left: bool) -> str:
    """Return a text with blanks up to so many cells of a terminal, behind or before it."""
    blanks = " " * (most - width(text))
    return text + blanks if left else blanks + text


def width(text: str) -> int:
    """Return how many cells of a terminal a text takes: a Chinese character is two wide."""
    return len(text) + sum(unicodedata.east_asian_width(sign) in _WIDE for sign in text)
