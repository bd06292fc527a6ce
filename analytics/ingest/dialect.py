"""How delimited text splits: its delimiter, and which line is the header, found or asked for."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from analytics.declared.language import either, say, say_n
from analytics.errors import PortfolioError
from analytics.ingest.caps import Caps
from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.declaration import DELIMITERS, Declaration
from analytics.ingest.proposals import known_column
from analytics.ingest.sheet_reader import LINE_BREAK
from analytics.ingest.text import Text

SAMPLE_BYTES = 1 << 18
SAMPLE_RECORDS = 200
HEADER_LINES = 20
"""Lines that a header may take up, and below which no header is looked for."""
LEAST_KNOWN = 3
"""Names of columns in a line from which it is taken for a header."""
NAMES = {sign: name for name, sign in DELIMITERS.items() if len(name) > 2}
_BREAKS = re.compile(rf"\s*[\n\r{LINE_BREAK}]+\s*")
_NOTHING = ' ,;\t|"'
"""What a blank line may hold: delimiters, and cells of nothing."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file splits.

    Parameters
    ----------
    delimiter : str
        One of ``, ; | TAB``.
    headers : tuple of str
        The columns' names, without blanks around them, each in one line.
    header_line, lines_before : int
        The line in which the header begins, counted from 1, and the lines down to its end.
    skipped : int
        The same as records: a line break between quotation marks ends none.
    """

    delimiter: str
    headers: tuple[str, ...]
    header_line: int
    lines_before: int
    skipped: int


def find_dialect(text: Text, declaration: Declaration, caps: Caps) -> Dialect:
    """Return how the file splits: as declared, as its ``sep=`` line says, or as its lines agree.

    Raises
    ------
    ChoiceNeeded
        More than one delimiter fits, or the header seems to stand in a lower line.
    PortfolioError
        There is no header, or it is beyond the caps.
    """
    lines = _first_lines(text, caps)
    before, delimiter = 0, declaration.delimiter
    first = lines[0].strip(' "') if lines else ""
    if first.lower().startswith("sep=") and first[4:] in NAMES:
        before, delimiter = 1, delimiter or first[4:]
    if declaration.header_line is not None:
        before = declaration.header_line - 1
    while before < len(lines) and not lines[before].strip(_NOTHING):
        before += 1
    if before >= len(lines):
        raise PortfolioError(say("The file has no header: its first line must name the columns."))
    if declaration.header_line is None:
        _look_below(lines, before, delimiter)
    if delimiter is None:
        delimiter = _delimiter(lines[before:])
    headers, height = _header(lines[before:], delimiter, before + 1)
    _check_header(headers, _records(lines[before:], delimiter), before + 1, caps)
    above, _ = _split(lines[:before], delimiter)
    return Dialect(delimiter, headers, before + 1, before + height, len(above) + 1)


def _first_lines(text: Text, caps: Caps) -> list[str]:
    """Return the first lines that are whole; of a longer first line all that may be read."""
    with text.path.open("rb") as handle:
        handle.seek(text.start)
        head = handle.read(SAMPLE_BYTES)
        if len(head) == SAMPLE_BYTES and b"\n" not in head:
            head += handle.readline(caps.line)
            if not head.endswith(b"\n"):
                raise PortfolioError(
                    say(
                        "The first line has more than {most:,} bytes, more than a header or a row "
                        "that is read here: give a file whose first line names the columns.",
                        most=caps.line,
                    )
                )
    decoded = head.decode("utf-8", errors="ignore")
    lines = decoded.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(head) >= SAMPLE_BYTES and len(lines) > 1:
        lines.pop()
    return lines


def _split(
    lines: Sequence[str], delimiter: str, most: int | None = None
) -> tuple[list[list[str]], int]:
    """Return the first records, and how many lines they take up.

    Where a cell is longer than a reader takes, each line is a record, split wherever its delimiter
    stands.
    """
    ended = (f"{line}\n" for line in lines)
    reader = csv.reader(ended, delimiter=delimiter, skipinitialspace=True)
    try:
        return list(islice(reader, most)), reader.line_num
    except csv.Error:
        plain = [line.split(delimiter) for line in lines[:most]]
        return plain, len(plain)


def _records(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    records, _ = _split(lines, delimiter, SAMPLE_RECORDS)
    return [record for record in records if record]


def _header(lines: list[str], delimiter: str, line: int) -> tuple[tuple[str, ...], int]:
    """Return the columns' names and the number of lines that they take up.

    Raises
    ------
    PortfolioError
        A quotation mark is out of place: whole cells, or many lines, stand in one name.
    """
    (cells,), height = _split(lines[: HEADER_LINES + 1], delimiter, 1)
    broken = [cell for cell in cells if "\n" in cell.strip()]
    if height > HEADER_LINES or any(delimiter in cell for cell in broken):
        raise PortfolioError(
            say(
                "A quotation mark in the header (line {line}) is out of place: a column's name "
                "would go on over several lines. Mend it and load the file again.",
                line=line,
            )
        )
    return tuple(_BREAKS.sub(" ", cell).strip().lstrip("\ufeff") for cell in cells), height


def _look_below(lines: list[str], before: int, delimiter: str | None) -> None:
    """Ask for the header's line where a title, and no names of columns, stands in the first one.

    Raises
    ------
    ChoiceNeeded
        A lower line names columns.
    """
    signs = (delimiter,) if delimiter else tuple(NAMES)
    known = _known_names(lines[before], signs)
    if known >= LEAST_KNOWN:
        return
    for place in range(before + 1, min(before + HEADER_LINES, len(lines))):
        if _known_names(lines[place], signs) >= max(LEAST_KNOWN, known + 1):
            break
    else:
        return
    raise ChoiceNeeded(
        say(
            "The header seems to stand in line {line}: line {first} names no columns that are "
            "known, and line {line} does. Declare it with --header-line {line}.",
            first=before + 1,
            line=place + 1,
        ),
        option="header_line",
        choices=(Choice(str(place + 1), tuple(one[:200] for one in lines[place : place + 3])),),
    )


def _known_names(line: str, signs: Sequence[str]) -> int:
    """Return how many columns a line names, split by the delimiter that finds most of them."""
    found = 0
    for sign in signs:
        names = {cell.strip(' "\ufeff') for cell in line.split(sign)[:SAMPLE_RECORDS]} - {""}
        found = max(found, len({known_column(name) for name in names} - {None}))
    return found


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
    names = either(choice.value for choice in choices)
    raise ChoiceNeeded(
        say("The columns may be split by {names}: declare which with --delimiter.", names=names),
        option="delimiter",
        choices=choices,
    )


def _check_header(
    headers: tuple[str, ...], records: list[list[str]], line: int, caps: Caps
) -> None:
    if len(headers) > caps.columns:
        raise PortfolioError(
            say(
                "The header has {count:,} columns, more than the {most} that are read: "
                "export only the columns that describe an account.",
                count=len(headers),
                most=caps.columns,
            )
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
            say_n(
                "The header (line {line}) has {count} column and every row has {width}: mend "
                "the header or the rows, or say with --header-line which line names the "
                "columns.",
                "The header (line {line}) has {count} columns and every row has {width}: mend "
                "the header or the rows, or say with --header-line which line names the "
                "columns.",
                len(headers),
                line=line,
                width=widths[0],
            )
        )


def _is_value(header: str) -> bool:
    text = header.strip()
    return not text or text.replace(".", "").replace("-", "").replace(",", "").isdigit()
