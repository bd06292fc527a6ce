"""The engine held against the oracle: random portfolios, real accounts and the sample book."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import PRESETS, Assumptions
from analytics.declared.assumption_parameters import BAND_PARAMETERS
from analytics.declared.columns import OPTIONAL
from analytics.declared.parameters import BASIS_POINTS
from analytics.declared.scales import FICO, SESAME, ScoreScale, score_scale
from analytics.errors import ParameterError, PortfolioError
from analytics.method.bands import band_index
from analytics.method.guardrails import GUARDRAILS, held_out
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results.simulation import Simulation, simulate, sweep
from analytics.shown import words
from tests import oracle
from tests.portfolios import (
    alike,
    differences,
    frame_from_parquet,
    oracle_assumptions,
    oracle_policy,
    portfolio_of,
)

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "huabei_like.parquet"
SCALES = (SESAME, FICO, score_scale(0, 1000))
BAND = "score band of the oracle"


@pytest.fixture(scope="module")
def database() -> Iterator[EmbeddedDatabase]:
    database = EmbeddedDatabase()
    with database.loading() as cursor:
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


# ---- Random portfolios, policies and assumptions

points = (st.integers(0, BASIS_POINTS) | st.integers(500, 5_000)).map(lambda n: n / BASIS_POINTS)
shares = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1).map(lambda share: round(share, 6)))


def money(highest: int) -> st.SearchStrategy[Decimal]:
    """Amounts from 0.01 to a highest, in currency units."""
    whole = st.one_of(st.integers(1, 100), st.integers(1, highest), st.integers(1, highest * 100))
    return whole.map(lambda cents: Decimal(cents) / 100)


@st.composite
def policies(draw: st.DrawFn, scale: ScoreScale, largest: int) -> Policy:
    """Policies with every lever; amounts in proportion to the largest limit, in minor units."""
    units = largest // 100
    starts = draw(
        st.sets(st.integers(scale.lowest, scale.default_threshold), min_size=1, max_size=4)
    )
    threshold, *later = sorted(starts)
    tiers: tuple[Tier, ...] = ()
    if draw(st.booleans()):
        tiers = tuple(Tier(start, draw(points)) for start in (threshold, *later))
    utilization = (draw(st.integers(0, 5_000)), draw(st.integers(5_000, 15_000)))
    return Policy(
        score_threshold=threshold,
        raise_rate=draw(points),
        tiers=tiers,
        limit_cap=draw(
            st.none() | st.integers(units * 50, units * 100).map(lambda n: Decimal(n) / 100)
        ),
        income_multiple=draw(
            st.none()
            | st.integers(41_000, 52_000).map(lambda n: n / BASIS_POINTS)
            | st.integers(1, 500_000).map(lambda n: n / BASIS_POINTS)
        ),
        rounding_step=draw(
            st.sampled_from(
                [
                    Decimal("0.01"),
                    Decimal("0.05"),
                    Decimal(7),
                    min(Decimal(units // 100), Decimal(1000)),
                ]
            )
            | money(min(units // 50, 1_000_000))
        ),
        min_increment=draw(st.just(Decimal(0)) | money(units // 50)),
        max_increment=draw(st.none() | money(units // 2)),
        opted_out=draw(st.booleans()),
        in_hardship=draw(st.booleans()),
        is_student=draw(st.booleans()),
        past_due=draw(st.booleans()),
        past_due_12m=draw(st.none() | st.integers(30, 90)),
        persistent_minimum_payer=draw(st.none() | st.integers(3, 6)),
        too_new=draw(st.none() | st.integers(1, 12)),
        recent_limit_change=draw(st.none() | st.integers(1, 12)),
        utilization_out_of_range=draw(st.booleans()),
        utilization_min=utilization[0] / BASIS_POINTS,
        utilization_max=utilization[1] / BASIS_POINTS,
        holdout_rate=draw(st.just(0.0) | st.integers(0, 5_000).map(lambda n: n / 10_000)),
        policy_seed=draw(st.sampled_from(["headroom", "a", "预算 2027", "x" * 64])),
    )


@st.composite
def assumption_sets(draw: st.DrawFn, scale: ScoreScale) -> Assumptions:
    """Assumptions of every kind. The correlation is above 0, where capital is not pure rounding."""
    shipped = Assumptions.for_scale(scale)
    if not shipped.has_curve:
        shipped = shipped.with_changes(
            anchor_score=500.0, anchor_odds=30.0, points_to_double_odds=60.0
        )
    shipped = shipped.with_preset(draw(st.sampled_from(PRESETS)))
    if draw(st.booleans()):
        edges = draw(
            st.sets(st.integers(scale.lowest - 10, scale.highest + 10), min_size=1, max_size=9)
        )
        by_band = {
            band.name: tuple(
                draw(st.integers(int(1000 * (band.declared.low or 0)), 1000)) / 1000 for _ in edges
            )
            for band in BAND_PARAMETERS
        }
        shipped = shipped.with_changes(band_edges=tuple(sorted(edges)), **by_band)
    if draw(st.booleans()):
        shipped = shipped.with_changes(
            anchor_score=draw(st.integers(scale.lowest, scale.highest)) + 0.5,
            anchor_odds=draw(st.floats(0.1, 1_000)),
            points_to_double_odds=draw(st.floats(5, 500)),
        )
    return shipped.with_changes(
        response_form=draw(st.sampled_from(["log", "linear"])),
        consent_mode=draw(st.sampled_from(["automatic", "opt_in"])),
        idle_draw=draw(shares),
        attrition_floor=draw(shares),
        credit_conversion_factor=draw(shares),
        loss_given_default=draw(shares),
        asset_correlation=draw(st.floats(0.01, 0.6)),
        funding_rate=draw(shares),
        operating_rate=draw(shares),
        capital_approach=draw(st.sampled_from(["standardised", "irb_qrre", "irb_other_retail"])),
        risk_weight=draw(st.floats(0, 12.5)),
        regulatory_conversion_factor=draw(shares),
        capital_ratio=draw(st.just(0.0) | st.floats(0.01, 1)),
        hurdle_rate=draw(shares),
        action_cost=draw(st.just(0.0) | st.floats(0.01, 1_000)),
        relief_utilization=draw(st.integers(0, 15_000)) / BASIS_POINTS,
        minimum_payment_rate=draw(points),
        strain_income_share=draw(st.integers(0, 15_000)) / BASIS_POINTS,
        over_indebted_multiple=draw(st.integers(1, 500_000)) / BASIS_POINTS,
    )


@st.composite
def frames(draw: st.DrawFn, scale: ScoreScale, largest: int) -> pd.DataFrame:
    """1 to 60 accounts; each optional column absent, whole, partly blank or blank throughout."""
    size = draw(st.sampled_from([1, 3, 20, 40, 60, 60]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    frame = random_accounts(rng, size, scale, largest)
    for column in OPTIONAL:
        kept = draw(st.sampled_from(["whole", "whole", "partly", "blank", "absent"]))
        if kept == "absent":
            frame = frame.drop(columns=column)
        elif kept != "whole":
            known = rng.random(size) < (0.7 if kept == "partly" else 0.0)
            frame[column] = frame[column].where(pd.Series(known), None)
    return frame


def random_accounts(
    rng: np.random.Generator, size: int, scale: ScoreScale, largest: int
) -> pd.DataFrame:
    """Accounts with zero, tiny, odd and round limits, idle, full and over limit, p at its ends."""

    def mixed(*alternatives: Any) -> Any:
        stacked = np.stack([np.broadcast_to(each, size) for each in alternatives])
        return stacked[rng.integers(0, len(alternatives), size), np.arange(size)]

    odd = rng.integers(0, largest, size, endpoint=True)
    limit = mixed(0, rng.integers(1, 5_000, size), odd, odd, odd, odd // 10_000 * 10_000)
    drawn = (limit * rng.random(size)).astype(np.int64)
    balance = mixed(0, limit, limit * 4 // 5, drawn, drawn, drawn, limit + limit // 7 + 1)
    edges = mixed(scale.lowest, scale.highest, *scale.band_edges, scale.default_threshold)
    any_income = rng.integers(0, largest // 2, size)
    income = mixed(0, *[limit // 4] * 5, limit // 3, balance // 6, any_income, limit)
    names = [str(number).zfill(18) for number in rng.integers(0, 10**12, size)]
    return pd.DataFrame(
        {
            "account_id": [f"{name}{'é客'[i % 3 : i % 3 + 1]}{i}" for i, name in enumerate(names)],
            "score": mixed(edges, *rng.integers(scale.lowest, scale.highest + 1, (3, size))),
            "credit_limit": limit,
            "balance": balance,
            "default_probability": mixed(0.0, 1.0, 1e-9, 0.95, *rng.random((2, size)) ** 3),
            "loss_given_default": mixed(0.0, 1.0, rng.random(size)),
            "monthly_income": pd.array(income, dtype="Int64"),
            **{
                column: pd.array(
                    mixed(*[usual] * 8, *rng.integers(0, top, (2, size))), dtype="Int64"
                )
                for column, usual, top in (
                    ("months_on_book", 24, 30),
                    ("days_past_due", 0, 2),
                    ("max_days_past_due_12m", 0, 95),
                    ("months_since_limit_change", 24, 30),
                    ("minimum_payment_months_6", 0, 7),
                )
            },
            **{
                column: pd.array(rng.random(size) < rng.random() / 5, dtype="boolean")
                for column in ("opted_out", "in_hardship", "is_student")
            },
            "region": rng.choice(np.array(["East", "West", "", "  ", "東", None], object), size),
        }
    )


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
    portfolio.door.close()


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
    named = {
        item.guardrail: words.not_applied_sentence(item, len(cases))
        for item in simulation.not_applied
    }
    rules = {rule.name: rule.column for rule in GUARDRAILS if rule.column != "balance"}
    assert set(named) == {*rules, "income_multiple"}
    for rule, column in rules.items():
        assert named[rule].endswith(f"not applied, the portfolio has no column {column}")
    whole = simulate(portfolio_of(cases, database=database), Policy(), Assumptions())
    blanks = {item.guardrail: item.accounts for item in whole.not_applied}
    assert blanks["recent_limit_change"] == 2
    assert blanks["income_multiple"] == 2
    assert blanks["opted_out"] == 1
    portfolio.door.close()


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
