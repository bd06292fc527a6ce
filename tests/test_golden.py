"""Golden results: policies over the stylised accounts, to the last digit that may be relied upon.

``tests/expected/NAME.csv`` holds the whole portfolio, ``NAME_accounts.csv`` every account.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.choices import UnknownCells
from analytics.declared.measures import MEASURES
from analytics.policy import Policy, Tier
from analytics.results.simulation import Group, Simulation, simulate
from tests import oracle
from tests.portfolios import differences, oracle_assumptions, oracle_policy, portfolio_of

HERE = Path(__file__).resolve().parent
EXPECTED, ACTUAL = HERE / "expected", HERE / "actual"
ACCOUNT = "account"
Table = list[list[str]]


@dataclass(frozen=True, slots=True)
class Golden:
    """A policy and assumptions whose results are kept."""

    name: str
    policy: Policy
    assumptions: Assumptions = field(default_factory=Assumptions)
    file: str = "accounts.csv"


CENTS = Decimal("0.01")
GOLDEN = (
    Golden("default", Policy()),
    Golden("everybody", Policy(score_threshold=350)),
    Golden(
        "no_rules",
        Policy(
            score_threshold=350,
            raise_rate=0.1255,
            limit_cap=None,
            income_multiple=None,
            rounding_step=CENTS,
            min_increment=Decimal(0),
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
        ),
    ),
    Golden(
        "tiers",
        Policy(score_threshold=600, tiers=(Tier(600, 0.05), Tier(700, 0.15), Tier(820, 0.4))),
        Assumptions(action_cost=2.5),
    ),
    Golden(
        "tight_caps",
        Policy(
            score_threshold=500,
            raise_rate=0.5,
            limit_cap=Decimal(21_500),
            income_multiple=2.5,
            max_increment=Decimal("1999.99"),
            rounding_step=Decimal(50),
            utilization_min=0.2,
            utilization_max=0.9,
        ),
    ),
    Golden(
        "linear_opt_in",
        Policy(score_threshold=550),
        Assumptions(response_form="linear", consent_mode="opt_in"),
    ),
    Golden(
        "high_preset_irb",
        Policy(score_threshold=350),
        Assumptions(capital_approach="irb_qrre").with_preset("high"),
    ),
    Golden(
        "other_retail_held_out",
        Policy(score_threshold=650, holdout_rate=0.4, policy_seed="golden"),
        Assumptions(capital_approach="irb_other_retail", credit_conversion_factor=0.5),
    ),
    Golden(
        "held_out_last",
        Policy(score_threshold=350, holdout_rate=0.5, policy_seed="last"),
    ),
    Golden("unknown_pass", Policy(score_threshold=350, unknown_cells=UnknownCells.PASS)),
    Golden(
        "thirty_days",
        Policy(score_threshold=600, temporary_days=30),
        Assumptions(action_cost=0.5),
    ),
    Golden(
        "limit_driver_cecl",
        Policy(score_threshold=600, raise_rate=0.3),
        Assumptions(pd_uplift_driver="limit", provisioning="cecl", action_cost=2.0),
    ),
    Golden("payers", Policy(score_threshold=600), file="payers.csv"),
    Golden(
        "payers_multiple",
        Policy(score_threshold=600, income_multiple=1.4, affordability=False),
        Assumptions(response_form="linear", horizon_months=12, provisioning="none"),
        file="payers.csv",
    ),
)


@pytest.fixture
def accounts(golden: Golden) -> pd.DataFrame:
    cases = oracle.portfolio_from_csv(HERE / "cases" / golden.file)
    return cases.assign(**{ACCOUNT: cases["account_id"]})


@pytest.fixture(params=GOLDEN, ids=lambda golden: golden.name)
def golden(request: pytest.FixtureRequest) -> Golden:
    found: Golden = request.param
    return found


@pytest.fixture
def simulation(golden: Golden, accounts: pd.DataFrame, database: EmbeddedDatabase) -> Simulation:
    portfolio = portfolio_of(accounts, segments=[ACCOUNT], database=database)
    return simulate(portfolio, golden.policy, golden.assumptions, by=ACCOUNT)


def test_results_are_the_golden_ones(golden: Golden, simulation: Simulation) -> None:
    tables = {
        f"{golden.name}.csv": total_table(simulation.total),
        f"{golden.name}_accounts.csv": accounts_table(simulation),
    }
    faults = [fault for name, table in tables.items() if (fault := mismatch(name, table))]
    assert not faults, "\n\n".join(faults)


def test_golden_results_are_the_oracles(
    golden: Golden, simulation: Simulation, accounts: pd.DataFrame
) -> None:
    assumptions = golden.assumptions
    policy = oracle_policy(golden.policy)
    expected = oracle.simulate(accounts, policy, oracle_assumptions(assumptions), by=ACCOUNT)
    assert differences(simulation.total, expected, assumptions, incomes=True) == []
    for group in simulation.groups:
        wanted = expected["groups"][group.label]
        assert differences(group, wanted, assumptions, incomes=True) == []


def test_every_kept_file_belongs_to_a_golden_result() -> None:
    names = {f"{golden.name}{part}.csv" for golden in GOLDEN for part in ("", "_accounts")}
    assert {path.name for path in EXPECTED.iterdir()} == names


def test_a_figure_that_moves_is_found_written_and_said_how_to_accept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "ACTUAL", tmp_path / "actual")
    kept = EXPECTED / "default.csv"
    table = list(csv.reader(io.StringIO(kept.read_text(encoding="utf-8"))))
    assert mismatch("default.csv", table) is None
    row = next(row for row in table if row[0] == "expected_loss")
    row[2] = repr(float(row[2]) * (1 + 1e-8))
    fault = mismatch("default.csv", table) or ""
    assert "expected_loss" in fault
    assert "To accept" in fault
    assert (tmp_path / "actual" / "default.csv").is_file()
    row[2] = repr(float(row[2]) * (1 - 1e-8) * (1 + 1e-12))
    assert mismatch("default.csv", table) is None
    assert not (tmp_path / "actual" / "default.csv").exists()


# ---- Tables


def total_table(total: Group) -> Table:
    """Return figure, baseline, proposed, increment; figures without two sides stand last."""
    table = [["figure", "baseline", "proposed", "increment"]]
    sides = (total.baseline, total.proposed, total.increment)
    for measure in MEASURES:
        values = [side.get(measure.name) if side else None for side in sides]
        table.append([measure.name, *map(cell, values)])
    single: dict[str, float | None] = {
        name: getattr(total, name)
        for name in ("expected_takers", "headline_raise", "effective_raise")
    }
    single |= {f"expected_loss:{n}": value for n, value in total.expected_loss_parts.items()}
    for reason, (count, limit) in total.reasons.items():
        single |= {f"reason:{reason}:accounts": count, f"reason:{reason}:limit": limit}
    single |= {f"binding:{name}": count for name, count in total.binding.items()}
    table.extend([name, "", "", cell(value)] for name, value in single.items())
    return table


def accounts_table(simulation: Simulation) -> Table:
    """Return one row an account: its reason, and what its limit, balance and risk become."""
    figures = ("limit", "balance", "ead", "projected_defaults", "expected_loss", "net_value")
    heads = [f"{name}_{side}" for name in figures for side in ("before", "after")]
    table = [["account", "reason", "binding", *heads]]
    for group in simulation.groups:
        reason = next(name for name, (count, _) in group.reasons.items() if count)
        binding = next((name for name, count in group.binding.items() if count), "")
        before, after = group.baseline, group.proposed
        values = [side.get(name) if side else None for name in figures for side in (before, after)]
        table.append([group.label, reason, binding, *map(cell, values)])
    return table


def cell(value: float | None) -> str:
    """Return a figure in full precision; nothing where it is undefined."""
    return "" if value is None else repr(value)


# ---- Comparison


def mismatch(name: str, table: Table) -> str | None:
    """Return what differs from the kept file and how to accept it, after writing the actual one."""
    kept = EXPECTED / name
    text = kept.read_text(encoding="utf-8") if kept.is_file() else ""
    rows = list(csv.reader(io.StringIO(text)))
    found = [f"{len(table)} rows, not {len(rows)}"] if len(table) != len(rows) else []
    for actual, expected in zip(table, rows, strict=False):
        for head, value, wanted in zip(table[0], actual, expected, strict=True):
            if not same(value, wanted):
                found.append(
                    f"{actual[0]}, {head}: {value or 'nothing'}, not {wanted or 'nothing'}"
                )
    written = ACTUAL / name
    if not found:
        written.unlink(missing_ok=True)
        return None
    written.parent.mkdir(parents=True, exist_ok=True)
    with written.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(table)
    return (
        f"{kept} differs from what the engine gives now:\n  " + "\n  ".join(found[:20]) + "\n"
        f"To accept: cp {written} {kept}\n"
        "and say in CHANGELOG.md which numbers move, and why."
    )


def same(value: str, wanted: str) -> bool:
    """Whether two cells are equal, numbers to 1e-9."""
    if value == wanted:
        return True
    try:
        return math.isclose(float(value), float(wanted), rel_tol=1e-9, abs_tol=1e-9)
    except ValueError:
        return False
