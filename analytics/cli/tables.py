"""Tables of plain text, as the commands print them."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.shown.formats import cells

GAP = "  "


def table(rows: Sequence[Sequence[str]], *, left: Sequence[int] = (0,)) -> str:
    """Return rows in columns: the named ones to the left, figures to the right."""
    widths = [max(cells(row[place]) for row in rows) for place in range(len(rows[0]))]
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
    blanks = " " * (most - cells(text))
    return text + blanks if left else blanks + text
