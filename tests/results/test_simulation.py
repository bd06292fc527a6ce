"""The engine held against the oracle: random portfolios, real accounts and the sample book."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.parameters import BASIS_POINTS
from analytics.declared.scales import FICO, SESAME, ScoreScale, score_scale
from analytics.errors import ParameterError, PortfolioError
from analytics.method.bands import band_index
from analytics.method.guardrails import GUARDRAILS, held_out
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results.simulation import Simulation, simulate, sweep
from tests import oracle
from tests.drawn import SCALES, assumption_sets, frames, policies, random_accounts
from tests.portfolios import (
    alike,
    differences,
    frame_from_parquet,
    oracle_assumptions,
    oracle_policy,
    portfolio_of,
)

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "huabei_like.parquet"
BAND = "score band of the oracle"


@pytest.fixture(scope="module")
def database() -> Iterator[EmbeddedDatabase]:
    database = EmbeddedDatabase()
    with database.raw() as cursor:
        cursor.execute("SET threads = 1")  # a few rows at a time gain nothing from more
    yield database
    database.close()


def held_against_the_oracle(
    simulation: Simulation, frame: pd.DataFrame, *, by: str | None = None
) -> list[str]:
    """Return every figure of a simulation, its groups and bands that is not the oracle's."""
    assumptions = simulation.assumptions
    incomes = "monthly_income" in frame.columns
    settings_given = (oracle_policy(simulation.policy), oracle_assumptions(assumptions))
    expected = oracle.simulate(frame, *settings_given, by=by)
    found = differences(simulation.total, expected, assumptions, incomes=incomes)
    groups = {group.label: group for group in simulation.groups}
    if by is not None:
        if list(groups) != list(expected["groups"]):
            found.append(f"the groups are {list(groups)}, not {list(expected['groups'])}")
        for label, wanted in expected["groups"].items():
            found += differences(groups[label], wanted, assumptions, incomes=incomes)
    bands = [str(band_index(score, assumptions.band_edges)) for score in frame["score"]]
    by_band = oracle.simulate(frame.assign(**{BAND: bands}), *settings_given, by=BAND)["groups"]
    for index, band in enumerate(simulation.bands):
        if str(index) in by_band:
            found += differences(band, by_band[str(index)], assumptions, incomes=incomes)
        elif band.baseline is not None:
            found.append(f"band {band.label} has accounts")
    return found


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_random_portfolios_policies_and_assumptions_give_the_oracles_figures(
    data: st.DataObject, database: EmbeddedDatabase
) -> None:
    scale = data.draw(st.sampled_from(SCALES), label="scale")
    largest = data.draw(st.sampled_from([10**6, 10**8, 10**13]), label="largest limit")
    frame = data.draw(frames(scale, largest), label="accounts")
    policy = data.draw(policies(scale, largest), label="policy")
    assumptions = data.draw(assumption_sets(scale), label="assumptions")
    portfolio = portfolio_of(frame, segments=["region"], scale=scale, database=database)
    by = data.draw(st.sampled_from([None, "region"]), label="by")
    swept = sweep(portfolio, policy, assumptions, by=by)
    simulation = swept.at(policy.score_threshold)
    event(f"raised: {min(simulation.total.raised, 10)}")
    assert held_against_the_oracle(simulation, frame, by=by) == []
    other = data.draw(st.integers(scale.lowest, scale.highest), label="another threshold")
    assert held_against_the_oracle(swept.at(other), frame, by=by) == []


def test_one_large_portfolio_with_every_binding_and_reason_gives_the_oracles_figures(
    database: EmbeddedDatabase,
) -> None:
    frame = random_accounts(np.random.default_rng(3), 8_000, SESAME, 10**7)
    policy = Policy(
        score_threshold=500,
        limit_cap=Decimal("60000.5"),
        income_multiple=4.5,
        rounding_step=Decimal("0.05"),
        max_increment=Decimal("9000.01"),
        utilization_max=0.95,
        holdout_rate=0.05,
    )
    portfolio = portfolio_of(frame, segments=["region"], database=database)
    simulation = simulate(portfolio, policy, Assumptions(), by="region")
    assert held_against_the_oracle(simulation, frame, by="region") == []
    assert min(simulation.total.binding.values()) > 5
    assert min(count for count, _ in simulation.total.reasons.values()) > 5


# ---- Real accounts, and the sample book


def test_the_real_card_accounts_give_the_oracles_figures(shared: Path) -> None:
    frame = oracle.portfolio_from_csv(shared / "data" / "taiwan_cards.csv")
    portfolio = portfolio_of(frame, segments=["education", "age_band"])
    simulation = simulate(portfolio, Policy(limit_cap=None), Assumptions(), by="education")
    total = simulation.total
    assert held_against_the_oracle(simulation, frame, by="education") == []
    assert total.baseline
    assert total.proposed
    assert total.increment
    assert total.raised == 384
    assert total.increment.limit == 24_678_000
    assert total.baseline.ead == pytest.approx(1_122_027_527.2, rel=1e-12)
    assert total.proposed.ead == pytest.approx(1_127_640_594.509, abs=5e-4)
    assert total.baseline.projected_defaults == pytest.approx(3_317.03885, abs=5e-6)
    assert total.proposed.projected_defaults == pytest.approx(3_317.475708, abs=5e-7)
    assert total.increment.expected_loss == pytest.approx(300_507.2013, abs=5e-5)
    assert total.expected_loss_parts["new_exposure"] == pytest.approx(266_151.8473, abs=5e-5)
    portfolio.door.engine.dispose()


def test_the_sample_book_gives_the_oracles_figures() -> None:
    """200,000 accounts, every rule and binding, opt-in, linear: the figures that sums can lose."""
    frame = frame_from_parquet(SAMPLE)
    portfolio = portfolio_of(frame, segments=["region"])
    policy = Policy(
        score_threshold=650,
        tiers=(Tier(650, 0.05), Tier(700, 0.10), Tier(800, 0.25)),
        max_increment=Decimal(5_000),
        holdout_rate=0.05,
    )
    assumptions = Assumptions(response_form="linear", consent_mode="opt_in", action_cost=1.5)
    simulation = simulate(portfolio, policy, assumptions)
    expected = oracle.simulate(frame, oracle_policy(policy), oracle_assumptions(assumptions))
    assert differences(simulation.total, expected, assumptions, incomes=True) == []
    assert min(simulation.total.binding.values()) > 0
    assert min(count for count, _ in simulation.total.reasons.values()) > 0


# ---- Edges


def test_a_portfolio_without_accounts_has_no_measures_rather_than_zeros(
    database: EmbeddedDatabase,
) -> None:
    portfolio = portfolio_of(oracle.load_cases().iloc[:0], segments=["region"], database=database)
    simulation = simulate(portfolio, Policy(), Assumptions(), by="region")
    assert simulation.total.baseline is None
    assert simulation.total.proposed is None
    assert simulation.total.increment is None
    assert simulation.total.raised == 0


def test_a_band_without_accounts_has_no_measures_rather_than_zeros(
    database: EmbeddedDatabase,
) -> None:
    cases = oracle.load_cases()
    portfolio = portfolio_of(cases[cases["score"] >= 700], database=database)
    bands = simulate(portfolio, Policy(), Assumptions()).bands
    assert [band.label for band in bands if band.baseline is None] == [
        "350-549",
        "550-599",
        "600-649",
        "650-699",
    ]
    assert bands[-1].label == "850+"


def test_an_income_measure_without_incomes_is_null(database: EmbeddedDatabase) -> None:
    cases = oracle.load_cases().drop(columns="monthly_income")
    total = simulate(portfolio_of(cases, database=database), Policy(), Assumptions()).total
    for side in (total.baseline, total.proposed, total.increment):
        assert side
        assert side.strained is None
        assert side.over_indebted is None


def test_what_is_not_applied_is_named_with_its_column_and_accounts(
    database: EmbeddedDatabase,
) -> None:
    cases = oracle.load_cases()
    portfolio = portfolio_of(cases[["account_id", "score", "credit_limit", "balance"]])
    simulation = simulate(portfolio, Policy(), Assumptions())
    named = {item.guardrail: item.sentence(len(cases)) for item in simulation.not_applied}
    rules = {rule.name: rule.column for rule in GUARDRAILS if rule.column != "balance"}
    assert set(named) == {*rules, "income_multiple"}
    for rule, column in rules.items():
        assert named[rule].endswith(f"not applied, the portfolio has no column {column}")
    whole = simulate(portfolio_of(cases, database=database), Policy(), Assumptions())
    blanks = {item.guardrail: item.accounts for item in whole.not_applied}
    assert blanks["recent_limit_change"] == 2
    assert blanks["income_multiple"] == 2
    assert blanks["opted_out"] == 1
    portfolio.door.engine.dispose()


def test_a_rule_that_is_off_is_not_named_as_not_applied(database: EmbeddedDatabase) -> None:
    cases = oracle.load_cases()[["account_id", "score", "credit_limit", "balance"]]
    policy = Policy(
        opted_out=False,
        in_hardship=False,
        is_student=False,
        past_due=False,
        past_due_12m=None,
        persistent_minimum_payer=None,
        too_new=None,
        recent_limit_change=None,
        income_multiple=None,
    )
    simulation = simulate(portfolio_of(cases, database=database), policy, Assumptions())
    assert simulation.not_applied == ()


def test_a_balance_far_above_floating_points_whole_numbers_moves_no_count_of_unraised_accounts(
    database: EmbeddedDatabase,
) -> None:
    """A ten-thousandth beyond the bound, where both products are above 2^53."""
    income = 10**12 - 1
    frame = pd.DataFrame(
        {
            "account_id": ["a"],
            "score": [900],
            "credit_limit": [10**13],
            "balance": [(income * 60_001 + 1) // 10_000],
            "monthly_income": [income],
        }
    )
    assumptions = Assumptions(over_indebted_multiple=6.0001)
    policy = Policy(raise_rate=0.0)
    simulation = simulate(portfolio_of(frame, database=database), policy, assumptions)
    assert held_against_the_oracle(simulation, frame) == []
    assert simulation.total.increment
    assert simulation.total.increment.over_indebted == 0


@pytest.mark.parametrize("points_to_double_odds", [0.01, 1.0])
def test_a_steep_curve_gives_probabilities_of_0_and_1_and_no_failure(
    points_to_double_odds: float, database: EmbeddedDatabase
) -> None:
    cases = oracle.load_cases().drop(columns="default_probability")
    assumptions = Assumptions(points_to_double_odds=points_to_double_odds)
    total = simulate(portfolio_of(cases, database=database), Policy(), assumptions).total
    assert total.baseline
    below = int((cases["score"] < 650).sum())
    assert total.baseline.projected_defaults == pytest.approx(below, abs=1e-4)


def test_a_portfolio_too_large_for_exact_sums_is_refused_rather_than_wrapped(
    database: EmbeddedDatabase,
) -> None:
    """Whole sums over scores are 64-bit: beyond them a total limit would turn negative."""
    held = {"account_id": ["a", "b"], "score": [400, 900], "balance": [0, 0]}
    frame = pd.DataFrame({**held, "credit_limit": [2**60, 2**60 + 1]})
    portfolio = portfolio_of(frame, database=database)
    with pytest.raises(PortfolioError, match="sum to more than 23,058,430,092,136,939"):
        simulate(portfolio, Policy(), Assumptions())


def test_a_limit_of_zero_is_never_raised_with_every_rule_off(database: EmbeddedDatabase) -> None:
    frame = pd.DataFrame(
        {"account_id": ["a"], "score": [900], "credit_limit": [0], "balance": [500]}
    )
    policy = Policy(
        utilization_out_of_range=False,
        limit_cap=None,
        min_increment=Decimal(0),
        rounding_step=Decimal("0.01"),
    )
    simulation = simulate(portfolio_of(frame, database=database), policy, Assumptions())
    assert simulation.total.reasons["raise_too_small"] == (1, 0.0)
    assert held_against_the_oracle(simulation, frame) == []


def test_an_unknown_segment_is_refused_with_those_that_exist(database: EmbeddedDatabase) -> None:
    portfolio = portfolio_of(oracle.load_cases(), segments=["region"], database=database)
    with pytest.raises(PortfolioError, match="no segment 'city': its segments are region"):
        simulate(portfolio, Policy(), Assumptions(), by="city")


@pytest.mark.parametrize("dropped", [True, False])
def test_a_scale_without_a_curve_asks_for_one_where_default_probability_is_missing(
    dropped: bool, database: EmbeddedDatabase
) -> None:
    cases = oracle.load_cases()
    cases = cases.drop(columns="default_probability") if dropped else cases
    scale = score_scale(0, 1000)
    portfolio = portfolio_of(cases, scale=scale, database=database)
    with pytest.raises(PortfolioError, match="declare anchor_score"):
        simulate(portfolio, Policy(), Assumptions.for_scale(scale))


@pytest.mark.parametrize(("scale", "threshold"), [(SESAME, 349), (SESAME, 951), (FICO, 851)])
def test_a_threshold_off_the_scale_is_refused_in_words(
    scale: ScoreScale, threshold: int, database: EmbeddedDatabase
) -> None:
    cases = oracle.load_cases()
    cases["score"] = cases["score"].clip(scale.lowest, scale.highest)
    portfolio = portfolio_of(cases, scale=scale, database=database)
    words = f"{threshold} is off the score scale: give a whole score from {scale.lowest} to"
    with pytest.raises(ParameterError, match=words):
        simulate(portfolio, Policy(score_threshold=threshold), Assumptions.for_scale(scale))
    swept = sweep(portfolio, Policy(score_threshold=700), Assumptions.for_scale(scale))
    with pytest.raises(ParameterError, match=words):
        swept.at(threshold)


def test_the_hold_out_is_that_of_hashlib_for_any_account_id(database: EmbeddedDatabase) -> None:
    rng = np.random.default_rng(11)
    digits = [str(n).zfill(18) for n in rng.integers(0, 10**18, 1_000)]
    letters = ["é", "客户", "ß", "a b", "'", '"', "%", "\\", ":", "\U0001f600", "A", "a"]
    ids = [*digits, *(f"{letter}{n}" for letter in letters for n in range(25))]
    frame = pd.DataFrame({"account_id": ids, "score": 900, "credit_limit": 10**6, "balance": 0})
    seed, rate = "année:2027 'x'", 0.3333
    portfolio = portfolio_of(frame, database=database)
    policy = Policy(holdout_rate=rate, policy_seed=seed)
    accounts = portfolio.relation
    picked = sa.select(accounts.c.account_id).where(held_out(accounts, policy))
    held = set(portfolio.door.sums(picked)["account_id"].tolist())
    expected = set()
    for account in ids:
        digest = hashlib.sha256(f"{seed}:{account}".encode()).digest()
        if int.from_bytes(digest[:8], "big") * BASIS_POINTS < 3_333 * 2**64:
            expected.add(account)
    assert held == expected
    assert 0.27 < len(held) / len(ids) < 0.40
    total = simulate(portfolio, policy, Assumptions()).total
    assert total.reasons["held_out"][0] == len(held)


def test_results_do_not_change_when_a_portfolio_is_built_again(database: EmbeddedDatabase) -> None:
    cases = oracle.load_cases()
    first: Portfolio = portfolio_of(cases, database=database)
    total = simulate(first, Policy(), Assumptions()).total
    again = portfolio_of(cases, database=database)
    assert first != again
    assert alike(simulate(again, Policy(), Assumptions()).total, total)
