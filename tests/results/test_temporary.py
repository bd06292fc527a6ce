"""A temporary raise: who owes more at its end, against the oracle, and a lasting one beside it."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.errors import ParameterError
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation import simulate
from analytics.results.temporary import compare_lengths
from tests import oracle
from tests.drawn import SCALES, assumption_sets, frames, policies
from tests.portfolios import oracle_assumptions, oracle_policy, portfolio_of

BY_BAND = ("mpb", "pd_uplift", "attrition_change")
NOTHING_BUT_A_TENTH = dict.fromkeys(BY_BAND, (0.0,) * 8) | {
    "mpb": (0.1,) * 8,
    "response_form": "linear",
}
DAYS = (7, 30, 60, 90)


def accounts(*balances: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": [str(n) for n in range(len(balances))],
            "score": 820,
            "credit_limit": 1_000_000,
            "balance": balances,
            "default_probability": 0.02,
        }
    )


def ending(days: int | None, **changes: object) -> Policy:
    return Policy(
        affordability=False,
        unknown_cells="pass",
        utilization_out_of_range=False,
        temporary_days=days,
        **changes,  # type: ignore[arg-type]
    )


def test_who_owes_more_at_the_end_worked_by_hand(database: EmbeddedDatabase) -> None:
    """A raise of 2,000 draws 200 in a year; 0.55 of it by day 91.3, 10.84 by day 9."""
    assumptions = Assumptions(**NOTHING_BUT_A_TENTH)  # type: ignore[arg-type]
    frame = accounts(300_000, 998_915, 998_916, 1_000_000, 1_000_001)
    portfolio = portfolio_of(frame, database=database)
    assert simulate(portfolio, ending(9), assumptions).total.above_old_limit == 3
    taken = assumptions.with_changes(consent_mode="opt_in")
    assert simulate(portfolio, ending(9), taken).total.above_old_limit == pytest.approx(3 * 0.3)
    assert simulate(portfolio, ending(None), assumptions).total.above_old_limit is None
    below = ending(9, score_threshold=900)
    assert simulate(portfolio, below, assumptions).total.above_old_limit == 0


@pytest.mark.timeout(900)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_random_portfolios_end_as_the_oracles(
    data: st.DataObject, database: EmbeddedDatabase
) -> None:
    scale = data.draw(st.sampled_from(SCALES), label="scale")
    largest = data.draw(st.sampled_from([10**6, 10**8]), label="largest limit")
    frame = data.draw(frames(scale, largest), label="accounts")
    days = data.draw(st.integers(7, 90), label="days")
    policy = data.draw(policies(scale, largest), label="policy").with_changes(temporary_days=days)
    assumptions = data.draw(assumption_sets(scale), label="assumptions")
    portfolio = portfolio_of(frame, segments=["region"], scale=scale, database=database)
    simulation = simulate(portfolio, policy, assumptions, by="region")
    expected = oracle.at_its_end(frame, oracle_policy(policy), oracle_assumptions(assumptions))
    found, wanted = simulation.total.above_old_limit, expected["above_old_limit"]
    assert found is not None
    assert math.isclose(found, wanted, rel_tol=1e-12)
    parts = [group.above_old_limit or 0.0 for group in simulation.groups]
    assert math.isclose(sum(parts), wanted, rel_tol=1e-12)


def test_a_longer_raise_never_costs_less_capital_nor_ends_with_fewer_above(
    book: Portfolio,
) -> None:
    totals = [
        simulate(book, Policy(temporary_days=days, score_threshold=700), Assumptions()).total
        for days in DAYS
    ]
    charges = [total.increment.capital_charge for total in totals if total.increment]
    above = [total.above_old_limit or 0.0 for total in totals]
    assert charges == sorted(charges)
    assert charges[0] < charges[-1]
    assert above == sorted(above)


def test_some_days_and_for_good_are_what_each_simulates(book: Portfolio) -> None:
    for given_days in (None, 14):
        policy = Policy(temporary_days=given_days)
        found = compare_lengths(book, policy, Assumptions())
        days = given_days or 30
        assert (found.temporary.days, found.for_good.days) == (days, None)
        short = simulate(book, policy.with_changes(temporary_days=days), Assumptions()).total
        long = simulate(book, policy.with_changes(temporary_days=None), Assumptions()).total
        assert found.temporary.increment
        assert found.for_good.increment
        assert short.increment
        assert long.increment
        assert found.temporary.increment.npv == pytest.approx(short.increment.npv)
        assert found.for_good.increment.npv == pytest.approx(long.increment.npv)
        assert found.temporary.increment.strained == found.for_good.increment.strained
        assert found.temporary.increment.capital_charge < found.for_good.increment.capital_charge
        assert found.temporary.above_old_limit == short.above_old_limit
        assert found.for_good.above_old_limit is None


def test_the_end_is_the_first_day_and_the_days() -> None:
    first = dt.date(2026, 11, 27)
    assert ending(30, effective_date=first).end_date == dt.date(2026, 12, 27)
    assert ending(30).end_date is None
    assert ending(None, effective_date=first).end_date is None
    with pytest.raises(ParameterError, match="after the last day of the calendar"):
        ending(30, effective_date=dt.date(9999, 12, 30))
