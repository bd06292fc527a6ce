"""Workbooks: one visible sheet becomes delimited text, a line for each of its rows.

A workbook keeps numbers as binary floating point and shows 15 digits; numbers are written here with
those 15 digits, and ids that needed more are refused when they are mapped.
"""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from analytics.accounts import asker
from analytics.accounts.failures import LOADED_FILE, StatementError, Trouble
from analytics.declared.language import listed, say
from analytics.errors import PortfolioError
from analytics.ingest import sheet_reader
from analytics.ingest.caps import MEGABYTE, Caps
from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.source import CHUNK, DAMAGED, Source, check_inflated
from analytics.ingest.text import Text

logger = logging.getLogger(__name__)

KEPT = ("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "SYSTEMROOT")
"""Of the environment, what another Python needs to start; the rest may hold passwords."""
LONGEST_FORMULA = 1 << 16
"""Bytes of a formula in XML; Excel takes 8,192 characters."""
_NO_VALUE = re.compile(rb"<f\b[^<>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>|</c>)")
_LOCAL_HEADER = 30


@dataclass(frozen=True, slots=True)
class SheetText:
    """A sheet as text, and the places of columns that hold numbers, or numbers too long to keep."""

    text: Text
    numeric: frozenset[int]
    rounded: frozenset[int]


def read_sheet(source: Source, sheet: str | None, caps: Caps) -> SheetText:
    """Return a workbook's one visible sheet, or the one declared, as comma-delimited text.

    Raises
    ------
    ChoiceNeeded
        There are several visible sheets and none is declared.
    PortfolioError
        The workbook is damaged, empty, or holds formulas without saved values.
    """
    _check_parts(source.path, caps)
    target = source.folder / "sheet.csv"
    found = _read(source.path, sheet, target, caps)
    if "memory" in found or "too_large" in found:
        raise PortfolioError(
            say(
                "The sheet is larger than the {rows:,} rows and {columns} columns that are read, "
                "or takes more than {memory:,} MB of memory: export it as CSV with the columns "
                "that are needed.",
                rows=caps.rows,
                columns=caps.columns,
                memory=caps.workbook_memory // MEGABYTE,
            )
        )
    if "damaged" in found:
        raise _damaged()
    _check_chosen(found, sheet)
    if not found["rows"]:
        raise PortfolioError(
            say("The sheet is empty: give one with a header and rows of accounts.")
        )
    text = Text(target, "utf-8", found["rows"], 0)
    return SheetText(text, frozenset(found["numeric"]), frozenset(found["rounded"]))


def _read(book: Path, sheet: str | None, target: Path, caps: Caps) -> dict[str, Any]:
    """Return what another process found in a workbook; it may run out of memory alone."""
    request = {
        "book": str(book),
        "target": str(target),
        "sheet": sheet,
        "memory": caps.workbook_memory,
        "rows": caps.rows,
        "columns": caps.columns,
    }
    command = [sys.executable, "-P", str(Path(sheet_reader.__file__)), json.dumps(request)]
    code, out, said = _finished(command)
    if code < 0 or b"MemoryError" in said.rpartition(b"\n")[2]:
        return {"memory": True}
    if code:
        kind = said.rpartition(b"\n")[2].partition(b":")[0]  # what follows may be of a cell
        logger.error("The reader of a workbook ended with %s: %r", code, kind[:80])
        return {"damaged": True}
    found: dict[str, Any] = json.loads(out)
    return found


def _finished(command: list[str]) -> tuple[int, bytes, bytes]:
    """Run a program for the one who asks; return its exit code, what it wrote, and its faults.

    Raises
    ------
    DatabaseError
        It took longer than a file may take to load, or nobody waits for it any longer.
    """
    asking = asker.in_force()
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    with (
        subprocess.Popen(  # noqa: S603 - this Python, with a script of this package
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        ) as process,
        asking.waiting(process.kill),
    ):
        try:
            if asking.left:
                raise StatementError(Trouble.CANCELLED, LOADED_FILE)
            out, said = process.communicate(timeout=asking.limits.loading_seconds)
        except subprocess.TimeoutExpired:
            raise StatementError(Trouble.TOO_LONG, LOADED_FILE) from None
        finally:
            process.kill()
        if asking.left:
            raise StatementError(Trouble.CANCELLED, LOADED_FILE)
    return process.returncode, out, said.rstrip()


def _damaged() -> PortfolioError:
    return PortfolioError(
        say(
            "The workbook is damaged or protected: save it again without a password, or as CSV "
            "(UTF-8)."
        )
    )


def _check_parts(path: Path, caps: Caps) -> None:
    """Refuse a workbook whose parts are more than they say, or hold formulas without values."""
    size, inflated, without = path.stat().st_size, 0, False
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as handle:
            for part in archive.infolist():
                of_part, held = 0, b""
                is_sheet = part.filename.startswith("xl/worksheets/sheet")
                for piece in _inflated(handle, part):
                    of_part += len(piece)
                    check_inflated(inflated + of_part, size, caps.workbook, caps)
                    if is_sheet and not without:
                        held = held[-LONGEST_FORMULA:] + piece
                        without = _NO_VALUE.search(held) is not None
                if of_part != part.file_size:
                    raise _damaged()
                inflated += of_part
    except DAMAGED:
        raise _damaged() from None
    if without:
        raise PortfolioError(
            say(
                "The workbook holds formulas without saved values: open it, let it "
                "calculate, save it, or save it as CSV (UTF-8)."
            )
        )


def _inflated(handle: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give the bytes of a part in pieces, as many as there are, whatever its sizes say."""
    handle.seek(part.header_offset)
    head = handle.read(_LOCAL_HEADER)
    if len(head) < _LOCAL_HEADER or part.flag_bits & 1:
        raise ValueError(part.filename)
    names = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    handle.seek(part.header_offset + _LOCAL_HEADER + names)
    left = part.compress_size
    if part.compress_type == zipfile.ZIP_STORED:
        while left and (piece := handle.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise ValueError(part.filename)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    while left and (packed := handle.read(min(CHUNK, left))):
        left -= len(packed)
        while packed:
            yield inflate.decompress(packed, CHUNK)
            packed = inflate.unconsumed_tail
    yield inflate.flush()


def _check_chosen(found: dict[str, Any], sheet: str | None) -> None:
    """Ask for the sheet where there are several, or refuse a name that there is not."""
    if "rows" in found:
        return
    names = listed(found["visible"])
    if sheet is not None:
        raise PortfolioError(
            say(
                "The workbook has no sheet {sheet!r}; its sheets are {names}.",
                sheet=sheet,
                names=names,
            )
        )
    raise ChoiceNeeded(
        say(
            "The workbook has {count} visible sheets ({names}): declare which with --sheet.",
            count=len(found["visible"]),
            names=names,
        ),
        option="sheet",
        choices=tuple(Choice(name) for name in found["visible"]),
    )
