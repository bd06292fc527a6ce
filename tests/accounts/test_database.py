"""The embedded database: private, exact, shut once loaded, gone when closed, safe in threads."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.errors import DatabaseError
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation import simulate
from tests.oracle import load_cases
from tests.portfolios import alike, portfolio_of

NUMBERS = sa.table("numbers", sa.column("n", sa.BigInteger()), sa.column("x", sa.Double()))


@pytest.fixture
def database() -> Iterator[EmbeddedDatabase]:
    database = EmbeddedDatabase()
    with database.loading() as cursor:
        cursor.execute("CREATE TABLE numbers (n BIGINT, x DOUBLE)")
        cursor.execute("INSERT INTO numbers VALUES (1, 0.5), (2, NULL)")
    yield database
    database.close()


# ---- Results


def test_columns_come_back_as_whole_numbers_doubles_and_texts(database: EmbeddedDatabase) -> None:
    word = sa.cast(NUMBERS.c.n, sa.String()).label("word")
    missing = sa.case((NUMBERS.c.n > 1, NUMBERS.c.n)).label("some")
    statement = sa.select(NUMBERS.c.n, NUMBERS.c.x, word, missing).order_by(NUMBERS.c.n)
    found = database.sums(statement)
    assert {name: values.dtype for name, values in found.items()} == {
        "n": np.int64,
        "x": np.float64,
        "word": np.dtype(object),
        "some": np.int64,
    }
    assert found["n"].tolist() == [1, 2]
    assert found["x"][0] == 0.5
    assert np.isnan(found["x"][1])
    assert found["word"].tolist() == ["1", "2"]
    assert found["some"].tolist() == [0, 2]


def test_no_rows_come_back_as_empty_columns(database: EmbeddedDatabase) -> None:
    found = database.sums(sa.select(NUMBERS.c.n, NUMBERS.c.x).where(NUMBERS.c.n > 5))
    assert {name: values.size for name, values in found.items()} == {"n": 0, "x": 0}


def test_one_row_comes_back_by_name(database: EmbeddedDatabase) -> None:
    assert database.one(sa.select(sa.func.count().label("rows")).select_from(NUMBERS)) == {
        "rows": 2
    }


def test_rows_come_in_batches(database: EmbeddedDatabase) -> None:
    with database.loading() as cursor:
        cursor.execute("INSERT INTO numbers SELECT range, 0 FROM range(3, 1001)")
    with database.rows(sa.select(NUMBERS.c.n), size=300) as batches:
        sizes = [len(batch) for batch in batches]
    assert sum(sizes) == 1_000
    assert max(sizes) <= 300


# ---- 64 bits


def test_a_sum_beyond_64_bits_raises_rather_than_wraps(database: EmbeddedDatabase) -> None:
    with database.loading() as cursor:
        cursor.execute("INSERT INTO numbers VALUES (9223372036854775807, 0), (5, 0)")
    total = sa.func.sum(NUMBERS.c.n, type_=sa.BigInteger()).label("total")
    with pytest.raises(DatabaseError, match="more than can be held exactly"):
        database.sums(sa.select(total))


def test_a_product_beyond_64_bits_raises_rather_than_wraps(database: EmbeddedDatabase) -> None:
    huge = sa.literal(2**62, sa.BigInteger())
    with pytest.raises(DatabaseError, match="holds a value too large to compute with"):
        database.sums(sa.select((NUMBERS.c.n * huge * huge).label("n")))


# ---- Privacy


def test_once_shut_it_reads_no_file_writes_none_and_opens_no_database(
    database: EmbeddedDatabase, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n", encoding="utf-8")
    with database.loading() as cursor:
        assert cursor.execute("SELECT count(*) FROM read_csv(?)", [str(secret)]).fetchall()
    database.lock_down()
    attempts = (
        f"SELECT * FROM read_csv('{secret}')",
        f"SELECT * FROM '{secret}'",
        f"SELECT * FROM read_text('{secret}')",
        f"COPY numbers TO '{tmp_path / 'out.csv'}'",
        f"ATTACH '{tmp_path / 'other.duckdb'}' AS other",
        f"EXPORT DATABASE '{tmp_path / 'everything'}'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET threads = 1",
        f"SET allowed_directories = ['{tmp_path}']",
    )
    for attempt in attempts:
        with pytest.raises(DatabaseError), database.loading() as cursor:
            cursor.execute(attempt)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.csv"]


def test_what_is_loaded_still_answers_once_it_is_shut(database: EmbeddedDatabase) -> None:
    portfolio = portfolio_of(load_cases(), database=database)
    before = simulate(portfolio, Policy(), Assumptions()).total
    database.lock_down()
    assert alike(simulate(portfolio, Policy(), Assumptions()).total, before)


def test_two_databases_do_not_see_each_others_tables(database: EmbeddedDatabase) -> None:
    other = EmbeddedDatabase()
    assert other.folder != database.folder
    with pytest.raises(DatabaseError):
        other.sums(sa.select(NUMBERS.c.n))
    with other.loading() as cursor:
        assert cursor.execute("SHOW ALL TABLES").fetchall() == []
    other.close()


def test_two_portfolios_keep_their_own_accounts() -> None:
    cases = load_cases()
    first, second = portfolio_of(cases), portfolio_of(cases.iloc[:3])
    counts = [
        simulate(portfolio, Policy(), Assumptions()).total.at_threshold
        for portfolio in (first, second, first)
    ]
    assert counts == [19, 3, 19]
    for portfolio in (first, second):
        assert isinstance(portfolio.door, EmbeddedDatabase)
        portfolio.door.close()


def test_its_folder_is_for_its_owner_alone(database: EmbeddedDatabase) -> None:
    assert database.folder.stat().st_mode & 0o777 == 0o700


def test_it_shows_nothing_of_what_it_holds(database: EmbeddedDatabase) -> None:
    assert repr(database) == "EmbeddedDatabase()"


# ---- Closing


def test_closing_removes_the_folder() -> None:
    database = EmbeddedDatabase()
    with database.loading() as cursor:
        cursor.execute("CREATE TABLE t AS SELECT range FROM range(1000)")
    database.sums(sa.select(sa.literal(1).label("one")))
    assert database.folder.is_dir()
    database.close()
    assert not database.folder.exists()
    database.close()


def test_a_database_that_nobody_holds_removes_its_folder() -> None:
    portfolio: Portfolio | None = portfolio_of(load_cases())
    assert portfolio
    assert isinstance(portfolio.door, EmbeddedDatabase)
    folder = portfolio.door.folder
    simulate(portfolio, Policy(), Assumptions())
    portfolio = None
    gc.collect()
    assert not folder.exists()


# ---- Threads


def test_threads_get_their_own_cursors_and_the_same_figures(database: EmbeddedDatabase) -> None:
    portfolio = portfolio_of(load_cases(), database=database)
    alone = {
        threshold: simulate(portfolio, Policy(score_threshold=threshold), Assumptions()).total
        for threshold in (600, 700, 800, 820)
    }
    together = threading.Barrier(4)

    def run(threshold: int) -> bool:
        together.wait()
        policy = Policy(score_threshold=threshold)
        runs = (simulate(portfolio, policy, Assumptions()).total for _ in range(3))
        return all(total == alone[threshold] for total in runs)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, alone)) == [True] * 4


def test_cursors_do_not_share_an_open_result(database: EmbeddedDatabase) -> None:
    with database.loading() as first, database.loading() as second:
        first.execute("SELECT n FROM numbers ORDER BY n")
        second.execute("SELECT -n FROM numbers ORDER BY n")
        assert first.fetchone() == (1,)
        assert second.fetchone() == (-1,)
        assert first.fetchone() == (2,)
