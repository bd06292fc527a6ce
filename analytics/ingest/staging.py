"""The pass over a file: plain values into the table ``accounts``, odd rows' cells beside them.

The pass reads every cell, keeps the plainly written values and, for a row with any cell that is
not plain, all of its mapped cells as text. :mod:`analytics.ingest.settling` reads only those again.
"""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from analytics.accounts.quoting import identifier, quoted
from analytics.declared.columns import Kind
from analytics.ingest.cells import Rules, plain_value, text_of, tolerance
from analytics.ingest.plan import Bound, Plan
from analytics.ingest.raw import Raw
from analytics.ingest.sheet_reader import LINE_BREAK

ODD = "__odd"
"""Name of the column that holds a row's cells as text where one of them is not plain."""
FOREIGN = "__foreign"
"""Name of the column that holds the currency of a row in another one than the portfolio's."""
MAX_SEGMENTS = 50
"""Distinct values that a further column may have to be a segment."""
MAX_LABEL = 200
"""Bytes of a segment's value in UTF-8."""
SAMPLE_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Staged:
    """How many rows stand in ``accounts``, how many of them are odd, and the likely segments.

    ``binary`` names the columns of money that are binary floating point, and ``rounded`` counts
    their cells with more than two decimals, a hair's breadth from two. ``blank`` rows have no value
    in any cell; they are odd, and have no cells beside them.
    """

    rows: int
    odd: int
    segments: tuple[int, ...]
    binary: frozenset[str]
    rounded: Mapping[str, int]
    blank: int = 0


def stage(cursor: duckdb.DuckDBPyConnection, raw: Raw, plan: Plan, rules: Rules) -> Staged:
    """Read the file into the table ``accounts``: plain values, and odd rows' cells as text."""
    segments = likely_segments(cursor, raw, plan)
    inner, outer, odd = [], [], []
    for place, bound in enumerate(plan.bound):
        commas = bound.column.name in rules.commas
        value = plain_value(
            bound.column.kind, bound.cell, bound.type_name, rules.scale, commas=commas
        )
        inner += [f"{value} AS v{place}", f"{bound.text} AS t{place}"]
        outer.append(f"v{place} AS {identifier(bound.column.name)}")
        odd.append(is_odd(bound, f"v{place}", f"t{place}"))
    inner += [f"{_label(raw, place)} AS {label_name(place)}" for place in segments]
    outer += [label_name(place) for place in segments]
    if rules.foreign:
        inner.append(f"{rules.foreign} AS {FOREIGN}")
        outer.append(FOREIGN)
    cells = ", ".join(f"t{place}" for place in range(len(plan.bound)))
    # A file's own statistics are not to be believed: a check that they seem to settle is run.
    cursor.execute("SET disabled_optimizers = 'statistics_propagation,late_materialization'")
    cursor.execute(
        f"CREATE TABLE accounts AS SELECT {', '.join(outer)}, "
        f"CASE WHEN {' OR '.join(odd)} THEN CASE WHEN blank THEN [] ELSE [{cells}] END END "
        f"AS {ODD} FROM (SELECT {', '.join(inner)}, {is_blank(raw)} AS blank FROM {raw.relation})"
    )
    cursor.execute("SET disabled_optimizers = 'late_materialization'")
    rows, odd_rows, blank = cursor.execute(
        f"SELECT count(*), count({ODD}), count(*) FILTER (len({ODD}) = 0) FROM accounts"
    ).fetchall()[0]
    binary = {
        bound.column.name: f"CAST({bound.cell} AS DOUBLE)"
        for bound in plan.bound
        if bound.type_name in ("DOUBLE", "FLOAT")
        and bound.column.kind is Kind.MONEY
        and not bound.computed
    }
    rounded = _rounded(cursor, raw, binary)
    return Staged(rows, odd_rows, segments, frozenset(binary), rounded, blank)


def is_blank(raw: Raw) -> str:
    """Return SQL for whether no cell of a row holds anything but blanks."""
    cells = (
        f"coalesce(trim(c{place}), '') = ''" if type_name == "VARCHAR" else f"c{place} IS NULL"
        for place, type_name in enumerate(raw.types)
    )
    return f"({' AND '.join(cells)})"


def _rounded(
    cursor: duckdb.DuckDBPyConnection, raw: Raw, binary: Mapping[str, str]
) -> dict[str, int]:
    """Return how many binary amounts are not the nearest ones to two decimals, but as good as."""
    if not binary:
        return {}
    counts = []
    for cell in binary.values():
        exact = f"CAST(TRY_CAST({cell} AS DECIMAL(18, 2)) AS DOUBLE)"
        counts.append(
            f"count(*) FILTER ({cell} <> {exact} AND abs({cell} - {exact}) <= {tolerance(cell)})"
        )
    row = cursor.execute(f"SELECT {', '.join(counts)} FROM {raw.relation}").fetchall()[0]
    return {name: int(number) for name, number in zip(binary, row, strict=True) if number}


def is_odd(bound: Bound, value: str, text: str) -> str:
    """Return SQL for whether a cell has no value although it needs one or holds something."""
    if bound.column.required:
        return f"{value} IS NULL"
    return f"({value} IS NULL AND {text} IS NOT NULL)"


def likely_segments(cursor: duckdb.DuckDBPyConnection, raw: Raw, plan: Plan) -> tuple[int, ...]:
    """Return the further columns with few distinct values among the first rows."""
    able = [
        place
        for place in plan.others
        if raw.headers[place]
        and not raw.types[place].startswith(("STRUCT", "MAP", "BLOB", "UNION"))
        and not raw.types[place].endswith("]")
    ]
    if not able:
        return ()
    counts = ", ".join(f"count(DISTINCT c{place})" for place in able)
    listed = ", ".join(f"c{place}" for place in able)
    row = cursor.execute(
        f"SELECT {counts} FROM (SELECT {listed} FROM {raw.relation} LIMIT {SAMPLE_ROWS})"
    ).fetchall()[0]
    return tuple(place for place, n in zip(able, row, strict=True) if n <= MAX_SEGMENTS)


def label_name(place: int) -> str:
    """Return what a likely segment is called in ``accounts`` by its header's place in the file."""
    return f"label{place}"


def _label(raw: Raw, place: int) -> str:
    cell = f"c{place}"
    if raw.types[place] != "VARCHAR":
        return text_of(cell)
    return f"translate({cell}, chr(13) || chr(10) || {quoted(LINE_BREAK)}, '   ')"
