"""Pools, scenarios, capital and the loss distribution, held against accounts taken one by one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.parameters import Mark
from analytics.declared.scales import SESAME, score_scale
from analytics.errors import ParameterError, PortfolioError
from analytics.method import capital
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results import ranges
from analytics.results.simulation import Group, simulate
from analytics.results.stress import (
    ACCURACY,
    ADDITIVE,
    BASE,
    RATES,
    SHIPPED,
    Evaluator,
    Scenario,
    Shift,
    capital_by_approach,
    check_measure,
    find_scenario,
    load_stress_pools,
    loss_distribution,
    pools_key,
    stress,
)
from analytics.shown import words
from tests.oracle.columns import read_columns
from tests.oracle.decision import decide, read_policy
from tests.oracle.measures import conditional_probability
from tests.oracle.response import respond
from tests.portfolios import (
    frame_from_parquet,
    oracle_assumptions,
    oracle_policy,
    portfolio_of,
)
from tests.results.test_simulation import SCALES, assumption_sets, policies, random_accounts

Floats = npt.NDArray[np.float64]
SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "huabei_like.parquet"
BENT = ("retained", "net_value")
"""Sums with a kink, which pools do not give exactly."""
OWN = Scenario(
    name="own",
    title="Own",
    factor=-2.5,
    odds_multiplier=1.4,
    lgd_add=0.1,
    drawdown=0.25,
)
MILDER = Scenario(name="milder", title="Milder", lgd_add=-0.5)


@pytest.fixture(scope="module")
def database() -> Iterator[EmbeddedDatabase]:
    database = EmbeddedDatabase()
    with database.loading() as cursor:
        cursor.execute("SET threads = 1")
    yield database
    database.close()


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return frame_from_parquet(SAMPLE).iloc[:40_000].reset_index(drop=True)


@pytest.fixture(scope="module")
def book(frame: pd.DataFrame) -> Iterator[Portfolio]:
    portfolio = portfolio_of(frame)
    yield portfolio
    portfolio.door.close()  # type: ignore[attr-defined]


def ordinary(seed: int, size: int, largest: int = 10**7) -> pd.DataFrame:
    """Accounts within their limits, of moderate default probability, some of it not known."""
    rng = np.random.default_rng(seed)
    accounts = random_accounts(rng, size, SESAME, largest)
    accounts["balance"] = np.minimum(accounts["balance"], accounts["credit_limit"])
    accounts["default_probability"] = np.where(
        rng.random(size) < 0.1, 0.0, rng.random(size) ** 3 * 0.4
    )
    return accounts


def compared(group: Group, found: Any, names: tuple[str, ...], tolerance: float) -> list[str]:
    """Return each figure of pools that is not the simulation's."""
    assert group.baseline
    assert group.proposed
    assert group.increment
    size = 25 * (group.proposed.limit + group.proposed.balance + group.proposed.rwa + 1)
    wrong = []
    for name in names:
        for side, value in (
            ("baseline", found.of_baseline(name)),
            ("proposed", found.of_proposed(name)),
            ("increment", found.of_increment(name)),
        ):
            wanted = getattr(group, side).get(name)
            room = 1e-13 * (size if name in ADDITIVE else 1e3)
            if name in RATES and (value is None or wanted is None):
                continue
            if not math.isclose(value, wanted, rel_tol=tolerance, abs_tol=room):
                wrong.append(f"{side} {name} is {value!r}, not {wanted!r}")
    return wrong


# ---- Pools against simulations


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_linear_is_the_simulations_whatever_is_assumed(
    data: st.DataObject, database: EmbeddedDatabase
) -> None:
    accounts = ordinary(data.draw(st.integers(0, 10**6)), 60)
    for column in ("default_probability", "loss_given_default"):
        kept = data.draw(st.sampled_from(["whole", "partly", "absent"]), label=column)
        if kept == "absent":
            accounts = accounts.drop(columns=column)
        elif kept == "partly":
            accounts[column] = accounts[column].where(accounts.index % 3 > 0, None)
    policy = data.draw(policies(SESAME, 10**7), label="policy")
    drawn = data.draw(assumption_sets(SESAME), label="assumptions")
    shipped = Assumptions()
    assumptions = drawn.with_changes(
        capital_approach="standardised",
        risk_weight=0.75,
        pd_uplift=tuple(min(value, 0.02) for value in drawn.pd_uplift),
        anchor_score=shipped.anchor_score,
        anchor_odds=data.draw(st.sampled_from([49.0, 98.0])),
        points_to_double_odds=shipped.points_to_double_odds,
    )
    portfolio = portfolio_of(accounts, database=database)
    pools = load_stress_pools(portfolio, policy, shipped)
    evaluator = Evaluator(pools, policy.score_threshold, assumptions.band_edges)
    found = evaluator.figures(assumptions)
    total = simulate(portfolio, policy, assumptions).total
    assert found.raised == total.raised
    straight = tuple(name for name in ADDITIVE if name not in BENT)
    assert compared(total, found, (*straight, "default_rate", "loss_rate"), 1e-9) == []
    for part, value in total.expected_loss_parts.items():
        assert found.parts[part] == pytest.approx(value, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("threshold", [350, 640, 800])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"response_form": "linear", "consent_mode": "opt_in", "action_cost": 1.5},
        {"credit_conversion_factor": 0.4, "funding_rate": 0.04, "attrition_floor": 0.1},
    ],
)
def test_net_value_on_the_sample_book_is_the_simulations_to_a_part_in_five_hundred(
    book: Portfolio, threshold: int, changes: dict[str, Any]
) -> None:
    policy, assumptions = Policy(score_threshold=threshold), Assumptions(**changes)
    pools = load_stress_pools(book, policy, assumptions)
    found = Evaluator(pools, threshold, assumptions.band_edges).figures(assumptions)
    total = simulate(book, policy, assumptions).total
    assert total.increment
    wanted, size = total.increment.net_value, total.increment.margin
    assert found.of_increment("net_value") == pytest.approx(wanted, abs=2e-3 * size)
    assert found.of_increment("retained") == pytest.approx(total.increment.retained, rel=1e-2)


def test_high_scores_have_no_kink_so_that_net_value_is_exact(book: Portfolio) -> None:
    pools = load_stress_pools(book, Policy(), Assumptions())
    evaluator = Evaluator(pools, 800, Assumptions().band_edges)
    total = simulate(book, Policy(), Assumptions()).total
    assert compared(total, evaluator.figures(Assumptions()), (*ADDITIVE, *RATES), 1e-6) == []
    assert evaluator.increment("net_value", Assumptions()) == pytest.approx(
        evaluator.figures(Assumptions()).of_increment("net_value"), rel=1e-12
    )


def test_pools_serve_every_threshold_and_tier_of_a_policy(book: Portfolio) -> None:
    tiered = Policy(
        score_threshold=650,
        tiers=(Tier(650, 0.05), Tier(700, 0.4), Tier(800, 0.2)),
        limit_cap=Decimal(20_000),
    )
    pools = load_stress_pools(book, tiered, Assumptions())
    for threshold in (650, 720, 950):
        found = Evaluator(pools, threshold, Assumptions().band_edges).figures(Assumptions())
        total = simulate(book, tiered.at_threshold(threshold), Assumptions()).total
        straight = tuple(name for name in ADDITIVE if name not in BENT)
        assert compared(total, found, straight, 1e-9) == []


def test_pools_depend_on_the_curve_and_on_no_other_assumption() -> None:
    odd = Assumptions(funding_rate=0.2, anchor_odds=10.0, loss_given_default=0.4)
    assert pools_key(odd) == Assumptions(anchor_odds=10.0)


def test_default_probabilities_multiplied_are_those_of_riskier_accounts(
    database: EmbeddedDatabase,
) -> None:
    accounts = ordinary(4, 2_000)
    pools = load_stress_pools(portfolio_of(accounts, database=database), Policy(), Assumptions())
    evaluator = Evaluator(pools, 500, Assumptions().band_edges)
    found = evaluator.figures(Assumptions(), Shift(default_probability=1.5, severity=0.5))
    riskier = accounts.assign(
        default_probability=accounts["default_probability"] * 1.5,
        loss_given_default=accounts["loss_given_default"] * 0.5,
    )
    total = simulate(
        portfolio_of(riskier, database=database), Policy(score_threshold=500), Assumptions()
    ).total
    straight = tuple(name for name in ADDITIVE if name not in BENT)
    assert compared(total, found, straight, 1e-9) == []


def test_a_policy_that_raises_nobody_adds_nothing(database: EmbeddedDatabase) -> None:
    for accounts in (ordinary(1, 5).iloc[:0], ordinary(1, 5).assign(opted_out=True)):
        portfolio = portfolio_of(accounts, database=database)
        pools = load_stress_pools(portfolio, Policy(), Assumptions())
        result = stress(pools, 350, Assumptions())
        assert [outcome.increment.expected_loss for outcome in result.outcomes] == [0.0] * 4
        assert {side.increment for side in capital_by_approach(pools, 350, Assumptions())} == {0.0}


def test_a_threshold_off_the_scale_and_other_bands_are_refused(book: Portfolio) -> None:
    pools = load_stress_pools(book, Policy(), Assumptions())
    with pytest.raises(ParameterError, match="off the score scale"):
        stress(pools, 1_000, Assumptions())
    coarse = Assumptions(band_edges=(350, 700), **{n: v[:2] for n, v in BANDS.items()})
    with pytest.raises(ParameterError, match="other score bands"):
        Evaluator(pools, 800, Assumptions().band_edges).figures(coarse)
    lost = [
        stress(pools, 800, assumed).outcomes[0].baseline.expected_loss
        for assumed in (coarse, Assumptions())
    ]
    assert lost[0] == pytest.approx(lost[1]), "no default probability is by band"


BANDS = {
    name: getattr(Assumptions(), name)
    for name in (
        "elasticity",
        "mpb",
        "pd_uplift",
        "attrition",
        "attrition_change",
        "take_up",
        "yield_rate",
    )
}


def test_a_portfolio_without_curve_or_probability_is_refused(database: EmbeddedDatabase) -> None:
    scale = score_scale(0, 1000)
    accounts = random_accounts(np.random.default_rng(1), 5, scale, 10**6)
    portfolio = portfolio_of(
        accounts.drop(columns="default_probability"), scale=scale, database=database
    )
    with pytest.raises(PortfolioError, match="PD curve"):
        load_stress_pools(portfolio, Policy(), Assumptions.for_scale(scale))


def test_measures_that_pools_do_not_have_are_refused() -> None:
    with pytest.raises(ParameterError, match="'strained' cannot be moved"):
        check_measure("strained")
    assert len(SCALES) == 3


# ---- Scenarios against accounts taken one by one


def one_by_one(
    frame: pd.DataFrame, policy: Policy, assumptions: Assumptions, scenario: Scenario
) -> dict[str, tuple[float, float]]:
    """Return baseline and increment of stressed defaults and loss, an account at a time."""
    columns, settings_given = read_columns(frame), oracle_assumptions(assumptions)
    found = respond(columns, decide(columns, read_policy(oracle_policy(policy))), settings_given)
    factor = scenario.factor
    if scenario.years is not None:
        factor = float(stats.norm.ppf(1.0 / scenario.years))
    conversion = min(assumptions.credit_conversion_factor + scenario.drawdown, 1.0)
    severity = np.clip(found.loss_given_default + scenario.lgd_add, 0.0, 1.0)

    def stressed(probability: Floats) -> Floats:
        odds = scenario.odds_multiplier * probability / (1.0 - probability)
        probability = odds / (1.0 + odds)
        if factor is None:
            return probability
        correlation = np.full_like(probability, assumptions.asset_correlation)
        return conditional_probability(probability, correlation, factor)

    sides = []
    for probability, balance, limit in (
        (found.probability0, found.balance0, found.limit0),
        (found.probability1, found.balance1, found.limit1),
    ):
        moved = stressed(probability)
        exposure = balance + conversion * np.maximum(limit - balance, 0.0)
        sides.append((moved, moved * severity * exposure / 100, exposure / 100))
    taking = found.take_up
    names = ("projected_defaults", "expected_loss", "ead")
    return {
        name: (float(before.sum()), float((taking * (after - before)).sum()))
        for name, before, after in zip(names, *sides, strict=True)
    }


@pytest.mark.parametrize("scenario", [*SHIPPED, OWN, MILDER], ids=lambda scenario: scenario.name)
@pytest.mark.parametrize(
    ("policy", "changes"),
    [
        (Policy(), {}),
        (
            Policy(score_threshold=400, raise_rate=0.5, limit_cap=None, income_multiple=None),
            {"response_form": "linear", "consent_mode": "opt_in"},
        ),
    ],
    ids=["default", "everybody"],
)
def test_stressed_sums_agree_with_the_accounts_one_by_one(
    book: Portfolio,
    frame: pd.DataFrame,
    policy: Policy,
    changes: dict[str, Any],
    scenario: Scenario,
) -> None:
    assumptions = Assumptions(**changes)
    pools = load_stress_pools(book, policy, assumptions)
    (outcome,) = stress(pools, policy.score_threshold, assumptions, [scenario]).outcomes
    wanted = one_by_one(frame, policy, assumptions, scenario)
    for name, (before, more) in wanted.items():
        assert getattr(outcome.baseline, name) == pytest.approx(before, rel=ACCURACY)
        assert getattr(outcome.increment, name) == pytest.approx(more, rel=ACCURACY)
        assert getattr(outcome.proposed, name) == pytest.approx(before + more, rel=ACCURACY)


@pytest.mark.parametrize("approach", ["standardised", "irb_qrre"])
def test_a_loss_given_default_taken_below_nothing_is_nothing(
    database: EmbeddedDatabase, approach: str
) -> None:
    assumptions = Assumptions(capital_approach=approach)
    own = ordinary(11, 500)
    for accounts in (own, own.drop(columns="loss_given_default")):
        portfolio = portfolio_of(accounts, database=database)
        pools = load_stress_pools(portfolio, Policy(score_threshold=500), assumptions)
        figures = Evaluator(pools, 500, assumptions.band_edges).figures(
            assumptions, Shift(lgd_add=-1.0)
        )
        assert figures.of_baseline("expected_loss") == 0.0
        assert figures.of_increment("expected_loss") == 0.0
        assert (figures.of_baseline("rwa") == 0.0) is (approach == "irb_qrre")


def test_shares_say_how_much_of_the_stressed_loss_is_the_policys(book: Portfolio) -> None:
    policy = Policy(score_threshold=600, raise_rate=0.3)
    pools = load_stress_pools(book, policy, Assumptions())
    result = stress(pools, 600, Assumptions())
    base, bad, worst, ant = result.outcomes
    total = simulate(book, policy, Assumptions()).total
    assert total.increment
    assert base.increment.expected_loss == pytest.approx(total.increment.expected_loss, rel=1e-9)
    assert base.policy_share_of_rise is None
    for outcome in (bad, worst, ant):
        assert outcome.policy_share == pytest.approx(
            outcome.increment.expected_loss / outcome.proposed.expected_loss
        )
        rise = outcome.proposed.expected_loss - base.proposed.expected_loss
        of_policy = outcome.increment.expected_loss - base.increment.expected_loss
        assert outcome.policy_share_of_rise == pytest.approx(of_policy / rise)
    losses = [o.proposed.expected_loss for o in (base, ant, bad, worst)]
    assert losses == sorted(losses)
    assert ant.baseline.projected_defaults < 1.7 * base.baseline.projected_defaults


def test_the_mean_over_the_factor_is_the_unstressed_sum(book: Portfolio) -> None:
    pools = load_stress_pools(book, Policy(score_threshold=500), Assumptions())
    evaluator = Evaluator(pools, 500, Assumptions().band_edges)
    nodes = np.linspace(-8, 8, 161)
    weights = stats.norm.pdf(nodes)
    base = evaluator.figures(Assumptions())
    for name in ("projected_defaults", "expected_loss"):
        given = [evaluator.figures(Assumptions(), Shift(factor=float(z))) for z in nodes]
        before = np.array([figures.of_baseline(name) for figures in given])
        more = np.array([figures.of_increment(name) for figures in given])
        assert before @ weights / weights.sum() == pytest.approx(base.of_baseline(name), rel=1e-9)
        assert more @ weights / weights.sum() == pytest.approx(base.of_increment(name), rel=1e-6)


@given(
    years=st.floats(2, 10_000),
    odds=st.floats(1, 20),
    lgd=st.floats(0, 0.3),
    drawdown=st.floats(0, 1),
)
@settings(max_examples=40)
def test_a_worse_scenario_never_loses_less(
    book_pools: Any, years: float, odds: float, lgd: float, drawdown: float
) -> None:
    mild = Scenario(name="mild", title="Mild", years=years, odds_multiplier=odds)
    worse = Scenario(
        name="worse",
        title="Worse",
        years=years * 2,
        odds_multiplier=odds * 1.1,
        lgd_add=lgd,
        drawdown=drawdown,
    )
    first, second = stress(book_pools, 700, Assumptions(), [mild, worse]).outcomes
    assert second.baseline.expected_loss >= first.baseline.expected_loss
    assert second.proposed.expected_loss >= first.proposed.expected_loss
    assert second.proposed.expected_loss >= second.baseline.expected_loss


@pytest.fixture(scope="module")
def book_pools(book: Portfolio) -> Any:
    return load_stress_pools(book, Policy(), Assumptions())


def test_a_scenario_out_of_bounds_names_every_fault() -> None:
    with pytest.raises(ParameterError) as caught:
        Scenario(
            name="",
            title="two\nlines",
            years=0.5,
            factor=-9,
            odds_multiplier=0.0,
            lgd_add=math.nan,
            drawdown=1.5,
        )
    text = str(caught.value)
    for word in ("name", "title", "years and factor", "years =", "factor =", "odds_", "lgd_", "dr"):
        assert word in text
    assert len(caught.value.faults) == 8


@pytest.mark.parametrize("years", [1.0, 1.2, 1.999, 1_000_001.0])
def test_a_worst_year_in_fewer_than_two_would_be_a_good_one_and_is_refused(years: float) -> None:
    with pytest.raises(ParameterError, match="give a number from 2 to 1,000,000"):
        Scenario(name="own", title="Own", years=years)
    assert Scenario(name="own", title="Own", years=2.0).shift().factor == pytest.approx(0.0)


def test_scenarios_are_found_by_name_and_named_once(book_pools: Any) -> None:
    assert find_scenario(" 1-IN-20 ").years == 20
    with pytest.raises(ParameterError, match="did you mean ant-2020"):
        find_scenario("ant2020")
    with pytest.raises(ParameterError, match="Two scenarios are called base"):
        stress(book_pools, 800, Assumptions(), [BASE, BASE])
    assert words.scenario_words(BASE) == "nothing stressed"
    assert words.scenario_words(OWN) == (
        "factor z = -2.5, odds of default x 1.4, loss given default +10 pp, "
        "25 % more of the unused line drawn"
    )
    assert {scenario.mark for scenario in SHIPPED} >= {Mark.EVIDENCE, Mark.REGULATION}


# ---- Capital


def test_capital_on_pools_is_that_of_the_accounts(book: Portfolio) -> None:
    policy = Policy(score_threshold=450, raise_rate=0.4)
    for changes in ({}, {"pd_floor": 0.001, "lgd_floor": 0.88}):
        pools = load_stress_pools(book, policy, Assumptions())
        for side in capital_by_approach(pools, 450, Assumptions(**changes)):
            assumptions = Assumptions(capital_approach=side.approach, **changes)
            total = simulate(book, policy, assumptions).total
            assert total.baseline
            assert total.proposed
            closely = 1e-9 if side.approach == "standardised" else 3e-3
            more = total.proposed.rwa - total.baseline.rwa
            assert side.baseline_rwa == pytest.approx(total.baseline.rwa, rel=closely)
            assert side.proposed_rwa == pytest.approx(total.proposed.rwa, rel=closely)
            assert side.increment == pytest.approx(0.105 * more, rel=max(closely, 1e-7))
            assert side.baseline_capital == pytest.approx(0.105 * side.baseline_rwa)


@pytest.mark.parametrize("approach", ["irb_qrre", "irb_other_retail"])
def test_floors_enter_the_capital_of_each_account(
    database: EmbeddedDatabase, approach: str
) -> None:
    accounts = ordinary(8, 300)
    portfolio = portfolio_of(accounts, database=database)
    assumptions = Assumptions(capital_approach=approach, pd_floor=0.001, lgd_floor=0.5)
    found = simulate(portfolio, Policy(), assumptions).total.baseline
    p = np.maximum(accounts["default_probability"].to_numpy(), 0.001)
    g = np.maximum(accounts["loss_given_default"].to_numpy(), 0.5)
    exposure = accounts["balance"] + 0.2 * (accounts["credit_limit"] - accounts["balance"])
    correlation = capital.correlation(p, approach, 0.04)
    requirement = capital.irb_requirement(p, g, correlation)
    assert found
    assert found.rwa == pytest.approx(float((12.5 * requirement * exposure).sum()) / 100, rel=1e-9)
    plain = simulate(portfolio, Policy(), assumptions.with_changes(pd_floor=0.0, lgd_floor=0.0))
    assert plain.total.baseline
    assert plain.total.baseline.rwa < found.rwa
    assert plain.total.baseline.expected_loss == found.expected_loss


def test_an_account_in_default_needs_no_capital_and_one_that_cannot_needs_the_floors(
    database: EmbeddedDatabase,
) -> None:
    for probability, floor, needs in ((1.0, 0.0, False), (0.0, 0.0, False), (0.0, 0.001, True)):
        accounts = ordinary(2, 20).assign(default_probability=probability, credit_limit=10**6)
        assumptions = Assumptions(capital_approach="irb_qrre", pd_floor=floor, lgd_floor=0.5)
        portfolio = portfolio_of(accounts, database=database)
        found = simulate(portfolio, Policy(), assumptions).total.baseline
        assert found
        assert (found.rwa > 0) is needs
        pools = load_stress_pools(portfolio, Policy(), assumptions)
        side = capital_by_approach(pools, 800, assumptions)[1]
        assert side.baseline_rwa == pytest.approx(found.rwa, rel=1e-3)


# ---- The loss distribution


def alike(count: int, probability: float) -> pd.DataFrame:
    """Accounts of one kind: 1,000 drawn of a limit of 1,000."""
    return pd.DataFrame(
        {
            "account_id": [f"a{i}" for i in range(count)],
            "score": 820,
            "credit_limit": 100_000,
            "balance": 100_000,
            "default_probability": probability,
            "loss_given_default": 0.5,
        }
    )


def test_a_large_portfolio_of_one_kind_loses_what_the_one_factor_model_says(
    database: EmbeddedDatabase,
) -> None:
    portfolio = portfolio_of(alike(200_000, 0.02), database=database)
    pools = ranges.load_pools(portfolio, Policy(), Assumptions())
    found = loss_distribution(pools, 800, Assumptions()).baseline
    exposure = 200_000 * 1_000 * 0.5
    assert found.expected == pytest.approx(0.02 * exposure, rel=1e-6)
    assert found.bad_year == pytest.approx(0.03917472 * exposure, rel=2e-3)
    assert found.worst_year == pytest.approx(0.07141850 * exposure, rel=2e-3)
    requirement = float(capital.irb_requirement(0.02, 1.0, 0.04))
    assert found.economic_capital == pytest.approx(requirement * exposure, rel=4e-3)


def test_a_small_portfolio_is_wide_as_drawn_accounts_show(database: EmbeddedDatabase) -> None:
    count, probability = 500, 0.03
    portfolio = portfolio_of(alike(count, probability), database=database)
    pools = ranges.load_pools(portfolio, Policy(), Assumptions())
    found = loss_distribution(pools, 800, Assumptions()).baseline
    rng = np.random.default_rng(1)
    given_factor = conditional_probability(
        np.full(400_000, probability), np.full(400_000, 0.04), rng.standard_normal(400_000)
    )
    drawn = rng.binomial(count, given_factor) * 500.0
    assert found.expected == pytest.approx(drawn.mean(), rel=5e-3)
    for level, value in ((0.95, found.bad_year), (0.999, found.worst_year)):
        assert value == pytest.approx(np.quantile(drawn, level), abs=500 + 0.01 * value)
    smooth = float(stats.norm.cdf((stats.norm.ppf(0.03) + 0.2 * 1.645) / math.sqrt(0.96)))
    assert found.bad_year > 1.05 * smooth * count * 500


def test_both_sides_agree_with_accounts_drawn_at_random(
    database: EmbeddedDatabase, frame: pd.DataFrame
) -> None:
    policy = Policy(score_threshold=450, raise_rate=0.5, limit_cap=None)
    frame = frame.iloc[:4_000]
    book = portfolio_of(frame, database=database)
    pools = ranges.load_pools(book, policy, Assumptions())
    found = loss_distribution(pools, 450, Assumptions())
    columns, given_values = read_columns(frame), oracle_assumptions(Assumptions())
    response = respond(columns, decide(columns, read_policy(oracle_policy(policy))), given_values)
    total = simulate(book, policy, Assumptions()).total
    rng = np.random.default_rng(2)
    factors = rng.standard_normal(1_500)
    for side, probability, balance, limit, measures in (
        (found.baseline, response.probability0, response.balance0, response.limit0, total.baseline),
        (found.proposed, response.probability1, response.balance1, response.limit1, total.proposed),
    ):
        assert measures
        assert side.expected == pytest.approx(measures.expected_loss, rel=1e-4)
        loss = response.loss_given_default * (
            balance + 0.2 * np.maximum(limit - balance, 0.0)
        ) / 100  # fmt: skip
        flat = np.full_like(probability, 0.04)
        losses = [
            float(loss @ (rng.random(len(loss)) < conditional_probability(probability, flat, z)))
            for z in factors
        ]
        # The error of a quantile of 1,500 draws is about 3 %.
        assert side.bad_year == pytest.approx(np.quantile(losses, 0.95), rel=0.08)
        width = float(found.losses[1])
        assert float((side.density * width).sum()) == pytest.approx(1.0, abs=2e-4)
        mean = float((side.density * width) @ found.losses)
        assert mean == pytest.approx(side.expected, rel=2e-3)
    assert found.more_capital > 0
    assert found.proposed.bad_year < found.proposed.worst_year


def test_quantiles_of_loss_rise_with_the_correlation(book: Portfolio) -> None:
    capitals = []
    for correlation in (0.0, 0.02, 0.04, 0.15):
        assumptions = Assumptions(asset_correlation=correlation)
        pools = ranges.load_pools(book, Policy(), assumptions)
        side = loss_distribution(pools, 800, assumptions).proposed
        assert side.expected < side.bad_year < side.worst_year
        capitals.append(side.economic_capital)
    assert capitals == sorted(capitals)


def test_one_account_and_accounts_that_cannot_lose(database: EmbeddedDatabase) -> None:
    one = portfolio_of(alike(1, 0.3), database=database)
    found = loss_distribution(ranges.load_pools(one, Policy(), Assumptions()), 800, Assumptions())
    assert found.baseline.expected == pytest.approx(150.0, rel=1e-3)
    assert np.isfinite(found.baseline.density).all()
    safe = portfolio_of(alike(3, 0.0), database=database)
    pools = ranges.load_pools(safe, Policy(), Assumptions())
    with pytest.raises(ParameterError, match="nothing to show"):
        loss_distribution(pools, 800, Assumptions())
