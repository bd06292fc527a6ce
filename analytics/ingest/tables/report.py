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
from analytics.ingest.declaration import Declaration
from analytics.ingest.report import Found, Loaded, RejectReason, loaded, refuse_inexact
from analytics.ingest.tables.plan import TablePlan
from analytics.ingest.tables.rows import Contract, rejected, relation

READER_VERSION = "headroom-warehouse-2"
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


def table_loaded(
    database: Database,
    declaration: Declaration,
    contract: Contract,
    segments: tuple[str, ...],
    found: Mapping[str, Any],
    reasons: Mapping[str, RejectReason],
    noticed: tuple[Sentence, ...],
    once: LookedOver,
) -> Loaded:
    """Return the portfolio and its report.

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
        noticed=noticed,
        aside=tuple(column.name for column in plan.others if column.name not in segments),
    )
    return loaded(summed, declaration, door=door, relation=relation(contract, segments, clean))
