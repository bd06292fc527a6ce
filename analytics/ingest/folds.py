"""Line breaks between quotation marks: a cell of several lines, or rows that a mark swallows."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from analytics.declared.arrays import Flags, Ints
from analytics.ingest.text import Text

_QUOTED = re.compile(rb'"(?:[^"]|"")*"')
_PIECE = 1 << 23


def swallowing(text: Text, begins: Ints, ends: Ints, delimiter: str, columns: int) -> Flags:
    """Return which records of several lines hold as many delimiters in a cell as a row has.

    A stray quotation mark pairs with a later one of the same column: what lies between them is
    whole rows, delimiters and all. A cell that merely has line breaks holds fewer.

    Parameters
    ----------
    begins, ends : array of int
        Where the records begin and end, in bytes, ascending.
    """
    sign, least = delimiter.encode(), columns - 1
    # A record splits into its columns, so only one with twice the delimiters can hold a row more.
    suspect = np.flatnonzero(_counted(text, begins, ends, sign) >= 2 * least)
    found = np.zeros(len(begins), dtype=np.bool_)
    with text.path.open("rb") as handle:
        for place in suspect:
            handle.seek(int(begins[place]))
            found[place] = _swallows(handle.read(int(ends[place] - begins[place])), sign, least)
    return found


def holds_rows(text: Text, begin: int, end: int, delimiter: str, columns: int) -> bool:
    """Return whether the lines between two bytes have delimiters as rows have, at least half."""
    with text.path.open("rb") as handle:
        handle.seek(begin)
        data = handle.read(end - begin)
    return 2 * data.count(delimiter.encode()) >= data.count(b"\n") * (columns - 1)


def _swallows(record: bytes, sign: bytes, least: int) -> bool:
    """Return whether a cell of the record holds the rest of one row and the start of another."""
    before, at = 0, 0
    for cell in _QUOTED.finditer(record):
        before += record.count(sign, at, cell.start())
        at = cell.end()
        first, *inner, last = cell.group().split(b"\n") if b"\n" in cell.group() else (b"", b"")
        if any(line.count(sign) >= least for line in inner):
            return True
        rest = max(least - before, 0)
        if b"\n" in cell.group() and first.count(sign) >= rest and last.count(sign) >= before:
            return True
    return False


def _counted(text: Text, begins: Ints, ends: Ints, sign: bytes) -> Ints:
    """Return how many bytes of a sign each record holds."""
    counts = np.zeros(len(begins), dtype=np.int64)
    for offset, piece in _pieces(text):
        places = np.flatnonzero(np.frombuffer(piece, dtype=np.uint8) == sign[0]) + offset
        record = np.searchsorted(begins, places, side="right") - 1
        inside = (record >= 0) & (places < ends[record])
        counts += np.bincount(record[inside], minlength=len(begins))
    return counts


def _pieces(text: Text) -> Iterator[tuple[int, bytes]]:
    offset = 0
    with text.path.open("rb") as handle:
        while piece := handle.read(_PIECE):
            yield offset, piece
            offset += len(piece)
