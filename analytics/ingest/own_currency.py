"""The rows of a file in the portfolio's own currency, where a column says which each is in."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from analytics.accounts.quoting import quoted
from analytics.declared.language import Sentence
from analytics.ingest.cells import text_of
from analytics.ingest.currency_column import MOST, in_currency, is_currency_header
from analytics.ingest.declaration import Declaration
from analytics.ingest.plan import Plan
from analytics.ingest.raw import Raw
from analytics.ingest.staging import is_blank


@dataclass(frozen=True, slots=True)
class OwnCurrency:
    """SQL for what a row in another currency says of it, null for the rest, and its header.

    Both are empty where every row is in the portfolio's currency.
    """

    foreign: str = ""
    source: str = ""
    said: tuple[Sentence, ...] = ()
    named: bool = False
    """Whether a column names the portfolio's currency, and no other."""


def find_currency(
    cursor: duckdb.DuckDBPyConnection, raw: Raw, plan: Plan, declaration: Declaration
) -> OwnCurrency:
    """Return which rows are in the portfolio's currency.

    Raises
    ------
    ChoiceNeeded
        A column names several currencies, or only others than the default one, and none is
        declared.
    """
    said: tuple[Sentence, ...] = ()
    named = False
    for place in plan.others:
        if not is_currency_header(raw.headers[place]) or raw.types[place].endswith(("]", ")")):
            continue
        cell = f"c{place}" if raw.types[place] == "VARCHAR" else text_of(f"c{place}")
        text = f"coalesce(upper(trim({cell})), '')"
        rows = cursor.execute(
            f"SELECT DISTINCT {text} FROM {raw.relation} WHERE NOT {is_blank(raw)} "
            f"ORDER BY 1 LIMIT {MOST + 1}"
        ).fetchall()
        found = in_currency(raw.headers[place], [row[0] for row in rows], declaration)
        said += found.said
        named |= found.named
        if found.kept is not None:
            kept = ", ".join(quoted(one) for one in found.kept) or "NULL"
            foreign = f"CASE WHEN {text} IN ({kept}) THEN NULL ELSE {text} END"
            return OwnCurrency(foreign, raw.headers[place], said)
    return OwnCurrency(said=said, named=named)
