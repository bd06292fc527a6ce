"""How a file writes its numbers: inferred where one reading alone is possible, else asked for.

One decimal sign holds for the whole file; thousands separators, percent signs and currency marks
hold for a column. ``1,234.56`` can only be read in one way; ``1,234`` can be read in two, so it
needs a cell elsewhere that decides, or the user's word.
"""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from analytics.accounts.quoting import identifier
from analytics.declared.columns import MINOR_UNITS, Kind
from analytics.declared.currencies import KNOWN, currency
from analytics.declared.language import Sentence, later, say
from analytics.errors import PortfolioError
from analytics.ingest.cells import Spelling, cleaned, marks_pattern
from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.declaration import Declaration
from analytics.ingest.plan import Bound, Plan
from analytics.ingest.staging import ODD

NUMBERS = (Kind.MONEY, Kind.RATE, Kind.SCORE, Kind.COUNT)
MARKS: tuple[str, ...] = tuple(
    sorted(
        {mark for one in KNOWN for mark in (one.code, one.symbol, *one.marks)},
        key=lambda mark: (-len(mark), mark),
    )
)


@dataclass(frozen=True, slots=True)
class Spellings:
    """What was understood: the file's decimal sign and each column's spelling."""

    decimal: str
    columns: Mapping[str, Spelling]
    warnings: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What the cells of one column say, in counts."""

    bound: Bound
    percent: int
    without_percent: int
    marked: int
    points: int
    commas: int
    unclear: int
    grouped: int
    plain_points: int


def find_spellings(
    cursor: duckdb.DuckDBPyConnection, plan: Plan, declaration: Declaration
) -> Spellings:
    """Return how the staged file's odd cells are written.

    Raises
    ------
    ChoiceNeeded
        The decimal sign cannot be told, or the columns disagree about it.
    PortfolioError
        The amounts of one column carry marks of several currencies.
    """
    evidence = [
        _evidence(cursor, bound, place, declaration.blank_words)
        for place, bound in enumerate(plan.bound)
        if bound.column.kind in NUMBERS and bound.type_name == "VARCHAR" and not bound.computed
    ]
    decimal = declaration.decimal or _decimal(evidence)
    columns: dict[str, Spelling] = {}
    warnings: list[Sentence] = []
    for one in evidence:
        marks, words = _marks(cursor, one, plan, declaration) if one.marked else ((), ())
        warnings += words
        columns[one.bound.column.name] = Spelling(
            decimal=decimal,
            grouped=bool(one.grouped or one.unclear or one.points or one.commas),
            percent=one.percent > one.without_percent,
            marks=marks,
        )
    return Spellings(decimal, columns, tuple(warnings))


def _evidence(
    cursor: duckdb.DuckDBPyConnection, bound: Bound, place: int, blank_words: tuple[str, ...]
) -> _Evidence:
    name = identifier(bound.column.name)
    money = bound.column.kind is Kind.MONEY
    number = f"regexp_replace(t, '{marks_pattern(MARKS)}', '', 'g')" if money else "t"
    body = f"regexp_replace(regexp_replace({number}, '^[-+( ]+|[)% ]+$', '', 'g'), '\\+', '')"
    fraction = {Kind.MONEY: f"{name} % {MINOR_UNITS} <> 0", Kind.RATE: f"{name} <> trunc({name})"}
    counts = [
        "count(*) FILTER (contains(t, '%'))",
        f"(SELECT count(*) FROM accounts WHERE {name} <> 0)",
        f"count(*) FILTER ({number} <> t)" if money else "0",
        f"count(*) FILTER (regexp_full_match(b, '{_decides('.', ',')}'))",
        f"count(*) FILTER (regexp_full_match(b, '{_decides(',', '.')}'))",
        "count(*) FILTER (regexp_full_match(b, '[1-9][0-9]{0,2}[.,][0-9]{3}'))",
        "count(*) FILTER (regexp_full_match(b, '[0-9]{1,3}([ ''][0-9]{3})+'))",
        f"(SELECT count(*) FROM accounts WHERE {fraction.get(bound.column.kind, 'false')})",
    ]
    text = cleaned(f"{ODD}[{place + 1}]", blank_words)
    row = cursor.execute(
        f"SELECT {', '.join(counts)} FROM (SELECT t, {body} AS b FROM (SELECT {text} AS t "
        f"FROM accounts WHERE {ODD} IS NOT NULL AND {name} IS NULL))"
    ).fetchall()[0]
    return _Evidence(bound, *(int(n) for n in row))


def _decides(point: str, comma: str) -> str:
    """Return the pattern of numbers in which ``point`` can only be the decimal sign."""
    p, c = f"\\{point}", f"\\{comma}"
    return (
        f"[0-9]*{p}([0-9]{{1,2}}|[0-9]{{4,}})|[0-9]{{4,}}{p}[0-9]*|0[0-9]*{p}[0-9]+|{p}[0-9]+|"
        f"[0-9]{{1,3}}({c}[0-9]{{2,3}})+{p}[0-9]*|[0-9]{{1,3}}({c}[0-9]{{2,3}})+{c}[0-9]{{3}}|"
        f"[0-9]{{1,3}}([ ''][0-9]{{3}})+{p}[0-9]*"
    )


def _decimal(evidence: list[_Evidence]) -> str:
    """Return the one decimal sign that every cell agrees with; ask where there is not one."""
    points = [one.bound for one in evidence if one.points or one.plain_points]
    commas = [one.bound for one in evidence if one.commas]
    unclear = [one.bound for one in evidence if one.unclear]
    if points and commas:
        raise _ask(
            say(
                "Numbers are written with a decimal point in {points} and with a decimal "
                "comma in {commas}: declare which is right with --decimal point or --decimal "
                "comma; the others are then rejected.",
                points=_named(points),
                commas=_named(commas),
            )
        )
    if unclear and not points and not commas:
        raise _ask(
            say(
                "Numbers such as 1,234 or 1.234 in {columns} can be read in two ways: declare "
                "with --decimal point (1,234 is one thousand) or --decimal comma (1.234 is).",
                columns=_named(unclear),
            )
        )
    return "," if commas else "."


def _ask(sentence: str) -> ChoiceNeeded:
    choices = (Choice("point", ("1,234.56",)), Choice("comma", ("1.234,56",)))
    return ChoiceNeeded(sentence, option="decimal", choices=choices)


def _named(bounds: list[Bound]) -> str:
    return ", ".join(bound.source for bound in bounds)


def _marks(
    cursor: duckdb.DuckDBPyConnection, one: _Evidence, plan: Plan, declaration: Declaration
) -> tuple[tuple[str, ...], list[Sentence]]:
    """Return the currency marks that a column's cells carry, and what is odd about them."""
    place = plan.bound.index(one.bound)
    text = cleaned(f"{ODD}[{place + 1}]", declaration.blank_words)
    rows = cursor.execute(
        f"SELECT DISTINCT upper(trim(regexp_extract({text}, '{marks_pattern(MARKS)}'), ' -+')) "
        f"FROM accounts WHERE {ODD} IS NOT NULL AND {identifier(one.bound.column.name)} IS NULL"
    ).fetchall()
    used = {row[0] for row in rows if row[0]}
    marks = tuple(mark for mark in MARKS if mark.upper() in used)
    owners = [{c.code for c in KNOWN if mark in (c.code, c.symbol, *c.marks)} for mark in marks]
    common = set.intersection(*owners) if owners else set()
    if not common:
        raise PortfolioError(
            say(
                "The amounts in {source} carry the marks of several currencies ({marks}): "
                "give a file in one currency.",
                source=one.bound.source,
                marks=", ".join(marks),
            )
        )
    declared = currency(declaration.currency)
    if declared.code in common:
        return marks, []
    likely = min(common, key=[c.code for c in KNOWN].index)
    return marks, [
        later(
            "The amounts in {source} carry {marks}, and the portfolio is declared in "
            "{code}: give --currency {likely} if that is what they are in.",
            source=one.bound.source,
            marks=_together(marks),
            code=declared.code,
            likely=likely,
        )
    ]


def _together(marks: tuple[str, ...]) -> str | Sentence:
    """Return the marks as ``a and b``, said when the sentence about them is."""
    first, *others = marks
    found: str | Sentence = first
    for other in others:
        found = later("{first} and {second}", first=found, second=other)
    return found
