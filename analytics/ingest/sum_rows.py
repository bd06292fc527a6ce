"""Rows that sum up the others: a total line at the end of a list, which would double it."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from analytics.accounts.quoting import quoted
from analytics.declared.language import say, say_n
from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.declaration import SumRow

COLUMNS = ("credit_limit", "balance")
REASON = "sum_row"
WORDS = (
    "total", "total:", "totals", "totals:", "subtotal", "sub-total", "sub_total", "grandtotal",
    "grand-total", "grand_total", "sum", "sum:", "summe", "summe:", "gesamt", "gesamt:",
    "gesamtsumme", "insgesamt", "totale", "totaal", "somme", "suma", "soma", "toplam",
)  # fmt: skip
"""What stands, in lower case, where a total line would have an account's id."""
OTHERS = 3
"""Other rows with an amount from which one equal to their sum is hardly an account."""
OTHERS_OF_BOTH = 2
"""The same where limit and balance are both the sum of the others: in one, and one in the other."""
ROUNDED_FROM = 10
SMALLEST_ROUNDED = 10_000
"""Other rows, and minor units, from which a total may be off by a rounding to whole units."""
UNIT = 100


MOST_COPIES = 3
"""Times that one total line may stand in a list: on top, at the end, and once between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What a column's amounts add up to, in minor units, rows called a total left out.

    Parameters
    ----------
    largest : int
        Of the rows that are not rejected.
    kept_sum, every_sum : int
        Of the rows that are not rejected, and of every row whose amount can be read.
    kept, every : int
        The same rows, as far as their amount is above 0.
    """

    largest: int
    kept_sum: int
    kept: int
    every_sum: int
    every: int


@dataclass(frozen=True, slots=True)
class Suspect:
    """Rows that may sum up all others: how many of them, and what stands in which columns."""

    columns: tuple[str, ...]
    amounts: tuple[int, ...]
    copies: int


@dataclass(frozen=True, slots=True)
class SumRowFound:
    """A row that sums up others, by its place, and of which columns."""

    place: int
    columns: tuple[str, ...]


def suspects(amounts: Mapping[str, Amounts]) -> Iterator[Suspect]:
    """Yield what rows would hold that sum up all others, the likeliest first.

    Of all others, or of those that are not rejected: a total was summed over either. Sums are
    exact, so hits are no chance where several others have an amount. Such a row has the largest
    amount of all, so the sums and the largest amounts tell whether there is one. It may stand there
    several times.

    Parameters
    ----------
    amounts : mapping of str to Amounts
        By column, for each of ``COLUMNS``.
    """
    for copies in range(1, MOST_COPIES + 1):
        hits = tuple(name for name in COLUMNS if _is_sum(amounts[name], copies, OTHERS))
        both = all(_is_sum(amounts[name], copies, 1) for name in COLUMNS)
        if both and any(_is_sum(amounts[name], copies, OTHERS_OF_BOTH) for name in COLUMNS):
            hits = COLUMNS
        for names in dict.fromkeys((hits, *((name,) for name in hits))) if hits else ():
            yield Suspect(names, tuple(amounts[name].largest for name in names), copies)


def is_sum_row(suspect: Suspect, rows: Sequence[tuple[int, ...]]) -> bool:
    """Whether the rows that hold what is suspected are as many as suspected, and one line.

    Parameters
    ----------
    rows : sequence of tuple of int
        The amounts in ``COLUMNS`` of each row that holds the amounts of the suspect.
    """
    return len(rows) == suspect.copies and len(set(rows)) == 1


def _is_sum(own: Amounts, copies: int, others: int) -> bool:
    """Whether the largest amount is the sum of the others, of every row or of those kept."""
    if not own.largest:
        return False
    whole = own.largest % UNIT == 0 and own.largest >= SMALLEST_ROUNDED
    for total, count in ((own.kept_sum, own.kept), (own.every_sum, own.every)):
        off = abs((copies + 1) * own.largest - total)
        rounded = whole and count - copies >= ROUNDED_FROM
        if count - copies >= others and (off == 0 or (off < UNIT and rounded)):
            return True
    return False


def reject_named(cursor: duckdb.DuckDBPyConnection, rows: str) -> None:
    """Reject the rows whose id is a word for a total."""
    words = ", ".join(quoted(word) for word in WORDS)
    cursor.execute(
        f"INSERT INTO found SELECT place, NULL, 'account_id', account_id, '{REASON}' "
        f"FROM ({rows}) WHERE lower(account_id) IN ({words})"
    )


def find_sum_rows(cursor: duckdb.DuckDBPyConnection, rows: str) -> tuple[SumRowFound, ...]:
    """Return the rows, not rejected yet, whose limit or balance is the sum of all others."""
    named = f"place IN (SELECT place FROM found WHERE reason = '{REASON}')"
    every = (
        "SELECT place, credit_limit, balance, place IN (SELECT place FROM found) AS gone "
        f"FROM ({rows}) WHERE NOT {named}"
    )
    figures = ", ".join(
        f"max({name}) FILTER (NOT gone), "
        f"sum({name}) FILTER (NOT gone), count(*) FILTER ({name} > 0 AND NOT gone), "
        f"sum({name}), count(*) FILTER ({name} > 0)"
        for name in COLUMNS
    )
    found = [int(n or 0) for n in cursor.execute(f"SELECT {figures} FROM ({every})").fetchall()[0]]
    fields = ("largest", "kept_sum", "kept", "every_sum", "every")
    amounts = {
        name: Amounts(**dict(zip(fields, found[5 * place : 5 * place + 5], strict=True)))
        for place, name in enumerate(COLUMNS)
    }
    for one in suspects(amounts):
        holds = " AND ".join(f"{n} = {k}" for n, k in zip(one.columns, one.amounts, strict=True))
        held = cursor.execute(
            f"SELECT place, {', '.join(COLUMNS)} FROM ({every}) WHERE NOT gone AND {holds} "
            f"ORDER BY place LIMIT {one.copies + 1}"
        ).fetchall()
        if is_sum_row(one, [row[1:] for row in held]):
            return tuple(SumRowFound(row[0], one.columns) for row in held)
    return ()


def reject_sum_rows(cursor: duckdb.DuckDBPyConnection, found: tuple[SumRowFound, ...]) -> None:
    """Reject the rows found."""
    for one in found:
        cursor.execute(
            f"INSERT INTO found VALUES ({one.place}, NULL, {quoted(one.columns[0])}, NULL, "
            f"'{REASON}')"
        )


def ask(where: str, columns: tuple[str, ...], copies: int = 1) -> ChoiceNeeded:
    """Return the question whether rows are total lines; ``where`` begins the sentence."""
    return ChoiceNeeded(
        say_n(
            "{where} has the {columns} of all other rows together: it looks like a total line, "
            "which would double the portfolio. Give --sum-row leave_out to reject it, or --sum-row "
            "keep if it is an account.",
            "{where} has the {columns} of all other rows together, and stands there {count} times: "
            "it looks like a total line, which would multiply the portfolio. Give --sum-row "
            "leave_out to reject all {count}, or --sum-row keep if they are accounts.",
            copies,
            where=where,
            columns=say(" and ").join(columns),
        ),
        option="sum_row",
        choices=(Choice(SumRow.LEAVE_OUT.value), Choice(SumRow.KEEP.value)),
    )
