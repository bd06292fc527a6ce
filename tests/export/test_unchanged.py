"""A table of which any account moved since it was opened is not exported under its fingerprint."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from analytics.accounts.connect import open_database
from analytics.assumptions import Assumptions
from analytics.errors import DatabaseError, ExportError, HeadroomError, PortfolioError
from analytics.export import export_policy
from analytics.ingest import Loaded
from analytics.ingest.tables import load_warehouse
from analytics.policy import Policy
from analytics.results.simulation import Simulation, simulate
from analytics.results.surface import load_surface
from tests.accounts.books import cells_of, table_of

POLICY = Policy(score_threshold=800)
STAMPED = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
HELD = next(place for place, score in enumerate(cells_of()["score"]) if score < 700)


def write(folder: Path, **cells: Sequence[Any]) -> None:
    pq.write_table(table_of({**cells_of(), **cells}), folder / "part.parquet")


def opened(folder: Path) -> Loaded:
    folder.mkdir()
    write(folder)
    return load_warehouse(open_database(f"duckdb:///{folder}"), "accounts")


def with_held(column: str, value: Any) -> dict[str, Sequence[Any]]:
    """The column's cells with that of one held account replaced."""
    cells = list(cells_of()[column])
    cells[HELD] = value
    return {column: cells}


def exported(simulation: Simulation, place: Path) -> bytes:
    export_policy(simulation, place, stamped=STAMPED)
    return (place / "accounts.csv").read_bytes()


def test_a_table_that_stands_still_is_exported(tmp_path: Path) -> None:
    loaded = opened(tmp_path / "accounts")
    assert loaded.portfolio.door.unchanged()
    simulation = simulate(loaded.portfolio, POLICY, Assumptions())
    assert exported(simulation, tmp_path / "out").count(b"\n") == 61
    loaded.portfolio.door.close()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("credit_limit", Decimal("1.00")),
        ("balance", Decimal("0.01")),
        ("score", 601),
        ("monthly_income", Decimal("1.00")),
        ("default_probability", 0.99),
        ("account_id", "B0000"),
    ],
)
def test_a_table_of_which_one_held_account_moved_is_not_exported(
    tmp_path: Path, column: str, value: Any
) -> None:
    loaded = opened(tmp_path / "accounts")
    simulation = simulate(loaded.portfolio, POLICY, Assumptions())
    write(tmp_path / "accounts", **with_held(column, value))
    assert not loaded.portfolio.door.unchanged()
    with pytest.raises(ExportError, match=r"no longer what it was|does not add up"):
        exported(simulation, tmp_path / "out")
    assert not list((tmp_path / "out").glob("*.csv"))
    loaded.portfolio.door.close()


def test_a_table_opened_again_has_another_fingerprint_and_is_exported(tmp_path: Path) -> None:
    before = opened(tmp_path / "accounts")
    write(tmp_path / "accounts", **with_held("credit_limit", Decimal("1.00")))
    after = load_warehouse(open_database(f"duckdb:///{tmp_path / 'accounts'}"), "accounts")
    assert before.portfolio.fingerprint != after.portfolio.fingerprint
    exported(simulate(after.portfolio, POLICY, Assumptions()), tmp_path / "out")
    before.portfolio.door.close()
    after.portfolio.door.close()


def test_a_table_that_is_gone_is_said_without_its_place(tmp_path: Path) -> None:
    loaded = opened(tmp_path / "accounts")
    simulation = simulate(loaded.portfolio, POLICY, Assumptions())
    (tmp_path / "accounts" / "part.parquet").unlink()
    asks = (
        lambda: exported(simulation, tmp_path / "out"),
        lambda: simulate(loaded.portfolio, POLICY, Assumptions()),
        lambda: load_surface(loaded.portfolio, POLICY, Assumptions(), raises=(0, 2_000)),
        loaded.portfolio.door.unchanged,
    )
    for ask in asks:
        with pytest.raises((DatabaseError, PortfolioError)) as refused:
            ask()
        assert isinstance(refused.value, HeadroomError)
        assert str(tmp_path) not in str(refused.value)
        assert "parquet" not in str(refused.value)
    loaded.portfolio.door.close()
