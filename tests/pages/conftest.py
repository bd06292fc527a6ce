"""What tests of the pages share."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import intake
from tests.oracle import portfolio_from_csv
from tests.pages import driver
from tests.places import THOUSAND


@pytest.fixture(scope="package", autouse=True)
def _own_mappings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep confirmed mappings in a folder of the tests, not in the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "MAPPINGS", tmp_path_factory.mktemp("mappings"))
        yield


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
