"""Who is raised: each rule at its edge, in order, and named where it cannot be applied."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.columns import BY_NAME
from analytics.method import response
from analytics.method.guardrails import (
    GUARDRAILS,
    REASONS,
    NotApplied,
    held_out,
    hold_out_bound,
    not_applied,
    reason_code,
)
from analytics.policy import Policy
from analytics.shown import words
from tests.oracle.decision import REASONS as ORACLE_REASONS
from tests.portfolios import portfolio_of

GOOD = {
    "account_id": "a",
    "score": 900,
    "credit_limit": 10_000,
    "balance": 5_000,
    "months_on_book": 24,
    "days_past_due": 0,
    "max_days_past_due_12m": 0,
    "months_since_limit_change": 24,
    "minimum_payment_months_6": 0,
    "account_status": "active",
    "opted_out": False,
    "in_hardship": False,
    "is_student": False,
}
ALL_OFF = Policy(
    affordability=False,
    closed=False,
    opted_out=False,
    in_hardship=False,
    is_student=False,
    past_due=False,
    past_due_12m=None,
    persistent_minimum_payer=None,
    too_new=None,
    recent_limit_change=None,
    utilization_out_of_range=False,
)


def reasons(database: EmbeddedDatabase, policy: Policy, *rows: dict[str, Any]) -> list[str]:
    """Return the reason of each account that differs from a good one in these cells."""
    frame = pd.DataFrame(
        [{**GOOD, "account_id": f"{index:04d}", **row} for index, row in enumerate(rows)]
    )
    portfolio = portfolio_of(frame, database=database)
    accounts = portfolio.relation
    code = reason_code(accounts, policy, portfolio).label("reason")
    statement = sa.select(code).select_from(accounts).order_by(accounts.c.account_id)
    return [REASONS[int(index)] for index in database.sums(statement)["reason"]]


EDGES: list[tuple[dict[str, Any], str, Any, Any]] = [
    ({"closed": True}, "account_status", "lost", "normal"),
    ({"opted_out": True}, "opted_out", True, False),
    ({"in_hardship": True}, "in_hardship", True, False),
    ({"is_student": True}, "is_student", True, False),
    ({"past_due": True}, "days_past_due", 1, 0),
    ({"past_due_12m": 45}, "max_days_past_due_12m", 45, 44),
    ({"persistent_minimum_payer": 2}, "minimum_payment_months_6", 2, 1),
    ({"too_new": 9}, "months_on_book", 8, 9),
    ({"recent_limit_change": 9}, "months_since_limit_change", 8, 9),
    ({"utilization_out_of_range": True, "utilization_max": 0.3333}, "balance", 3_334, 3_333),
    ({"utilization_out_of_range": True, "utilization_min": 0.3333}, "balance", 3_332, 3_333),
    ({"utilization_out_of_range": True}, "credit_limit", 0, 5_000),
]


@pytest.mark.parametrize(("setting", "column", "fails", "passes"), EDGES)
def test_a_rule_falls_on_the_right_side_of_its_edge_and_does_nothing_when_off(
    database: EmbeddedDatabase, setting: dict[str, Any], column: str, fails: Any, passes: Any
) -> None:
    rows = ({column: fails}, {column: passes})
    policy = ALL_OFF.with_changes(**setting)
    assert reasons(database, policy, *rows) == [next(iter(setting)), "raised"]
    assert reasons(database, ALL_OFF, *rows) == ["raised", "raised"]


def test_an_unknown_cell_holds_an_account_or_passes_as_the_policy_says(
    database: EmbeddedDatabase,
) -> None:
    columns = [rule.column for rule in GUARDRAILS if rule.column != "balance"]
    rows = [dict.fromkeys(columns), *({column: None} for column in columns), {}]
    held = ["unknown_data"] * (len(rows) - 1) + ["raised"]
    assert reasons(database, Policy(), *rows) == held
    assert set(reasons(database, Policy(unknown_cells="pass"), *rows)) == {"raised"}


def test_only_what_a_rule_in_force_needs_has_to_be_known(database: EmbeddedDatabase) -> None:
    rows = ({"months_on_book": None}, {"opted_out": None}, {})
    policy = ALL_OFF.with_changes(too_new=6)
    assert reasons(database, policy, *rows) == ["unknown_data", "raised", "raised"]
    assert reasons(database, ALL_OFF, *rows) == ["raised"] * 3


def test_an_unknown_income_holds_an_account_where_a_ceiling_needs_it(
    database: EmbeddedDatabase,
) -> None:
    rows = ({"monthly_income": None}, {"monthly_income": 10**6})
    for ceiling in ({"affordability": True}, {"income_multiple": 4.0}):
        policy = ALL_OFF.with_changes(**ceiling)
        assert reasons(database, policy, *rows) == ["unknown_data", "raised"]
    assert reasons(database, ALL_OFF, *rows) == ["raised", "raised"]


def test_a_rule_that_fails_names_an_account_before_what_is_unknown(
    database: EmbeddedDatabase,
) -> None:
    both = {"months_on_book": None, "is_student": True}
    assert reasons(database, Policy(), both) == ["is_student"]


def test_the_first_rule_in_order_is_the_reason(database: EmbeddedDatabase) -> None:
    bad = {
        "balance": 20_000,
        "months_on_book": 0,
        "days_past_due": 99,
        "max_days_past_due_12m": 99,
        "months_since_limit_change": 0,
        "minimum_payment_months_6": 6,
        "account_status": "charged off",
        "opted_out": True,
        "in_hardship": True,
        "is_student": True,
    }
    policy, seen = Policy(), []
    for rule in GUARDRAILS:
        seen += reasons(database, policy, bad)
        off = False if isinstance(getattr(policy, rule.name), bool) else None
        policy = policy.with_changes(**{rule.name: off})
        assert not rule.is_on(policy)
    assert seen == [rule.name for rule in GUARDRAILS]
    assert reasons(database, policy, bad) == ["raised"]


def test_the_reasons_are_the_methods_in_its_order() -> None:
    assert REASONS == ORACLE_REASONS
    assert tuple(words.REASON_TITLES) == REASONS
    assert all(rule.column in BY_NAME for rule in GUARDRAILS)


# ---- Hold-out


def test_the_hold_out_is_drawn_among_those_that_would_be_raised(
    database: EmbeddedDatabase,
) -> None:
    """A fifth fails a rule, a fifth has no room under the cap, a fifth has too little to raise."""
    kinds: list[dict[str, Any]] = [
        {"opted_out": True},
        {"credit_limit": 900_000},
        {"credit_limit": 900, "balance": 0},
        {},
        {},
    ]
    frame = pd.DataFrame(
        [{**GOOD, "credit_limit": 100_000, "account_id": f"{n:04d}", **kinds[n // 40]}
         for n in range(200)]
    )  # fmt: skip
    portfolio = portfolio_of(frame, database=database)
    policy = Policy(holdout_rate=0.5, limit_cap=Decimal(9_000), min_increment=Decimal(10))
    policy = policy.with_changes(rounding_step=Decimal(1))
    decided = response.decided(response.priced(portfolio, Assumptions()), policy, portfolio)
    sized = response.resized(decided, policy, Assumptions(), portfolio, passing_only=False).c
    rows = database.sums(
        sa.select(sized.outcome, sized.would_be_limit, sized.new_limit).order_by(sized.account_id)
    )
    found = [REASONS[int(code)] for code in rows["outcome"]]
    assert set(found[:40]) == {"opted_out"}
    assert set(found[40:80]) == {"at_limit_cap"}
    assert set(found[80:120]) == {"raise_too_small"}
    assert set(found[120:]) == {"held_out", "raised"}
    limits = {(reason, int(would), int(new)) for reason, would, new in
              zip(found, rows["would_be_limit"], rows["new_limit"], strict=True)}  # fmt: skip
    assert ("held_out", 120_000, 100_000) in limits
    assert ("raised", 120_000, 120_000) in limits
    assert ("raise_too_small", 900, 900) in limits


@given(digest=st.integers(0, 2**64 - 1), points=st.integers(0, 5_000))
def test_the_text_comparison_is_the_comparison_of_shares(digest: int, points: int) -> None:
    below = f"{digest:016x}" < hold_out_bound(points / 10_000)
    assert below == (digest * 10_000 < points * 2**64)


def test_the_draw_depends_on_seed_and_account_alone(database: EmbeddedDatabase) -> None:
    ids = ["000000000000000001", "1", "é", "客户", "a:b", "", " 1"]
    for seed in ("headroom", "预算", ":"):
        policy = ALL_OFF.with_changes(holdout_rate=0.5, policy_seed=seed)
        portfolio = portfolio_of(
            pd.DataFrame([{**GOOD, "account_id": i} for i in ids]), database=database
        )
        accounts = portfolio.relation
        drawn = held_out(accounts, policy).label("drawn")
        rows = database.sums(sa.select(accounts.c.account_id, drawn))
        by_id = dict(zip(rows["account_id"].tolist(), rows["drawn"].tolist(), strict=True))
        for account in ids:
            first = hashlib.sha256(f"{seed}:{account}".encode()).digest()[0]
            assert by_id[account] == (first < 0x80), account


# ---- Not applied


def test_an_absent_column_and_unknown_cells_are_named(database: EmbeddedDatabase) -> None:
    rows = [{**GOOD, "account_id": str(index)} for index in range(5)]
    frame = pd.DataFrame(rows).drop(columns=["is_student", "months_on_book"])
    frame["days_past_due"] = pd.array([0, None, 0, None, 3], dtype="Int64")
    portfolio = portfolio_of(frame, database=database)
    absent = [item.guardrail for item in not_applied(portfolio, Policy())]
    assert absent == ["is_student", "too_new", "affordability"], "blank cells hold their accounts"
    found = not_applied(portfolio, Policy(unknown_cells="pass", income_multiple=4.0))
    assert found == (
        NotApplied("is_student", "is_student", 5),
        NotApplied("past_due", "days_past_due", 2, absent=False),
        NotApplied("too_new", "months_on_book", 5),
        NotApplied("income_multiple", "monthly_income", 5),
        NotApplied("affordability", "monthly_income", 5),
    )
    assert [words.not_applied_sentence(item, 5) for item in found] == [
        "Student: not applied, the portfolio has no column is_student",
        "Past due now: not applied to 2 accounts whose days_past_due is unknown",
        "Too new: not applied, the portfolio has no column months_on_book",
        "Income multiple: not applied, the portfolio has no column monthly_income",
        "Affordability: not applied, the portfolio has no column monthly_income",
    ]


def test_rules_that_are_off_are_not_named(database: EmbeddedDatabase) -> None:
    frame = pd.DataFrame([GOOD])[["account_id", "score", "credit_limit", "balance"]]
    policy = ALL_OFF.with_changes(income_multiple=None)
    assert not_applied(portfolio_of(frame, database=database), policy) == ()
