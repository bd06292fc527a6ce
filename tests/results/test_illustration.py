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
PLAIN = Assumptions(
    credit_conversion_factor=0.2,
    elasticity=(0.5,) * 8,
    pd_uplift=(0.04,) * 8,
    reference_draw=(0.01,) * 8,
)


def effects(
    database: EmbeddedDatabase, growth: float = 0.10, assumptions: Assumptions = PLAIN
) -> BandEffects:
    portfolio = portfolio_of(ACCOUNTS, database=database)
    return band_effects(load_baseline(portfolio, assumptions), assumptions, growth=growth)


def test_the_average_account_of_a_band_by_hand(database: EmbeddedDatabase) -> None:
    """Limit 20,000 and balance 6,000 on average become 22,000 and 6,000 (1 + 0.5 ln 1.1).

    Default follows debt: 4 % for each percent of the old limit that is drawn.
    """
    found = effects(database)
    place = found.bands.index("800-849")
    after = 6_000 * (1 + 0.5 * math.log(1.1))
    assert found.balance[place] == pytest.approx(0.5 * math.log(1.1))
    exposure = (after + 0.2 * (22_000 - after)) / (6_000 + 0.2 * 14_000)
    assert found.ead[place] == pytest.approx(exposure - 1)
    riskier = 1 + found.default_probability[place]
    assert 1 + found.expected_loss[place] == pytest.approx(exposure * riskier)
    drawn = (after - 6_000) / 20_000
    assert found.default_probability[place] == pytest.approx(0.04 * drawn / 0.01)


def test_a_stronger_response_defaults_more_where_default_follows_debt(
    database: EmbeddedDatabase,
) -> None:
    place = effects(database).bands.index("800-849")
    uplifts = {
        driver: [
            effects(
                database,
                assumptions=PLAIN.with_changes(elasticity=(e,) * 8, pd_uplift_driver=driver),
            ).default_probability[place]
            for e in (0.35, 0.60, 0.90)
        ]
        for driver in ("debt", "limit")
    }
    low, central, high = uplifts["debt"]
    assert low < central < high
    assert high / low == pytest.approx(0.90 / 0.35)
    assert uplifts["limit"] == pytest.approx([0.04] * 3)


def test_an_average_account_that_draws_nothing_is_no_riskier(database: EmbeddedDatabase) -> None:
    still = PLAIN.with_changes(elasticity=(0.0,) * 8, idle_draw=0.0)
    found = effects(database, assumptions=still)
    assert np.nanmax(np.abs(found.default_probability)) == 0


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
