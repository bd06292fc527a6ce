"""Who gets what: hand examples, random portfolios against the oracle, and what always holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.choices import Treatment
from analytics.declared.treatments import Treatments
from analytics.errors import ParameterError
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.simulation import simulate
from analytics.results.treatments import TreatmentCounts, load_treatments
from tests.drawn import SCALES, assumption_sets, frames, policies
from tests.portfolios import portfolio_of
from tests.results.treating import many_accounts, treatment_differences

PLAIN = {
    "account_id": "1",
    "score": 820,
    "credit_limit": 1_000_000,
    "balance": 300_000,
    "default_probability": 0.01,
    "loss_given_default": 0.5,
    "monthly_income": 1_000_000,
    "months_on_book": 24,
    "days_past_due": 0,
    "max_days_past_due_12m": 0,
    "months_since_limit_change": 24,
    "minimum_payment_months_6": 0,
    "opted_out": False,
    "in_hardship": False,
    "is_student": False,
}
"""An account that is raised, and far from every limit of its own: money in minor units."""


def counted(database: EmbeddedDatabase, *accounts: dict[str, Any], **levers: Any) -> dict[str, int]:
    """Return how many accounts get each treatment, of those that any gets."""
    found = treated(database, *accounts, **levers)
    return {str(one.treatment): one.accounts for one in found.total.figures if one.accounts}


def treated(
    database: EmbeddedDatabase, *accounts: dict[str, Any], **levers: Any
) -> TreatmentCounts:
    """Return the treatments of accounts that differ from the plain one as given."""
    rows = [PLAIN | {"account_id": str(n)} | given for n, given in enumerate(accounts)]
    frame = pd.DataFrame(rows).astype({"monthly_income": "Int64", "months_on_book": "Int64"})
    return load_treatments(portfolio_of(frame, database=database), Policy(**levers), Assumptions())


@pytest.mark.parametrize(
    ("account", "treatment"),
    [
        ({}, "raise"),
        ({"score": 799}, "none"),
        ({"score": 400, "in_hardship": True}, "support"),
        ({"score": 400, "days_past_due": 1}, "support"),
        ({"opted_out": True}, "on_request"),
        ({"opted_out": True, "days_past_due": 3}, "support"),
        ({"max_days_past_due_12m": 30}, "guidance"),
        ({"minimum_payment_months_6": 3}, "guidance"),
        ({"monthly_income": 300_000}, "guidance"),
        ({"months_on_book": 5}, "wait"),
        ({"months_since_limit_change": 0}, "wait"),
        ({"is_student": True}, "none"),
        ({"credit_limit": 5_000_000, "monthly_income": 9_000_000}, "none"),
        ({"minimum_payment_months_6": 1}, "raise_with_guidance"),
        ({"balance": 799_999}, "raise"),
        ({"balance": 800_000}, "raise_with_guidance"),
        ({"monthly_income": 444_400}, "raise_with_guidance"),
        ({"monthly_income": 444_500}, "raise"),
    ],
)
def test_an_account_gets_what_the_table_says(
    account: dict[str, Any], treatment: str, database: EmbeddedDatabase
) -> None:
    assert counted(database, account) == {treatment: 1}


def test_an_unknown_income_is_asked_for(database: EmbeddedDatabase) -> None:
    assert counted(database, {}, {"monthly_income": None}) == {"raise": 1, "ask": 1}


def test_guidance_goes_by_the_affordable_limit_where_the_lever_is_off(
    database: EmbeddedDatabase,
) -> None:
    near = {"monthly_income": 444_400}
    assert counted(database, near, affordability=False) == {"raise_with_guidance": 1}


def test_guidance_goes_by_debt_above_three_incomes(database: EmbeddedDatabase) -> None:
    """The balance after is 300,000 + 0.6 x 300,000 x ln 1.2 = 332,818 fen; half the bound 3 Y."""
    rates = {"minimum_payment_rate": 0.01, "strain_income_share": 0.5}
    for income, treatment in ((110_000, "raise_with_guidance"), (111_000, "raise")):
        frame = pd.DataFrame([PLAIN | {"monthly_income": income}])
        portfolio = portfolio_of(frame, database=database)
        found = load_treatments(portfolio, Policy(), Assumptions(**rates)).total
        assert found.of(Treatment(treatment)).accounts == 1


def test_held_out_accounts_get_the_treatment_of_their_arm(database: EmbeddedDatabase) -> None:
    accounts = [{"minimum_payment_months_6": n % 2} for n in range(400)]
    found = counted(database, *accounts, holdout_rate=0.5)
    assert sum(found.values()) == 400
    assert found["raise"] + found["control"] == 200
    assert found["raise_with_guidance"] + found["control_with_guidance"] == 200
    assert min(found.values()) > 60


def test_a_rule_that_is_off_does_not_take_support_away(database: EmbeddedDatabase) -> None:
    late = {"days_past_due": 40}
    assert counted(database, late, past_due=False, past_due_12m=None) == {"support": 1}


def test_foregone_is_the_value_of_the_raise_without_the_rule(database: EmbeddedDatabase) -> None:
    found = treated(database, {"opted_out": True}).total.of(Treatment.ON_REQUEST)
    frame = pd.DataFrame([PLAIN | {"opted_out": True}])
    without = simulate(
        portfolio_of(frame, database=database), Policy(opted_out=False), Assumptions()
    )
    assert without.total.increment is not None
    assert found.foregone_net_value == pytest.approx(without.total.increment.net_value, rel=1e-12)
    assert (found.limit, found.balance) == (10_000, 3_000)
    assert found.expected_loss == pytest.approx(0.01 * 0.5 * (3_000 + 0.2 * 7_000))


def test_nothing_is_foregone_where_another_rule_fails_or_nothing_could_be_off(
    database: EmbeddedDatabase,
) -> None:
    accounts = (
        {"opted_out": True, "max_days_past_due_12m": 90},
        {"opted_out": True, "monthly_income": 300_000},
        {"score": 790, "opted_out": True},
        {},
        {"credit_limit": 40_000, "balance": 0},
    )
    total = treated(database, *accounts).total
    assert [one.foregone_net_value for one in total.figures] == [0.0] * len(total.figures)


def test_a_new_account_waits_for_both_rules_of_time_as_for_one(database: EmbeddedDatabase) -> None:
    new = {"months_on_book": 2, "months_since_limit_change": 2}
    assert treated(database, new).total.of(Treatment.WAIT).foregone_net_value > 0


def test_a_treatment_that_is_off_is_no_row_and_its_accounts_are_elsewhere(
    database: EmbeddedDatabase,
) -> None:
    frame = pd.DataFrame([PLAIN, PLAIN | {"account_id": "2", "minimum_payment_months_6": 2}])
    portfolio = portfolio_of(frame, database=database)
    table = Treatments(off=frozenset({Treatment.RAISE_WITH_GUIDANCE}))
    found = load_treatments(portfolio, Policy(), Assumptions(), table=table)
    assert Treatment.RAISE_WITH_GUIDANCE not in [one.treatment for one in found.total.figures]
    assert found.total.of(Treatment.RAISE).accounts == 2


def test_what_a_missing_column_takes_away_is_named(database: EmbeddedDatabase) -> None:
    bare = pd.DataFrame([PLAIN]).drop(columns=["monthly_income", "days_past_due"])
    found = load_treatments(portfolio_of(bare, database=database), Policy(), Assumptions())
    assert [needed.column for needed in found.missing] == ["days_past_due", "monthly_income"]
    assert all(needed.off for needed in found.missing)


@pytest.mark.timeout(900)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_random_portfolios_give_the_oracles_treatments(
    data: st.DataObject, database: EmbeddedDatabase
) -> None:
    scale = data.draw(st.sampled_from(SCALES), label="scale")
    largest = data.draw(st.sampled_from([10**6, 10**8, 10**13]), label="largest limit")
    frame = data.draw(frames(scale, largest), label="accounts")
    policy = data.draw(policies(scale, largest), label="policy")
    assumptions = data.draw(assumption_sets(scale), label="assumptions")
    portfolio = portfolio_of(frame, segments=["region"], scale=scale, database=database)
    by = data.draw(st.sampled_from([None, "region"]), label="by")
    assert treatment_differences(portfolio, frame, policy, assumptions, by) == []


LARGE = Policy(
    score_threshold=500,
    limit_cap=Decimal("60000.5"),
    income_multiple=2.0,
    rounding_step=Decimal("0.05"),
    max_increment=Decimal("9000.01"),
    utilization_max=0.95,
    holdout_rate=0.3,
)


@pytest.fixture(scope="module")
def large() -> pd.DataFrame:
    return many_accounts(3)


@pytest.fixture
def portfolio(large: pd.DataFrame, database: EmbeddedDatabase) -> Portfolio:
    return portfolio_of(large, segments=["region"], database=database)


def test_one_large_portfolio_with_every_treatment_gives_the_oracles_figures(
    portfolio: Portfolio, large: pd.DataFrame
) -> None:
    assert treatment_differences(portfolio, large, LARGE, Assumptions(), "region") == []
    found = load_treatments(portfolio, LARGE, Assumptions()).total
    assert min(one.accounts for one in found.figures) > 3


def test_every_account_has_one_treatment_and_the_sums_are_those_of_the_portfolio(
    portfolio: Portfolio,
) -> None:
    found = load_treatments(portfolio, LARGE, Assumptions(), by="region")
    baseline = simulate(portfolio, LARGE, Assumptions()).total.baseline
    assert baseline is not None
    assert found.total.accounts == portfolio.accounts == baseline.accounts
    assert sum(one.limit for one in found.total.figures) == pytest.approx(baseline.limit)
    assert sum(one.balance for one in found.total.figures) == pytest.approx(baseline.balance)
    loss = sum(one.expected_loss for one in found.total.figures)
    assert loss == pytest.approx(baseline.expected_loss, rel=1e-9)
    for groups in (found.groups, found.bands):
        for one in found.total.figures:
            parts = [group.of(one.treatment) for group in groups]
            assert sum(part.accounts for part in parts) == one.accounts
            value = sum(part.foregone_net_value for part in parts)
            assert value == pytest.approx(one.foregone_net_value, rel=1e-9, abs=1e-6)


def test_arms_are_the_accounts_that_the_simulation_raises_and_holds_out(
    portfolio: Portfolio,
) -> None:
    policy = LARGE.with_changes(in_hardship=True, past_due=True)
    found = load_treatments(portfolio, policy, Assumptions()).total
    reasons = simulate(portfolio, policy, Assumptions()).total.reasons
    raised = found.of(Treatment.RAISE).accounts + found.of(Treatment.RAISE_WITH_GUIDANCE).accounts
    held = found.of(Treatment.CONTROL).accounts + found.of(Treatment.CONTROL_WITH_GUIDANCE).accounts
    assert (raised, held) == (reasons["raised"][0], reasons["held_out"][0])


def test_a_stricter_affordability_never_raises_more(portfolio: Portfolio) -> None:
    raised = []
    for share in (0.5, 0.4, 0.3, 0.2, 0.1):
        found = load_treatments(portfolio, LARGE, Assumptions(strain_income_share=share)).total
        arms = (Treatment.RAISE, Treatment.RAISE_WITH_GUIDANCE)
        raised.append(sum(found.of(arm).accounts for arm in arms))
    assert raised == sorted(raised, reverse=True)
    assert raised[0] > raised[-1]


def test_a_higher_threshold_moves_accounts_to_none_alone(portfolio: Portfolio) -> None:
    lower = load_treatments(portfolio, LARGE, Assumptions()).total
    higher = load_treatments(portfolio, LARGE.at_threshold(700), Assumptions()).total
    for one in lower.figures:
        other = higher.of(one.treatment).accounts
        if one.treatment is Treatment.NONE:
            assert other > one.accounts
        elif one.treatment is Treatment.SUPPORT:
            assert other == one.accounts
        else:
            assert other <= one.accounts


def test_a_threshold_off_the_scale_is_refused_in_words(portfolio: Portfolio) -> None:
    with pytest.raises(ParameterError, match="off the score scale"):
        load_treatments(portfolio, Policy(score_threshold=951), Assumptions())
