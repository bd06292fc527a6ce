"""The customers page on who gets what, what one rule keeps, and the rival: the oracle's figures."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics.declared.choices import SingleRule, Treatment
from analytics.declared.treatments import BY_TREATMENT, NEXT_ACTIONS, Treatments
from analytics.shown import formats
from analytics.shown.customer_words import (
    next_action_words,
    single_rule_title,
    treatment_title,
)
from tests.oracle import DEFAULT_ASSUMPTIONS, simulate
from tests.oracle.rival import rival
from tests.oracle.treatments import treat
from tests.oracle.whitespace import whitespace
from tests.pages import driver, reading
from tests.pages.driver import CUSTOMERS
from tests.pages.policy.raising import LINK, POLICY
from tests.pages.reading import said


@pytest.fixture
def page(thousand: AppTest) -> AppTest:
    app = driver.followed(thousand, CUSTOMERS, **LINK)
    assert driver.complaints(app) == []
    return app


def test_who_gets_what_is_the_oracles(page: AppTest, frame: pd.DataFrame) -> None:
    wanted = treat(frame, POLICY, DEFAULT_ASSUMPTIONS)["treatments"]
    table = reading.table(page, "Who gets what")
    assert list(table.index) == [treatment_title(treatment) for treatment in Treatment]
    for treatment in Treatment:
        figures = wanted[treatment]
        assert table.loc[treatment_title(treatment)].tolist() == [
            formats.count(figures["accounts"]),
            formats.percent(figures["accounts"] / len(frame)),
            *(
                formats.compact(figures[name])
                for name in ("limit", "balance", "expected_loss", "foregone_net_value")
            ),
            BY_TREATMENT[treatment].who,
        ]
    raised = wanted["raise"]["accounts"] + wanted["raise_with_guidance"]["accounts"]
    assert raised
    assert any(
        f"{raised} get the raise, {wanted['raise_with_guidance']['accounts']} of them with guidance"
        in text
        for text in said(page)
    )


def test_the_table_of_the_institution_is_the_one_shown(page: AppTest, frame: pd.DataFrame) -> None:
    page.session_state["treatments_in_force"] = Treatments(off=frozenset({Treatment.WAIT}))
    page.run()
    assert driver.complaints(page) == []
    table = reading.table(page, "Who gets what")
    assert list(table.index) == [treatment_title(t) for t in Treatment if t is not Treatment.WAIT]
    wanted = treat(frame, POLICY, DEFAULT_ASSUMPTIONS)["treatments"]
    left = wanted["wait"]["accounts"] + wanted["none"]["accounts"]
    assert table.loc["Nothing", "Accounts"] == formats.count(left)
    assert any("Switched off: Wait." in text for text in said(page))
    del page.session_state["treatments_in_force"]


def test_treatments_by_segment_are_the_oracles(page: AppTest, frame: pd.DataFrame) -> None:
    segment = page.selectbox(key="customers_segment").value
    wanted = treat(frame, POLICY, DEFAULT_ASSUMPTIONS, segment)["groups"]
    table = reading.table(page, f"Who gets what, by {segment}")
    assert list(table.index) == sorted(wanted)
    for label, group in wanted.items():
        counts = [formats.count(group[treatment]["accounts"]) for treatment in Treatment]
        assert table.loc[label].tolist() == counts


def row_of(row: dict[str, Any], longest_wait: str) -> list[str]:
    rule = SingleRule(row["rule"])
    action = longest_wait if rule is SingleRule.WAIT else next_action_words(NEXT_ACTIONS[rule])
    return [
        single_rule_title(rule),
        formats.count(row["accounts"]),
        *(formats.compact(row[name]) for name in ("limit", "net_value", "npv")),
        action,
    ]


def test_what_one_rule_keeps_is_the_oracles(page: AppTest, frame: pd.DataFrame) -> None:
    found = whitespace(frame, POLICY, DEFAULT_ASSUMPTIONS)
    rows = sorted(
        found["only_rule"], key=lambda row: (row["rank"] is None, -row["npv"], row["rule"])
    )
    table = reading.table(page, "What each rule alone keeps from a raise")
    waits = [text for text in table["Next"] if text.startswith("wait, ")]
    assert table.reset_index(drop=True).to_numpy().tolist() == [
        row_of(row, waits[0] if waits else "") for row in rows
    ]
    ranks = [formats.DASH if row["rank"] is None else str(row["rank"]) for row in rows]
    assert list(table.index) == ranks
    (near,) = found["near_misses"]
    assert any(
        f"{near['accounts']} accounts within 10 points below 650 would be raised" in text
        for text in said(page)
    )


def test_a_click_loosens_the_rule_for_everybody_and_says_so(
    page: AppTest, frame: pd.DataFrame
) -> None:
    page.selectbox(key="rule_to_loosen").select(SingleRule.UNAFFORDABLE).run()
    page.button(key="loosen").click().run()
    assert driver.complaints(page) == []
    assert page.session_state["policy_in_view"].affordability is False
    (note,) = (text for text in driver.notes(page) if "is off now" in text)
    assert "for every customer and not only for those that fail it alone" in note
    assert "Affordable limits only off" in note
    wanted = treat(frame, POLICY | {"affordability": False}, DEFAULT_ASSUMPTIONS)["treatments"]
    table = reading.table(page, "Who gets what")
    assert table.loc["Raise alone", "Accounts"] == formats.count(wanted["raise"]["accounts"])


def test_rules_that_protect_the_customer_are_not_offered(page: AppTest) -> None:
    offered = set(page.selectbox(key="rule_to_loosen").options)
    for rule in ("In hardship", "Past due now", "Student", "Opted out", "Closed"):
        assert rule not in offered
    assert "No room: affordability" in offered


def test_the_rival_is_the_oracles(page: AppTest, frame: pd.DataFrame) -> None:
    wanted = rival(frame, POLICY, DEFAULT_ASSUMPTIONS)
    table, matrix = reading.table(page, "A year's value by who raises"), wanted["matrix"]
    for row, quiet, loud in (
        ("We do not raise", "neither", "rival_alone"),
        ("We raise", "we_alone", "both"),
    ):
        shown = [formats.change("net_value", matrix[name]) for name in (quiet, loud)]
        assert table.loc[row].tolist() == shown
    figures = reading.table(page, "What is at stake, and what is assumed of the rival")
    assert figures.iloc[0, 0] == formats.compact(wanted["at_stake"])
    assert figures.loc["Moved to the rival"].tolist() == ["10 %"]


def test_cover_stands_beside_strained_before_and_after(page: AppTest, frame: pd.DataFrame) -> None:
    found = simulate(frame, POLICY, DEFAULT_ASSUMPTIONS)
    cards = {card.label: card.value for card in page.metric}
    for name, title in (
        ("strained", "Strained"),
        ("thin_cover", "Thin cover"),
        ("short_cover", "Short cover"),
    ):
        before, after = (formats.count(found[side][name]) for side in ("baseline", "proposed"))
        assert cards[title] == f"{before} {formats.ARROW} {after}"
    assert cards["Relieved"] == formats.count(found["relieved"])
    assert cards["New debt"] == formats.compact(found["increment"]["new_debt"])


def test_smaller_steps_are_those_of_the_accounts(page: AppTest, frame: pd.DataFrame) -> None:
    found = simulate(frame, POLICY, DEFAULT_ASSUMPTIONS)
    table = reading.table(page, "Smaller steps by ceiling")
    for title, binding, reason in (
        ("Limit cap", "limit_cap", "at_limit_cap"),
        ("Affordability", "affordability", "unaffordable"),
    ):
        if not found["binding"][binding] and not found["reasons"][reason]["accounts"]:
            assert title not in table.index
            continue
        assert table.loc[title, "Smaller step"] == formats.count(found["binding"][binding])
        assert table.loc[title, "No room"] == formats.count(found["reasons"][reason]["accounts"])


def test_a_protected_segment_is_looked_at_and_sets_no_rule() -> None:
    app = driver.opened(CUSTOMERS)
    chosen = app.selectbox(key="customers_segment")
    assert not any("is protected" in text for text in said(app))
    chosen.set_value("age_band").run()
    assert driver.complaints(app) == []
    assert any("age_band is protected: look at its groups" in text for text in said(app))


def test_where_nobody_is_raised_nothing_empty_is_shown(thousand: AppTest) -> None:
    app = driver.followed(thousand, CUSTOMERS, score_threshold="950")
    assert driver.complaints(app) == []
    assert all(str(caption.value).strip() for caption in app.caption)
    assert any("No rule alone keeps many accounts of any " in text for text in said(app))
