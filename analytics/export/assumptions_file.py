"""``assumptions.csv``: every assumption with unit, cases, mark, source and whether it was changed.

One row an assumption; values by band stand in one cell, separated by blanks, in the order of
``band_edges``. Read back, the file gives the identical assumptions, of the same fingerprint; only
``name`` and ``value`` are read. Nothing is filled in by default, but for one case that is said: a
file of the method's version 1 lacks the values that came with version 2.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.assumptions import CURVE_NAMES, Assumptions, format_value, parameter
from analytics.declared import parameters
from analytics.declared.assumption_parameters import (
    ASSUMPTION_PARAMETERS,
    BAND_PARAMETERS,
    RIVAL_NAMES,
)
from analytics.declared.cases import CASES, Setting
from analytics.declared.first_faults import ENOUGH
from analytics.declared.language import marked, say
from analytics.declared.method_version import METHOD_VERSION
from analytics.errors import ParameterError
from analytics.export.table_file import Row, TableFormat, read_bytes, read_table, table_csv
from analytics.export.written_numbers import NumberStyle

EDGES = "band_edges"
METHOD = "method_version"
"""The row that says by which version of the method the values were meant; version 1 had none."""
FORMAT = TableFormat(
    name="assumptions.csv",
    english_file="assumptions file",
    english_a_file="an assumptions file",
    rule="headroom_assumptions",
    version="1",
    columns=("name", "value", "unit", "low", "high", "mark", "source", "changed"),
    needed=("name", "value"),
)
FIELDS = tuple(item.name for item in dataclasses.fields(Assumptions))
_REGISTRY = (*ASSUMPTION_PARAMETERS, *(band.declared for band in BAND_PARAMETERS))
_BANDS = frozenset(band.name for band in BAND_PARAMETERS)
_SINCE_2 = (
    "reference_draw",
    "moved_share",
    "pd_uplift_driver",
    "transactor_yield",
    "build_month_3",
    "horizon_months",
    "discount_rate",
    "loss_lag_months",
    "provisioning",
    "life_years",
    *RIVAL_NAMES,
)
"""What came with version 2 of the method: a file of version 1 takes the values shipped."""
_BETWEEN = re.compile(r"[\s|]+")


@dataclass(frozen=True, slots=True)
class Given:
    """The assumptions of a file, and the names of those that it lacks for being of version 1."""

    assumptions: Assumptions
    filled: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """What was filled in, in words; nothing where nothing was."""
        if not self.filled:
            return ""
        return say(
            "The assumptions file is of version 1 of the method, and this is version {version}. "
            "It has no {names}: the values shipped are taken.",
            version=METHOD_VERSION,
            names=tuple(self.filled),
        )


def assumptions_csv(assumptions: Assumptions, shipped: Assumptions | None = None) -> bytes:
    """Return assumptions as CSV: UTF-8 without a byte order mark, LF.

    Parameters
    ----------
    shipped : Assumptions, optional
        What ``changed`` is told by; the values shipped unless given.
    """
    return table_csv(FORMAT, _rows(assumptions, shipped or Assumptions()))


def load_given(path: Path) -> Given:
    """Return what a file holds.

    Raises
    ------
    ParameterError
        The file cannot be opened or read; every fault is named at once.
    """
    return read_given(read_bytes(path, FORMAT))


def load_assumptions(path: Path) -> Assumptions:
    """Return the assumptions that a file holds; see :func:`load_given`."""
    return load_given(path).assumptions


def read_assumptions_csv(data: bytes) -> Assumptions:
    """Return the assumptions that CSV bytes hold: the inverse of :func:`assumptions_csv`."""
    return read_given(data).assumptions


def read_given(data: bytes) -> Given:
    """Return what CSV bytes hold.

    Raises
    ------
    ParameterError
        Not an assumptions file, one of another version, or values unknown, missing, repeated or
        out of bounds; every fault is named at once.
    """
    values: dict[str, Any] = {}
    seen: set[str] = set()
    faults: list[str] = []
    table = read_table(data, FORMAT)
    rows, first = _version_apart(table.rows, faults)
    for row in rows:
        try:
            name = _name(row["name"], seen)
            values[name] = _value(name, row, table.numbers)
        except ParameterError as error:
            faults.extend(
                say("Line {line}: {fault}", line=row.line, fault=fault) for fault in error.faults
            )
            if len(faults) >= ENOUGH:
                raise ParameterError(faults) from None
    filled = _filled(seen, values) if first else {}
    missing = [name for name in FIELDS if name not in seen and name not in filled]
    if missing:
        faults.append(say("The file has no row for {missing}: add it.", missing=tuple(missing)))
    return Given(_assumptions(values | filled, faults), tuple(filled))


def _version_apart(rows: list[Row], faults: list[str]) -> tuple[list[Row], bool]:
    """Return the rows of values, and whether they are meant by version 1 of the method."""
    versions = [row for row in rows if row["name"].lower() == METHOD]
    faults += [
        say(
            "Line {line}: the file is of version {other!r} of the method, and this is version "
            "{version}: export it again from a version that agrees.",
            line=row.line,
            other=row["value"],
            version=METHOD_VERSION,
        )
        for row in versions
        if row["value"] not in ("1", str(METHOD_VERSION))
    ]
    if len(versions) > 1:
        faults.append(say("{name} is there more than once: keep one row.", name=METHOD))
    first = not versions or versions[0]["value"] == "1"
    return [row for row in rows if row not in versions], first


def _filled(seen: set[str], values: dict[str, Any]) -> dict[str, Any]:
    """Return the values shipped of what came with version 2 and is not in the file.

    By band they are known for the number of bands that is shipped alone.
    """
    shipped = Assumptions()
    fits = len(values.get(EDGES, shipped.band_edges)) == len(shipped.band_edges)
    return {
        name: getattr(shipped, name)
        for name in _SINCE_2
        if name not in seen and (fits or name not in _BANDS)
    }


def _assumptions(values: dict[str, Any], faults: list[str]) -> Assumptions:
    """Return the assumptions; of values that could be read, bounds are looked at in any case."""
    try:
        found = Assumptions(**_stood_in(values) if faults else values)
    except ParameterError as error:
        raise ParameterError([*faults, *error.faults]) from None
    if faults:
        raise ParameterError(faults)
    return found


def _stood_in(values: dict[str, Any]) -> dict[str, Any]:
    """Return values with those that are missing stood in for: by band, as many as there are bands.

    So that the rest can be checked; nothing of it is used.
    """
    edges = values.get(EDGES, Assumptions().band_edges)
    curve = [values.get(name, 0.0) for name in CURVE_NAMES]
    fill: dict[str, Any] = {
        band.name: (band.central * (len(edges) // 8 + 1))[: len(edges)]
        for band in BAND_PARAMETERS
        if band.name not in values
    }
    if None in curve:
        fill |= dict.fromkeys(CURVE_NAMES)
    return {EDGES: edges, **fill, **values}


def _rows(assumptions: Assumptions, shipped: Assumptions) -> Iterator[tuple[str, ...]]:
    changed = set(assumptions.changed_from(shipped))
    yield (METHOD, str(METHOD_VERSION), *[""] * (len(FORMAT.columns) - 2))
    for name in FIELDS:
        text = _text(name, getattr(assumptions, name))
        yes = "yes" if name in changed else "no"
        if name == EDGES:
            yield (name, text, "score", "", "", "", marked("Lower edge of each score band"), yes)
            continue
        declared, case = parameter(name), CASES[name]
        yield (
            name,
            text,
            declared.unit.value,
            _text(name, case.low),
            _text(name, case.high),
            declared.mark.value,
            declared.english_source,
            yes,
        )


def _text(name: str, value: Setting | None) -> str:
    return format_value(name, value).replace(",", " ")


def _name(text: str, seen: set[str]) -> str:
    """Return the name of a row's assumption, and keep that it was seen."""
    name = EDGES if text.lower() == EDGES else parameters.find(_REGISTRY, text).name
    if name in seen:
        raise ParameterError(say("{name} is there more than once: keep one row.", name=name))
    seen.add(name)
    return name


def _value(name: str, row: Row, numbers: NumberStyle) -> Any:
    """Return the value of a row; bounds are for the assumptions to check."""
    text = row["value"]
    if name == EDGES:
        pieces = _BETWEEN.split(text)
        if not all(re.fullmatch(r"\d{1,9}", piece, re.ASCII) for piece in pieces):
            raise ParameterError(
                say(
                    "band_edges = {text!r} was not understood: give whole scores, separated "
                    "by blanks.",
                    text=text,
                )
            )
        return tuple(int(piece) for piece in pieces)
    parameter = next(p for p in _REGISTRY if p.name == name)
    if name in CURVE_NAMES and text.lower() in parameters.OFF_WORDS:
        return None
    if not text:
        raise ParameterError(
            say("{name} has no value: give {allowed}.", name=name, allowed=parameter.allowed)
        )
    if name in _BANDS:
        plain = (numbers.plain(name, piece) for piece in _BETWEEN.split(text))
        return tuple(_number(parameter.parse(piece)) for piece in plain)
    return parameter.parse(numbers.plain(name, text))


def _number(value: parameters.Value) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
