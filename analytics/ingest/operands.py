"""How the text cells that arithmetic reads are written: told by the rules that columns have."""

# Statements are built from this package's own names.

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from analytics.declared.columns import Column, Kind
from analytics.declared.language import Sentence
from analytics.errors import PortfolioError
from analytics.ingest.arithmetic import parse_arithmetic
from analytics.ingest.cells import NUMBERS, Rules, Spelling
from analytics.ingest.declaration import Declaration
from analytics.ingest.plan import (
    Bound,
    Plan,
    folded,
    is_arithmetic,
    place_of,
    places_of,
    sources_of,
)
from analytics.ingest.raw import Raw
from analytics.ingest.spellings import find_spellings
from analytics.ingest.staging import stage


@dataclass(frozen=True, slots=True)
class Operands:
    """How the cells of operands are written, by the place of their header, and what is odd."""

    spellings: Mapping[int, Spelling] = field(default_factory=dict)
    warnings: tuple[Sentence, ...] = ()


def read_operands(
    cursor: duckdb.DuckDBPyConnection, raw: Raw, declaration: Declaration
) -> Operands:
    """Look at the text cells that arithmetic reads, as at columns of amounts.

    Raises
    ------
    ChoiceNeeded
        Their decimal sign cannot be told.
    PortfolioError
        The cells of one header carry marks of several currencies.
    """
    places = places_of(raw)
    operands = _places(raw, places, declaration)
    if not operands:
        return Operands()
    bound = _bound(raw, places, declaration, operands)
    plan = Plan(tuple(bound.values()), ())
    names = frozenset(one.column.name for one in bound.values())
    rules = Rules(
        declaration.score_scale,
        declaration.sentinels,
        declaration.blank_words,
        commas=names if declaration.decimal == "," else frozenset(),
    )
    staged = stage(cursor, raw, plan, rules)
    try:
        if not staged.odd:
            return Operands()
        found = find_spellings(cursor, plan, declaration)
    finally:
        cursor.execute("DROP TABLE accounts")
        raw.forget(cursor)
    return Operands(
        {
            place: found.columns[bound[place].column.name]
            for place in sorted(operands)
            if bound[place].column.name in found.columns
        },
        found.warnings,
    )


def _places(raw: Raw, places: Mapping[str, int], declaration: Declaration) -> frozenset[int]:
    """Return where the text cells stand that arithmetic reads."""
    return frozenset(
        operand
        for _, source in sources_of(places, declaration)
        if place_of(source, places) is None and is_arithmetic(source)
        for operand in _headers(source, places)
        if raw.types[operand] == "VARCHAR"
    )


def _bound(
    raw: Raw, places: Mapping[str, int], declaration: Declaration, operands: frozenset[int]
) -> dict[int, Bound]:
    """Return the operands as columns of amounts, and the columns of numbers that stand beside.

    What is known of the amounts of a file needs them all, so that both are looked at together. An
    operand that is a column of numbers as well is looked at once, as that column.
    """
    bound = {place: _text(raw, place, _amounts(place)) for place in sorted(operands)}
    for column, source in sources_of(places, declaration):
        place = place_of(source, places)
        if place is not None and column.kind in NUMBERS and raw.types[place] == "VARCHAR":
            bound[place] = _text(raw, place, column)
    return bound


def _headers(source: str, places: Mapping[str, int]) -> list[int]:
    """Return where arithmetic's headers are; the plan says which are not there."""
    try:
        headers = parse_arithmetic(source).headers
    except PortfolioError:
        return []
    return [places[folded(header)] for header in headers if folded(header) in places]


def _amounts(place: int) -> Column:
    """Return a column of amounts that is named after its place, as no product column is."""
    return Column(str(place), "", Kind.MONEY, required=False, english_help="")


def _text(raw: Raw, place: int, column: Column) -> Bound:
    return Bound(column, raw.headers[place], f"c{place}", f"c{place}", "VARCHAR")
