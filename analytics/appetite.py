"""Risk appetite: constraints on measures, written in text, that a policy is held to."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from analytics.declared.choices import Sign
from analytics.declared.language import say
from analytics.declared.measures import BY_NAME, MeasureUnit, find_measure, no_measure
from analytics.declared.parameters import percent_text
from analytics.errors import ParameterError

ROOM = 1e-9
"""How far beyond a bound is still on it, as a share of the bound (or of 1, where it is smaller)."""

MAX_CONSTRAINTS = 50
"""Constraints of an appetite; beyond them measures would be bounded several times over."""

_SUFFIXES = ("_increment_rate", "_increment")
_SIGNS: Mapping[str, Sign] = {
    **dict.fromkeys(("<=", "=<", "≤"), Sign.AT_MOST),
    **dict.fromkeys((">=", "=>", "≥"), Sign.AT_LEAST),
}
_TEXT = re.compile(r"\s*([\w-]+)\s*(<=|=<|≤|>=|=>|≥|<|>|==|=)\s*(\S.*?)\s*")


class Kind(Enum):
    """What of a measure is bounded."""

    LEVEL = ""
    """The measure of the proposed side; for a rate, the rate."""
    INCREMENT = "_increment"
    """Proposed less baseline."""
    RELATIVE = "_increment_rate"
    """The increment as a share of the size of the baseline."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One bound on one measure; money in currency units, rates as decimals.

    Raises
    ------
    ParameterError
        An unknown measure, or a bound that is not a finite number.
    """

    measure: str
    kind: Kind
    sign: Sign
    bound: float

    def __post_init__(self) -> None:
        find_measure(self.measure)
        if self.sign not in tuple(Sign):
            raise ParameterError(
                say(
                    "{measure}: {sign!r} is no bound: write <= or >=.",
                    measure=self.measure,
                    sign=self.sign,
                )
            )
        object.__setattr__(self, "sign", Sign(self.sign))
        if not math.isfinite(self.bound):
            raise ParameterError(
                say(
                    "{measure}: the bound is not a number: give a finite one.", measure=self.measure
                )
            )

    def __str__(self) -> str:
        return f"{self.name}{self.sign}{_number(self.bound)}"

    @property
    def name(self) -> str:
        """The measure with what of it is bounded, as written in text."""
        return self.measure + self.kind.value

    @property
    def is_rate(self) -> bool:
        """Whether the bound is a rate."""
        return self.kind is Kind.RELATIVE or BY_NAME[self.measure].unit is MeasureUnit.RATE

    @property
    def is_upper(self) -> bool:
        """Whether the figure is to be at most the bound."""
        return self.sign is Sign.AT_MOST

    @property
    def room(self) -> float:
        """How far beyond the bound still counts as on it."""
        return ROOM * max(1.0, abs(self.bound))

    def with_bound(self, bound: float) -> Constraint:
        """Return the constraint with another bound."""
        return Constraint(self.measure, self.kind, self.sign, bound)

    def figure(self, before: Any, proposed: Any, increment: Any) -> Any:
        """Return what is held against the bound; takes floats or arrays, NaN where undefined."""
        if BY_NAME[self.measure].of_increment:
            return increment
        if self.kind is Kind.LEVEL:
            return proposed
        if self.kind is Kind.INCREMENT:
            return increment
        size = np.abs(before)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.asarray(increment, dtype=float) / size
        return np.where((size == 0) & (np.asarray(increment) == 0), 0.0, share)

    def excess(self, figure: Any) -> Any:
        """Return by how much a figure is beyond the bound (negative inside it); NaN stays."""
        return figure - self.bound if self.is_upper else self.bound - figure

    @property
    def never_is_broken(self) -> bool:
        """Whether what is undefined breaks the bound: a payback that never comes is no payback."""
        return BY_NAME[self.measure].unit is MeasureUnit.MONTHS

    def met_by(self, figure: Any) -> Any:
        """Return whether a figure keeps to the bound; what is undefined breaks none but payback."""
        excess = np.asarray(self.excess(figure), dtype=np.float64)
        met = ~(excess > self.room)
        return met & ~np.isnan(excess) if self.never_is_broken else met


@dataclass(frozen=True, slots=True)
class Appetite:
    """What a lender is ready to bear: constraints that all have to hold.

    Raises
    ------
    ParameterError
        Constraints that contradict each other, or that nothing can meet; all are named at once.
    """

    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "constraints", tuple(self.constraints))
        found = [*_impossible(self.constraints), *_contradictions(self.constraints)]
        if found:
            raise ParameterError(found)

    def __bool__(self) -> bool:
        return bool(self.constraints)

    def __str__(self) -> str:
        return "; ".join(str(constraint) for constraint in self.constraints)

    def without(self, constraint: Constraint) -> Appetite:
        """Return the appetite without one of its constraints."""
        return Appetite(tuple(c for c in self.constraints if c != constraint))

    def not_applied(self, *, incomes: bool) -> tuple[Constraint, ...]:
        """Return the constraints that cannot be held to because incomes are not known."""
        return tuple(c for c in self.constraints if not BY_NAME[c.measure].known(incomes=incomes))


def parse_constraint(text: str) -> Constraint:
    """Return the constraint written as ``ead_increment_rate<=5%`` or ``net_value>=0``.

    A measure's name alone bounds its proposed side, with ``_increment`` its increment, and with
    ``_increment_rate`` the increment as a share of the baseline.

    Raises
    ------
    ParameterError
        The text is no constraint; what was not understood is named, with near matches.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ParameterError(
            say(
                "The constraint {text!r} was not understood: write a measure, <= or >=, and "
                "a bound, for example ead_increment_rate<=5% or net_value_increment>=0.",
                text=text,
            )
        )
    name, sign, bound = match.groups()
    if sign not in _SIGNS:
        raise ParameterError(
            say("The constraint {text!r} has {sign!r}: write <= or >=.", text=text, sign=sign)
        )
    measure, kind = _split(name.lower().replace("-", "_"))
    limit = _parse_bound(bound, text)
    constraint = Constraint(measure, kind, _SIGNS[sign], limit)
    if bound.endswith("%") and not constraint.is_rate:
        raise ParameterError(
            say(
                "The constraint {text!r} bounds an amount by a percentage: write "
                "{measure}_increment_rate{sign}{bound} for a share of the baseline, or an "
                "amount.",
                text=text,
                measure=measure,
                sign=sign,
                bound=bound,
            )
        )
    return constraint


def parse_appetite(texts: str | Iterable[str]) -> Appetite:
    """Return the appetite of several constraints, or of one text with ``;`` between them.

    Raises
    ------
    ParameterError
        Every fault of every constraint, at once.
    """
    pieces = re.split(r"[;\n]", texts) if isinstance(texts, str) else list(texts)
    if len(pieces) > MAX_CONSTRAINTS:
        raise ParameterError(
            say(
                "The appetite has {count:,} constraints, more than the {most} that are held to: "
                "keep the ones that bind.",
                count=len(pieces),
                most=MAX_CONSTRAINTS,
            )
        )
    found: list[str] = []
    constraints: list[Constraint] = []
    for piece in pieces:
        if not piece.strip():
            continue
        try:
            constraint = parse_constraint(piece)
        except ParameterError as error:
            found.extend(error.faults)
        else:
            if constraint not in constraints:
                constraints.append(constraint)
    if found:
        raise ParameterError(found)
    return Appetite(tuple(constraints))


def _split(name: str) -> tuple[str, Kind]:
    if name in BY_NAME:
        return name, Kind.LEVEL
    for kind in (Kind.RELATIVE, Kind.INCREMENT):
        if name.endswith(kind.value) and name.removesuffix(kind.value) in BY_NAME:
            measure = name.removesuffix(kind.value)
            return measure, Kind.LEVEL if BY_NAME[measure].of_increment else kind
    known = [measure + suffix for measure in BY_NAME for suffix in ("", *_SUFFIXES)]
    raise no_measure(name, known)


def _parse_bound(bound: str, text: str) -> float:
    percent = bound.endswith("%")
    bare = bound.removesuffix("%").strip().replace(",", "").replace("_", "")
    try:
        value = float(bare)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ParameterError(
            say(
                "The constraint {text!r} has the bound {bound!r}: give a number, or for a "
                "rate a percentage.",
                text=text,
                bound=bound,
            )
        )
    return float(f"{value / 100:.15g}") if percent else value


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _impossible(constraints: Iterable[Constraint]) -> list[str]:
    found = []
    for constraint in constraints:
        measure, bound = BY_NAME[constraint.measure], constraint.bound
        if constraint.kind is not Kind.LEVEL:
            continue
        if constraint.is_upper and measure.lowest is not None and bound < measure.lowest:
            found.append(
                say(
                    "{constraint}: no policy can meet it, the measure is never below {lowest:g}.",
                    constraint=constraint,
                    lowest=measure.lowest,
                )
            )
        if not constraint.is_upper and measure.highest is not None and bound > measure.highest:
            found.append(
                say(
                    "{constraint}: no policy can meet it, the measure is never above {highest}.",
                    constraint=constraint,
                    highest=percent_text(measure.highest),
                )
            )
    return found


def _contradictions(constraints: Iterable[Constraint]) -> list[str]:
    by_name: dict[str, list[Constraint]] = {}
    for constraint in constraints:
        by_name.setdefault(constraint.name, []).append(constraint)
    return [
        say(
            "{lower} and {upper} contradict each other: no policy can meet both.",
            lower=lower,
            upper=upper,
        )
        for group in by_name.values()
        for lower in group
        for upper in group
        if upper.is_upper and not lower.is_upper and lower.bound > upper.bound
    ]
