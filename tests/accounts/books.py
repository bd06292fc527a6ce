"""The same accounts behind each kind of door: a loaded file, a DuckDB file, a Parquet folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.accounts.connect import open_database
from analytics.ingest import Declaration, Loaded, load_bytes
from analytics.ingest.tables import load_warehouse
from tests.ingest.loading import rows_text

Cells = Mapping[str, Sequence[Any]]
TYPES = {
    "score": pa.int32(),
    "credit_limit": pa.decimal128(18, 2),
    "balance": pa.decimal128(18, 2),
    "monthly_income": pa.decimal128(18, 2),
    "default_probability": pa.float64(),
}


def cells_of(count: int = 60, **further: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return good accounts with a few scores and limits, and further columns."""
    places = range(count)
    return {
        "account_id": [f"A{place:04d}" for place in places],
        "score": [600 + place * 7 % 300 for place in places],
        "credit_limit": [
            Decimal(1_000 + place * 137 % 9_000).quantize(Decimal("0.01")) for place in places
        ],
        "balance": [Decimal(place * 91 % 900).quantize(Decimal("0.01")) for place in places],
        "monthly_income": [
            Decimal(3_000 + place * 11).quantize(Decimal("0.01")) for place in places
        ],
        "default_probability": [0.01 + place % 9 / 100 for place in places],
        **further,
    }


def table_of(cells: Cells) -> pa.Table:
    return pa.table({name: pa.array(c, TYPES.get(name, pa.string())) for name, c in cells.items()})


def from_file(cells: Cells, folder: Path) -> Loaded:
    del folder
    rows = [
        ["" if cell is None else str(cell) for cell in row]
        for row in zip(*cells.values(), strict=True)
    ]
    return load_bytes("book.csv", rows_text(",".join(cells), rows).encode(), Declaration())


def from_duckdb(cells: Cells, folder: Path) -> Loaded:
    path = folder / "bank.duckdb"
    with duckdb.connect(path) as connection:
        connection.register("incoming", table_of(cells))
        connection.execute("CREATE TABLE accounts AS FROM incoming")
    return load_warehouse(open_database(f"duckdb:///{path}"), "accounts")


def from_parquet(cells: Cells, folder: Path) -> Loaded:
    place = folder / "accounts"
    place.mkdir()
    pq.write_table(table_of(cells), place / "part.parquet")
    return load_warehouse(open_database(f"duckdb:///{place}"), "accounts")


Open = Callable[[Cells, Path], Loaded]
KINDS: dict[str, Open] = {"file": from_file, "duckdb": from_duckdb, "parquet": from_parquet}
