"""Delimited text: its delimiter and header, and rows read as text, all accounted for."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import duckdb
import numpy as np

from analytics.accounts.quoting import quoted
from analytics.declared.arrays import Flags, Ints
from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.ingest.caps import Caps
from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.declaration import DELIMITERS, Declaration
from analytics.ingest.raw import Raw, Reconciled, Torn
from analytics.ingest.text import Text

SAMPLE_BYTES = 1 << 18
SAMPLE_RECORDS = 200
MAX_CELL_LINES = 20
"""Lines in one cell above which its quotation marks are taken to be out of place."""
MAX_MARKS = 40_000_000
"""Quotation marks whose places are held at a time, where cells hold line breaks."""
NAMES = {sign: name for name, sign in DELIMITERS.items() if len(name) > 2}
TORN = {
    "MISSING COLUMNS": "too_few_cells",
    "TOO MANY COLUMNS": "too_many_cells",
    "UNQUOTED VALUE": "quote_out_of_place",
    "LINE SIZE OVER MAXIMUM": "line_too_long",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file splits: its delimiter, header, and the number of lines up to the rows."""

    delimiter: str
    headers: tuple[str, ...]
    lines_before: int


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
        raise PortfolioError(say("The file has a header and no rows: give a file with accounts."))
    spec = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(dialect.headers)))
    relation = (
        f"read_csv({quoted(str(text.path))}, columns = {{{spec}}}, auto_detect = false, "
        f"header = false, skip = {dialect.lines_before}, delim = {quoted(dialect.delimiter)}, "
        "quote = '\"', escape = '\"', strict_mode = true, store_rejects = true, "
        "rejects_table = 'torn', rejects_scan = 'torn_scan', rejects_limit = 0, "
        f"compression = 'none', max_line_size = {caps.line})"
    )

    def reconcile(cursor: duckdb.DuckDBPyConnection, rows: int) -> Reconciled:
        return _reconcile(cursor, rows, text, dialect)

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


def find_dialect(text: Text, declaration: Declaration, caps: Caps) -> Dialect:
    """Return how the file splits: as declared, as its ``sep=`` line says, or as its lines agree."""
    lines = _first_lines(text)
    before, delimiter = 0, declaration.delimiter
    first = lines[0].strip(' "') if lines else ""
    if first.lower().startswith("sep=") and first[4:] in NAMES:
        before, delimiter = 1, delimiter or first[4:]
    if declaration.header_line is not None:
        before = declaration.header_line - 1
    while before < len(lines) and not lines[before].strip():
        before += 1
    if before >= len(lines):
        raise PortfolioError(say("The file has no header: its first line must name the columns."))
    if delimiter is None:
        delimiter = _delimiter(lines[before:])
    records = _records(lines[before:], delimiter)
    headers = tuple(header.strip().lstrip("\ufeff") for header in records[0])
    _check_header(headers, records, before, caps)
    return Dialect(delimiter, headers, before + 1)


def _first_lines(text: Text) -> list[str]:
    with text.path.open("rb") as handle:
        handle.seek(text.start)
        head = handle.read(SAMPLE_BYTES)
    decoded = head.decode("utf-8", errors="ignore")
    lines = decoded.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(head) == SAMPLE_BYTES and len(lines) > 1:
        lines.pop()
    return lines


def _records(lines: list[str], delimiter: str) -> list[list[str]]:
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    try:
        return [record for record in islice(reader, SAMPLE_RECORDS) if record]
    except csv.Error:
        return [lines[0].split(delimiter)]


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter that splits header and rows alike; ask where several do."""
    fits: list[tuple[int, str]] = []
    for sign in NAMES:
        records = _records(lines, sign)
        width = len(records[0])
        same = sum(len(record) == width for record in records)
        if width > 1 and same * 2 > len(records):
            fits.append((width, sign))
    if len(fits) == 1:
        return fits[0][1]
    if not fits:
        splitting = [(len(_records(lines[:1], sign)[0]), sign) for sign in NAMES]
        width, sign = max(splitting)
        if width == 1:
            raise PortfolioError(
                say(
                    "The first line is not a header of several columns: give a file whose "
                    "first line names the columns, or say with --header-line which line does."
                )
            )
        return sign
    fits.sort(reverse=True)
    if fits[0][0] >= 4 > fits[1][0]:
        return fits[0][1]
    choices = tuple(Choice(NAMES[sign], tuple(lines[:3])) for _, sign in fits)
    names = " or ".join(choice.value for choice in choices)
    raise ChoiceNeeded(
        say("The columns may be split by {names}: declare which with --delimiter.", names=names),
        option="delimiter",
        choices=choices,
    )


def _check_header(
    headers: tuple[str, ...], records: list[list[str]], before: int, caps: Caps
) -> None:
    line = before + 1
    if len(headers) > caps.columns:
        raise PortfolioError(
            say(
                "The header has {count:,} columns, more than the {most} that are read: "
                "export only the columns that describe an account.",
                count=len(headers),
                most=caps.columns,
            )
        )
    if any("\n" in header for header in headers):
        raise PortfolioError(
            say("A column's name in line {line} holds a line break: mend the header.", line=line)
        )
    if all(_is_value(header) for header in headers):
        raise PortfolioError(
            say(
                "The header (line {line}) looks like a row of data: put a line of column names "
                "above it.",
                line=line,
            )
        )
    widths = [len(record) for record in records[1:]]
    if widths and len(headers) not in widths and len(widths) >= 2 and len(set(widths)) == 1:
        raise PortfolioError(
            say(
                "The header (line {line}) has {count} columns and every row has {width}: mend "
                "the header or the rows, or say with --header-line which line names the "
                "columns.",
                line=line,
                count=len(headers),
                width=widths[0],
            )
        )


def _is_value(header: str) -> bool:
    text = header.strip()
    return not text or text.replace(".", "").replace("-", "").replace(",", "").isdigit()


def _reconcile(
    cursor: duckdb.DuckDBPyConnection, rows: int, text: Text, dialect: Dialect
) -> Reconciled:
    first = dialect.lines_before + 1
    if rows == text.lines - dialect.lines_before:
        return Reconciled((), np.zeros(0, dtype=np.int64), lambda places: places + first)
    index = scan_lines(text, dialect.lines_before)
    found = cursor.execute(
        "SELECT line_byte_position - 1, any_value(error_type) FROM torn GROUP BY 1 ORDER BY 1"
    ).fetchall()
    # The reader may point at the line end before a record, or at blank lines before it.
    at = np.searchsorted(index.starts, np.asarray([row[0] for row in found], dtype=np.int64))
    is_torn = np.zeros(len(index.starts) + 1, dtype=np.bool_)
    is_torn[at] = True
    kept = np.flatnonzero(~is_torn[:-1])
    if is_torn[-1] or len(set(at.tolist())) != len(found) or len(kept) != rows:
        raise PortfolioError(_rows_differ(len(index.starts), rows + len(found), index.within))
    if (index.folded & is_torn[:-1]).any():
        line = int(index.lines[np.flatnonzero(index.folded & is_torn[:-1])[0]])
        raise PortfolioError(
            say(
                "A quotation mark in line {line} is out of place and swallows the lines "
                "after it: mend it and load the file again.",
                line=line,
            )
        )
    torn = tuple(
        Torn(int(index.lines[place]), TORN.get(row[1], "quote_out_of_place"))
        for place, row in zip(at, found, strict=True)
    )
    numbers = index.lines[kept]
    folded = np.flatnonzero(index.folded[kept])
    return Reconciled(torn, folded, lambda places: numbers[places], index.inner_lines + len(folded))


def _rows_differ(by_lines: int, by_cells: int, line: int | None) -> str:
    """Return what to say where rows are counted differently; the line is where to look."""
    if line is None:
        return say(
            "The file has {lines:,} rows by its lines and {cells:,} by its cells, so a quotation "
            "mark is out of place: mend it and load the file again.",
            lines=by_lines,
            cells=by_cells,
        )
    return say(
        "The file has {lines:,} rows by its lines and {cells:,} by its cells, so a quotation mark "
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
    lines: Ints
    folded: Flags
    within: int | None
    """The first line between quotation marks; None where there is none."""
    inner_lines: int


def scan_lines(text: Text, lines_before: int) -> LineIndex:
    """Return the records of a text file by a count of its line ends and quotation marks alone."""
    feeds, quotes = _positions(text)
    size = text.path.stat().st_size
    ends = feeds if len(feeds) and feeds[-1] == size - 1 else np.append(feeds, size)
    inside = (np.searchsorted(quotes, ends) & 1).astype(bool)
    inside[:lines_before] = False
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
    _check_cells(feeds, quotes, lines_before)
    if inside.any():
        within = int(np.flatnonzero(inside)[0]) + 1
    begins = np.concatenate(([np.int64(text.start)], ends[:-1] + 1))
    is_start = np.concatenate(([True], ~inside[:-1]))
    is_start[:lines_before] = False
    width = ends - begins
    blank = (width == 0) | ((width == 1) & _carriage(text, begins))
    chosen = np.flatnonzero(is_start & ~(blank & ~inside))
    return LineIndex(begins[chosen], chosen + 1, inside[chosen], within, int(inside.sum()))


def _check_cells(feeds: Ints, quotes: Ints, lines_before: int) -> None:
    """Refuse a cell of many lines: a stray mark pairs with the next one and swallows all between.

    A mark that closes right before one that opens is a doubled one inside a cell.
    """
    opens, closes = quotes[0::2], quotes[1::2]
    opens = opens[: len(closes)]
    doubled = closes[:-1] + 1 == opens[1:]
    first = opens[np.concatenate(([True], ~doubled))] if len(opens) else opens
    last = closes[np.concatenate((~doubled, [True]))] if len(closes) else closes
    begins, ends = np.searchsorted(feeds, first) + 1, np.searchsorted(feeds, last) + 1
    long = np.flatnonzero((ends - begins >= MAX_CELL_LINES) & (begins > lines_before))
    if len(long):
        begin, end = int(begins[long[0]]), int(ends[long[0]])
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
