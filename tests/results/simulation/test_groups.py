"""Groups without accounts, without incomes, and rules that cannot be applied."""

from __future__ import annotations

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.method.guardrails import GUARDRAILS
from analytics.policy import Policy
from analytics.results.simulation import simulate
from analytics.shown import words
from tests import oracle
from tests.portfolios import portfolio_of


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
    assert set(named) == {*rules, "affordability"}
    for rule, column in rules.items():
        assert named[rule].endswith(f"not applied, the portfolio has no column {column}")
    everything = portfolio_of(cases, database=database)
    whole = simulate(everything, Policy(unknown_cells="pass", income_multiple=4), Assumptions())
    blanks = {item.guardrail: item.accounts for item in whole.not_applied}
    assert blanks["recent_limit_change"] == 2
    assert blanks["income_multiple"] == blanks["affordability"] == 2
    assert blanks["opted_out"] == 1
    held = simulate(everything, Policy(), Assumptions())
    # Who has a blank cell is held, and counted by that reason; a column that is absent is named.
    assert [item.guardrail for item in held.not_applied] == ["closed"]
    portfolio.door.close()


def test_a_rule_that_is_off_is_not_named_as_not_applied(database: EmbeddedDatabase) -> None:
    cases = oracle.load_cases()[["account_id", "score", "credit_limit", "balance"]]
    policy = Policy(
        closed=False,
        opted_out=False,
        in_hardship=False,
        is_student=False,
        past_due=False,
        past_due_12m=None,
        persistent_minimum_payer=None,
        too_new=None,
        recent_limit_change=None,
        affordability=False,
    )
    simulation = simulate(portfolio_of(cases, database=database), policy, Assumptions())
    assert simulation.not_applied == ()
