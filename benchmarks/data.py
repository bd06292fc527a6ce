"""Generated portfolios of any size, kept as Parquet between runs."""

from __future__ import annotations

import functools
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from analytics import ingest
from analytics.portfolio import Portfolio
from sample_data.generate import sample_table

FOLDER = Path(__file__).resolve().parent / "data"


def accounts_file(accounts: int, folder: Path = FOLDER) -> Path:
    """Return the Parquet file of a sample portfolio of this size, generated if it is not there."""
    path = folder / f"accounts_{accounts}.parquet"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        pq.write_table(sample_table(accounts), unfinished, compression="zstd")
        unfinished.replace(path)
    return path


def accounts_csv(accounts: int, folder: Path = FOLDER) -> Path:
    """Return the same portfolio as a CSV file, written if it is not there."""
    path = folder / f"accounts_{accounts}.csv"
    if not path.exists():
        source = accounts_file(accounts, folder)
        unfinished = path.with_suffix(".csv.part")
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (FROM read_parquet('{source}')) TO '{unfinished}' (FORMAT csv, HEADER true)"
            )
        unfinished.replace(path)
    return path


@functools.lru_cache(maxsize=1)
def portfolio(accounts: int, folder: Path = FOLDER) -> Portfolio:
    """Return a sample portfolio of this size, loaded as the product loads a file."""
    return ingest.load_file(accounts_file(accounts, folder)).portfolio
