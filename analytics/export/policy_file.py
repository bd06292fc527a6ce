"""``policy.csv``: a policy as a table of rules, for a decision engine and for a colleague.

One row a rule, in the order of the registry; a policy with tiers has one ``raise_rate`` row a tier.
Read back, the file gives the identical policy, of the same fingerprint. Values are canonical text
(rates as decimals, money plain, ``on`` and ``off``, ``none`` for what is off) and never altered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analytics.appetite import parse_appetite, parse_constraint
from analytics.declared import parameters
from analytics.declared.first_faults import ENOUGH
from analytics.declared.language import marked, say
from analytics.declared.parameters import Parameter, Unit
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.errors import ParameterError, PolicyFileError
from analytics.export.atomic import write_file
from analytics.export.table_file import (
    Row,
    TableFormat,
    read_bytes,
    read_table,
    rows_csv,
)
from analytics.export.written_numbers import NumberStyle
from analytics.policy import Policy, Tier

FORMAT_RULE = "headroom_policy"
FORMAT_VERSION = "1"
VIEWING = f"{FORMAT_VERSION} for viewing"
"""The version of a copy for viewing: its texts were altered, so it is never read as a policy."""
CONSTRAINT = "constraint"
"""The rule of a row that holds one constraint of the risk appetite; there may be several."""
POLICY_COLUMNS = ("rule", "score_from", "value", "unit", "title")
FORMAT = TableFormat(
    name="policy.csv",
    english_file="policy file",
    english_a_file="a policy file",
    rule=FORMAT_RULE,
    version=FORMAT_VERSION,
    columns=POLICY_COLUMNS,
    needed=POLICY_COLUMNS[:3],
    viewing=VIEWING,
    error=PolicyFileError,
)

_BY_NAME: Mapping[str, Parameter] = {p.name: p for p in POLICY_PARAMETERS}
_NUMERIC = frozenset(
    {Unit.RATE, Unit.FRACTION, Unit.MONEY, Unit.SCORE, Unit.COUNT, Unit.NUMBER, Unit.MULTIPLE}
)
_SERIAL = re.compile(r"\d{5}([.,]\d+)?", re.ASCII)
_LOCAL = re.compile(r"\d{1,2}([./ -])(\d{1,2}|\w{3,9})\1(\d{2}|\d{4})( .*)?")
"""A day as a spreadsheet counts it, and as it shows it in a country's own form."""
_PLAIN = re.compile(r"[+-]?\d{1,20}(\.\d{0,20})?([eE]-\d{1,2})?( ?%)?", re.ASCII)


def policy_csv(policy: Policy) -> bytes:
    """Return a policy as CSV: UTF-8 without a byte order mark, LF, quoted only where needed."""
    return rows_csv([POLICY_COLUMNS, *policy_rows(policy)])


def policy_rows(policy: Policy) -> Iterator[tuple[str, ...]]:
    """Return the rows below the header: rule, score_from, value, unit and title."""
    yield (FORMAT_RULE, "", FORMAT_VERSION, "format", marked("Format of this file"))
    for name, score_from, value in policy.rows():
        if name == CONSTRAINT:
            yield (name, score_from, value, "constraint", marked("Risk appetite"))
            continue
        declared = _BY_NAME[name]
        yield (name, score_from, value, declared.unit.value, declared.english_title)


def save_policy(policy: Policy, path: Path) -> None:
    """Write a policy to a file, whole or not at all.

    Raises
    ------
    ExportError
        The file could not be written; what was there before is untouched.
    """
    write_file(path, policy_csv(policy))


def load_policy(path: Path) -> Policy:
    """Return the policy that a file holds.

    Raises
    ------
    PolicyFileError
        The file cannot be opened or read; every fault is named at once.
    """
    return read_policy_csv(read_bytes(path, FORMAT))


def read_policy_csv(data: bytes) -> Policy:
    """Return the policy that CSV bytes hold: the inverse of :func:`policy_csv`.

    A file that went through a spreadsheet is read too, see :func:`read_table`; no unit and title,
    blanks around numbers.

    Raises
    ------
    PolicyFileError
        Not a policy file, one of another version, or rules unknown, missing, repeated or out of
        bounds; every fault is named at once. Nothing is ever filled in by default.
    """
    table = read_table(data, FORMAT)
    reading = _Reading(table.numbers)
    for row in table.rows:
        reading.take(row)
        if len(reading.faults) >= ENOUGH:
            raise PolicyFileError(reading.faults)
    return reading.policy()


@dataclass(slots=True)
class _Reading:
    """The state of reading one file: what was understood, and what was not."""

    numbers: NumberStyle
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
        try:
            parameter = parameters.find(POLICY_PARAMETERS, row["rule"])
        except ParameterError as error:
            self.faults.extend(
                say("Line {number}: {fault}", number=row.line, fault=fault)
                for fault in error.faults
            )
            return
        try:
            value = self._value(parameter, row.as_written("value"))
        except ParameterError as error:
            self.seen.add(parameter.name)
            self.faults.extend(
                say("Line {number}: {fault}", number=row.line, fault=fault)
                for fault in error.faults
            )
            return
        self._keep(row, parameter, value)

    def policy(self) -> Policy:
        """Return the policy of all rows taken."""
        missing = [name for name in _BY_NAME if name not in self.seen]
        if missing:
            self.faults.append(
                say(
                    "The file has no row for {missing}: add it; a rule that is off has the "
                    "value none or off.",
                    missing=", ".join(missing),
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

    def _keep(self, row: Row, parameter: Parameter, value: Any) -> None:
        name, start = parameter.name, row["score_from"]
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

    def _value(self, parameter: Parameter, text: str) -> Any:
        if parameter.unit is Unit.TEXT:
            return text
        clean = text.strip()
        off = parameter.optional and clean.lower() in parameters.OFF_WORDS
        if parameter.unit in _NUMERIC and clean and not off:
            clean = self._number(parameter, clean)
        elif parameter.unit is Unit.DATE and not off:
            clean = _date_text(parameter.name, clean)
        if not clean:
            raise ParameterError(
                say(
                    "{name} has no value: give {allowed}.",
                    name=parameter.name,
                    allowed=parameter.allowed,
                )
            )
        value = parameter.parse(clean)
        fault = parameter.fault(value)
        if fault:
            raise ParameterError(fault)
        return value

    def _number(self, parameter: Parameter, text: str) -> str:
        """Return the text of a number with a point; one that reads two ways is refused."""
        plain = self.numbers.plain(parameter.name, text)
        if _PLAIN.fullmatch(plain):
            return plain
        raise ParameterError(
            say(
                "{name} = {text!r} was not understood: give {allowed}, written plainly as "
                "50000 or 0.2.",
                name=parameter.name,
                text=text,
                allowed=parameter.allowed,
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
