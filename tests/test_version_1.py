"""Version 1 of the method is a special case of version 2: old policies keep their old limits."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field

import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.choices import UnknownCells
from analytics.export import load_stated
from analytics.results.simulation import Simulation, simulate
from tests import oracle
from tests.places import VERSION_1
from tests.portfolios import portfolio_of

ACCOUNT = "account"
OLD_FIGURES = ("raised", "limit", "balance", "headroom", "ead", "projected_defaults",
               "defaulted_exposure", "expected_loss", "default_rate", "loss_rate",
               "loss_per_new_exposure", "action_cost", "strained", "over_indebted",
               "relieved")  # fmt: skip
"""Figures of both versions that version 2 did not define anew."""
OF_ACCOUNTS = ("limit", "balance", "ead", "projected_defaults", "expected_loss")


@dataclass(frozen=True, slots=True)
class Old:
    """A policy of version 1, and the assumptions that its figures were made under."""

    name: str
    assumptions: dict[str, object] = field(default_factory=dict)


OLD = (
    Old("default"),
    Old("everybody"),
    Old("no_rules"),
    Old("tiers", {"action_cost": 2.5}),
    Old("tight_caps"),
    Old("linear_opt_in", {"response_form": "linear", "consent_mode": "opt_in"}),
)


@pytest.fixture(params=OLD, ids=lambda old: old.name)
def old(request: pytest.FixtureRequest) -> Old:
    found: Old = request.param
    return found


@pytest.fixture
def simulation(old: Old, database: EmbeddedDatabase) -> Simulation:
    cases = oracle.load_cases()
    accounts = cases.assign(**{ACCOUNT: cases["account_id"]})
    portfolio = portfolio_of(accounts, segments=[ACCOUNT], database=database)
    policy = load_stated(VERSION_1 / f"{old.name}_policy.csv").policy
    assumptions = Assumptions(pd_uplift_driver="limit", **old.assumptions)  # type: ignore[arg-type]
    return simulate(portfolio, policy, assumptions, by=ACCOUNT)


def rows(name: str) -> list[dict[str, str]]:
    with (VERSION_1 / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def same(value: float | None, wanted: str) -> bool:
    if value is None or not wanted:
        return value is None and not wanted
    return math.isclose(value, float(wanted), rel_tol=1e-9, abs_tol=1e-9)


def test_an_old_policy_file_gives_its_old_totals(old: Old, simulation: Simulation) -> None:
    table = {row["figure"]: row for row in rows(f"{old.name}.csv")}
    total = simulation.total
    for name in OLD_FIGURES:
        for side in ("baseline", "proposed", "increment"):
            value = getattr(total, side).get(name)
            assert same(value, table[name][side]), (name, side, value, table[name][side])
    for name in ("headline_raise", "effective_raise", "expected_takers"):
        assert same(getattr(total, name), table[name]["increment"]), name


def test_an_old_policy_file_gives_every_account_its_old_limit_and_risk(
    old: Old, simulation: Simulation
) -> None:
    groups = {group.label: group for group in simulation.groups}
    for row in rows(f"{old.name}_accounts.csv"):
        group = groups[row[ACCOUNT]]
        reason = next(name for name, (count, _) in group.reasons.items() if count)
        assert (reason == "raised") == (row["reason"] == "raised"), row[ACCOUNT]
        for name in OF_ACCOUNTS:
            for side, suffix in (("baseline", "before"), ("proposed", "after")):
                value = getattr(group, side).get(name)
                assert same(value, row[f"{name}_{suffix}"]), (row[ACCOUNT], name, side)


def test_an_old_file_stands_as_it_did_and_says_so(old: Old, simulation: Simulation) -> None:
    stated = load_stated(VERSION_1 / f"{old.name}_policy.csv")
    policy = stated.policy
    assert stated.context.method_version == 1
    assert (stated.context.scale, stated.context.currency) == (None, None)
    assert policy.affordability is False
    assert policy.unknown_cells is UnknownCells.PASS
    assert policy.temporary_days is None
    assert policy.income_multiple == {"no_rules": None, "tight_caps": 2.5}.get(old.name, 4)
    assert stated.faults_on(simulation.portfolio) == []
    first, second, currency, scale = stated.notes_on(simulation.portfolio, Assumptions())
    assert "version 1 of the method" in first
    assert "affordability = off, unknown_cells = pass, temporary_days = none, " in first
    assert "message_holdout_rate = 0.0)" in first
    for words in ("pd_uplift_driver = limit", "but for accounts of tiny balances",
                  "Retained value", "capital charge", "hold-out"):  # fmt: skip
        assert words in second
    assert "taken to be in CNY" in currency
    assert "taken to be on 350-950" in scale
