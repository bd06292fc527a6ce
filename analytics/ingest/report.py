"""The load report: what was read, what was rejected and why, what is missing and what follows."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import sqlalchemy as sa

from analytics.declared.choices import Assumed
from analytics.declared.columns import COLUMNS, MAX_TOTAL, MINOR_UNITS, OPTIONAL
from analytics.declared.language import (
    ENGLISH,
    Sentence,
    clauses,
    later_n,
    marked,
    say,
    say_n,
    spoken,
)
from analytics.errors import PortfolioError
from analytics.ingest.declaration import Declaration
from analytics.ingest.switched_off import switched_off, taken_for_blanks
from analytics.portfolio import Accounts, Portfolio, rows_used
from analytics.results.calibration import Finding

DATABASE = "database"
"""The format of a portfolio that is a table."""
EXAMPLES = 5
"""Rows of each reason that the report names."""

REASON_WORDS: dict[str, str] = {
    "missing": marked("a required cell is empty"),
    "not_a_number": marked("not a number"),
    "not_plain": marked("a number written in a way that is not taken here"),
    "not_finite": marked("NaN or infinite"),
    "negative": marked("negative"),
    "too_many_decimals": marked("more than two decimals"),
    "single_precision": marked("stored in single precision, which does not hold two decimals"),
    "not_whole": marked("not a whole number"),
    "too_large": marked("larger than an account can be"),
    "impossible": marked("more than there can be"),
    "off_scale": marked("off the score scale"),
    "sentinel_score": marked("a score that means no score"),
    "out_of_range": marked("not between 0 and 1"),
    "no_percent_sign": marked("no percent sign, in a column that has them"),
    "is_a_date": marked("a date"),
    "unknown_status": marked("a status that was not there when the table was opened"),
    "not_true_or_false": marked("neither true nor false"),
    "id_not_allowed": marked("an id with characters that are not taken, or longer than 64"),
    "id_damaged": marked("an id that was stored as a number and has lost digits"),
    "duplicate_id": marked("an id that other rows have as well"),
    "sum_row": marked("a total line: the sum of other rows, and no account"),
    "other_currency": marked("in another currency, or in none that is named"),
    "line_break": marked("a cell of several lines with as many delimiters as a row"),
    "too_many_cells": marked("more cells than the header"),
    "too_few_cells": marked("fewer cells than the header"),
    "quote_out_of_place": marked("a quotation mark out of place"),
    "line_too_long": marked("a line that is too long"),
    "not_computable": marked("arithmetic without a result"),
}
"""Every reason for a rejection, in words that follow 'because it is' or stand alone."""


def reason_words(name: str) -> str:
    """Return what a reason for a rejected row says; its name where it is not known."""
    return say(REASON_WORDS[name]) if name in REASON_WORDS else name


@dataclass(frozen=True, slots=True)
class RejectReason:
    """How many rows one reason rejected, and where the first of them are."""

    rows: int
    examples: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a load understood, kept and left out.

    Parameters
    ----------
    rows_read, accepted, rejected : int
        Rows of data; accepted + rejected = rows read.
    blank_rows : int
        Rows without a value in any cell, above the last row of data; they were skipped.
    total_limit, total_balance : Decimal
        Exact sums over the accepted rows, in the portfolio's currency.
    rejected_limit : Decimal
        Sum of the limits of rejected rows, where the limit could be read.
    reasons : mapping of str to RejectReason
        A row counts under each reason that it was rejected for.
    encoding, delimiter, decimal : str or None
        What was understood; None where the source has no such thing.
    columns : tuple of str
        Product columns found.
    sources : mapping of str to str
        Product column and the header or arithmetic that it was read from.
    missing : tuple of str
        Product columns not found.
    noticed : tuple of Sentence
        What is odd and rejects nothing.
    blanks : mapping of str to int
        Optional columns with unknown cells, and how many.
    rounded : mapping of str to int
        Columns of money with cells a hair's breadth from two decimals, as binary numbers are, and
        how many were rounded to them.
    credit_balances : int
        Balances below zero that were read as 0, as declared.
    segments : tuple of str
        Further headers to group by; ``protected`` are those that set no tiers.
    outcomes : tuple of str
        Headers of outcomes seen later, kept for a back-test.
    assumed : tuple of Assumed
        What nobody declared, and figures hang on.
    pd_horizon_months : int
        Months that the source's default probabilities are over.
    aside : tuple of str or Sentence
        Headers left aside; what is said of one without a name.
    computed : mapping of str to Sentence
        Product columns that were computed, and from what.
    """

    name: str
    format: str
    currency: str
    scale: str
    rows_read: int
    blank_rows: int
    accepted: int
    rejected: int
    total_limit: Decimal
    total_balance: Decimal
    rejected_limit: Decimal
    reasons: Mapping[str, RejectReason] = field(hash=False)
    encoding: str | None
    delimiter: str | None
    decimal: str | None
    columns: tuple[str, ...]
    sources: Mapping[str, str] = field(hash=False)
    missing: tuple[str, ...]
    noticed: tuple[Sentence, ...]
    blanks: Mapping[str, int] = field(hash=False)
    rounded: Mapping[str, int] = field(hash=False)
    credit_balances: int
    segments: tuple[str, ...]
    protected: tuple[str, ...]
    outcomes: tuple[str, ...]
    assumed: tuple[Assumed, ...]
    pd_horizon_months: int
    aside: tuple[str | Sentence, ...]
    computed: Mapping[str, Sentence] = field(hash=False)
    fingerprint: str

    @property
    def switched_off(self) -> tuple[str, ...]:
        """What the absence of columns switches off, one sentence each."""
        return switched_off(self.columns)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd and rejects nothing, one sentence each."""
        return tuple(map(str, self.noticed))

    @property
    def ignored(self) -> tuple[str, ...]:
        """The headers left aside."""
        return tuple(map(str, self.aside))

    @property
    def derived(self) -> dict[str, str]:
        """The product columns that were computed, and from what."""
        return {name: str(how) for name, how in self.computed.items()}

    @property
    def sentence(self) -> str:
        """How many of the rows the figures stand on."""
        return rows_used(self.accepted, self.rows_read)

    @spoken(ENGLISH)
    def to_json(self, calibration: Iterable[Finding] = ()) -> str:
        """Return the report as one JSON object; money as exact decimal strings."""
        shown = {
            "name": self.name,
            "format": self.format,
            "currency": self.currency,
            "scale": self.scale,
            "rows_read": self.rows_read,
            "blank_rows": self.blank_rows,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "total_limit": format(self.total_limit, "f"),
            "total_balance": format(self.total_balance, "f"),
            "rejected_limit": format(self.rejected_limit, "f"),
            "reasons": {
                name: {"rows": reason.rows, "examples": [list(at) for at in reason.examples]}
                for name, reason in self.reasons.items()
            },
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "decimal": self.decimal,
            "columns": list(self.columns),
            "sources": dict(self.sources),
            "missing": list(self.missing),
            "switched_off": list(self.switched_off),
            "warnings": list(self.warnings),
            "blanks": dict(self.blanks),
            "rounded": dict(self.rounded),
            "credit_balances": self.credit_balances,
            "segments": list(self.segments),
            "protected": list(self.protected),
            "outcomes": list(self.outcomes),
            "assumed": [what.value for what in self.assumed],
            "pd_horizon_months": self.pd_horizon_months,
            "ignored": list(self.ignored),
            "derived": self.derived,
            "calibration": [dataclasses.asdict(one) for one in calibration],
            "fingerprint": self.fingerprint,
        }
        return json.dumps(shown, ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A portfolio that is ready to simulate, and the report on how it was loaded."""

    portfolio: Portfolio
    report: LoadReport

    def with_note(self, sentence: Sentence) -> Loaded:
        """Return the same with one more thing that is said of it, before all others."""
        report = replace(self.report, noticed=(sentence, *self.report.noticed))
        return Loaded(self.portfolio, report)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a file or a table holds, counted; amounts in minor units.

    The other fields are as in :class:`LoadReport`.
    """

    name: str
    format: str
    accounts: int
    rows_read: int
    rejected: int
    total_limit: int
    total_balance: int
    rejected_limit: int
    reasons: Mapping[str, RejectReason]
    columns: tuple[str, ...]
    sources: Mapping[str, str]
    blanks: Mapping[str, int]
    segments: tuple[str, ...]
    noticed: tuple[Sentence, ...]
    aside: tuple[str | Sentence, ...]
    assumed: tuple[Assumed, ...]
    protected: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    computed: Mapping[str, Sentence] = field(default_factory=dict)
    rounded: Mapping[str, int] = field(default_factory=dict)
    credit_balances: int = 0
    blank_rows: int = 0
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None


def loaded(
    found: Found, declaration: Declaration, *, door: Accounts, relation: sa.FromClause
) -> Loaded:
    """Return the portfolio behind a door, and its load report."""
    portfolio = Portfolio(
        name=declaration.name or found.name,
        as_of=declaration.as_of,
        currency=declaration.currency_code,
        scale=declaration.score_scale,
        fingerprint=door.fingerprint,
        accounts=found.accounts,
        rows_read=found.rows_read,
        total_limit=found.total_limit,
        total_balance=found.total_balance,
        columns=tuple(name for name in OPTIONAL if name in found.columns),
        blanks=tuple(found.blanks.items()),
        segments=found.segments,
        derived=tuple(found.computed.items()),
        pd_horizon_months=declaration.pd_horizon,
        assumed=found.assumed,
        protected=found.protected,
        outcomes=found.outcomes,
        marks=declaration.marks,
        door=door,
        relation=relation,
    )
    return Loaded(portfolio, _report(portfolio, found))


def _report(portfolio: Portfolio, found: Found) -> LoadReport:
    return LoadReport(
        name=portfolio.name,
        format=found.format,
        currency=portfolio.currency,
        scale=str(portfolio.scale),
        rows_read=found.rows_read,
        blank_rows=found.blank_rows,
        accepted=found.accounts,
        rejected=found.rejected,
        total_limit=money(found.total_limit),
        total_balance=money(found.total_balance),
        rejected_limit=money(found.rejected_limit),
        reasons=found.reasons,
        encoding=found.encoding,
        delimiter=found.delimiter,
        decimal=found.decimal,
        columns=found.columns,
        sources=found.sources,
        missing=tuple(column.name for column in COLUMNS if column.name not in found.columns),
        noticed=(*found.noticed, *taken_for_blanks(found.blanks)),
        blanks=found.blanks,
        rounded=found.rounded,
        credit_balances=found.credit_balances,
        segments=found.segments,
        protected=found.protected,
        outcomes=found.outcomes,
        assumed=found.assumed,
        pd_horizon_months=portfolio.pd_horizon_months,
        aside=found.aside,
        computed=found.computed,
        fingerprint=portfolio.fingerprint,
    )


def unusable(
    rows_read: int, reasons: Mapping[str, RejectReason], *, said: tuple[Sentence, ...] = ()
) -> PortfolioError:
    """Return the error of a source without a single row that can be used, and why each is out."""
    why = clauses(_why(name, reason) for name, reason in reasons.items())
    none = say_n(
        "The only row cannot be used. {reasons}.",
        "None of the {count:,} rows can be used. {reasons}.",
        rows_read,
        reasons=why,
    )
    return PortfolioError(" ".join((none, *map(str, said))))


def _why(name: str, reason: RejectReason) -> str:
    """Return how many rows a reason rejected, and where the first of them is, if it is known."""
    why = reason_words(name)
    if not reason.examples:
        return say_n("{count:,} row: {why}", "{count:,} rows: {why}", reason.rows, why=why)
    line, column = reason.examples[0]
    if not column:
        return say_n(
            "{count:,} row: {why} (first in line {line})",
            "{count:,} rows: {why} (first in line {line})",
            reason.rows,
            why=why,
            line=line,
        )
    return say_n(
        "{count:,} row: {why} ({column}, first in line {line})",
        "{count:,} rows: {why} ({column}, first in line {line})",
        reason.rows,
        why=why,
        column=column,
        line=line,
    )


def rounded_sentences(rounded: Mapping[str, int]) -> tuple[Sentence, ...]:
    """Return how many amounts were rounded to two decimals, one sentence a column."""
    return tuple(
        later_n(
            "{count:,} amount in {column} was rounded to two decimals: it is less than a millionth "
            "of a unit away, as binary numbers are.",
            "{count:,} amounts in {column} were rounded to two decimals: they are less than a "
            "millionth of a unit away, as binary numbers are.",
            number,
            column=column,
        )
        for column, number in rounded.items()
    )


def refuse_inexact(limit: int, balance: int, *, advice: str) -> None:
    """Refuse sums, in minor units, that are larger than can be computed exactly.

    Raises
    ------
    PortfolioError
        They are; ``advice`` says what to do about it.
    """
    if max(limit, balance) > MAX_TOTAL:
        raise PortfolioError(
            say(
                "The limits or balances add up to more than can be computed exactly: {advice}.",
                advice=advice,
            )
        )


def money(minor: int) -> Decimal:
    """Return minor units as an exact amount with two decimals."""
    return (Decimal(minor) / MINOR_UNITS).quantize(Decimal("0.01"))
