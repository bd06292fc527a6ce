"""What is odd about a table's accounts: the checks that a file gets, asked of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from analytics.accounts.catalogue import CatalogueColumn, Shape
from analytics.accounts.database import Database
from analytics.accounts.dialects import RowHash
from analytics.declared.columns import BLANK_SEGMENT, BY_NAME, MINOR_UNITS
from analytics.declared.language import Sentence
from analytics.ingest.declaration import Declaration
from analytics.ingest.offscale import USUAL_SENTINELS, OffScale, ask_by_name, judge_off_scale
from analytics.ingest.remarks import (
    ROUND_BALANCE,
    ROUND_LIMIT,
    Observed,
    curve_range,
    remark_blank_labels,
    remarks,
)
from analytics.ingest.report import RejectReason
from analytics.ingest.tables.overview import alike_but_for_case
from analytics.ingest.tables.plan import TablePlan
from analytics.ingest.tables.report import LookedOver
from analytics.ingest.tables.rows import Contract
from analytics.portfolio import SQL_TYPES, segment_name

_PROBABILITY = "default_probability"


def ask_for_scale(plan: TablePlan, declaration: Declaration) -> None:
    """Ask for the scale of scores whose column speaks of FICO or the like, as of a file's.

    Raises
    ------
    ChoiceNeeded
        It does, and no scale is declared.
    """
    if declaration.scale is None:
        ask_by_name(_source(plan, "score").name, declaration.score_scale)


def scores_off_scale(
    database: Database,
    contract: Contract,
    declaration: Declaration,
    reasons: Mapping[str, RejectReason],
    rows: int,
) -> tuple[Sentence, ...]:
    """Return what to say about scores off the scale that was taken; ask where they are many.

    Raises
    ------
    ChoiceNeeded
        Many rows are off it, and all scores fit another one.
    """
    if declaration.scale is not None or "off_scale" not in reasons:
        return ()
    reading = contract.reading
    source = _source(reading.plan, "score")
    cell = sa.type_coerce(reading.source.c[source.name], sa.BigInteger())
    usual = sorted({*declaration.sentinels, *USUAL_SENTINELS})
    score = reading.read["score"]
    off = sa.and_(
        score.reason == "off_scale",
        cell.between(0, 999_999),
        sa.not_(cell.in_([sa.literal(number, sa.BigInteger()) for number in usual])),
    )
    known = sa.or_(off, score.value.is_not(None))
    facts: dict[str, sa.ColumnElement[Any]] = {
        "off": _count(off),
        "low": sa.func.min(sa.case((known, cell))),
        "high": sa.func.max(sa.case((known, cell))),
    }
    counted = database.one(_selected(facts).select_from(reading.source))
    if not counted["off"]:
        return ()
    low, high = int(counted["low"]), int(counted["high"])
    return judge_off_scale(OffScale(int(counted["off"]), low, high, rows), declaration.score_scale)


def cautions(
    database: Database,
    looked: LookedOver,
    segments: Sequence[str],
    declaration: Declaration,
) -> tuple[Sentence, ...]:
    """Return one sentence for each thing that is odd about a table's accepted accounts."""
    contract, reasons = looked.contract, looked.reasons
    found = database.one(_facts(contract, segments, declaration))
    plan = contract.reading.plan
    account_id, score = _source(plan, "account_id"), _source(plan, "score")
    mean = found.get("mean_probability")
    above = reasons.get("out_of_range")
    observed = Observed(
        accounts=int(found["accounts"]),
        over_limit=int(found["over_limit"]),
        off_curve=int(found["off_curve"]),
        finer=int(found["finer"]),
        mean_limit=float(found["mean_limit"]),
        mean_probability=None if mean is None else float(mean),
        lowest=int(found["lowest"]),
        highest=int(found["highest"]),
        rates_above_one=above.rows if above else 0,
        columns=looked.columns,
        headers=tuple(column.name for column in plan.table.columns),
        score_header=score.name,
        numeric_ids=account_id.name if account_id.shape is not Shape.TEXT else None,
        drawn=int(found["drawn"]),
        alike=int(found["drawn"]) - int(found["distinct_drawn"]),
        alike_but_for_case=(0 if contract.duplicates else alike_but_for_case(database, contract)),
    )
    blank = [int(found[f"blank_label_{place}"]) for place in range(len(segments))]
    return (*remarks(observed, declaration), *remark_blank_labels(segments, blank))


def _facts(contract: Contract, segments: Sequence[str], declaration: Declaration) -> sa.Select[Any]:
    """Return the one statement over the accepted rows that all cautions are made of."""
    c = contract.checked(segments).c
    low, high = curve_range(declaration.score_scale)
    uneven = sa.or_(
        _remainder(c.credit_limit, ROUND_LIMIT * MINOR_UNITS) != 0,
        _remainder(c.balance, MINOR_UNITS) != 0,
    )
    drawn = sa.and_(c.balance > 0, _remainder(c.balance, ROUND_BALANCE) != 0)
    row = RowHash(*(c[name] for name in contract.reading.read if name != "account_id"))
    facts: dict[str, sa.ColumnElement[Any]] = {
        "accounts": sa.func.count(),
        "over_limit": _count(c.balance > c.credit_limit),
        "off_curve": _count(sa.or_(c.score < low, c.score > high)),
        "finer": _count(uneven),
        "mean_limit": sa.func.avg(sa.cast(c.credit_limit, sa.Double())),
        "lowest": sa.func.min(c.score),
        "highest": sa.func.max(c.score),
        "drawn": _count(drawn),
        "distinct_drawn": sa.func.count(sa.case((drawn, row)).distinct()),
    }
    if _PROBABILITY in contract.reading.read:
        kind = SQL_TYPES[BY_NAME[_PROBABILITY].kind]
        facts["mean_probability"] = sa.func.avg(sa.cast(c[_PROBABILITY], kind))
    for place in range(len(segments)):
        label = c[segment_name(place)]
        facts[f"blank_label_{place}"] = _count(label == sa.literal(BLANK_SEGMENT, sa.String()))
    return _selected(facts).where(c.valid)


def _selected(facts: Mapping[str, sa.ColumnElement[Any]]) -> sa.Select[Any]:
    return sa.select(*(value.label(name) for name, value in facts.items()))


def _source(plan: TablePlan, name: str) -> CatalogueColumn:
    return next(bound.source for bound in plan.bound if bound.name == name)


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _remainder(value: sa.ColumnElement[Any], by: int) -> sa.ColumnElement[int]:
    return sa.func.mod(value, sa.literal(by, sa.BigInteger()), type_=sa.BigInteger())
