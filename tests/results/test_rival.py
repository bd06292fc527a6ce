"""The rival's line: by hand, against the oracle on random portfolios, and what must hold always."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.assumption_parameters import RIVAL_NAMES
from analytics.declared.choices import RivalVerdict
from analytics.declared.scales import SESAME
from analytics.method.formulas import LEAVING_THROUGH_THE_YEAR
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.rival import Rival, rival
from analytics.results.simulation import Group, simulate, sweep
from analytics.results.steps import Step
from tests import oracle
from tests.drawn import SCALES, assumption_sets, frames, policies, random_accounts
from tests.oracle.columns import segment_labels
from tests.portfolios import ROUNDING, oracle_assumptions, oracle_policy, portfolio_of

T = TypeVar("T")
SHOWN = 5.1e-5
OPEN = Policy(affordability=False, unknown_cells="pass", utilization_out_of_range=False)
ONE = {
    "account_id": "1",
    "score": 820,
    "credit_limit": 1_000_000,
    "balance": 300_000,
    "default_probability": 0.02,
    "loss_given_default": 0.85,
}
WORTH = 135.0 - 74.80 - 0.095 * 0.105 * 0.75 * 3_700
LOST = 0.10 + 0.05 * 0.25 / 2


def accounts(*changes: dict[str, Any]) -> pd.DataFrame:
    rows = [ONE | {"account_id": str(n)} | change for n, change in enumerate(changes)]
    frame = pd.DataFrame(rows)
    if "external_limit" in frame:
        frame["external_limit"] = pd.array(frame["external_limit"].tolist(), dtype="Int64")
    return frame


def found(group: Group) -> Rival:
    result = rival(group)
    assert result is not None
    return result


def against(portfolio: Portfolio, **changes: Any) -> Rival:
    return found(simulate(portfolio, OPEN, Assumptions(**changes)).total)


def expected_by_the_oracle(
    frame: pd.DataFrame, policy: Policy, assumptions: Assumptions
) -> dict[str, Any]:
    given_here = {name: getattr(assumptions, name) for name in RIVAL_NAMES}
    return oracle.rival(frame, oracle_policy(policy), oracle_assumptions(assumptions), **given_here)


def differences(group: Group, expected: dict[str, Any], assumptions: Assumptions) -> list[str]:
    """Return what of a group's rival is not the oracle's, as far as floating point can tell."""
    result = rival(group)
    if result is None:
        return ["no accounts"]
    assert group.proposed
    spread = abs(assumptions.hurdle_rate - assumptions.funding_rate) * assumptions.capital_ratio
    exposed = group.proposed.limit + group.proposed.balance
    irb = 200 if assumptions.capital_approach.is_irb else 1
    amount = exposed * (14 + 12.5 * spread * irb) + group.proposed.action_cost
    taken = 1.0 + LEAVING_THROUGH_THE_YEAR * assumptions.rival_attrition
    room = ROUNDING * amount * (11 + taken)
    pairs = {
        "at_stake": (result.at_stake, expected["at_stake"]),
        **{
            name: (getattr(result.matrix, name), value)
            for name, value in expected["matrix"].items()
        },
    }
    wrong = [
        f"{name} is {value!r}, not {wanted!r}"
        for name, (value, wanted) in pairs.items()
        if not math.isclose(value, wanted, rel_tol=1e-9, abs_tol=room)
    ]
    reach, wanted = result.reach, expected["reach"]
    if (reach is None) is not (wanted is None) or (
        reach is not None and not math.isclose(reach, wanted, rel_tol=1e-12)
    ):
        wrong.append(f"reach is {reach!r}, not {wanted!r}")
    if abs(expected["at_stake"]) > 1e3 * room:
        wrong += _of_break_even(result, expected, room)
    return wrong


def _of_break_even(result: Rival, expected: dict[str, Any], room: float) -> list[str]:
    value, wanted = result.break_even_reach, expected["break_even_reach"]
    if value is not None and wanted is not None:
        inexact = 1e-8 + 4 * room / abs(expected["at_stake"])
        return (
            [] if math.isclose(value, wanted, abs_tol=inexact) else [f"{value!r}, not {wanted!r}"]
        )
    if value is wanted:
        return []
    known = wanted if value is None else value
    edge = min(abs(known), abs(1 - known)) < 1e-6
    return [] if edge else [f"break-even is {value!r}, not {wanted!r}"]


# ---- By hand


def test_what_is_at_stake_worked_by_hand(database: EmbeddedDatabase) -> None:
    frame = accounts({}, {"score": 799}, {"score": 700})
    result = against(portfolio_of(frame, database=database))
    assert result.raised == 1
    assert result.at_stake == pytest.approx(0.6 * LOST * WORTH, rel=1e-12)
    assert result.matrix.rival_alone == -result.at_stake
    assert result.matrix.both == pytest.approx(result.matrix.we_alone - result.at_stake / 2)
    changes = {"rival_reach": 0.3, "rival_shift": 0.2, "rival_attrition": 0.5}
    other = against(portfolio_of(frame, database=database), **changes)
    assert other.at_stake == pytest.approx(0.3 * (0.2 + 0.05 * 0.25) * WORTH, rel=1e-12)


def test_the_reach_is_counted_where_limits_elsewhere_are_known(database: EmbeddedDatabase) -> None:
    frame = accounts(*({"external_limit": cell} for cell in (1, 0, None, 500_000)))
    result = against(portfolio_of(frame, database=database))
    assert result.at_stake == pytest.approx(2.6 * LOST * WORTH, rel=1e-12)
    assert result.reach == pytest.approx(0.65)


def test_in_opt_in_mode_those_count_who_take_the_raise(database: EmbeddedDatabase) -> None:
    frame = accounts({}, {"score": 650, "external_limit": 1})
    portfolio = portfolio_of(frame, database=database)
    policy = OPEN.with_changes(score_threshold=350)
    assumptions = Assumptions(consent_mode="opt_in")
    result = found(simulate(portfolio, policy, assumptions).total)
    assert result.reach == pytest.approx((0.30 * 0.6 + 0.50) / 0.80)


def test_a_verdict_says_which_choice_is_better(database: EmbeddedDatabase) -> None:
    portfolio = portfolio_of(accounts({}), database=database)
    by_band = ("elasticity", "mpb", "pd_uplift", "attrition_change")
    still = dict.fromkeys(by_band, (0.0,) * 8) | {"idle_draw": 0.0}
    assert against(portfolio).verdict is RivalVerdict.DO_NOT_RAISE
    free = {"hurdle_rate": 0.025, "credit_conversion_factor": 0.0}
    assert against(portfolio, **still, **free).verdict is RivalVerdict.RAISE
    assert (
        against(portfolio, **still, **free, rival_reach=0.0).verdict is RivalVerdict.NO_DIFFERENCE
    )
    sure = portfolio_of(accounts({"default_probability": 0.001}), database=database)
    depends = against(sure, **still, action_cost=0.40)
    assert depends.verdict is RivalVerdict.DEPENDS
    assert depends.gain_alone < 0 < depends.gain_against
    assert depends.break_even_reach is not None
    there = against(sure, **still, action_cost=0.40, rival_reach=depends.break_even_reach)
    assert there.gain_against == pytest.approx(0, abs=1e-9)


def test_customers_who_cost_more_than_they_bring_are_no_loss(database: EmbeddedDatabase) -> None:
    portfolio = portfolio_of(accounts({"default_probability": 0.2}), database=database)
    result = against(portfolio)
    assert result.loses_money
    assert result.matrix.rival_alone > 0


def test_nobody_raised_has_nothing_at_stake(database: EmbeddedDatabase) -> None:
    portfolio = portfolio_of(accounts({"score": 500}), database=database)
    result = against(portfolio)
    assert (result.raised, result.at_stake, result.reach) == (0, 0, None)
    assert result.break_even_reach is None
    assert result.verdict is RivalVerdict.NO_DIFFERENCE
    empty = next(b for b in simulate(portfolio, OPEN, Assumptions()).bands if not b.baseline)
    assert rival(empty) is None


# ---- Against the oracle


@pytest.mark.timeout(900)
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_random_portfolios_give_the_oracles_rival(
    data: st.DataObject, database: EmbeddedDatabase
) -> None:
    scale = data.draw(st.sampled_from(SCALES), label="scale")
    largest = data.draw(st.sampled_from([10**6, 10**8]), label="largest limit")
    frame = data.draw(frames(scale, largest), label="accounts")
    policy = data.draw(policies(scale, largest), label="policy")
    assumptions = data.draw(assumption_sets(scale), label="assumptions")
    portfolio = portfolio_of(frame, segments=["region"], scale=scale, database=database)
    simulation = simulate(portfolio, policy, assumptions, by="region")
    event(f"raised: {min(simulation.total.raised, 10)}")
    expected = expected_by_the_oracle(frame, policy, assumptions)
    assert differences(simulation.total, expected, assumptions) == []
    parts = [rival(group) for group in (*simulation.groups, *simulation.bands)]
    stakes = [part.at_stake for part in parts if part]
    room = 1e-9 * sum(map(abs, stakes)) + 1e-6
    assert math.isclose(sum(stakes), 2 * expected["at_stake"], rel_tol=1e-9, abs_tol=room)


def test_one_large_portfolio_gives_the_oracles_rival_by_group(database: EmbeddedDatabase) -> None:
    frame = random_accounts(np.random.default_rng(9), 4_000, SESAME, 10**7)
    frame["external_limit"] = frame["external_limit"].where(
        pd.Series(np.random.default_rng(2).random(4_000) < 0.6), None
    )
    policy = Policy(score_threshold=500, holdout_rate=0.05)
    portfolio = portfolio_of(frame, segments=["region"], database=database)
    labels = np.array(segment_labels(frame, "region"))
    for mode in ("automatic", "opt_in"):
        assumptions = Assumptions(consent_mode=mode)
        for group in simulate(portfolio, policy, assumptions, by="region").groups:
            own = frame[labels == group.label].reset_index(drop=True)
            expected = expected_by_the_oracle(own, policy, assumptions)
            assert differences(group, expected, assumptions) == [], group.label


# ---- What must hold always


def test_a_reach_of_nothing_makes_the_rival_irrelevant(book: Portfolio) -> None:
    result = found(simulate(book, Policy(), Assumptions(rival_reach=0.0)).total)
    assert result.at_stake == 0
    assert result.matrix.both == result.matrix.we_alone
    assert result.matrix.rival_alone == 0
    assert result.break_even_reach is None


@pytest.mark.parametrize("name", RIVAL_NAMES)
def test_a_stronger_rival_puts_no_less_at_stake(name: str, book: Portfolio) -> None:
    swept = sweep(book, Policy(), Assumptions())
    values = (0.0, 0.2, 0.5, 1.0)
    stakes = [abs(found(_under(swept, **{name: value})).at_stake) for value in values]
    assert stakes == sorted(stakes)
    assert stakes[0] < stakes[-1]


def _under(swept: Any, **changes: float) -> Group:
    found_again = sweep(swept.portfolio, swept.policy, swept.assumptions.with_changes(**changes))
    return found_again.at(swept.policy.score_threshold).total


def test_another_rival_runs_no_statement(book: Portfolio) -> None:
    kept: dict[Step, object] = {}
    made: list[Step] = []

    def memo(step: Step, make: Callable[[], T]) -> T:
        if step not in kept:
            made.append(step)
            kept[step] = make()
        return kept[step]  # type: ignore[return-value]

    first = sweep(book, Policy(), Assumptions(), memo=memo).at(800).total
    ran = len(made)
    other = Assumptions(rival_reach=0.3, rival_shift=0.2, rival_attrition=1.0)
    second = sweep(book, Policy(), other, memo=memo).at(800).total
    assert len(made) == ran == 3
    assert first.at_stake != second.at_stake
    assert first.increment == second.increment
    assert found(second).reach == pytest.approx(0.3)
    assert Assumptions().for_readings() == other.for_readings()


def test_what_is_at_stake_on_the_sample(whole_book: Portfolio) -> None:
    simulation = simulate(whole_book, Policy(), Assumptions(), by="channel")
    result = found(simulation.total)
    assert result.at_stake == pytest.approx(21_267.4673, abs=SHOWN)
    assert result.matrix.we_alone == pytest.approx(30_174.8653, abs=SHOWN)
    assert result.reach == pytest.approx(0.6)
    assert result.verdict is RivalVerdict.RAISE
    assert sum(found(g).at_stake for g in simulation.groups) == pytest.approx(result.at_stake)
    lower = Policy(score_threshold=700, holdout_rate=0.05)
    result = found(simulate(whole_book, lower, Assumptions()).total)
    assert result.at_stake == pytest.approx(136_016.6421, abs=SHOWN)


def test_what_is_at_stake_on_the_real_cards(cards: Portfolio) -> None:
    result = found(simulate(cards, Policy(limit_cap=None), Assumptions()).total)
    assert result.at_stake == pytest.approx(-81_119.2628, abs=SHOWN)
    assert result.loses_money
    assert result.verdict is RivalVerdict.DO_NOT_RAISE
