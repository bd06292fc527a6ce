"""Numbers as a spreadsheet writes them again: with its decimal sign, and thousands set apart.

``50.000`` is fifty, or fifty thousand. Which of them a file means is told by its other numbers,
never by the number itself; where they do not tell, the number is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from analytics.declared.language import say
from analytics.declared.parameters import as_typed
from analytics.errors import ParameterError

_TAIL = r"([eE][+-]?\d{1,2})?( ?%)?"
_SIGNS = ".,"
_BETWEEN = re.compile(r"[\s|]+")


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a file writes its numbers.

    Parameters
    ----------
    decimal : str or None
        The decimal sign, ``.`` or ``,``; None where its numbers do not tell.
    free_comma : bool
        The comma is not the file's delimiter, so that it may be the decimal sign.
    """

    decimal: str | None
    free_comma: bool

    def plain(self, name: str, text: str) -> str:
        """Return a number with a point and without thousands set apart; any other text as it is.

        Raises
        ------
        ParameterError
            The number reads in two ways.
        """
        text = as_typed(text)
        # A comma among points was typed, by whoever knows what for: it settles itself or nothing.
        typed = self.free_comma and self.decimal == "." and "," in text
        sign = _own_sign(text) if typed else self.decimal or _own_sign(text)
        if sign is None:
            if not _reads_twice(text):
                return text
            raise ParameterError(
                say(
                    "{name} = {text!r} can be read in two ways: write it plainly, as 50000 or 0.2.",
                    name=name,
                    text=text,
                )
            )
        other = _SIGNS.replace(sign, "")
        if re.fullmatch(_grouped(other, sign), text, re.ASCII):
            return text.replace(other, "").replace(sign, ".")
        if re.fullmatch(rf"[+-]?\d*{re.escape(sign)}\d*{_TAIL}", text, re.ASCII):
            return text.replace(sign, ".")
        return text


def number_style(cells: Iterable[str], *, free_comma: bool) -> NumberStyle:
    """Return how a file writes its numbers.

    Parameters
    ----------
    cells : iterable of str
        Cells with one number or several, between blanks; those without any tell nothing.
    free_comma : bool
        The comma is not the file's delimiter, so that it may be the decimal sign.
    """
    if not free_comma:
        return NumberStyle(".", free_comma)
    pieces = (piece for cell in cells for piece in _BETWEEN.split(as_typed(cell)))
    signs = {_own_sign(piece) for piece in pieces} - {None}
    return NumberStyle(signs.pop() if len(signs) == 1 else None, free_comma)


def _own_sign(text: str) -> str | None:
    """Return the decimal sign of a number that reads in one way alone; else None."""
    if _reads_twice(text):
        return None
    for sign, other in (".,", ",."):
        decimal = rf"[+-]?\d*{re.escape(sign)}\d+{_TAIL}|{_grouped(other, sign)}"
        if re.fullmatch(decimal, text, re.ASCII):
            return sign
    return None


def _reads_twice(text: str) -> bool:
    """Return whether the one sign in a number may set thousands apart or be the decimal sign."""
    return re.fullmatch(r"[+-]?[1-9]\d{0,2}[.,]\d{3}( ?%)?", text, re.ASCII) is not None


def _grouped(thousands: str, decimal: str) -> str:
    """Return the pattern of numbers whose thousands are set apart."""
    group = rf"{re.escape(thousands)}\d{{3}}"
    return rf"[+-]?[1-9]\d{{0,2}}({group})+({re.escape(decimal)}\d+)?( ?%)?"
