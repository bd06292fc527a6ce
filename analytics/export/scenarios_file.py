"""``scenarios.csv``: stress scenarios of one's own, one row each, written and read back."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from analytics.declared.first_faults import ENOUGH
from analytics.declared.language import say
from analytics.declared.parameters import Mark
from analytics.errors import ParameterError
from analytics.export.table_file import Row, TableFormat, read_bytes, read_table, table_csv
from analytics.export.written_numbers import NumberStyle
from analytics.results.stress import Scenario

FORMAT = TableFormat(
    name="scenarios.csv",
    english_file="scenarios file",
    english_a_file="a scenarios file",
    rule="headroom_scenarios",
    version="1",
    columns=(
        "name",
        "title",
        "years",
        "factor",
        "odds_multiplier",
        "lgd_add",
        "drawdown",
        "mark",
        "source",
    ),
    needed=("name", "title"),
    numbers=("years", "factor", "odds_multiplier", "lgd_add", "drawdown"),
)
MAX_SCENARIOS = 50
_STARTS = {"years": None, "factor": None, "odds_multiplier": 1.0, "lgd_add": 0.0, "drawdown": 0.0}
"""What an empty cell means."""


def scenarios_csv(scenarios: Iterable[Scenario]) -> bytes:
    """Return scenarios as CSV: UTF-8 without a byte order mark, LF; unused numbers are empty."""
    return table_csv(FORMAT, (_row(scenario) for scenario in scenarios))


def load_scenarios(path: Path) -> tuple[Scenario, ...]:
    """Return the scenarios that a file holds.

    Raises
    ------
    ParameterError
        The file cannot be opened or read; every fault is named at once.
    """
    return read_scenarios_csv(read_bytes(path, FORMAT))


def read_scenarios_csv(data: bytes) -> tuple[Scenario, ...]:
    """Return the scenarios that CSV bytes hold: the inverse of :func:`scenarios_csv`.

    Raises
    ------
    ParameterError
        Not a scenarios file, one of another version, no scenario in it, or values that are not
        understood, out of bounds or named twice; every fault is named at once.
    """
    found: list[Scenario] = []
    faults: list[str] = []
    table = read_table(data, FORMAT)
    if len(table.rows) > MAX_SCENARIOS:
        raise ParameterError(
            say(
                "The scenarios file has {count:,} scenarios, more than the {most} that are "
                "computed: keep those that you compare.",
                count=len(table.rows),
                most=MAX_SCENARIOS,
            )
        )
    for row in table.rows:
        try:
            found.append(_scenario(row, table.numbers))
        except ParameterError as error:
            faults.extend(
                say("Line {line}: {fault}", line=row.line, fault=fault) for fault in error.faults
            )
            if len(faults) >= ENOUGH:
                raise ParameterError(faults) from None
    names = [scenario.name for scenario in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults += [say("{name} is there more than once: rename one.", name=name) for name in twice]
    if not found and not faults:
        faults.append(say("The scenarios file has no scenario: add a row for each."))
    if faults:
        raise ParameterError(faults)
    return tuple(found)


def _row(scenario: Scenario) -> tuple[str, ...]:
    numbers = []
    for name, start in _STARTS.items():
        value = getattr(scenario, name)
        numbers.append("" if value == start else repr(float(value)))
    return (scenario.name, scenario.title, *numbers, scenario.mark.value, scenario.source)


def _scenario(row: Row, style: NumberStyle) -> Scenario:
    faults: list[str] = []
    numbers: dict[str, float | None] = {}
    for name, start in _STARTS.items():
        try:
            value = _number(style.plain(name, row[name]), start)
        except ParameterError as error:
            faults.extend(error.faults)
            value = start
        if value is not None and math.isnan(value):
            faults.append(
                say(
                    "{name} = {text!r} was not understood: give a number.",
                    name=name,
                    text=row[name],
                )
            )
            value = start
        numbers[name] = value
    marks = {mark.value: mark for mark in Mark}
    mark = marks.get(row["mark"].upper()) if row["mark"] else Mark.ASSUMPTION
    if mark is None:
        faults.append(
            say(
                "mark = {mark!r} was not understood: give {marks}.",
                mark=row["mark"],
                marks=tuple(marks),
            )
        )
    try:
        scenario = Scenario(
            name=row["name"],
            title=row["title"] or row["name"],
            source=row["source"],
            mark=mark or Mark.ASSUMPTION,
            years=numbers["years"],
            factor=numbers["factor"],
            odds_multiplier=numbers["odds_multiplier"] or 0.0,
            lgd_add=numbers["lgd_add"] or 0.0,
            drawdown=numbers["drawdown"] or 0.0,
        )
    except ParameterError as error:
        raise ParameterError([*faults, *error.faults]) from None
    if faults:
        raise ParameterError(faults)
    return scenario


def _number(text: str, start: float | None) -> float | None:
    """Return the number of a cell, ``start`` where it is empty, NaN where it is none."""
    if not text:
        return start
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
