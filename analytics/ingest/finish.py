"""What was read of a file, summed up: the portfolio of the rows accepted, and its report."""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb

from analytics.accounts.database import EmbeddedDatabase
from analytics.accounts.quoting import identifier
from analytics.declared.choices import Assumed
from analytics.declared.columns import OPTIONAL
from analytics.declared.language import Sentence, later, say
from analytics.errors import PortfolioError
from analytics.ingest.assumed import assumed_of, assumed_sentences
from analytics.ingest.cautions import (
    blank_labels,
    blank_words,
    cautions,
)
from analytics.ingest.credit_balances import credit_sentences
from analytics.ingest.declaration import Declaration
from analytics.ingest.doubts import doubt_sentences
from analytics.ingest.marks import Roles
from analytics.ingest.plan import Plan
from analytics.ingest.raw import Raw
from analytics.ingest.remarks import blank_throughout, trimmings
from analytics.ingest.report import (
    EXAMPLES,
    Found,
    Loaded,
    RejectReason,
    loaded,
    refuse_inexact,
    rounded_sentences,
    unusable,
)
from analytics.ingest.settling import Settled
from analytics.ingest.source import Source
from analytics.portfolio import accounts_relation


@dataclass(frozen=True, slots=True)
class ReadRows:
    """What was read from a file, before it is summed up."""

    raw: Raw
    plan: Plan
    decimal: str
    said: tuple[Sentence, ...]
    hints: tuple[Sentence, ...]
    settled: Settled
    rows: int
    blank_rows: int
    empty: frozenset[int]
    """Places of columns without a name and without a value."""
    roles: Roles
    currency_found: bool
    derived: dict[str, Sentence]


def reject_reasons(cursor: duckdb.DuckDBPyConnection) -> dict[str, RejectReason]:
    """Return how many rows each reason rejected, with examples; the most frequent first."""
    rows = cursor.execute(
        "SELECT reason, count(DISTINCT line), "
        f'min((line, "column"), {EXAMPLES}) FROM rejects GROUP BY reason ORDER BY 2 DESC, 1'
    ).fetchall()
    return {
        name: RejectReason(count, tuple((at[0], at[1]) for at in examples))
        for name, count, examples in rows
    }


def finish(
    source: Source,
    declaration: Declaration,
    database: EmbeddedDatabase,
    cursor: duckdb.DuckDBPyConnection,
    read: ReadRows,
) -> Loaded:
    """Return the portfolio of the rows accepted, and what is to be said of them.

    Raises
    ------
    PortfolioError
        No row was accepted, or they cannot be added up.
    """
    counted = count_accepted(cursor, read.plan)
    reasons = reject_reasons(cursor) if read.settled.rejected else {}
    unknown_words = blank_words(cursor) if reasons else ()
    sentences = _settled_sentences(read.settled, declaration, read.rows)
    if not counted.accounts:
        raise unusable(read.rows, reasons, said=(*read.hints, *unknown_words, *sentences))
    refuse_inexact(
        counted.limit,
        counted.balance,
        advice=say(
            "give --map with the headers divided by 1000, and read every amount in thousands"
        ),
    )
    _check_rows(read, counted.accounts)
    blank = counted.blank_throughout
    read = replace(read, plan=read.plan.without(blank))
    columns = read.plan.columns
    assumed = assumed_of(declaration, columns, currency_found=read.currency_found)
    noticed = (
        *assumed_sentences(assumed, declaration, scores_read=not read.plan.derived_score),
        *read.said,
        *read.hints,
        *unknown_words,
        *sentences,
        *trimmings(read.settled.trimmed_ids, len(read.empty), read.blank_rows),
        *blank_throughout(blank),
        *read.roles.said,
        *cautions(cursor, read.raw, read.plan, declaration, reasons),
        *blank_labels(cursor, read.roles.segments),
    )
    return loaded(
        _found(source, read, counted, reasons, noticed, assumed),
        declaration,
        door=database,
        relation=accounts_relation(_optional(read.plan), read.roles.segments),
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """Accounts accepted, their amounts in minor units, and unknown cells by optional column."""

    accounts: int
    limit: int
    balance: int
    blanks: dict[str, int]

    @property
    def blank_throughout(self) -> tuple[str, ...]:
        """Optional columns without a single value."""
        return tuple(name for name, number in self.blanks.items() if number == self.accounts)


def count_accepted(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> _Counted:
    """Return what the accepted rows add up to."""
    optional = _optional(plan)
    unknown = "".join(f", count(*) - count({identifier(name)})" for name in optional)
    accounts, limit, balance, *blanks = cursor.execute(
        "SELECT count(*), coalesce(sum(credit_limit), 0), coalesce(sum(balance), 0)"
        f"{unknown} FROM accounts"
    ).fetchall()[0]
    counts = {n: int(k) for n, k in zip(optional, blanks, strict=True) if k}
    return _Counted(accounts, int(limit), int(balance), counts)


def _optional(plan: Plan) -> tuple[str, ...]:
    return tuple(name for name in OPTIONAL if name in plan.columns)


def _check_rows(read: ReadRows, accounts: int) -> None:
    """Hold the rows accepted and rejected against the rows read."""
    if accounts + read.settled.rejected != read.rows:
        raise PortfolioError(
            say(
                "Of {rows:,} rows {accounts:,} were accepted and {rejected:,} rejected, "
                "which does not add up: please report this fault of the program.",
                rows=read.rows,
                accounts=accounts,
                rejected=read.settled.rejected,
            )
        )


def _settled_sentences(
    settled: Settled, declaration: Declaration, rows: int
) -> tuple[Sentence, ...]:
    """Return what is to be said of cells that were read otherwise than they stand, or are odd."""
    return (
        *rounded_sentences(settled.rounded),
        *credit_sentences(
            declaration.credit_balances,
            read=settled.credits_read,
            rejected=settled.credits_rejected,
            rows=rows,
        ),
        *doubt_sentences(settled.doubts, known=settled.known),
    )


def _found(
    source: Source,
    read: ReadRows,
    counted: _Counted,
    reasons: dict[str, RejectReason],
    noticed: tuple[Sentence, ...],
    assumed: tuple[Assumed, ...],
) -> Found:
    raw, plan = read.raw, read.plan
    return Found(
        name=source.name,
        format=raw.format,
        accounts=counted.accounts,
        rows_read=read.rows,
        blank_rows=read.blank_rows,
        rejected=read.settled.rejected,
        total_limit=counted.limit,
        total_balance=counted.balance,
        rejected_limit=read.settled.rejected_limit,
        reasons=reasons,
        columns=plan.columns,
        sources={bound.column.name: bound.source for bound in plan.bound},
        blanks={n: k for n, k in counted.blanks.items() if n in plan.columns},
        rounded=read.settled.rounded,
        credit_balances=read.settled.credits_read,
        segments=read.roles.segments,
        protected=read.roles.protected,
        outcomes=read.roles.outcomes,
        assumed=assumed,
        noticed=noticed,
        aside=tuple(
            raw.headers[place] or later("column {place} (without a name)", place=place + 1)
            for place in plan.others
            if raw.headers[place] not in (*read.roles.segments, *read.roles.outcomes)
            and place not in read.empty
        ),
        computed=read.derived,
        encoding=raw.encoding,
        delimiter=raw.delimiter,
        decimal=read.decimal if raw.format == "csv" else None,
    )
