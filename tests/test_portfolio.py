"""A portfolio: equal by its accounts, its columns known by name, its segments by inner names."""

from __future__ import annotations

import dataclasses

import pytest
import sqlalchemy as sa

from analytics.accounts.database import EmbeddedDatabase
from analytics.errors import PortfolioError
from analytics.portfolio import Portfolio, accounts_relation, segment_name
from tests.oracle import load_cases
from tests.portfolios import portfolio_of


@pytest.fixture(scope="module")
def portfolio(database: EmbeddedDatabase) -> Portfolio:
    return portfolio_of(load_cases(), segments=["region"], database=database)


def test_portfolios_are_equal_where_their_fingerprints_are(portfolio: Portfolio) -> None:
    renamed = dataclasses.replace(portfolio, name="another name", currency="USD")
    assert renamed == portfolio
    assert hash(renamed) == hash(portfolio)
    assert dataclasses.replace(portfolio, fingerprint="0" * 64) != portfolio


def test_required_columns_are_there_and_optional_ones_only_if_brought(
    portfolio: Portfolio,
) -> None:
    bare = dataclasses.replace(portfolio, columns=())
    assert portfolio.has("monthly_income")
    assert not bare.has("monthly_income")
    assert bare.has("credit_limit")


def test_rows_rejected_are_those_read_and_not_accepted(portfolio: Portfolio) -> None:
    assert portfolio.rows_rejected == 0
    assert dataclasses.replace(portfolio, rows_read=portfolio.accounts + 3).rows_rejected == 3


def test_a_segment_is_found_by_its_title_and_read_by_its_place(portfolio: Portfolio) -> None:
    column = portfolio.segment("region")
    assert column.name == segment_name(0)
    with pytest.raises(PortfolioError, match="no segment 'regio': its segments are region"):
        portfolio.segment("regio")


def test_a_title_never_reaches_a_statement() -> None:
    title = 'x"; DROP TABLE accounts; --'
    relation = accounts_relation((), (title,))
    text = str(sa.select(relation.c[segment_name(0)]))
    assert title not in text
    assert "DROP" not in text
