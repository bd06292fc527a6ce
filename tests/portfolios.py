"""Portfolios for tests, made from a frame in the oracle's form, and results held against it."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.columns import BY_NAME, OPTIONAL, REQUIRED, Kind
from analytics.declared.measures import MEASURES
from analytics.declared.scales import SESAME, ScoreScale
from analytics.policy import Policy
from analytics.portfolio import Portfolio, accounts_relation, segment_name
from analytics.results.simulation import Group
from tests.oracle import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY
from tests.oracle.columns import CLOSED_WORDS, OPEN_WORDS

ARROW_TYPES: dict[Kind, Any] = {
    Kind.TEXT: pa.string(),
    Kind.SCORE: pa.int32(),
    Kind.MONEY: pa.int64(),
    Kind.RATE: pa.float64(),
    Kind.COUNT: pa.int32(),
    Kind.FLAG: pa.bool_(),
    Kind.STATUS: pa.bool_(),
}
CLOSED = {**dict.fromkeys(CLOSED_WORDS, True), **dict.fromkeys(OPEN_WORDS, False)}
_NUMBERS = itertools.count(1)


def portfolio_of(
    frame: pd.DataFrame,
    *,
    segments: Sequence[str] = (),
    scale: ScoreScale = SESAME,
    name: str = "accounts of a test",
    database: EmbeddedDatabase | None = None,
    **further: Any,
) -> Portfolio:
    """Return a portfolio of the frame's accounts.

    Parameters
    ----------
    frame : pandas.DataFrame
        The product's columns; money in whole minor units, an unknown cell missing in any form.
    segments : sequence of str
        Text columns to group by; an empty or all-space cell is blank.
    database : EmbeddedDatabase, optional
        Where the accounts go, in place of those that it held. Without it a database is made.
    further
        Other fields of the portfolio.
    """
    columns = tuple(c for c in OPTIONAL if c in frame.columns and not _is_blank(frame[c]))
    cells: dict[str, Any] = {}
    for column in (*REQUIRED, *columns):
        kind = ARROW_TYPES[BY_NAME[column].kind]
        values = frame[column].map(CLOSED) if column == "account_status" else frame[column]
        cells[column] = pa.array(values, type=kind, from_pandas=True)
    for place, segment in enumerate(segments):
        labels = [_label(cell) for cell in frame[segment].tolist()]
        cells[segment_name(place)] = pa.array(labels, type=pa.string())
    database = database or EmbeddedDatabase()
    table = pa.table(cells)
    with database.loading() as cursor:
        cursor.register("incoming", table)
        cursor.execute("CREATE OR REPLACE TABLE accounts AS SELECT * FROM incoming")
        cursor.unregister("incoming")
    return Portfolio(
        name=name,
        as_of=None,
        currency="CNY",
        scale=scale,
        fingerprint=f"test-{next(_NUMBERS)}",
        accounts=table.num_rows,
        rows_read=table.num_rows,
        total_limit=sum(table["credit_limit"].to_pylist()),
        total_balance=sum(table["balance"].to_pylist()),
        columns=columns,
        blanks=tuple(
            (column, table[column].null_count) for column in columns if table[column].null_count
        ),
        segments=tuple(segments),
        door=database,
        relation=accounts_relation(columns, tuple(segments)),
        **further,
    )


def frame_from_parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file in the product's columns, money as whole minor units, without floats."""
    described = duckdb.read_parquet(str(path))
    picked = [
        f"CAST({column} * 100 AS BIGINT) AS {column}" if _is_money(column) else column
        for column in described.columns
    ]
    with duckdb.connect() as connection:
        query = f"SELECT {', '.join(picked)} FROM read_parquet(?)"
        table = connection.sql(query, params=[str(path)]).to_arrow_table()
    nullable = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=nullable.get)
    return frame


def _is_blank(column: pd.Series) -> bool:
    """Whether a column is blank throughout, and so counts as absent; one without rows is there."""
    return len(column) > 0 and bool(column.isna().all())


def _is_money(column: str) -> bool:
    return column in BY_NAME and BY_NAME[column].kind is Kind.MONEY


def _label(cell: Any) -> str | None:
    missing = cell is None or bool(pd.isna(cell))
    return str(cell) if not missing and str(cell).strip() else None


# ---- The oracle's side of a comparison

RELATIVE = 1e-9
"""How closely the method asks two engines to agree on a sum."""
ROUNDING = 1e-14
"""What floating point leaves, as a share of the amounts that a figure is the difference of."""
NORMAL_ROUNDING = 2e-12
"""The same for capital by the IRB formula, whose normal distribution SQL computes to 1e-12."""
SIDES = ("baseline", "proposed", "increment")
OF_INCOMES = ("strained", "thin_cover", "short_cover", "over_indebted")
FLOWS = ("margin", "retained", "capital", "default", "value", "cumulated")
"""What is compared of each month."""


def oracle_policy(policy: Policy) -> dict[str, Any]:
    """Return the policy as the oracle takes it."""
    values: dict[str, Any] = {name: getattr(policy, name) for name in DEFAULT_POLICY}
    values["tiers"] = tuple((tier.score_from, tier.raise_rate) for tier in policy.tiers)
    return values


def oracle_assumptions(assumptions: Assumptions) -> dict[str, Any]:
    """Return the assumptions as the oracle takes them."""
    stated = {"pd_horizon_months": 12}
    return {
        name: stated.get(name, getattr(assumptions, name, None)) for name in DEFAULT_ASSUMPTIONS
    }


def differences(
    group: Group, expected: Mapping[str, Any], assumptions: Assumptions, *, incomes: bool
) -> list[str]:
    """Return one sentence for each figure of a group that is not the oracle's.

    Counts, reasons, binding and money in whole minor units are compared exactly, the rest to
    ``RELATIVE``. Differences of large amounts may differ by ``ROUNDING`` times the amounts.
    """
    found = _whole_differences(group, expected)
    if group.baseline is None or group.proposed is None or group.increment is None:
        return [*found, "the group is empty"] if expected["baseline"]["accounts"] else found
    sizes = _Sizes(expected, assumptions)
    for side in SIDES:
        measures = getattr(group, side)
        for measure in MEASURES:
            name = measure.name
            value, wanted = measures.get(name), expected[side][name]
            if name in OF_INCOMES and not incomes:
                wanted = None
            if not sizes.same(name, side, value, wanted):
                found.append(f"{group.label}: {side} {name} is {value!r}, not {wanted!r}")
    found += _month_differences(group, expected, sizes)
    for part, value in group.expected_loss_parts.items():
        wanted = expected["expected_loss_parts"][part]
        if not sizes.same("expected_loss", "increment", value, wanted):
            found.append(f"{group.label}: part {part} is {value!r}, not {wanted!r}")
    return found


def _month_differences(group: Group, expected: Mapping[str, Any], sizes: _Sizes) -> list[str]:
    """Return every flow of a month that is not the oracle's."""
    ours = group.timeline.rows() if group.timeline else []
    theirs = expected["time"]["months"]
    if len(ours) != len(theirs):
        return [f"{group.label}: {len(ours)} months, not {len(theirs)}"]
    return [
        f"{group.label}: {name} of month {row['month']} is {row[name]!r}, not {wanted[name]!r}"
        for row, wanted in zip(ours, theirs, strict=True)
        for name in FLOWS
        if not sizes.same(f"month {name}", "increment", row[name], wanted[name])
    ]


def _whole_differences(group: Group, expected: Mapping[str, Any]) -> list[str]:
    reasons = {
        reason: (entry["accounts"], entry["limit"]) for reason, entry in expected["reasons"].items()
    }
    pairs: list[tuple[str, Any, Any]] = [
        ("raised", group.raised, expected["raised"]),
        ("effective_raise", group.effective_raise, expected["effective_raise"]),
        ("reasons", dict(group.reasons), reasons),
        ("binding", dict(group.binding), expected["binding"]),
    ]
    found = [f"{group.label}: {n} is {v!r}, not {w!r}" for n, v, w in pairs if v != w]
    for name in ("headline_raise", "expected_takers"):
        value, wanted = getattr(group, name), expected[name]
        if not math.isclose(value, wanted, rel_tol=1e-12):
            found.append(f"{group.label}: {name} is {value!r}, not {wanted!r}")
    return found


class _Sizes:
    """How large the amounts are that each figure is made from, and so how exact it can be."""

    def __init__(self, expected: Mapping[str, Any], assumptions: Assumptions) -> None:
        self.expected = expected
        proposed = expected["proposed"]
        exposed = proposed["limit"] + proposed["balance"]
        self.capital_ratio = assumptions.capital_ratio
        self.automatic = assumptions.consent_mode == "automatic"
        spread = abs(assumptions.hurdle_rate - assumptions.funding_rate)
        charge = spread * assumptions.capital_ratio * 12.5 * exposed
        irb = assumptions.capital_approach != "standardised"
        inexact = NORMAL_ROUNDING / ROUNDING if irb else 1.0
        self.amounts = {
            **dict.fromkeys(("limit", "balance", "headroom", "ead", "margin"), exposed),
            **dict.fromkeys(("defaulted_exposure", "expected_loss"), exposed),
            "projected_defaults": proposed["projected_defaults"],
            "retained": 11 * 2 * exposed,
            "rwa": 12.5 * exposed * inexact,
            "capital_charge": charge * inexact,
            "action_cost": proposed["action_cost"],
            "earned": 25 * exposed + proposed["action_cost"],
        }
        value = self.amounts["earned"] + self.amounts["capital_charge"]
        years = assumptions.horizon_months / 12
        self.amounts["net_value"] = value
        self.amounts |= dict.fromkeys(("new_debt", "moved_balance"), exposed)
        self.amounts |= dict.fromkeys(("npv", "first_year_value"), value * years)
        self.amounts |= dict.fromkeys(
            ("first_year_profit", "provision_day_one"), value * (1 + assumptions.life_years)
        )
        self.amounts |= {f"month {name}": value for name in FLOWS}
        self.amounts["month cumulated"] = value * years

    def same(self, name: str, side: str, value: float | None, wanted: float | None) -> bool:
        """Whether a figure is the oracle's, as far as floating point can tell."""
        if name == "loss_per_new_exposure":
            return side != "increment" or self._same_price(value, wanted)
        if name == "payback_months":
            return value == wanted or self._at_the_edge()
        if name == "return_on_capital":
            return self._same_return(side, value, wanted)
        if value is None or wanted is None:
            return value is wanted
        exact = name == "limit" and (self.automatic or side == "baseline")
        if exact or name in ("accounts", "raised"):
            return value == wanted
        room = ROUNDING * self.amounts.get(name, 1.0)
        return math.isclose(value, wanted, rel_tol=RELATIVE, abs_tol=room)

    def _at_the_edge(self) -> bool:
        """Whether the cumulated value comes so near to 0 that rounding tells the month."""
        room = 1e3 * ROUNDING * self.amounts["month cumulated"]
        return any(abs(row["cumulated"]) <= room for row in self.expected["time"]["months"])

    def _same_price(self, value: float | None, wanted: float | None) -> bool:
        loss, exposure = (self.expected["increment"][n] for n in ("expected_loss", "ead"))
        room = ROUNDING * self.amounts["ead"]
        if abs(exposure) <= 1e3 * room or value is None or wanted is None:
            return value is None or (value is not wanted and abs(exposure) <= 1e3 * room)
        error = room / exposure * (1 + abs(loss / exposure))
        return math.isclose(value, wanted, rel_tol=RELATIVE, abs_tol=error)

    def _same_return(self, side: str, value: float | None, wanted: float | None) -> bool:
        sides = ("baseline", "proposed") if side == "increment" else (side,)
        error = 0.0
        for each in sides:
            capital = self.capital_ratio * self.expected[each]["rwa"]
            room = ROUNDING * self.capital_ratio * self.amounts["rwa"]
            if capital <= 1e3 * room:
                return True
            returned = abs(self.expected[each]["return_on_capital"])
            error += (ROUNDING * self.amounts["earned"] + returned * room) / capital
        if value is None or wanted is None:
            return value is wanted
        return math.isclose(value, wanted, rel_tol=RELATIVE, abs_tol=error)


def alike(first: Any, second: Any) -> bool:
    """Whether two results are the same: whole numbers and words exactly, other figures to 1e-9.

    A database adds floating point numbers in an order of its own, so two runs of one statement may
    differ in the last digits.
    """
    if dataclasses.is_dataclass(first):
        return type(first) is type(second) and all(
            alike(getattr(first, item.name), getattr(second, item.name))
            for item in dataclasses.fields(first)
        )
    if isinstance(first, Mapping):
        return first.keys() == second.keys() and all(
            alike(value, second[key]) for key, value in first.items()
        )
    if isinstance(first, np.ndarray):
        return np.shape(first) == np.shape(second) and np.allclose(first, second, 1e-9, 1e-6)
    if isinstance(first, tuple):
        return len(first) == len(second) and all(map(alike, first, second))
    if isinstance(first, np.ndarray):
        return bool(np.allclose(first, second, rtol=1e-9, atol=1e-6))
    if isinstance(first, float) and isinstance(second, float):
        return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-6)
    return bool(first == second)
