"""What tests of results share: a database for accounts, and the sample book."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from analytics.portfolio import Portfolio
from tests.oracle import portfolio_from_csv
from tests.places import SAMPLE
from tests.portfolios import frame_from_parquet, portfolio_of


@pytest.fixture(scope="session")
def sample() -> pd.DataFrame:
    """The 200,000 accounts of the sample book."""
    return frame_from_parquet(SAMPLE)


@pytest.fixture(scope="session")
def whole_book(sample: pd.DataFrame) -> Iterator[Portfolio]:
    """The sample book, with the channel as a segment."""
    portfolio = portfolio_of(sample, segments=["channel"])
    yield portfolio
    portfolio.door.close()


@pytest.fixture(scope="session")
def frame(sample: pd.DataFrame) -> pd.DataFrame:
    """40,000 accounts of the sample book."""
    return sample.iloc[:40_000].reset_index(drop=True)


@pytest.fixture(scope="session")
def book(frame: pd.DataFrame) -> Iterator[Portfolio]:
    """A portfolio of 40,000 accounts of the sample book."""
    portfolio = portfolio_of(frame)
    yield portfolio
    portfolio.door.close()


@pytest.fixture(scope="session")
def cards(taiwan: Path) -> Iterator[Portfolio]:
    """The published card accounts, with education as a segment."""
    frame = portfolio_from_csv(taiwan)
    portfolio = portfolio_of(frame, segments=["education"])
    yield portfolio
    portfolio.door.close()
