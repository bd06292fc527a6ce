"""One sheet of a workbook as comma-delimited text, written by a process of its own.

A workbook of some kilobytes can take all the memory there is, or end the process that reads it; so
this is run as a script (``python sheet_reader.py``), under a limit of memory, and what it found is
printed as one JSON object. It imports nothing of the product, so that it starts at once.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import python_calamine as calamine

LINE_BREAK = "\N{SYMBOL FOR NEWLINE}"
"""Stands for a line break inside a cell, so that one row stays one line."""
MAX_VALUE = 256
"""Signs above which a cell holds no value of an account: ids have 64, and numbers far fewer.

Blanks around it do not count, and of many of them one is kept. Every file's cells are cut once:
a workbook's here, before they are written anew, all others' where the file is opened.
"""
CUT = "\N{HORIZONTAL ELLIPSIS}"
"""Ends a longer cell where it is cut, so that no beginning of one is ever read as a value."""


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Return what a workbook holds, and of its one sheet, where it can be told and read, the rest.

    Parameters
    ----------
    request : dict
        ``book`` and ``target`` are paths, ``sheet`` a name or None, ``memory`` bytes, ``rows`` and
        ``columns`` what is read at most.
    """
    _limit(request["memory"])
    try:
        with Path(request["book"]).open("rb") as handle:
            book = calamine.CalamineWorkbook.from_filelike(handle)
            names = _visible(book)
            found: dict[str, Any] = {"names": book.sheet_names, "visible": names}
            chosen = request["sheet"] or (names[0] if len(names) == 1 else None)
            if chosen is None or chosen not in book.sheet_names:
                return found
            sheet = book.get_sheet_by_name(chosen)
            if sheet.total_height > request["rows"] + 10 or sheet.total_width > request["columns"]:
                return {**found, "too_large": chosen}
            return {**found, **_written(sheet, Path(request["target"]))}
    except MemoryError:
        return {"memory": True}
    except (calamine.CalamineError, OSError, ValueError, OverflowError, LookupError):
        return {"damaged": True}


def _limit(memory: int) -> None:
    """Let this process have no more memory, where the system can hold it to that."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - there is none on Windows

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _visible(book: calamine.CalamineWorkbook) -> list[str]:
    return [
        one.name
        for one in book.sheets_metadata
        if one.visible == calamine.SheetVisibleEnum.Visible
        and one.typ == calamine.SheetTypeEnum.WorkSheet
    ]


def _written(sheet: calamine.CalamineSheet, target: Path) -> dict[str, Any]:
    numeric: set[int] = set()
    rounded: set[int] = set()
    lines = 0
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        for row in sheet.iter_rows():
            lines += 1
            if lines > 1:
                _note_numbers(row, numeric, rounded)
            cells = [_cell(value) for value in row]
            if any(cells):
                writer.writerow(cells)
            else:
                out.write("\n")
    return {"rows": lines, "numeric": sorted(numeric), "rounded": sorted(rounded)}


def _note_numbers(row: Sequence[object], numeric: set[int], rounded: set[int]) -> None:
    for place, value in enumerate(row):
        if isinstance(value, int | float) and not isinstance(value, bool):
            numeric.add(place)
            if abs(value) >= 1e15:
                rounded.add(place)


def _cell(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return _number(value)
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case _:
            text = str(value)
            if len(text) > MAX_VALUE:
                text = _short(text)
            text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
            return text.replace("\n", LINE_BREAK)


def _short(text: str) -> str:
    """Return a long text without the blanks around it, but for one; cut if it is long even so."""
    bare = text.strip(" ")
    return f" {bare}" if len(bare) <= MAX_VALUE else bare[:MAX_VALUE] + CUT + _digest(bare)


def _digest(text: str) -> str:
    """Return what keeps two long cells apart that begin alike."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e18:
        return str(int(value))
    return format(value, ".15g")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))))
