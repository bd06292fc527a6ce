"""Small CSV files of named rows: how they are written, read back and refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.declared.files import fault_of, regular
from analytics.declared.language import say, together
from analytics.errors import HeadroomError, ParameterError
from analytics.export.written_numbers import NumberStyle, number_style

MAX_BYTES = 1_000_000
"""Such a file has some dozens of short rows; a larger one is something else."""
MAX_ROWS = 2_000
"""Rows of such a file; tiers for each score there is are some hundred."""
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_ZIP = b"PK\x03\x04"
_SEPARATED = "sep="
"""How a line begins that a spreadsheet writes above the header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFormat:
    """What a file holds: what it is called, the rule of its version row, and its columns.

    Parameters
    ----------
    name : str
        The name that the file is written under.
    english_file, english_a_file : str
        What a file of this kind, and any one of them, is called.
    rule, version : str
        The name of the row that says the version, and the version that is written.
    earlier : tuple of str
        Earlier versions that are read as well.
    columns, needed : tuple of str
        All columns, and those that must be there; the first is the name of a row, the last of
        those needed holds the version.
    numbers : tuple of str
        Columns that hold numbers.
    viewing : str, optional
        The version of a copy for viewing, which is never read.
    error : type of HeadroomError
        What is raised.
    """

    name: str
    english_file: str
    english_a_file: str
    rule: str
    version: str
    columns: tuple[str, ...]
    needed: tuple[str, ...]
    numbers: tuple[str, ...] = ("value",)
    earlier: tuple[str, ...] = ()
    viewing: str | None = None
    error: type[HeadroomError] = ParameterError

    @property
    def file(self) -> str:
        """What a file of this kind is called."""
        return say(self.english_file)

    @property
    def a_file(self) -> str:
        """What any one file of this kind is called."""
        return say(self.english_a_file)

    @property
    def version_cells(self) -> tuple[str, ...]:
        """The row that says the version, in the columns needed."""
        return (self.rule, *[""] * (len(self.needed) - 2), self.version)


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header: its line in the file, and its cells by column."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.as_written(column).strip()

    def as_written(self, column: str) -> str:
        """Return a cell as it stands, with the blanks around it."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows below the header, the version row apart, and how their numbers are written."""

    rows: list[Row]
    numbers: NumberStyle
    version: str


def rows_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows, the header among them, as CSV: UTF-8, LF, quoted only where needed."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def table_csv(form: TableFormat, rows: Iterable[Sequence[str]]) -> bytes:
    """Return a file of this kind as CSV; the version row comes first."""
    version = form.version_cells
    padded = (*version, *[""] * (len(form.columns) - len(version)))
    return rows_csv([form.columns, padded, *rows])


def read_bytes(path: Path, form: TableFormat) -> bytes:
    """Return the bytes of a file, of one that is too large as many as say so.

    Raises
    ------
    HeadroomError
        It cannot be opened or read; of the format's own class.
    """
    try:
        with regular(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise form.error(
            say(
                "The {file} {path} cannot be read: {fault}. Check the path.",
                file=form.file,
                path=path,
                fault=fault_of(error),
            )
        ) from None


def read_table(data: bytes, form: TableFormat) -> Table:
    """Return the rows of CSV bytes below the header, the version row apart.

    A file that went through a spreadsheet is read too: byte order mark, UTF-16, CRLF, semicolons
    or tabs, a line ``sep=;``, other order of rows or columns.

    Raises
    ------
    HeadroomError
        Not such a file, or one of another version; of the format's own class.
    """
    text = _decoded(data, form)
    delimiter = _delimiter(text)
    (_, header), *below = _lines(text, delimiter, form) or [(1, [])]
    columns = [cell.strip().lower() for cell in header]
    absent = [name for name in form.needed if name not in columns]
    if absent:
        raise form.error(
            say(
                "The {file} has no column {absent}: its first line must be {columns}.",
                file=form.file,
                absent=tuple(absent),
                columns=",".join(form.columns),
            )
        )
    if len(below) > MAX_ROWS:
        raise form.error(
            say(
                "The {file} has {rows:,} rows, more than the {most:,} that are read: choose a "
                "{name} that Headroom wrote.",
                file=form.file,
                rows=len(below),
                most=MAX_ROWS,
                name=form.name,
            )
        )
    rows = [Row(line, _by_column(columns, cells)) for line, cells in below]
    name, value = form.needed[0], form.needed[-1]
    versions = [row[value] for row in rows if row[name] == form.rule]
    if len(versions) != 1 or versions[0] not in (*form.earlier, form.version):
        raise form.error(_other_version(versions, form))
    rows = [row for row in rows if row[name] != form.rule]
    cells = (row[column] for row in rows for column in form.numbers)
    return Table(rows, number_style(cells, free_comma=delimiter != ","), versions[0])


def _by_column(columns: list[str], cells: list[str]) -> dict[str, str]:
    """Return cells by column; of columns of one name the first counts."""
    found: dict[str, str] = {}
    for name, cell in zip(columns, cells, strict=False):
        found.setdefault(name, cell)
    return found


def _other_version(versions: list[str], form: TableFormat) -> str:
    copies = [] if form.viewing is None else [form.viewing, *_earlier_copies(form)]
    if set(copies) & set(versions):
        return say(
            "This is the copy of {a_file} for viewing, whose texts were altered for a "
            "spreadsheet: load {name} of the same export instead.",
            a_file=form.a_file,
            name=form.name,
        )
    if not versions:
        return say(
            "This file has no row {rule}: give {a_file} that Headroom wrote, or add the "
            "row {row} below the header.",
            rule=form.rule,
            a_file=form.a_file,
            row=",".join(form.version_cells),
        )
    return say(
        "This {file} has format {other!r}, and this version of Headroom reads "
        "format {version}: export it again from a version that agrees.",
        file=form.file,
        other=together(versions),
        version=together((*form.earlier, form.version)),
    )


def _earlier_copies(form: TableFormat) -> list[str]:
    """Return the versions of copies for viewing that earlier versions wrote."""
    return [(form.viewing or "").replace(form.version, earlier, 1) for earlier in form.earlier]


def _decoded(data: bytes, form: TableFormat) -> str:
    if data.startswith(_ZIP):
        raise form.error(
            say("This is a zip or a workbook: give the file {name} itself.", name=form.name)
        )
    if len(data) > MAX_BYTES:
        raise form.error(
            say(
                "The file is larger than {most:,} bytes and cannot be {a_file}: choose a {name} "
                "that Headroom wrote.",
                most=MAX_BYTES,
                a_file=form.a_file,
                name=form.name,
            )
        )
    try:
        text = data.decode("utf-16" if data.startswith(_WIDE) else "utf-8-sig")
    except UnicodeDecodeError:
        raise form.error(
            say(
                "The {file} is not in UTF-8: save it as CSV UTF-8, or export it again.",
                file=form.file,
            )
        ) from None
    if not text.strip():
        raise form.error(
            say(
                "The {file} is empty: choose a {name} that Headroom wrote.",
                file=form.file,
                name=form.name,
            )
        )
    return text


def _delimiter(text: str) -> str:
    """Return the delimiter that the header has most of."""
    lines = (line for line in text.splitlines() if line.strip())
    first = next(lines, "")
    header = next(lines, "") if _is_separator(first) else first
    return max(",;\t", key=header.count)


def _is_separator(text: str) -> bool:
    return text.strip().lower().startswith(_SEPARATED)


def _lines(text: str, delimiter: str, form: TableFormat) -> list[tuple[int, list[str]]]:
    """Return the cells of each row that has any, the header first, with its line in the file."""
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        found = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        raise form.error(
            say(
                "The {file} is not a proper CSV file (a quote is not closed, or a cell "
                "is broken): export it again.",
                file=form.file,
            )
        ) from None
    return found[1:] if found and _is_separator(found[0][1][0]) else found
