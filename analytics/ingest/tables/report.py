"""What the looking over found, as a portfolio and its load report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from analytics.accounts.database import Database, Warehouse
from analytics.declared.language import Sentence, say
from analytics.ingest.credit_balances import credit_sentences
from analytics.ingest.declaration import Declaration
from analytics.ingest.doubts import doubt_sentences
from analytics.ingest.remarks import trimmings
from analytics.ingest.report import (
    Found,
    Loaded,
    RejectReason,
    loaded,
    refuse_inexact,
    rounded_sentences,
)
from analytics.ingest.tables.plan import TablePlan
from analytics.ingest.tables.rows import Contract, rejected, relation

READER_VERSION = "headroom-warehouse-3"
"""Changes whenever the same rows may be read differently."""


@dataclass(frozen=True, slots=True)
class LookedOver:
    """The statement that looked the table over, and what it found, to be held against it again."""

    statement: sa.Select[Any]
    seen: Mapping[str, Any]


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
    contract: Contract,
    segments: tuple[str, ...],
    found: Mapping[str, Any],
    reasons: Mapping[str, RejectReason],
    *,
    said: tuple[Sentence, ...],
    once: LookedOver,
) -> Loaded:
    """Return the portfolio and its report, with what was ``said`` of the table before.

    Raises
    ------
    PortfolioError
        The amounts add up to more than can be computed exactly.
    """
    refuse_inexact(
        int(found["limit"]),
        int(found["balance"]),
        advice=say("declare amounts in a larger unit"),
    )
    plan = contract.reading.plan
    names = enumerate(contract.reading.read)
    clean = {name for place, name in names if not found.get(f"rejected_{place}")}
    door = Warehouse(
        database,
        fingerprint=_fingerprint(plan, declaration, segments, found),
        rejected=rejected(contract),
        overview=once.statement,
        seen=once.seen,
    )
    rows_read, accounts = int(found["rows_read"]), int(found["accepted"])
    summed = Found(
        name=plan.table.name.name,
        format="database",
        accounts=accounts,
        rows_read=rows_read,
        rejected=rows_read - accounts,
        total_limit=int(found["limit"]),
        total_balance=int(found["balance"]),
        rejected_limit=int(found.get("rejected_limit", 0)),
        reasons=reasons,
        columns=plan.columns,
        sources={one.name: one.source.name for one in plan.bound},
        blanks={n: int(found[f"blank_{n}"]) for n in plan.optional if found[f"blank_{n}"]},
        segments=segments,
        noticed=_noticed(declaration, said, found),
        rounded=_rounded(found),
        credit_balances=int(found.get("credits", 0)),
        aside=tuple(column.name for column in plan.others if column.name not in segments),
    )
    return loaded(summed, declaration, door=door, relation=relation(contract, segments, clean))
