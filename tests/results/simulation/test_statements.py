"""What the statements need, and the hold-out that they draw."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.parameters import BASIS_POINTS
from analytics.declared.scales import score_scale
from analytics.errors import PortfolioError
from analytics.method.guardrails import held_out
from analytics.policy import Policy
from analytics.results.simulation import simulate
from tests import oracle
from tests.portfolios import portfolio_of


def test_an_unknown_segment_is_refused_with_those_that_exist(database: EmbeddedDatabase) -> None:
    portfolio = portfolio_of(oracle.load_cases(), segments=["region"], database=database)
    with pytest.raises(PortfolioError, match="no segment 'city': its segments are region"):
        simulate(portfolio, Policy(), Assumptions(), by="city")


@pytest.mark.parametrize("dropped", [True, False])
def test_a_scale_without_a_curve_asks_for_one_where_default_probability_is_missing(
    dropped: bool, database: EmbeddedDatabase
) -> None:
    cases = oracle.load_cases()
    cases = cases.drop(columns="default_probability") if dropped else cases
    scale = score_scale(0, 1000)
    portfolio = portfolio_of(cases, scale=scale, database=database)
    with pytest.raises(PortfolioError, match="declare anchor_score"):
        simulate(portfolio, Policy(), Assumptions.for_scale(scale))


def test_the_hold_out_is_that_of_hashlib_for_any_account_id(database: EmbeddedDatabase) -> None:
    rng = np.random.default_rng(11)
    digits = [str(n).zfill(18) for n in rng.integers(0, 10**18, 1_000)]
    letters = ["é", "客户", "ß", "a b", "'", '"', "%", "\\", ":", "\U0001f600", "A", "a"]
    ids = [*digits, *(f"{letter}{n}" for letter in letters for n in range(25))]
    frame = pd.DataFrame({"account_id": ids, "score": 900, "credit_limit": 10**6, "balance": 0})
    seed, rate = "année:2027 'x'", 0.3333
    portfolio = portfolio_of(frame, database=database)
    policy = Policy(holdout_rate=rate, policy_seed=seed)
    accounts = portfolio.relation
    picked = sa.select(accounts.c.account_id).where(held_out(accounts, policy))
    held = set(portfolio.door.sums(picked)["account_id"].tolist())
    expected = set()
    for account in ids:
        digest = hashlib.sha256(f"{seed}:{account}".encode()).digest()
        if int.from_bytes(digest[:8], "big") * BASIS_POINTS < 3_333 * 2**64:
            expected.add(account)
    assert held == expected
    assert 0.27 < len(held) / len(ids) < 0.40
    total = simulate(portfolio, policy, Assumptions()).total
    assert total.reasons["held_out"][0] == len(held)
