"""The forms of files: titles, blank rows, line breaks, other kinds, and what is said of them."""

# Full-width characters and signs without width are what is tested.

from __future__ import annotations

import io
import os
import pickle
import socket
import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from analytics.errors import PortfolioError
from analytics.ingest import ChoiceNeeded, Declaration, load_bytes, load_file
from analytics.ingest.preview import inspect_bytes
from tests.ingest.loading import HEADER, Outcome, load

ROWS = [["A1", 720, 5000, 10], ["A2", 700, 8000, -50], ["A3", 655, 3000, 100]]


def workbook(rows: list[list[Any]], *, column: int = 1) -> bytes:
    """Return a workbook of one sheet whose first cell is in a column."""
    out, book = io.BytesIO(), openpyxl.Workbook()
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            book.active.cell(number, column + place, value)
    book.save(out)
    return out.getvalue()


def asked(data: bytes, **declared: Any) -> ChoiceNeeded:
    with pytest.raises(ChoiceNeeded) as choice:
        load(data, **declared)
    return choice.value


@pytest.mark.parametrize("above", [0, 1, 3])
@pytest.mark.parametrize("column", [1, 2])
def test_rows_of_a_workbook_have_the_numbers_that_it_shows(above: int, column: int) -> None:
    found = load(workbook([*[[]] * above, HEADER.split(","), *ROWS], column=column))
    assert set(found.accounts) == {"A1", "A3"}
    assert found.reason(above + 3, "balance") == "negative"


TITLES: dict[str, tuple[bytes, int]] = {
    "a title in a workbook": (
        workbook([["Cards as of 2026"], [], [], HEADER.split(","), *ROWS]), 4),
    "two headers in a workbook": (
        workbook([[], ["Customer", None, "Exposure"], HEADER.split(","), *ROWS]), 3),
    "a title in a text file": (f"Cards, new\n\n{HEADER}\nA1,720,5000,10\n".encode(), 3),
    "a title with semicolons": (
        f"Cards;;;\n{HEADER.replace(',', ';')}\nA1;720;5000;10\n".encode(), 2),
    "a title with a mark": (f'Cards of 5" screens\n{HEADER}\nA1,720,5000,10\n'.encode(), 2),
}  # fmt: skip


@pytest.mark.parametrize(("data", "line"), TITLES.values(), ids=TITLES)
def test_below_a_title_the_line_of_the_header_is_asked_for(data: bytes, line: int) -> None:
    choice = asked(data)
    assert (choice.option, [one.value for one in choice.choices]) == ("header_line", [str(line)])
    assert f"The header seems to stand in line {line}" in str(choice)
    assert f"--header-line {line}" in str(choice)
    assert "A1" in load(data, header_line=line).accounts


def test_a_header_that_is_known_or_not_known_is_taken_where_no_lower_one_is_better() -> None:
    assert load(f"{HEADER}\nscore,700,1,1\nA,700,1,1\n").report.accepted == 2
    names = {"account_id": "w", "score": "x", "credit_limit": "y", "balance": "z"}
    found = load("w,x,y,z\nA,700,1,1\nB,710,1,1\n", mapping=tuple(names.items()))
    assert found.report.accepted == 2


def test_line_breaks_in_a_header_are_blanks_in_text_and_workbook_alike() -> None:
    mapping = (("account_id", "Account ID"), ("credit_limit", "Credit Limit"))
    text = '"Account\nID",Score,"Credit \r\n Limit",Balance\nA1,720,5000,10\nA2,x,5000,0\n'
    sheet = workbook([["Account\nID", "Score", "Credit \n Limit", "Balance"],
                      ["A1", 720, 5000, 10], ["A2", "x", 5000, 0]])  # fmt: skip
    for data, line in ((text.encode(), 5), (sheet, 3)):
        found = load(data, mapping=mapping)
        assert found.accounts["A1"]["credit_limit"] == 500000
        assert found.reason(line, "score") == "not_a_number"


def test_a_mark_out_of_place_in_the_header_is_refused() -> None:
    with pytest.raises(PortfolioError, match="quotation mark in the header"):
        load(f'account_id,"score,credit_limit,balance\nA1,"700,1,1\n{"A,1,1,1" * 3}\n')


def test_blanks_around_ids_and_headers_are_taken_off_and_said() -> None:
    found = load(
        "account_id ,score , credit_limit,balance \nA1,720,1,1\nA2 ,710,1,1\n A3,7 0,1,1\n"
    )
    assert set(found.accounts) == {"A1", "A2"}
    assert "1 id stands between blanks, and is kept without them." in (found.report.warnings)


def test_ids_that_blanks_alone_tell_apart_are_duplicates() -> None:
    found = load(f"{HEADER}\nA1,720,1,1\nA1 ,710,1,1\nA2,700,1,1\n")
    assert set(found.accounts) == {"A2"}
    assert found.reason(3, "account_id") == "duplicate_id"


def blank(found: Outcome) -> tuple[int, int, int]:
    return found.report.rows_read, found.report.accepted, found.report.blank_rows


def test_rows_and_columns_of_nothing_are_skipped_and_counted_apart() -> None:
    text = f"{HEADER},,,\nA1,720,5000,10,,,\n,,,,,,\n\nA2,700,5000,0,,,\n , ,,,,,\n,,,,,,\n"
    found = load(text)
    assert blank(found) == (2, 2, 4)
    assert found.report.ignored == ()
    assert "3 columns without a name or a value were left out." in found.report.warnings
    assert "4 blank rows were skipped, and are not among the rows read." in found.report.warnings
    sheet = load(workbook([HEADER.split(","), ROWS[0], [], ROWS[2]]))
    assert blank(sheet) == (2, 2, 1)


def test_a_row_or_column_with_anything_in_it_is_not_blank() -> None:
    found = load(f"{HEADER},,\nA1,720,5000,10,,x\n,,,,,source: bank\n")
    assert blank(found) == (2, 1, 0)
    assert found.report.ignored == ("column 6 (without a name)",)
    assert found.reason(3, "score") == "missing"


@pytest.mark.parametrize("rows", ["", "\n\n", ",,,\n,,,\n", " , ,,\n\n"])
def test_a_file_of_blank_rows_has_no_rows(rows: str) -> None:
    with pytest.raises(PortfolioError, match=r"^The file has a header and no rows: give a file"):
        load(f"{HEADER}\n{rows}")


ADDRESS = "account_id,score,credit_limit,balance,address\n" + "".join(
    f'A{i},70{i},1000,5,"{i} Main St, Flat 2\nSpringfield, IL"\n' for i in range(3)
)


def test_a_cell_with_a_line_break_is_a_cell() -> None:
    found = load(ADDRESS)
    assert (set(found.accounts), found.rejects) == ({"A0", "A1", "A2"}, [])
    assert found.accounts["A1"]["address"] == "1 Main St, Flat 2 Springfield, IL"
    assert inspect_bytes("x.csv", ADDRESS.encode()).rows == 3


@pytest.mark.parametrize("column", range(5))
def test_a_cell_that_holds_the_rest_of_a_row_and_a_start_of_one_is_rejected(column: int) -> None:
    first, second = ["B1", "701", "1000", "5", "x"], ["B2", "702", "1000", "5", "y"]
    first[column], second[column] = '"' + first[column], second[column] + '"'
    swallowed = f"{','.join(first)}\n{','.join(second)}\n"
    found = load(ADDRESS + swallowed + "C,700,1,1,z\n")
    assert set(found.accounts) == {"A0", "A1", "A2", "C"}
    assert found.reason(8, "") == "line_break"


def test_a_long_comment_is_no_quotation_mark_out_of_place() -> None:
    comment = "a comment, and more\n" * 30
    found = load(f'{HEADER},note\nA1,700,1,1,"{comment}"\nA2,x,1,1,\n')
    assert set(found.accounts) == {"A1"}
    assert found.reason(33, "score") == "not_a_number"


@pytest.mark.parametrize(
    "cell",
    [
        "x" * 1_100_000,
        '"' + "x" * 1_100_000 + '"',
        '"' + ("x" * 90_000 + "\n") * 15 + '"',
    ],
)
def test_a_long_cell_is_called_long(cell: str) -> None:  # fmt: skip
    found = load(f"{HEADER},note\nA1,700,1,1,{cell}\nA2,700,1,1,x\n")
    assert set(found.accounts) == {"A2"}
    assert found.reason(2, "") == "line_too_long"


def test_a_line_of_many_megabytes_is_no_account_and_named() -> None:
    with pytest.raises(PortfolioError, match="Line 2 is longer than 8,388,608 bytes"):
        load(f"{HEADER},note\nA1,700,1,1,{'x' * 40_000_000}\nA2,700,1,1,x\n")


def test_columns_of_a_long_header_are_counted_to_the_last() -> None:
    names = ",".join(f"column{i:06}" for i in range(60_000))
    with pytest.raises(PortfolioError, match="The header has 60,000 columns, more than the 200"):
        load(f"{names}\n{'1,' * 59_999}1\n")
    with pytest.raises(PortfolioError, match="The first line has more than 1,000,000 bytes"):
        load("x" * 3_000_000 + f",{HEADER}\n1,1,1,1,1\n")


def test_a_preview_counts_rows_and_not_lines() -> None:
    rows = "".join(f"A{i},700,1000,5\n\n" for i in range(10_127))
    assert inspect_bytes("x.csv", f"{HEADER}\n{rows}".encode()).rows == 10_127


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def ole(entry: str) -> bytes:
    """Return the start of an OLE file whose directory lists an entry."""
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504)
    head[30:32] = struct.pack("<H", 9)
    head[48:52] = struct.pack("<I", 1)
    return bytes(head) + b"\0" * 512 + entry.encode("utf-16-le").ljust(512, b"\0")


KINDS: list[tuple[bytes, str, str]] = [
    (b"<stata_dta><header><release>119", "a Stata data set", "export delimited using"),
    (b"\x72\x02\x01\x00" + b"\0" * 60, "a Stata data set", "export delimited using"),
    (zipped("mimetype", "content.xml", "styles.xml"), "an OpenDocument spreadsheet", "as xlsx"),
    (b'{"account_id":"A1","score":720}\n', "JSON", "read_json"),
    (b'[\n  {"account_id": "A1"}]', "JSON", "read_json"),
    ('{"a": 1}'.encode("utf-16"), "JSON", "read_json"),
    (b"$FL2@(#) SPSS DATA FILE\x02\0\0\0", "an SPSS data set", "SAVE TRANSLATE"),
    (b"\0" * 12 + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\0\x09\xc7\x31\x8c\x18\x1f\x10\x11",
     "a SAS data set", "proc export"),
    (b"HEADER RECORD*******LIBRARY HEADER RECORD", "a SAS data set", "proc export"),
    (b"RDX3\nX\n", "an R data file", "write.csv"),
    (ole("Workbook"), "an old Excel workbook (.xls)", "save the sheet"),
    (ole("EncryptedPackage"), "an encrypted workbook", "without a password"),
    (zipped("xl/workbook.bin"), "a binary Excel workbook (.xlsb)", "save the sheet"),
    (zipped("Index/Document.iwa"), "an Apple Numbers document", "save the sheet"),
    (b"<html><body><table><tr><td>1</td></tr></table>", "a web page", "save the sheet"),
    (b"\r\n  <TABLE border=1>", "a web page", "save the sheet"),
    (b"<?xml version='1.0'?><Workbook/>", "XML", "export the accounts as a table"),
    (b"ARROW1\0\0", "an Arrow or Feather file", "read_feather"),
    (b"FEA1\0\0\0\0", "an Arrow or Feather file", "read_feather"),
    (b"ORC\x08", "an ORC file", "read_orc"),
    (pickle.dumps({"a": 1}, protocol=4), "a pickle", "never opened"),
    (pickle.dumps({"a": 1}, protocol=0), "a pickle", "never opened"),
    (b"\0" * 8 + b"DUCK" + b"\0" * 50, "a DuckDB database", "connect the database"),
    (b"SQLite format 3\x00", "an SQLite database", "connect the database"),
    (b"\0\x01\0\0Standard ACE DB\0", "an Access database", "connect the database"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it"),
    (b"accounts.csv".ljust(257, b"\0") + b"ustar\0", "a tar archive", "unpack it"),
    (b"%PDF-1.7", "a PDF", "from where they come from"),
    (b"\x89PNG\r\n", "a picture", "from where they come from"),
]  # fmt: skip


@pytest.mark.parametrize(
    "header", ["PARENT_ID", "ORC_ID", "FEA1", "ARROW1", "BZh", "GIF87", "Rar!"]
)
def test_a_header_that_begins_as_another_kind_of_file_does_is_a_header(header: str) -> None:
    found = load(f"{header},account_id,score,credit_limit,balance\n\u00e91,A,700,1,0\n")
    assert found.report.accepted == 1


@pytest.mark.parametrize(("data", "what", "way"), KINDS, ids=[k[1] for k in KINDS])
def test_another_kind_of_file_is_named_with_the_way_to_save_it(
    data: bytes, what: str, way: str
) -> None:
    with pytest.raises(PortfolioError) as refused:
        load_bytes("accounts.csv", data)
    (fault,) = refused.value.faults
    assert fault.startswith(f"The file is {what}")
    assert way in fault


@pytest.mark.parametrize("header", ["[account_id],score,credit_limit,balance", "{id},a,b,c"])
def test_a_header_that_begins_like_another_kind_is_a_header(header: str) -> None:
    names = ("account_id", "score", "credit_limit", "balance")
    mapping = tuple(zip(names, header.split(","), strict=True))
    found = load(f"{header}\nA,700,1,1\n", mapping=mapping)
    assert found.report.accepted == 1


def test_ids_that_differ_by_case_alone_are_reported() -> None:
    found = load(f"{HEADER}\nAb1,700,1,1\naB1,700,1,1\nab1,700,1,1\nB,700,1,1\n")
    assert found.report.accepted == 4
    assert any(said.startswith("2 ids differ from another one in upper and lower case alone")
               for said in found.report.warnings)  # fmt: skip
    plain = load(f"{HEADER}\nAb1,700,1,1\nab2,700,1,1\n")
    assert not any("lower case" in said for said in plain.report.warnings)


def test_a_header_with_a_sign_that_is_not_seen_is_refused() -> None:
    with pytest.raises(PortfolioError, match=r"header 'bal\\u202eance' holds a character that is"):
        load("account_id,score,credit_limit,bal\u202eance\nA,700,1,1\n")


def test_the_name_of_a_file_is_shown_as_it_is_seen() -> None:
    loaded = load_bytes("a\u202evsc.csv", f"{HEADER}\nA,700,1,1\n".encode(), Declaration())
    assert loaded.report.name == "a vsc"
    loaded.portfolio.door.close()


def test_a_path_to_what_is_no_file_is_answered_in_words(tmp_path: Path) -> None:
    pipe, loop, sock = tmp_path / "pipe", tmp_path / "loop", tmp_path / "sock"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(sock))
        for path, words in (
            (pipe, "it is a pipe, a socket or a device, not a file"),
            (sock, "it is a pipe, a socket or a device, not a file"),
            (Path("/dev/null"), "it is a pipe, a socket or a device, not a file"),
            (tmp_path, "it is a folder"),
            (loop, "its links lead round in a circle"),
            (loop / "x.csv", "its links lead round in a circle"),
            (tmp_path / ("x" * 300), "the name is too long"),
        ):
            with pytest.raises(PortfolioError, match=words):
                load_file(path)
