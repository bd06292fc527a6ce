"""A policy is a frozen value: checked whole, changed by copy, told apart by its values."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.declared.policy_parameters import ABOUT, POLICY_PARAMETERS
from analytics.declared.scales import FICO, SESAME
from analytics.errors import ParameterError
from analytics.policy import (
    Policy,
    Tier,
    minor_units,
    parse_tiers,
    raise_basis_points,
    set_values,
    tiers_text,
)

TIERS = (Tier(650, 0.05), Tier(700, 0.10), Tier(800, 0.20))
TIERED = Policy(score_threshold=650, tiers=TIERS)
OTHER_VALUES: dict[str, Any] = {
    "score_threshold": 700,
    "raise_rate": 0.15,
    "limit_cap": None,
    "affordability": False,
    "income_multiple": 4.0,
    "unknown_cells": "pass",
    "temporary_days": 30,
    "rounding_step": Decimal(50),
    "min_increment": Decimal(0),
    "max_increment": Decimal("0.01"),
    "closed": False,
    "opted_out": False,
    "in_hardship": False,
    "is_student": False,
    "past_due": False,
    "past_due_12m": 60,
    "persistent_minimum_payer": None,
    "too_new": 12,
    "recent_limit_change": 3,
    "utilization_out_of_range": False,
    "utilization_min": 0.0001,
    "utilization_max": 0.9,
    "holdout_rate": 0.05,
    "message_holdout_rate": 0.1,
    "policy_seed": "another",
    "name": "Spring",
    "author": "An author",
    "note": "A note",
    "effective_date": dt.date(2027, 1, 1),
}


def test_the_defaults_are_those_of_the_method() -> None:
    policy = Policy()
    assert (policy.score_threshold, policy.raise_rate) == (800, 0.20)
    assert (policy.limit_cap, policy.income_multiple) == (Decimal(50_000), None)
    assert policy.affordability is True
    assert policy.unknown_cells == "hold"
    assert policy.temporary_days is None
    assert (policy.rounding_step, policy.min_increment) == (Decimal(100), Decimal(100))
    assert policy.max_increment is None
    assert (policy.past_due_12m, policy.persistent_minimum_payer) == (30, 3)
    assert (policy.too_new, policy.recent_limit_change) == (6, 6)
    assert (policy.utilization_min, policy.utilization_max) == (0, 1)
    assert (policy.holdout_rate, policy.policy_seed) == (0, "headroom")


def test_an_empty_setting_switches_no_protection_off() -> None:
    for name in ("in_hardship", "past_due_12m", "limit_cap", "raise_rate"):
        with pytest.raises(ParameterError):
            set_values(Policy(), [(name, "")])
    assert set_values(TIERED, [("tiers", "")]).tiers == ()


def test_a_field_is_there_for_every_declared_parameter_for_tiers_and_for_constraints() -> None:
    fields = {item.name for item in dataclasses.fields(Policy)}
    apart = {"tiers", "constraints"}
    assert fields == {parameter.name for parameter in POLICY_PARAMETERS} | apart
    assert set(OTHER_VALUES) == fields - apart


def test_a_raise_above_30_percent_is_beyond_the_evidence() -> None:
    assert not Policy(raise_rate=0.30).is_beyond_evidence
    assert Policy(raise_rate=0.3001).is_beyond_evidence
    assert not TIERED.is_beyond_evidence
    high = TIERED.with_changes(tiers=(*TIERS[:2], Tier(801, 0.31)))
    assert high.is_beyond_evidence


# ---- Changes


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_a_change_makes_another_policy_and_leaves_the_first(name: str) -> None:
    policy = Policy()
    changed = policy.with_changes(**{name: OTHER_VALUES[name]})
    assert policy == Policy()
    assert changed != policy
    assert getattr(changed, name) == OTHER_VALUES[name]
    assert changed.with_changes(**{name: getattr(policy, name)}) == policy


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_every_value_counts_in_the_fingerprint(name: str) -> None:
    changed = Policy().with_changes(**{name: OTHER_VALUES[name]})
    assert changed.fingerprint != Policy().fingerprint
    assert changed.fingerprint == Policy().with_changes(**{name: OTHER_VALUES[name]}).fingerprint


def test_equal_policies_share_a_fingerprint_however_their_numbers_are_written() -> None:
    first = Policy(raise_rate=1, income_multiple=4, limit_cap=Decimal(50_000), utilization_min=0)
    second = Policy(
        raise_rate=1.0, income_multiple=4.0, limit_cap=Decimal("5.00E+4"), utilization_min=-0.0
    )
    assert first == second
    assert first.fingerprint == second.fingerprint
    assert len({first, second}) == 1


def test_tiers_count_in_the_fingerprint() -> None:
    prints = {
        Policy(score_threshold=650, raise_rate=0.05).fingerprint,
        TIERED.fingerprint,
        TIERED.with_changes(tiers=TIERS[:2]).fingerprint,
        TIERED.with_changes(tiers=(*TIERS[:2], Tier(801, 0.20))).fingerprint,
        Policy(score_threshold=650, tiers=TIERS[:1]).fingerprint,
    }
    assert len(prints) == 5


def test_constraints_count_in_the_fingerprint_and_need_no_pass_of_their_own() -> None:
    held = Policy(constraints=("loss_rate<=0.05",))
    assert held != Policy()
    assert held.fingerprint != Policy().fingerprint
    assert held.rows()[-1] == ("constraint", "", "loss_rate<=0.05")
    assert held.rows()[:-1] == Policy().rows()
    assert held.for_sweep() == Policy().for_sweep()
    assert held.for_eligibility() == Policy().for_eligibility()


def test_a_policy_cannot_be_changed_in_place() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Policy().raise_rate = 0.5  # type: ignore[misc]


# ---- Tiers and thresholds


def test_the_rate_of_a_tiered_policy_is_its_first_tiers() -> None:
    assert TIERED.raise_rate == 0.05
    assert Policy(score_threshold=650, raise_rate=0.9, tiers=TIERS) == TIERED
    rates = [TIERED.rate_at(score) for score in (350, 650, 699, 700, 799, 800, 950)]
    assert rates == [0.05, 0.05, 0.05, 0.10, 0.10, 0.20, 0.20]
    assert Policy().rate_at(400) == 0.20


def test_raises_are_whole_basis_points() -> None:
    assert raise_basis_points(TIERED) == ((650, 500), (700, 1_000), (800, 2_000))
    assert raise_basis_points(Policy(raise_rate=0.1 + 0.2)) == ((0, 3_000),)
    assert raise_basis_points(Policy(raise_rate=0.0001)) == ((0, 1),)
    for points in range(10_001):
        assert raise_basis_points(Policy(raise_rate=points / 10_000)) == ((0, points),)


@given(threshold=st.integers(350, 950), score=st.integers(350, 950))
def test_another_threshold_leaves_every_score_from_it_on_at_its_rate(
    threshold: int, score: int
) -> None:
    moved = TIERED.at_threshold(threshold)
    assert moved.score_threshold == threshold
    assert moved.tiers[0].score_from == threshold
    if score >= threshold:
        assert moved.rate_at(score) == TIERED.rate_at(score)


@given(first=st.integers(350, 950), second=st.integers(350, 950))
def test_policies_that_differ_in_threshold_and_name_share_one_pass(first: int, second: int) -> None:
    one = Policy(score_threshold=first, name="One", note="why", effective_date=dt.date(2027, 1, 1))
    other = Policy(score_threshold=second, author="Somebody")
    assert one.for_sweep() == other.for_sweep()
    assert one.for_eligibility() == other.for_eligibility()


@given(first=st.integers(350, 699), second=st.integers(350, 699))
def test_tiered_policies_that_differ_below_the_second_tier_share_one_pass(
    first: int, second: int
) -> None:
    assert TIERED.at_threshold(first).for_sweep() == TIERED.at_threshold(second).for_sweep()


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_whatever_else_differs_needs_a_pass_of_its_own(name: str) -> None:
    changed = Policy().with_changes(**{name: OTHER_VALUES[name]})
    section = next(p.section for p in POLICY_PARAMETERS if p.name == name)
    shared = name in ("score_threshold", "message_holdout_rate") or section == ABOUT
    assert (changed.for_sweep() == Policy().for_sweep()) == shared
    for_one = changed.for_sweep(every_threshold=False), Policy().for_sweep(every_threshold=False)
    assert (for_one[0] == for_one[1]) == (shared and name != "score_threshold")


def test_tiers_of_other_rates_need_a_pass_of_their_own() -> None:
    assert TIERED.for_sweep() != Policy(score_threshold=650, raise_rate=0.05).for_sweep()
    assert TIERED.for_sweep() != TIERED.with_changes(tiers=TIERS[:2]).for_sweep()


# ---- Faults


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        Policy(
            raise_rate=1.5,
            limit_cap=Decimal(-1),
            utilization_min=0.9,
            utilization_max=0.1,
            holdout_rate=0.6,
            name="",
        )
    faults = caught.value.faults
    assert [fault.split(" ")[0] for fault in faults] == [
        "raise_rate",
        "limit_cap",
        "holdout_rate",
        "name",
        "utilization_min",
    ]
    assert "give a range that is not empty" in faults[-1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tiers": TIERS, "score_threshold": 700}, "The first tier begins at 650"),
        ({"tiers": (TIERS[0], TIERS[2], TIERS[1])}, "not in ascending order"),
        ({"tiers": (TIERS[0], TIERS[0])}, "not in ascending order"),
        ({"tiers": (Tier(650, 2.0),)}, "Tier from 650: raise_rate = 200 % is too high"),
        ({"tiers": (TIERS[0], Tier(700, 0.00001))}, "Tier from 700: raise_rate"),
        (
            {"tiers": (TIERS[0], Tier(700.5, 0.1))},  # type: ignore[arg-type]
            "score_threshold = 700.5 is not a value",
        ),
    ],
)
def test_tiers_that_do_not_fit_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        Policy(**{"score_threshold": 650, **changes})


def test_a_policy_off_the_scale_names_the_score_and_the_scale() -> None:
    assert TIERED.faults_on(SESAME) == []
    assert Policy(score_threshold=900).faults_on(FICO) == [
        "score_threshold = 900 is off the score scale: give a whole score from 300 to 850."
    ]
    far = Policy(score_threshold=100, tiers=(Tier(100, 0.1), Tier(500, 0.2), Tier(960, 0.3)))
    assert len(far.faults_on(SESAME)) == 2


# ---- Settings by name


def test_settings_are_applied_by_name_or_alias() -> None:
    policy = set_values(
        Policy(),
        [("raise", "15%"), ("cap", "none"), ("past-due", "off"), ("seed", "x"), ("step", "0.5")],
    )
    assert policy == Policy(
        raise_rate=0.15,
        limit_cap=None,
        past_due=False,
        policy_seed="x",
        rounding_step=Decimal("0.5"),
    )


def test_every_fault_of_the_settings_is_named_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        set_values(
            Policy(),
            [("raise_rat", "15%"), ("limit_cap", "much"), ("too_new", "500"), ("tiers", "650:5%")],
        )
    faults = caught.value.faults
    assert "did you mean raise_rate" in " ".join(faults)
    assert "limit_cap = 'much' was not understood" in " ".join(faults)
    assert "too_new = 500 is too high" in " ".join(faults)
    assert "write score=raise pairs" in " ".join(faults)


def test_tiers_are_written_as_pairs() -> None:
    assert parse_tiers("650=5%, 700=10% ,800=0.2") == TIERS
    assert parse_tiers("none") == parse_tiers("") == ()
    assert set_values(Policy(), [("tiers", "650=5%,700=10%,800=20%")]) == TIERED
    assert set_values(TIERED, [("tiers", "none")]) == Policy(score_threshold=650, raise_rate=0.05)


@pytest.mark.parametrize("tiers", [(), TIERS, (Tier(350, 0.0), Tier(351, 0.0125), Tier(950, 1.0))])
def test_tiers_are_read_back_from_their_text(tiers: tuple[Tier, ...]) -> None:
    assert parse_tiers(tiers_text(tiers)) == tiers


def test_a_threshold_moves_the_tiers_and_a_flat_raise_replaces_them() -> None:
    assert set_values(TIERED, [("threshold", "720")]) == TIERED.at_threshold(720)
    flat = set_values(TIERED, [("raise", "12%")])
    assert flat == Policy(score_threshold=650, raise_rate=0.12)


def test_a_threshold_or_a_raise_that_tiers_would_override_is_refused() -> None:
    tiers = ("tiers", "650=5%,700=10%,800=20%")
    assert set_values(Policy(), [("score_threshold", "650"), tiers]) == TIERED
    assert set_values(TIERED, [("raise", "12%"), ("tiers", "none")]).raise_rate == 0.12
    for settings in ([("threshold", "800"), tiers], [tiers, ("threshold", "800")]):
        with pytest.raises(ParameterError) as caught:
            set_values(Policy(), settings)
        (fault,) = caught.value.faults
        assert "The first tier begins at 650 and the threshold given is 800: let" in fault
    with pytest.raises(ParameterError, match=r"Both a raise \(30 %\) and tiers are given"):
        set_values(Policy(), [("raise", "30%"), tiers])


@pytest.mark.parametrize("text", ["650", "650=", "=5%", "x=5%", "650=5%,,", "650=none", "-1=5%"])
def test_tiers_that_are_not_pairs_are_refused(text: str) -> None:
    with pytest.raises(ParameterError):
        parse_tiers(text)


# ---- Rows


def test_rows_hold_every_rule_once_and_one_row_a_tier() -> None:
    names = [parameter.name for parameter in POLICY_PARAMETERS]
    assert [row[0] for row in Policy().rows()] == names
    assert all(start == "" for _, start, _ in Policy().rows())
    tiers = [row for row in TIERED.rows() if row[0] == "raise_rate"]
    assert tiers == [
        ("raise_rate", "650", "0.05"),
        ("raise_rate", "700", "0.1"),
        ("raise_rate", "800", "0.2"),
    ]


def test_money_is_whole_minor_units() -> None:
    assert minor_units(Decimal("1234.56")) == 123_456
    assert minor_units(Decimal("0.01")) == 1
    assert minor_units(Decimal(10) ** 11) == 10**13
