"""The door to the accounts is alike for a loaded file, a DuckDB file and a folder of Parquet."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from analytics.accounts.allowance import Limits
from analytics.accounts.connect import open_database
from analytics.accounts.database import EmbeddedDatabase, Warehouse
from analytics.accounts.failures import StatementError, Trouble
from analytics.assumptions import Assumptions
from analytics.errors import DatabaseError
from analytics.export.accounts_file import accounts_on_disk
from analytics.export.accounts_lines import HEADER
from analytics.ingest import Loaded, rejects_csv, rejects_table
from analytics.ingest.opening import readable
from analytics.ingest.source import Format
from analytics.policy import Policy
from analytics.portfolio import Accounts
from analytics.results.simulation import simulate
from tests.accounts.books import KINDS, cells_of

CANARY = "c4n4ry"
ENDLESS = sa.select(
    sa.func.sum(sa.literal_column("a.range * b.range"), type_=sa.BigInteger()).label("n")
).select_from(sa.text("range(10000000) AS a, range(10000000) AS b"))
ONE = sa.select(sa.literal(1).label("n"))


@pytest.fixture(scope="module", params=list(KINDS))
def loaded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    cells = cells_of(60, region=["North", "South", None] * 20)
    scores = [5, *cells["score"][1:]]
    ids = [*cells["account_id"][:-1], cells["account_id"][1]]
    found = KINDS[request.param](
        {**cells, "score": scores, "account_id": ids}, tmp_path_factory.mktemp("door")
    )
    yield found
    found.portfolio.door.close()


@pytest.fixture
def door(loaded: Loaded) -> Accounts:
    return loaded.portfolio.door


# ---- What comes through


def test_a_file_and_a_table_are_the_two_kinds_of_door(door: Accounts) -> None:
    assert isinstance(door, EmbeddedDatabase | Warehouse)


def test_the_door_knows_the_fingerprint_of_its_accounts(loaded: Loaded) -> None:
    assert loaded.portfolio.door.fingerprint == loaded.portfolio.fingerprint
    assert len(loaded.portfolio.fingerprint) == 64


def test_columns_come_as_whole_numbers_doubles_flags_and_texts(loaded: Loaded) -> None:
    c = loaded.portfolio.relation.c
    picked = {
        "score": c.score,
        "risk": c.default_probability,
        "high": c.score > 700,
        "region": c.s0,
        "some": sa.case((c.score > 700, c.credit_limit)),
        "maybe": sa.case((c.score > 700, c.score > 800)),
        "total": sa.cast(c.credit_limit, sa.Numeric(20, 2)),
    }
    statement = sa.select(*(value.label(name) for name, value in picked.items()))
    found = loaded.portfolio.door.sums(statement.order_by(c.account_id))
    kinds = {name: str(values.dtype) for name, values in found.items()}
    assert kinds == {
        "score": "int64", "risk": "float64", "high": "bool", "region": "object", "some": "int64",
        "maybe": "object", "total": "object",
    }  # fmt: skip
    assert len({len(values) for values in found.values()}) == 1
    assert found["region"].tolist()[:3] == [None, "North", "South"]
    assert found["some"][found["score"] <= 700].tolist() == [0] * int((~found["high"]).sum())
    assert found["maybe"].tolist().count(None) == int((~found["high"]).sum())
    assert isinstance(found["total"][0], Decimal)


def test_bulk_and_single_columns_hold_the_same_values(loaded: Loaded) -> None:
    c = loaded.portfolio.relation.c
    columns = [c.account_id, c.score, c.credit_limit, c.default_probability, c.s0]
    bulk = loaded.portfolio.door.sums(sa.select(*columns).order_by(c.account_id))
    wide = sa.cast(c.score, sa.Numeric(20, 0)).label("wide")
    slow = loaded.portfolio.door.sums(sa.select(*columns, wide).order_by(c.account_id))
    for name, values in bulk.items():
        np.testing.assert_array_equal(values, slow[name])
        assert values.dtype == slow[name].dtype


@pytest.mark.parametrize("factor", [1, -1, 10**3, 10**9])
def test_sums_of_whole_numbers_are_exact_whatever_their_size(loaded: Loaded, factor: int) -> None:
    """Up to 2^53 they come in bulk; beyond, cell by cell."""
    c = loaded.portfolio.relation.c
    amount = c.credit_limit * sa.literal(factor, sa.BigInteger()) + 1
    found = loaded.portfolio.door.sums(
        sa.select(c.s0, sa.func.sum(amount, type_=sa.BigInteger()).label("total")).group_by(c.s0)
    )
    each = loaded.portfolio.door.sums(sa.select(c.s0, c.credit_limit))
    expected = {
        group: sum(
            int(limit) * factor + 1
            for name, limit in zip(each["s0"], each["credit_limit"], strict=True)
            if name == group
        )
        for group in set(each["s0"].tolist())
    }
    assert dict(zip(found["s0"].tolist(), found["total"].tolist(), strict=True)) == expected
    assert found["total"].dtype == np.int64
    assert (max(map(abs, expected.values())) >= 2**53) == (factor == 10**9)


def test_no_rows_are_empty_columns_of_the_same_kinds(loaded: Loaded) -> None:
    c = loaded.portfolio.relation.c
    found = loaded.portfolio.door.sums(sa.select(c.score, c.s0).where(c.score < 0))
    assert {name: (values.size, str(values.dtype)) for name, values in found.items()} == {
        "score": (0, "int64"),
        "s0": (0, "object"),
    }


def test_rows_left_out_are_read_through_the_door(loaded: Loaded) -> None:
    first = "line" if isinstance(loaded.portfolio.door, EmbeddedDatabase) else "account_id"
    table = rejects_table(loaded.portfolio)
    assert list(table) == [first, "column", "value", "reason", "explanation"]
    assert table[["column", "value", "reason"]].to_numpy().tolist() == [
        ["score", "5", "off_scale"],
        ["account_id", "A0001", "duplicate_id"],
        ["account_id", "A0001", "duplicate_id"],
    ]
    assert len(rejects_table(loaded.portfolio, first=2)) == 2
    text = "".join(rejects_csv(loaded.portfolio))
    assert text.startswith(f"{first},column,value,reason\n")
    assert text.count("\n") == 4
    assert loaded.report.rejected == 3


def test_the_list_of_accounts_is_the_same_from_each(loaded: Loaded) -> None:
    simulation = simulate(loaded.portfolio, Policy(score_threshold=700), Assumptions())
    with accounts_on_disk(simulation) as listed:
        lines = listed.path.read_text(encoding="utf-8").splitlines()
    assert not listed.path.exists()
    assert len(lines) == 58
    assert lines[:2] == [
        HEADER,
        "A0002,614,1274.00,1274.00,0.00,hold,score_below_threshold,,1274.00,,,,none,,,,,,9066.00",
    ]


# ---- What goes wrong


def test_a_refusal_is_a_sentence_without_the_statement(door: Accounts) -> None:
    for ask in (door.sums, door.one):
        with pytest.raises(DatabaseError) as caught:
            ask(sa.select(sa.column(CANARY)).select_from(sa.table("no_such_table")))
        assert caught.value.__cause__ is None
        assert CANARY not in str(caught.value)
        assert "no_such_table" not in str(caught.value)
    with pytest.raises(DatabaseError), door.rows(sa.select(sa.column(CANARY))) as batches:
        list(batches)


def test_seconds_are_logged_and_neither_statement_nor_parameter_nor_cell(
    door: Accounts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    door.sums(sa.select(sa.literal(CANARY).label("word")))
    door.one(sa.select(sa.literal(CANARY).label("word")))
    with door.rows(sa.select(sa.literal(CANARY).label("word"))) as batches:
        assert [row.word for batch in batches for row in batch] == [CANARY]
    assert caplog.text.count("asked for 0.") == 3
    assert CANARY not in caplog.text
    assert "SELECT" not in caplog.text.upper()


def stopped(door: Any, ask: Any) -> StatementError:
    """Return what a statement raises that another thread stops after a moment."""
    timer = threading.Timer(0.3, door.cancel)
    started = time.monotonic()
    timer.start()
    try:
        with pytest.raises(StatementError, match="was told to stop") as caught:
            ask()
    finally:
        timer.join()
    assert time.monotonic() - started < 20
    return caught.value


def test_a_statement_is_stopped_from_another_thread_and_the_next_one_answers(
    door: Accounts,
) -> None:
    for ask in (door.sums, door.one):
        assert stopped(door, lambda ask=ask: ask(ENDLESS)).trouble is Trouble.CANCELLED
        assert door.one(ONE) == {"n": 1}


def test_a_stream_is_stopped_between_its_batches(door: Accounts) -> None:
    numbers = sa.select(sa.literal_column("a.range").label("n")).select_from(
        sa.text("range(100) a")
    )
    with door.rows(numbers, size=10) as batches:
        assert len(next(batches)) == 10
        door.cancel()
        with pytest.raises(StatementError, match="was told to stop"):
            next(batches)
    assert door.one(ONE) == {"n": 1}


def test_to_stop_when_nothing_runs_does_nothing(door: Accounts) -> None:
    door.cancel()
    assert door.one(ONE) == {"n": 1}


def test_the_loading_of_a_file_is_stopped_and_said_as_such() -> None:
    database = EmbeddedDatabase()
    source: Any = SimpleNamespace(format=Format.TEXT)

    def load() -> None:
        with database.loading() as cursor, readable(source):
            cursor.execute(
                "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"
            )

    stopped(database, load)
    with database.loading() as cursor:
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]
    database.close()


# ---- Limits in time


def test_a_loaded_file_ends_a_statement_after_its_time() -> None:
    database = EmbeddedDatabase(limits=Limits(statement_seconds=1))
    database.lock_down()
    with pytest.raises(StatementError, match="within the time limit") as caught:
        database.sums(ENDLESS)
    assert caught.value.trouble is Trouble.TOO_LONG
    assert database.one(ONE) == {"n": 1}
    database.close()


@pytest.mark.parametrize("kind", ["duckdb", "parquet"])
def test_a_warehouse_of_duckdbs_ends_a_statement_after_its_time(kind: str, tmp_path: Path) -> None:
    KINDS[kind](cells_of(9), tmp_path).portfolio.door.close()
    place = next(path for path in tmp_path.iterdir() if path.name in ("bank.duckdb", "accounts"))
    database = open_database(f"duckdb:///{place}", Limits(statement_seconds=1))
    with pytest.raises(StatementError, match="within the time limit"):
        database.sums(ENDLESS)
    assert database.one(ONE) == {"n": 1}
    database.close()


def test_a_full_disk_is_told_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    loaded = KINDS["parquet"](cells_of(9), tmp_path)
    simulation = simulate(loaded.portfolio, Policy(), Assumptions())

    def full(*_: object, **__: object) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(Exception, match="temporary folder is full"), accounts_on_disk(simulation):
        pass
    loaded.portfolio.door.close()
