"""Portfolios for the tests of what leaves: from rows and files, without the product's loader."""

from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from analytics.accounts.database import Database, EmbeddedDatabase, Warehouse
from analytics.accounts.statements import Channel
from analytics.assumptions import Assumptions
from analytics.declared.columns import BY_NAME, OPTIONAL, REQUIRED, Kind
from analytics.declared.scales import SESAME
from analytics.policy import Policy
from analytics.portfolio import Portfolio, accounts_relation, segment_name
from analytics.results.simulation import Simulation, simulate
from tests.oracle import load_cases

DUCKDB_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.SCORE: "INTEGER",
    Kind.MONEY: "BIGINT",
    Kind.RATE: "DOUBLE",
    Kind.COUNT: "INTEGER",
    Kind.FLAG: "BOOLEAN",
}


def portfolio_of(
    frame: pd.DataFrame, *, currency: str = "CNY", streamed: bool = False
) -> Portfolio:
    """Return a locked portfolio of accounts with money in minor units.

    ``streamed`` hides that the database is DuckDB, so that the rows come through SQLAlchemy.
    """
    columns = tuple(name for name in OPTIONAL if name in frame)
    segments = tuple(name for name in frame if name not in BY_NAME)
    inner = {name: segment_name(place) for place, name in enumerate(segments)}
    casts = ", ".join(
        f'CAST("{name}" AS {DUCKDB_TYPES[BY_NAME[name].kind if name in BY_NAME else Kind.TEXT]})'
        f' AS "{inner.get(name, name)}"'
        for name in (*REQUIRED, *columns, *segments)
    )
    database = EmbeddedDatabase()
    with database.loading() as cursor:
        cursor.register("given", frame)
        cursor.execute(f"CREATE TABLE accounts AS SELECT {casts} FROM given")
        cursor.unregister("given")
    database.lock_down()
    unknown = ((name, int(frame[name].isna().sum())) for name in columns)
    return Portfolio(
        name="Cases",
        as_of=None,
        currency=currency,
        scale=SESAME,
        fingerprint="f" * 64,
        accounts=len(frame),
        rows_read=len(frame),
        total_limit=int(frame["credit_limit"].sum()),
        total_balance=int(frame["balance"].sum()),
        columns=columns,
        blanks=tuple((name, count) for name, count in unknown if count),
        segments=segments,
        door=_streamed(database) if streamed else database,
        relation=accounts_relation(columns, segments),
    )


def _streamed(inner: EmbeddedDatabase) -> Warehouse:
    """Return an embedded database that looks like any other."""
    opened = Database(Channel(inner.engine, "streamed", lambda _: None), inner.close)
    one: sa.Select[Any] = sa.select(sa.literal(1).label("one"))
    return Warehouse(
        opened,
        fingerprint=inner.fingerprint,
        rejected=inner.rejects(),
        overview=one,
        seen={"one": 1},
    )


def accounts(ids: list[str], **columns: Any) -> pd.DataFrame:
    """Return accounts that the default policy raises, one for each id."""
    plain = {"score": 820, "credit_limit": 1_000_000, "balance": 300_000}
    given = {name: pd.Series([value] * len(ids)) for name, value in (plain | columns).items()}
    return pd.DataFrame({"account_id": pd.Series(ids, dtype="object"), **given})


def simulated(
    portfolio: Portfolio | None = None, policy: Policy | None = None, **changes: Any
) -> Simulation:
    """Return the simulation of a policy on the stylised cases, or on the portfolio given."""
    return simulate(
        portfolio or portfolio_of(load_cases()),
        policy or Policy(),
        Assumptions().with_changes(**changes),
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return a CSV file's rows as text."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
