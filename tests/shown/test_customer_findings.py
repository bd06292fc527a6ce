"""What treatments, whitespace and smaller steps say, against the figures that they say it of."""

from __future__ import annotations

import dataclasses

import pytest

from analytics.assumptions import Assumptions
from analytics.declared.choices import Binding, ConsentMode, SingleRule, Treatment
from analytics.declared.treatments import NeededColumn, Treatments
from analytics.method.treatments import FLAG_COLUMNS
from analytics.policy import Policy
from analytics.portfolio import Portfolio
from analytics.results.smaller import SmallerStep
from analytics.results.treatments import load_treatments
from analytics.results.whitespace import load_whitespace
from analytics.shown import customer_findings, formats

POLICY = Policy(score_threshold=700)
NOBODY = Policy(score_threshold=950, limit_cap=None)
STEP = SmallerStep(
    binding=Binding.LIMIT_CAP,
    raised=3,
    asked=3_000.0,
    given=1_000.0,
    without_room=2,
    asked_in_vain=4_000.0,
)


def test_treatments_say_who_is_raised_and_helped(portfolio: Portfolio) -> None:
    found = load_treatments(portfolio, POLICY, Assumptions())
    raised = sum(
        found.total.of(t).accounts for t in (Treatment.RAISE, Treatment.RAISE_WITH_GUIDANCE)
    )
    said = customer_findings.treatments_finding(found)
    assert said.startswith(f"{formats.count(raised)} get the raise, ")
    helped = formats.count(found.total.of(Treatment.SUPPORT).accounts)
    assert said.endswith(f"; {helped} are referred to help")
    offered = load_treatments(portfolio, POLICY, Assumptions(consent_mode=ConsentMode.OPT_IN))
    said = customer_findings.treatments_finding(offered)
    assert said.startswith(f"{formats.count(raised)} are offered the raise, ")
    nobody = load_treatments(portfolio, NOBODY, Assumptions())
    assert customer_findings.treatments_finding(nobody).startswith("Nobody is raised; ")


def test_notes_say_what_is_off_and_withheld(portfolio: Portfolio) -> None:
    table = Treatments(off=frozenset({Treatment.GUIDANCE, Treatment.WAIT}))
    found = load_treatments(portfolio, POLICY, Assumptions(), table=table)
    notes = customer_findings.treatment_notes(found)
    assert "withheld from 5 %" in notes[0].replace("\xa0", " ")
    assert "Switched off: Guidance, Wait." in notes
    assert len(notes) == 2


def test_what_the_portfolio_lacks_is_said_with_what_is_off() -> None:
    said = customer_findings.missing_sentence((NeededColumn("opted_out", "no raise on request"),))
    assert said == "Not in the portfolio: opted_out: no raise on request."
    assert customer_findings.missing_sentence(()) == ""


def test_whitespace_names_the_best_rule_of_enough_accounts(portfolio: Portfolio) -> None:
    found = load_whitespace(portfolio, POLICY, Assumptions())
    best = next((row for row in found.rows if row.rank == 1), None)
    said = customer_findings.whitespace_finding(found)
    if best is None:
        assert said == "No rule alone keeps many accounts from a raise"
    else:
        assert f"alone keeps {formats.count(best.reachable.accounts)} from a raise" in said
    nothing = dataclasses.replace(found, rows=())
    assert "No rule alone" in customer_findings.whitespace_finding(nothing)


@pytest.mark.parametrize(("count", "words"), [(0, "Nobody within 10 points below 700"), (1, "1 ")])
def test_near_misses_are_counted(portfolio: Portfolio, count: int, words: str) -> None:
    near = load_whitespace(portfolio, POLICY, Assumptions()).near_misses
    reachable = dataclasses.replace(near.reachable, accounts=count)
    near = dataclasses.replace(near, reachable=reachable)
    assert customer_findings.near_misses_sentence(near, 700).startswith(words)


def test_a_loosened_rule_is_said_to_hold_for_everybody() -> None:
    said = customer_findings.loosened_sentence(SingleRule.WAIT, ["Months on book off"])
    assert "for every customer and not only for those that fail it alone" in said
    assert said.endswith(": Months on book off.")


def test_smaller_steps_say_what_is_given_of_what_was_asked() -> None:
    assert customer_findings.smaller_finding(()) == "No ceiling makes a raise smaller"
    said = customer_findings.smaller_finding((STEP,)).replace("\xa0", " ")
    assert said == "3 get a smaller step: 1.00 k of 3.00 k asked; 2 have no room at all"
    only = dataclasses.replace(STEP, raised=0)
    assert customer_findings.smaller_finding((only,)).startswith("No room for a raise: 2 accounts")
    one = dataclasses.replace(STEP, raised=1, without_room=0)
    said = customer_findings.smaller_finding((one,)).replace("\xa0", " ")
    assert said == "1 gets a smaller step: 1.00 k of 3.00 k asked"


def test_help_is_not_counted_where_it_is_not_known_who_needs_it(portfolio: Portfolio) -> None:
    found = load_treatments(portfolio, POLICY, Assumptions())
    bare = tuple(one for one in found.portfolio.columns if one not in FLAG_COLUMNS)
    lacking = dataclasses.replace(found, portfolio=dataclasses.replace(portfolio, columns=bare))
    said = customer_findings.treatments_finding(lacking)
    assert said.endswith("; who needs help is not known")
