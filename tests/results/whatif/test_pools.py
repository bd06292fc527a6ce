"""What pools depend on, and what they need."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.assumption_parameters import BAND_PARAMETERS
from analytics.declared.scales import score_scale
from analytics.errors import PortfolioError
from analytics.policy import Policy
from analytics.results.whatif import load_stress_pools, pools_key
from tests.drawn import random_accounts
from tests.portfolios import portfolio_of


def test_pools_depend_on_the_curve_on_who_is_raised_and_on_what_divides_accounts() -> None:
    odd = Assumptions(
        funding_rate=0.2,
        anchor_odds=10.0,
        loss_given_default=0.4,
        idle_draw=0.03,
        strain_income_share=0.4,
        mpb=(0.5,) * 8,
        take_up=(0.2,) * 8,
    )
    assert pools_key(odd) == Assumptions(anchor_odds=10.0, idle_draw=0.03, strain_income_share=0.4)
    internal = odd.with_changes(capital_approach="irb_qrre")
    assert pools_key(internal) == internal


def test_bands_of_ones_own_have_a_key_too() -> None:
    values = {band.name: band.central[:2] for band in BAND_PARAMETERS}
    own = Assumptions(band_edges=(350, 700), **values)
    assert pools_key(own) == pools_key(own.with_changes(yield_rate=(0.2, 0.1)))


def test_a_portfolio_without_curve_or_probability_is_refused(database: EmbeddedDatabase) -> None:
    scale = score_scale(0, 1000)
    accounts = random_accounts(np.random.default_rng(1), 5, scale, 10**6)
    portfolio = portfolio_of(
        accounts.drop(columns="default_probability"), scale=scale, database=database
    )
    with pytest.raises(PortfolioError, match="PD curve"):
        load_stress_pools(portfolio, Policy(), Assumptions.for_scale(scale))
