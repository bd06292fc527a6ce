"""How a file writes its numbers: inferred where one reading alone is possible, else asked for.

Decimal sign, thousands separators, percent signs and currency marks hold for a column.
``1,234.56`` can only be read in one way; ``1,234`` can be read in two, so it needs a cell of its
own column that decides, or the user's word. What other columns say is no evidence: a rate of
``0.0335``, which a model wrote, says nothing about the ``2.500`` that a person typed. But two
things are known of a kind. No rate has thousands, so ``1.000`` there is one. And amounts have two
decimals at most: where other amounts of the file have decimal points, ``1,234`` is grouped by
thousands, and ``1.234`` is still asked about.
"""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from analytics.accounts.quoting import identifier
from analytics.declared.columns import MINOR_UNITS, Kind
from analytics.declared.currencies import KNOWN, currency
from analytics.declared.language import Sentence, later, listed, marked, say
from analytics.errors import PortfolioError
from analytics.ingest.cells import (
    NUMBERS,
    Rules,
    Spelling,
    careful_value,
    cleaned,
    marks_pattern,
)
from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.credit_balances import amount_text, bare_amount
from analytics.ingest.declaration import Declaration
from analytics.ingest.plan import Bound, Plan
from analytics.ingest.staging import ODD

MARKS: tuple[str, ...] = tuple(
    sorted(
        {mark for one in KNOWN for mark in (one.code, one.symbol, *one.marks)},
        key=lambda mark: (-len(mark), mark),
    )
)


@dataclass(frozen=True, slots=True)
class Spellings:
    """What was understood: the decimal sign of the amounts, and each column's spelling."""

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
    unclear_points: int
    unclear_commas: int
    grouped: int
    plain_points: int

    @property
    def unclear(self) -> int:
        """Cells that can be read in two ways."""
        return self.unclear_points + self.unclear_commas

    @property
    def signs(self) -> frozenset[str]:
        """Decimal signs of the cells that can be read in one way only."""
        rate = self.bound.column.kind is Kind.RATE
        points = self.points + self.plain_points + (self.unclear_points if rate else 0)
        commas = self.commas + (self.unclear_commas if rate else 0)
        return frozenset(sign for sign, cells in ((".", points), (",", commas)) if cells)


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
    marks = {one.bound.column.name: _marks(cursor, one, plan, declaration) for one in evidence}
    warnings = _currencies_of(
        {one.bound.source: marks[one.bound.column.name] for one in evidence if one.marked},
        declaration,
    )
    if declaration.decimal is None:
        _ask_where_unclear(cursor, evidence, marks, plan, declaration)
    amounts = _signs(one for one in evidence if one.bound.column.kind is Kind.MONEY)
    others = _signs(one for one in evidence if one.bound.column.kind is not Kind.MONEY)
    # Amounts are read by amounts: 73000.00 beside rates such as 48,86 % has its own point.
    decimal = declaration.decimal or next(iter(amounts), ".")
    beside = declaration.decimal or next(iter(amounts or others), ".")
    columns = {
        one.bound.column.name: Spelling(
            decimal=_own_sign(one, decimal if one.bound.column.kind is Kind.MONEY else beside),
            grouped=bool(one.grouped or one.unclear or one.points or one.commas),
            percent=one.percent > one.without_percent,
            marks=marks[one.bound.column.name],
        )
        for one in evidence
    }
    return Spellings(decimal, columns, warnings)


def _evidence(
    cursor: duckdb.DuckDBPyConnection, bound: Bound, place: int, blank_words: tuple[str, ...]
) -> _Evidence:
    name = identifier(bound.column.name)
    money = bound.column.kind is Kind.MONEY
    cell = bare_amount("t") if money else "t"
    number = f"regexp_replace({cell}, '{marks_pattern(MARKS)}', '', 'g')" if money else "t"
    body = f"regexp_replace(regexp_replace({number}, '^[-+( ]+|[-)% ]+$', '', 'g'), '\\+', '')"
    marked = f"{number} <> {cell} AND ({_is_amount('b')} OR {number} = '-')"
    fraction = {Kind.MONEY: f"{name} % {MINOR_UNITS} <> 0", Kind.RATE: f"{name} <> trunc({name})"}
    counts = [
        "count(*) FILTER (contains(t, '%'))",
        f"(SELECT count(*) FROM accounts WHERE {name} <> 0)",
        f"count(*) FILTER ({marked})" if money else "0",
        f"count(*) FILTER (regexp_full_match(b, '{_decides('.', ',')}'))",
        f"count(*) FILTER (regexp_full_match(b, '{_decides(',', '.')}'))",
        *(
            f"count(*) FILTER (regexp_full_match(b, '[1-9][0-9]{{0,2}}{sign}[0-9]{{3}}'))"
            for sign in ("\\.", ",")
        ),
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


def _is_amount(body: str) -> str:
    """Return SQL for whether what stands between signs and marks looks like a number."""
    return f"regexp_full_match({body}, '[0-9][0-9., '']*|[.,][0-9]+')"


def _signs(evidence: Iterable[_Evidence]) -> frozenset[str]:
    return frozenset[str]().union(*(one.signs for one in evidence))


def _own_sign(one: _Evidence, decimal: str) -> str:
    """Return a column's decimal sign: its own where its cells agree, but of amounts the declared.

    A rate or a count whose cells can be read in one way only is read so, whatever the amounts are;
    rates without a comma have points, if they have anything.
    """
    kind, own = one.bound.column.kind, one.signs
    if kind is Kind.RATE and not own:
        return "."
    return next(iter(own)) if len(own) == 1 and kind is not Kind.MONEY else decimal


def _ask_where_unclear(
    cursor: duckdb.DuckDBPyConnection,
    evidence: list[_Evidence],
    marks: Mapping[str, tuple[str, ...]],
    plan: Plan,
    declaration: Declaration,
) -> None:
    """Ask for the decimal sign where a column leaves it open, or the cells disagree about it."""
    money = [one for one in evidence if one.bound.column.kind is Kind.MONEY]
    amounts = _signs(money)
    torn = [one for one in evidence if len(one.signs) > 1]
    disputed = money if len(amounts) > 1 else torn
    if disputed:
        raise _ask(
            say(
                "Numbers are written with a decimal point in {points} and with a decimal "
                "comma in {commas}: declare which is right with --decimal point or --decimal "
                "comma; the others are then rejected.",
                points=_named(one.bound for one in disputed if "." in one.signs),
                commas=_named(one.bound for one in disputed if "," in one.signs),
            )
        )
    unclear = [one for one in evidence if one.unclear and not one.signs | _grouped(one, amounts)]
    if unclear:
        sums = {sign: _sums(cursor, unclear, sign, marks, plan, declaration) for sign in (".", ",")}
        raise _ask(
            say(
                "Numbers such as 1,234 or 1.234 in {columns} can be read in two ways: declare "
                "with --decimal point (1,234 is one thousand) or --decimal comma (1.234 is).",
                columns=_named(one.bound for one in unclear),
            ),
            sums,
        )


def _grouped(one: _Evidence, amounts: frozenset[str]) -> frozenset[str]:
    """Return the decimal sign of the file's amounts where others can only be grouped under it.

    Amounts with decimal points elsewhere, and here 1,234 alone: amounts have two decimals at most,
    so the comma stands between thousands. Of 1.234, and of counts, the same amounts tell nothing.
    """
    if one.bound.column.kind is not Kind.MONEY:
        return frozenset()
    same = {".": one.unclear_points, ",": one.unclear_commas}
    return frozenset(sign for sign in amounts if not same[sign])


def _sums(
    cursor: duckdb.DuckDBPyConnection,
    unclear: list[_Evidence],
    sign: str,
    marks: Mapping[str, tuple[str, ...]],
    plan: Plan,
    declaration: Declaration,
) -> tuple[str, ...]:
    """Return what the unclear columns of money add up to with a decimal sign, one line each."""
    found = []
    for one in unclear:
        name = one.bound.column.name
        if one.bound.column.kind is Kind.MONEY:
            spelling = Spelling(decimal=sign, grouped=True, marks=marks[name])
            text = cleaned(f"{ODD}[{plan.bound.index(one.bound) + 1}]", declaration.blank_words)
            rules = Rules(declaration.score_scale)
            number = amount_text("t", spelling)
            careful = careful_value(Kind.MONEY, "t", spelling, rules, number)
            total = cursor.execute(
                f"SELECT coalesce(sum(coalesce({identifier(name)}, {careful})), 0) FROM "
                f"(SELECT {identifier(name)}, {text} AS t FROM accounts)"
            ).fetchall()[0][0]
            amount = Decimal(total) / MINOR_UNITS
            found.append(
                say("{column}: {amount:,.2f} in all", column=one.bound.source, amount=amount)
            )
    return tuple(found)


def _ask(sentence: str, sums: Mapping[str, tuple[str, ...]] | None = None) -> ChoiceNeeded:
    shown = sums or {}
    choices = (
        Choice("point", ("1,234.56", *shown.get(".", ()))),
        Choice("comma", ("1.234,56", *shown.get(",", ()))),
    )
    return ChoiceNeeded(sentence, option="decimal", choices=choices)


def _named(bounds: Iterable[Bound]) -> str:
    return listed(bound.source for bound in bounds)


def _marks(
    cursor: duckdb.DuckDBPyConnection, one: _Evidence, plan: Plan, declaration: Declaration
) -> tuple[str, ...]:
    """Return the currency marks that a column's cells carry."""
    if not one.marked:
        return ()
    place = plan.bound.index(one.bound)
    text = bare_amount(cleaned(f"{ODD}[{place + 1}]", declaration.blank_words))
    number = f"regexp_replace({text}, '{marks_pattern(MARKS)}', '', 'g')"
    bare = f"trim({number}, ' -+()%')"
    rows = cursor.execute(
        f"SELECT DISTINCT upper(trim(regexp_extract({text}, '{marks_pattern(MARKS)}'), ' -+')) "
        f"FROM accounts WHERE {ODD} IS NOT NULL AND {identifier(one.bound.column.name)} IS NULL "
        f"AND ({_is_amount(bare)} OR {number} = '-')"
    ).fetchall()
    used = {row[0] for row in rows if row[0]}
    return tuple(mark for mark in MARKS if mark.upper() in used)


def _currencies_of(
    marks: Mapping[str, tuple[str, ...]], declaration: Declaration
) -> tuple[Sentence, ...]:
    """Return what to say about columns whose marks are not of the portfolio's currency.

    Raises
    ------
    PortfolioError
        The marks of all columns together are of no one currency.
    """
    owners = {mark: _owners(mark) for own in marks.values() for mark in own}
    if not owners:
        return ()
    common = frozenset.intersection(*owners.values())
    if not common:
        raise PortfolioError(
            say(
                "The amounts in {source} carry the marks of several currencies ({marks}): "
                "give a file in one currency.",
                source=tuple(marks),
                marks=tuple(owners),
            )
        )
    declared = currency(declaration.currency_code)
    if declared.code in common:
        return ()
    likely = min(common, key=[c.code for c in KNOWN].index)
    sentence = _AS_TAKEN if declaration.currency is None else _AS_DECLARED
    return tuple(
        later(
            sentence,
            source=source,
            marks=_together(own),
            code=declared.code,
            likely=likely,
        )
        for source, own in marks.items()
        if own
    )


_AS_TAKEN = marked(
    "The amounts in {source} carry {marks}, and the portfolio was taken to be in {code}: give "
    "--currency {likely} if that is what they are in."
)
_AS_DECLARED = marked(
    "The amounts in {source} carry {marks}, and the portfolio is declared in {code}: give "
    "--currency {likely} if that is what they are in."
)


def _owners(mark: str) -> frozenset[str]:
    """Return the codes of the currencies that a mark may be of."""
    return frozenset(c.code for c in KNOWN if mark in (c.code, c.symbol, *c.marks))


def _together(marks: tuple[str, ...]) -> str | Sentence:
    """Return the marks as ``a and b``, said when the sentence about them is."""
    first, *others = marks
    found: str | Sentence = first
    for other in others:
        found = later("{first} and {second}", first=found, second=other)
    return found
