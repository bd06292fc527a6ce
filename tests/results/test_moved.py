"""Two readings held against each other: what differs, in which way, and what may differ."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from analytics.errors import PortfolioError
from analytics.portfolio import Portfolio
from analytics.results.moved import accounts_by_score, hold_equal, hold_whole, hold_within
from tests.oracle import load_cases
from tests.portfolios import portfolio_of


@pytest.fixture(scope="module")
def portfolio() -> Iterator[Portfolio]:
    portfolio = portfolio_of(load_cases())
    yield portfolio
    portfolio.door.close()


def test_a_reading_holds_every_account_once(portfolio: Portfolio) -> None:
    hold_whole(portfolio, np.array([20.0, 5.0]), "its pools")
    with pytest.raises(PortfolioError, match=r"were 25 when .* and its pools hold 24"):
        hold_whole(portfolio, np.array([19.0, 5.0]), "its pools")


@pytest.mark.parametrize(
    ("second", "says"),
    [
        ([[1, 3]], "the limits sum to 4, where 3 stood before"),
        ([[2, 1]], "the limits have other scores or groups"),
        ([[1, 2], [0, 0]], "the segment has other values"),
    ],
)
def test_readings_that_should_be_equal_and_differ_are_refused(
    second: list[list[int]], says: str
) -> None:
    first = np.array([[1, 2]])
    hold_equal(first, first.copy(), "the limits")
    with pytest.raises(PortfolioError, match=says):
        hold_equal(first, np.array(second), "the limits")


def test_a_part_is_nowhere_more_than_the_whole() -> None:
    whole = np.array([[3, 2]])
    hold_within(np.array([[3, 0]]), whole, "raised accounts")
    with pytest.raises(PortfolioError, match="raised accounts are more than there were"):
        hold_within(np.array([[0, 3]]), whole, "raised accounts")


def test_pools_are_added_up_by_score_and_a_score_off_the_scale_is_refused(
    portfolio: Portfolio,
) -> None:
    found = accounts_by_score(portfolio, np.array([350, 950, 350]), np.array([1.0, 2.0, 4.0]))
    assert found.shape == (601,)
    assert (found[0], found[-1], found.sum()) == (5, 2, 7)
    for score in (349, 951):
        with pytest.raises(PortfolioError, match="off the portfolio's scale"):
            accounts_by_score(portfolio, np.array([score]), np.array([1.0]))
