"""Names come from the catalogue, whatever they look like."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from analytics.accounts.catalogue import Shape, find_table, tables
from analytics.assumptions import Assumptions
from analytics.errors import DatabaseError
from analytics.ingest.declaration import Declaration
from analytics.ingest.tables import load_warehouse
from analytics.policy import Policy
from analytics.results.simulation import simulate
from tests.databases.engines import DuckDBFile, Engine, PostgreSQL

HOSTILE = [
    'x"; DROP TABLE accounts; --',
    "a.b.c.d",
    "50 % of %(a)s",
    "${env:HOME}",
    "`tick`",
    "it's :bind ?",
    "客户 é\u3000",
    "SELECT",
    "a\\b/*c*/",
]
TABLES = ["Risk Book", 'a"; DROP TABLE accounts; --', "x.accounts", "100%", "select", "客户"]


def hostile_rows() -> pa.Table:
    """Accounts whose columns and labels are all hostile names."""
    cells = {
        HOSTILE[0]: ["a1", "a2", "a3"],
        HOSTILE[1]: pa.array([700, 800, 900], pa.int32()),
        HOSTILE[2]: pa.array([Decimal("1000.00")] * 3, pa.decimal128(18, 2)),
        HOSTILE[3]: pa.array([Decimal("10.01")] * 3, pa.decimal128(18, 2)),
    }
    return pa.table(cells | {name: ["x", "y", name] for name in HOSTILE[4:]})


def mapped() -> Declaration:
    names = ("account_id", "score", "credit_limit", "balance")
    return Declaration(mapping=tuple(zip(names, HOSTILE, strict=False)))


def test_hostile_column_names_are_only_names(engine: Engine) -> None:
    engine.fill("accounts", hostile_rows())
    database = engine.open()
    loaded = load_warehouse(database, "accounts", mapped())
    assert loaded.portfolio.total_balance == 3_003
    assert loaded.portfolio.segments == tuple(HOSTILE[4:])
    for name in HOSTILE[4:5] if engine.name == "spark" else HOSTILE[4:]:
        result = simulate(loaded.portfolio, Policy(score_threshold=700), Assumptions(), by=name)
        assert {group.label for group in result.groups} == {"x", "y", name}
    assert str(find_table(database, "accounts").name).endswith(".accounts")
    database.close()


@pytest.mark.parametrize("name", TABLES)
def test_hostile_table_names_are_only_names_in_duckdb(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    engine = DuckDBFile(tmp_path_factory.mktemp("hostile"))
    hostile_table_is_only_a_name(engine, name)


@pytest.mark.postgres
@pytest.mark.parametrize("name", TABLES)
def test_hostile_table_names_are_only_names_in_postgresql(
    name: str, postgresql: PostgreSQL
) -> None:
    hostile_table_is_only_a_name(postgresql, name)


def hostile_table_is_only_a_name(engine: Engine, name: str) -> None:
    engine.fill("accounts", hostile_rows())
    engine.fill(name, hostile_rows())
    database = engine.open()
    loaded = load_warehouse(database, name, mapped())
    assert loaded.portfolio.accounts == 3
    assert {"accounts", name} <= {table.name for table in tables(database)}
    database.close()


@pytest.mark.postgres
def test_case_of_names_is_kept_and_exact_matches_come_first(postgresql: PostgreSQL) -> None:
    rows = hostile_rows()
    postgresql.fill("Accounts", rows)
    postgresql.fill("accounts", rows.slice(0, 2))
    database = postgresql.open()
    assert load_warehouse(database, "Accounts", mapped()).report.rows_read == 3
    assert load_warehouse(database, "accounts", mapped()).report.rows_read == 2
    with pytest.raises(DatabaseError, match="no table 'ACCOUNTS'"):
        load_warehouse(database, "ACCOUNTS", mapped())
    database.close()


@pytest.mark.postgres
def test_views_and_schemas_of_postgresql_are_found(postgresql: PostgreSQL) -> None:
    postgresql.fill("accounts", hostile_rows())
    postgresql.run(
        "DROP SCHEMA IF EXISTS risk CASCADE",
        "CREATE SCHEMA risk",
        "CREATE VIEW risk.accounts AS SELECT * FROM public.accounts LIMIT 2",
        "CREATE MATERIALIZED VIEW risk.stored AS SELECT * FROM public.accounts",
        "GRANT USAGE ON SCHEMA risk TO reader",
        "GRANT SELECT ON ALL TABLES IN SCHEMA risk TO reader",
    )
    database = postgresql.open()
    assert load_warehouse(database, "risk.accounts", mapped()).report.rows_read == 2
    assert load_warehouse(database, "stored", mapped()).report.rows_read == 3
    with pytest.raises(DatabaseError, match=r"give one of public\.accounts, risk\.accounts"):
        load_warehouse(database, "accounts", mapped())
    database.close()
    postgresql.run("DROP SCHEMA risk CASCADE")


@pytest.mark.postgres
def test_primary_key_of_postgresql_needs_no_search_for_duplicates(postgresql: PostgreSQL) -> None:
    postgresql.fill("keyed", hostile_rows())
    postgresql.run('ALTER TABLE keyed ADD PRIMARY KEY ("x""; DROP TABLE accounts; --")')
    database = postgresql.open()
    assert find_table(database, "keyed").unique == (HOSTILE[0],)
    assert load_warehouse(database, "keyed", mapped()).portfolio.accounts == 3
    database.close()


def test_types_are_told_apart(engine: Engine) -> None:
    cells = {
        "a": pa.array(["x"]),
        "b": pa.array([1], pa.int32()),
        "c": pa.array([1], pa.int64()),
        "d": pa.array([Decimal("1.5")], pa.decimal128(9, 1)),
        "e": pa.array([1.5]),
        "f": pa.array([1.5], pa.float32()),
        "g": pa.array([True]),
    }
    engine.fill("accounts", pa.table(cells))
    database = engine.open()
    shapes = [column.shape for column in find_table(database, "accounts").columns]
    assert shapes == [
        Shape.TEXT, Shape.INTEGER, Shape.INTEGER, Shape.DECIMAL, Shape.DOUBLE, Shape.SINGLE,
        Shape.BOOLEAN,
    ]  # fmt: skip
    database.close()
