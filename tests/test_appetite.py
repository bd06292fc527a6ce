"""Constraints in text, contradictions, and how policies stand to them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.appetite import Appetite, Constraint, Kind, parse_appetite, parse_constraint
from analytics.assumptions import Assumptions
from analytics.declared.measures import BY_NAME, MEASURES
from analytics.errors import ParameterError
from analytics.policy import Policy
from analytics.results.simulation import Group, Simulation, simulate
from analytics.results.surface import Surface, load_surface
from analytics.results.verdicts import State, figures, judge_group, within
from analytics.shown import words
from tests.oracle import load_cases
from tests.portfolios import portfolio_of

POLICY = Policy(score_threshold=650)


@pytest.fixture(scope="module")
def database() -> Iterator[EmbeddedDatabase]:
    database = EmbeddedDatabase()
    yield database
    database.close()


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


@pytest.mark.parametrize(
    ("text", "measure", "kind", "sign", "bound"),
    [
        ("ead_increment_rate<=0.05", "ead", Kind.RELATIVE, "<=", 0.05),
        ("ead_increment_rate <= 5%", "ead", Kind.RELATIVE, "<=", 0.05),
        ("loss_rate<=1.2%", "loss_rate", Kind.LEVEL, "<=", 0.012),
        ("loss_per_new_exposure ≤ 4 %", "loss_per_new_exposure", Kind.LEVEL, "<=", 0.04),
        ("projected_defaults_increment<=300", "projected_defaults", Kind.INCREMENT, "<=", 300),
        ("strained_increment<=0", "strained", Kind.INCREMENT, "<=", 0),
        ("net_value_increment>=0", "net_value", Kind.INCREMENT, ">=", 0),
        ("net-value>=-5", "net_value", Kind.LEVEL, ">=", -5),
        ("limit_increment<=50,000,000", "limit", Kind.INCREMENT, "<=", 5e7),
        ("LIMIT_increment=<1e6", "limit", Kind.INCREMENT, "<=", 1e6),
    ],
)
def test_a_constraint_is_read_from_text(
    text: str, measure: str, kind: Kind, sign: str, bound: float
) -> None:
    assert parse_constraint(text) == Constraint(measure, kind, sign, bound)


@given(
    st.sampled_from([m.name for m in MEASURES]),
    st.sampled_from(Kind),
    st.sampled_from(["<=", ">="]),
    st.floats(-1e15, 1e15),
)
def test_canonical_text_is_read_back_as_the_same_constraint(
    measure: str, kind: Kind, sign: str, bound: float
) -> None:
    if measure == "loss_per_new_exposure":
        kind = Kind.LEVEL
    constraint = Constraint(measure, kind, sign, bound)
    assert parse_constraint(str(constraint)) == constraint
    said = words.constraint_words(constraint)
    assert said.startswith(BY_NAME[measure].title)
    assert ("at most" in said, "at least" in said) == (sign == "<=", sign == ">=")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("eda<=3", "did you mean ead"),
        ("net_valu_increment>=0", "did you mean net_value_increment"),
        ("qqqqqqqq<=3", "measures: accounts, raised"),
        ("loss_rate<1%", "write <= or >="),
        ("loss_rate==1%", "write <= or >="),
        ("ead<=5%", "write ead_increment_rate<=5%"),
        ("ead<=much", "give a number"),
        ("ead<=nan", "give a number"),
        ("ead", "write a measure, <= or >=, and a bound"),
        ("", "write a measure"),
    ],
)
def test_what_is_no_constraint_is_refused_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parse_constraint(text)
    assert said in str(caught.value)


def test_every_fault_of_an_appetite_is_named_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        parse_appetite(["eda<=3", "loss_rate<1", "ead<=5%", "raised>=10"])
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize(
    "text",
    [
        "raised>=100; raised<=99",
        "ead_increment_rate>=6%; loss_rate<=3%; ead_increment_rate<=5%",
        "strained<=-1",
        "raised_share>=1.5",
    ],
)
def test_contradictory_and_impossible_constraints_are_refused(text: str) -> None:
    with pytest.raises(ParameterError, match=r"no policy can meet (both|it)"):
        parse_appetite(text)


def test_an_appetite_is_kept_as_canonical_texts_and_read_back() -> None:
    appetite = parse_appetite("ead_increment_rate <= 5%\n loss_rate<=1.2 % ; raised>=10;raised>=10")
    texts = [str(constraint) for constraint in appetite.constraints]
    assert texts == ["ead_increment_rate<=0.05", "loss_rate<=0.012", "raised>=10"]
    assert parse_appetite(texts) == appetite
    assert parse_appetite(str(appetite)) == appetite
    assert not parse_appetite("")
    assert appetite


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


def test_a_portfolio_without_accounts_breaks_nothing() -> None:
    portfolio = portfolio_of(load_cases().iloc[:0], database=EmbeddedDatabase())
    verdicts = judge_group(
        parse_appetite("raised>=10"), simulate(portfolio, POLICY, Assumptions()).total
    )
    assert [verdict.state for verdict in verdicts] == [State.MET]
    portfolio.door.close()


def test_an_appetite_without_a_constraint_keeps_the_others() -> None:
    appetite = parse_appetite("raised>=1; ead<=5")
    assert appetite.without(appetite.constraints[0]) == Appetite(appetite.constraints[1:])
