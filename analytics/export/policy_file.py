"""``policy.csv``: a policy as a table of rules, for a decision engine and for a colleague.

One row a rule, in the order of the registry; a policy with tiers has one ``raise_rate`` row a tier.
Read back, the file gives the identical policy, of the same fingerprint. Values are canonical text
(rates as decimals, money plain, ``on`` and ``off``, ``none`` for what is off) and never altered.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analytics.appetite import parse_appetite, parse_constraint
from analytics.declared import parameters
from analytics.declared.language import marked, say, together
from analytics.declared.parameters import Parameter, Unit
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.errors import ParameterError, PolicyFileError
from analytics.export.atomic import fault_of, write_file
from analytics.policy import Policy, Tier

FORMAT_RULE = "headroom_policy"
FORMAT_VERSION = "1"
VIEWING = f"{FORMAT_VERSION} for viewing"
"""The version of a copy for viewing: its texts were altered, so it is never read as a policy."""
CONSTRAINT = "constraint"
"""The rule of a row that holds one constraint of the risk appetite; there may be several."""
POLICY_COLUMNS = ("rule", "score_from", "value", "unit", "title")
REQUIRED_COLUMNS = POLICY_COLUMNS[:3]
MAX_BYTES = 1_000_000
"""A policy has some thirty short rows; a larger file is something else."""

_BY_NAME: Mapping[str, Parameter] = {p.name: p for p in POLICY_PARAMETERS}
_NUMERIC = frozenset(
    {Unit.RATE, Unit.FRACTION, Unit.MONEY, Unit.SCORE, Unit.COUNT, Unit.NUMBER, Unit.MULTIPLE}
)
_PLAIN = re.compile(r"[+-]?\d{1,20}(\.\d{0,20})?([eE]-\d{1,2})?( ?%)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+( ?%)?", re.ASCII)


def policy_csv(policy: Policy) -> bytes:
    """Return a policy as CSV: UTF-8 without a byte order mark, LF, quoted only where needed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(POLICY_COLUMNS)
    writer.writerows(policy_rows(policy))
    return text.getvalue().encode("utf-8")


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
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PolicyFileError(
            say(
                "The policy file {path} cannot be read: {fault}. Check the path.",
                path=path,
                fault=fault_of(error),
            )
        ) from None
    return read_policy_csv(data)


def read_policy_csv(data: bytes) -> Policy:
    """Return the policy that CSV bytes hold: the inverse of :func:`policy_csv`.

    A file that went through a spreadsheet is read too: byte order mark, CRLF, semicolons or tabs,
    other order of rows or columns, no unit and title, blanks around numbers.

    Raises
    ------
    PolicyFileError
        Not a policy file, one of another version, or rules unknown, missing, repeated or out of
        bounds; every fault is named at once. Nothing is ever filled in by default.
    """
    reading = _Reading(*_table(data))
    reading.check_version()
    for line in reading.lines:
        reading.take(line)
    return reading.policy()


@dataclass(frozen=True, slots=True)
class _Line:
    """One row below the header."""

    number: int
    rule: str
    score_from: str
    value: str


@dataclass(slots=True)
class _Reading:
    """The state of reading one file: what was understood, and what was not."""

    lines: list[_Line]
    decimal_comma: bool
    values: dict[str, Any] = field(default_factory=dict)
    tiers: dict[int, float] = field(default_factory=dict)
    constraints: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def check_version(self) -> None:
        """Refuse a file of another version before anything else is said about it."""
        versions = [line.value.strip() for line in self.lines if line.rule == FORMAT_RULE]
        if versions == [FORMAT_VERSION]:
            return
        if VIEWING in versions:
            raise PolicyFileError(
                say(
                    "This is the copy of a policy for viewing, whose texts were altered for "
                    "a spreadsheet: load policy.csv of the same export instead."
                )
            )
        if not versions:
            raise PolicyFileError(
                say(
                    "This file has no row {rule}: give a policy file that Headroom wrote, or add "
                    "the row {rule},,{version} below the header.",
                    rule=FORMAT_RULE,
                    version=FORMAT_VERSION,
                )
            )
        raise PolicyFileError(
            say(
                "This policy file has format {other!r}, and this version of Headroom reads "
                "format {version}: export the policy again from a version that agrees.",
                other=together(versions),
                version=FORMAT_VERSION,
            )
        )

    def take(self, line: _Line) -> None:
        """Read one row; a fault is kept for later."""
        if line.rule == FORMAT_RULE:
            return
        if line.rule == CONSTRAINT:
            self._keep_constraint(line)
            return
        try:
            parameter = parameters.find(POLICY_PARAMETERS, line.rule)
        except ParameterError as error:
            self.faults.extend(
                say("Line {number}: {fault}", number=line.number, fault=fault)
                for fault in error.faults
            )
            return
        try:
            value = self._value(parameter, line.value)
        except ParameterError as error:
            self.seen.add(parameter.name)
            self.faults.extend(
                say("Line {number}: {fault}", number=line.number, fault=fault)
                for fault in error.faults
            )
            return
        self._keep(line, parameter, value)

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

    def _keep_constraint(self, line: _Line) -> None:
        try:
            parse_constraint(line.value)
        except ParameterError as error:
            self.faults.extend(
                say("Line {number}: {fault}", number=line.number, fault=fault)
                for fault in error.faults
            )
        else:
            self.constraints.append(line.value)

    def _keep(self, line: _Line, parameter: Parameter, value: Any) -> None:
        name, start = parameter.name, line.score_from.strip()
        repeated = name in self.seen
        self.seen.add(name)
        if name == "raise_rate" and start:
            self._keep_tier(line, start, value, flat="raise_rate" in self.values)
        elif start:
            self.faults.append(
                say(
                    "Line {number}: {name} has a score_from: leave it empty; only raise_rate "
                    "has tiers.",
                    number=line.number,
                    name=name,
                )
            )
        elif repeated:
            self.faults.append(_repeated(line.number, name))
        else:
            self.values[name] = value

    def _keep_tier(self, line: _Line, start: str, value: Any, *, flat: bool) -> None:
        if not re.fullmatch(r"\d{1,9}", start, re.ASCII):
            self.faults.append(
                say(
                    "Line {number}: score_from = {start!r} was not understood: give a whole score.",
                    number=line.number,
                    start=start,
                )
            )
        elif flat or int(start) in self.tiers:
            self.faults.append(_repeated_tier(line.number, None if flat else int(start)))
        else:
            self.tiers[int(start)] = value

    def _value(self, parameter: Parameter, text: str) -> Any:
        if parameter.unit is Unit.TEXT:
            return text
        clean = text.strip()
        off = parameter.optional and clean.lower() in parameters.OFF_WORDS
        if parameter.unit in _NUMERIC and clean and not off:
            clean = self._number(parameter, clean)
        elif parameter.unit is Unit.DATE:
            clean = re.sub(r"^(\d{4})/(\d{1,2})/(\d{1,2})$", _dashed, clean)
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
        if _PLAIN.fullmatch(text):
            return text
        if self.decimal_comma and _DECIMAL_COMMA.fullmatch(text):
            if not _THOUSANDS.fullmatch(text):
                return text.replace(",", ".")
        elif not self.decimal_comma and _THOUSANDS.fullmatch(text):
            return text.replace(",", "")
        raise ParameterError(
            say(
                "{name} = {text!r} was not understood: give {allowed}, written plainly as "
                "50000 or 0.2.",
                name=parameter.name,
                text=text,
                allowed=parameter.allowed,
            )
        )


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


def _table(data: bytes) -> tuple[list[_Line], bool]:
    """Return the rows below the header, and whether the file may write decimals with a comma."""
    text = _decoded(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.lower().startswith("sep="):
        text = text.split("\n", 1)[1] if "\n" in text else ""
        first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        raise PolicyFileError(
            say(
                "The policy file is not a proper CSV file (a quote is not closed, or a cell "
                "is broken): export the policy again."
            )
        ) from None
    header = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    absent = [name for name in REQUIRED_COLUMNS if name not in header]
    if absent:
        raise PolicyFileError(
            say(
                "The policy file has no column {absent}: its first line must be {header}.",
                absent=", ".join(absent),
                header=",".join(POLICY_COLUMNS),
            )
        )
    places = [header.index(name) for name in REQUIRED_COLUMNS]
    return [_line(number, row, places) for number, row in rows[1:]], delimiter != ","


def _line(number: int, row: list[str], places: list[int]) -> _Line:
    rule, score_from, value = (row[place] if place < len(row) else "" for place in places)
    return _Line(number, rule.strip(), score_from, value)


def _decoded(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        raise PolicyFileError(
            say("This is a zip or a workbook: give the file policy.csv of an export.")
        )
    if len(data) > MAX_BYTES:
        raise PolicyFileError(
            say(
                "The file is larger than {most:,} bytes and cannot be a policy: choose the "
                "file policy.csv of an export.",
                most=MAX_BYTES,
            )
        )
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise PolicyFileError(
            say(
                "The policy file is not in UTF-8: save it as CSV UTF-8, or export the policy again."
            )
        ) from None
    if not text.strip():
        raise PolicyFileError(
            say("The policy file is empty: choose the file policy.csv of an export.")
        )
    return text
