"""How a surface is read: its key, its table, its grid, and what it refuses."""

from __future__ import annotations

import time

import numpy as np
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.measures import MEASURES
from analytics.declared.parameters import BASIS_POINTS
from analytics.errors import ParameterError, PortfolioError
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results.surface import EVERY_PERCENT, load_surface, surface_key
from tests.oracle import load_cases
from tests.portfolios import portfolio_of


def test_an_unknown_measure_threshold_raise_or_segment_is_named(
    database: EmbeddedDatabase,
) -> None:
    portfolio = portfolio_of(load_cases(), database=database)
    surface = load_surface(portfolio, Policy(), Assumptions(), raises=(0, 500))
    with pytest.raises(ParameterError, match="did you mean expected_loss"):
        surface.increment("expected_los")
    with pytest.raises(ParameterError, match="off the score scale") as caught:
        surface.at(200, 0.07)
    assert "7 % is not on the surface" in caught.value.faults[1]
    with pytest.raises(PortfolioError, match="no segment 'colour'"):
        load_surface(portfolio, Policy(), Assumptions(), by="colour")


def test_threshold_raise_tiers_and_name_do_not_matter_to_the_key() -> None:
    tiers = (Tier(600, 0.05), Tier(700, 0.10))
    other = Policy(score_threshold=600, raise_rate=0.05, tiers=tiers, name="Other", note="x")
    assert surface_key(other) == surface_key(Policy())
    assert surface_key(Policy(constraints=("raised>=1",))) == surface_key(Policy())
    assert surface_key(Policy(limit_cap=None)) != surface_key(Policy())
    assert surface_key(Policy(holdout_rate=0.05)) != surface_key(Policy())


def test_a_surface_holds_the_flat_policies_of_its_rules_and_raises(
    database: EmbeddedDatabase,
) -> None:
    portfolio = portfolio_of(load_cases(), database=database)
    surface = load_surface(portfolio, Policy(), Assumptions())
    flat = Policy(score_threshold=700, raise_rate=0.07)
    for held in (flat, flat.with_changes(name="Other"), Policy(raise_rate=0.0)):
        assert surface.holds(held)
        surface.at(held.score_threshold, held.raise_rate)
    tiers = (Tier(700, 0.07), Tier(800, 0.08))
    assert not surface.holds(flat.with_changes(tiers=tiers))
    assert not surface.holds(flat.with_changes(raise_rate=0.125))
    assert not surface.holds(flat.with_changes(limit_cap=None)), "a policy of other rules"
    coarse = load_surface(portfolio, Policy(), Assumptions(), raises=(0, 1_250))
    assert coarse.holds(flat.with_changes(raise_rate=0.125))
    assert not coarse.holds(flat)


def test_the_table_has_one_row_a_policy_and_every_measure(database: EmbeddedDatabase) -> None:
    portfolio = portfolio_of(load_cases(), database=database)
    surface = load_surface(portfolio, Policy(), Assumptions())
    table = surface.table()
    assert len(table) == 601 * 101
    assert list(table.columns[:3]) == ["score_threshold", "raise_rate", "raised"]
    assert {m.name for m in MEASURES if not m.of_increment} <= set(table.columns)
    both = {"accounts", "raised"}
    assert {f"increment_{m.name}" for m in MEASURES if m.name not in both} <= set(table.columns)
    assert "increment_loss_per_new_exposure" in table.columns
    row = table[(table["score_threshold"] == 700) & (table["raise_rate"] == 0.2)].iloc[0]
    point = surface.at(700, 0.2)
    for measure in ("ead", "net_value", "loss_rate", "strained", "raised_share"):
        assert row[measure] == pytest.approx(point.proposed.get(measure), rel=1e-12)
        increment = point.increment.get(measure)
        assert row[f"increment_{measure}"] == pytest.approx(increment, rel=1e-9, abs=1e-12)
    assert table["raised"].dtype == np.int64


def test_a_display_grid_shows_true_values_with_both_ends(database: EmbeddedDatabase) -> None:
    portfolio = portfolio_of(load_cases(), database=database)
    surface = load_surface(portfolio, Policy(), Assumptions())
    grid = surface.display_grid("ead")
    assert grid.values.shape == (len(grid.scores), len(grid.raises)) == (60, 50)
    assert (grid.scores[0], grid.scores[-1]) == (350, 950)
    assert (grid.raises[0], grid.raises[-1]) == (0, 10_000)
    point = surface.at(int(grid.scores[17]), int(grid.raises[31]) / BASIS_POINTS)
    assert grid.values[17, 31] == pytest.approx(point.increment.ead, rel=1e-12)


def test_any_policy_of_a_surface_is_read_at_once(book: Portfolio) -> None:
    """No statement and no sum over accounts: less than a hundredth of what the surface takes."""
    started = time.perf_counter()
    surface = load_surface(book, Policy(), Assumptions())
    whole = time.perf_counter() - started
    took = []
    for points in EVERY_PERCENT:
        started = time.perf_counter()
        surface.at(700, points / BASIS_POINTS)
        took.append(time.perf_counter() - started)
    assert min(took) < max(whole / 100, 1e-3)
