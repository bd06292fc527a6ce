"""Small CSV files of named rows: how they are written, read back and refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.declared.language import say, together
from analytics.errors import ParameterError
from analytics.export.atomic import fault_of

MAX_BYTES = 1_000_000
"""Such a file has some dozens of short rows; a larger one is something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFormat:
    """What a file holds: what it is called, the rule of its version row, and its columns.

    ``needed`` are the columns that must be there; the first is the name of a row, the second its
    first value.
    """

    english_file: str
    english_a_file: str
    rule: str
    version: str
    columns: tuple[str, ...]
    needed: tuple[str, ...]

    @property
    def file(self) -> str:
        """What a file of this kind is called."""
        return say(self.english_file)

    @property
    def a_file(self) -> str:
        """What any one file of this kind is called."""
        return say(self.english_a_file)


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header: its line in the file, and its cells by column, stripped."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def table_csv(form: TableFormat, rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV: UTF-8, LF, quoted only where needed; the version row comes first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(form.columns)
    writer.writerow([form.rule, form.version, *[""] * (len(form.columns) - 2)])
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def read_bytes(path: Path, form: TableFormat) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    ParameterError
        It cannot be opened or read.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ParameterError(
            say(
                "The {file} {path} cannot be read: {fault}. Check the path.",
                file=form.file,
                path=path,
                fault=fault_of(error),
            )
        ) from None


def read_table(data: bytes, form: TableFormat) -> list[Row]:
    """Return the rows of CSV bytes below the header, the version row apart.

    A file that went through a spreadsheet is read too: byte order mark, CRLF, semicolons or tabs,
    other order of rows or columns.

    Raises
    ------
    ParameterError
        Not such a file, or one of another version.
    """
    reader = _reader(_decoded(data, form), form)
    header = [cell.strip().lower() for cell in reader[0][1]] if reader else []
    absent = [name for name in form.needed if name not in header]
    if absent:
        raise ParameterError(
            say(
                "The {file} has no column {absent}: its first line must be {columns}.",
                file=form.file,
                absent=", ".join(absent),
                columns=",".join(form.columns),
            )
        )
    found = [
        Row(line, {name: cell.strip() for name, cell in zip(header, cells, strict=False)})
        for line, cells in reader[1:]
    ]
    name, value = form.columns[:2]
    versions = [row[value] for row in found if row[name] == form.rule]
    if versions != [form.version]:
        raise ParameterError(_other_version(versions, form))
    return [row for row in found if row[name] != form.rule]


def _other_version(versions: list[str], form: TableFormat) -> str:
    if not versions:
        return say(
            "This file has no row {rule}: give {a_file} that Headroom wrote, or add the "
            "row {rule},{version} below the header.",
            rule=form.rule,
            a_file=form.a_file,
            version=form.version,
        )
    return say(
        "This {file} has format {other!r}, and this version of Headroom reads "
        "format {version}: export it again from a version that agrees.",
        file=form.file,
        other=together(versions),
        version=form.version,
    )


def _decoded(data: bytes, form: TableFormat) -> str:
    if len(data) > MAX_BYTES:
        raise ParameterError(
            say(
                "The file is too large for {a_file}: give one that Headroom wrote.",
                a_file=form.a_file,
            )
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ParameterError(
            say(
                "The {file} is not UTF-8 text: save it as CSV UTF-8, or export it again.",
                file=form.file,
            )
        ) from None


def _reader(text: str, form: TableFormat) -> list[tuple[int, list[str]]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        raise ParameterError(
            say(
                "The {file} is not a proper CSV file (a quote is not closed, or a cell "
                "is broken): export it again.",
                file=form.file,
            )
        ) from None
