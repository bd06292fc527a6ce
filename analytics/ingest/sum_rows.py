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
    sums: list[str] = []
    limit, balance = (_is_sum(name, OTHERS, sums) for name in ("credit_limit", "balance"))
    both = " AND ".join(_is_sum(name, OTHERS_OF_BOTH) for name in ("credit_limit", "balance"))
    named = f"place IN (SELECT place FROM found WHERE reason = '{REASON}')"
    found = cursor.execute(
        "WITH every AS (SELECT place, credit_limit, balance, "
        f"place IN (SELECT place FROM found) AS gone FROM ({rows}) WHERE NOT {named}), "
        f"whole AS (SELECT {', '.join(sums)} FROM every) "
        f"SELECT place, {limit} OR ({both}), {balance} OR ({both}) FROM every, whole "
        f"WHERE NOT gone AND ({limit} OR {balance} OR ({both})) ORDER BY place LIMIT 2"
    ).fetchall()
    return tuple(
        SumRowFound(
            place,
            tuple(n for n, hit in (("credit_limit", of_limit), ("balance", of_balance)) if hit),
        )
        for place, of_limit, of_balance in found
    )


def _is_sum(name: str, others: int, sums: list[str] | None = None) -> str:
    """Return SQL for whether an amount is the sum of the others; ``sums`` takes what it needs."""
    hits = []
    for which, rows in (("every", "true"), ("kept", "NOT gone")):
        total, count = f"{name}_{which}", f"{name}_{which}_others"
        if sums is not None:
            sums += [
                f"sum({name}) FILTER ({rows}) AS {total}",
                f"count(*) FILTER ({name} > 0 AND {rows}) - 1 AS {count}",
            ]
        off = f"abs(2 * {name} - {total})"
        rounded = (
            f"{off} < {UNIT} AND {name} % {UNIT} = 0 AND {name} >= {SMALLEST_ROUNDED} "
            f"AND {count} >= {ROUNDED_FROM}"
        )
        hits.append(f"({count} >= {others} AND ({off} = 0 OR ({rounded})))")
    return f"coalesce({name} > 0 AND ({' OR '.join(hits)}), false)"


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
