"""Which header is which column: what is read as an account's column, a segment, or left aside."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from analytics.columns import BY_NAME, COLUMNS, REQUIRED, Column
from analytics.errors import PortfolioError
from analytics.ingest.declaration import Declaration
from analytics.ingest.raw import Raw

RESERVED = frozenset({"group_label", "reason", "wanted", "binding", "headline", "raised"})
"""Names that statements give to their own columns; a header of that name is no segment."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A product column and the cells that it is read from.

    Parameters
    ----------
    source : str
        The header, or arithmetic over headers, as the user knows it.
    cell, type_name : str
        SQL for the cell and DuckDB's type of it.
    computed : bool
        The cell is arithmetic over headers.
    """

    column: Column
    source: str
    cell: str
    type_name: str
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What each of a file's headers is for."""

    bound: tuple[Bound, ...]
    others: tuple[int, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the product columns that are read."""
        return tuple(bound.column.name for bound in self.bound)


def folded(header: str) -> str:
    """Return a header as headers are compared: one spelling of each character, any case."""
    return unicodedata.normalize("NFKC", header).strip().casefold()


def make_plan(raw: Raw, declaration: Declaration) -> Plan:
    """Return what each header is for, as declared or by its name.

    Raises
    ------
    PortfolioError
        Headers are given twice, a declared header is not there, or a required column is missing;
        every fault is named, with near matches.
    """
    found = _duplicated(raw.headers)
    places = {folded(header): place for place, header in enumerate(raw.headers)}
    declared = dict(declaration.mapping)
    bound: list[Bound] = []
    for column in COLUMNS:
        source = declared.get(column.name)
        if source is None and column.name in places:
            bound.append(_bind(raw, column, places[column.name]))
        elif source:
            place = places.get(folded(source))
            if place is None:
                found.append(_absent(column.name, source, raw.headers))
            else:
                bound.append(_bind(raw, column, place))
    found += _missing(bound, declared, raw.headers)
    if found:
        raise PortfolioError(found)
    used = {one.cell for one in bound}
    others = tuple(
        place
        for place, header in enumerate(raw.headers)
        if f"c{place}" not in used and folded(header) not in BY_NAME
    )
    return Plan(tuple(bound), others)


def _bind(raw: Raw, column: Column, place: int) -> Bound:
    return Bound(column, raw.headers[place], f"c{place}", raw.types[place])


def _duplicated(headers: Sequence[str]) -> list[str]:
    seen: dict[str, list[int]] = {}
    for place, header in enumerate(headers):
        if header:
            seen.setdefault(folded(header), []).append(place + 1)
    return [
        f"The header {headers[places[0] - 1]!r} is given {len(places)} times (columns "
        f"{', '.join(str(place) for place in places)}): give each column its own name."
        for places in seen.values()
        if len(places) > 1
    ]


def _absent(column: str, source: str, headers: Sequence[str]) -> str:
    return (
        f"--map {column}={source}: the file has no header {source!r}{_near(source, headers)} "
        f"Its headers are {_listed(headers)}."
    )


def _missing(bound: list[Bound], declared: dict[str, str], headers: Sequence[str]) -> list[str]:
    have = {one.column.name for one in bound}
    lost = [name for name in REQUIRED if name not in have and not declared.get(name)]
    return [
        f"The file has no column {name} ({BY_NAME[name].title.lower()}){_near(name, headers)} "
        f"Give --map {name}=HEADER for the header that holds it."
        for name in lost
    ]


def _near(name: str, headers: Sequence[str]) -> str:
    close = process.extract(
        name, [h for h in headers if h], scorer=fuzz.WRatio, limit=2, score_cutoff=75
    )
    return f" (did you mean {' or '.join(repr(h) for h, _, _ in close)}?)." if close else "."


def _listed(headers: Sequence[str]) -> str:
    shown = [header for header in headers if header][:12]
    more = len(headers) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
