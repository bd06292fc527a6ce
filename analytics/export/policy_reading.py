"""The rows of ``policy.csv`` taken one by one, and the policy that they make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.appetite import parse_appetite, parse_constraint
from analytics.assumptions import parameter
from analytics.declared import parameters
from analytics.declared.currencies import currency
from analytics.declared.language import say
from analytics.declared.method_version import METHOD_VERSION
from analytics.declared.parameters import Parameter, Unit
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.declared.scales import parse_scale
from analytics.errors import ParameterError, PolicyFileError
from analytics.export.policy_context import (
    AT_FIRST,
    BEYOND,
    END,
    METHOD,
    NEEDED,
    NONE,
    RATES,
    SCALE,
    STATED,
    UNTIL_1,
    Context,
)
from analytics.export.table_file import Row
from analytics.export.written_numbers import NumberStyle
from analytics.policy import Policy, Tier

CONSTRAINT = "constraint"
"""The rule of a row that holds one constraint of the risk appetite; there may be several."""
BY_NAME: Mapping[str, Parameter] = {p.name: p for p in POLICY_PARAMETERS}
_NUMERIC = frozenset(
    {Unit.RATE, Unit.FRACTION, Unit.MONEY, Unit.SCORE, Unit.COUNT, Unit.NUMBER, Unit.MULTIPLE}
)
_SERIAL = re.compile(r"\d{5}([.,]\d+)?", re.ASCII)
_LOCAL = re.compile(r"\d{1,2}([./ -])(\d{1,2}|\w{3,9})\1(\d{2}|\d{4})( .*)?")
"""A day as a spreadsheet counts it, and as it shows it in a country's own form."""
_PLAIN = re.compile(r"[+-]?\d{1,20}(\.\d{0,20})?([eE]-\d{1,2})?( ?%)?", re.ASCII)


@dataclass(slots=True)
class PolicyReading:
    """The state of reading one file: what was understood, and what was not."""

    numbers: NumberStyle
    method_version: int
    stated: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    tiers: dict[int, float] = field(default_factory=dict)
    constraints: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def take(self, row: Row) -> None:
        """Read one row; a fault is kept for later."""
        if row["rule"] == CONSTRAINT:
            self._keep_constraint(row)
            return
        if row["rule"].lower() in STATED:
            self._keep_stated(row)
            return
        try:
            declared = parameters.find(POLICY_PARAMETERS, row["rule"])
        except ParameterError as error:
            self.faults.extend(
                say("Line {number}: {fault}", number=row.line, fault=fault)
                for fault in error.faults
            )
            return
        try:
            value = self._value(declared, row.as_written("value"))
        except ParameterError as error:
            self.seen.add(declared.name)
            self.faults.extend(
                say("Line {number}: {fault}", number=row.line, fault=fault)
                for fault in error.faults
            )
            return
        self._keep(row, declared, value)

    def context(self) -> Context:
        """Return what the file says that the policy was made for."""
        return Context(
            method_version=self.method_version,
            unnamed=tuple(name for name in self._until_then if name not in self.seen),
            **self.stated,
        )

    def policy(self) -> Policy:
        """Return the policy of all rows taken."""
        self.values = {**self._until_then, **self.values}
        needed = [name for name in BY_NAME if name not in self._until_then]
        if self.method_version == METHOD_VERSION:
            needed = [*NEEDED, *needed]
        missing = [name for name in needed if name not in self.seen]
        if missing:
            self.faults.append(
                say(
                    "The file has no row for {missing}: add it; a rule that is off has the "
                    "value none or off.",
                    missing=tuple(missing),
                )
            )
        if self.faults:
            raise PolicyFileError(self.faults)
        tiers = tuple(Tier(start, rate) for start, rate in sorted(self.tiers.items()))
        if tiers:
            self.values["raise_rate"] = tiers[0].raise_rate
        try:
            appetite = parse_appetite(self.constraints)
            texts = tuple(str(constraint) for constraint in appetite.constraints)
            return Policy(**self.values, tiers=tiers, constraints=texts)
        except ParameterError as error:
            raise PolicyFileError(error.faults) from None

    @property
    def _until_then(self) -> Mapping[str, Any]:
        """What a file of the version may leave out, and how it stood then."""
        return {} if self.method_version == METHOD_VERSION else UNTIL_1 | AT_FIRST

    def _keep_stated(self, row: Row) -> None:
        """Keep what the policy was made for; what only repeats the levers is not read."""
        name = row["rule"].lower()
        if name in self.seen:
            self.faults.append(_repeated(row.line, name))
        self.seen.add(name)
        if name in (METHOD, BEYOND, END):
            return
        try:
            self.stated[name] = self._stated(name, row["value"])
        except ParameterError as error:
            self.faults.extend(
                say("Line {number}: {fault}", number=row.line, fault=fault)
                for fault in error.faults
            )

    def _stated(self, name: str, text: str) -> Any:
        if name in RATES:
            return self._value(parameter(name), text)
        if text.lower() == NONE:
            return None
        if name == SCALE:
            return str(parse_scale(text.replace("-", ":")))
        return currency(text).code

    def _keep_constraint(self, row: Row) -> None:
        try:
            parse_constraint(row.as_written("value"))
        except ParameterError as error:
            self.faults.extend(
                say("Line {number}: {fault}", number=row.line, fault=fault)
                for fault in error.faults
            )
        else:
            self.constraints.append(row.as_written("value"))

    def _keep(self, row: Row, declared: Parameter, value: Any) -> None:
        name, start = declared.name, row["score_from"]
        repeated = name in self.seen
        self.seen.add(name)
        if name == "raise_rate" and start:
            self._keep_tier(row, start, value, flat="raise_rate" in self.values)
        elif start:
            self.faults.append(
                say(
                    "Line {number}: {name} has a score_from: leave it empty; only raise_rate "
                    "has tiers.",
                    number=row.line,
                    name=name,
                )
            )
        elif repeated:
            self.faults.append(_repeated(row.line, name))
        else:
            self.values[name] = value

    def _keep_tier(self, row: Row, start: str, value: Any, *, flat: bool) -> None:
        if not re.fullmatch(r"\d{1,9}", start, re.ASCII):
            self.faults.append(
                say(
                    "Line {number}: score_from = {start!r} was not understood: give a whole score.",
                    number=row.line,
                    start=start,
                )
            )
        elif flat or int(start) in self.tiers:
            self.faults.append(_repeated_tier(row.line, None if flat else int(start)))
        else:
            self.tiers[int(start)] = value

    def _value(self, declared: Parameter, text: str) -> Any:
        if declared.unit is Unit.TEXT:
            return text
        clean = text.strip()
        off = declared.optional and clean.lower() in parameters.OFF_WORDS
        if declared.unit in _NUMERIC and clean and not off:
            clean = self._number(declared, clean)
        elif declared.unit is Unit.DATE and not off:
            clean = _date_text(declared.name, clean)
        if not clean:
            raise ParameterError(
                say(
                    "{name} has no value: give {allowed}.",
                    name=declared.name,
                    allowed=declared.allowed,
                )
            )
        value = declared.parse(clean)
        fault = declared.fault(value)
        if fault:
            raise ParameterError(fault)
        return value

    def _number(self, declared: Parameter, text: str) -> str:
        """Return the text of a number with a point; one that reads two ways is refused."""
        plain = self.numbers.plain(declared.name, text)
        if _PLAIN.fullmatch(plain):
            return plain
        raise ParameterError(
            say(
                "{name} = {text!r} was not understood: give {allowed}, written plainly as "
                "50000 or 0.2.",
                name=declared.name,
                text=text,
                allowed=declared.allowed,
            )
        )


def _date_text(name: str, text: str) -> str:
    """Return a date as it is written here; one that a spreadsheet has changed is refused in words.

    A serial number counts days from one of two beginnings, and 01/02/2026 has two readings.
    """
    clean = re.sub(r"^(\d{4})/(\d{1,2})/(\d{1,2})$", _dashed, text)
    if _SERIAL.fullmatch(clean) or _LOCAL.fullmatch(clean):
        raise ParameterError(
            say(
                "{name} = {text!r} is a date as a spreadsheet writes it, which reads in several "
                "ways: write year, month and day as 2026-10-31, in a cell of text.",
                name=name,
                text=text,
            )
        )
    return clean


def _dashed(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    return f"{year}-{int(month):02d}-{int(day):02d}"


def _repeated(number: int, name: str) -> str:
    """Return what to say of a rule that is there more than once."""
    if name == "raise_rate":
        return say(
            "Line {number}: {name} is there more than once: keep one row, or give each tier its "
            "score_from.",
            number=number,
            name=name,
        )
    return say(
        "Line {number}: {name} is there more than once: keep one row.", number=number, name=name
    )


def _repeated_tier(number: int, start: int | None) -> str:
    """Return what to say of a raise that is there more than once, from a score on or at all."""
    if start is None:
        return say(
            "Line {number}: raise_rate is there more than once: keep one row, or give each tier a "
            "score_from of its own.",
            number=number,
        )
    return say(
        "Line {number}: raise_rate is there more than once from {start}: keep one row, or give "
        "each tier a score_from of its own.",
        number=number,
        start=start,
    )
