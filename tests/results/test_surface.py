"""The surface held against policies run alone: random portfolios, real cards, the sample book."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.measures import MEASURES
from analytics.declared.parameters import BASIS_POINTS, basis_points
from analytics.declared.scales import SESAME
from analytics.errors import ParameterError, PortfolioError
from analytics.method.measures import SUM_NAMES
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results.simulation import Group, load_baseline, simulate
from analytics.results.surface import EVERY_PERCENT, Point, Surface, load_surface, surface_key
from analytics.results.surface.products import lagrange
from tests.oracle import load_cases, portfolio_from_csv
from tests.portfolios import frame_from_parquet, portfolio_of
from tests.results.test_simulation import SCALES, assumption_sets, frames, policies, random_accounts

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "huabei_like.parquet"
COUNTS = ("accounts", "raised", "limit", "relieved", "strained", "over_indebted")
ROUNDING = 1e-13
"""What floating point leaves, as a share of the amounts that a figure is the difference of."""


@pytest.fixture(scope="module")
def database() -> Iterator[EmbeddedDatabase]:
    database = EmbeddedDatabase()
    yield database
    database.close()


@pytest.fixture(scope="module")
def cards(shared: Path) -> Iterator[Portfolio]:
    frame = portfolio_from_csv(shared / "data" / "taiwan_cards.csv")
    portfolio = portfolio_of(frame, segments=["education"])
    yield portfolio
    portfolio.door.close()


@pytest.fixture(scope="module")
def book() -> Iterator[Portfolio]:
    portfolio = portfolio_of(frame_from_parquet(SAMPLE), segments=["channel"])
    yield portfolio
    portfolio.door.close()


def held_against(point: Point, alone: Group, assumptions: Assumptions) -> list[str]:
    """Return every figure of a policy on the surface that is not that of the policy run alone."""
    if alone.baseline is None or alone.proposed is None or alone.increment is None:
        return [] if not point.baseline.accounts else ["the portfolio is not empty"]
    exposed = alone.proposed.limit + alone.proposed.balance
    capital = assumptions.capital_ratio * alone.baseline.rwa
    found = []
    for side in ("baseline", "proposed", "increment"):
        for measure in MEASURES:
            value = getattr(point, side).get(measure.name)
            wanted = getattr(alone, side).get(measure.name)
            whole = measure.name in COUNTS and assumptions.consent_mode == "automatic"
            room = ROUNDING * (exposed * 25 + alone.proposed.rwa + 1)
            if measure.name == "return_on_capital":
                room = room / capital * 2 if capital > 1e3 * room else math.inf
            if measure.name == "loss_per_new_exposure":
                exposure = alone.increment.ead
                loose = not wanted or exposure <= 1e3 * room
                room = math.inf if loose else room / exposure * (1 + abs(wanted))
            if value is None or wanted is None:
                same = value is wanted or room == math.inf
            else:
                room = 0.0 if whole else room
                same = math.isclose(value, wanted, rel_tol=0.0 if whole else 1e-9, abs_tol=room)
            if not same:
                found.append(f"{side} {measure.name} is {value!r}, not {wanted!r}")
    return found


def compared(surface: Surface, policy: Policy, places: list[tuple[int, int]]) -> list[str]:
    """Return what differs between a surface and its policies run alone, at some places."""
    found = []
    for threshold, points in places:
        flat = policy.with_changes(
            tiers=(), score_threshold=threshold, raise_rate=points / BASIS_POINTS
        )
        alone = simulate(surface.portfolio, flat, surface.assumptions)
        point = surface.at(threshold, flat.raise_rate)
        found += [
            f"{threshold} {points}: {fault}"
            for fault in held_against(point, alone.total, surface.assumptions)
        ]
    return found


# ---- Random portfolios, policies and assumptions


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_policy_of_a_random_surface_is_the_policy_run_alone(
    data: st.DataObject, database: EmbeddedDatabase
) -> None:
    scale = data.draw(st.sampled_from(SCALES), label="scale")
    largest = data.draw(st.sampled_from([10**6, 10**8, 10**13]), label="largest limit")
    frame = data.draw(frames(scale, largest), label="accounts")
    policy = data.draw(policies(scale, largest), label="policy")
    assumptions = data.draw(assumption_sets(scale), label="assumptions")
    raises = data.draw(
        st.sets(st.integers(0, BASIS_POINTS), min_size=1, max_size=12) | st.just(set(EVERY_PERCENT))
    )
    assumptions = assumptions.with_changes(
        pd_floor=data.draw(st.sampled_from([0.0, 0.001, 0.05, 0.9]), label="pd_floor"),
        lgd_floor=data.draw(st.sampled_from([0.0, 0.5, 0.95]), label="lgd_floor"),
    )
    portfolio = portfolio_of(frame, segments=["region"], scale=scale, database=database)
    by = data.draw(st.sampled_from([None, "region"]), label="by")
    surface = load_surface(portfolio, policy, assumptions, raises=tuple(sorted(raises)), by=by)
    event(f"raised: {min(int(surface.increments.raised.max(initial=0)), 10)}")
    thresholds = st.integers(scale.lowest, scale.highest) | st.just(scale.lowest)
    places = data.draw(
        st.lists(st.tuples(thresholds, st.sampled_from(sorted(raises))), min_size=2, max_size=2)
    )
    assert compared(surface, policy, places) == []


@pytest.mark.parametrize("form", ["log", "linear"])
@pytest.mark.parametrize("consent", ["automatic", "opt_in"])
@pytest.mark.parametrize("approach", ["standardised", "irb_qrre", "irb_other_retail"])
def test_a_portfolio_of_every_kind_of_account_gives_the_policies_run_alone(
    database: EmbeddedDatabase, form: str, consent: str, approach: str
) -> None:
    frame = random_accounts(np.random.default_rng(5), 3_000, SESAME, 10**7)
    portfolio = portfolio_of(frame, segments=["region"], database=database)
    policy = Policy(
        limit_cap=Decimal("60000.5"),
        income_multiple=4.5,
        rounding_step=Decimal("0.05"),
        max_increment=Decimal("9000.01"),
        utilization_out_of_range=False,
        past_due=False,
        holdout_rate=0.05,
    )
    assumptions = Assumptions(
        response_form=form,
        consent_mode=consent,
        capital_approach=approach,
        action_cost=2.5,
        over_indebted_multiple=2.0,
    )
    surface = load_surface(portfolio, policy, assumptions)
    customers = surface.increments
    assert customers.relieved.any()
    assert customers.strained.any()
    assert customers.over_indebted.any()
    places = [(350, 37), (650, 100)]
    assert compared(surface, policy, [(t, r * 100) for t, r in places]) == []


# ---- Real accounts, the sample book, the worked cases


def test_the_real_cards_give_the_policies_run_alone_on_a_coarse_grid(cards: Portfolio) -> None:
    policy = Policy(limit_cap=None)
    surface = load_surface(cards, policy, Assumptions())
    places = [(t, r) for t in (350, 650, 750, 870) for r in (500, 2_000, 10_000)]
    assert compared(surface, policy, places) == []
    assert surface.at(800, 0.20).increment.raised == 384


def test_the_sample_book_gives_the_policies_run_alone(book: Portfolio) -> None:
    surface = load_surface(book, Policy(), Assumptions())
    assert compared(surface, Policy(), [(350, 10_000), (650, 1_000), (800, 2_000)]) == []
    assert surface.shape == (601, 101)


@pytest.mark.parametrize("approach", ["irb_qrre", "irb_other_retail"])
def test_floors_of_capital_count_on_the_surface_as_they_do_in_a_policy_run_alone(
    book: Portfolio, approach: str
) -> None:
    """The floor of 0.5 % lies inside the book: raises lift some accounts over it."""
    for pd_floor in (0.005, 0.05):
        assumptions = Assumptions(capital_approach=approach, pd_floor=pd_floor, lgd_floor=0.95)
        surface = load_surface(book, Policy(), assumptions)
        assert compared(surface, Policy(), [(350, 10_000), (350, 3_700), (700, 2_000)]) == []
    if approach == "irb_qrre":
        assert surface.at(700, 0.2).increment.rwa == pytest.approx(50.5e6, rel=0.01)


def test_groups_of_a_surface_add_up_to_the_whole_and_to_the_groups_run_alone(
    book: Portfolio,
) -> None:
    whole = load_surface(book, Policy(), Assumptions())
    parts = load_surface(book, Policy(), Assumptions(), by="channel")
    assert parts.groups == ("bill payment", "in-store", "marketplace", "travel")
    assert np.array_equal(parts.increments.raised, whole.increments.raised)
    assert np.array_equal(parts.increments.strained, whole.increments.strained)
    assert parts.increment("net_value") == pytest.approx(whole.increment("net_value"), rel=1e-9)
    alone = simulate(book, Policy(score_threshold=700), Assumptions(), by="channel")
    for index, group in enumerate(alone.groups):
        assert int(parts.by_score.raised[index, 350:, 20].sum()) == group.raised


def test_the_surface_of_the_worked_cases_is_each_case(database: EmbeddedDatabase) -> None:
    portfolio = portfolio_of(load_cases(), database=database)
    surface = load_surface(portfolio, Policy(), Assumptions())
    places = [(t, r * 100) for t in (350, 700, 800) for r in (0, 1, 5, 20, 100)]
    assert compared(surface, Policy(), places) == []


# ---- Whole numbers beyond floating point


def test_sums_of_limits_beyond_two_to_the_53_are_exact(database: EmbeddedDatabase) -> None:
    """3,000 accounts of about 10^11 currency units, odd in the last unit."""
    limit = 10**13 - 2 * np.arange(3_000) - 1
    frame = pd.DataFrame(
        {
            "account_id": [str(n) for n in range(3_000)],
            "score": 800,
            "credit_limit": limit,
            "balance": limit // 3,
        }
    )
    policy = Policy(limit_cap=None, rounding_step=Decimal("0.01"), min_increment=Decimal(0))
    surface = load_surface(portfolio_of(frame, database=database), policy, Assumptions())
    wanted = sum(int(each) * 13_700 // 10_000 - int(each) for each in limit)
    assert wanted > 2**53
    assert int(surface.increments.limit[800 - 350, 37]) == wanted


# ---- Bad input and small portfolios


@pytest.mark.parametrize("size", [0, 1, 2])
def test_no_account_one_account_or_one_score_gives_a_surface(
    database: EmbeddedDatabase, size: int
) -> None:
    frame = pd.DataFrame(
        {
            "account_id": [str(n) for n in range(size)],
            "score": [820] * size,
            "credit_limit": [1_000_000] * size,
            "balance": [300_000] * size,
            "default_probability": [0.02] * size,
        }
    )
    surface = load_surface(portfolio_of(frame, database=database), Policy(), Assumptions())
    assert surface.at(820, 0.2).increment.limit == 2_000 * size
    assert surface.at(821, 0.2).increment.limit == 0
    assert np.isnan(surface.proposed("loss_rate")).all() == (size == 0)
    assert np.isnan(surface.increment("strained")).all()


def test_nobody_eligible_gives_a_surface_of_zeros(database: EmbeddedDatabase) -> None:
    frame = load_cases().assign(opted_out=True)
    surface = load_surface(portfolio_of(frame, database=database), Policy(), Assumptions())
    for name in SUM_NAMES:
        assert not getattr(surface.increments, name).any()


@pytest.mark.parametrize("raises", [(), (100, 0), (0, 0), (-1,), (0, 10_001)])
def test_raises_that_are_no_ascending_basis_points_are_refused(
    database: EmbeddedDatabase, raises: tuple[int, ...]
) -> None:
    portfolio = portfolio_of(load_cases(), database=database)
    with pytest.raises(ParameterError, match="basis points"):
        load_surface(portfolio, Policy(), Assumptions(), raises=raises)


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


# ---- What it depends on, and how it is read


def test_threshold_raise_tiers_and_name_do_not_matter_to_the_key() -> None:
    tiers = (Tier(600, 0.05), Tier(700, 0.10))
    other = Policy(score_threshold=600, raise_rate=0.05, tiers=tiers, name="Other", note="x")
    assert surface_key(other) == surface_key(Policy())
    assert surface_key(Policy(constraints=("raised>=1",))) == surface_key(Policy())
    assert surface_key(Policy(limit_cap=None)) != surface_key(Policy())
    assert surface_key(Policy(holdout_rate=0.05)) != surface_key(Policy())


def test_the_table_has_one_row_a_policy_and_every_measure(database: EmbeddedDatabase) -> None:
    portfolio = portfolio_of(load_cases(), database=database)
    surface = load_surface(portfolio, Policy(), Assumptions())
    table = surface.table()
    assert len(table) == 601 * 101
    assert list(table.columns[:3]) == ["score_threshold", "raise_rate", "raised"]
    assert {m.name for m in MEASURES} - {"loss_per_new_exposure"} <= set(table.columns)
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


def test_progress_ends_at_the_whole_and_a_given_baseline_is_used(
    database: EmbeddedDatabase,
) -> None:
    portfolio = portfolio_of(load_cases(), database=database)
    told: list[float] = []
    baseline = load_baseline(portfolio, Assumptions())
    surface = load_surface(
        portfolio,
        Policy(),
        Assumptions(),
        baseline=baseline,
        progress=lambda share, _: told.append(share),
    )
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert surface.standing is baseline.sums


def test_any_policy_of_a_surface_is_read_within_a_millisecond(book: Portfolio) -> None:
    surface = load_surface(book, Policy(), Assumptions())
    took = []
    for points in EVERY_PERCENT:
        started = time.perf_counter()
        surface.at(700, points / BASIS_POINTS)
        took.append(time.perf_counter() - started)
    assert min(took) < 1e-3


def test_interpolation_weights_reproduce_a_polynomial() -> None:
    nodes = (1 - np.cos(np.pi * np.arange(6) / 5)) / 2
    at = np.array([[0.0, 0.1, nodes[2]], [0.5, 0.99, 1.0]])
    values = nodes**5 - 3 * nodes**2
    found = sum(w * v for w, v in zip(lagrange(nodes, at), values, strict=True))
    assert found == pytest.approx(at**5 - 3 * at**2, abs=1e-14)


def test_basis_points_of_each_raise_are_whole() -> None:
    assert [basis_points(points / BASIS_POINTS) for points in EVERY_PERCENT] == list(EVERY_PERCENT)
