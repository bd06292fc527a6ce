"""To what limit: exact whole numbers in SQL, held against Python's own integers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.columns import MAX_INCOME, MAX_MONEY, MINOR_UNITS
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.method import response
from analytics.method.guardrails import REASONS
from analytics.method.limits import BINDINGS, is_raised, new_limit, smallest_raise
from analytics.policy import Policy, Tier
from analytics.shown import words
from tests.portfolios import portfolio_of

FREE = Policy(
    limit_cap=None,
    affordability=False,
    income_multiple=None,
    rounding_step=Decimal("0.01"),
    min_increment=Decimal(0),
    utilization_out_of_range=False,
)


def sized(
    database: EmbeddedDatabase, policy: Policy, rows: list[dict[str, Any]]
) -> list[tuple[int, str, bool]]:
    """Return (wanted limit, binding, whether it is raised) for each account."""
    plain = {"score": 900, "balance": 0}
    frame = pd.DataFrame(
        [{"account_id": f"{index:06d}", **plain, **row} for index, row in enumerate(rows)]
    )
    if "monthly_income" in frame:
        frame["monthly_income"] = frame["monthly_income"].astype("Int64")
    portfolio = portfolio_of(frame, database=database)
    accounts = portfolio.relation
    new = new_limit(accounts, policy, Assumptions(), portfolio)
    raised = is_raised(accounts.c.credit_limit, new.wanted, policy)
    statement = sa.select(
        new.wanted.label("wanted"), new.binding.label("binding"), raised.label("raised")
    )
    found = database.sums(statement.order_by(accounts.c.account_id))  # type: ignore[arg-type]
    return [
        (int(wanted), BINDINGS[int(binding)], bool(raised))
        for wanted, binding, raised in zip(*found.values(), strict=True)
    ]


def test_the_new_limit_is_exact_for_every_whole_basis_point(database: EmbeddedDatabase) -> None:
    limits = [1, 3, 99, 100_000, 123_456, 10**13]
    for points in (1, 7, 999, 1_500, 3_333, 10_000):
        policy = FREE.with_changes(raise_rate=points / 10_000)
        found = sized(database, policy, [{"credit_limit": limit} for limit in limits])
        assert [wanted for wanted, _, _ in found] == [
            limit * (10_000 + points) // 10_000 for limit in limits
        ]


@pytest.mark.parametrize("step", ["0.01", "0.05", "7", "100", "1000", "33.33", "1000000"])
def test_new_limits_are_rounded_down_to_the_step(database: EmbeddedDatabase, step: str) -> None:
    rng = np.random.default_rng(4)
    limits = [int(limit) for limit in rng.integers(1, 10**9, 300)]
    policy = FREE.with_changes(rounding_step=Decimal(step), raise_rate=0.1234)
    minor = int(Decimal(step) * MINOR_UNITS)
    found = sized(database, policy, [{"credit_limit": limit} for limit in limits])
    assert [wanted for wanted, _, _ in found] == [
        limit * 11_234 // (10_000 * minor) * minor for limit in limits
    ]


def test_each_binding_is_named_and_a_tie_goes_to_the_earlier(database: EmbeddedDatabase) -> None:
    limit = {"credit_limit": 1_000_000}
    cases: list[tuple[dict[str, Any], int | None, int, str]] = [
        ({}, None, 1_200_000, "raise_rate"),
        ({"max_increment": Decimal(1_500)}, None, 1_150_000, "max_increment"),
        ({"max_increment": Decimal(2_000)}, None, 1_200_000, "raise_rate"),
        ({"limit_cap": Decimal(11_000)}, None, 1_100_000, "limit_cap"),
        ({"limit_cap": Decimal(12_000)}, None, 1_200_000, "raise_rate"),
        ({"income_multiple": 4.0}, 275_000, 1_100_000, "income_multiple"),
        ({"income_multiple": 4.0}, 300_000, 1_200_000, "raise_rate"),
        ({"income_multiple": 4.0, "limit_cap": Decimal(11_000)}, 275_000, 1_100_000, "limit_cap"),
        (
            {"income_multiple": 4.0, "max_increment": Decimal(1_000)},
            275_000,
            1_100_000,
            "max_increment",
        ),
        ({"income_multiple": 4.0}, None, 1_200_000, "raise_rate"),
        ({"income_multiple": 0.0001}, 1, 0, "income_multiple"),
        ({"affordability": True}, 375_000, 1_125_000, "affordability"),
        ({"affordability": True}, 400_000, 1_200_000, "raise_rate"),
        ({"affordability": True}, None, 1_200_000, "raise_rate"),
        ({"affordability": True, "income_multiple": 3.0}, 375_000, 1_125_000, "income_multiple"),
        (
            {"affordability": True, "limit_cap": Decimal(11_250)},
            375_000,
            1_125_000,
            "limit_cap",
        ),
    ]
    for changes, income, wanted, binding in cases:
        row = {**limit, "monthly_income": income}
        found = sized(database, FREE.with_changes(**changes), [row])
        assert found == [(wanted, binding, wanted > 1_000_000)], changes


def test_an_unknown_income_is_no_ceiling_and_an_income_of_0_is(database: EmbeddedDatabase) -> None:
    policy = FREE.with_changes(income_multiple=4.0)
    rows = [{"credit_limit": 5_000, "monthly_income": income} for income in (None, 0)]
    assert sized(database, policy, rows) == [
        (6_000, "raise_rate", True),
        (0, "income_multiple", False),
    ]


def outcomes(database: EmbeddedDatabase, policy: Policy, rows: list[dict[str, Any]]) -> list[str]:
    """Return what becomes of each account that passes the rules."""
    plain = {"score": 900, "balance": 0}
    frame = pd.DataFrame(
        [{"account_id": f"{index:06d}", **plain, **row} for index, row in enumerate(rows)]
    )
    for name in ("monthly_income", "other_payments"):
        if name in frame:
            frame[name] = frame[name].astype("Int64")
    portfolio = portfolio_of(frame, database=database)
    decided = response.decided(response.priced(portfolio, Assumptions()), policy, portfolio)
    sized = response.resized(decided, policy, Assumptions(), portfolio, passing_only=False).c
    found = database.sums(sa.select(sized.outcome).order_by(sized.account_id))
    return [REASONS[int(code)] for code in found["outcome"]]


def test_the_lowest_ceiling_that_leaves_no_room_is_the_reason_and_ties_go_to_the_earlier(
    database: EmbeddedDatabase,
) -> None:
    """A line of 10,000.00, raised by 20 %, in steps of 100.00 and by 100.00 at least."""
    row = {"credit_limit": 1_000_000}
    policy = FREE.with_changes(min_increment=Decimal(100), rounding_step=Decimal(100))
    cases: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        ({"limit_cap": Decimal(10_099)}, {}, "at_limit_cap"),
        ({"limit_cap": Decimal(10_100)}, {}, "raised"),
        ({"limit_cap": Decimal(9_000)}, {}, "at_limit_cap"),
        ({"income_multiple": 4.0}, {"monthly_income": 252_400}, "at_income_multiple"),
        ({"income_multiple": 4.0}, {"monthly_income": 252_500}, "raised"),
        ({"affordability": True}, {"monthly_income": 336_600}, "unaffordable"),
        ({"affordability": True}, {"monthly_income": 336_700}, "raised"),
        (
            {"affordability": True},
            {"monthly_income": 400_000, "other_payments": 20_000},
            "unaffordable",
        ),
        ({"affordability": True}, {"monthly_income": 400_000, "other_payments": 0}, "raised"),
        (
            {"affordability": True, "income_multiple": 3.0},
            {"monthly_income": 330_000},
            "at_income_multiple",
        ),
        (
            {"affordability": True, "income_multiple": 3.1},
            {"monthly_income": 310_000},
            "unaffordable",
        ),
        (
            {"affordability": True, "limit_cap": Decimal(9_900)},
            {"monthly_income": 330_000},
            "at_limit_cap",
        ),
        ({"raise_rate": 0.005, "limit_cap": Decimal(10_000)}, {}, "raise_too_small"),
        ({"max_increment": Decimal(99), "limit_cap": Decimal(10_000)}, {}, "raise_too_small"),
        ({"rounding_step": Decimal(5_000)}, {}, "raise_too_small"),
    ]
    for changes, cells, reason in cases:
        found = outcomes(database, policy.with_changes(**changes), [{**row, **cells}])
        assert found == [reason], (changes, cells)


def test_an_unknown_income_leaves_room_where_unknown_cells_pass(
    database: EmbeddedDatabase,
) -> None:
    """Nothing is known of it, which is not an income of 0."""
    policy = FREE.with_changes(affordability=True, income_multiple=4.0, unknown_cells="pass")
    rows = [{"credit_limit": 1_000_000, "monthly_income": income} for income in (None, 0)]
    assert outcomes(database, policy, rows) == ["raised", "at_income_multiple"]


def test_a_line_of_0_has_nothing_to_raise(database: EmbeddedDatabase) -> None:
    assert outcomes(database, FREE, [{"credit_limit": 0}]) == ["raise_too_small"]


def test_the_smallest_raise_is_made_and_one_unit_less_is_not(database: EmbeddedDatabase) -> None:
    policy = FREE.with_changes(min_increment=Decimal("12.34"), raise_rate=0.1)
    assert smallest_raise(policy) == 1_234
    assert smallest_raise(FREE) == 1
    found = sized(database, policy, [{"credit_limit": limit} for limit in (12_340, 12_339)])
    assert [raised for _, _, raised in found] == [True, False]
    assert [r for _, _, r in sized(database, FREE, [{"credit_limit": 4}, {"credit_limit": 5}])] == [
        False,
        True,
    ]


def test_every_tier_raises_from_its_own_score(database: EmbeddedDatabase) -> None:
    tiers = (Tier(600, 0.05), Tier(700, 0.10), Tier(800, 0.20))
    policy = FREE.with_changes(score_threshold=600, tiers=tiers)
    scores = (600, 699, 700, 799, 800, 950)
    found = sized(database, policy, [{"credit_limit": 10_000, "score": s} for s in scores])
    wanted = [10_500, 10_500, 11_000, 11_000, 12_000, 12_000]
    assert [limit for limit, _, _ in found] == wanted


def test_the_largest_amounts_that_a_policy_allows_stay_within_64_bits(
    database: EmbeddedDatabase,
) -> None:
    bounds = {parameter.name: parameter.high for parameter in POLICY_PARAMETERS}
    policy = FREE.with_changes(
        raise_rate=float(bounds["raise_rate"] or 0),
        limit_cap=Decimal(int(bounds["limit_cap"] or 0)),
        max_increment=Decimal(int(bounds["max_increment"] or 0)),
        income_multiple=float(bounds["income_multiple"] or 0),
        rounding_step=Decimal(int(bounds["rounding_step"] or 0)),
        utilization_out_of_range=True,
        utilization_max=float(bounds["utilization_max"] or 0),
    )
    largest = MAX_MONEY * MINOR_UNITS
    income = MAX_INCOME * MINOR_UNITS
    row = {"credit_limit": largest, "balance": largest, "monthly_income": income}
    assert sized(database, policy, [row]) == [(largest, "limit_cap", False)]
    free = policy.with_changes(limit_cap=None)
    assert sized(database, free, [row]) == [(2 * largest, "raise_rate", True)]


def test_every_binding_has_a_title() -> None:
    assert tuple(words.BINDING_TITLES) == BINDINGS
