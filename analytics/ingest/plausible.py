"""Whether a header's first cells can be what its name says, and by which arithmetic they are.

A proposal is filled in for the user, who may not look twice: what is doubtful is left open. Each
rule here is one such doubt: a count that is called a limit, a flag that is called a probability,
an amount or years where months are due, an income of a year where one of a month is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from statistics import median

from analytics.declared.columns import BY_NAME, Kind
from analytics.ingest.cells import FALSE_WORDS, TRUE_WORDS

AS_IT_IS = ""
BY_MONTH, IN_MONTHS, AS_SHARE = "/12", "*12", "/100"
"""Arithmetic that makes a yearly amount monthly, years months, and percent a share."""
SCALED: tuple[tuple[str, str], ...] = (
    ("monthly_income", BY_MONTH),
    ("other_payments", BY_MONTH),
    ("months_on_book", IN_MONTHS),
    ("default_probability", AS_SHARE),
    ("loss_given_default", AS_SHARE),
)
"""Columns with the arithmetic that their headers are often read by."""
MONTH_WORDS = ("month", "months", "monthly", "mth", "mths", "mthly", "mo", "mob", "\u6708")
YEAR_WORDS = ("year", "years", "yearly", "yr", "yrs", "annual", "annually", "annum", "pa", "\u5e74")
PERCENT_WORDS = ("percent", "pct", "percentage", "perc")
CLOSED = ("closed", "\u9500\u6237")
"""Words in the header of a status that is a flag: whether the account is closed."""
LEAST_AMOUNT = 100
"""Whole numbers all below are rather counts than limits or balances."""
MONTHLY_INCOMES = (1_000, 12_000)
"""Medians between which an income that does not say so is taken for one of a month."""
LEAST_YEARLY = 6_000
"""Median below which a yearly income may be in thousands."""
LONGEST_YEARS, LONGEST_MONTHS, LONGEST_DAYS = 60, 1_200, 36_500
LEAST_SCORE = 16
_NUMBER = re.compile(
    r"[-+(]?[^\w.,'()+-]*[A-Za-z]{0,3} ?([0-9][0-9., ']*|[.,][0-9]+)([eE][-+]?\d+)? ?%?\)?"
)
_ID = re.compile(r"[\w.:/-]{1,64}")


def arithmetic_for(column: str, header: str, cells: Sequence[str]) -> str | None:
    """Return by which arithmetic a header's cells are a column: ``""`` where they are it as it is.

    Parameters
    ----------
    header : str
        In lower case, its words apart by one blank.
    cells : sequence of str
        Some that are not blank; none where only the name is known.

    Returns
    -------
    str or None
        None where they are not the column, or may as well be something else.
    """
    kind = BY_NAME[column].kind
    if not cells:
        return _by_name(column, header)
    if kind is Kind.TEXT:
        ids = sum(bool(_ID.fullmatch(cell.strip())) for cell in cells)
        return AS_IT_IS if len(set(cells)) * 2 > len(cells) and ids * 2 > len(cells) else None
    if kind is Kind.STATUS:
        words = all(_number(cell) is None for cell in cells)
        return AS_IT_IS if words or (says(header, CLOSED) and _are_flags(cells)) else None
    if kind is Kind.FLAG:
        return AS_IT_IS if _are_flags(cells) else None
    rule = _RULES.get(column) or _RULES_BY_KIND.get(kind)
    if rule is None:
        return AS_IT_IS
    numbers = [number for cell in cells if (number := _number(cell)) is not None]
    if len(numbers) * 2 <= len(cells):
        return None
    if any("%" in cell for cell in cells):
        return AS_IT_IS if kind is Kind.RATE and min(numbers) >= 0 and max(numbers) <= 100 else None
    return rule(header, numbers)


def _are_flags(cells: Sequence[str]) -> bool:
    return {cell.strip().lower().removesuffix(".0") for cell in cells} <= {
        *TRUE_WORDS,
        *FALSE_WORDS,
    }


def _by_name(column: str, header: str) -> str | None:
    """Return what the name alone says."""
    if column in ("monthly_income", "other_payments") and says(header, YEAR_WORDS):
        return BY_MONTH
    if column == "months_on_book" and says(header, YEAR_WORDS):
        return IN_MONTHS
    return AS_IT_IS


def says(header: str, words: Sequence[str]) -> bool:
    """Whether a header has one of the words; those of Chinese stand anywhere in it."""
    own = header.split()
    return any(word in own if word.isascii() else word in header for word in words)


def _number(cell: str) -> float | None:
    """Return a cell's number by the likeliest reading; None where it is none."""
    text = unicodedata.normalize("NFKC", cell).strip()
    found = _NUMBER.fullmatch(text)
    if not found:
        return None
    digits = re.sub(r"[ ']", "", found[1])
    if digits.count(".") > 1 or re.fullmatch(
        r"[0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3}(\.[0-9]*)?", digits
    ):
        sign = "." if digits.count(".") > 1 else ","
        digits = digits.replace(sign, "")
    try:
        number = float(digits.replace(",", ".") + (found[2] or ""))
    except ValueError:
        return None
    return -number if text[0] in "-(" else number


def _whole(numbers: Sequence[float]) -> bool:
    return all(number == int(number) for number in numbers)


def _amount(header: str, numbers: Sequence[float]) -> str | None:
    """Refuse shares, flags and counts; a balance of nothing at all says nothing."""
    del header
    largest = max(map(abs, numbers))
    share = largest <= 1 and any(numbers)
    count = _whole(numbers) and 0 < largest < LEAST_AMOUNT
    return None if share or count else AS_IT_IS


def _limit(header: str, numbers: Sequence[float]) -> str | None:
    if min(numbers) < 0 or not any(numbers):
        return None
    return _amount(header, numbers)


def _income(header: str, numbers: Sequence[float]) -> str | None:
    """Tell a month's income from a year's by the name, and by the values where it is silent."""
    typical = median(numbers)
    if min(numbers) < 0 or not typical:
        return None
    if says(header, YEAR_WORDS):
        return BY_MONTH if typical >= LEAST_YEARLY else None
    low, high = MONTHLY_INCOMES
    if says(header, MONTH_WORDS):
        return AS_IT_IS if typical >= LEAST_AMOUNT else None
    return AS_IT_IS if low <= typical < high else None


def _payments(header: str, numbers: Sequence[float]) -> str | None:
    """Tell a month's payments from a year's by the name; a count or a share is none."""
    if min(numbers) < 0 or _amount(header, numbers) is None:
        return None
    return BY_MONTH if says(header, YEAR_WORDS) else AS_IT_IS


def _elsewhere(header: str, numbers: Sequence[float]) -> str | None:
    """Refuse what an amount is not; a customer may well have nothing elsewhere."""
    return None if min(numbers) < 0 else _amount(header, numbers)


def _rate(header: str, numbers: Sequence[float]) -> str | None:
    """Refuse flags; percent are divided where the name says so."""
    if set(numbers) <= {0.0, 1.0} or min(numbers) < 0:
        return None
    highest = max(numbers)
    if says(header, PERCENT_WORDS):
        return AS_SHARE if 1 < highest <= 100 else None
    return AS_IT_IS if highest <= 1 else None


def _score(header: str, numbers: Sequence[float]) -> str | None:
    del header
    fits = _whole(numbers) and min(numbers) >= -1 and max(numbers) >= LEAST_SCORE
    return AS_IT_IS if fits else None


def _months(header: str, numbers: Sequence[float]) -> str | None:
    """Refuse amounts; years are multiplied where the name says so, and left where it is silent."""
    if min(numbers) < 0:
        return None
    highest = max(numbers)
    if says(header, YEAR_WORDS) and not says(header, MONTH_WORDS):
        return IN_MONTHS if highest <= LONGEST_YEARS else None
    if not _whole(numbers) or highest > LONGEST_MONTHS:
        return None
    named = says(header, MONTH_WORDS)
    return AS_IT_IS if named or highest > LONGEST_YEARS else None


def _days(header: str, numbers: Sequence[float]) -> str | None:
    """Refuse amounts and flags."""
    del header
    fits = _whole(numbers) and min(numbers) >= 0 and max(numbers) <= LONGEST_DAYS
    return AS_IT_IS if fits and max(numbers) != 1 else None


def _of_six(header: str, numbers: Sequence[float]) -> str | None:
    del header
    return AS_IT_IS if _whole(numbers) and min(numbers) >= 0 and max(numbers) <= 6 else None


_Rule = Callable[[str, Sequence[float]], str | None]
_RULES: dict[str, _Rule] = {
    "credit_limit": _limit,
    "monthly_income": _income,
    "other_payments": _payments,
    "external_limit": _elsewhere,
    "external_balance": _elsewhere,
    "days_past_due": _days,
    "max_days_past_due_12m": _days,
    "minimum_payment_months_6": _of_six,
}
_RULES_BY_KIND: dict[Kind, _Rule] = {
    Kind.MONEY: _amount,
    Kind.RATE: _rate,
    Kind.SCORE: _score,
    Kind.COUNT: _months,
}
