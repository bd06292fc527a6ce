"""What one rule alone keeps from a raise, against the oracle; near misses and ranks."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.choices import SingleRule
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results.simulation import simulate
from analytics.results.treatments import TreatmentGroup, load_treatments
from analytics.results.whitespace import Whitespace, load_whitespace
from tests.drawn import SCALES, assumption_sets, frames, policies
from tests.memory import Remembering
from tests.pages.driver import statements
from tests.portfolios import portfolio_of
from tests.results.treating import many_accounts, whitespace_differences

OFF = {
    "closed": {"closed": False},
    "opted_out": {"opted_out": False},
    "past_due_12m": {"past_due_12m": None},
    "wait": {"too_new": None, "recent_limit_change": None},
    "utilization_out_of_range": {"utilization_out_of_range": False},
    "unknown_data": {"unknown_cells": "pass"},
    "at_limit_cap": {"limit_cap": None},
    "at_income_multiple": {"income_multiple": None},
    "unaffordable": {"affordability": False},
}
"""What switches the one rule off."""
POLICY = Policy(
    score_threshold=500,
    limit_cap=Decimal("60000.5"),
    income_multiple=2.0,
    utilization_max=0.95,
    min_increment=Decimal(0),
)


@pytest.fixture(scope="module")
def large() -> pd.DataFrame:
    return many_accounts(5)


@pytest.fixture
def portfolio(large: pd.DataFrame, database: EmbeddedDatabase) -> Portfolio:
    return portfolio_of(large, segments=["region"], database=database)


@pytest.mark.timeout(900)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_random_portfolios_give_the_oracles_whitespace(
    data: st.DataObject, database: EmbeddedDatabase
) -> None:
    scale = data.draw(st.sampled_from(SCALES), label="scale")
    largest = data.draw(st.sampled_from([10**6, 10**8, 10**13]), label="largest limit")
    frame = data.draw(frames(scale, largest), label="accounts")
    policy = data.draw(policies(scale, largest), label="policy")
    assumptions = data.draw(assumption_sets(scale), label="assumptions")
    portfolio = portfolio_of(frame, segments=["region"], scale=scale, database=database)
    by = data.draw(st.sampled_from([None, "region"]), label="by")
    assert whitespace_differences(portfolio, frame, policy, assumptions, by) == []


@pytest.mark.parametrize(
    "assumptions",
    [
        Assumptions(),
        Assumptions(consent_mode="opt_in", response_form="linear", action_cost=2.5),
        Assumptions(capital_approach="irb_qrre"),
    ],
    ids=["default", "opt-in", "irb"],
)
@pytest.mark.parametrize("days", [None, 30])
def test_one_large_portfolio_with_every_rule_gives_the_oracles_figures(
    portfolio: Portfolio, large: pd.DataFrame, assumptions: Assumptions, days: int | None
) -> None:
    policy = POLICY.with_changes(temporary_days=days, holdout_rate=0.1)
    assert whitespace_differences(portfolio, large, policy, assumptions, "region") == []
    rows = load_whitespace(portfolio, policy, assumptions).rows
    assert {row.rule for row in rows} == set(SingleRule)


@pytest.mark.parametrize("rule", OFF)
def test_a_rules_accounts_are_those_that_are_raised_once_it_is_off(
    portfolio: Portfolio, rule: str
) -> None:
    """Of rules whose columns are known throughout; accounts that were raised stay so."""
    found = load_whitespace(portfolio, POLICY, Assumptions())
    row = next(row for row in found.rows if row.rule == rule)
    before = simulate(portfolio, POLICY, Assumptions()).total
    after = simulate(portfolio, POLICY.with_changes(**OFF[rule]), Assumptions()).total
    assert row.reachable.accounts <= after.raised - before.raised
    if rule in ("closed", "opted_out", "past_due_12m", "utilization_out_of_range", "unknown_data"):
        assert before.increment is not None
        assert after.increment is not None
        assert row.reachable.accounts == after.raised - before.raised
        more = after.increment.net_value - before.increment.net_value
        assert row.reachable.net_value == pytest.approx(more, rel=1e-6, abs=1e-3)
        worth = (after.increment.npv or 0) - (before.increment.npv or 0)
        assert row.reachable.npv == pytest.approx(worth, rel=1e-6, abs=1e-3)


def test_near_misses_are_raised_at_the_first_tiers_rate(portfolio: Portfolio) -> None:
    policy = POLICY.with_changes(
        score_threshold=560, tiers=(Tier(560, 0.1), Tier(650, 0.3)), raise_rate=0.1
    )
    near = load_whitespace(portfolio, policy, Assumptions()).near_misses
    lower = policy.with_changes(score_threshold=550, tiers=(Tier(550, 0.1), Tier(650, 0.3)))
    before = simulate(portfolio, policy, Assumptions()).total
    after = simulate(portfolio, lower, Assumptions()).total
    assert near.points == 10
    assert near.reachable.accounts == after.raised - before.raised > 0
    assert near.reachable.limit == pytest.approx(after.effective_raise - before.effective_raise)


def test_the_hold_out_changes_no_whitespace(portfolio: Portfolio) -> None:
    without = load_whitespace(portfolio, POLICY, Assumptions(), by="region")
    held = load_whitespace(
        portfolio, POLICY.with_changes(holdout_rate=0.3), Assumptions(), by="region"
    )
    for first, second in zip(without.rows, held.rows, strict=True):
        assert (first.rule, first.reachable.accounts) == (second.rule, second.reachable.accounts)
    assert without.near_misses.reachable.accounts == held.near_misses.reachable.accounts


def test_rows_are_ranked_by_npv_from_30_accounts_on(portfolio: Portfolio) -> None:
    found = load_whitespace(portfolio, POLICY, Assumptions(), by="region")
    for rows in (found.rows, found.by_segment):
        ranked = [row for row in rows if row.rank]
        assert [row.rank for row in ranked] == list(range(1, len(ranked) + 1))
        npvs = [row.reachable.npv for row in ranked]
        assert npvs == sorted(npvs, reverse=True)
        assert all((row.reachable.accounts >= 30) is (row.rank is not None) for row in rows)
    assert any(row.rank is None for row in found.by_segment)


def test_rows_of_a_segment_sum_to_those_of_the_portfolio(portfolio: Portfolio) -> None:
    found = load_whitespace(portfolio, POLICY, Assumptions(), by="region")
    for row in found.rows:
        parts = [one.reachable for one in found.by_segment if one.rule is row.rule]
        assert sum(part.accounts for part in parts) == row.reachable.accounts
        assert sum(part.npv for part in parts) == pytest.approx(row.reachable.npv, abs=1e-6)
    parts = [one.reachable.accounts for one in found.near_misses_by_segment]
    assert sum(parts) == found.near_misses.reachable.accounts


def test_the_wait_is_until_the_last_account_passes_both_rules(portfolio: Portfolio) -> None:
    rows = load_whitespace(portfolio, POLICY, Assumptions()).rows
    waits = {row.rule: row.wait_months for row in rows}
    assert 1 < (waits.pop(SingleRule.WAIT) or 0) <= 6
    assert set(waits.values()) == {None}


def test_treatments_and_whitespace_are_one_statement(portfolio: Portfolio) -> None:
    memo = Remembering()
    with statements() as seen:
        load_treatments(portfolio, POLICY, Assumptions(), by="region", memo=memo)
        load_whitespace(portfolio, POLICY, Assumptions(), by="region", memo=memo)
        named = POLICY.with_changes(name="Spring", message_holdout_rate=0.5)
        load_treatments(portfolio, named, Assumptions(), by="region", memo=memo)
        higher = POLICY.with_changes(score_threshold=POLICY.score_threshold + 40)
        load_treatments(portfolio, higher, Assumptions(), by="region", memo=memo)
        load_whitespace(portfolio, higher, Assumptions(), by="region", memo=memo)
    assert len(seen) == 1


TIERED = POLICY.with_changes(
    score_threshold=600, tiers=(Tier(600, 0.05), Tier(700, 0.15), Tier(760, 0.3))
)


@pytest.mark.parametrize("score_threshold", [350, 600, 655, 700, 705, 765, 950])
@pytest.mark.parametrize("base", [POLICY, TIERED], ids=["flat", "tiers"])
def test_read_for_one_threshold_or_for_all_the_figures_are_the_same(
    large: pd.DataFrame, database: EmbeddedDatabase, base: Policy, score_threshold: int
) -> None:
    """Near misses below a tier get the rate of the first tier that is left, whichever is read."""
    portfolio = portfolio_of(large, segments=["region"], database=database)
    policy = base.at_threshold(score_threshold)
    both = [
        (
            load_treatments(
                portfolio, policy, Assumptions(), by="region", every_threshold=every_threshold
            ),
            load_whitespace(
                portfolio, policy, Assumptions(), by="region", every_threshold=every_threshold
            ),
        )
        for every_threshold in (True, False)
    ]
    (treated, untapped), (treated_alone, untapped_alone) = both
    assert _figures(treated.total, *treated.groups, *treated.bands) == pytest.approx(
        _figures(treated_alone.total, *treated_alone.groups, *treated_alone.bands), rel=1e-12
    )
    assert _reached(untapped) == pytest.approx(_reached(untapped_alone), rel=1e-9)
    assert list(_reached(untapped)) == list(_reached(untapped_alone))


def _figures(*groups: TreatmentGroup) -> list[float]:
    return [
        value
        for group in groups
        for found in group.figures
        for value in (
            found.accounts,
            found.limit,
            found.balance,
            found.expected_loss,
            found.foregone_net_value,
        )
    ]


def _reached(found: Whitespace) -> dict[tuple[str, str | None, str], float]:
    """Return every figure by its rule (or near miss), group and name, ranks included."""
    named: dict[tuple[str, str | None, str], float] = {}
    near = (found.near_misses, *found.near_misses_by_segment)
    several = [(str(row.rule), row.label, row.reachable) for row in found.rows + found.by_segment]
    several += [("near", one.label, one.reachable) for one in near]
    for rule, label, reachable in several:
        for name in ("accounts", "limit", "net_value", "npv"):
            named[rule, label, name] = getattr(reachable, name)
    for row in found.rows + found.by_segment:
        named[str(row.rule), row.label, "rank"] = row.rank or 0
        named[str(row.rule), row.label, "wait_months"] = row.wait_months or 0
    return named


def test_a_wait_ends_months_after_the_day_of_the_balances(
    large: pd.DataFrame, database: EmbeddedDatabase
) -> None:
    policy = Policy(score_threshold=600)
    ends = []
    for day in (dt.date(2026, 10, 31), None):
        dated = dataclasses.replace(portfolio_of(large, database=database), as_of=day)
        rows = load_whitespace(dated, policy, Assumptions()).rows
        (wait,) = (row for row in rows if row.rule is SingleRule.WAIT)
        assert wait.wait_months == 4
        ends.append(wait.wait_until)
        assert all(row.wait_until is None for row in rows if row is not wait)
    assert ends == [dt.date(2027, 2, 28), None]
