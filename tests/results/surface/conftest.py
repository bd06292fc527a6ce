"""The book that tests of the surface share."""

from __future__ import annotations

import pytest

from analytics.portfolio import Portfolio


@pytest.fixture(scope="session")
def book(whole_book: Portfolio) -> Portfolio:
    """The whole sample book."""
    return whole_book
