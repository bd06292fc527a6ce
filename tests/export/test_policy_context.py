"""What a policy was made for, held against the portfolio that it is to be used on."""

from __future__ import annotations

import dataclasses

from analytics.assumptions import Assumptions
from analytics.declared.scales import FICO
from analytics.export.policy_context import Context
from analytics.policy import Policy
from tests.export.portfolios import portfolio_of
from tests.oracle import load_cases


def test_a_policy_fits_where_it_was_made() -> None:
    portfolio, assumptions = portfolio_of(load_cases()), Assumptions()
    context = Context.of(portfolio, assumptions)
    assert (context.scale, context.currency, context.method_version) == ("350-950", "CNY", 2)
    assert (context.minimum_payment_rate, context.strain_income_share) == (0.10, 0.30)
    assert context.faults_on(Policy(), portfolio) == []
    assert context.notes_on(Policy(), portfolio, assumptions) == ()
    assert Context().faults_on(Policy(), portfolio) == []


def test_what_a_file_does_not_state_is_taken_and_said() -> None:
    portfolio = portfolio_of(load_cases())
    currency, scale = Context().notes_on(Policy(), portfolio, Assumptions())
    assert "names no currency: its amounts (limit_cap = 50000, rounding_step = 100" in currency
    assert currency.endswith("are taken to be in CNY.")
    assert scale.endswith("its threshold of 800 is taken to be on 350-950.")


def test_amounts_in_another_currency_are_not_meant_and_all_are_named() -> None:
    portfolio = portfolio_of(load_cases(), currency="TWD")
    (fault,) = Context(currency="CNY").faults_on(Policy(limit_cap=None), portfolio)
    assert "in CNY and the portfolio in TWD" in fault
    assert "(rounding_step = 100, min_increment = 100)" in fault


def test_another_scale_and_other_rates_are_said() -> None:
    portfolio = portfolio_of(load_cases())
    context = Context.of(dataclasses.replace(portfolio, scale=FICO), Assumptions())
    assumptions = Assumptions(minimum_payment_rate=0.05)
    scale, rate = context.notes_on(Policy(), portfolio, assumptions)
    assert "made for scores of 300-850, and the portfolio has 350-950" in scale
    assert "minimum_payment_rate = 10 %, and 5 % is assumed here" in rate
    assert context.notes_on(Policy(affordability=False), portfolio, assumptions) == (scale,)
