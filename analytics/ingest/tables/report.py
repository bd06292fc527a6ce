"""What the looking over found, as a portfolio and its load report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from analytics.accounts.database import Database, Warehouse
from analytics.declared.columns import COLUMNS, MAX_TOTAL
from analytics.declared.language import later, say
from analytics.errors import PortfolioError
from analytics.ingest.declaration import Declaration
from analytics.ingest.report import Loaded, LoadReport, RejectReason, money, reason_words
from analytics.ingest.tables.plan import TablePlan
from analytics.ingest.tables.rows import Contract, rejected, relation
from analytics.portfolio import Portfolio

READER_VERSION = "headroom-warehouse-1"
"""Changes whenever the same rows may be read differently."""


def reasons_of(found: Mapping[str, Any]) -> dict[str, RejectReason]:
    """Return how many rows each reason left out, the most frequent first."""
    counts = {
        name.removeprefix("reason_"): int(value)
        for name, value in found.items()
        if name.startswith("reason_") and value
    }
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return {name: RejectReason(count, ()) for name, count in ordered}


def unusable(
    database: Database, rows_read: int, reasons: Mapping[str, RejectReason]
) -> PortfolioError:
    """Return the error of a table without a single row that can be used."""
    if not rows_read:
        return PortfolioError(
            say("The table in the database {label} has no rows.", label=database.label)
        )
    listed = "; ".join(
        say("{count:,} rows: {why}", count=one.rows, why=reason_words(name))
        for name, one in reasons.items()
    )
    return PortfolioError(
        say(
            "None of the {rows:,} rows can be used. {reasons}.",
            rows=rows_read,
            reasons=listed,
        )
    )


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


def loaded(
    database: Database,
    declaration: Declaration,
    contract: Contract,
    segments: tuple[str, ...],
    found: Mapping[str, Any],
    reasons: dict[str, RejectReason],
) -> Loaded:
    """Return the portfolio and its report.

    Raises
    ------
    PortfolioError
        The amounts add up to more than can be computed exactly.
    """
    plan = contract.reading.plan
    if max(int(found["limit"]), int(found["balance"])) > MAX_TOTAL:
        raise PortfolioError(
            say(
                "The limits or balances add up to more than can be computed exactly: declare "
                "amounts in a larger unit."
            )
        )
    blanks = {n: int(found[f"blank_{n}"]) for n in plan.optional if found[f"blank_{n}"]}
    names = enumerate(contract.reading.read)
    clean = {name for place, name in names if not found.get(f"rejected_{place}")}
    door = Warehouse(
        database,
        fingerprint=_fingerprint(plan, declaration, segments, found),
        rejected=rejected(contract),
    )
    portfolio = Portfolio(
        name=declaration.name or plan.table.name.name,
        as_of=declaration.as_of,
        currency=declaration.currency,
        scale=declaration.score_scale,
        fingerprint=door.fingerprint,
        accounts=int(found["accepted"]),
        rows_read=int(found["rows_read"]),
        total_limit=int(found["limit"]),
        total_balance=int(found["balance"]),
        columns=plan.optional,
        blanks=tuple(blanks.items()),
        segments=segments,
        door=door,
        relation=relation(contract, segments, clean),
    )
    return Loaded(portfolio, _report(portfolio, plan, found, reasons, blanks))


def _report(
    portfolio: Portfolio,
    plan: TablePlan,
    found: Mapping[str, Any],
    reasons: dict[str, RejectReason],
    blanks: dict[str, int],
) -> LoadReport:
    over = int(found["over_limit"])
    return LoadReport(
        name=portfolio.name,
        format="database",
        currency=portfolio.currency,
        scale=str(portfolio.scale),
        rows_read=portfolio.rows_read,
        accepted=portfolio.accounts,
        rejected=portfolio.rows_rejected,
        total_limit=money(portfolio.total_limit),
        total_balance=money(portfolio.total_balance),
        rejected_limit=money(int(found.get("rejected_limit", 0))),
        reasons=reasons,
        encoding=None,
        delimiter=None,
        decimal=None,
        columns=plan.columns,
        sources={one.name: one.source.name for one in plan.bound},
        missing=tuple(c.name for c in COLUMNS if c.name not in plan.columns),
        noticed=(later("{count:,} accounts are over their limit.", count=over),) if over else (),
        blanks=blanks,
        segments=portfolio.segments,
        aside=tuple(c.name for c in plan.others if c.name not in portfolio.segments),
        computed={},
        fingerprint=portfolio.fingerprint,
    )
