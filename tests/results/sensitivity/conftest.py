"""Pools that tests of sensitivity share."""

from __future__ import annotations

import pytest

from analytics.assumptions import Assumptions
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.stress import StressPools, load_stress_pools


@pytest.fixture(scope="session")
def pools(book: Portfolio) -> StressPools:
    return load_stress_pools(book, Policy(), Assumptions())
