"""Small files of named rows: all of them are read, and refused, in the same way."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from analytics.assumptions import Assumptions
from analytics.declared.language import together
from analytics.errors import HeadroomError
from analytics.export import assumptions_file, policy_file, scenarios_file
from analytics.export.table_file import MAX_BYTES, Table, TableFormat, read_table
from analytics.export.written_numbers import NumberStyle
from analytics.policy import Policy, Tier
from analytics.results.stress import SHIPPED, Scenario

MINE = (*SHIPPED, Scenario(name="mine", title="Mine, and ours", lgd_add=0.1))
RULES = Policy(score_threshold=650, tiers=(Tier(650, 0.05), Tier(700, 0.1)), note="a; b, c")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of file: its format, what one holds, its bytes, and how files are read."""

    form: TableFormat
    held: Any
    data: bytes
    read: Callable[[bytes], Any]
    load: Callable[[Path], Any]

    @property
    def rows(self) -> list[list[str]]:
        return list(csv.reader(io.StringIO(self.data.decode(), newline="")))


KINDS = (
    Kind(
        form=policy_file.FORMAT,
        held=RULES,
        data=policy_file.policy_csv(RULES),
        read=policy_file.read_policy_csv,
        load=policy_file.load_policy,
    ),
    Kind(
        form=assumptions_file.FORMAT,
        held=Assumptions(),
        data=assumptions_file.assumptions_csv(Assumptions()),
        read=assumptions_file.read_assumptions_csv,
        load=assumptions_file.load_assumptions,
    ),
    Kind(
        form=scenarios_file.FORMAT,
        held=MINE,
        data=scenarios_file.scenarios_csv(MINE),
        read=scenarios_file.read_scenarios_csv,
        load=scenarios_file.load_scenarios,
    ),
)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.form.name)


def written(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def semicolons(kind: Kind) -> str:
    return written(kind.rows, ";")


def tabs(kind: Kind) -> str:
    return written(kind.rows, "\t")


SAVED: dict[str, Callable[[Kind], bytes]] = {
    "as written": lambda kind: kind.data,
    "byte order mark": lambda kind: b"\xef\xbb\xbf" + kind.data,
    "CRLF": lambda kind: kind.data.replace(b"\n", b"\r\n"),
    "CR": lambda kind: kind.data.replace(b"\n", b"\r"),
    "UTF-16": lambda kind: kind.data.decode().encode("utf-16"),
    "UTF-16, high byte first": lambda kind: b"\xfe\xff" + kind.data.decode().encode("utf-16-be"),
    "UTF-16 with tabs": lambda kind: tabs(kind).encode("utf-16"),
    "semicolons": lambda kind: semicolons(kind).encode(),
    "tabs": lambda kind: tabs(kind).encode(),
    "sep=;": lambda kind: b"sep=;\r\n" + semicolons(kind).encode(),
    "sep=, in quotes": lambda kind: b'"sep=,"\r\n' + kind.data,
    "SEP=; after a mark": lambda kind: b"\xef\xbb\xbfSEP=;\r\n" + semicolons(kind).encode(),
    "sep=; below an empty line": lambda kind: b"\r\nsep=;\r\n" + semicolons(kind).encode(),
    "sep=tab": lambda kind: b"sep=\t\n" + tabs(kind).encode(),
    "empty lines": lambda kind: b"\n,,\n" + kind.data + b"\n,,,\n",
    "columns turned round": lambda kind: written([row[::-1] for row in kind.rows]).encode(),
    "a column of no use": lambda kind: written([["", *row, "x"] for row in kind.rows]).encode(),
    "version last": lambda kind: written([kind.rows[0], *kind.rows[2:], kind.rows[1]]).encode(),
    "header in capitals": lambda kind: written(
        [[f" {cell.upper()} " for cell in kind.rows[0]], *kind.rows[1:]]
    ).encode(),
}
"""What a spreadsheet, or a person, makes of a file."""


def german(kind: Kind) -> bytes:
    """Return a file as a German spreadsheet saves it: decimal commas, in UTF-16, below sep=;."""
    header, *rows = kind.rows
    places = [header.index(name) for name in kind.form.numbers]
    for row in rows:
        for place in places:
            if re.fullmatch(r"[-\d. eE]+", row[place]):
                row[place] = row[place].replace(".", ",")
    return ("sep=;\r\n" + written([header, *rows], ";")).encode("utf-16")


@each_kind
def test_a_file_of_decimal_commas_is_read_as_it_was(kind: Kind) -> None:
    assert b"," in german(kind)
    assert kind.read(german(kind)) == kind.held


@each_kind
@pytest.mark.parametrize("saved", SAVED)
def test_a_file_is_read_as_a_spreadsheet_saves_it(kind: Kind, saved: str) -> None:
    assert kind.read(SAVED[saved](kind)) == kind.held


@each_kind
def test_rows_in_another_order_say_the_same(kind: Kind) -> None:
    rows = [kind.rows[0], *reversed(kind.rows[1:])]
    held = kind.held[::-1] if isinstance(kind.held, tuple) else kind.held
    assert kind.read(written(rows).encode()) == held


def of_version(kind: Kind, version: str) -> bytes:
    form = kind.form
    found = [[version if row[0] == form.rule and cell == form.version else cell for cell in row]
             for row in kind.rows]  # fmt: skip
    return written(found).encode()


REFUSED: dict[str, tuple[Callable[[Kind], bytes], str]] = {
    "nothing": (lambda _: b"", "The {file} is empty: choose a {name} that Headroom wrote."),
    "a mark alone": (lambda _: b"\xef\xbb\xbf \r\n", "The {file} is empty"),
    "a wide mark alone": (lambda _: b"\xff\xfe", "The {file} is empty"),
    "a zip": (
        lambda _: b"PK\x03\x04rest",
        "This is a zip or a workbook: give the file {name} itself.",
    ),
    "a large zip": (lambda _: b"PK\x03\x04" + b"x" * MAX_BYTES, "This is a zip or a workbook"),
    "too large": (
        lambda kind: kind.data + b" " * MAX_BYTES,
        "The file is larger than 1,000,000 bytes and cannot be {a_file}: choose a {name}",
    ),
    "another encoding": (lambda kind: kind.data + b"\xff,\xfe\n", "The {file} is not in UTF-8"),
    "half a wide letter": (lambda _: b"\xff\xfea", "The {file} is not in UTF-8"),
    "an open quote": (lambda kind: kind.data + b'"a', "The {file} is not a proper CSV file"),
    "other columns": (
        lambda _: b"account_id,score\n1,2\n",
        "The {file} has no column {needed}: its first line must be {columns}.",
    ),
    "the separator alone": (lambda _: b"sep=;\n", "The {file} has no column {needed}"),
    "another version": (
        lambda kind: of_version(kind, "9"),
        "This {file} has format '9', and this version of Headroom reads format {versions}: ",
    ),
    "no version": (
        lambda kind: written([kind.rows[0], *kind.rows[2:]]).encode(),
        "This file has no row {rule}: give {a_file} that Headroom wrote, or add the row {row} ",
    ),
}
"""What is no file of a kind, and how the answer begins."""


@each_kind
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_such_file_is_refused_in_one_sentence(kind: Kind, case: str) -> None:
    make, words = REFUSED[case]
    with pytest.raises(kind.form.error) as caught:
        kind.read(make(kind))
    (fault,) = caught.value.faults
    form = kind.form
    expected = words.format(
        file=form.file,
        a_file=form.a_file,
        name=form.name,
        rule=form.rule,
        row=",".join(form.version_cells),
        needed=", ".join(form.needed),
        columns=",".join(form.columns),
        versions=together((*form.earlier, form.version)),
    )
    assert fault.startswith(expected)


@each_kind
def test_the_row_that_is_to_be_added_is_the_one_that_is_looked_for(kind: Kind) -> None:
    row = ",".join(kind.form.version_cells)
    data = f"{','.join(kind.form.needed)}\n{row}\n".encode()
    assert read_table(data, kind.form) == Table(
        [], NumberStyle(".", free_comma=False), kind.form.version
    )


@each_kind
def test_a_file_that_is_not_there_is_named(kind: Kind, tmp_path: Path) -> None:
    with pytest.raises(kind.form.error, match=r"nowhere\.csv cannot be read: there is no such"):
        kind.load(tmp_path / "nowhere.csv")


@each_kind
def test_a_file_in_a_folder_is_read(kind: Kind, tmp_path: Path) -> None:
    (tmp_path / kind.form.name).write_bytes(kind.data)
    assert kind.load(tmp_path / kind.form.name) == kind.held


FORM = TableFormat(
    name="fruit.csv",
    english_file="fruit file",
    english_a_file="a fruit file",
    rule="fruit",
    version="1",
    columns=("name", "value", "note"),
    needed=("name", "value"),
)


@pytest.mark.parametrize(("delimiter", "free"), [(",", False), (";", True), ("\t", True)])
def test_the_delimiter_decides_whether_a_comma_is_free_for_decimals(
    delimiter: str, free: bool
) -> None:
    rows = [["name", "value"], ["fruit", "1"], ["apple", " 2 "]]
    table = read_table(written(rows, delimiter).encode(), FORM)
    assert table.numbers.free_comma is free
    (row,) = table.rows
    assert (row.line, row["name"], row["value"], row.as_written("value")) == (
        3,
        "apple",
        "2",
        " 2 ",
    )
    assert (row["note"], row.as_written("note")) == ("", "")


def test_lines_are_counted_as_they_stand_in_the_file() -> None:
    data = b'sep=,\n\nname,value\nfruit,1\n"ap\nple",2\npear,3\n'
    assert [row.line for row in read_table(data, FORM).rows] == [6, 7]


def test_of_two_columns_of_one_name_the_first_counts() -> None:
    (row,) = read_table(b"name,value,value\nfruit,1,9\napple,2,3\n", FORM).rows
    assert row["value"] == "2"


def test_a_kind_without_a_copy_for_viewing_knows_no_such_version() -> None:
    with pytest.raises(HeadroomError, match="has format '1 for viewing'"):
        read_table(b"name,value\nfruit,1 for viewing\n", FORM)
