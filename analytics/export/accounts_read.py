"""``accounts.csv`` read back: what it adds up to, and whether its rows agree with themselves."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO

from analytics.declared.choices import Reason
from analytics.declared.language import marked, say
from analytics.export.accounts_file import SUMMED
from analytics.export.accounts_lines import (
    ARMS,
    OF_THE_END,
    OF_TREATMENTS,
    OFFER,
    RAISE,
    SINCE_2,
)
from analytics.export.treated_read import READ, TreatedReader, TreatedRows

MAX_LINE = 1_000_000
_RAISED = str(Reason.RAISED)
_ARM_OF = {str(reason): str(arm) for reason, arm in ARMS.items()}
_ENDED = (*OF_THE_END, "current_limit", "decision")
_CHECKED = ("current_limit", "new_limit", "would_be_limit", "reason", "decision", "arm")


@dataclass(frozen=True, slots=True)
class Table:
    """What a table holds: rows below its header, sums of its money columns, accounts raised.

    ``ends`` are the days on which its raises end, as far as they differ: one too many is enough.
    ``faults`` says where a row does not agree with itself: the first of each kind.
    """

    rows: int
    sums: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    raised: int = 0
    faults: Sequence[str] = ()
    ends: frozenset[str] | None = None
    treated: TreatedRows | None = None
    """None of a list from before there were treatments."""


def count_rows(file: BinaryIO) -> Table:
    """Return how many rows a table has below its header.

    Raises
    ------
    ValueError, UnicodeDecodeError, csv.Error
        It is no such table.
    """
    with io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
        reader = csv.reader(_short_lines(text), strict=True)
        next(reader, [])
        return Table(sum(1 for _ in reader))


def read_accounts(file: BinaryIO, *, name: str, arms: bool) -> Table:
    """Return what a list of accounts holds.

    Parameters
    ----------
    name : str
        What the file is called in a fault.
    arms : bool
        Whether it has the arms of the trial, which came with version 2 of the method.

    Raises
    ------
    ValueError, UnicodeDecodeError, IndexError, csv.Error, decimal.InvalidOperation
        It is no such list.
    """
    with io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
        reader = csv.reader(_short_lines(text), strict=True)
        header = next(reader, [])
        summed = [column for column in SUMMED if arms or column not in SINCE_2]
        places, decision = [header.index(column) for column in summed], header.index("decision")
        reading = _Reading(header, arms=arms)
        totals, count, raised = [Decimal("0.00") for _ in places], 0, 0
        found: dict[str, str] = {}
        for row in reader:
            count += 1
            raised += row[decision] in (RAISE, OFFER)
            for at, place in enumerate(places):
                totals[at] += Decimal(row[place])
            fault = reading.fault(row)
            if fault and fault not in found:
                found[fault] = say(fault, name=name, line=count + 1, account=row[0])
    sums = dict(zip(summed, totals, strict=True))
    return Table(count, sums, raised, tuple(found.values()), reading.ends(), reading.treated())


class _Reading:
    """Holds the cells of each row against each other, as far as the list has the columns."""

    def __init__(self, header: list[str], *, arms: bool) -> None:
        self._checked = [header.index(column) for column in _CHECKED] if arms else []
        self._ended = [header.index(column) for column in _ENDED if column in header]
        self._given = [header.index(column) for column in READ if column in header]
        self._treated = (
            TreatedReader() if arms and all(name in header for name in OF_TREATMENTS) else None
        )
        self._ends: set[str] = set()
        self._has_ends = any(column in header for column in OF_THE_END)

    def fault(self, row: list[str]) -> str | None:
        """Return in which way a row contradicts itself, None where it agrees."""
        fault = _fault(*(row[place] for place in self._checked)) if self._checked else None
        if not fault and len(self._ended) == len(_ENDED):
            day, after, current, decision = (row[place] for place in self._ended)
            made = decision in (RAISE, OFFER)
            fault = _end_fault(day, after, current, made=made)
            if made and len(self._ends) < 2:
                self._ends.add(day)
        if self._treated:
            of_treatment = self._treated.fault([row[place] for place in self._given])
            fault = fault or of_treatment
        return fault

    def ends(self) -> frozenset[str] | None:
        """Return the days on which raises end; None of a list from before there were any."""
        return frozenset(self._ends) if self._has_ends else None

    def treated(self) -> TreatedRows | None:
        """Return what was counted of treatments; None of a list from before there were any."""
        return self._treated.rows() if self._treated else None


def _fault(
    current: str, new: str, would_be: str, reason: str, decision: str, arm: str
) -> str | None:
    """Return in which way the cells of a row contradict each other, None where they agree."""
    made = decision in (RAISE, OFFER)
    if made is not (reason == _RAISED):
        return marked("{name}: row {line}, account {account!r}: its decision is not its reason's.")
    if arm != _ARM_OF.get(reason, ""):
        return marked("{name}: row {line}, account {account!r}: its arm is not its reason's.")
    if made and new != would_be:
        return marked(
            "{name}: row {line}, account {account!r}: it is raised, and to another limit than "
            "would_be_limit."
        )
    if not made and new != current:
        return marked(
            "{name}: row {line}, account {account!r}: it is not raised, and its limit moves."
        )
    if not arm and would_be != current:
        return marked(
            "{name}: row {line}, account {account!r}: it is in no arm, and has a would_be_limit "
            "of its own."
        )
    return None


def _end_fault(day: str, after: str, current: str, *, made: bool) -> str | None:
    """Return in which way a row contradicts itself on the end of its raise, None where it agrees.

    A permanent raise has neither day nor limit; of a temporary one the day may not be known.
    """
    if not made and (day or after):
        return marked("{name}: row {line}, account {account!r}: it is not raised, and has an end.")
    if day and not after:
        return marked(
            "{name}: row {line}, account {account!r}: it has an end_date, and no limit_after_end."
        )
    if after not in ("", current):
        return marked(
            "{name}: row {line}, account {account!r}: its limit_after_end is not the limit of "
            "before."
        )
    return None


def _short_lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Give the lines of a table; one that is longer than any row of an export is an error."""
    while line := text.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise ValueError(MAX_LINE)
        yield line
