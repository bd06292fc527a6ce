"""Every policy of a surface is the policy run alone."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.parameters import BASIS_POINTS
from analytics.declared.scales import SESAME
from analytics.errors import ParameterError
from analytics.method.measures import SUM_NAMES
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation import load_baseline, simulate
from analytics.results.surface import EVERY_PERCENT, load_surface
from tests.drawn import SCALES, assumption_sets, frames, policies, random_accounts
from tests.memory import Remembering
from tests.oracle import load_cases
from tests.portfolios import portfolio_of
from tests.results.surface.examples import compared


@pytest.mark.timeout(900)
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
        affordability=False,
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
    assert customers.thin_cover.any()
    assert customers.short_cover.any()
    places = [(350, 37), (650, 100)]
    assert compared(surface, policy, [(t, r * 100) for t, r in places]) == []


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


@pytest.mark.parametrize("form", ["log", "linear"])
@pytest.mark.parametrize("driver", ["debt", "limit"])
@pytest.mark.parametrize("provisioning", ["none", "cecl"])
@pytest.mark.parametrize("days", [None, 45])
def test_provisions_drivers_and_temporary_raises_are_those_of_the_policies_run_alone(
    database: EmbeddedDatabase, form: str, driver: str, provisioning: str, days: int | None
) -> None:
    frame = random_accounts(np.random.default_rng(6), 1_500, SESAME, 10**7)
    portfolio = portfolio_of(frame, database=database)
    policy = Policy(temporary_days=days)
    assumptions = Assumptions(
        response_form=form, pd_uplift_driver=driver, provisioning=provisioning
    )
    raises = (0, 500, 2_000, 10_000)
    surface = load_surface(portfolio, policy, assumptions, raises=raises)
    assert surface.increments.raised.any()
    assert compared(surface, policy, [(350, 2_000), (600, 10_000)]) == []


@pytest.mark.parametrize("approach", ["irb_qrre", "irb_other_retail"])
def test_floors_of_capital_count_on_the_surface_as_they_do_in_a_policy_run_alone(
    book: Portfolio, approach: str
) -> None:
    """The floor of 0.5 % lies inside the book: raises lift some accounts over it."""
    for pd_floor in (0.005, 0.05):
        assumptions = Assumptions(capital_approach=approach, pd_floor=pd_floor, lgd_floor=0.95)
        surface = load_surface(book, Policy(), assumptions)
        assert compared(surface, Policy(), [(350, 10_000), (350, 3_700), (700, 2_000)]) == []
    free = load_surface(book, Policy(), assumptions.with_changes(pd_floor=0.0, lgd_floor=0.0))
    assert surface.at(700, 0.2).baseline.rwa > free.at(700, 0.2).baseline.rwa


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


def test_progress_ends_at_the_whole_and_a_baseline_that_is_kept_is_used(
    database: EmbeddedDatabase,
) -> None:
    portfolio = portfolio_of(load_cases(), database=database)
    told: list[float] = []
    memo = Remembering()
    baseline = load_baseline(portfolio, Assumptions(), memo=memo)
    surface = load_surface(
        portfolio,
        Policy(),
        Assumptions(),
        memo=memo,
        progress=lambda share, _: told.append(share),
    )
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert surface.standing is baseline.sums
