"""A link by itself: what it holds, and that following it gives back what it was made of."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from analytics.assumptions import Assumptions
from analytics.declared.parameters import Parameter, Unit
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.declared.scales import SESAME
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from pages.shared import assumed, link
from tests.oracle import load_cases
from tests.portfolios import portfolio_of

SHIPPED = Assumptions.for_scale(SESAME)
OFF_DEFAULT: dict[str, Any] = {
    **{p.name: not p.default for p in POLICY_PARAMETERS if p.unit is Unit.FLAG},
    **{p.name: None for p in POLICY_PARAMETERS if p.optional and p.default is not None},
    "score_threshold": 700,
    "raise_rate": 0.15,
    "income_multiple": 3.5,
    "rounding_step": Decimal(50),
    "min_increment": Decimal(0),
    "max_increment": Decimal(750),
    "utilization_min": 0.1,
    "utilization_max": 0.9,
    "unknown_cells": "pass",
    "temporary_days": 30,
    "holdout_rate": 0.05,
    "message_holdout_rate": 0.1,
    "policy_seed": "other",
    "name": "Spring",
    "author": "Li",
    "note": "why",
    "effective_date": dt.date(2026, 12, 1),
}
SETTINGS = {"response_preset": "central", "response_form": "log", "consent_mode": "automatic"}


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return portfolio_of(load_cases(), segments=("region",))


def held(
    portfolio: Portfolio,
    policy: Policy,
    settings: dict[str, str] | None = None,
    edits: dict[str, Any] | None = None,
) -> dict[str, str]:
    return link.parameters(portfolio, policy, settings=settings or SETTINGS, edits=edits or {})


def test_a_link_to_the_defaults_holds_data_threshold_and_raise_alone(portfolio: Portfolio) -> None:
    assert held(portfolio, Policy()) == {
        "data": portfolio.fingerprint[:8],
        "method": "2",
        "score_threshold": "800",
        "raise_rate": "0.2",
    }


def test_a_link_holds_what_is_off_its_default(portfolio: Portfolio) -> None:
    policy = Policy(
        tiers=(Tier(800, 0.05), Tier(900, 0.1)),
        limit_cap=None,
        name="Spring",
        constraints=("loss_rate<=0.02", "net_value_increment>=0"),
    )
    settings = SETTINGS | {"consent_mode": "opt_in"}
    edits = {"action_cost": 1.5, "elasticity": (0.5,) * 8}
    assert held(portfolio, policy, settings, edits) == {
        "data": portfolio.fingerprint[:8],
        "method": "2",
        "score_threshold": "800",
        "tiers": "800=5%, 900=10%",
        "limit_cap": "none",
        "name": "Spring",
        "consent_mode": "opt_in",
        "action_cost": "1.5",
        "elasticity": ",".join(["0.5"] * 8),
        "appetite": "loss_rate<=0.02; net_value_increment>=0",
    }


@pytest.mark.parametrize(
    "policy",
    [
        Policy(),
        Policy(score_threshold=350, raise_rate=0.0),
        Policy(score_threshold=655, raise_rate=0.1234, holdout_rate=0.05, policy_seed="a & b = c?"),
        Policy(limit_cap=None, max_increment=Decimal("1234.56"), too_new=None, past_due=False),
        Policy(score_threshold=600, tiers=(Tier(600, 0.0525), Tier(601, 1.0), Tier(950, 0.0))),
        Policy(note="50 %; 预算, \"x\" <= 'y'", constraints=("ead_increment_rate<=0.05",)),
    ],
)
@pytest.mark.parametrize(
    ("settings", "edits"),
    [
        ({}, {}),
        ({"response_preset": "low"}, {"hurdle_rate": 0.15}),
        ({"response_preset": "high", "consent_mode": "opt_in"}, {"pd_uplift": (0.01,) * 8}),
        ({"response_form": "linear"}, {"capital_approach": "irb_qrre", "anchor_odds": 24.5}),
    ],
)
def test_following_a_link_gives_back_what_it_was_made_of(
    portfolio: Portfolio, policy: Policy, settings: dict[str, str], edits: dict[str, Any]
) -> None:
    made = held(portfolio, policy, SETTINGS | settings, edits)
    found = link.follow(made, portfolio)
    assert found.notes == ()
    assert found.policy == policy
    assert found.settings == SETTINGS | settings
    assert found.edits == edits
    assert held(portfolio, found.policy, dict(found.settings), dict(found.edits)) == made


def test_an_empty_link_asks_for_the_defaults(portfolio: Portfolio) -> None:
    found = link.follow({}, portfolio)
    assert found == link.Followed(policy=Policy(), settings=SETTINGS, edits={}, notes=())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"score_threshold": "9999"}, "from 350 to 950"),
        ({"raise_rate": "5"}, "from 0 % to 100 %"),
        ({"tiers": "800=lots"}, "lots"),
        ({"no_such_lever": "1"}, "no_such_lever"),
        ({"response_preset": "huge"}, "huge"),
        ({"consent_mode": "perhaps"}, "perhaps"),
        ({"elasticity": "0.5,0.6"}, "elasticity has 2 values"),
        ({"capital_ratio": "many"}, "capital_ratio"),
        ({"appetite": "net_valu>=0"}, "net_value"),
    ],
)
def test_what_cannot_be_had_is_said_and_the_rest_is_followed(
    portfolio: Portfolio, asked: dict[str, str], said: str
) -> None:
    rest = {"holdout_rate": "0.1", "hurdle_rate": "0.2", "name": "Kept"}
    found = link.follow({**asked, **rest}, portfolio)
    assert len(found.notes) == 1
    assert found.notes[0].startswith("The link could not be followed in full. ")
    assert said in found.notes[0]
    assert found.policy == Policy(holdout_rate=0.1, name="Kept")
    assert found.edits == {"hurdle_rate": 0.2}


def test_every_fault_of_a_link_is_said(portfolio: Portfolio) -> None:
    asked = {"raise_rate": "7", "limit_cap": "-1", "appetite": "x>=0", "idle_draw": "2", "y": "1"}
    found = link.follow(asked, portfolio)
    assert len(found.notes) == len(asked)
    for name in ("raise_rate", "limit_cap", "x", "idle_draw", "y"):
        assert any(name in note for note in found.notes), name
    assert (found.policy, found.edits) == (Policy(), {})


def test_levers_that_fit_alone_but_not_together_are_taken_one_by_one(portfolio: Portfolio) -> None:
    found = link.follow({"tiers": "700=5%, 800=10%", "raise_rate": "0.3"}, portfolio)
    # The later one has the last word, as when the levers are moved one after the other.
    assert found.policy == Policy(score_threshold=700, raise_rate=0.3)
    found = link.follow({"utilization_min": "0.9", "utilization_max": "0.1"}, portfolio)
    assert found.policy == Policy(utilization_min=0.9)
    assert len(found.notes) == 1


def test_a_link_made_on_other_data_says_which_and_is_followed(portfolio: Portfolio) -> None:
    asked = {"data": "deadbeef", "method": "2", "score_threshold": "700"}
    found = link.follow(asked, portfolio)
    assert len(found.notes) == 1
    assert "made on other data (deadbeef)" in found.notes[0]
    assert portfolio.name in found.notes[0]
    assert found.policy == Policy(score_threshold=700)


def test_an_assumption_can_be_asked_for_by_its_other_name(portfolio: Portfolio) -> None:
    found = link.follow({"ccf": "0.4", "lgd": "0.7"}, portfolio)
    assert found.edits == {"credit_conversion_factor": 0.4, "loss_given_default": 0.7}


def test_a_preset_keeps_the_form_of_the_response() -> None:
    high = assumed.with_settings(SHIPPED, {"response_preset": "high"})
    assert high == SHIPPED.with_preset("high")
    assert high.response_form == "log"
    settings = {"response_preset": "high", "response_form": "linear"}
    linear = assumed.with_settings(SHIPPED, settings)
    assert linear == high.with_changes(response_form="linear")


@pytest.mark.parametrize("declared", POLICY_PARAMETERS, ids=lambda declared: declared.name)
def test_every_lever_travels_in_a_link(portfolio: Portfolio, declared: Parameter) -> None:
    policy = Policy(**{declared.name: OFF_DEFAULT[declared.name]})
    made = held(portfolio, policy)
    assert declared.name in made
    assert link.follow(made, portfolio).policy == policy


def test_every_assumption_over_months_travels_in_a_link(portfolio: Portfolio) -> None:
    edits: dict[str, Any] = {
        "pd_uplift_driver": "limit",
        "moved_share": (0.5,) * 8,
        "reference_draw": (0.01,) * 8,
        "transactor_yield": 0.05,
        "build_month_3": 0.4,
        "horizon_months": 48,
        "discount_rate": 0.1,
        "loss_lag_months": 3,
        "provisioning": "cecl",
        "life_years": 3.0,
    }
    made = held(portfolio, Policy(), edits=edits)
    found = link.follow(made, portfolio)
    assert (found.edits, found.notes) == (edits, ())


def test_a_link_of_version_1_opens_with_the_limits_that_it_had(portfolio: Portfolio) -> None:
    asked = {"data": portfolio.fingerprint[:8], "score_threshold": "750", "raise_rate": "0.1"}
    found = link.follow(asked, portfolio)
    assert found.policy == Policy(
        score_threshold=750,
        raise_rate=0.1,
        message_holdout_rate=0.0,
        affordability=False,
        unknown_cells="pass",
        income_multiple=4.0,
    )
    (note,) = found.notes
    assert "of version 1 of the method" in note
    assert "affordability = off, unknown_cells = pass" in note
    assert "income_multiple = 4.0" in note
    named = link.follow({**asked, "income_multiple": "none"}, portfolio)
    assert named.policy == found.policy.with_changes(income_multiple=None)


def test_a_link_by_hand_is_meant_as_of_today(portfolio: Portfolio) -> None:
    found = link.follow({"score_threshold": "750"}, portfolio)
    assert (found.policy, found.notes) == (Policy(score_threshold=750), ())


def test_a_link_of_a_version_to_come_is_followed_and_said(portfolio: Portfolio) -> None:
    asked = {"data": portfolio.fingerprint[:8], "method": "3", "score_threshold": "750"}
    found = link.follow(asked, portfolio)
    assert found.policy == Policy(score_threshold=750)
    assert ["version '3' of the method, which is not known here" in n for n in found.notes] == [
        True
    ]


def test_edits_for_a_scale_with_other_bands_are_left_out() -> None:
    edits = {"elasticity": (0.5, 0.5), "hurdle_rate": 0.2}
    assert assumed.with_edits(SHIPPED, edits) == SHIPPED.with_changes(hurdle_rate=0.2)


def test_edits_are_what_makes_the_new_assumptions_of_the_base() -> None:
    new = SHIPPED.with_changes(hurdle_rate=0.2, mpb=(0.1,) * 8)
    edits = assumed.edits_between(SHIPPED, new)
    assert edits == {"mpb": (0.1,) * 8, "hurdle_rate": 0.2}
    assert assumed.with_edits(SHIPPED, edits) == new


@pytest.mark.parametrize(
    "asked",
    [
        {f"p{place}": "1" for place in range(5_000)},
        {"constraints": "; ".join(["ead_increment<=1"] * 1_500)},
        {"score_threshold": "9" * 1_000_000},
    ],
    ids=["parameters", "constraints", "digits"],
)
def test_a_link_that_no_page_wrote_is_answered_in_one_sentence(
    portfolio: Portfolio, asked: dict[str, str]
) -> None:
    followed = link.follow(asked, portfolio)
    assert followed.policy == link.follow({}, portfolio).policy
    assert len(followed.notes) == 1
    assert "was not followed" in followed.notes[0]
    assert len(followed.notes[0]) < 300
