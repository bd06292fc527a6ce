"""What a raise of 10 % does to the average account of each band: by hand, and empty bands."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.results.illustration import BandEffects, band_effects
from analytics.results.simulation import load_baseline
from tests.portfolios import portfolio_of

ACCOUNTS = pd.DataFrame(
    [
        ("A1", 820, 1_000_000, 300_000, 0.001),
        ("A2", 840, 3_000_000, 900_000, 0.003),
        ("A3", 710, 1_000_000, 0, 0.02),
    ],
    columns=["account_id", "score", "credit_limit", "balance", "default_probability"],
)
PLAIN = Assumptions(credit_conversion_factor=0.2, elasticity=(0.5,) * 8, pd_uplift=(0.4,) * 8)


def effects(database: EmbeddedDatabase, growth: float = 0.10) -> BandEffects:
    portfolio = portfolio_of(ACCOUNTS, database=database)
    return band_effects(load_baseline(portfolio, PLAIN), PLAIN, growth=growth)


def test_the_average_account_of_a_band_by_hand(database: EmbeddedDatabase) -> None:
    """Limit 20,000 and balance 6,000 on average become 22,000 and 6,000 (1 + 0.5 ln 1.1).

    An uplift is that of a raise of 10 %.
    """
    found = effects(database)
    place = found.bands.index("800-849")
    after = 6_000 * (1 + 0.5 * math.log(1.1))
    assert found.balance[place] == pytest.approx(0.5 * math.log(1.1))
    exposure = (after + 0.2 * (22_000 - after)) / (6_000 + 0.2 * 14_000)
    assert found.ead[place] == pytest.approx(exposure - 1)
    riskier = 1 + found.default_probability[place]
    assert 1 + found.expected_loss[place] == pytest.approx(exposure * riskier)
    assert found.default_probability[place] == pytest.approx(0.4)


def test_a_band_without_accounts_or_without_a_balance_has_no_change(
    database: EmbeddedDatabase,
) -> None:
    found = effects(database)
    empty, idle = found.bands.index("600-649"), found.bands.index("700-749")
    for values in (found.balance, found.ead, found.default_probability, found.expected_loss):
        assert np.isnan(values[empty])
    assert np.isnan(found.balance[idle])
    assert found.ead[idle] > 0


def test_no_raise_changes_nothing(database: EmbeddedDatabase) -> None:
    found = effects(database, growth=0.0)
    for values in (found.balance, found.ead, found.default_probability, found.expected_loss):
        assert np.nanmax(np.abs(values)) == pytest.approx(0, abs=1e-12)
