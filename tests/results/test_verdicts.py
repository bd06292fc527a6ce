"""Verdicts: met, broken and by how much, or unknown; one policy and a whole surface agree."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.appetite import parse_appetite, parse_constraint
from analytics.assumptions import Assumptions
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.method.measures import Measures
from analytics.policy import Policy, Tier
from analytics.results.simulation import Group, Simulation, simulate
from analytics.results.surface import Surface, load_surface
from analytics.results.verdicts import (
    Outcome,
    State,
    figures,
    is_beyond_evidence,
    judge_group,
    outlook,
    within,
    within_evidence,
)
from analytics.shown import words
from tests.oracle import load_cases
from tests.portfolios import portfolio_of

POLICY = Policy(score_threshold=650)


@pytest.fixture(scope="module")
def simulation(database: EmbeddedDatabase) -> Simulation:
    return simulate(portfolio_of(load_cases(), database=database), POLICY, Assumptions())


@pytest.fixture(scope="module")
def surface(simulation: Simulation) -> Surface:
    return load_surface(simulation.portfolio, POLICY, Assumptions())


@pytest.fixture(scope="module")
def alone(simulation: Simulation) -> dict[tuple[int, int], Group]:
    """Return single policies by threshold and raise in percent, each run alone."""
    found = {}
    for threshold in (350, 600, 700, 800):
        for percent in (0, 5, 20, 100):
            policy = Policy(score_threshold=threshold, raise_rate=percent / 100)
            total = simulate(simulation.portfolio, policy, Assumptions()).total
            found[threshold, percent] = total
    return found


def test_verdicts_say_met_or_broken_and_by_how_much(simulation: Simulation) -> None:
    increment = simulation.total.increment
    assert increment
    assert increment.raised
    appetite = parse_appetite(
        f"raised_increment<={increment.raised}; raised_increment<={increment.raised - 1}; "
        f"limit_increment>={increment.limit + 250}; loss_rate<=100%"
    )
    met, broken, short, rate = judge_group(appetite, simulation.total)
    assert (met.state, met.excess) == (State.MET, 0)
    assert (broken.state, broken.excess) == (State.BROKEN, 1)
    assert "broken by 1, " in words.verdict_sentence(broken)
    assert (short.state, short.excess) == (State.BROKEN, 250)
    assert "broken by 250" in words.verdict_sentence(short)
    assert rate.state is State.MET
    assert rate.figure == simulation.total.proposed.loss_rate  # type: ignore[union-attr]


def test_a_relative_increment_is_of_the_size_of_the_baseline(simulation: Simulation) -> None:
    (verdict,) = judge_group(parse_appetite("ead_increment_rate<=0"), simulation.total)
    assert verdict.figure == pytest.approx(
        simulation.total.increment.ead / simulation.total.baseline.ead  # type: ignore[union-attr]
    )
    constraint = parse_constraint("net_value_increment_rate<=10%")
    assert constraint.figure(-200.0, -150.0, 50.0) == 0.25
    assert constraint.figure(0.0, 0.0, 0.0) == 0.0
    assert constraint.figure(0.0, 5.0, 5.0) == np.inf


def test_nothing_raised_breaks_no_bound_on_the_price_of_new_exposure(
    simulation: Simulation,
) -> None:
    nobody = simulate(simulation.portfolio, Policy(score_threshold=950), Assumptions())
    (verdict,) = judge_group(parse_appetite("loss_per_new_exposure<=0"), nobody.total)
    assert verdict.state is State.MET
    assert "nothing to measure" in words.verdict_sentence(verdict)


def test_without_incomes_a_bound_on_strained_customers_is_named_as_not_applied() -> None:
    frame = load_cases().drop(columns="monthly_income")
    portfolio = portfolio_of(frame, database=EmbeddedDatabase())
    appetite = parse_appetite("strained_increment<=0; raised>=0")
    verdicts = judge_group(appetite, simulate(portfolio, POLICY, Assumptions()).total)
    assert [verdict.state for verdict in verdicts] == [State.UNKNOWN, State.MET]
    assert "not applied" in words.verdict_sentence(verdicts[0])
    assert [c.measure for c in appetite.not_applied(incomes=False)] == ["strained"]
    assert within(appetite, load_surface(portfolio, POLICY, Assumptions())).all()
    portfolio.door.close()


@pytest.mark.parametrize(
    "text",
    [
        "ead_increment_rate<=1%",
        "loss_rate<=8%",
        "loss_per_new_exposure<=3%",
        "strained_increment<=0",
        "net_value_increment>=0",
        "return_on_capital_increment>=0",
        "npv>=0",
        "payback_months<=6",
        "loss_rate_on_balance<=9%",
        "thin_cover_increment<=-1",
        "raised_share<=20%; limit_increment<=20000",
    ],
)
def test_the_region_on_a_surface_is_where_single_policies_are_met(
    surface: Surface, alone: dict[tuple[int, int], Group], text: str
) -> None:
    appetite = parse_appetite(text)
    region = within(appetite, surface)
    for (threshold, percent), total in alone.items():
        met = all(verdict.state is State.MET for verdict in judge_group(appetite, total))
        assert region[threshold - 350, percent] == met
    assert figures(surface, appetite.constraints[0]).shape == surface.shape


def test_the_outlook_is_of_the_response_in_force_between_the_lowest_and_the_highest(
    simulation: Simulation,
) -> None:
    increment = simulation.total.increment
    assert increment

    def worth(npv: float, raised: int = 5) -> Measures:
        return dataclasses.replace(increment, npv=npv, raised=raised, payback_months=4)

    under = {"low": worth(-2.0), "central": worth(3.0), "high": worth(9.0)}
    found = outlook(worth(3.0), under, 36)
    assert (found.value, found.payback_months, found.horizon_months) == (3.0, 4, 36)
    assert (found.lowest, found.highest) == (("low", -2.0), ("high", 9.0))
    assert found.outcome is Outcome.UNCERTAIN
    assert outlook(worth(-1.0), under, 36).outcome is Outcome.UNCERTAIN
    assert outlook(worth(3.0), {}, 36).outcome is Outcome.PAYS
    assert outlook(worth(-3.0), {"low": worth(-2.0)}, 36).outcome is Outcome.LOSES
    assert outlook(worth(0.0, raised=0), {}, 36).outcome is Outcome.NOTHING


@pytest.mark.parametrize(
    ("changes", "beyond"),
    [
        ({"raise_rate": EVIDENCE_RAISE}, False),
        ({"raise_rate": EVIDENCE_RAISE + 0.0001}, True),
        ({"tiers": (Tier(650, 0.30), Tier(800, 0.25))}, False),
        ({"tiers": (Tier(650, 0.05), Tier(800, 0.35))}, True),
    ],
)
def test_the_evidence_ends_at_thirty_percent_of_any_tier(
    surface: Surface, changes: dict[str, Any], beyond: bool
) -> None:
    assert EVIDENCE_RAISE == 0.30
    policy = Policy(**({"score_threshold": 650} | changes))
    assert is_beyond_evidence(policy) == beyond
    assert within_evidence(surface)[0].tolist() == [True] * 31 + [False] * 70


def test_a_portfolio_without_accounts_breaks_nothing() -> None:
    portfolio = portfolio_of(load_cases().iloc[:0], database=EmbeddedDatabase())
    verdicts = judge_group(
        parse_appetite("raised>=10"), simulate(portfolio, POLICY, Assumptions()).total
    )
    assert [verdict.state for verdict in verdicts] == [State.MET]
    portfolio.door.close()
