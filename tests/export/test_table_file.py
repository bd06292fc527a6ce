"""Small CSV files of named rows: read back as written, also from a spreadsheet, else refused."""

from __future__ import annotations

import pytest

from analytics.errors import ParameterError
from analytics.export.table_file import MAX_BYTES, TableFormat, read_table, table_csv

FORM = TableFormat(
    english_file="notes file",
    english_a_file="a notes file",
    rule="headroom_notes",
    version="1",
    columns=("name", "text", "more"),
    needed=("name", "text"),
)
ROWS = [("a", 'two, "three"', ""), ("b", "x", "y")]
DATA = table_csv(FORM, ROWS)


def cells(data: bytes) -> list[tuple[str, ...]]:
    return [tuple(row[column] for column in FORM.columns) for row in read_table(data, FORM)]


def test_rows_are_read_back_as_they_were_written_with_their_lines() -> None:
    assert cells(DATA) == ROWS
    assert [row.line for row in read_table(DATA, FORM)] == [3, 4]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + DATA,
        DATA.replace(b"\n", b"\r\n"),
        DATA.replace(b"\n", b"\n\n"),
        b'text\tmore\tname\n1\t\theadroom_notes\n"two, ""three"""\t\ta\nx\ty\tb\n',
        b'NAME;Text;more\nheadroom_notes;1;\na;"two, ""three""";\nb; x ;y\n',
    ],
)
def test_what_a_spreadsheet_does_to_a_file_changes_no_row(data: bytes) -> None:
    assert cells(data) == ROWS


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "has no column name, text"),
        (b"name,more\n", "has no column text: its first line must be name,text,more"),
        (b"name,text\na,b\n", "has no row headroom_notes: give a notes file"),
        (DATA.replace(b"notes,1", b"notes,2"), "has format '2', and .* reads format 1"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b'name,text\nheadroom_notes,1\na,"b\n', "a quote is not closed"),
        (b"x" * (MAX_BYTES + 1), "too large for a notes file"),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        read_table(data, FORM)
