"""Workbooks: one visible sheet becomes delimited text, a line for each of its rows.

A workbook keeps numbers as binary floating point and shows 15 digits; numbers are written here with
those 15 digits, and ids that needed more are refused when they are mapped.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine

from analytics.declared.language import say
from analytics.errors import PortfolioError
from analytics.ingest.caps import Caps
from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.dialect import LINE_BREAK
from analytics.ingest.source import DAMAGED, Source
from analytics.ingest.text import Text

_NO_VALUE = re.compile(rb"<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>|</c>)")


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
    _check_formulas(source.path)
    try:
        with source.path.open("rb") as handle:
            book = calamine.CalamineWorkbook.from_filelike(handle)
            name = _chosen(book, sheet)
            opened = book.get_sheet_by_name(name)
            if opened.total_height > caps.rows + 10 or opened.total_width > caps.columns:
                raise PortfolioError(
                    say(
                        "The sheet {name!r} is larger than the {rows:,} rows and {columns} "
                        "columns that are read: export it as CSV with the columns that are "
                        "needed.",
                        name=name,
                        rows=caps.rows,
                        columns=caps.columns,
                    )
                )
            return _written(opened, source.folder / "sheet.csv")
    except (calamine.CalamineError, *DAMAGED):
        raise PortfolioError(
            say(
                "The workbook is damaged or protected: save it again without a password, or "
                "as CSV (UTF-8)."
            )
        ) from None


def _check_formulas(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
            without = any(_NO_VALUE.search(archive.read(name)) for name in sheets)
    except DAMAGED:
        raise PortfolioError(
            say("The workbook is damaged: save it again, or as CSV (UTF-8).")
        ) from None
    if without:
        raise PortfolioError(
            say(
                "The workbook holds formulas without saved values: open it, let it "
                "calculate, save it, or save it as CSV (UTF-8)."
            )
        )


def _chosen(book: calamine.CalamineWorkbook, sheet: str | None) -> str:
    visible = [
        one.name
        for one in book.sheets_metadata
        if one.visible == calamine.SheetVisibleEnum.Visible
        and one.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    if sheet is not None:
        if sheet not in book.sheet_names:
            raise PortfolioError(
                say(
                    "The workbook has no sheet {sheet!r}; its sheets are {names}.",
                    sheet=sheet,
                    names=", ".join(visible),
                )
            )
        return sheet
    if len(visible) == 1:
        return visible[0]
    raise ChoiceNeeded(
        say(
            "The workbook has {count} visible sheets ({names}): declare which with --sheet.",
            count=len(visible),
            names=", ".join(visible),
        ),
        option="sheet",
        choices=tuple(Choice(name) for name in visible),
    )


def _written(sheet: calamine.CalamineSheet, target: Path) -> SheetText:
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
    if lines == 0:
        raise PortfolioError(
            say("The sheet is empty: give one with a header and rows of accounts.")
        )
    return SheetText(Text(target, "utf-8", lines, 0), frozenset(numeric), frozenset(rounded))


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
            text = str(value).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
            return text.replace("\n", LINE_BREAK)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e18:
        return str(int(value))
    return format(value, ".15g")
