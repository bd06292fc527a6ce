"""accounts.csv: the simulation's own decisions, nothing altered, the same bytes twice."""

import contextlib
import csv
import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.errors import ExportError
from analytics.export.accounts_file import Which, accounts_on_disk, load_totals
from analytics.export.accounts_lines import HEADER, money
from analytics.policy import Policy, Tier
from analytics.results.simulation import Simulation, simulate
from tests.export.portfolios import accounts, portfolio_of, simulated
from tests.oracle import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY, load_cases, portfolio_from_csv
from tests.oracle import simulate as oracle

POLICIES: dict[str, dict[str, Any]] = {
    "default": {},
    "uncapped": {"limit_cap": None, "income_multiple": None},
    "everybody": {"score_threshold": 350, "raise_rate": 0.1},
    "held out": {"holdout_rate": 0.5, "score_threshold": 600},
    "unknown pass": {"unknown_cells": "pass", "score_threshold": 350},
    "multiple": {"income_multiple": 3.5, "affordability": False, "score_threshold": 350},
    "cut": {"max_increment": Decimal("333.33"), "rounding_step": Decimal("0.01")},
    "seeded": {"holdout_rate": 0.4, "policy_seed": "100%'; DROP :x $1 ? \\' 雪"},
    "nobody": {"score_threshold": 950},
}
ODD_IDS = ["\U0001f600", "=1+1", "-7", "a,b", 'say "x"', "#a", " a ", "é雪", "ﬀ", "007", "1e5",
           "9007199254740993", "NULL", "A", "a", "Z", "~", "a\nb", "\ta", "+1"]  # fmt: skip


def exported(simulation: Simulation, which: Which = "all") -> bytes:
    with accounts_on_disk(simulation, which) as listed:
        return listed.path.read_bytes()


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def held_against_oracle(frame: pd.DataFrame, **changes: Any) -> None:
    simulation = simulated(portfolio_of(frame), Policy(**changes))
    detail = oracle(frame, DEFAULT_POLICY | changes, DEFAULT_ASSUMPTIONS)["accounts_detail"]
    expected = {
        account: (new, reason, binding if reason == "raised" else "", would_be, arm or "")
        for account, new, reason, binding, would_be, arm in zip(
            frame["account_id"],
            detail["new_limit"],
            detail["reason"],
            detail["binding"],
            detail["would_be_limit"],
            detail["arm"],
            strict=True,
        )
    }
    rows = read(exported(simulation))
    assert len(rows) == len(frame)
    limits = dict(zip(frame["account_id"], frame["credit_limit"].tolist(), strict=True))
    for row in rows:
        new, reason, binding, would_be, arm = expected[row["account_id"]]
        assert (row["reason"], row["binding"], row["arm"]) == (reason, binding, arm)
        assert row["would_be_limit"] == f"{Decimal(would_be) / 100:.2f}"
        assert row["new_limit"] == f"{Decimal(new) / 100:.2f}"
        assert row["current_limit"] == f"{Decimal(limits[row['account_id']]) / 100:.2f}"
        difference = Decimal(row["new_limit"]) - Decimal(row["current_limit"])
        assert Decimal(row["increase"]) == difference
        wanted = {"raised": "raise", "held_out": "held_out"}.get(reason, "hold")
        assert row["decision"] == wanted


@pytest.mark.parametrize("name", POLICIES)
def test_every_account_is_as_the_oracle_decides(name: str) -> None:
    held_against_oracle(load_cases(), **POLICIES[name])


def test_tiers_are_as_the_oracle_decides() -> None:
    frame, starts = load_cases(), ((600, 0.05), (800, 0.1), (850, 0.3))
    simulation = simulated(
        portfolio_of(frame),
        Policy(score_threshold=600, tiers=tuple(Tier(*start) for start in starts)),
    )
    policy = DEFAULT_POLICY | {"score_threshold": 600, "tiers": starts}
    detail = oracle(frame, policy, DEFAULT_ASSUMPTIONS)["accounts_detail"]
    rows = {row["account_id"]: row for row in read(exported(simulation))}
    found = [rows[account]["reason"] for account in frame["account_id"]]
    assert found == detail["reason"]
    limits = [rows[account]["new_limit"] for account in frame["account_id"]]
    assert limits == [money(new) for new in detail["new_limit"]]


def test_real_cards_are_as_the_oracle_decides(taiwan: Path) -> None:
    frame = portfolio_from_csv(taiwan)
    held_against_oracle(frame, limit_cap=None)


def test_the_file_is_plain() -> None:
    data = exported(simulated(policy=Policy(score_threshold=350)))
    lines = data.decode("utf-8").split("\n")
    assert lines[0] == HEADER
    assert lines[-1] == ""
    assert b"\r" not in data
    for row in read(data):
        for name in ("current_limit", "new_limit", "increase", "would_be_limit"):
            assert re.fullmatch(r"\d+\.\d\d", row[name]), row


def test_rows_are_in_byte_order_of_the_id() -> None:
    rows = read(exported(simulated(portfolio_of(accounts(ODD_IDS)))))
    ids = [row["account_id"] for row in rows]
    assert ids == sorted(ODD_IDS, key=lambda text: text.encode("utf-8"))


def test_the_same_accounts_give_the_same_bytes_in_any_order() -> None:
    frame = load_cases()
    once = exported(simulated(portfolio_of(frame)))
    shuffled = frame.sample(frac=1, random_state=7).reset_index(drop=True)
    assert exported(simulated(portfolio_of(shuffled))) == once


@pytest.mark.parametrize("which", ["all", "raised"])
def test_another_database_gives_the_same_bytes(which: Which) -> None:
    for frame in (load_cases(), accounts(ODD_IDS)):
        policy = Policy(score_threshold=600, holdout_rate=0.2)
        own = exported(simulated(portfolio_of(frame), policy), which)
        assert exported(simulated(portfolio_of(frame, streamed=True), policy), which) == own


@settings(max_examples=30)
@given(
    st.lists(
        st.text(
            st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1
        ).filter(lambda text: "\r" not in text),
        min_size=1,
        max_size=30,
        unique=True,
    )
)
def test_ids_come_out_byte_for_byte(ids: list[str]) -> None:
    data = exported(simulated(portfolio_of(accounts(ids))))
    assert {row["account_id"] for row in read(data)} == set(ids)


def test_raised_only_lists_just_the_raised() -> None:
    simulation = simulated()
    rows = read(exported(simulation, "raised"))
    assert len(rows) == simulation.total.raised == 5
    assert {row["decision"] for row in rows} == {"raise"}
    assert {row["arm"] for row in rows} == {"raised"}


def test_nobody_raised_gives_a_header_alone() -> None:
    simulation = simulated(policy=Policy(score_threshold=950))
    assert exported(simulation, "raised") == f"{HEADER}\n".encode()


def test_with_consent_a_raise_is_an_offer() -> None:
    rows = read(exported(simulated(consent_mode="opt_in")))
    assert {row["decision"] for row in rows} == {"offer", "hold"}
    assert {row["reason"] for row in rows if row["decision"] == "offer"} == {"raised"}


def test_an_offer_is_in_the_arm_of_the_raised_and_a_held_out_account_keeps_its_limit() -> None:
    simulation = simulated(policy=Policy(holdout_rate=0.5), consent_mode="opt_in")
    rows = read(exported(simulation))
    arms = {row["decision"]: row["arm"] for row in rows}
    assert arms == {"offer": "raised", "held_out": "held_out", "hold": ""}
    held = [row for row in rows if row["arm"] == "held_out"]
    assert held
    for row in held:
        assert row["new_limit"] == row["current_limit"]
        assert Decimal(row["would_be_limit"]) > Decimal(row["current_limit"])


def test_totals_are_the_simulations_own() -> None:
    simulation = simulated()
    totals = load_totals(simulation)
    assert totals.rows == 25
    assert totals.control_sums() == {
        "current_limit": "276134.56",
        "new_limit": "288100.00",
        "increase": "11965.44",
        "would_be_limit": "288100.00",
    }
    assert totals.increase == round(simulation.total.effective_raise * 100)
    assert load_totals(simulation, "raised").increase == totals.increase


def test_totals_beyond_two_to_the_53_agree_to_the_last_minor_unit() -> None:
    limit = 10**13 - 1
    many = accounts([f"{n:05d}" for n in range(4_999)], credit_limit=limit)
    policy = Policy(
        limit_cap=None, rounding_step=Decimal("0.01"), min_increment=Decimal(0), raise_rate=0.37
    )
    simulation = simulate(portfolio_of(many), policy, Assumptions())
    wanted = 4_999 * (limit * 13_700 // 10_000 - limit)
    assert wanted > 2**53
    assert wanted != round(simulation.total.effective_raise * 100)
    assert load_totals(simulation).increase == simulation.total.effective_raise_minor == wanted


def test_a_list_that_disagrees_with_the_simulation_does_not_go_out() -> None:
    simulation = simulated()
    database = simulation.portfolio.door
    assert isinstance(database, EmbeddedDatabase)
    with contextlib.closing(database._owner.cursor()) as cursor:
        cursor.execute("UPDATE accounts SET score = 900 WHERE account_id = '0024'")
        cursor.execute("UPDATE accounts SET balance = 0, monthly_income = NULL")
    with pytest.raises(ExportError, match="does not add up to the simulation"):
        exported(simulation)


def test_the_private_copy_is_gone_afterwards() -> None:
    simulation = simulated()
    database = simulation.portfolio.door
    assert isinstance(database, EmbeddedDatabase)
    with accounts_on_disk(simulation) as listed:
        assert listed.path.parent == database.exports
    assert list(database.exports.iterdir()) == []


def test_a_locked_database_writes_nowhere_but_into_its_own_folder(tmp_path: Path) -> None:
    database = simulated().portfolio.door
    assert isinstance(database, EmbeddedDatabase)
    link = database.exports / "way_out"
    link.symlink_to(tmp_path)
    places = [tmp_path / "a.csv", database.exports / ".." / "a.csv", link / "a.csv"]
    with contextlib.closing(database._owner.cursor()) as cursor:
        for place in places:
            with pytest.raises(duckdb.PermissionException):
                cursor.execute(f"COPY accounts TO '{place}'")
        for statement in (
            "SET enable_external_access = true",
            "SET allowed_directories = ['/']",
            "SELECT * FROM read_text('/etc/hostname')",
            f"ATTACH '{tmp_path / 'x.duckdb'}'",
        ):
            with pytest.raises(duckdb.Error):
                cursor.execute(statement)
    assert list(tmp_path.iterdir()) == []


def test_rows_from_another_database_come_with_their_progress() -> None:
    simulation = simulated(portfolio_of(load_cases(), streamed=True))
    seen: list[tuple[int, int]] = []
    with accounts_on_disk(simulation, progress=lambda *told: seen.append(told)):
        pass
    assert seen == [(25, 25)]


def test_money_is_written_exactly() -> None:
    assert [money(n) for n in (0, 5, 99, 100, -1, -250_00, 10**13 + 1)] == [
        "0.00", "0.05", "0.99", "1.00", "-0.01", "-250.00", "100000000000.01",
    ]  # fmt: skip
