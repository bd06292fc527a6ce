"""Numbers as people read them: compact, signed, with the digits that matter. For show only."""

from __future__ import annotations

import math
import unicodedata

from analytics.declared.cases import Setting
from analytics.declared.currencies import currency
from analytics.declared.language import language, say, say_n
from analytics.declared.measures import BY_NAME, MeasureUnit
from analytics.declared.parameters import percent_of, percent_text

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
THIN = "\N{NO-BREAK SPACE}"
ARROW = "\N{RIGHTWARDS ARROW}"
_WESTERN = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k"))
_CHINESE = ((1e12, "万亿"), (1e8, "亿"), (1e4, "万"))
_SMALL_MONEY = 1_000
_WIDE = ("W", "F")


def compact(value: float | None, *, chinese: bool | None = None) -> str:
    """Return an amount in three digits or so: 1.88 bn, or 18.8 亿; a dash for nothing.

    ``chinese`` says which units are counted in; without it, the language in force does.
    """
    if value is None or math.isnan(value):
        return DASH
    if chinese is None:
        chinese = language().startswith("zh")
    size = abs(value)
    for factor, unit in _CHINESE if chinese else _WESTERN:
        if float(f"{size / factor:.3g}") >= 1:
            digits = significant(size / factor, 3)
            if not chinese and digits == "1000" and factor < 1e12:
                continue
            return f"{_sign(value, digits)}{digits}{THIN}{unit}"
    digits = significant(size, 3)
    return f"{_sign(value, digits)}{digits}"


def measure(name: str, value: float | None, *, full_in: str | None = None) -> str:
    """Return a value of a measure: percent, accounts or money; a dash for nothing.

    ``full_in`` is the currency's code where it is written in full, as on the command line; without
    it the text is compact, as on cards.
    """
    unit = BY_NAME[name].unit
    if unit is MeasureUnit.RATE:
        return percent(value, 3 if full_in is None else 4)
    if unit is MeasureUnit.MONTHS:
        return month(value)
    if full_in is None or value is None:
        return count(value) if unit is MeasureUnit.ACCOUNTS else compact(value)
    if unit is MeasureUnit.MONEY:
        return amount(value, full_in)
    return exact(value, 0 if float(value).is_integer() else 2)


def month(value: float | None) -> str:
    """Return a month counted from the raise: month 5; a dash for none."""
    if value is None or math.isnan(value):
        return DASH
    return say("month {number:g}", number=value)


def change(name: str, value: float | None, *, full_in: str | None = None) -> str:
    """Return an increment of a measure, signed: of a rate, in percentage points.

    Of what only an increment has, a rate or a month (loss per new exposure, payback) is no
    difference and has no sign. ``full_in`` as for :func:`measure`.
    """
    if BY_NAME[name].of_increment and BY_NAME[name].unit is not MeasureUnit.MONEY:
        return measure(name, value, full_in=full_in)
    if BY_NAME[name].unit is MeasureUnit.RATE:
        return percentage_points(value)
    return signed(measure(name, value, full_in=full_in), value)


def moved(name: str, value: float | None, code: str) -> str:
    """Return an increment beside those of other cases: money in full, all else in three digits."""
    in_full = BY_NAME[name].unit is MeasureUnit.MONEY
    return change(name, value, full_in=code if in_full else None)


def gain(name: str, value: float | None) -> str:
    """Return by how much a measure is higher: as :func:`change`, a plus left out."""
    return change(name, value).removeprefix("+")


def to_check(name: str, value: float | None) -> str:
    """Return a value of a measure in full, to check by hand: of a rate, the decimal."""
    return exact(value, 2 if BY_NAME[name].unit is MeasureUnit.MONEY else 4)


def unit(name: str, code: str) -> str:
    """Return the unit of a measure for an axis, money in the currency of that code."""
    match BY_NAME[name].unit:
        case MeasureUnit.RATE:
            return "%"
        case MeasureUnit.ACCOUNTS:
            return say("accounts")
        case MeasureUnit.MONTHS:
            return say("months")
        case MeasureUnit.MONEY:
            return code


def amount(value: float, code: str) -> str:
    """Return money in full: whole units from a thousand on, decimals of the currency below."""
    shown = currency(code).shown_decimals
    return exact(value, 0 if abs(value) >= _SMALL_MONEY or not value else shown)


def span(months: int, days: int | None) -> str:
    """Return over what value is counted: months, or the days of a temporary raise."""
    if days is not None:
        return say_n("{count:,} day", "{count:,} days", days)
    return say_n("{count:,} month", "{count:,} months", months)


def tick(value: float) -> str:
    """Return an amount for an axis: compact, without trailing zeros."""
    number, space, unit = compact(value).partition(THIN)
    return (number.rstrip("0").rstrip(".") if "." in number else number) + space + unit


def round_ticks(low: float, high: float) -> list[float]:
    """Return four or so round numbers between two ends, for an axis."""
    if not low < high:
        return [low]
    rough = (high - low) / 4.2
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [number * step for number in range(first, last + 1)]


def exact(value: float | None, decimals: int = 2) -> str:
    """Return an amount in full, thousands separated; a dash for nothing."""
    if value is None or math.isnan(value):
        return DASH
    text = f"{abs(value):,.{decimals}f}"
    return f"{_sign(value, text)}{text}"


def count(value: float | None) -> str:
    """Return a count with separators, with one decimal where it is small and not whole."""
    if value is None or math.isnan(value):
        return DASH
    whole = float(value).is_integer() or abs(value) >= 1000
    text = f"{abs(value):,.0f}" if whole else significant(abs(value), 3)
    return f"{_sign(value, text)}{text}"


def percent(value: float | None, digits: int = 3) -> str:
    """Return a rate as percent with the digits that matter: 4.92 %, 0.105 %; a dash for nothing."""
    if value is None or math.isnan(value):
        return DASH
    text = significant(abs(value) * 100, digits)
    return _percent(f"{_sign(value, text)}{text}")


def percent_interval(ends: tuple[float, float] | None, digits: int = 3) -> str:
    """Return what a rate lies between as percent, 25.5 to 36.6 %; a dash for nothing."""
    if ends is None:
        return DASH
    low, high = (significant(end * 100, digits) for end in ends)
    return _percent(f"{low}{DASH}{high}")


def stated(rate: float) -> str:
    """Return a rate as it was stated, in percent without further zeros: 20 %, 7.5 %."""
    return percent_text(rate)


def stated_points(change: float) -> str:
    """Return a change of a rate as it was stated, in percentage points and signed: +5 pp."""
    return say("{points:+g} pp", points=change * 100)


def plain_percent(rate: float, decimals: int = 0) -> str:
    """Return a rate as percent with so many decimals: 79 %, 0.25 %."""
    return percent_of(f"{rate * 100:.{decimals}f}")


def rounded_percent(rate: float, digits: int = 3) -> str:
    """Return a rate as percent in so many digits, without further zeros: 12.3 %, 40 %."""
    return percent_of(f"{rate * 100:.{digits}g}")


def percentage_points(value: float | None) -> str:
    """Return a difference of rates in percentage points, signed."""
    if value is None or math.isnan(value):
        return DASH
    points = signed(significant(abs(value) * 100, 2), value)
    return say("{points}\N{NO-BREAK SPACE}pp", points=points)


def short(setting: Setting) -> Setting:
    """Return a setting in three digits or so, for a label."""
    return float(f"{setting:.3g}") if isinstance(setting, float) else setting


def cells(text: str) -> int:
    """Return how many Latin letters a text is wide: a Chinese character is two."""
    return len(text) + sum(unicodedata.east_asian_width(sign) in _WIDE for sign in text)


def signed(text: str, value: float | None) -> str:
    """Return a formatted text with its sign in front; nothing moves without one."""
    if value is None or math.isnan(value) or text == DASH:
        return DASH
    bare = text.lstrip(MINUS)
    if not any(digit in bare for digit in "123456789"):
        return bare
    return f"{MINUS if value < 0 else '+'}{bare}"


def relative(increment: float | None, baseline: float | None) -> str:
    """Return an increment relative to its baseline as signed percent."""
    if increment is None or not baseline:
        return DASH
    share = increment / abs(baseline)
    size = abs(share)
    digits = 1 if size >= 0.1 else 2
    text = f"{size * 100:.{digits}f}" if size >= 0.0005 or not size else significant(size * 100, 1)
    return signed(_percent(text), increment)


def significant(value: float, digits: int) -> str:
    """Return a number that is not negative, in this many significant digits, without exponent."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    rounded = float(f"{value:.{digits}g}")
    decimals = max(digits - 1 - math.floor(math.log10(rounded)), 0)
    return f"{rounded:,.{min(decimals, 12)}f}"


def _percent(number: str) -> str:
    return say("{number}\N{NO-BREAK SPACE}%", number=number)


def _sign(value: float, text: str) -> str:
    return MINUS if value < 0 and any(digit in text for digit in "123456789") else ""
