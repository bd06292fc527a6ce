"""Whole numbers beyond floating point, and interpolation between raises."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.parameters import BASIS_POINTS, basis_points
from analytics.policy import Policy
from analytics.results.surface import EVERY_PERCENT, load_surface
from analytics.results.surface.terms import lagrange
from tests.portfolios import portfolio_of


def test_sums_of_limits_beyond_two_to_the_53_are_exact(database: EmbeddedDatabase) -> None:
    """3,000 accounts of about 10^11 currency units, odd in the last unit."""
    limit = 10**13 - 2 * np.arange(3_000) - 1
    frame = pd.DataFrame(
        {
            "account_id": [str(n) for n in range(3_000)],
            "score": 800,
            "credit_limit": limit,
            "balance": limit // 3,
        }
    )
    policy = Policy(limit_cap=None, rounding_step=Decimal("0.01"), min_increment=Decimal(0))
    surface = load_surface(portfolio_of(frame, database=database), policy, Assumptions())
    wanted = sum(int(each) * 13_700 // 10_000 - int(each) for each in limit)
    assert wanted > 2**53
    assert int(surface.increments.limit[800 - 350, 37]) == wanted


def test_interpolation_weights_reproduce_a_polynomial() -> None:
    nodes = (1 - np.cos(np.pi * np.arange(6) / 5)) / 2
    at = np.array([[0.0, 0.1, nodes[2]], [0.5, 0.99, 1.0]])
    values = nodes**5 - 3 * nodes**2
    found = sum(w * v for w, v in zip(lagrange(nodes, at), values, strict=True))
    assert found == pytest.approx(at**5 - 3 * at**2, abs=1e-14)


def test_basis_points_of_each_raise_are_whole() -> None:
    assert [basis_points(points / BASIS_POINTS) for points in EVERY_PERCENT] == list(EVERY_PERCENT)
