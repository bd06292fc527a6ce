"""What each account gets, row by row in the file, against the oracle; and what always holds."""

from __future__ import annotations

import csv
import io
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.choices import Binding, MessageArm, Reason, Treatment
from analytics.declared.treatments import SHIPPED, Treatments
from analytics.export.accounts_file import accounts_on_disk, load_totals
from analytics.ingest import load_file
from analytics.method.limits import NO_ROOM
from analytics.method.treated_accounts import TREATED
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation import simulate
from analytics.results.treatments import load_treatments
from tests.drawn import SCALES, assumption_sets, frames, policies
from tests.export import portfolios as streamed_portfolios
from tests.oracle import portfolio_from_csv
from tests.oracle.columns import BASIS_POINTS, read_columns
from tests.oracle.decision import Decision, decide, read_policy
from tests.oracle.treatments import treat
from tests.places import THOUSAND
from tests.portfolios import oracle_assumptions, oracle_policy, portfolio_of
from tests.results.treating import many_accounts

CEILINGS = {str(ceiling) for ceiling in NO_ROOM}
WIDE = Policy(score_threshold=350, holdout_rate=0.3, message_holdout_rate=0.2, too_new=12)


def rows_of(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions | None = None,
    table: Treatments = SHIPPED,
) -> dict[str, dict[str, str]]:
    """Return the rows of the file by account."""
    simulation = simulate(portfolio, policy, assumptions or Assumptions.for_scale(portfolio.scale))
    with accounts_on_disk(simulation, table=table) as listed:
        text = listed.path.read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return {row["account_id"]: row for row in rows}


def expected(
    frame: pd.DataFrame, policy: Policy, assumptions: Assumptions
) -> dict[str, dict[str, str]]:
    """Return what the oracle says of each account, as the file writes it."""
    given = oracle_policy(policy), oracle_assumptions(assumptions)
    rate = policy.message_holdout_rate
    detail = treat(frame, *given, message_holdout_rate=rate)["accounts_detail"]
    decisions = decide(read_columns(frame), read_policy(*given))
    names = ("treatment", "message_code", "message_withheld", "wait_months", "missing_item")
    cells = zip(*(detail[name] for name in names), strict=True)
    return {
        account: {
            "treatment": treatment,
            "message_code": "" if code == "none" else code,
            "message_arm": "held_out" if withheld else "" if code == "none" else "message",
            "wait_months": "" if wait is None else str(wait),
            "missing_item": item,
            "asked_limit": asked(decision),
            "affordable_limit": "" if largest is None else f"{Decimal(largest) / 100:.2f}",
        }
        for account, decision, largest, (treatment, code, withheld, wait, item) in zip(
            frame["account_id"],
            decisions,
            detail["largest_affordable_limit"],
            cells,
            strict=True,
        )
    }


def asked(decision: Decision) -> str:
    """Return the target of a raise that a ceiling stops, as far as the oracle names the ceiling."""
    stopped = decision.reason in {*map(str, NO_ROOM.values())} or decision.binding in CEILINGS
    return f"{Decimal(decision.target // BASIS_POINTS) / 100:.2f}" if stopped else ""


def differences(
    rows: dict[str, dict[str, str]], wanted: dict[str, dict[str, str]]
) -> list[tuple[str, str, str, str]]:
    """Return every cell that is not the oracle's.

    The oracle names no ceiling of an account that is held out, or whose raise is too small.
    """
    unnamed = {str(Reason.HELD_OUT), str(Reason.RAISE_TOO_SMALL)}
    return [
        (account, name, rows[account][name], cell)
        for account, cells in wanted.items()
        for name, cell in cells.items()
        if rows[account][name] != cell
        and not (name == "asked_limit" and rows[account]["reason"] in unnamed)
    ]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_portfolios_are_the_oracles(database: EmbeddedDatabase, data: st.DataObject) -> None:
    scale = data.draw(st.sampled_from(SCALES))
    largest = data.draw(st.sampled_from([10**6, 10**8, 10**13]))
    frame = data.draw(frames(scale, largest))
    rate = data.draw(st.sampled_from([0.0, 0.05, 0.5]))
    policy = data.draw(policies(scale, largest)).with_changes(message_holdout_rate=rate)
    assumptions = data.draw(assumption_sets(scale))
    portfolio = portfolio_of(frame, segments=["region"], scale=scale, database=database)
    wanted = expected(frame, policy, assumptions)
    assert differences(rows_of(portfolio, policy, assumptions), wanted) == []


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    return many_accounts(11, 2_000)


@pytest.fixture(scope="module")
def listed(many: pd.DataFrame) -> dict[str, dict[str, str]]:
    return rows_of(portfolio_of(many), WIDE)


def test_thousands_with_every_treatment_are_the_oracles(
    many: pd.DataFrame, listed: dict[str, dict[str, str]]
) -> None:
    assert {row["treatment"] for row in listed.values()} == set(Treatment)
    assert differences(listed, expected(many, WIDE, Assumptions())) == []


def test_a_limit_is_asked_for_where_a_ceiling_stops_a_raise(many: pd.DataFrame) -> None:
    portfolio, capped = portfolio_of(many), WIDE.with_changes(limit_cap=Decimal(30_000))
    rows = [
        row
        for multiple in (3.0, None)
        for row in rows_of(portfolio, capped.with_changes(income_multiple=multiple)).values()
    ]
    arms = [row for row in rows if row["arm"]]
    assert {row["binding"] for row in arms if row["asked_limit"]} >= CEILINGS
    for row in arms:
        if row["reason"] == Reason.RAISED:
            assert bool(row["asked_limit"]) is (row["binding"] in CEILINGS)
        if row["asked_limit"]:
            assert Decimal(row["would_be_limit"]) <= Decimal(row["asked_limit"])
        if row["binding"] == Binding.AFFORDABILITY:
            assert Decimal(row["new_limit"]) <= Decimal(row["affordable_limit"])
    named = {str(reason) for reason in NO_ROOM.values()}
    assert all(row["asked_limit"] for row in rows if row["reason"] in named)
    outside = {*named, *map(str, (Reason.RAISED, Reason.HELD_OUT, Reason.RAISE_TOO_SMALL))}
    assert not any(row["asked_limit"] for row in rows if row["reason"] not in outside)


@pytest.mark.parametrize(
    "table",
    [
        SHIPPED,
        Treatments(
            off=frozenset({Treatment.WAIT, Treatment.GUIDANCE}),
            messages=((Treatment.ASK, "a:b"), (Treatment.RAISE, "raised/1"), (Treatment.WAIT, "x")),
        ),
    ],
)
def test_every_account_has_one_treatment_and_counts_are_those_of_the_page(
    many: pd.DataFrame, table: Treatments
) -> None:
    portfolio = portfolio_of(many)
    rows = rows_of(portfolio, WIDE, table=table)
    found = Counter(row["treatment"] for row in rows.values())
    counted = load_treatments(portfolio, WIDE, Assumptions(), table=table)
    assert found == {str(one.treatment): one.accounts for one in counted.total.figures}
    assert sum(found.values()) == len(many)
    totals = load_totals(simulate(portfolio, WIDE, Assumptions()), table=table)
    assert {name: n for name, n in totals.treatments.items() if n} == dict(found)
    arms = Counter(row["message_arm"] for row in rows.values())
    assert {name: arms[name] for name in MessageArm} == totals.messages
    for row in rows.values():
        code = table.message_code(Treatment(row["treatment"]))
        assert row["message_code"] == (code if row["message_arm"] == "message" else "")
        assert bool(row["message_arm"]) is bool(code)


def test_messages_are_withheld_at_their_rate_alike_and_never_of_support(
    many: pd.DataFrame, listed: dict[str, dict[str, str]]
) -> None:
    drawn = [r for r in listed.values() if r["message_arm"] and r["treatment"] != "support"]
    share = sum(row["message_arm"] == "held_out" for row in drawn) / len(drawn)
    assert abs(share - WIDE.message_holdout_rate) < 4 * (0.2 * 0.8 / len(drawn)) ** 0.5
    support = [row for row in listed.values() if row["treatment"] == "support"]
    assert {row["message_arm"] for row in support} == {"message"}
    shuffled = many.sample(frac=1, random_state=3).reset_index(drop=True)
    assert rows_of(portfolio_of(shuffled), WIDE) == listed
    other = rows_of(portfolio_of(many), WIDE.with_changes(policy_seed="another"))
    moved = [n for n, row in listed.items() if row["message_arm"] != other[n]["message_arm"]]
    assert moved
    none = rows_of(portfolio_of(many), WIDE.with_changes(message_holdout_rate=0.0))
    assert "held_out" not in {row["message_arm"] for row in none.values()}
    arms = {(row["message_arm"], row["arm"]) for row in listed.values()}
    assert {("held_out", "raised"), ("message", "held_out")} <= arms, "the draws are apart"


def test_a_parquet_file_a_csv_file_and_rows_that_come_in_batches_give_the_same(
    tmp_path: Path,
) -> None:
    parquet = tmp_path / "accounts.parquet"
    with duckdb.connect() as connection:
        text = f"SELECT * FROM read_csv('{THOUSAND}', types = {{'account_id': 'VARCHAR'}})"
        connection.execute(f"COPY ({text}) TO '{parquet}'")
    frame = portfolio_from_csv(THOUSAND)
    policy = WIDE.with_changes(score_threshold=500)
    of_csv = rows_of(load_file(THOUSAND).portfolio, policy)
    assert differences(of_csv, expected(frame, policy, Assumptions())) == []
    assert rows_of(load_file(parquet).portfolio, policy) == of_csv
    frame = frame.drop(columns="account_status")
    renamed = Treatments(messages=((Treatment.WAIT, "a:b/c. 1"),))
    own, streamed = (
        streamed_portfolios.portfolio_of(frame, streamed=streamed) for streamed in (False, True)
    )
    assert rows_of(streamed, policy, table=renamed) == rows_of(own, policy, table=renamed)
    assert _treated(rows_of(streamed, policy)) == _treated(of_csv)


def _treated(rows: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {account: [row[name] for name in TREATED] for account, row in rows.items()}
