"""Which header is likely which column: proposed, never applied without the user's word."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from analytics.declared.columns import BY_NAME, COLUMNS
from analytics.declared.protected import header_words
from analytics.ingest.plausible import AS_IT_IS, arithmetic_for
from analytics.ingest.qualifiers import qualified
from analytics.ingest.synonyms import SYNONYMS

SURE = 100.0
LEAST = 90.0
"""Similarity (0 to 100) below which nothing is proposed."""
SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """One header of a file: three of its values, and the column that it is likely to be.

    Parameters
    ----------
    column : str or None
        Product column proposed; None where nothing fits.
    certainty : float
        0 to 100; 100 is a name that is known.
    arithmetic : str
        What makes the header's values the column's, such as ``/12``; empty where they are.
    """

    header: str
    samples: tuple[str, ...]
    column: str | None
    certainty: float
    arithmetic: str = AS_IT_IS

    @property
    def source(self) -> str:
        """The header, or arithmetic over it, as a mapping names it."""
        return source_of(self.header, self.arithmetic)


def source_of(header: str, arithmetic: str) -> str:
    """Return a header, or arithmetic over it, as a mapping names it."""
    return f"`{header}`{arithmetic}" if arithmetic else header


def propose_mapping(
    headers: Sequence[str], samples: Sequence[Sequence[str]] = ()
) -> tuple[Proposal, ...]:
    """Return one proposal a header, in the file's order; each column is proposed at most once.

    Parameters
    ----------
    samples : sequence of sequences of str
        Some cells of each header; a name that fits is dropped where they cannot be its values, or
        may as well be something else. A header of exactly a column's name is that column.
    """
    cells = [tuple(samples[i]) if i < len(samples) else () for i in range(len(headers))]
    ranked = sorted(
        (-certainty, order, place, column.name, arithmetic)
        for order, column in enumerate(COLUMNS)
        for place, header in enumerate(headers)
        if (certainty := similarity(header, column.name)) >= LEAST
        and (arithmetic := _arithmetic(column.name, header, cells[place])) is not None
    )
    chosen: dict[int, tuple[str, float, str]] = {}
    for negative, _, place, name, arithmetic in ranked:
        if place not in chosen and name not in {column for column, _, _ in chosen.values()}:
            chosen[place] = (name, -negative, arithmetic)
    return tuple(
        Proposal(header, cells[place][:SAMPLES], *chosen.get(place, (None, 0.0)))
        for place, header in enumerate(headers)
    )


def _arithmetic(column: str, header: str, cells: Sequence[str]) -> str | None:
    exact = unicodedata.normalize("NFKC", header).strip().casefold() in BY_NAME
    found = AS_IT_IS if exact else arithmetic_for(column, header_words(header), cells)
    return None if found and "`" in header else found


def similarity(header: str, column: str) -> float:
    """Return how alike a header and a column's names are: 100 is the same name."""
    words = header_words(header)
    if not words:
        return 0.0
    if words == header_words(column):
        return SURE + 1
    known = [header_words(name) for name in SYNONYMS[column]]
    if words in known or words.replace(" ", "") in {name.replace(" ", "") for name in known}:
        return SURE - known.index(words) / 1000 if words in known else SURE - 1
    if len(words) < 4 and words.isascii():
        return 0.0
    alike = (fuzz.token_sort_ratio(words, name) for name in known if not qualified(words, name))
    return min(max(alike, default=0.0), SURE - 2)


def known_column(header: str) -> str | None:
    """Return the column that a header is a known name of; None where it is no such name."""
    return _known_names().get(header_words(header).replace(" ", ""))


@functools.cache
def _known_names() -> dict[str, str]:
    """Return every known name, without blanks, and its column."""
    named = ((column, name) for column, names in SYNONYMS.items() for name in (column, *names))
    return {header_words(name).replace(" ", ""): column for column, name in named}
