"""Files that cannot be used: one clear sentence each, nothing half-loaded, nothing leaked."""

# Full-width characters are what is tested.
# ruff: noqa: RUF001

from __future__ import annotations

import errno
import gzip
import io
import pickle
import random
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from analytics.declared.scales import score_scale
from analytics.errors import HeadroomError, ParameterError, PortfolioError
from analytics.ingest import (
    ChoiceNeeded,
    Declaration,
    Duplicates,
    hopeless,
    load_bytes,
    load_file,
    parse_mapping,
)
from analytics.ingest.caps import UPLOAD, Caps
from tests.ingest.loading import HEADER, load, rows_text

GOOD = f"{HEADER}\nA,700,1000,0\nB,710,2000,5\n"


def zipped(*files: tuple[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(name, text)
    return out.getvalue()


REFUSED: list[tuple[str, bytes, str]] = [
    ("an empty file", b"", "empty"),
    ("only a byte order mark", "\ufeff".encode(), "header"),
    ("only blank lines", b"\n\n\n", "no header"),
    ("a header only", HEADER.encode(), "header and no rows"),
    ("a header and blank lines", f"{HEADER}\n\n\n".encode(), "None of the 0 rows|no rows"),
    ("one word", b"hello", "header"),
    ("prose", b"Dear all,\nplease find attached the file\nyours\n", "header|column"),
    ("no header", b"A,700,1000,0\nB,710,2000,5\n", "column account_id"),
    ("numbers for a header", b"1,700,1000,0\n2,710,2000,5\n", "looks like a row of data"),
    ("a header given twice", b"account_id,score,score,credit_limit\nA,1,1,1\n", "2 times"),
    ("headers alike but for case", b"account_id,score,Score,credit_limit,balance\nA,1,1,1,1\n",
     "2 times"),
    ("headers alike but for width", "account_id,score,ｓｃｏｒｅ\nA,1,1\n".encode(),
     "2 times"),
    ("no usable row", f"{HEADER}\nA,x,1,0\nB,,1,0\n".encode(), "None of the 2 rows"),
    ("dates for scores", f"{HEADER}\nA,2026-01-02,1,0\nB,2026-01-03,1,0\n".encode(), "a date"),
    ("all ids the same", f"{HEADER}\nA,700,1,0\nA,701,1,0\n".encode(), "other rows have"),
    ("a pickle", pickle.dumps({"a": 1}), "a pickle"),
    ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old Excel workbook"),
    ("an HDF5 file", b"\x89HDF\r\n\x1a\n" + b"\0" * 100, "HDF5"),
    ("an SQLite database", b"SQLite format 3\x00" + b"\0" * 100, "SQLite"),
    ("a PDF", b"%PDF-1.7\n", "PDF"),
    ("a bzip2 file", b"BZh91AY&SY\0\0", "bzip2"),
    ("an xz file", b"\xfd7zXZ\x00\x00", "xz"),
    ("an Arrow file", b"ARROW1\0\0", "Arrow"),
    ("random bytes", bytes(range(256)) * 20, "NUL byte"),
    ("a cut gzip", gzip.compress(GOOD.encode() * 50)[:-20], "cut short"),
    ("a damaged gzip", b"\x1f\x8b\x08" + b"\x99" * 50, "damaged"),
    ("an empty gzip", gzip.compress(b""), "empty"),
    ("a gzip in a gzip", gzip.compress(gzip.compress(GOOD.encode())), "compressed twice"),
    ("a gzip bomb", gzip.compress(b"0" * 30_000_000), "unpacks to far more"),
    ("a cut zip", zipped(("a.csv", GOOD))[:-30], "damaged"),
    ("a zip of two files", zipped(("a.csv", GOOD), ("b.csv", GOOD)), "2 files"),
    ("an empty zip", zipped(), "0 files"),
    ("a zip bomb", zipped(("a.csv", "0" * 30_000_000)), "unpacks to far more"),
    ("a zip in a zip", zipped(("a.zip", zipped(("a.csv", GOOD)).decode("latin-1"))), "twice|NUL"),
    ("Parquet without a footer", b"PAR1" + b"\0" * 100, "damaged or cut short"),
    ("an encrypted Parquet", b"PARE" + b"\0" * 100, "encrypted"),
    ("a limit sum beyond 64 bits",
     (f"{HEADER}\n" + "".join(f"A{i},700,99999999999.99,0\n" for i in range(240_000))).encode(),
     "add up to more"),
]  # fmt: skip


def folders() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).glob("headroom-*")}


@pytest.mark.parametrize(("data", "words"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_a_file_that_cannot_be_used_gets_one_sentence_and_leaves_nothing_behind(
    data: bytes, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(PortfolioError, match=words) as refused:
        load(data)
    assert all(fault.endswith((".", ").")) for fault in refused.value.faults)
    assert refused.value.__cause__ is None
    assert str(tmp_path) not in str(refused.value)
    assert folders() == set()


def flipped_copies(data: bytes, number: int) -> list[bytes]:
    places = random.Random(20261031)  # noqa: S311 - a repeatable one
    copies = []
    for _ in range(number):
        copy = bytearray(data)
        for _ in range(places.randrange(1, 6)):
            copy[places.randrange(4, len(data))] = places.randrange(256)
        copies.append(bytes(copy))
    return copies


def an_xlsx() -> bytes:
    out, book = io.BytesIO(), openpyxl.Workbook()
    for row in GOOD.splitlines():
        book.active.append(row.split(","))
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [gzip.compress(GOOD.encode() * 40), zipped(("a.csv", GOOD * 40)), an_xlsx()],
    ids=["gzip", "zip", "xlsx"],
)
def test_damaged_archives_are_read_or_refused_in_a_sentence(data: bytes) -> None:
    refused = 0
    for copy in flipped_copies(data, 50):
        try:
            load_bytes("x", copy).portfolio.door.close()
        except PortfolioError:
            refused += 1
    assert refused > 10


@pytest.mark.parametrize(
    "address",
    ["postgresql://user:s3cret@host/db?sslmode=x", "duckdb:///x.duckdb", "https://s3cret@h/a.csv"],
)
def test_an_address_for_a_path_is_refused_without_a_word_of_it(address: str) -> None:
    for path in (Path(address), Path("/work") / address):
        with pytest.raises(PortfolioError, match=r"HEADROOM_DATABASES.*alias:table") as refused:
            load_file(path)
        text = str(refused.value)
        assert not any(word in text for word in ("s3cret", "host", "sslmode", "duckdb", "a.csv"))


def test_an_upload_beyond_the_size_is_refused_while_it_is_read() -> None:
    class Endless(io.RawIOBase):
        read_so_far = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            self.read_so_far += len(buffer)
            return len(buffer)

    endless = Endless()
    caps = Caps(size=5_000_000, inflated=10_000_000, rows=100)
    with pytest.raises(PortfolioError, match="larger than 5 MB"):
        load_bytes("x.csv", io.BufferedReader(endless), caps=caps)
    assert endless.read_so_far < 10_000_000


def test_an_upload_of_two_gigabytes_is_beyond_the_default() -> None:
    assert UPLOAD.size == 300_000_000


@pytest.mark.parametrize(
    ("caps", "words"),
    [
        (Caps(size=10**9, inflated=10**9, rows=1), "more than the 1 rows"),
        (Caps(size=10**9, inflated=10**9, rows=100, columns=3), "more than the 3"),
        (Caps(size=20, inflated=10**9, rows=100), "larger than"),
    ],
)
def test_more_rows_columns_or_bytes_than_the_caps_are_refused(caps: Caps, words: str) -> None:
    data = (GOOD + "".join(f"C{i},700,1,0\n" for i in range(30))).encode()
    with pytest.raises(PortfolioError, match=words):
        load_bytes("x.csv", data, caps=caps)


def test_a_hundred_thousand_columns_are_refused_at_once() -> None:
    header = ",".join(f"c{i}" for i in range(100_000))
    with pytest.raises(PortfolioError, match="columns"):
        load(f"{HEADER},{header}\nA,700,1,0\n")


def test_a_file_that_is_not_there_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(PortfolioError, match=r"There is no file lost\.csv") as refused:
        load_file(tmp_path / "lost.csv")
    assert str(tmp_path) not in str(refused.value)


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(PortfolioError, match="it is a folder"):
        load_file(tmp_path)


@pytest.mark.parametrize("name", ["a[1].csv", "*.csv", "it's.csv", "a b.csv", "账户.csv", "x.gz"])
def test_a_file_name_is_never_a_pattern_nor_a_format(tmp_path: Path, name: str) -> None:
    (tmp_path / "a1.csv").write_text(f"{HEADER}\nWRONG,700,1,0\n")
    (tmp_path / name).write_text(GOOD)
    loaded = load_file(tmp_path / name)
    assert loaded.report.accepted == 2
    loaded.portfolio.door.close()


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "=cmd|calc.csv", "C:\\x\\y.csv", "", "."])
def test_the_name_of_an_upload_is_for_show_only(name: str) -> None:
    loaded = load_bytes(name, GOOD.encode())
    assert "/" not in loaded.portfolio.name
    assert "\\" not in loaded.portfolio.name
    loaded.portfolio.door.close()


@pytest.mark.parametrize("make", [gzip.compress, lambda data: zipped(("a.csv", data.decode()))])
def test_one_compressed_file_is_read_by_its_content(make: Any) -> None:
    assert load(make(GOOD.encode()), file_name="anything.bin").report.accepted == 2


def test_no_cell_of_the_file_is_in_a_refusal() -> None:
    with pytest.raises(PortfolioError) as refused:
        load(f"{HEADER}\nSECRET-ID,hush,1,0\nSECRET-TOO,2026-01-01,1,0\n")
    assert "SECRET" not in str(refused.value)
    assert "hush" not in str(refused.value)
    assert "line 2" in str(refused.value)


def test_no_secret_of_a_reader_error_is_in_a_refusal() -> None:
    with pytest.raises(PortfolioError) as refused:
        load(f'{HEADER}\n"TOP SECRET,700,1,0\n')
    assert "SECRET" not in str(refused.value)


def test_half_the_rows_bad_are_all_listed_and_the_other_half_is_exact() -> None:
    rows = "".join(f"A{i},{700 if i % 2 else 'x'},{i}.25,1\n" for i in range(10_000))
    found = load(f"{HEADER}\n{rows}")
    assert (found.report.accepted, found.report.rejected) == (5000, 5000)
    assert found.report.reasons["not_a_number"].rows == 5000
    assert found.report.total_limit == sum(range(1, 10_000, 2)) + 5000 / 4
    assert found.report.rejected_limit == sum(range(0, 10_000, 2)) + 5000 / 4
    assert found.report.sentence == "5,000 of 10,000 rows used"


TWICE = f"{HEADER}\nA,700,1000,0\nB,700,500,0\nA,710,2000,0\nC,x,1,0\nA,720,3000,0\n"


def test_no_row_of_a_duplicated_id_is_kept() -> None:
    found = load(TWICE)
    assert set(found.accounts) == {"B"}
    assert [line for line, _, _, why in found.rejects if why == "duplicate_id"] == [2, 4, 6]


def test_the_first_or_last_row_of_a_duplicated_id_is_kept_where_declared() -> None:
    first = load(TWICE, duplicates=Duplicates.KEEP_FIRST)
    last = load(TWICE, duplicates=Duplicates.KEEP_LAST)
    assert first.accounts["A"]["score"] == 700
    assert last.accounts["A"]["score"] == 720
    assert [line for line, _, _, why in first.rejects if why == "duplicate_id"] == [4, 6]
    assert [line for line, _, _, why in last.rejects if why == "duplicate_id"] == [2, 4]


def test_an_id_shared_with_a_rejected_row_is_a_duplicate_all_the_same() -> None:
    found = load(f"{HEADER}\nA,x,1000,0\nB,700,1,0\nA,700,1,0\n")
    assert set(found.accounts) == {"B"}


def test_ids_that_differ_in_case_or_zeros_are_different() -> None:
    found = load(f"{HEADER}\na,700,1,0\nA,700,1,0\n01,700,1,0\n1,700,1,0\n1.0,700,1,0\n")
    assert found.report.accepted == 5


def test_many_scores_off_the_default_scale_are_asked_about() -> None:
    rows = "".join(f"A{i},{300 + i % 551},1,0\n" for i in range(2000))
    with pytest.raises(ChoiceNeeded, match="--scale 300:850") as asked:
        load(f"{HEADER}\n{rows}")
    assert asked.value.option == "scale"
    assert load(f"{HEADER}\n{rows}", scale=score_scale(300, 850)).report.accepted == 2000
    declared = load(f"{HEADER}\n{rows}", scale=score_scale(350, 950))
    assert 0 < declared.report.accepted < 2000


def test_a_few_scores_off_the_default_scale_are_rejected_and_said() -> None:
    rows = "".join(f"A{i},{700 if i > 3 else 310},1,0\n" for i in range(300))
    found = load(f"{HEADER}\n{rows}")
    assert found.report.reasons["off_scale"].rows == 4
    assert any("--scale 300:850" in warning for warning in found.report.warnings)


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"decimal": "dot"}, "decimal"),
        ({"delimiter": "x"}, "delimiter"),
        ({"currency": "EURO"}, "three-letter"),
        ({"header_line": 0}, "header_line"),
        ({"mapping": (("points", "x"),)}, "no column 'points'"),
        ({"mapping": (("score", "a"), ("score", "b"))}, "twice"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(declared: Any, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        Declaration(**declared)


def test_every_fault_of_a_declaration_is_named_at_once() -> None:
    with pytest.raises(ParameterError) as refused:
        Declaration(decimal="dot", currency="EURO", header_line=-1)
    assert len(refused.value.faults) == 3


def test_a_mapping_without_an_equals_sign_is_refused() -> None:
    with pytest.raises(ParameterError, match="column=header"):
        parse_mapping(["score"])
    assert parse_mapping(["score=fico", "balance=a=b"]) == (("score", "fico"), ("balance", "a=b"))


def test_every_refusal_is_a_failure_that_pages_know() -> None:
    assert issubclass(ChoiceNeeded, PortfolioError)
    assert issubclass(PortfolioError, HeadroomError)


def test_a_disk_without_room_refuses_an_upload_in_words() -> None:
    class NoRoom(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            del size
            raise OSError(errno.ENOSPC, "No space left on device", "/secret/path")

    with pytest.raises(PortfolioError, match="The temporary folder of this machine is full"):
        load_bytes("a.csv", NoRoom())


@pytest.mark.parametrize("limit", ["1500", "$1,500.00"], ids=["plain rows", "odd rows"])
def test_good_rows_below_many_unusable_ones_are_used(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hopeless, "MANY_ODD", 1000)
    monkeypatch.setattr(hopeless, "TRIED", 200)
    bad = [[f"B{n}", "", "$1,500.00", "1"] for n in range(2000)]
    good = [[f"A{n}", "700", limit, "1"] for n in range(1500)]
    found = load(rows_text(HEADER, [*bad, *good]), currency="USD").report
    assert (found.accepted, found.rejected) == (1500, 2000)
    with pytest.raises(PortfolioError, match="can be used") as refused:
        load(rows_text(HEADER, bad), currency="USD")
    assert "202 were tried, from all over the file. None of the 202 rows" in str(refused.value)
