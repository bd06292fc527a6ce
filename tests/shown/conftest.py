"""A portfolio that sentences are said of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from analytics.portfolio import Portfolio
from tests.places import SAMPLE
from tests.portfolios import frame_from_parquet, portfolio_of


@pytest.fixture(scope="session")
def portfolio() -> Iterator[Portfolio]:
    """20,000 accounts of the sample book."""
    found = portfolio_of(frame_from_parquet(SAMPLE).iloc[:20_000].reset_index(drop=True))
    yield found
    found.door.close()
