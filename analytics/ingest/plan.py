"""Which header is which column: what is read as an account's column, a segment, or left aside."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
from rapidfuzz import fuzz, process

from analytics.declared.choices import ColumnMark
from analytics.declared.columns import BY_NAME, COLUMNS, REQUIRED, Column, Kind
from analytics.declared.language import either, listed, say, shortened
from analytics.declared.visible import unseen_fault
from analytics.errors import PortfolioError
from analytics.ingest.arithmetic import Arithmetic, parse_arithmetic
from analytics.ingest.cells import Spelling, text_of
from analytics.ingest.choice import argument
from analytics.ingest.computed import Computing
from analytics.ingest.declaration import Declaration
from analytics.ingest.misuse import misused
from analytics.ingest.proposals import propose_mapping
from analytics.ingest.raw import Raw
from analytics.ingest.samples import samples_of


@dataclass(frozen=True, slots=True)
class Bound:
    """A product column and the cells that it is read from.

    Parameters
    ----------
    source : str
        The header, or arithmetic over headers, as the user knows it.
    cell, text, type_name : str
        SQL for the cell, for its text, and DuckDB's type of the cell.
    computed : bool
        The cell is arithmetic over headers.
    """

    column: Column
    source: str
    cell: str
    text: str
    type_name: str
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What each of a file's headers is for.

    ``derived_score`` says that the score is to be computed from the default probability.
    """

    bound: tuple[Bound, ...]
    others: tuple[int, ...]
    derived_score: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the product columns that the portfolio will have."""
        read = {bound.column.name for bound in self.bound}
        return tuple(
            c.name for c in COLUMNS if c.name in read or (c.name == "score" and self.derived_score)
        )

    def without(self, blank: Collection[str]) -> Plan:
        """Return the plan without columns that are blank throughout."""
        bound = tuple(one for one in self.bound if one.column.name not in blank)
        return dataclasses.replace(self, bound=bound)


def folded(header: str) -> str:
    """Return a header as headers are compared: one spelling of each character, any case."""
    return unicodedata.normalize("NFKC", header).strip().casefold()


def places_of(raw: Raw) -> dict[str, int]:
    """Return where each header stands, by how headers are compared."""
    return {folded(header): place for place, header in enumerate(raw.headers) if header}


def place_of(source: str, places: Mapping[str, int]) -> int | None:
    """Return where the header stands that a source names; None where it names none."""
    return places.get(folded(source), places.get(folded(source.strip("`"))))


def is_arithmetic(source: str) -> bool:
    """Whether a source that names no header is meant as arithmetic over headers."""
    return any(sign in source for sign in "+-*/()`")


def sources_of(places: Mapping[str, int], declaration: Declaration) -> Iterator[tuple[Column, str]]:
    """Yield each product column that is declared or has a header of its name, and its source."""
    declared = dict(declaration.mapping)
    for column in COLUMNS:
        source = declared.get(column.name, column.name if column.name in places else "")
        if source:
            yield column, source


def make_plan(
    raw: Raw,
    declaration: Declaration,
    cursor: duckdb.DuckDBPyConnection,
    spellings: Mapping[int, Spelling] | None = None,
) -> Plan:
    """Return what each header is for, as declared or by its name.

    Parameters
    ----------
    spellings : mapping of int to Spelling, optional
        How the text cells are written that arithmetic reads, by the place of their header.

    Raises
    ------
    PortfolioError
        Headers are given twice, a declared header is not there, or a required column is missing;
        every fault is named, with near matches.
    """
    found = _duplicated(raw.headers) + unseen_headers(raw.headers)
    if found:
        raise PortfolioError(found)
    places = places_of(raw)
    declared = dict(declaration.mapping)
    computing = Computing(raw, declaration, spellings or {})
    bound: list[Bound] = []
    used: set[int] = set()
    for column, source in sources_of(places, declaration):
        try:
            one, cells = _bind(cursor, computing, column, source, places)
        except PortfolioError as error:
            found.extend(error.faults)
        else:
            bound.append(one)
            used |= cells
            read = [raw.headers[place] for place in sorted(cells)]
            found += misused(column, read, free_headers(column, declaration))
    derived = declaration.derive_score and all(b.column.name != "score" for b in bound)
    found += _missing(bound, declared, raw, cursor, declaration, derived=derived)
    found += _unfit(bound, raw)
    if found:
        raise PortfolioError(found)
    if derived:
        bound = [_needed(one) for one in bound]
    others = tuple(
        place
        for place, header in enumerate(raw.headers)
        if place not in used and folded(header) not in BY_NAME
    )
    return Plan(tuple(bound), others, derived)


def free_headers(column: Column, declaration: Declaration) -> Callable[[str], bool]:
    """Return what says of a header that a column may be read from it, whatever its name says."""
    free = {folded(name) for name, mark in declaration.marks if mark is ColumnMark.SEGMENT}
    return lambda header: folded(header) in {*free, column.name}


def _needed(bound: Bound) -> Bound:
    if bound.column.name != "default_probability":
        return bound
    return dataclasses.replace(bound, column=dataclasses.replace(bound.column, required=True))


def _bind(
    cursor: duckdb.DuckDBPyConnection,
    computing: Computing,
    column: Column,
    source: str,
    places: Mapping[str, int],
) -> tuple[Bound, set[int]]:
    raw = computing.raw
    place = place_of(source, places)
    if place is not None:
        cell, type_name = f"c{place}", raw.types[place]
        text = cell if type_name == "VARCHAR" else text_of(cell, type_name)
        return Bound(column, raw.headers[place], cell, text, type_name), {place}
    if not is_arithmetic(source):
        raise PortfolioError(_absent(column.name, source, raw.headers))
    arithmetic = parse_arithmetic(source)
    at = _operands(column, arithmetic, raw, places)
    cell, type_name, text = computing.cell(cursor, column, arithmetic, at)
    return Bound(column, source, cell, text, type_name, computed=True), set(at.values())


def unseen_headers(headers: Sequence[str]) -> list[str]:
    """Return what is wrong with headers that do not show what they are."""
    return [
        say("The header {header!r} {problem}: rename the column.", header=header, problem=problem)
        for header in headers
        if (problem := unseen_fault(header))
    ]


def _operands(
    column: Column, arithmetic: Arithmetic, raw: Raw, places: Mapping[str, int]
) -> dict[str, int]:
    lost = [header for header in arithmetic.headers if folded(header) not in places]
    if lost:
        raise PortfolioError([_absent(column.name, header, raw.headers) for header in lost])
    return {header: places[folded(header)] for header in arithmetic.headers}


def _duplicated(headers: Sequence[str]) -> list[str]:
    seen: dict[str, list[int]] = {}
    for place, header in enumerate(headers):
        if header:
            seen.setdefault(folded(header), []).append(place + 1)
    return [
        say(
            "The header {header!r} is given {count} times (columns {places}): give each "
            "column its own name.",
            header=headers[places[0] - 1],
            count=len(places),
            places=tuple(str(place) for place in places),
        )
        for places in seen.values()
        if len(places) > 1
    ]


def _absent(column: str, source: str, headers: Sequence[str]) -> str:
    close = process.extract(
        source, [h for h in headers if h], scorer=fuzz.WRatio, limit=2, score_cutoff=75
    )
    if close:
        return say(
            "--map {column}: the file has no header {source!r}. Did you mean {near}? Its headers "
            "are {headers}.",
            column=column,
            source=source,
            near=either(repr(header) for header, _, _ in close),
            headers=_listed(headers),
        )
    return say(
        "--map {column}: the file has no header {source!r}. Its headers are {headers}.",
        column=column,
        source=source,
        headers=_listed(headers),
    )


def _missing(
    bound: list[Bound],
    declared: Mapping[str, str],
    raw: Raw,
    cursor: duckdb.DuckDBPyConnection,
    declaration: Declaration,
    *,
    derived: bool,
) -> list[str]:
    have = {one.column.name for one in bound}
    if all(name in have or declared.get(name) for name in REQUIRED):
        return []
    headers, found = raw.headers, []
    proposals = propose_mapping(headers, samples_of(cursor, raw))
    proposed = {one.column: one.source for one in proposals if one.column}
    for name in REQUIRED:
        if name in have or declared.get(name):
            continue
        if name == "score":
            found += _no_score(have, proposed, declaration, derived=derived)
        elif name in proposed:
            found.append(
                say(
                    "The file has no column {name}; {proposed!r} looks like it: give --map "
                    "{argument}.",
                    name=name,
                    proposed=proposed[name],
                    argument=argument(f"{name}={proposed[name]}"),
                )
            )
        else:
            found.append(
                say(
                    "The file has no column {name} ({title}): give --map {name}=HEADER for "
                    "the header that holds it. Its headers are {headers}.",
                    name=name,
                    title=BY_NAME[name].title.lower(),
                    headers=_listed(headers),
                )
            )
    return found


def _no_score(
    have: set[str], proposed: Mapping[str, str], declaration: Declaration, *, derived: bool
) -> list[str]:
    if derived and "default_probability" in have:
        if declaration.score_scale.curve is None:
            return [
                say(
                    "The score scale {scale} has no PD curve to derive a score by: declare the "
                    "scale 350:950 or 300:850, or bring a score.",
                    scale=declaration.score_scale,
                )
            ]
        return []
    if "score" in proposed:
        header = proposed["score"]
        return [
            say(
                "The file has no column score; {header!r} looks like it: give --map {argument}.",
                header=header,
                argument=argument(f"score={header}"),
            )
        ]
    if "default_probability" in have or "default_probability" in proposed:
        return [
            say(
                "The file has no score, but a default probability: give --derive-score "
                "to compute the score by the inverse of the PD curve (it is then marked "
                "as derived everywhere), or --map score=HEADER for a header that holds "
                "one."
            )
        ]
    return [
        say(
            "The file has no score, and without one nobody can be chosen for a raise: "
            "add a column with a score (higher is better) and give --map score=HEADER, "
            "or add one with a 12-month default probability and give --derive-score."
        )
    ]


def _unfit(bound: list[Bound], raw: Raw) -> list[str]:
    found = []
    for one in bound:
        if one.column.kind is Kind.TEXT and one.type_name in ("DOUBLE", "FLOAT"):
            found.append(
                say(
                    "The ids in {source} are stored as floating-point numbers, which lose "
                    "digits: write them as text.",
                    source=one.source,
                )
            )
        if one.column.kind is Kind.TEXT and one.source in raw.rounded:
            found.append(
                say(
                    "The ids in {source} are stored as numbers of more than 15 digits, which "
                    "a workbook rounds: store them as text, or export CSV from where they "
                    "come from.",
                    source=one.source,
                )
            )
    return found


def _listed(headers: Sequence[str]) -> str:
    shown = [shortened(header) for header in headers if header][:12]
    more = len([header for header in headers if header]) - len(shown)
    names = listed(shown)
    return say("{names} and {more} more", names=names, more=more) if more > 0 else names
