"""What further columns may be used for: segments, protected ones, and outcomes seen later."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from analytics.declared.choices import ColumnMark
from analytics.declared.language import Sentence, later, say
from analytics.declared.near import nearest
from analytics.declared.protected import is_protected, names_outcome
from analytics.errors import PortfolioError
from analytics.ingest.cells import FALSE_WORDS, TRUE_WORDS
from analytics.ingest.declaration import Declaration
from analytics.ingest.misuse import may_be_freed
from analytics.ingest.plan import folded

FLAG_WORDS = (*TRUE_WORDS, *FALSE_WORDS)
"""In lower case: what the cells of an outcome may be, beside blank."""


@dataclass(frozen=True, slots=True)
class Roles:
    """What the further columns are: all of them, and those kept apart."""

    segments: tuple[str, ...]
    protected: tuple[str, ...]
    outcomes: tuple[str, ...]
    said: tuple[Sentence, ...]


def may_be_outcomes(headers: Iterable[str], declaration: Declaration) -> tuple[str, ...]:
    """Return the headers whose cells decide whether they are outcomes, by name or by mark."""
    marks = _marks(declaration)
    return tuple(
        header
        for header in headers
        if marks.get(folded(header), ColumnMark.OUTCOME if names_outcome(header) else None)
        is ColumnMark.OUTCOME
    )


def settle_roles(
    groups: Sequence[str],
    flags: Collection[str],
    others: Sequence[str],
    used: Collection[str],
    declaration: Declaration,
) -> Roles:
    """Return what each further column is for: as marked, or by its name and cells.

    Parameters
    ----------
    groups : sequence of str
        Headers that can be grouped by.
    flags : collection of str
        Headers of :func:`may_be_outcomes` that hold 0, 1 and blanks alone.
    others : sequence of str
        All headers that no column of the product is read from; ``used`` are the rest.

    Raises
    ------
    PortfolioError
        A mark is of a header that is not there or cannot be what it says; every fault is named.
    """
    found = _faults(groups, flags, others, used, declaration)
    if found:
        raise PortfolioError(found)
    marks = _marks(declaration)
    outcomes = sorted((name for name in others if name in flags), key=_most_plainly)
    segments = tuple(name for name in groups if name not in flags)
    protected = tuple(
        name
        for name in segments
        if marks.get(folded(name), ColumnMark.PROTECTED if is_protected(name) else None)
        is ColumnMark.PROTECTED
    )
    said = (
        *_protected(protected),
        *_outcomes(outcomes),
        *_freed(segments, marks),
        *_read_all_the_same(used, marks),
    )
    return Roles(segments, protected, tuple(outcomes), said)


def _most_plainly(header: str) -> bool:
    """Order the header that METHOD names before others."""
    return folded(header) != "defaulted"


def _marks(declaration: Declaration) -> dict[str, ColumnMark]:
    return {folded(header): mark for header, mark in declaration.marks}


def _faults(
    groups: Sequence[str],
    flags: Collection[str],
    others: Sequence[str],
    used: Collection[str],
    declaration: Declaration,
) -> list[str]:
    able, there = set(map(folded, groups)), set(map(folded, others))
    known, found = set(map(folded, used)), []
    for header, mark in declaration.marks:
        name = folded(header)
        if name in known and mark is ColumnMark.SEGMENT and may_be_freed(header):
            continue
        if name in known:
            found.append(
                say(
                    "--mark {header}={mark}: a column of the product is read from {header}; only "
                    "further columns can be marked.",
                    header=header,
                    mark=mark.value,
                )
            )
        elif name not in there:
            near = nearest(name, sorted(there), most=1)
            found.append(
                say(
                    "--mark {header}={mark}: there is no column {header!r}. Did you mean {near}?",
                    header=header,
                    mark=mark.value,
                    near=near[0],
                )
                if near
                else say(
                    "--mark {header}={mark}: there is no column {header!r}.",
                    header=header,
                    mark=mark.value,
                )
            )
        elif mark is ColumnMark.OUTCOME and name not in set(map(folded, flags)):
            found.append(
                say(
                    "--mark {header}=outcome: an outcome holds 0, 1 and empty cells alone, and "
                    "{header} holds others, or nothing.",
                    header=header,
                )
            )
        elif mark is not ColumnMark.OUTCOME and name not in able:
            found.append(
                say(
                    "--mark {header}={mark}: {header} has too many values to be grouped by, or "
                    "none; leave the mark out.",
                    header=header,
                    mark=mark.value,
                )
            )
    return found


def _protected(names: Sequence[str]) -> Iterable[Sentence]:
    for name in names:
        yield later(
            "{name!r} is a protected segment: it can be looked at by group, and sets no tiers and "
            "no rules. If it is not what its name says, give --mark {name}=segment.",
            name=name,
        )


def _outcomes(names: Sequence[str]) -> Iterable[Sentence]:
    for name in names:
        yield later(
            "{name!r} is an outcome, seen after the day of the balances: it is kept for a "
            "back-test, and is no input, segment or tier. If it was known on that day, give "
            "--mark {name}=segment.",
            name=name,
        )


def _freed(segments: Sequence[str], marks: dict[str, ColumnMark]) -> Iterable[Sentence]:
    """Say what the user marked as usable although its name says otherwise."""
    for name in segments:
        if may_be_freed(name) and marks.get(folded(name)) is ColumnMark.SEGMENT:
            yield later(
                "{name!r} was declared to be a segment that tiers may differ by, although its "
                "name speaks of a protected basis or an outcome.",
                name=name,
            )


def _read_all_the_same(used: Collection[str], marks: dict[str, ColumnMark]) -> Iterable[Sentence]:
    """Say what the user marked as usable, and a column of the product is read from."""
    for name in used:
        if may_be_freed(name) and marks.get(folded(name)) is ColumnMark.SEGMENT:
            yield later(
                "{name!r} was declared to be usable, and is read as a column of the product, "
                "although its name speaks of a protected basis or an outcome.",
                name=name,
            )
