"""One suite over all databases: the same accounts give the same figures (METHOD 9)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from analytics.accounts.database import Database
from analytics.assumptions import Assumptions
from analytics.declared.choices import Reason, Treatment
from analytics.declared.columns import BY_NAME, OPTIONAL, REQUIRED, Kind
from analytics.declared.scales import SESAME
from analytics.export.accounts_file import accounts_statement
from analytics.ingest.declaration import Declaration
from analytics.ingest.tables import load_warehouse
from analytics.method import response
from analytics.method.guardrails import REASONS, held_out
from analytics.method.limits import BINDINGS
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results import ranges
from analytics.results.rival import rival
from analytics.results.simulation import (
    baseline_statement,
    eligibility_statement,
    raise_statement,
    simulate,
)
from analytics.results.treated import treated_statement
from tests import oracle
from tests.databases.engines import Engine
from tests.drawn import random_accounts
from tests.oracle.treatments import treat
from tests.portfolios import differences, oracle_assumptions, oracle_policy, portfolio_of
from tests.results.treating import treatment_differences, whitespace_differences

ACCOUNTS = 3_000
SEED = "预算 ${env:HOME} 'x' \\ %s $1"
POLICIES = {
    "default": Policy(score_threshold=700),
    "holdout and tiers": Policy(
        score_threshold=600,
        tiers=(Tier(600, 0.05), Tier(700, 0.155), Tier(800, 0.3)),
        holdout_rate=0.1,
        policy_seed=SEED,
        utilization_max=1.2,
    ),
    "ceilings": Policy(
        score_threshold=500,
        raise_rate=0.3333,
        limit_cap=Decimal(20_000),
        income_multiple=1.5,
        max_increment=Decimal("1234.56"),
        rounding_step=Decimal("0.05"),
        min_increment=Decimal(0),
        opted_out=False,
        past_due=False,
        past_due_12m=None,
        too_new=None,
        utilization_out_of_range=False,
    ),
    "some days": Policy(score_threshold=500, temporary_days=30),
}
ASSUMPTIONS = {
    "default": Assumptions(),
    "opt-in, linear": Assumptions(
        consent_mode="opt_in", response_form="linear", action_cost=1.25, idle_draw=0.1
    ),
    "irb": Assumptions(capital_approach="irb_qrre"),
    "irb, other retail": Assumptions(
        capital_approach="irb_other_retail", credit_conversion_factor=0.5
    ),
}
CASES = [
    ("default", "default", None),
    ("holdout and tiers", "opt-in, linear", "region"),
    ("ceilings", "irb", None),
    ("holdout and tiers", "irb, other retail", None),
    ("ceilings", "opt-in, linear", "region"),
    ("some days", "default", None),
]


@dataclass(frozen=True)
class Held:
    """The same accounts in a database of any kind, in the embedded one, and as a frame."""

    frame: pd.DataFrame
    portfolio: Portfolio
    embedded: Portfolio


def accounts(size: int = ACCOUNTS) -> pd.DataFrame:
    """Random accounts, each optional column known for most of them."""
    rng = np.random.default_rng(20_270_104)
    frame = random_accounts(rng, size, SESAME, 10**7)
    frame["account_id"] = [f"{number:018d}" for number in rng.permutation(size) * 7919]
    for column in OPTIONAL:
        known = rng.random(size) < 0.9
        frame[column] = frame[column].where(pd.Series(known), None)
    return frame


def table_of(frame: pd.DataFrame) -> pa.Table:
    """The accounts as a lender's table has them: money as decimals."""
    kinds: dict[Kind, Any] = {
        Kind.TEXT: pa.string(),
        Kind.SCORE: pa.int32(),
        Kind.MONEY: pa.decimal128(18, 2),
        Kind.RATE: pa.float64(),
        Kind.COUNT: pa.int32(),
        Kind.FLAG: pa.bool_(),
        Kind.STATUS: pa.string(),
    }
    cells = {}
    for column in (*REQUIRED, *OPTIONAL):
        kind = BY_NAME[column].kind
        values = [None if pd.isna(value) else value for value in frame[column].tolist()]
        if kind is Kind.MONEY:
            values = [None if v is None else Decimal(int(v)).scaleb(-2) for v in values]
        cells[column] = pa.array(values, type=kinds[kind])
    cells["region"] = pa.array(frame["region"].tolist(), type=pa.string(), from_pandas=True)
    return pa.table(cells)


@pytest.fixture(scope="module")
def held(engine: Engine) -> Iterator[Held]:
    frame = accounts()
    engine.fill("accounts", table_of(frame))
    loaded = load_warehouse(engine.open(), "accounts", Declaration(name="accounts"))
    embedded = portfolio_of(frame, segments=["region"])
    yield Held(frame, loaded.portfolio, embedded)
    loaded.portfolio.door.close()
    embedded.door.close()


def sorted_rows(database: Database, statement: sa.Select[Any], keys: int) -> list[tuple[Any, ...]]:
    columns = database.sums(statement)
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    return sorted(rows, key=lambda row: row[:keys])


def not_the_same(
    ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]], amounts: float
) -> list[str]:
    """Return what differs: whole numbers and texts at all, floats by more than 1e-9."""
    if len(ours) != len(theirs):
        return [f"{len(ours)} rows, not {len(theirs)}"]
    return [
        f"{mine}, not {other}"
        for one, two in zip(ours, theirs, strict=True)
        for mine, other in zip(one, two, strict=True)
        if not (
            math.isclose(mine, other, rel_tol=1e-9, abs_tol=1e-14 * amounts)
            if isinstance(mine, float)
            else mine == other
        )
    ]


def test_load_report_counts_what_is_there(held: Held) -> None:
    assert held.portfolio.accounts == held.portfolio.rows_read == ACCOUNTS
    assert held.portfolio.total_limit == held.embedded.total_limit
    assert held.portfolio.total_balance == held.embedded.total_balance
    assert held.portfolio.columns == held.embedded.columns
    assert held.portfolio.blanks == held.embedded.blanks
    assert held.portfolio.segments == held.embedded.segments


@pytest.mark.parametrize(("policy", "assumptions", "by"), CASES)
def test_statements_give_the_rows_of_the_embedded_database(
    held: Held, policy: str, assumptions: str, by: str | None
) -> None:
    given, assumed = POLICIES[policy], ASSUMPTIONS[assumptions]
    amounts = 12.5 * held.embedded.total_limit
    for build, keys in (
        (lambda p: baseline_statement(p, assumed, by), 2),
        (lambda p: eligibility_statement(p, given, by), 3),
        (lambda p: raise_statement(p, given, assumed, by), 3),
        (lambda p: treated_statement(p, given, assumed, by), 7),
    ):
        ours = sorted_rows(held.portfolio.door, build(held.portfolio), keys)
        theirs = sorted_rows(held.embedded.door, build(held.embedded), keys)
        assert ours, "the statement gives no rows"
        assert not_the_same(ours, theirs, amounts) == []


@pytest.mark.parametrize(("policy", "assumptions", "by"), CASES[:3])
def test_simulation_gives_the_oracles_figures(
    held: Held, policy: str, assumptions: str, by: str | None
) -> None:
    given, assumed = POLICIES[policy], ASSUMPTIONS[assumptions]
    simulation = simulate(held.portfolio, given, assumed, by=by)
    expected = oracle.simulate(held.frame, oracle_policy(given), oracle_assumptions(assumed), by=by)
    found = differences(simulation.total, expected, assumed, incomes=True)
    for group in simulation.groups:
        found += differences(group, expected["groups"][group.label], assumed, incomes=True)
    assert found == []


def test_the_rival_and_the_end_of_a_raise_are_the_oracles(held: Held) -> None:
    given, assumed = POLICIES["some days"], ASSUMPTIONS["opt-in, linear"]
    group = simulate(held.portfolio, given, assumed).total
    settings = held.frame, oracle_policy(given), oracle_assumptions(assumed)
    expected, found = oracle.rival(*settings), rival(group)
    assert found is not None
    assert found.at_stake == pytest.approx(expected["at_stake"], rel=1e-9)
    assert found.reach == pytest.approx(expected["reach"], rel=1e-9)
    ended = oracle.at_its_end(*settings)
    assert group.above_old_limit == pytest.approx(ended["above_old_limit"], rel=1e-9)


@pytest.mark.parametrize(("policy", "assumptions", "by"), CASES[:3])
def test_treatments_and_whitespace_are_the_oracles(
    held: Held, policy: str, assumptions: str, by: str | None
) -> None:
    given = (held.portfolio, held.frame, POLICIES[policy], ASSUMPTIONS[assumptions], by)
    assert treatment_differences(*given) == []
    assert whitespace_differences(*given) == []


def test_hold_out_is_the_same_accounts_as_sha256_gives(held: Held) -> None:
    policy = POLICIES["holdout and tiers"]
    labelled = response.labelled(held.portfolio)
    statement = sa.select(labelled.c.account_id).where(held_out(labelled, policy))
    drawn = held.portfolio.door.sums(statement)["account_id"].tolist()
    bound = int(policy.holdout_rate * 10_000) * 2**64 // 10_000

    def first_eight(account: str) -> int:
        digest = hashlib.sha256(f"{SEED}:{account}".encode()).digest()
        return int.from_bytes(digest[:8], "big")

    expected = [a for a in held.frame["account_id"] if first_eight(a) < bound]
    assert 200 < len(expected) < 400
    assert sorted(drawn) == sorted(expected)


def test_account_list_is_the_oracles(held: Held) -> None:
    policy, assumed = POLICIES["holdout and tiers"], ASSUMPTIONS["default"]
    simulation = simulate(held.portfolio, policy, assumed)
    rows = sorted_rows(held.portfolio.door, accounts_statement(simulation), 1)
    detail = oracle.simulate(held.frame, oracle_policy(policy), oracle_assumptions(assumed))[
        "accounts_detail"
    ]
    given = treat(held.frame, oracle_policy(policy), oracle_assumptions(assumed))["accounts_detail"]
    expected = sorted(
        zip(
            held.frame["account_id"],
            held.frame["score"],
            held.frame["credit_limit"],
            (int(new) for new in detail["new_limit"]),
            (REASONS.index(reason) for reason in detail["reason"]),
            (
                BINDINGS.index(binding) if reason == "raised" else 0
                for reason, binding in zip(detail["reason"], detail["binding"], strict=True)
            ),
            (int(limit) for limit in detail["would_be_limit"]),
            (Treatment(name).code for name in given["treatment"]),
            strict=True,
        )
    )
    assert [tuple(row)[: len(expected[0])] for row in rows] == expected
    assert any(row[4] == Reason.HELD_OUT.code for row in rows)


def test_streamed_rows_are_all_the_rows(held: Held) -> None:
    statement = sa.select(held.portfolio.relation.c.account_id)
    with held.portfolio.door.rows(statement, size=1_000) as batches:
        streamed = [row[0] for batch in batches for row in batch]
    assert sorted(streamed) == sorted(held.frame["account_id"])


def test_pools_of_ranges_add_up_to_the_same(held: Held) -> None:
    policy, assumed = POLICIES["default"], ASSUMPTIONS["default"]
    ours = ranges.load_pools(held.portfolio, policy, assumed)
    theirs = ranges.load_pools(held.embedded, policy, assumed)
    for mine, other in ((ours.baseline, theirs.baseline), (ours.raised, theirs.raised)):
        assert mine.accounts.sum() == other.accounts.sum()
        assert mine.defaults.sum() == pytest.approx(other.defaults.sum(), rel=1e-9)
        assert mine.loss.sum(axis=1) == pytest.approx(other.loss.sum(axis=1), rel=1e-9)
