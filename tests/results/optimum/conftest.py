"""Surfaces and portfolios that tests of the best policies share."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from analytics.assumptions import Assumptions
from analytics.portfolio import Portfolio
from analytics.results.surface import Surface, load_surface
from tests.portfolios import portfolio_of
from tests.results.optimum.examples import OPEN, book_of


@pytest.fixture(scope="session")
def mixed() -> Iterator[Surface]:
    """2,000 accounts of every kind, with a segment."""
    portfolio = portfolio_of(book_of(2_000, seed=4), segments=["region"])
    yield load_surface(portfolio, OPEN, Assumptions(), by="region")
    portfolio.door.close()


@pytest.fixture(scope="session")
def paying() -> Iterator[Surface]:
    """The same accounts with a fifth of the risk; a raise costs 50, paid back late or never."""
    book = book_of(2_000, seed=4)
    safer = book.assign(default_probability=book["default_probability"] / 5)
    portfolio = portfolio_of(safer, segments=["region"])
    yield load_surface(portfolio, OPEN, Assumptions(action_cost=50.0))
    portfolio.door.close()


@pytest.fixture(scope="session")
def by_hand() -> Iterator[Portfolio]:
    """Three accounts whose raise gains, breaks even and loses, whatever its size.

    Log response is replaced by a linear one with half of the new limit drawn, conversion factor
    0, no retention, no capital: a raise of d brings d/2 x (7 % - 3 %) and costs d/2 x p x 100 %,
    with no uplift. So at p = 1 % it gains 1.5 % of d, at 4 % nothing, at 9 % it loses 2.5 %.
    """
    frame = pd.DataFrame(
        {
            "account_id": ["good", "even", "bad"],
            "score": [860, 760, 560],
            "credit_limit": [1_000_000] * 3,
            "balance": [500_000] * 3,
            "default_probability": [0.01, 0.04, 0.09],
            "loss_given_default": [1.0] * 3,
        }
    )
    portfolio = portfolio_of(frame)
    yield portfolio
    portfolio.door.close()
