"""What pools depend on, and what they need."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.scales import score_scale
from analytics.errors import PortfolioError
from analytics.policy import Policy
from analytics.results.stress import load_stress_pools, pools_key
from tests.drawn import random_accounts
from tests.portfolios import portfolio_of


def test_pools_depend_on_the_curve_and_on_no_other_assumption() -> None:
    odd = Assumptions(funding_rate=0.2, anchor_odds=10.0, loss_given_default=0.4)
    assert pools_key(odd) == Assumptions(anchor_odds=10.0)


def test_a_portfolio_without_curve_or_probability_is_refused(database: EmbeddedDatabase) -> None:
    scale = score_scale(0, 1000)
    accounts = random_accounts(np.random.default_rng(1), 5, scale, 10**6)
    portfolio = portfolio_of(
        accounts.drop(columns="default_probability"), scale=scale, database=database
    )
    with pytest.raises(PortfolioError, match="PD curve"):
        load_stress_pools(portfolio, Policy(), Assumptions.for_scale(scale))
