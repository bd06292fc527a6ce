"""A rule book applied: it moves its own values of policy and assumptions, and back."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.assumptions import Assumptions
from analytics.declared.regimes import PACKS, Pack, pack_of
from analytics.declared.scales import SESAME
from analytics.policy import Policy
from analytics.regime import applied, changes, packs_in_force, standings, undone
from tests.drawn import assumption_sets

each_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: str(pack.name))


def differing(before: Any, after: Any) -> set[str]:
    fields = [item.name for item in dataclasses.fields(before)]
    return {name for name in fields if getattr(before, name) != getattr(after, name)}


@each_pack
def test_a_pack_sets_its_values_and_leaves_all_others(pack: Pack) -> None:
    policy = Policy(raise_rate=0.1, income_multiple=7.0, is_student=False)
    assumptions = Assumptions(hurdle_rate=0.15, risk_weight=0.5, pd_floor=0.01)
    new_policy, new_assumptions = applied(pack, policy, assumptions)
    for ruled in pack.policy:
        assert getattr(new_policy, ruled.name) == ruled.value
    for ruled in pack.assumptions:
        assert getattr(new_assumptions, ruled.name) == ruled.value
    moved = {one.declared.name for one in changes(pack, policy, assumptions)}
    assert differing(policy, new_policy) | differing(assumptions, new_assumptions) == moved
    assert changes(pack, new_policy, new_assumptions) == ()


@settings(max_examples=25)
@given(
    pack=st.sampled_from(PACKS),
    assumptions=assumption_sets(SESAME),
    multiple=st.none() | st.integers(1, 50).map(float),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_applying_a_pack_and_undoing_gives_back(
    pack: Pack, assumptions: Assumptions, multiple: float | None, flags: tuple[bool, bool, bool]
) -> None:
    affordability, opted_out, is_student = flags
    policy = Policy(
        affordability=affordability,
        income_multiple=multiple,
        opted_out=opted_out,
        is_student=is_student,
    )
    made = changes(pack, policy, assumptions)
    assert undone(made, *applied(pack, policy, assumptions)) == (policy, assumptions)


def test_what_is_shipped_is_basel_iii_and_one_value_off_is_none() -> None:
    shipped = packs_in_force(Policy(), Assumptions())
    assert [str(pack.name) for pack in shipped] == ["basel_iii", "eu_uk"], "of the same values"
    assert packs_in_force(Policy(), Assumptions(risk_weight=0.76)) == ()
    assert packs_in_force(Policy(income_multiple=4.0), Assumptions()) == (pack_of("turkiye"),)


def test_every_change_is_told_before_and_after_with_its_support() -> None:
    us = changes(pack_of("us"), Policy(), Assumptions())
    told = {one.declared.name: (one.before_text, one.after_text) for one in us}
    assert told == {
        "risk_weight": ("75 %", "100 %"),
        "regulatory_conversion_factor": ("10 %", "0 %"),
        "provisioning": ("ifrs9", "cecl"),
    }
    turkiye = changes(pack_of("turkiye"), Policy(), Assumptions())
    assert [(one.before_text, one.after_text) for one in turkiye] == [("none", "4.0")]
    assert turkiye[0].of_policy
    assert (
        turkiye[0].ruled.source == "Limits of at most four monthly incomes, summed over all banks"
    )


@each_pack
def test_standings_list_every_value_in_the_packs_order(pack: Pack) -> None:
    found = standings(pack, Policy(), Assumptions())
    assert [one.ruled for one in found] == list(pack)
    assert [one for one in found if one.changes] == list(changes(pack, Policy(), Assumptions()))
