"""What the looking over found, as a portfolio and its load report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from analytics.accounts.database import Database, Warehouse
from analytics.declared.choices import Assumed
from analytics.declared.language import Sentence, say
from analytics.ingest.credit_balances import credit_sentences
from analytics.ingest.declaration import Declaration
from analytics.ingest.doubts import doubt_sentences
from analytics.ingest.marks import Roles
from analytics.ingest.remarks import trimmings
from analytics.ingest.report import (
    DATABASE,
    Found,
    Loaded,
    RejectReason,
    loaded,
    refuse_inexact,
    rounded_sentences,
)
from analytics.ingest.tables.plan import TablePlan
from analytics.ingest.tables.rows import Contract, rejected, relation

READER_VERSION = "headroom-warehouse-5"
"""Changes whenever the same rows may be read differently."""


@dataclass(frozen=True, slots=True)
class LookedOver:
    """What the looking over of a table found.

    Parameters
    ----------
    statement, seen
        What looked the table over, and what it answered, to be held against it again.
    found
        The same, with the faults of the rows left out.
    """

    contract: Contract
    statement: sa.Select[Any]
    seen: Mapping[str, Any]
    found: Mapping[str, Any]
    reasons: Mapping[str, RejectReason]

    @property
    def blank_throughout(self) -> tuple[str, ...]:
        """Optional columns without a single value in an accepted row."""
        accepted = self.found["accepted"]
        optional = self.contract.reading.plan.optional
        return tuple(name for name in optional if self.found[f"blank_{name}"] == accepted)

    @property
    def columns(self) -> tuple[str, ...]:
        """The product columns that the portfolio has."""
        blank = self.blank_throughout
        return tuple(name for name in self.contract.reading.plan.columns if name not in blank)


def reasons_of(found: Mapping[str, Any]) -> dict[str, RejectReason]:
    """Return how many rows each reason left out, the most frequent first."""
    counts = {
        name.removeprefix("reason_"): int(value)
        for name, value in found.items()
        if name.startswith("reason_") and value
    }
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return {name: RejectReason(count, ()) for name, count in ordered}


def _fingerprint(
    plan: TablePlan, declaration: Declaration, segments: Sequence[str], found: Mapping[str, Any]
) -> str:
    described = [[c.name, c.shape.value, c.type_name] for c in plan.table.columns]
    counted = {name: str(value) for name, value in found.items()}
    parts = [
        READER_VERSION,
        str(plan.table.name),
        described,
        [[one.name, one.source.name] for one in plan.bound],
        list(segments),
        declaration.canonical(),
        counted,
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8")).hexdigest()


def _rounded(found: Mapping[str, Any]) -> dict[str, int]:
    """Return how many cells of money were rounded to two decimals, by column."""
    return {
        name.removeprefix("rounded_"): int(number)
        for name, number in found.items()
        if name.startswith("rounded_") and number
    }


def _noticed(
    declaration: Declaration, said: tuple[Sentence, ...], found: Mapping[str, Any]
) -> tuple[Sentence, ...]:
    """Return what is odd about the table and rejects nothing, in the words of files."""
    counts = {
        name.removeprefix("doubt_"): int(number)
        for name, number in found.items()
        if name.startswith("doubt_")
    }
    return (
        *said,
        *trimmings(int(found["padded"]), 0, 0),
        *rounded_sentences(_rounded(found)),
        *credit_sentences(
            declaration.credit_balances,
            read=int(found.get("credits", 0)),
            rejected=int(found["below_zero"]),
            rows=int(found["rows_read"]),
        ),
        *doubt_sentences(counts, known=int(found.get("known_probabilities", 0))),
    )


def table_loaded(
    database: Database,
    declaration: Declaration,
    looked: LookedOver,
    roles: Roles,
    assumed: tuple[Assumed, ...],
    *,
    said: tuple[Sentence, ...],
) -> Loaded:
    """Return the portfolio and its report, with what was ``said`` of the table before.

    Raises
    ------
    PortfolioError
        The amounts add up to more than can be computed exactly.
    """
    contract, found = looked.contract, looked.found
    refuse_inexact(
        int(found["limit"]),
        int(found["balance"]),
        advice=say("declare amounts in a larger unit"),
    )
    plan, segments, columns = contract.reading.plan, roles.segments, looked.columns
    names = enumerate(contract.reading.read)
    clean = {name for place, name in names if not found.get(f"rejected_{place}")}
    door = Warehouse(
        database,
        fingerprint=_fingerprint(plan, declaration, segments, found),
        rejected=rejected(contract),
        overview=looked.statement,
        seen=looked.seen,
    )
    rows_read, accounts = int(found["rows_read"]), int(found["accepted"])
    summed = Found(
        name=plan.table.name.name,
        format=DATABASE,
        accounts=accounts,
        rows_read=rows_read,
        rejected=rows_read - accounts,
        total_limit=int(found["limit"]),
        total_balance=int(found["balance"]),
        rejected_limit=int(found.get("rejected_limit", 0)),
        reasons=looked.reasons,
        columns=columns,
        sources={one.name: one.source.name for one in plan.bound if one.name in columns},
        blanks=_blanks(looked),
        segments=segments,
        protected=roles.protected,
        outcomes=roles.outcomes,
        assumed=assumed,
        noticed=_noticed(declaration, said, found),
        rounded=_rounded(found),
        credit_balances=int(found.get("credits", 0)),
        aside=tuple(
            column.name for column in plan.others if column.name not in (*segments, *roles.outcomes)
        ),
    )
    accounts_of = relation(contract, segments, clean, columns)
    return loaded(summed, declaration, door=door, relation=accounts_of)


def _blanks(looked: LookedOver) -> dict[str, int]:
    """Return how many accounts have an unknown cell, by column."""
    optional = (name for name in looked.contract.reading.plan.optional if name in looked.columns)
    counts = {name: int(looked.found[f"blank_{name}"]) for name in optional}
    return {name: number for name, number in counts.items() if number}
