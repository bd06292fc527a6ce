"""What the statements bring at the edges: far amounts, certain defaults, limits of zero."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.errors import PortfolioError
from analytics.policy import Policy
from analytics.results.simulation import simulate
from tests import oracle
from tests.portfolios import portfolio_of
from tests.results.simulation.examples import held_against_the_oracle


def test_a_balance_far_above_floating_points_whole_numbers_moves_no_count_of_unraised_accounts(
    database: EmbeddedDatabase,
) -> None:
    """A ten-thousandth beyond the bound, where both products are above 2^53."""
    income = 10**12 - 1
    frame = pd.DataFrame(
        {
            "account_id": ["a"],
            "score": [900],
            "credit_limit": [10**13],
            "balance": [(income * 60_001 + 1) // 10_000],
            "monthly_income": [income],
        }
    )
    assumptions = Assumptions(over_indebted_multiple=6.0001)
    policy = Policy(raise_rate=0.0)
    simulation = simulate(portfolio_of(frame, database=database), policy, assumptions)
    assert held_against_the_oracle(simulation, frame) == []
    assert simulation.total.increment
    assert simulation.total.increment.over_indebted == 0


@pytest.mark.parametrize("points_to_double_odds", [0.01, 1.0])
def test_a_steep_curve_gives_probabilities_of_0_and_1_and_no_failure(
    points_to_double_odds: float, database: EmbeddedDatabase
) -> None:
    cases = oracle.load_cases().drop(columns="default_probability")
    assumptions = Assumptions(points_to_double_odds=points_to_double_odds)
    total = simulate(portfolio_of(cases, database=database), Policy(), assumptions).total
    assert total.baseline
    below = int((cases["score"] < 650).sum())
    assert total.baseline.projected_defaults == pytest.approx(below, abs=1e-4)


def test_a_portfolio_too_large_for_exact_sums_is_refused_rather_than_wrapped(
    database: EmbeddedDatabase,
) -> None:
    """Whole sums over scores are 64-bit: beyond them a total limit would turn negative."""
    held = {"account_id": ["a", "b"], "score": [400, 900], "balance": [0, 0]}
    frame = pd.DataFrame({**held, "credit_limit": [2**60, 2**60 + 1]})
    portfolio = portfolio_of(frame, database=database)
    with pytest.raises(PortfolioError, match="sum to more than 23,058,430,092,136,939"):
        simulate(portfolio, Policy(), Assumptions())


def test_a_limit_of_zero_is_never_raised_with_every_rule_off(database: EmbeddedDatabase) -> None:
    frame = pd.DataFrame(
        {"account_id": ["a"], "score": [900], "credit_limit": [0], "balance": [500]}
    )
    policy = Policy(
        utilization_out_of_range=False,
        limit_cap=None,
        min_increment=Decimal(0),
        rounding_step=Decimal("0.01"),
    )
    simulation = simulate(portfolio_of(frame, database=database), policy, Assumptions())
    assert simulation.total.reasons["raise_too_small"] == (1, 0.0)
    assert held_against_the_oracle(simulation, frame) == []
