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
    """Return the rows, not rejected yet, whose limit or balance is the sum of all others.

    Of all others, or of those that are not rejected: a total was summed over either. Sums are
    exact, so hits are no chance where several others have an amount.
    """
    sums, sides = [], {}
    for side, name in (("l", "credit_limit"), ("b", "balance")):
        sums += [
            f"sum({name}) AS {side}_all",
            f"sum({name}) FILTER (NOT gone) AS {side}_kept",
            f"count(*) FILTER ({name} > 0) - 1 AS {side}_others",
        ]
        near = f"{name} % {UNIT} = 0 AND {name} >= {SMALLEST_ROUNDED} "
        near += f"AND {side}_others >= {ROUNDED_FROM}"
        off = f"least(abs(2 * {name} - {side}_all), abs(2 * {name} - {side}_kept))"
        sides[side] = f"({name} > 0 AND ({off} = 0 OR ({off} < {UNIT} AND {near})))"
    either = " OR ".join(f"({sides[s]} AND {s}_others >= {OTHERS})" for s in "lb")
    both = f"{sides['l']} AND {sides['b']} AND l_others >= {OTHERS_OF_BOTH}"
    named = f"place IN (SELECT place FROM found WHERE reason = '{REASON}')"
    found = cursor.execute(
        "WITH every AS (SELECT place, credit_limit, balance, "
        f"place IN (SELECT place FROM found) AS gone FROM ({rows}) WHERE NOT {named}), "
        f"whole AS (SELECT {', '.join(sums)} FROM every) "
        f"SELECT place, {sides['l']}, {sides['b']} FROM every, whole "
        f"WHERE NOT gone AND ({either} OR ({both})) ORDER BY place LIMIT 2"
    ).fetchall()
    return tuple(
        SumRowFound(
            place,
            tuple(n for n, hit in (("credit_limit", limit), ("balance", balance)) if hit),
        )
        for place, limit, balance in found
    )


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
