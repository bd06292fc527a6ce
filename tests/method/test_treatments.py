"""The stages of treatments: flags of support, what fails alone, waits, and what is asked for."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from analytics.accounts.database import EmbeddedDatabase
from analytics.declared.choices import Reason
from analytics.method import response, treatments
from analytics.policy import Policy
from tests.portfolios import portfolio_of

PLAIN = {
    "account_id": "1",
    "score": 820,
    "credit_limit": 1_000_000,
    "balance": 300_000,
    "default_probability": 0.01,
    "months_on_book": 24,
    "months_since_limit_change": 24,
    "max_days_past_due_12m": 0,
    "monthly_income": 1_000_000,
    "days_past_due": 0,
    "in_hardship": False,
    "opted_out": False,
}
KINDS = {name: "Int64" for name, value in PLAIN.items() if type(value) is int}
KINDS |= {"in_hardship": "boolean", "opted_out": "boolean"}
DEFAULT = Policy()


def tried(
    database: EmbeddedDatabase, policy: Policy = DEFAULT, **account: Any
) -> tuple[str, bool, bool]:
    """Return the reason of an account, whether it fails alone, and whether it gets support.

    Beside a plain account, so that no column is blank throughout.
    """
    rows = [PLAIN | {"account_id": "2"}, PLAIN | account]
    portfolio = portfolio_of(pd.DataFrame(rows).astype(KINDS), database=database)
    found = treatments.tried(response.labelled(portfolio), policy, portfolio)
    c = found.c
    statement = sa.select(c.reason, c.alone, c.support).where(c.account_id == "1")
    row = portfolio.door.one(statement)
    return tuple(Reason)[row["reason"]].value, bool(row["alone"]), bool(row["support"])


@pytest.mark.parametrize(
    ("account", "found"),
    [
        ({}, ("raised", True, False)),
        ({"score": 795}, ("raised", True, False)),
        ({"score": 789, "opted_out": True}, ("score_below_threshold", False, False)),
        ({"score": 789, "in_hardship": True}, ("score_below_threshold", False, True)),
        ({"opted_out": True}, ("opted_out", True, False)),
        ({"opted_out": True, "max_days_past_due_12m": 30}, ("opted_out", False, False)),
        ({"opted_out": True, "monthly_income": None}, ("opted_out", False, False)),
        ({"days_past_due": 2}, ("past_due", True, True)),
        ({"days_past_due": None}, ("unknown_data", True, False)),
        ({"in_hardship": None, "monthly_income": None}, ("unknown_data", True, False)),
        ({"months_on_book": 1}, ("too_new", True, False)),
        ({"months_since_limit_change": 1}, ("recent_limit_change", True, False)),
        ({"months_on_book": 1, "months_since_limit_change": 1}, ("too_new", True, False)),
        ({"months_on_book": 1, "months_since_limit_change": None}, ("too_new", True, False)),
        ({"months_on_book": 1, "monthly_income": None}, ("too_new", False, False)),
        ({"months_on_book": None}, ("unknown_data", True, False)),
        ({"months_on_book": 1, "balance": 1_000_001}, ("too_new", False, False)),
        ({"balance": 1_000_001}, ("utilization_out_of_range", True, False)),
        (
            {"balance": 1_000_001, "months_since_limit_change": None},
            ("utilization_out_of_range", False, False),
        ),
        ({"credit_limit": 0, "balance": 0}, ("utilization_out_of_range", False, False)),
    ],
)
def test_alone_says_that_nothing_fails_but_the_reason(
    account: dict[str, Any], found: tuple[str, bool, bool], database: EmbeddedDatabase
) -> None:
    assert tried(database, **account) == found


def test_without_rules_only_the_score_is_looked_at(database: EmbeddedDatabase) -> None:
    names = ("closed", "opted_out", "in_hardship", "is_student", "past_due")
    off: dict[str, Any] = dict.fromkeys((*names, "utilization_out_of_range"), False)
    off |= dict.fromkeys(
        ("past_due_12m", "persistent_minimum_payer", "too_new", "recent_limit_change")
    )
    policy = Policy(**off)
    assert tried(database, policy, opted_out=True) == ("raised", True, False)
    assert tried(database, policy, score=400) == ("score_below_threshold", False, False)
    assert tried(database, policy, monthly_income=None) == ("unknown_data", True, False)


@pytest.mark.parametrize(
    ("account", "levers", "months"),
    [
        ({}, {}, None),
        ({"months_on_book": 4}, {}, 2),
        ({"months_on_book": 4, "months_since_limit_change": 1}, {}, 5),
        ({"months_on_book": 0, "months_since_limit_change": 5}, {"too_new": 12}, 12),
        ({"months_on_book": 4, "months_since_limit_change": None}, {}, 2),
        ({"months_on_book": None, "months_since_limit_change": 3}, {}, 3),
        ({"months_on_book": 4, "months_since_limit_change": 1}, {"recent_limit_change": None}, 2),
        ({"months_on_book": 4}, {"too_new": None, "recent_limit_change": None}, None),
    ],
)
def test_the_wait_is_the_longest_of_the_rules_of_time(
    account: dict[str, Any], levers: dict[str, Any], months: int | None, database: EmbeddedDatabase
) -> None:
    rows = [PLAIN | {"account_id": "2"}, PLAIN | account]
    portfolio = portfolio_of(pd.DataFrame(rows).astype(KINDS), database=database)
    accounts = portfolio.relation
    wait = treatments.wait_months(accounts, Policy(**levers), portfolio)
    row = portfolio.door.one(sa.select(wait.label("wait")).where(accounts.c.account_id == "1"))
    assert row["wait"] == months


def test_the_income_is_asked_for_first_and_then_in_the_order_of_the_rules(
    database: EmbeddedDatabase,
) -> None:
    names = ("monthly_income", "months_on_book", "opted_out", "max_days_past_due_12m")
    blank = PLAIN | {"account_id": "2"} | dict.fromkeys(names)
    portfolio = portfolio_of(pd.DataFrame([PLAIN, blank]).astype(KINDS), database=database)
    order = ("monthly_income", "opted_out", "max_days_past_due_12m", "months_on_book")
    assert treatments.missing_items(Policy(), portfolio) == order
    assert treatments.missing_items(Policy(affordability=False), portfolio) == order[1:]
    assert treatments.missing_items(Policy(unknown_cells="pass"), portfolio) == ()
