"""Rows that sum up the others: a total line at the end of a list, which would double it."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from analytics.accounts.quoting import quoted
from analytics.declared.language import say
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
"""The same where limit and balance are both the sum of the others."""
ROUNDED_FROM = 10
SMALLEST_ROUNDED = 10_000
"""Other rows, and minor units, from which a total may be off by a rounding to whole units."""
UNIT = 100


@dataclass(frozen=True, slots=True)
class SumRowFound:
    """A row that sums up the others, by its place, and of which columns."""

    place: int
    columns: tuple[str, ...]


def reject_named(cursor: duckdb.DuckDBPyConnection, rows: str) -> None:
    """Reject the rows whose id is a word for a total."""
    words = ", ".join(quoted(word) for word in WORDS)
    cursor.execute(
        f"INSERT INTO found SELECT place, NULL, 'account_id', account_id, '{REASON}' "
        f"FROM ({rows}) WHERE lower(account_id) IN ({words})"
    )


def find_sum_rows(cursor: duckdb.DuckDBPyConnection, rows: str) -> tuple[SumRowFound, ...]:
    """Return the row, not rejected yet, whose limit or balance is the sum of all others.

    Of all others, or of those that are not rejected: a total was summed over either. Sums are
    exact, so hits are no chance where several others have an amount. Such a row has the largest
    amount of all, so the sums and the largest amounts tell whether there is one.
    """
    named = f"place IN (SELECT place FROM found WHERE reason = '{REASON}')"
    every = (
        "SELECT place, credit_limit, balance, place IN (SELECT place FROM found) AS gone "
        f"FROM ({rows}) WHERE NOT {named}"
    )
    figures = [
        f"max({name}) FILTER (NOT gone), sum({name}), count(*) FILTER ({name} > 0), "
        f"sum({name}) FILTER (NOT gone), count(*) FILTER ({name} > 0 AND NOT gone)"
        for name in COLUMNS
    ]
    found = cursor.execute(f"SELECT {', '.join(figures)} FROM ({every})").fetchall()[0]
    largest = dict(zip(COLUMNS, (found[0], found[5]), strict=True))
    sums = dict(zip(COLUMNS, (found[1:5], found[6:10]), strict=True))
    hits = tuple(n for n in COLUMNS if _is_sum(largest[n], sums[n], OTHERS))
    if not hits and all(_is_sum(largest[n], sums[n], OTHERS_OF_BOTH) for n in COLUMNS):
        hits = COLUMNS
    if not hits:
        return ()
    for names in dict.fromkeys((hits, *((name,) for name in hits))):
        is_largest = " AND ".join(f"{name} = {largest[name]}" for name in names)
        places = cursor.execute(
            f"SELECT place FROM ({every}) WHERE NOT gone AND {is_largest} LIMIT 2"
        ).fetchall()
        if places:
            return tuple(SumRowFound(place, names) for (place,) in places)
    return ()


def _is_sum(largest: int | None, sums: tuple[int, int, int, int], others: int) -> bool:
    """Whether the largest amount is the sum of the others, of every row or of those kept."""
    if not largest:
        return False
    for total, count in (sums[:2], sums[2:]):
        off = abs(2 * largest - total)
        rounded = largest % UNIT == 0 and largest >= SMALLEST_ROUNDED and count > ROUNDED_FROM
        if count > others and (off == 0 or (off < UNIT and rounded)):
            return True
    return False


def reject_sum_rows(cursor: duckdb.DuckDBPyConnection, found: tuple[SumRowFound, ...]) -> None:
    """Reject the rows found."""
    for one in found:
        cursor.execute(
            f"INSERT INTO found VALUES ({one.place}, NULL, {quoted(one.columns[0])}, NULL, "
            f"'{REASON}')"
        )


def ask(where: str, columns: tuple[str, ...]) -> ChoiceNeeded:
    """Return the question whether a row is a total line; ``where`` begins the sentence."""
    return ChoiceNeeded(
        say(
            "{where} has the {columns} of all other rows together: it looks like a total line, "
            "which would double the portfolio. Give --sum-row leave_out to reject it, or --sum-row "
            "keep if it is an account.",
            where=where,
            columns=say(" and ").join(columns),
        ),
        option="sum_row",
        choices=(Choice(SumRow.LEAVE_OUT.value), Choice(SumRow.KEEP.value)),
    )
