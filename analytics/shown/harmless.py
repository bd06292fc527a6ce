"""Texts made harmless for a spreadsheet, which runs some and changes others. For people only.

A spreadsheet runs a text that begins like a formula, and turns a text that looks like a number or
a date into one. A text gets a leading apostrophe

- where, blanks before it left aside, it begins with ``= + - @``, their full-width forms, a tab, a
  line end or a NUL;
- where it is an id that a spreadsheet would change: leading zeros, more than 15 digits, an
  exponent, or the look of a date, a time or a logical value.

The apostrophe may show in the cell.
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"[\t\r\n\x00=+\-@\uff1d\uff0b\uff0d\uff20]")
_SAFE_NUMBER = re.compile(r"(0|[1-9]\d{0,14})", re.ASCII)
_CHANGED = re.compile(
    r"[\d.].*|true|false|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ ./-]?\d.*",
    re.IGNORECASE | re.DOTALL,
)


def harmless(text: str) -> str:
    """Return a text cell as a spreadsheet may have it."""
    return f"'{text}" if _is_harmful(text) else text


def begins_a_formula(text: str) -> bool:
    """Return whether a spreadsheet would take a text for a formula, blanks before it left aside."""
    return bool(_FORMULA.match(text) or _FORMULA.match(text.strip()))


def _is_harmful(text: str) -> bool:
    if begins_a_formula(text):
        return True
    bare = text.strip()
    return bool(_CHANGED.fullmatch(bare)) and not _SAFE_NUMBER.fullmatch(bare)
