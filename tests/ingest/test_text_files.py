"""Text files as they come: encodings, line ends, delimiters, quotation marks, torn rows, lines."""

from __future__ import annotations

import codecs
import random
from decimal import Decimal

import pytest

from analytics.errors import PortfolioError
from analytics.ingest import ChoiceNeeded, inspect_bytes
from tests.ingest.loading import HEADER, load

PLAIN = f"{HEADER}\nA,700,1000,1.50\nB,710,2000,0\n"
CHINESE = f"{HEADER},地区\nA,700,1000,1.50,北京\nB,710,2000,0,上海\n"
GERMAN = f"{HEADER},Stadt\nA,700,1000,1.50,Köln\nB,710,2000,0,Düsseldorf\n"


@pytest.mark.parametrize(
    ("encoding", "declared", "text"),
    [
        ("utf-8", None, CHINESE),
        ("utf-8-sig", None, CHINESE),
        ("utf-16", None, CHINESE),
        ("utf-8", "utf-8", CHINESE),
        ("utf-8-sig", "utf-8", CHINESE),
        ("utf-16", "utf-16", CHINESE),
        ("utf-16-le", "utf-16-le", CHINESE),
        ("utf-16-be", "utf-16-be", CHINESE),
        ("utf-32", None, CHINESE),
        ("gbk", "gbk", CHINESE),
        ("gb2312", "gb2312", CHINESE),
        ("gb18030", "GB18030", CHINESE),
        ("big5", "big5", CHINESE.replace("区", "區")),
        ("cp1252", "cp1252", GERMAN),
        ("latin-1", "iso-8859-1", GERMAN),
        ("shift_jis", "shift_jis", CHINESE.replace("区", "区").replace("上海", "大阪")),
    ],
)
def test_text_is_read_in_its_encoding(encoding: str, declared: str | None, text: str) -> None:
    found = load(text.encode(encoding), encoding=declared)
    header, first, *_ = text.split("\n")
    segment = header.rpartition(",")[2]
    assert found.report.segments == (segment,)
    assert found.accounts["A"][segment] == first.rpartition(",")[2]
    assert found.report.accepted == 2


@pytest.mark.parametrize("encoding", ["gbk", "big5", "cp1252", "shift_jis"])
def test_text_that_is_not_utf_8_is_asked_about_with_previews(encoding: str) -> None:
    text = {"cp1252": GERMAN, "big5": CHINESE.replace("区", "區")}.get(encoding, CHINESE)
    data = text.replace("上海", "大阪").encode(encoding)
    with pytest.raises(ChoiceNeeded, match="--encoding") as asked:
        load(data)
    assert asked.value.option == "encoding"
    offered = {choice.value: choice.preview for choice in asked.value.choices}
    right = {"gbk": "gb18030"}.get(encoding, encoding)
    assert offered[right][1] == text.split("\n")[1]
    assert all(1 <= len(preview) <= 5 for preview in offered.values())
    assert "北京" not in str(asked.value)


def test_gb18030_is_offered_first() -> None:
    with pytest.raises(ChoiceNeeded) as asked:
        load(CHINESE.encode("gbk"))
    assert asked.value.choices[0].value == "gb18030"


def test_utf_16_without_its_mark_is_asked_about() -> None:
    with pytest.raises(ChoiceNeeded, match="utf-16-le"):
        load(PLAIN.encode("utf-16-le"))


@pytest.mark.parametrize(
    ("data", "declared", "words"),
    [
        (CHINESE.encode("gbk"), "utf-8", "Line 1 is not UTF-8"),
        (GERMAN.encode("cp1252"), "ascii", "ascii"),
        (codecs.BOM_UTF8 + PLAIN.encode(), "gbk", "mark of UTF-8"),
        (PLAIN.encode("utf-16"), "gbk", "mark of UTF-16"),
        (PLAIN.encode(), "klingon", "not known as an encoding"),
        (PLAIN.encode(), "rot13", "not known as an encoding of text"),
        (PLAIN.encode("utf-16-le") + b"x", "utf-16-le", "utf-16-le"),
        (PLAIN.encode("utf-16-le"), "utf-16", "declare utf-16-le or utf-16-be"),
        (PLAIN.encode("utf-32-le"), "utf-32", "utf-32"),
        (PLAIN.encode(), "undefined", "not known as an encoding of text"),
        (PLAIN.encode(), "punycode", "not known as an encoding of text"),
        (PLAIN.encode(), "idna", "not known as an encoding of text"),
        (PLAIN.encode(), "unicode_escape", "not known as an encoding of text"),
    ],
)
def test_a_declared_encoding_that_does_not_fit_is_refused(
    data: bytes, declared: str, words: str
) -> None:
    with pytest.raises(PortfolioError, match=words):
        load(data, encoding=declared)


def test_one_stray_byte_in_a_long_utf_8_file_is_not_passed_over() -> None:
    rows = "".join(f"A{i},700,1000,0\n" for i in range(200_000)).encode()
    at = len(rows) - 20
    data = f"{HEADER}\n".encode() + rows[:at] + b"\xff" + rows[at + 1 :]
    with pytest.raises(ChoiceNeeded, match=r"line 2000\d\d"):
        load(data)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "not ended"])
def test_every_line_end_is_taken(end: str, last: bool) -> None:
    text = PLAIN if last else PLAIN.rstrip("\n")
    found = load(text.replace("\n", end))
    assert found.report.rows_read == found.report.accepted == 2


def test_mixed_line_ends_are_taken_and_lines_still_counted() -> None:
    found = load(f"{HEADER}\r\nA,700,1000,0\nB,x,1000,0\rC,700,1000,0\r\n")
    assert found.report.rows_read == 3
    assert found.reason(3, "score") == "not_a_number"


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_blank_lines_are_no_rows_and_lines_are_the_files_own(end: str) -> None:
    text = f"{HEADER}\n\nA,700,1000,0\n\n\nB,x,1000,0\nC,700\n\nD,700,1,1,1\nE,700,1,y\n\n"
    found = load(text.replace("\n", end))
    assert found.report.rows_read == 5
    assert [(line, why) for line, _, _, why in found.rejects] == [
        (6, "not_a_number"),
        (7, "too_few_cells"),
        (9, "too_many_cells"),
        (10, "not_a_number"),
    ]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "pipe"])
def test_every_delimiter_is_found(sign: str) -> None:
    found = load(PLAIN.replace(",", sign))
    assert found.report.accepted == 2
    assert (
        found.report.delimiter == {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}[sign]
    )


def test_a_sep_line_declares_the_delimiter() -> None:
    found = load("sep=;\n" + PLAIN.replace(",", ";").replace("1000", "x"))
    assert found.report.delimiter == "semicolon"
    assert found.reason(3, "credit_limit") == "not_a_number"


def test_a_declared_delimiter_is_used() -> None:
    assert load(PLAIN.replace(",", "|"), delimiter="pipe").report.accepted == 2


def test_two_delimiters_that_fit_are_asked_about() -> None:
    with pytest.raises(ChoiceNeeded, match="--delimiter") as asked:
        load("a;b,c;d\n1;2,3;4\n1;2,3;4\n")
    assert asked.value.option == "delimiter"


def test_delimiters_inside_quotation_marks_do_not_split() -> None:
    found = load(f'{HEADER},region\nA,700,1000,0,"North, East"\nB,700,1000,0,"a ""b"" c"\n')
    assert found.accounts["A"]["region"] == "North, East"
    assert found.accounts["B"]["region"] == 'a "b" c'


def test_a_header_line_below_a_preamble_can_be_declared() -> None:
    found = load(f"Card portfolio\n\n{PLAIN}C,x,1,1\n", header_line=3)
    assert found.report.accepted == 2
    assert found.reason(6, "score") == "not_a_number"


def test_a_preamble_that_is_not_declared_is_refused() -> None:
    with pytest.raises(PortfolioError, match="--header-line"):
        load(f"Card portfolio\nas of today\n{PLAIN}")


def test_a_total_line_below_is_rejected() -> None:
    found = load(PLAIN + "Total,,3000,1.50\n")
    assert found.report.accepted == 2
    assert found.reason(4, "score") == "missing"


def test_torn_rows_are_listed_and_the_rows_about_them_stay_whole() -> None:
    found = load(f"{HEADER}\nA,700,1000,0\nB,700,1000\nC,700,1000,0,5\nD,700,1000,7\n")
    assert set(found.accounts) == {"A", "D"}
    assert found.accounts["D"]["balance"] == 700
    assert [(line, why) for line, _, _, why in found.rejects] == [
        (3, "too_few_cells"),
        (4, "too_many_cells"),
    ]
    assert found.report.rows_read == 4


def test_one_extra_cell_in_every_row_is_refused_and_never_shifts() -> None:
    with pytest.raises(PortfolioError, match="4 columns and every row has 5"):
        load(f"{HEADER}\nA,700,1000,0,1\nB,700,1000,0,2\n")


def test_a_first_row_that_is_longer_does_not_drop_the_header() -> None:
    found = load(f"{HEADER}\nA,700,1000,0,9,9\nB,700,1000,0\nC,700,1000,0\n")
    assert set(found.accounts) == {"B", "C"}
    assert found.reason(2, "") == "too_many_cells"


def test_many_torn_rows_in_a_large_file_have_the_right_lines() -> None:
    rows, torn, bad = [], [], []
    for number in range(120_000):
        line = number + 2
        if number % 1009 == 5:
            rows.append(f"A{number},700")
            torn.append(line)
        elif number % 997 == 3:
            rows.append(f"A{number},x,1000,0")
            bad.append(line)
        elif number % 4001 == 1:
            rows.append("")
        else:
            rows.append(f"A{number},700,1000.00,{number}")
    found = load(f"{HEADER}\n" + "\n".join(rows) + "\n")
    assert [line for line, _, _, why in found.rejects if why == "too_few_cells"] == torn
    assert [line for line, _, _, why in found.rejects if why == "not_a_number"] == bad
    assert found.report.rejected == len(torn) + len(bad)


def test_a_quotation_mark_that_is_never_closed_is_refused_with_its_line() -> None:
    with pytest.raises(PortfolioError, match="line 3 is never closed"):
        load(f'{HEADER}\nA,700,1000,0\n"B,700,1000,0\nC,700,1000,0\nD,700,1000,0\n')


def test_quotation_marks_that_swallow_rows_are_refused_or_listed() -> None:
    text = f'{HEADER}\nA,700,1000,0\n"B,700,1000,0\nC,700,1000,0\nD",700,1000,0\nE,700,1000,0\n'
    found = load(text)
    assert set(found.accounts) == {"A", "E"}
    assert found.reason(3, "") == "line_break"


def swallowing(lines: int, *, doubled: str = "") -> str:
    """Return a file whose third line opens a cell of so many lines."""
    inner = "".join(f"S{i},700,1000,0,x{doubled}\n" for i in range(lines - 2))
    return f'{HEADER},note\nA,700,1000,0,x\nB,700,1000,0,"x\n{inner}C,700,1000,0,x"\nD,700,1,0,y\n'


@pytest.mark.parametrize("doubled", ["", '""'])
def test_a_cell_of_many_lines_is_refused_with_its_first_and_last_line(doubled: str) -> None:
    with pytest.raises(PortfolioError, match="opened in line 3 closes in line 33: 31 lines in one"):
        load(swallowing(31, doubled=doubled))
    with pytest.raises(PortfolioError, match="opened in line 3 closes in line 23: 21 lines in one"):
        load(swallowing(21, doubled=doubled))


def test_a_row_of_many_cells_with_line_breaks_is_a_row() -> None:
    cells = ",".join('"one\ntwo"' for _ in range(30))
    names = ",".join(f"n{i}" for i in range(30))
    found = load(f"{HEADER},{names}\nA,700,1000,0,{cells}\nB,700,1000,0,{',' * 29}\n")
    assert (found.rejects, found.report.accepted) == ([], 2)


def test_rows_in_a_smaller_cell_are_a_reject_and_its_lines_are_said() -> None:
    found = load(swallowing(20))
    assert (found.report.rows_read, found.report.accepted, found.report.rejected) == (3, 2, 1)
    assert any("1 rejected row takes up 20 lines" in warning for warning in found.report.warnings)
    with pytest.raises(PortfolioError, match="takes up 2 lines of the file"):
        load(f'{HEADER}\n"A,700,1000,0\nB",700,1000,0\n')


def test_a_swallowing_mark_that_tears_its_row_is_refused() -> None:
    with pytest.raises(PortfolioError, match="line 3"):
        load(f'{HEADER}\nA,700,1000,0\nB,700,"1000,0\nC,700,1000,0\nD",700,1000,0\nE,7,1,0\n')


def test_a_text_after_a_closing_mark_is_a_torn_row() -> None:
    found = load(f'{HEADER}\nA,700,1000,0\n"B"x,700,1000,0\nC,700,1000,0\n')
    assert set(found.accounts) == {"A", "C"}
    assert found.reason(3, "") == "quote_out_of_place"


def test_inch_marks_inside_cells_are_text() -> None:
    found = load(f'{HEADER},size\nA,700,1000,0,5" x\nB,700,1000,0,6" y\nC,700,1000,0,z\n')
    assert found.report.accepted == 3
    assert found.accounts["A"]["size"] == '5" x'


def test_lines_are_counted_on_below_a_cell_with_a_line_break() -> None:
    found = load(f'{HEADER},note\nA,700,1000,0,x\nB,700,1000,0,"one\ntwo"\nC,x,1000,0,x\n')
    assert set(found.accounts) == {"A", "B"}
    assert found.accounts["B"]["note"] == "one two"
    assert found.reason(5, "score") == "not_a_number"


def test_a_nul_byte_is_refused_with_its_line() -> None:
    with pytest.raises(PortfolioError, match="NUL byte in line 3"):
        load(f"{HEADER}\nA,700,1000,0\nB,700,10\x0000,0\n")


def test_a_line_that_is_far_too_long_is_rejected() -> None:
    found = load(f"{HEADER}\nA,700,1000,0\nB,700,1000,{'9' * 1_100_000}\nC,700,1000,0\n")
    assert set(found.accounts) == {"A", "C"}
    assert found.reason(3, "") == "line_too_long"


def test_leading_zeros_first_seen_far_below_survive() -> None:
    rows = "".join(f"{i},700,1000,0\n" for i in range(1, 30_000))
    found = load(f"{HEADER}\n{rows}0007,700,1000,0\n")
    assert "0007" in found.accounts
    assert "7" in found.accounts


def test_a_late_change_of_type_rejects_its_row_only() -> None:
    rows = "".join(f"A{i},700,1000,0\n" for i in range(60_000))
    found = load(f"{HEADER}\n{rows}B,high,1000,0\nC,700,1000,0\n")
    assert found.report.accepted == 60_001
    assert found.reason(60_002, "score") == "not_a_number"


def test_a_preview_shows_what_was_understood_and_three_cells() -> None:
    preview = inspect_bytes("x.csv", CHINESE.replace(",", ";").encode())
    assert (preview.encoding, preview.delimiter, preview.rows) == ("utf-8", "semicolon", 2)
    assert preview.headers == (*HEADER.split(","), "地区")
    assert preview.proposals[-1].samples == ("北京", "上海")


def test_rows_in_random_order_give_the_same_totals_and_rejects() -> None:
    rows = [f"A{i},{700 if i % 7 else 'x'},{i}.{i % 100:02d},0\n" for i in range(500)]
    first = load(f"{HEADER}\n{''.join(rows)}")
    random.Random(1).shuffle(rows)  # noqa: S311 - a repeatable one
    second = load(f"{HEADER}\n{''.join(rows)}")
    assert first.accounts == second.accounts
    assert first.report.total_limit == second.report.total_limit
    assert first.report.rejected == second.report.rejected


def test_a_long_line_above_a_declared_header_is_passed_over() -> None:
    found = load(f"{'x' * 200_000}\n{PLAIN}", header_line=2)
    assert found.report.accepted == 2
    found = load(f"{'x' * 200_000}\nnote\n{PLAIN}C,x,1,1\n", header_line=3)
    assert found.reason(6, "score") == "not_a_number"


def test_blanks_around_a_value_do_not_make_it_long() -> None:
    wide = " " * 300
    text = f"{HEADER},remark\nA{wide},700,{wide}10.50,0,{wide}\nB,700,1,0,{'币' * 200}\n"
    found = load(text)
    assert (found.report.accepted, found.report.total_limit) == (2, Decimal("11.50"))
    assert any("1 id stands between blanks" in warning for warning in found.report.warnings)
