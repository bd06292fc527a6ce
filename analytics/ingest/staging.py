"""The pass over a file: plain values into the table ``accounts``, odd rows' cells beside them.

The pass reads every cell, keeps the plainly written values and, for a row with any cell that is
not plain, all of its mapped cells as text. :mod:`analytics.ingest.settling` reads only those again.
"""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from analytics.accounts.quoting import identifier
from analytics.ingest.cells import Rules, plain_value, text_of
from analytics.ingest.plan import Bound, Plan
from analytics.ingest.raw import Raw

ODD = "__odd"
"""Name of the column that holds a row's cells as text where one of them is not plain."""
MAX_SEGMENTS = 50
"""Distinct values that a further column may have to be a segment."""
MAX_LABEL = 200
"""Bytes of a segment's value in UTF-8."""
SAMPLE_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Staged:
    """How many rows stand in ``accounts``, how many of them are odd, and the likely segments."""

    rows: int
    odd: int
    segments: tuple[int, ...]


def stage(cursor: duckdb.DuckDBPyConnection, raw: Raw, plan: Plan, rules: Rules) -> Staged:
    """Read the file into the table ``accounts``: plain values, and odd rows' cells as text."""
    segments = likely_segments(cursor, raw, plan)
    inner, outer, odd = [], [], []
    for place, bound in enumerate(plan.bound):
        value = plain_value(
            bound.column.kind, bound.cell, bound.type_name, rules.scale, commas=rules.commas
        )
        inner += [f"{value} AS v{place}", f"{bound.text} AS t{place}"]
        outer.append(f"v{place} AS {identifier(bound.column.name)}")
        odd.append(is_odd(bound, f"v{place}", f"t{place}"))
    inner += [f"{_label(raw, place)} AS {label_name(place)}" for place in segments]
    outer += [label_name(place) for place in segments]
    cells = ", ".join(f"t{place}" for place in range(len(plan.bound)))
    # A file's own statistics are not to be believed: a check that they seem to settle is run.
    cursor.execute("SET disabled_optimizers = 'statistics_propagation,late_materialization'")
    cursor.execute(
        f"CREATE TABLE accounts AS SELECT {', '.join(outer)}, "
        f"CASE WHEN {' OR '.join(odd)} THEN [{cells}] END AS {ODD} "
        f"FROM (SELECT {', '.join(inner)} FROM {raw.relation})"
    )
    cursor.execute("SET disabled_optimizers = 'late_materialization'")
    found = cursor.execute(f"SELECT count(*), count({ODD}) FROM accounts").fetchall()
    return Staged(found[0][0], found[0][1], segments)


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
    return cell if raw.types[place] == "VARCHAR" else text_of(cell)
