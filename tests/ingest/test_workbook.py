"""Workbooks: one sheet, cells as they are shown, ids that Excel rounded refused."""

from __future__ import annotations

import datetime as dt
import io
import os
import threading
import time
import zipfile
from collections.abc import Sequence
from contextvars import copy_context
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from analytics.accounts.allowance import Limits
from analytics.accounts.asker import Asker, ask_for
from analytics.errors import HeadroomError, PortfolioError
from analytics.ingest import ChoiceNeeded, inspect_bytes, sheet_reader
from tests.ingest.loading import HEADER, Outcome, load


def workbook(*rows: Sequence[Any], more: dict[str, Sequence[Sequence[Any]]] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADER.split(","), *rows):
        sheet.append(list(row))
    for name, others in (more or {}).items():
        further = book.create_sheet(name)
        for row in others:
            further.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(*rows: Sequence[Any], **declared: Any) -> Outcome:
    return load(workbook(*rows), file_name="x.xlsx", **declared)


def test_text_ids_keep_their_zeros_and_digits() -> None:
    found = read(["00123", 700, 1000, 0], ["123456789012345678", 700, 1000, 0])
    assert set(found.accounts) == {"00123", "123456789012345678"}
    assert not any("zeros" in warning for warning in found.report.warnings)


def test_ids_that_are_numbers_are_read_with_a_warning() -> None:
    found = read([123, 700, 1000, 0], [124, 700, 1000, 0])
    assert set(found.accounts) == {"123", "124"}
    assert any("leading zeros" in warning for warning in found.report.warnings)


def test_ids_that_are_numbers_of_more_than_15_digits_are_refused() -> None:
    with pytest.raises(PortfolioError, match="more than 15 digits"):
        read([123456789012345678, 700, 1000, 0])


@pytest.mark.parametrize(
    ("value", "minor"),
    [(1234.56, 123456), (0.1 + 0.2, 30), (1000, 100000), (1e9, 10**11), ("1,234.56", 123456)],
)
def test_money_has_the_digits_that_a_workbook_shows(value: Any, minor: int) -> None:
    assert read(["A", 700, value, 0]).accounts["A"]["credit_limit"] == minor


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "missing"),
        (700.5, "not_whole"),
        (dt.date(2026, 1, 2), "is_a_date"),
        (dt.datetime(2026, 1, 2, 3, 4), "is_a_date"),  # noqa: DTZ001 - a cell
        (True, "not_a_number"),
        ("high", "not_a_number"),
        (-700, "negative"),
        (9999, "off_scale"),
    ],
)
def test_a_cell_that_breaks_the_contract_is_rejected_with_its_row(value: Any, reason: str) -> None:
    found = read(["A", 700, 1000, 0], ["B", value, 1000, 0])
    assert set(found.accounts) == {"A"}
    assert found.reason(3, "score") == reason


def test_rows_are_counted_as_the_workbook_counts_them() -> None:
    found = read(["A", 700, 1000, 0], [], ["B", "x", 1000, 0])
    assert found.report.rows_read == 2
    assert found.reason(4, "score") == "not_a_number"


def test_a_line_break_in_a_cell_keeps_rows_in_their_places() -> None:
    found = read(["A", 700, 1000, 0], ["B\nC", 700, 1000, 0], ["D", "x", 1000, 0])
    assert found.reason(3, "account_id") == "id_not_allowed"
    assert found.reason(4, "score") == "not_a_number"


def test_several_visible_sheets_are_asked_about_and_one_can_be_declared() -> None:
    other = [HEADER.split(","), ["Z", 700, 5, 0]]
    data = workbook(["A", 700, 1000, 0], more={"Other": other})
    with pytest.raises(ChoiceNeeded, match="--sheet") as asked:
        load(data)
    assert [choice.value for choice in asked.value.choices] == ["Sheet", "Other"]
    assert set(load(data, sheet="Other").accounts) == {"Z"}
    with pytest.raises(PortfolioError, match="no sheet 'Third'"):
        load(data, sheet="Third")


def test_hidden_sheets_are_passed_over() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(["A", 700, 1000, 0], more={"H": [["x"]]})))
    book["H"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    assert set(load(out.getvalue()).accounts) == {"A"}


def test_formulas_without_saved_values_are_refused() -> None:
    with pytest.raises(PortfolioError, match="formulas without saved values"):
        read(["A", 700, "=500+500", 0])


def test_an_empty_sheet_is_refused() -> None:
    book = openpyxl.Workbook()
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(PortfolioError, match=r"empty|header"):
        load(out.getvalue())


def test_a_damaged_workbook_is_refused() -> None:
    data = bytearray(workbook(*([f"A{i}", 700, i, 0] for i in range(500))))
    data[len(data) // 3 : len(data) // 3 + 200] = b"\0" * 200
    with pytest.raises(PortfolioError, match="damaged"):
        load(bytes(data))


def test_a_workbook_that_unpacks_to_far_more_is_refused() -> None:
    out = io.BytesIO(workbook(["A", 700, 1000, 0]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/big.xml", b"0" * 30_000_000)
    with pytest.raises(PortfolioError, match="unpacks to far more"):
        load(out.getvalue())


def test_a_preview_of_a_workbook_shows_its_cells() -> None:
    preview = inspect_bytes("x.xlsx", workbook(["007", 700, 1234.5, 0]))
    assert preview.format == "xlsx"
    assert [proposal.samples for proposal in preview.proposals] == [
        ("007",), ("700",), ("1234.5",), ("0",),
    ]  # fmt: skip


def test_a_long_cell_is_cut_once_and_blanks_around_a_value_do_not_make_it_long() -> None:
    wide, long = " " * 300, "A" * 5000
    found = read([f"A{wide}", 700, f"{wide}10.50", 0], [f"{long}1", 700, 1, 0], [long, 700, 1, 0])
    assert set(found.accounts) == {"A"}
    shown = [value for _, column, value, why in found.rejects if why == "id_not_allowed"]
    assert len(shown) == 2
    assert any("1 id stands between blanks" in warning for warning in found.report.warnings)


# ---- The process that reads it


def reading_with(script: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let another program read workbooks."""
    path = folder / "reader.py"
    path.write_text(script, encoding="utf-8")
    monkeypatch.setattr(sheet_reader, "__file__", str(path))


def read_for(asker: Asker) -> object:
    """Read a workbook on behalf of someone; return what was said of it."""

    def reading() -> object:
        ask_for(asker)
        try:
            return read(["A", 700, 1000, 0])
        except HeadroomError as error:
            return str(error)

    return copy_context().run(reading)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("raise RuntimeError('Jane Doe')", "damaged or protected"),
        ("import sys; sys.exit(3)", "damaged or protected"),
        ("raise MemoryError", "900 MB of memory"),
        ("raise MemoryError('at a cell')", "900 MB of memory"),
        ("import os; os.abort()", "900 MB of memory"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "900 MB of memory"),
    ],
)
def test_only_a_reader_that_ran_out_of_memory_is_said_to_have(
    script: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    reading_with(script, monkeypatch, tmp_path)
    with pytest.raises(PortfolioError, match=said):
        read(["A", 700, 1000, 0])
    assert ("reader of a workbook ended" in caplog.text) == ("damaged" in said)
    assert "Jane Doe" not in caplog.text


def test_a_workbook_has_the_time_of_a_file_that_is_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reading_with("import time; time.sleep(60)", monkeypatch, tmp_path)
    started = time.monotonic()
    said = read_for(Asker(Limits(loading_seconds=1)))
    assert str(said).startswith("The file could not be worked through within the time limit")
    assert time.monotonic() - started < 30


def test_the_reading_of_a_workbook_ends_when_its_session_leaves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    script = f"import os, pathlib, time; pathlib.Path({str(begun)!r}).write_text(str(os.getpid()))"
    reading_with(f"{script}; time.sleep(60)", monkeypatch, tmp_path)
    asker = Asker(Limits())

    def leave() -> None:
        while not begun.exists() or not begun.read_text(encoding="utf-8"):
            time.sleep(0.05)
        asker.leave()

    leaving = threading.Thread(target=leave)
    leaving.start()
    started = time.monotonic()
    assert "told to stop" in str(read_for(asker))
    assert time.monotonic() - started < 30
    leaving.join(20)
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text(encoding="utf-8")), 0)


def test_the_process_that_reads_a_workbook_is_told_no_passwords(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = tmp_path / "environment"
    script = f"import os, pathlib; pathlib.Path({str(found)!r}).write_text(repr(dict(os.environ)))"
    reading_with(f"{script}; raise ValueError", monkeypatch, tmp_path)
    monkeypatch.setenv("HEADROOM_DATABASES", '{"bank": "postgresql://me:canary@host/db"}')
    monkeypatch.setenv("PGPASSWORD", "canary")
    with pytest.raises(PortfolioError):
        read(["A", 700, 1000, 0])
    assert "canary" not in found.read_text(encoding="utf-8")
