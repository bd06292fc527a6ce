"""Delimited text: its delimiter and header, and rows read as text, all accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np

from analytics.accounts.quoting import quoted
from analytics.declared.arrays import Flags, Ints
from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.ingest.caps import Caps
from analytics.ingest.declaration import Declaration
from analytics.ingest.dialect import NAMES, Dialect, find_dialect
from analytics.ingest.folds import holds_rows, swallowing
from analytics.ingest.raw import Raw, Reconciled, Torn
from analytics.ingest.text import Text

MAX_CELL_LINES = 20
"""Lines in one cell above which its quotation marks are taken to be out of place, if these lines
have delimiters as rows have."""
MAX_MARKS = 40_000_000
"""Quotation marks whose places are held at a time, where cells hold line breaks."""
TORN = {
    "MISSING COLUMNS": "too_few_cells",
    "TOO MANY COLUMNS": "too_many_cells",
    "UNQUOTED VALUE": "quote_out_of_place",
    "LINE SIZE OVER MAXIMUM": "line_too_long",
}


def read_delimited(text: Text, declaration: Declaration, caps: Caps) -> Raw:
    """Return the rows of a delimited text file.

    Raises
    ------
    ChoiceNeeded
        More than one delimiter fits.
    PortfolioError
        There is no header, there are no rows, or the file is beyond the caps.
    """
    if text.lines > caps.rows + 10:
        raise PortfolioError(
            say(
                "The file has about {lines:,} lines, more than the {most:,} rows that are "
                "read: load it as Parquet, or connect the database that holds it.",
                lines=text.lines,
                most=caps.rows,
            )
        )
    dialect = find_dialect(text, declaration, caps)
    if text.lines <= dialect.lines_before:
        raise no_rows()
    spec = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(dialect.headers)))
    relation = (
        f"read_csv({quoted(str(text.path))}, columns = {{{spec}}}, auto_detect = false, "
        f"header = false, skip = {dialect.skipped}, delim = {quoted(dialect.delimiter)}, "
        "quote = '\"', escape = '\"', strict_mode = true, store_rejects = true, "
        "rejects_table = 'torn', rejects_scan = 'torn_scan', rejects_limit = 0, "
        f"compression = 'none', max_line_size = {caps.line})"
    )

    def reconcile(cursor: duckdb.DuckDBPyConnection, rows: int) -> Reconciled:
        return _reconcile(cursor, rows, text, dialect, caps)

    return Raw(
        format="csv",
        relation=relation,
        headers=dialect.headers,
        types=("VARCHAR",) * len(dialect.headers),
        rows=text.lines - dialect.lines_before,
        encoding=text.encoding,
        delimiter=NAMES[dialect.delimiter],
        reconcile=reconcile,
    )


def no_rows() -> PortfolioError:
    """Return the error of a file without a single row of data."""
    return PortfolioError(say("The file has a header and no rows: give a file with accounts."))


def _reconcile(
    cursor: duckdb.DuckDBPyConnection, rows: int, text: Text, dialect: Dialect, caps: Caps
) -> Reconciled:
    first = dialect.lines_before + 1
    if rows == text.lines - dialect.lines_before:
        return Reconciled((), np.zeros(0, dtype=np.int64), lambda places: places + first)
    index = scan_lines(text, dialect)
    found = cursor.execute(
        "SELECT line_byte_position - 1, any_value(error_type) FROM torn GROUP BY 1 ORDER BY 1"
    ).fetchall()
    # The reader may point at the line end before a record, or at blank lines before it.
    at = np.searchsorted(index.starts, np.asarray([row[0] for row in found], dtype=np.int64))
    reasons = {
        place: TORN.get(row[1], "quote_out_of_place") for place, row in zip(at, found, strict=True)
    }
    is_torn = np.zeros(len(index.starts) + 1, dtype=np.bool_)
    is_torn[at] = True
    too_long = np.append(index.ends - index.starts > caps.line, False)
    # A record beyond the reader's own buffer is left out without a word of it.
    is_torn |= too_long & (np.count_nonzero(~is_torn[:-1]) != rows)
    kept = np.flatnonzero(~is_torn[:-1])
    if is_torn[-1] or len(set(at.tolist())) != len(found) or len(kept) != rows:
        raise PortfolioError(_rows_differ(len(index.starts), rows + len(found), index.within))
    stray = np.flatnonzero(index.folded & is_torn[:-1] & ~too_long[:-1])
    if len(stray):
        raise PortfolioError(
            say(
                "A quotation mark in line {line} is out of place and swallows the lines "
                "after it: mend it and load the file again.",
                line=int(index.lines[stray[0]]),
            )
        )
    torn = tuple(
        Torn(
            int(index.lines[place]),
            "line_too_long" if too_long[place] else reasons[place],
        )
        for place in np.flatnonzero(is_torn[:-1])
    )
    folded = _swallowing(text, index, kept, dialect)
    taken = int(index.heights[kept[folded]].sum())
    numbers = index.lines[kept]
    return Reconciled(torn, folded, lambda places: numbers[places], taken, index.blank_lines)


def _swallowing(text: Text, index: LineIndex, kept: Ints, dialect: Dialect) -> Ints:
    """Return the places, among the rows kept, of those that hold whole rows in a cell."""
    folded = np.flatnonzero(index.folded[kept])
    if not len(folded):
        return folded
    begins, ends = index.starts[kept[folded]], index.ends[kept[folded]]
    return folded[swallowing(text, begins, ends, dialect.delimiter, len(dialect.headers))]


def _rows_differ(by_lines: int, by_cells: int, line: int | None) -> str:
    """Return what to say where rows are counted differently; the line is where to look."""
    if line is None:
        return say(
            "By its lines the file has {lines:,} rows, by its cells {cells:,}, so a quotation "
            "mark is out of place: mend it and load the file again.",
            lines=by_lines,
            cells=by_cells,
        )
    return say(
        "By its lines the file has {lines:,} rows, by its cells {cells:,}, so a quotation mark "
        "is out of place (see line {line}): mend it and load the file again.",
        lines=by_lines,
        cells=by_cells,
        line=line,
    )


@dataclass(frozen=True, slots=True)
class LineIndex:
    """Where each record begins, counted apart from the reader: bytes, lines, and line breaks in it.

    Blank lines are no records. A line break between quotation marks ends no record.
    """

    starts: Ints
    ends: Ints
    lines: Ints
    heights: Ints
    """Lines that each record takes up."""
    folded: Flags
    within: int | None
    """The first line between quotation marks; None where there is none."""
    blank_lines: int
    """Lines without a character between the header and the last record."""


def scan_lines(text: Text, dialect: Dialect) -> LineIndex:
    """Return the records of a text file by a count of its line ends and quotation marks alone."""
    lines_before = dialect.lines_before
    feeds, quotes = _positions(text)
    quotes = quotes[quotes > (feeds[lines_before - 1] if len(feeds) >= lines_before else -1)]
    size = text.path.stat().st_size
    ends = feeds if len(feeds) and feeds[-1] == size - 1 else np.append(feeds, size)
    inside = (np.searchsorted(quotes, ends) & 1).astype(bool)
    within = None
    if len(inside) and inside[-1]:
        opened = np.flatnonzero(~inside)
        line = (int(opened[-1]) + 2) if len(opened) else 1
        raise PortfolioError(
            say(
                "A quotation mark that opens in line {line} is never closed: mend it and "
                "load the file again.",
                line=line,
            )
        )
    _check_cells(text, feeds, quotes, dialect)
    if inside.any():
        within = int(np.flatnonzero(inside)[0]) + 1
    begins = np.concatenate(([np.int64(text.start)], ends[:-1] + 1))
    is_start = np.concatenate(([True], ~inside[:-1]))
    is_start[:lines_before] = False
    width = ends - begins
    blank = is_start & ~inside & ((width == 0) | ((width == 1) & _carriage(text, begins)))
    chosen = np.flatnonzero(is_start & ~blank)
    last = np.flatnonzero(~inside)
    last = last[np.searchsorted(last, chosen)]
    return LineIndex(
        starts=begins[chosen],
        ends=ends[last],
        lines=chosen + 1,
        heights=last - chosen + 1,
        folded=inside[chosen],
        within=within,
        blank_lines=int(blank[: chosen[-1]].sum()) if len(chosen) else 0,
    )


def _check_cells(text: Text, feeds: Ints, quotes: Ints, dialect: Dialect) -> None:
    """Refuse a cell of many lines of rows: a stray mark pairs with the next and swallows them.

    A mark that closes right before one that opens is a doubled one inside a cell.
    """
    opens, closes = quotes[0::2], quotes[1::2]
    opens = opens[: len(closes)]
    doubled = closes[:-1] + 1 == opens[1:]
    first = opens[np.concatenate(([True], ~doubled))] if len(opens) else opens
    last = closes[np.concatenate((~doubled, [True]))] if len(closes) else closes
    begins, ends = np.searchsorted(feeds, first) + 1, np.searchsorted(feeds, last) + 1
    for place in np.flatnonzero(ends - begins >= MAX_CELL_LINES):
        begin, end = int(begins[place]), int(ends[place])
        columns = len(dialect.headers)
        if holds_rows(text, int(first[place]), int(last[place]), dialect.delimiter, columns):
            raise PortfolioError(
                say(
                    "A quotation mark opened in line {begin} closes in line {end}: {count:,} "
                    "lines in one cell, so a quotation mark is out of place. Mend it and load "
                    "the file again.",
                    begin=begin,
                    end=end,
                    count=end - begin + 1,
                )
            )


def _positions(text: Text) -> tuple[Ints, Ints]:
    """Return where the line ends and the quotation marks are, in bytes."""
    counts = [(chunk.count(b"\n"), chunk.count(b'"')) for chunk in _chunks(text)]
    marks = sum(count for _, count in counts)
    if marks > MAX_MARKS:
        raise PortfolioError(
            say(
                "The file holds {marks:,} quotation marks and line breaks between them: more than "
                "{most:,} cannot be told apart. Export it without line breaks in cells, or as "
                "Parquet.",
                marks=marks,
                most=MAX_MARKS,
            )
        )
    feeds = np.empty(sum(count for count, _ in counts), dtype=np.int64)
    quotes = np.empty(marks, dtype=np.int64)
    feed = quote = offset = 0
    for chunk, (of_feeds, of_quotes) in zip(_chunks(text), counts, strict=True):
        cells = np.frombuffer(chunk, dtype=np.uint8)
        feeds[feed : feed + of_feeds] = np.flatnonzero(cells == 10) + offset
        quotes[quote : quote + of_quotes] = np.flatnonzero(cells == 34) + offset
        feed, quote, offset = feed + of_feeds, quote + of_quotes, offset + len(chunk)
    return feeds, quotes


def _carriage(text: Text, begins: Ints) -> Flags:
    """Return whether the byte at each place is a carriage return."""
    data = np.memmap(text.path, dtype=np.uint8, mode="r")
    inside = np.minimum(begins, len(data) - 1)
    return np.asarray(data[inside] == 13)


def _chunks(text: Text) -> Iterator[bytes]:
    with text.path.open("rb") as handle:
        while chunk := handle.read(1 << 23):
            yield chunk
