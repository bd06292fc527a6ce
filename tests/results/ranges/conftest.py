"""Accounts that tests of ranges share."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics.portfolio import Portfolio
from sample_data.generate import sample_accounts
from tests.portfolios import portfolio_of
from tests.results.ranges.examples import in_minor_units


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    return in_minor_units(sample_accounts(20_000))


@pytest.fixture(scope="session")
def portfolio(frame: pd.DataFrame) -> Portfolio:
    return portfolio_of(frame)
