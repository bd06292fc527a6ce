"""How much is read at most: sizes, rows, columns, cells, and how far a file may inflate."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Upper bounds on a source; what is beyond them is refused before it is parsed.

    Parameters
    ----------
    size : int
        Bytes of the file as given.
    inflated : int
        Bytes after gzip, zip or a workbook's own compression.
    ratio : int
        Inflated bytes for one byte of the file, where more than ``ratio_from`` bytes come out.
    rows, columns : int
        Rows of data and columns of the header.
    line : int
        Bytes of one line of text.
    cells : int
        Rows times columns of a Parquet footer, before anything is decoded.
    footer, chunks, page : int
        Bytes of a Parquet footer, column chunks in it, and bytes of one page once decoded.
    workbook, workbook_memory : int
        Bytes of a workbook's parts together once inflated, and memory to read it in.
    """

    size: int
    inflated: int
    rows: int
    ratio: int = 200
    ratio_from: int = 10 * MEGABYTE
    columns: int = 200
    line: int = 1_000_000
    cells: int = 2_000_000_000
    footer: int = 16 * MEGABYTE
    chunks: int = 100_000
    page: int = 256 * MEGABYTE
    workbook: int = 1_000 * MEGABYTE
    workbook_memory: int = 900 * MEGABYTE


UPLOAD = Caps(size=300 * MEGABYTE, inflated=3_000 * MEGABYTE, rows=5_000_000)
"""For files that come through the page."""
LOCAL = Caps(size=50_000 * MEGABYTE, inflated=50_000 * MEGABYTE, rows=20_000_000)
"""For files of the machine's own user, on the command line."""
