"""The load report: what was read, what was rejected and why, what is missing and what follows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from analytics.declared.columns import MINOR_UNITS
from analytics.portfolio import Portfolio

EXAMPLES = 5
"""Rows of each reason that the report names."""

REASON_WORDS: dict[str, str] = {
    "missing": "a required cell is empty",
    "not_a_number": "not a number",
    "not_plain": "a number written in a way that is not taken here",
    "not_finite": "NaN or infinite",
    "negative": "negative",
    "too_many_decimals": "more than two decimals",
    "not_whole": "not a whole number",
    "too_large": "larger than an account can be",
    "off_scale": "off the score scale",
    "sentinel_score": "a score that means no score",
    "out_of_range": "not between 0 and 1",
    "no_percent_sign": "no percent sign, in a column that has them",
    "is_a_date": "a date",
    "not_true_or_false": "neither true nor false",
    "id_not_allowed": "an id with characters that are not taken, or longer than 64",
    "duplicate_id": "an id that other rows have as well",
    "line_break": "a cell with a line break",
    "too_many_cells": "more cells than the header",
    "too_few_cells": "fewer cells than the header",
    "quote_out_of_place": "a quotation mark out of place",
    "line_too_long": "a line that is too long",
    "not_computable": "arithmetic without a result",
}
"""Every reason for a rejection, in words that follow 'because it is' or stand alone."""


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
    switched_off : tuple of str
        What their absence switches off, one sentence each.
    warnings : tuple of str
        What is odd and rejects nothing.
    blanks : mapping of str to int
        Optional columns with unknown cells, and how many.
    segments, ignored : tuple of str
        Further headers: to group by, and left aside.
    """

    name: str
    format: str
    currency: str
    scale: str
    rows_read: int
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
    switched_off: tuple[str, ...]
    warnings: tuple[str, ...]
    blanks: Mapping[str, int] = field(hash=False)
    segments: tuple[str, ...]
    ignored: tuple[str, ...]
    derived: Mapping[str, str] = field(hash=False)
    fingerprint: str

    @property
    def sentence(self) -> str:
        """How many of the rows the figures stand on."""
        return f"{self.accepted:,} of {self.rows_read:,} rows used"

    def to_json(self) -> str:
        """Return the report as one JSON object; money as exact decimal strings."""
        shown = {
            "name": self.name,
            "format": self.format,
            "currency": self.currency,
            "scale": self.scale,
            "rows_read": self.rows_read,
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
            "segments": list(self.segments),
            "ignored": list(self.ignored),
            "derived": dict(self.derived),
            "fingerprint": self.fingerprint,
        }
        return json.dumps(shown, ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A portfolio that is ready to simulate, and the report on how it was loaded."""

    portfolio: Portfolio
    report: LoadReport


def money(minor: int) -> Decimal:
    """Return minor units as an exact amount with two decimals."""
    return (Decimal(minor) / MINOR_UNITS).quantize(Decimal("0.01"))
