"""The verdict in sentences: what a policy pays, under which response it does not, and for whom."""

from __future__ import annotations

import dataclasses

import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import PRESETS, Assumptions
from analytics.policy import Policy, Tier
from analytics.results.simulation import Group, simulate
from analytics.results.verdicts import Outcome, Outlook, outlook
from analytics.shown.formats import MINUS
from analytics.shown.verdict import (
    by_response,
    customers_sentence,
    evidence_sentence,
    verdict_in_full,
    verdict_sentence,
)
from tests.oracle import load_cases
from tests.portfolios import portfolio_of


def spaced(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def found(
    outcome: Outcome, value: float, low: float | None = None, high: float | None = None
) -> Outlook:
    return Outlook(
        value=value,
        payback_months=5 if value > 0 else None,
        lowest=None if low is None else ("low", low),
        highest=None if high is None else ("high", high),
        horizon_months=36,
        outcome=outcome,
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            found(Outcome.PAYS, 55_028.9466, 15_604.8581, 104_360.0094),
            "Pays +55.0 k over 36 months, from month 5 (15.6 k to 104 k by response)",
        ),
        (found(Outcome.PAYS, 55_028.9466), "Pays +55.0 k over 36 months, from month 5"),
        (
            found(Outcome.UNCERTAIN, 9_000.0, -2_500.0, 12_000.0),
            (
                f"Sign uncertain: +9.00 k over 36 months, under the low response {MINUS}2.50 k "
                f"({MINUS}2.50 k to 12.0 k by response)"
            ),
        ),
        (
            found(Outcome.UNCERTAIN, -9_000.0, -12_000.0, 3_000.0),
            (
                f"Sign uncertain: {MINUS}9.00 k over 36 months, under the high response +3.00 k "
                f"({MINUS}12.0 k to 3.00 k by response)"
            ),
        ),
        (
            found(Outcome.LOSES, -638_219.2846, -900_000.0, -1_000.0),
            "Loses 638 k over 36 months (\N{MINUS SIGN}900 k to \N{MINUS SIGN}1.00 k by response)",
        ),
        (
            found(Outcome.NOTHING, 0.0, 0.0, 0.0),
            "Nobody is raised: nothing is gained and nothing is lost",
        ),
    ],
)
def test_the_verdict_is_one_sentence_with_its_range(given: Outlook, said: str) -> None:
    assert spaced(verdict_in_full(given)) == said
    assert spaced(verdict_sentence(given)) in said
    assert spaced(by_response(given)) in said


def test_the_evidence_is_spoken_of_only_where_it_ends() -> None:
    assert evidence_sentence(Policy(raise_rate=0.30)) == ""
    assert evidence_sentence(Policy(raise_rate=0.35)) == (
        "A raise of 35 % is beyond the evidence: the studies behind the response looked at raises "
        "up to 30 %."
    )
    tiers = (Tier(650, 0.10), Tier(800, 0.50))
    policy = Policy(score_threshold=650, tiers=tiers)
    assert "50 % is beyond" in evidence_sentence(policy)


@pytest.fixture(scope="module")
def total(database: EmbeddedDatabase) -> Group:
    portfolio = portfolio_of(load_cases(), database=database)
    return simulate(portfolio, Policy(score_threshold=600), Assumptions()).total


def changed(total: Group, **values: float | None) -> Group:
    assert total.increment
    return dataclasses.replace(total, increment=dataclasses.replace(total.increment, **values))


def test_the_customers_are_always_spoken_of(total: Group) -> None:
    fine = changed(total, strained=0, over_indebted=0, thin_cover=-2, short_cover=-626)
    assert customers_sentence(fine) == (
        "Customers: nobody newly strained, 2 fewer with thin cover, 626 fewer with short cover."
    )
    harmed = changed(total, strained=781, over_indebted=3, thin_cover=0, short_cover=0)
    assert customers_sentence(harmed) == ("Customers: 781 newly strained, 3 newly over-indebted.")
    unknown = changed(total, strained=None, over_indebted=None, thin_cover=None, short_cover=None)
    assert "no column monthly_income" in customers_sentence(unknown)
    nobody = changed(total, raised=0)
    assert customers_sentence(nobody) == "Customers: nothing changes for anybody."


def test_on_the_sample_of_cases_the_outlook_is_that_of_the_presets(
    database: EmbeddedDatabase,
) -> None:
    portfolio = portfolio_of(load_cases(), database=database)
    under = {
        preset: simulate(portfolio, Policy(), Assumptions().with_preset(preset)).total.increment
        for preset in PRESETS
    }
    central = under["central"]
    assert central
    judged = outlook(central, under, 36)
    values = [increment.npv for increment in under.values() if increment]
    assert judged.lowest is not None
    assert judged.highest is not None
    assert (judged.lowest[1], judged.highest[1]) == (min(values), max(values))  # type: ignore[type-var]
    assert judged.value == central.npv
