"""Which header is likely which column: proposed, never applied without the user's word."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from analytics.declared.columns import COLUMNS, Kind
from analytics.ingest.synonyms import SYNONYMS

SURE = 100.0
LEAST = 86.0
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
    """

    header: str
    samples: tuple[str, ...]
    column: str | None
    certainty: float


def propose_mapping(
    headers: Sequence[str], samples: Sequence[Sequence[str]] = ()
) -> tuple[Proposal, ...]:
    """Return one proposal a header, in the file's order; each column is proposed at most once.

    Parameters
    ----------
    samples : sequence of sequences of str
        A few cells of each header; a name that fits is dropped where they cannot be its values.
    """
    cells = [tuple(samples[i]) if i < len(samples) else () for i in range(len(headers))]
    ranked = sorted(
        (
            (-certainty, order, place, column.name)
            for order, column in enumerate(COLUMNS)
            for place, header in enumerate(headers)
            if (certainty := similarity(header, column.name)) >= LEAST
            and _plausible(column.kind, cells[place])
        ),
    )
    chosen: dict[int, tuple[str, float]] = {}
    for negative, _, place, name in ranked:
        if place not in chosen and name not in {column for column, _ in chosen.values()}:
            chosen[place] = (name, -negative)
    return tuple(
        Proposal(header, cells[place][:SAMPLES], *chosen.get(place, (None, 0.0)))
        for place, header in enumerate(headers)
    )


def similarity(header: str, column: str) -> float:
    """Return how alike a header and a column's names are: 100 is the same name."""
    words = normal(header)
    if not words:
        return 0.0
    if words == normal(column):
        return SURE + 1
    known = [normal(name) for name in SYNONYMS[column]]
    if words in known or words.replace(" ", "") in {name.replace(" ", "") for name in known}:
        return SURE - known.index(words) / 1000 if words in known else SURE - 1
    if len(words) < 4 and words.isascii():
        return 0.0
    return min(max(fuzz.token_sort_ratio(words, name) for name in known), SURE - 2)


def known_column(header: str) -> str | None:
    """Return the column that a header is a known name of; None where it is no such name."""
    return _known_names().get(normal(header).replace(" ", ""))


@functools.cache
def _known_names() -> dict[str, str]:
    """Return every known name, without blanks, and its column."""
    named = ((column, name) for column, names in SYNONYMS.items() for name in (column, *names))
    return {normal(name).replace(" ", ""): column for column, name in named}


def normal(header: str) -> str:
    """Return a header in lower case, its words apart by one blank."""
    text = unicodedata.normalize("NFKC", header)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return " ".join(re.sub(r"[\W_]+", " ", text).lower().split())


def _plausible(kind: Kind, cells: Sequence[str]) -> bool:
    """Return whether the cells can be of a kind: numbers where numbers are due."""
    present = [cell.strip() for cell in cells if cell and cell.strip()]
    if not present or kind in (Kind.TEXT, Kind.FLAG):
        return True
    return any(re.search(r"\d", cell) for cell in present)
