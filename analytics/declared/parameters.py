"""What a parameter is: its name, words, unit, bounds, default and source, declared once.

Widgets, validation, help texts, files and the method page are all read from these declarations
(:mod:`analytics.declared.policy_parameters`, :mod:`analytics.declared.assumption_parameters`).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from analytics.declared.choices import Choice
from analytics.declared.language import calendar_day, marked, say
from analytics.declared.near import hint
from analytics.declared.visible import as_seen, unseen_fault
from analytics.errors import ParameterError

BASIS_POINTS = 10_000
OFF_WORDS = frozenset({"none", "off", "no", "false"})
ON_WORDS = frozenset({"on", "yes", "true"})

_FULL_WIDTH = {0x3000: " ", **{0xFF00 + place: chr(0x20 + place) for place in range(1, 0x5F)}}
"""Full-width forms of ASCII, as Chinese and Japanese keyboards write them, and what they are."""

Value = int | float | str | bool | Decimal | dt.date | None


class Unit(Enum):
    """What a parameter's number means, and so how it is written and read."""

    RATE = "rate"
    """A decimal in whole basis points; shown as percent."""
    FRACTION = "fraction"
    """A decimal of any precision; shown as percent."""
    MONEY = "money"
    SCORE = "score"
    COUNT = "count"
    NUMBER = "number"
    MULTIPLE = "multiple"
    """A number with at most four decimals, so that comparisons with money are exact."""
    FLAG = "flag"
    CHOICE = "choice"
    TEXT = "text"
    DATE = "date"


class Mark(Enum):
    """How well a value is supported."""

    EVIDENCE = "E"
    REGULATION = "R"
    PRACTICE = "P"
    ASSUMPTION = "A"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, declared once.

    Parameters
    ----------
    name, english_title, english_help : str
        The name in code and files, the label on screen, and one sentence on what it does.
    unit : Unit
        What the number means.
    default : int, float, str, bool, Decimal, date or None
        The value shipped. None means off where the parameter is ``optional``.
    low, high : number, optional
        Bounds, both included; the lower one is not where ``above_low``.
    section : str
        The group of levers it stands in, by its English title.
    mark, english_source : Mark, str
        How the default is supported, and by what.
    optional : bool
        The parameter can be off (None).
    choices : tuple of Choice
        Legal values where the unit is a choice: all members of one enum.
    aliases : tuple of str
        Further names accepted when it is set by name.
    """

    name: str
    english_title: str
    english_help: str
    unit: Unit
    default: Value
    section: str
    mark: Mark
    english_source: str
    low: float | None = None
    high: float | None = None
    optional: bool = False
    above_low: bool = False
    choices: tuple[Choice, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The label on screen."""
        return say(self.english_title)

    @property
    def help(self) -> str:
        """One sentence on what it does."""
        return say(self.english_help)

    @property
    def source(self) -> str:
        """What supports the default."""
        return say(self.english_source)

    @property
    def section_title(self) -> str:
        """The group of levers it stands in, as a heading."""
        return say(self.section)

    def fault(self, value: Value) -> str | None:
        """Return the sentence that says what is wrong with the value, or None."""
        if value is None:
            return (
                None
                if self.optional
                else say("{name} is missing: give {allowed}.", name=self.name, allowed=self.allowed)
            )
        problem = self._type_fault(value) or self._bound_fault(value)
        return (
            say(
                "{name} = {value} {problem}: give {allowed}.",
                name=self.name,
                value=as_seen(value) if isinstance(value, str) else self.show(value),
                problem=problem,
                allowed=self.allowed,
            )
            if problem
            else None
        )

    @property
    def allowed(self) -> str:
        """The legal values, in words."""
        words = self._allowed_words()
        return say("{words}, or none", words=words) if self.optional else words

    def parse(self, text: str) -> Value:
        """Return the value that a text stands for: the inverse of :meth:`format`.

        Raises
        ------
        ParameterError
            The text is no value of this unit; an empty one is none but of a text or a date. Bounds
        are not checked here.
        """
        if self.unit is Unit.TEXT:
            return text
        clean = as_typed(text)
        if self.optional and clean.lower() in OFF_WORDS:
            return None
        if self.optional and clean.lower() in ON_WORDS and self.default is not None:
            return self.default
        try:
            return self._parse(clean)
        except (ValueError, InvalidOperation, ArithmeticError):
            raise ParameterError(
                say(
                    "{name} = {text!r} was not understood: give {allowed}.",
                    name=self.name,
                    text=text,
                    allowed=self.allowed,
                )
            ) from None

    def format(self, value: Value) -> str:
        """Return the canonical text of a value, as files hold it."""
        if value is None:
            return "none"
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, Decimal):
            return format(value.normalize() + 0, "f")
        if isinstance(value, dt.date):
            return value.isoformat()
        if self.unit in _FLOATING and isinstance(value, int | float):
            return repr(float(value) + 0.0)  # equal values have one text: 4 and 4.0, 0.0 and -0.0
        return str(value) if isinstance(value, str) else repr(value)

    def settled(self, value: Value) -> Value:
        """Return a legal value as it is held, so that equal ones are one and read alike.

        Rates and numbers are floats, 0 without a sign; a text that is a choice is its member.
        """
        if self.unit in _FLOATING and isinstance(value, int | float):
            return float(value) + 0.0
        if self.unit is Unit.CHOICE and isinstance(value, str):
            return next(choice for choice in self.choices if choice == value)
        return value

    def show(self, value: Value) -> str:
        """Return the value as a person reads it: percent, thousands separated, or words."""
        if value is None:
            return say("none")
        if self.unit in (Unit.RATE, Unit.FRACTION) and isinstance(value, int | float):
            return percent_text(float(value))
        if isinstance(value, bool):
            return say("on") if value else say("off")
        if isinstance(value, dt.date):
            return str(calendar_day(value))
        if not isinstance(value, int | float | Decimal):
            return self.format(value)
        if isinstance(value, Decimal):
            short = value.is_finite() and abs(value.adjusted()) < 30
            return f"{value.normalize() + 0:,f}" if short else str(value)
        return f"{value:,}" if self.unit is Unit.COUNT else self.format(value)

    def _parse(self, text: str) -> Value:
        match self.unit:
            case Unit.FLAG:
                return _parse_flag(text)
            case Unit.RATE | Unit.FRACTION:
                return _parse_rate(_with_point(text))
            case Unit.MONEY:
                return _parse_money(text)
            case Unit.SCORE | Unit.COUNT:
                return int(text)
            case Unit.NUMBER | Unit.MULTIPLE:
                return _finite(float(_with_point(text)), text)
            case Unit.DATE:
                return dt.date.fromisoformat(text) if text else None
            case Unit.CHOICE:
                return self._parse_choice(text)
            case Unit.TEXT:  # kept as it is by parse
                return text

    def _parse_choice(self, text: str) -> str:
        """Return the choice of a text; what is none of them stays a text, which is a fault."""
        if not text:
            raise ValueError(text)
        name = text.lower().replace("-", "_")
        return next((choice for choice in self.choices if choice == name), name)

    def _type_fault(self, value: Value) -> str | None:
        expected: dict[Unit, tuple[type, ...]] = {
            Unit.FLAG: (bool,),
            Unit.MONEY: (Decimal,),
            Unit.SCORE: (int,),
            Unit.COUNT: (int,),
            Unit.DATE: (dt.date,),
            Unit.TEXT: (str,),
            Unit.CHOICE: (str,),
        }
        kinds = expected.get(self.unit, (int, float))
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            return say("is not a value of this kind")
        if isinstance(value, dt.datetime):
            return say("is a time, not a date")
        if isinstance(value, float | Decimal) and not Decimal(value).is_finite():
            return say("is not a number")
        if self._bound_fault(value):
            return None
        return self._digits_fault(value) or self._choice_fault(value)

    def _digits_fault(self, value: Value) -> str | None:
        if isinstance(value, Decimal) and _decimals(value) > 2:
            return say("has more than two decimals")
        if self.unit in (Unit.RATE, Unit.MULTIPLE) and isinstance(value, int | float):
            points = float(value) * BASIS_POINTS
            if abs(points - round(points)) > 1e-6:
                if self.unit is Unit.RATE:
                    return say("is not in whole basis points (0.01 %)")
                return say("has more than four decimals")
        return None

    def _choice_fault(self, value: Value) -> str | None:
        if self.unit is Unit.CHOICE and value not in self.choices:
            meant = hint(str(value), self.choices, most=1, otherwise="")
            return say("is no choice ({hint})", hint=meant) if meant else say("is no choice")
        return None

    def _bound_fault(self, value: Value) -> str | None:
        if self.unit is Unit.TEXT and isinstance(value, str):
            if self.low is not None and len(value) < self.low:
                return say("is too short")
            if self.high is not None and len(value) > self.high:
                return say("is too long")
            return unseen_fault(value)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return None
        if self.low is not None and (value < self.low or (self.above_low and value == self.low)):
            return say("is too low")
        if self.high is not None and value > self.high:
            return say("is too high")
        return None

    def _allowed_words(self) -> str:
        if self.unit is Unit.FLAG:
            return say("on or off")
        if self.unit is Unit.CHOICE:
            return say(" or ").join(self.choices)
        if self.unit is Unit.DATE:
            return say("a date as 2026-10-31")
        if self.unit is Unit.TEXT:
            return say(
                "a text of {low:g} to {high:g} characters in one line",
                low=self.low or 0,
                high=self.high or 0,
            )
        kind, bounds = say(_UNIT_WORDS[self.unit]), self._range_words()
        return say("{kind} {bounds}", kind=kind, bounds=bounds) if bounds else kind

    def _range_words(self) -> str:
        percent = self.unit in (Unit.RATE, Unit.FRACTION)

        def words(bound: float) -> str:
            return percent_text(bound) if percent else f"{bound:,.10g}"

        if self.low is None and self.high is None:
            return ""
        if self.high is None:
            low = words(self.low or 0)
            if self.above_low:
                return say("above {low}", low=low)
            return say("of at least {low}", low=low)
        if self.low is None:
            return say("of at most {high}", high=words(self.high))
        if self.above_low:
            return say("above {low}, at most {high}", low=words(self.low), high=words(self.high))
        return say("from {low} to {high}", low=words(self.low), high=words(self.high))


_UNIT_WORDS: Mapping[Unit, str] = {
    Unit.RATE: marked("a rate in whole basis points"),
    Unit.FRACTION: marked("a rate"),
    Unit.MONEY: marked("an amount with at most two decimals"),
    Unit.SCORE: marked("a whole score"),
    Unit.COUNT: marked("a whole number"),
    Unit.NUMBER: marked("a number"),
    Unit.MULTIPLE: marked("a number with at most four decimals"),
}


def basis_points(rate: float) -> int:
    """Return a rate as whole basis points; the rate has been checked to be one."""
    return round(rate * BASIS_POINTS)


def percent_number(rate: float) -> str:
    """Return the number of a rate's percent, without further zeros: 20, 7.5."""
    return f"{round(float(rate) * 100, 6):g}"


def percent_text(rate: float) -> str:
    """Return a rate as it was stated, in percent without further zeros: 20 %, 7.5 %."""
    return percent_of(percent_number(rate))


def percent_of(number: str) -> str:
    """Return a number of hundredths with its sign: 20 %."""
    return say("{number} %", number=number)


def find(registry: Iterable[Parameter], name: str) -> Parameter:
    """Return the parameter of that name or alias.

    Raises
    ------
    ParameterError
        No parameter has that name; the nearest ones are suggested.
    """
    known = list(registry)
    wanted = name.strip().lower().replace("-", "_")
    for parameter in known:
        if wanted == parameter.name or wanted in parameter.aliases:
            return parameter
    names = [parameter.name for parameter in known]
    listed = say("the names are {names}.", names=tuple(names))
    meant = hint(wanted, names, otherwise=listed)
    raise ParameterError(say("There is no parameter {name!r}: {hint}", name=name, hint=meant))


def as_typed(text: str) -> str:
    """Return what was typed without blanks around it, full-width digits and signs as plain ones."""
    return text.translate(_FULL_WIDTH).strip()


def faults(registry: Iterable[Parameter], values: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each value outside its parameter's bounds."""
    found = (p.fault(values[p.name]) for p in registry if p.name in values)
    return [fault for fault in found if fault]


_DECIMAL_COMMA = re.compile(r"^([+-]?\d+),(\d{1,2}|\d{4,})(?=\s*%?$)")
_FLOATING = frozenset({Unit.RATE, Unit.FRACTION, Unit.NUMBER, Unit.MULTIPLE})


def _with_point(text: str) -> str:
    """Return a number's text with a decimal comma as a point; 3,500 may be either and stays."""
    return _DECIMAL_COMMA.sub(r"\1.\2", text)


def _parse_money(text: str) -> Decimal:
    """Return an amount; commas stand between thousands, and nowhere else.

    50.000 may be fifty thousand, as some write it: it is none.
    """
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", text, re.ASCII):
        raise ValueError(text)
    whole, *rest = text.split(".")
    first, *groups = whole.split(",")
    if groups and not (len(first.lstrip("+-")) in (1, 2, 3) and all(len(g) == 3 for g in groups)):
        raise ValueError(text)
    return Decimal(".".join([first + "".join(groups), *rest]))


def _decimals(value: Decimal) -> int:
    """Return how many decimals a finite number has, trailing zeros apart."""
    _, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    return max(len(text) - len(digits) - int(exponent), 0) if text else 0


def _parse_flag(text: str) -> bool:
    if text.lower() in ON_WORDS:
        return True
    if text.lower() in OFF_WORDS:
        return False
    raise ValueError(text)


def _parse_rate(text: str) -> float:
    if text.endswith("%"):
        return _finite(float(Decimal(text[:-1].strip()) / 100), text)
    return _finite(float(Decimal(text)), text)


def _finite(value: float, text: str) -> float:
    """Return a number; one of digits that is too large to hold is none, nan and inf are faults."""
    if math.isinf(value) and any(sign.isdigit() for sign in text):
        raise ValueError(text)
    return value
