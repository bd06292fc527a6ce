"""What tests of the pages share."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.oracle import portfolio_from_csv
from tests.pages import driver
from tests.places import THOUSAND


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    """The thousand accounts as the oracle takes them."""
    return portfolio_from_csv(THOUSAND)


@pytest.fixture(scope="module")
def thousand() -> AppTest:
    """A session on a portfolio of 1,000 accounts that came in through the Load page."""
    app = driver.with_portfolio(THOUSAND.name, THOUSAND.read_bytes())
    assert driver.complaints(app) == []
    return app
