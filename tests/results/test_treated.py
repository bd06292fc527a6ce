"""The one reading behind treatments and whitespace: read once, refused where accounts move."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.scales import SESAME
from analytics.errors import PortfolioError
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation import load_baseline
from analytics.results.treated import load_treated, treated_statement
from tests.drawn import random_accounts
from tests.portfolios import portfolio_of

POLICY = Policy(score_threshold=640, holdout_rate=0.1)


@pytest.fixture
def portfolio(database: EmbeddedDatabase) -> Portfolio:
    frame = random_accounts(np.random.default_rng(4), 600, SESAME, 10**7)
    return portfolio_of(frame, segments=["region"], database=database)


def test_the_statement_names_the_table_of_accounts_once(portfolio: Portfolio) -> None:
    statement = treated_statement(portfolio, POLICY, Assumptions(), "region")
    assert str(statement).count("FROM accounts") == 1


def test_entries_sum_to_the_baseline_at_every_score(portfolio: Portfolio) -> None:
    baseline = load_baseline(portfolio, Assumptions(), by="region")
    found = load_treated(portfolio, POLICY, Assumptions(), by="region")
    assert found.groups == baseline.groups
    place = found.score - baseline.scores[0]
    for ours, theirs in (
        (found.accounts, baseline.sums.accounts),
        (found.limit, baseline.sums.limit),
        (found.balance, baseline.sums.balance),
        (found.expected_loss, baseline.sums.expected_loss),
    ):
        summed = np.zeros(theirs.shape)
        np.add.at(summed, (found.group, place), ours)
        np.testing.assert_allclose(summed, theirs, rtol=1e-12, atol=1e-6)


def test_nobody_is_freed_who_is_not_there(portfolio: Portfolio) -> None:
    found = load_treated(portfolio, POLICY, Assumptions())
    assert (found.freed <= found.accounts).all()
    assert (found.more_limit[found.freed == 0] == 0).all()
    assert (found.net_value[found.freed == 0] == 0).all()


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO accounts SELECT * FROM accounts",
        "DELETE FROM accounts WHERE score % 2 = 0",
        "DELETE FROM accounts",
        "UPDATE accounts SET credit_limit = credit_limit + 100",
        "UPDATE accounts SET balance = balance + 100",
        "UPDATE accounts SET score = 9999",
    ],
)
def test_accounts_that_moved_since_the_opening_are_refused(portfolio: Portfolio, sql: str) -> None:
    with portfolio.door.loading() as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql)
    with pytest.raises(PortfolioError, match="changed while they were read"):
        load_treated(portfolio, POLICY, Assumptions())


def test_a_portfolio_without_accounts_gives_no_entry(database: EmbeddedDatabase) -> None:
    frame = pd.DataFrame(
        {
            "account_id": pd.array([], dtype="string"),
            "score": pd.array([], dtype="Int64"),
            "credit_limit": pd.array([], dtype="Int64"),
            "balance": pd.array([], dtype="Int64"),
        }
    )
    found = load_treated(portfolio_of(frame, database=database), POLICY, Assumptions())
    assert len(found.accounts) == 0
    assert found.groups == ("",)
