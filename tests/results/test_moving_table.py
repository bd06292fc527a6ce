"""A table that is written to while it is read: refused in words, never a figure of two moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.errors import PortfolioError
from analytics.policy import Policy
from analytics.portfolio import Portfolio, segment_name
from analytics.results.profile import load_profile, segment_rows
from analytics.results.ranges import load_pools, load_ranges
from analytics.results.simulation import simulate, sweep
from analytics.results.stress import load_stress_pools
from analytics.results.surface import load_surface
from tests.memory import Remembering
from tests.portfolios import portfolio_of

DOUBLED = "INSERT INTO accounts SELECT * FROM accounts"
HALVED = "DELETE FROM accounts WHERE score % 2 = 0"
EMPTIED = "DELETE FROM accounts"
RESCORED = "UPDATE accounts SET score = score + 1"
OFF_THE_SCALE = "UPDATE accounts SET score = 9999 WHERE account_id = '7'"
REGION = segment_name(0)
RELABELLED = f"UPDATE accounts SET {REGION} = 'Elsewhere' WHERE account_id = '7'"
REGROUPED = f"UPDATE accounts SET {REGION} = 'East'"
RICHER = "UPDATE accounts SET credit_limit = credit_limit + 100"
SAYS = "The accounts changed while they were read: .*open the portfolio again"

Ask = Callable[[Portfolio], Any]


@pytest.fixture
def portfolio(database: EmbeddedDatabase) -> Portfolio:
    """400 accounts, all of which pass and are raised from 600 on."""
    count = np.arange(400)
    frame = pd.DataFrame(
        {
            "account_id": count.astype(str),
            "score": 600 + count % 200,
            "credit_limit": 1_000_000,
            "balance": 300_000,
            "default_probability": 0.02,
            "region": np.where(count % 3 == 0, "East", "West"),
        }
    )
    return portfolio_of(frame, segments=["region"], database=database)


@contextmanager
def changed(portfolio: Portfolio, sql: str, *, after: int) -> Iterator[None]:
    """Let another connection write to the table after so many statements, once."""
    seen = 0

    def write() -> None:
        with portfolio.door.loading() as cursor:  # type: ignore[attr-defined]
            cursor.execute(sql)

    def note(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == after:
            write()

    if not after:
        write()
    sa.event.listen(sa.Engine, "after_cursor_execute", note)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", note)


def simulated(portfolio: Portfolio) -> Any:
    return simulate(portfolio, Policy(), Assumptions())


def by_region(portfolio: Portfolio) -> Any:
    return simulate(portfolio, Policy(), Assumptions(), by="region")


def surface(portfolio: Portfolio) -> Any:
    return load_surface(portfolio, Policy(), Assumptions(), raises=(0, 2_000))


def surface_by_region(portfolio: Portfolio) -> Any:
    return load_surface(portfolio, Policy(), Assumptions(), raises=(0, 2_000), by="region")


def pools(portfolio: Portfolio) -> Any:
    return load_pools(portfolio, Policy(), Assumptions())


def ranges(portfolio: Portfolio) -> Any:
    return load_ranges(portfolio, Policy(), Assumptions())


def stress_pools(portfolio: Portfolio) -> Any:
    return load_stress_pools(portfolio, Policy(), Assumptions())


def profile(portfolio: Portfolio) -> Any:
    return load_profile(portfolio, Assumptions())


def segment(portfolio: Portfolio) -> Any:
    return segment_rows(portfolio, Assumptions(), "region")


EVERY = (
    simulated,
    by_region,
    surface,
    surface_by_region,
    pools,
    ranges,
    stress_pools,
    profile,
    segment,
)


@pytest.mark.parametrize("ask", EVERY)
def test_a_table_that_stands_still_is_read(portfolio: Portfolio, ask: Ask) -> None:
    ask(portfolio)


@pytest.mark.parametrize("ask", EVERY)
@pytest.mark.parametrize("sql", [DOUBLED, HALVED, EMPTIED])
def test_a_table_that_moved_since_it_was_opened_is_refused(
    portfolio: Portfolio, ask: Ask, sql: str
) -> None:
    with changed(portfolio, sql, after=0), pytest.raises(PortfolioError, match=SAYS):
        ask(portfolio)


@pytest.mark.parametrize("ask", [simulated, by_region, surface])
@pytest.mark.parametrize("column", ["credit_limit", "balance"])
def test_amounts_that_moved_since_the_table_was_opened_are_refused(
    portfolio: Portfolio, ask: Ask, column: str
) -> None:
    sql = f"UPDATE accounts SET {column} = {column} + 1 WHERE account_id = '7'"
    with changed(portfolio, sql, after=0), pytest.raises(PortfolioError, match=SAYS):
        ask(portfolio)


@pytest.mark.parametrize(
    ("ask", "sql", "after"),
    [
        *((simulated, sql, 1) for sql in (DOUBLED, HALVED, EMPTIED, RESCORED, OFF_THE_SCALE)),
        (simulated, RICHER, 1),
        *((by_region, sql, 1) for sql in (RELABELLED, REGROUPED)),
        *((simulated, sql, 2) for sql in (DOUBLED, RESCORED, OFF_THE_SCALE)),
        *((by_region, sql, 2) for sql in (RELABELLED, REGROUPED)),
        *((surface, sql, 1) for sql in (DOUBLED, RESCORED, OFF_THE_SCALE)),
        *((surface_by_region, sql, 1) for sql in (RELABELLED, REGROUPED)),
        *((pools, sql, 1) for sql in (DOUBLED, RESCORED, OFF_THE_SCALE)),
        *((stress_pools, sql, 1) for sql in (DOUBLED, RESCORED, OFF_THE_SCALE)),
        *((profile, sql, 1) for sql in (DOUBLED, HALVED, EMPTIED)),
        (profile, DOUBLED, 3),
    ],
)
def test_a_table_that_moves_between_two_statements_is_refused(
    portfolio: Portfolio, ask: Ask, sql: str, after: int
) -> None:
    with changed(portfolio, sql, after=after), pytest.raises(PortfolioError, match=SAYS) as caught:
        ask(portfolio)
    assert "Elsewhere" not in str(caught.value), "a cell of the data"


def few_raised(portfolio: Portfolio) -> Any:
    """Fewer are raised than pass: the cap leaves the accounts of large limits as they are."""
    policy = Policy(score_threshold=600, limit_cap=Decimal(11_900))
    return simulate(portfolio, policy, Assumptions())


def none_raised(portfolio: Portfolio) -> Any:
    return simulate(portfolio, Policy(score_threshold=600, limit_cap=Decimal(5_000)), Assumptions())


LARGE_DELETED = "DELETE FROM accounts WHERE credit_limit > 1100000"
LARGE_MOVED = "UPDATE accounts SET balance = balance + 1 WHERE credit_limit > 1100000"


@pytest.fixture
def two_sizes(database: EmbeddedDatabase) -> Portfolio:
    """400 accounts that pass, of which those with a large limit cannot be raised under a cap."""
    count = np.arange(400)
    frame = pd.DataFrame(
        {
            "account_id": count.astype(str),
            "score": 600 + count % 200,
            "credit_limit": np.where(count % 2 == 0, 1_190_000, 1_000_000),
            "balance": 300_000,
            "default_probability": 0.02,
        }
    )
    return portfolio_of(frame, database=database)


@pytest.mark.parametrize("sql", [LARGE_DELETED, LARGE_MOVED])
@pytest.mark.parametrize("after", [1, 2])
def test_accounts_that_pass_and_are_not_raised_are_seen_to_move(
    two_sizes: Portfolio, sql: str, after: int
) -> None:
    assert few_raised(two_sizes).total.raised == 200
    with changed(two_sizes, sql, after=after), pytest.raises(PortfolioError, match=SAYS):
        few_raised(two_sizes)


@pytest.mark.parametrize("sql", [HALVED, EMPTIED, RICHER])
def test_where_nobody_is_raised_the_accounts_are_seen_to_move(
    portfolio: Portfolio, sql: str
) -> None:
    assert none_raised(portfolio).total.raised == 0
    with changed(portfolio, sql, after=2), pytest.raises(PortfolioError, match=SAYS):
        none_raised(portfolio)


def test_readings_that_were_kept_are_held_against_new_ones(portfolio: Portfolio) -> None:
    memo = Remembering()
    sweep(portfolio, Policy(), Assumptions(), by="region", memo=memo)
    other = Policy(too_new=3), Assumptions()
    with changed(portfolio, REGROUPED, after=0), pytest.raises(PortfolioError, match=SAYS):
        sweep(portfolio, *other, by="region", memo=memo)
    with pytest.raises(PortfolioError, match="the segment has other values"):
        sweep(portfolio, Policy(), Assumptions(funding_rate=0.04), by="region", memo=memo)
