"""Tables hold the figures in full: parts sum to the whole, and what is undefined is empty."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics.assumptions import Assumptions
from analytics.declared.measures import MEASURES
from analytics.method.guardrails import REASONS
from analytics.policy import Policy
from analytics.results import simulation
from analytics.results.simulation import Simulation, Sweep
from analytics.shown import tables
from tests.oracle import load_cases
from tests.portfolios import portfolio_of

SUMMED = (
    "accounts",
    "raised",
    "limit_increment",
    "ead_increment",
    "projected_defaults_increment",
    "expected_loss_increment",
    "net_value_increment",
    "npv",
    "thin_cover_increment",
)


@pytest.fixture(scope="module")
def sweep() -> Sweep:
    portfolio = portfolio_of(load_cases(), segments=("region",))
    return simulation.sweep(portfolio, Policy(), Assumptions(), by="region")


@pytest.fixture(scope="module")
def simulated(sweep: Sweep) -> Simulation:
    return sweep.at(800)


def test_the_bands_sum_to_the_row_of_totals_above_them(simulated: Simulation) -> None:
    table = tables.bands_table(simulated)
    total, bands = table.iloc[0], table.iloc[1:]
    assert total["band"] == "Total"
    for name in SUMMED:
        assert bands[name].sum() == pytest.approx(total[name], rel=1e-12), name
    assert bands["share_of_increment"].sum() == pytest.approx(1)


def test_the_highest_band_comes_first(simulated: Simulation) -> None:
    bands = tables.bands_table(simulated)["band"][1:]
    edges = [int(band.split("-")[0].rstrip("+")) for band in bands]
    assert edges == sorted(edges, reverse=True)


def test_a_band_without_accounts_is_null_and_not_zero() -> None:
    frame = load_cases()
    high = portfolio_of(frame[frame["score"] >= 700].reset_index(drop=True))
    table = tables.bands_table(simulation.simulate(high, Policy(), Assumptions()))
    empty = table[table["accounts"] == 0]
    assert len(empty) == 4
    names = ["raised_share", "mean_limit_before", "default_rate", "ead_increment", "utilization"]
    assert empty[names].isna().all(axis=None)


def test_nothing_raised_has_no_price_and_no_share(sweep: Sweep) -> None:
    table = tables.bands_table(sweep.at(950))
    assert table["raised"].sum() == 0
    assert table[["loss_per_new_exposure", "share_of_increment"]].isna().all(axis=None)


def test_every_measure_has_a_row_with_its_increment(simulated: Simulation) -> None:
    table = tables.measures_table(simulated.total).set_index("measure")
    assert list(table.index) == [measure.name for measure in MEASURES]
    whole = [m.name for m in MEASURES if not m.of_increment]
    known = table.loc[whole].astype({"baseline": float, "proposed": float, "increment": float})
    difference = known["proposed"] - known["baseline"]
    pd.testing.assert_series_equal(
        known["increment"], difference, rtol=1e-6, atol=1e-6, check_names=False
    )


def test_measures_that_are_undefined_are_empty(sweep: Sweep) -> None:
    table = tables.measures_table(sweep.at(950).total).set_index("measure")
    unknown = table["increment"].isna()
    assert unknown["loss_per_new_exposure"]
    assert not unknown["expected_loss"]
    bare = load_cases().drop(columns=["monthly_income"])
    found = simulation.simulate(portfolio_of(bare), Policy(), Assumptions())
    row = tables.measures_table(found.total).set_index("measure").loc["strained"]
    assert row[["baseline", "proposed", "increment"]].isna().all()


def test_the_outcomes_account_for_everybody_in_the_order_of_the_rules(
    simulated: Simulation,
) -> None:
    table = tables.reasons_table(simulated.total)
    assert tuple(table["reason"]) == REASONS
    assert table["title"].is_unique
    assert simulated.total.baseline
    assert table["accounts"].sum() == simulated.total.baseline.accounts
    assert table["limit"].sum() == pytest.approx(simulated.total.baseline.limit)


def test_why_accounts_at_the_threshold_are_not_raised_leaves_idle_rules_out(
    simulated: Simulation,
) -> None:
    table = tables.not_raised_table(simulated.total)
    assert not {"raised", "score_below_threshold"} & set(table["reason"])
    assert (table["accounts"] > 0).all()
    group = simulated.total
    assert table["accounts"].sum() == group.at_threshold - group.raised


def test_each_threshold_has_the_increments_of_its_own_simulation(sweep: Sweep) -> None:
    table = tables.thresholds_table(sweep).set_index("score_threshold")
    assert list(table.index) == list(range(350, 951))
    for threshold in (350, 700, 805, 950):
        increment = sweep.at(threshold).total.increment
        assert increment
        for name in ("raised", "limit", "balance", "ead", "projected_defaults", "expected_loss"):
            wanted = pytest.approx(getattr(increment, name), abs=1e-9)
            assert table[name][threshold] == wanted, name
        assert table["net_value"][threshold] == pytest.approx(increment.net_value)
        assert table["npv"][threshold] == pytest.approx(increment.npv, abs=1e-9)


def test_the_months_are_listed_under_each_response(simulated: Simulation) -> None:
    timeline = simulated.total.timeline
    assert timeline
    table = tables.months_table({"low": timeline, "high": timeline})
    assert list(table["response"].unique()) == ["low", "high"]
    assert list(table.loc[table["response"] == "high", "month"]) == list(range(1, 43))
    assert table["cumulated"].iloc[-1] == pytest.approx(timeline.cumulated[-1])
    assert list(tables.months_table({})) == ["response"]
