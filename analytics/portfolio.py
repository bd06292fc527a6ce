"""A portfolio: accounts at an as-of date, living in a database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from analytics.accounts.database import Database
from analytics.declared.columns import BY_NAME, REQUIRED, Kind
from analytics.declared.scales import ScoreScale
from analytics.errors import PortfolioError

SQL_TYPES: dict[Kind, sa.types.TypeEngine[Any]] = {
    Kind.TEXT: sa.String(),
    Kind.SCORE: sa.Integer(),
    Kind.MONEY: sa.BigInteger(),
    Kind.RATE: sa.Double(),
    Kind.COUNT: sa.Integer(),
    Kind.FLAG: sa.Boolean(),
}


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
    derived : tuple of (str, str)
        Columns that were computed, and how.
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
    derived: tuple[tuple[str, str], ...] = field(compare=False, default=())
    door: Database = field(compare=False, repr=False)
    relation: sa.FromClause = field(compare=False, repr=False)

    @property
    def rows_rejected(self) -> int:
        """Rows that broke the contract and are left out of every figure."""
        return self.rows_read - self.accounts

    def has(self, column: str) -> bool:
        """Whether the source brings a column of the product."""
        return column in REQUIRED or column in self.columns

    def segment(self, title: str) -> sa.ColumnElement[str]:
        """Return the relation's column that holds a segment; null where it is unknown.

        Raises
        ------
        PortfolioError
            The portfolio has no segment of this title.
        """
        if title not in self.segments:
            known = ", ".join(self.segments) or "none"
            raise PortfolioError(
                f"The portfolio has no segment {title!r}: its segments are {known}."
            )
        return self.relation.c[segment_name(self.segments.index(title))]


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
