"""A portfolio: accounts at an as-of date, living in a database, and the one door to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from analytics.declared.arrays import Columns
from analytics.declared.choices import Assumed, ColumnMark
from analytics.declared.columns import BY_NAME, PD_HORIZON_MONTHS, REQUIRED, Kind
from analytics.declared.language import Sentence, listed, say, say_n
from analytics.declared.scales import ScoreScale
from analytics.errors import PortfolioError

SQL_TYPES: dict[Kind, sa.types.TypeEngine[Any]] = {
    Kind.TEXT: sa.String(),
    Kind.SCORE: sa.Integer(),
    Kind.MONEY: sa.BigInteger(),
    Kind.RATE: sa.Double(),
    Kind.COUNT: sa.Integer(),
    Kind.FLAG: sa.Boolean(),
    Kind.STATUS: sa.Boolean(),
}


Progress = Callable[[int, int], None]
"""Called with the rows done and the rows there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of accounts to be written as CSV, one row an account, the same bytes either way.

    Parameters
    ----------
    header : str
        The first line, without its end.
    rows : Select
        The rows in their order, as numbers.
    line : callable
        Given the cells of a row, its line with its end.
    texts : Select
        The rows in their order, as DuckDB writes them itself.
    """

    header: str
    rows: sa.Select[Any]
    line: Callable[..., str]
    texts: sa.Select[Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """A list that was written: where, and how many rows."""

    path: Path
    rows: int


class Accounts(Protocol):
    """The one door to a portfolio's accounts: all that is asked of them goes through it.

    Whatever holds the accounts, a statement names the columns that it reads, has a limit in time
    and can be stopped. Every method raises DatabaseError, in words without a secret or a cell,
    where there is no answer.
    """

    @property
    def label(self) -> str:
        """What the user calls the database."""

    @property
    def fingerprint(self) -> str:
        """What the accounts are known by: it changes with any of them."""

    def sums(self, statement: sa.Select[Any]) -> Columns:
        """Return the statement's result as one array a column."""

    def one(self, statement: sa.Select[Any]) -> dict[str, Any]:
        """Return the single row of a statement by column name."""

    def rows(
        self, statement: sa.Select[Any], size: int = ...
    ) -> AbstractContextManager[Iterator[Any]]:
        """Give the statement's rows in batches of at most ``size``, without holding them all."""

    def rejects(self, first: int | None = None) -> sa.Select[Any]:
        """Return the statement of the rows left out, or of the first of them; one row a fault.

        The first column says where a row is (``line``, or ``account_id`` in a table); ``column``,
        ``value`` and ``reason`` follow.
        """

    def saved(
        self, listing: Listing, *, total: int = ..., progress: Progress | None = ...
    ) -> AbstractContextManager[Saved]:
        """Give a list of accounts as a CSV file in a private place, removed at the end."""

    def unchanged(self) -> bool:
        """Return whether every account still is what the fingerprint says."""

    def cancel(self) -> None:
        """Stop every statement that runs now, from any thread; each then raises DatabaseError."""

    def close(self) -> None:
        """Let go of the accounts; what was opened for them alone is removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a portfolio holds, in words: who keeps it holds on to no accounts.

    Parameters as of :class:`Portfolio`.
    """

    currency: str
    scale: ScoreScale
    columns: tuple[str, ...]
    blanks: tuple[tuple[str, int], ...]

    def has(self, column: str) -> bool:
        """Whether the source brings a column of the product."""
        return column in REQUIRED or column in self.columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """Accounts that passed the contract, where they live, and what is known of them.

    Portfolios are equal, and share cached results, when their fingerprints are equal.

    Parameters
    ----------
    name : str
        What the user calls it; shown on every page.
    as_of : date or None
        The day that the balances are of, where stated.
    currency : str
        ISO code.
    fingerprint : str
        SHA-256 over the data and how it was read.
    accounts, rows_read : int
        Accounts accepted, and rows that the source held.
    total_limit, total_balance : int
        Sums over the accepted accounts, minor units.
    columns : tuple of str
        Optional columns that the source brings.
    blanks : tuple of (str, int)
        Optional columns with unknown cells, and in how many accounts.
    segments : tuple of str
        Titles of the text columns to group by; :func:`segment_name` says what they are inside.
    derived : tuple of (str, Sentence)
        Columns that were computed, and how.
    pd_horizon_months : int
        Months that the default probability of the source is over.
    assumed : tuple of Assumed
        What of the reading nobody declared, and figures hang on.
    protected : tuple of str
        Segments that may be looked at, and never set tiers.
    outcomes : tuple of str
        Columns of outcomes seen later, kept out of everything but a back-test.
    marks : tuple of (str, ColumnMark)
        What the user said that a column may be used for.
    """

    name: str = field(compare=False)
    as_of: dt.date | None = field(compare=False)
    currency: str = field(compare=False)
    scale: ScoreScale = field(compare=False)
    fingerprint: str
    accounts: int = field(compare=False)
    rows_read: int = field(compare=False)
    total_limit: int = field(compare=False)
    total_balance: int = field(compare=False)
    columns: tuple[str, ...] = field(compare=False)
    blanks: tuple[tuple[str, int], ...] = field(compare=False, default=())
    segments: tuple[str, ...] = field(compare=False, default=())
    derived: tuple[tuple[str, Sentence], ...] = field(compare=False, default=())
    pd_horizon_months: int = field(compare=False, default=PD_HORIZON_MONTHS)
    assumed: tuple[Assumed, ...] = field(compare=False, default=())
    protected: tuple[str, ...] = field(compare=False, default=())
    outcomes: tuple[str, ...] = field(compare=False, default=())
    marks: tuple[tuple[str, ColumnMark], ...] = field(compare=False, default=())
    door: Accounts = field(compare=False, repr=False)
    relation: sa.FromClause = field(compare=False, repr=False)

    @property
    def rows_used(self) -> str:
        """How many of the rows read the figures stand on, in words."""
        return rows_used(self.accounts, self.rows_read)

    @property
    def rows_rejected(self) -> int:
        """Rows that broke the contract and are left out of every figure."""
        return self.rows_read - self.accounts

    def has(self, column: str) -> bool:
        """Whether the source brings a column of the product."""
        return self.contents.has(column)

    @property
    def contents(self) -> Contents:
        """What is known of the portfolio apart from its accounts."""
        return Contents(
            currency=self.currency, scale=self.scale, columns=self.columns, blanks=self.blanks
        )

    @property
    def outcome(self) -> str | None:
        """The column of the outcome that a back-test reads; None where there is none."""
        return self.outcomes[0] if self.outcomes else None

    def hold_no_outcome(self, title: str) -> None:
        """Refuse to group by an outcome, or to aim at one.

        Raises
        ------
        PortfolioError
            The column is one.
        """
        if title in self.outcomes:
            raise PortfolioError(
                say(
                    "{title!r} is an outcome, seen after the day of the balances: it is kept for a "
                    "back-test, and no group, tier, rule or goal is made of it. If it was known on "
                    "that day, declare it with --mark {title}=segment.",
                    title=title,
                )
            )

    def hold_fit_for_tiers(self, title: str) -> None:
        """Refuse a segment that tiers must not differ by.

        Raises
        ------
        PortfolioError
            The column is protected or an outcome.
        """
        self.hold_no_outcome(title)
        if title in self.protected:
            raise PortfolioError(
                say(
                    "{title!r} is a protected segment: groups of it can be looked at (headroom "
                    "simulate --by), and never set tiers or rules. If it is not what its name "
                    "says, declare it with --mark {title}=segment.",
                    title=title,
                )
            )

    def segment(self, title: str) -> sa.ColumnElement[str]:
        """Return the relation's column that holds a segment; null where it is unknown.

        Raises
        ------
        PortfolioError
            The portfolio has no segment of this title.
        """
        self.hold_no_outcome(title)
        if title not in self.segments:
            known = listed(self.segments) or "none"
            raise PortfolioError(
                say(
                    "The portfolio has no segment {title!r}: its segments are {known}.",
                    title=title,
                    known=known,
                )
            )
        return self.relation.c[segment_name(self.segments.index(title))]


def rows_used(accounts: int, rows: int) -> str:
    """Return how many of the rows read became accounts, in words."""
    return say_n(
        "{accounts:,} of {count:,} row used",
        "{accounts:,} of {count:,} rows used",
        rows,
        accounts=accounts,
    )


def segment_name(place: int) -> str:
    """Return what a segment is called inside, by its place among the portfolio's segments.

    Titles are the user's own words; so no statement holds one, and none can meet a name of ours.
    """
    return f"s{place}"


def accounts_relation(
    columns: tuple[str, ...], segments: tuple[str, ...], *, name: str = "accounts"
) -> sa.TableClause:
    """Return the table of accounts: the product's names and types, segments by inner names."""
    known = [sa.column(c, SQL_TYPES[BY_NAME[c].kind]) for c in (*REQUIRED, *columns)]
    labels = [sa.column(segment_name(place), sa.String()) for place in range(len(segments))]
    return sa.table(name, *known, *labels)
