"""Accounts to put under stress, and pools held against simulations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analytics.assumptions import Assumptions
from analytics.declared.arrays import Floats
from analytics.declared.scales import SESAME
from analytics.policy import Policy
from analytics.results.simulation import Group
from analytics.results.stress import ADDITIVE, RATES, Scenario
from tests.drawn import random_accounts
from tests.oracle.columns import read_columns
from tests.oracle.decision import decide, read_policy
from tests.oracle.measures import conditional_probability
from tests.oracle.response import respond
from tests.portfolios import oracle_assumptions, oracle_policy

OWN = Scenario(
    name="own",
    title="Own",
    factor=-2.5,
    odds_multiplier=1.4,
    lgd_add=0.1,
    drawdown=0.25,
)


MILDER = Scenario(name="milder", title="Milder", lgd_add=-0.5)


BANDS = {
    name: getattr(Assumptions(), name)
    for name in (
        "elasticity",
        "mpb",
        "pd_uplift",
        "reference_draw",
        "moved_share",
        "attrition",
        "attrition_change",
        "take_up",
        "yield_rate",
    )
}


def ordinary(seed: int, size: int, largest: int = 10**7) -> pd.DataFrame:
    """Accounts within their limits, of moderate default probability, some of it not known."""
    rng = np.random.default_rng(seed)
    accounts = random_accounts(rng, size, SESAME, largest)
    accounts["balance"] = np.minimum(accounts["balance"], accounts["credit_limit"])
    accounts["default_probability"] = np.where(
        rng.random(size) < 0.1, 0.0, rng.random(size) ** 3 * 0.4
    )
    return accounts


def alike(count: int, probability: float) -> pd.DataFrame:
    """Accounts of one kind: 1,000 drawn of a limit of 1,000."""
    return pd.DataFrame(
        {
            "account_id": [f"a{i}" for i in range(count)],
            "score": 820,
            "credit_limit": 100_000,
            "balance": 100_000,
            "default_probability": probability,
            "loss_given_default": 0.5,
        }
    )


def compared(group: Group, found: Any, names: tuple[str, ...], tolerance: float) -> list[str]:
    """Return each figure of pools that is not the simulation's."""
    assert group.baseline
    assert group.proposed
    assert group.increment
    size = 25 * (group.proposed.limit + group.proposed.balance + group.proposed.rwa + 1)
    wrong = []
    for name in names:
        for side, value in (
            ("baseline", found.of_baseline(name)),
            ("proposed", found.of_proposed(name)),
            ("increment", found.of_increment(name)),
        ):
            wanted = getattr(group, side).get(name)
            room = 1e-13 * (size if name in ADDITIVE else 1e3)
            if name in RATES and (value is None or wanted is None):
                continue
            if value is None or wanted is None:
                wrong += [] if value is wanted else [f"{side} {name} is {value!r}, not {wanted!r}"]
                continue
            if not math.isclose(value, wanted, rel_tol=tolerance, abs_tol=room):
                wrong.append(f"{side} {name} is {value!r}, not {wanted!r}")
    return wrong


def one_by_one(
    frame: pd.DataFrame, policy: Policy, assumptions: Assumptions, scenario: Scenario
) -> dict[str, tuple[float, float]]:
    """Return baseline and increment of stressed defaults and loss, an account at a time."""
    columns, settings_given = read_columns(frame), oracle_assumptions(assumptions)
    found = respond(columns, decide(columns, read_policy(oracle_policy(policy))), settings_given)
    factor = scenario.factor
    if scenario.years is not None:
        factor = float(stats.norm.ppf(1.0 / scenario.years))
    conversion = min(assumptions.credit_conversion_factor + scenario.drawdown, 1.0)
    severity = np.clip(found.loss_given_default + scenario.lgd_add, 0.0, 1.0)

    def stressed(probability: Floats) -> Floats:
        odds = scenario.odds_multiplier * probability / (1.0 - probability)
        probability = odds / (1.0 + odds)
        if factor is None:
            return probability
        correlation = np.full_like(probability, assumptions.asset_correlation)
        return conditional_probability(probability, correlation, factor)

    sides = []
    for probability, balance, limit in (
        (found.probability0, found.balance0, found.limit0),
        (found.probability1, found.balance1, found.limit1),
    ):
        moved = stressed(probability)
        exposure = balance + conversion * np.maximum(limit - balance, 0.0)
        sides.append((moved, moved * severity * exposure / 100, exposure / 100))
    taking = found.take_up
    names = ("projected_defaults", "expected_loss", "ead")
    return {
        name: (float(before.sum()), float((taking * (after - before)).sum()))
        for name, before, after in zip(names, *sides, strict=True)
    }
