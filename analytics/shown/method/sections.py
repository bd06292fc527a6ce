"""A section of the method, and the parts of it that hold a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its number, title, and text in Markdown."""

    number: int
    title: str
    body: str

    @property
    def heading(self) -> str:
        """Number and title."""
        return f"{self.number}. {self.title}"

    @property
    def anchor(self) -> str:
        """What a link leads to, as documents make it from the heading."""
        bare = re.sub(r"[^a-z0-9 -]", "", self.heading.lower())
        return re.sub(r"[ -]+", "-", bare)


def blocks(body: str) -> Iterator[str]:
    """Yield what a text consists of, in its order: paragraphs, subtitles, tables and formulas."""
    kept: list[str] = []
    inside = False
    for line in [*body.split("\n"), ""]:
        inside ^= line.startswith("```")
        if line or inside:
            kept.append(line)
        elif kept:
            yield "\n".join(kept)
            kept = []


def excerpt(section: Section, term: str) -> str:
    """Return the paragraphs and rows of tables that hold a term; nothing where none does.

    Upper and lower case are one, and so are blanks, dashes and underscores. A row comes with the
    header of its table, and either with the subtitle above.
    """
    wanted = _folded(term)
    kept: list[str] = []
    subtitle = ""
    for block in blocks(section.body):
        if block.startswith("#"):
            subtitle = block
        elif found := _part(block, wanted):
            kept += [subtitle, found] if subtitle else [found]
            subtitle = ""
    return "\n\n".join(kept)


def _part(block: str, wanted: str) -> str:
    if not block.startswith("|"):
        return block if wanted in _folded(block) else ""
    header, rule, *rows = block.split("\n")
    held = [row for row in rows if wanted in _folded(row)]
    return "\n".join([header, rule, *held]) if held else ""


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[-_`*]", " ", text.casefold()).split())
