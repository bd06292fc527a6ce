"""Pools that tests of stress share."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.assumptions import Assumptions
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.stress import load_stress_pools


@pytest.fixture(scope="session")
def book_pools(book: Portfolio) -> Any:
    return load_stress_pools(book, Policy(), Assumptions())
