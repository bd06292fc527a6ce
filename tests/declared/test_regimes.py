"""Regulatory regimes set what belongs together and nothing else, each value with its support."""

from __future__ import annotations

import pytest

from analytics.assumptions import Assumptions, parameter
from analytics.declared.choices import Provisioning, RuleBook
from analytics.declared.language import spoken
from analytics.declared.parameters import Mark, find
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.declared.regimes import CAPITAL, CONVERSION, PACKS, Pack, Regime, Ruled, pack_of
from analytics.errors import ParameterError
from tests.pseudo import Pseudo

each_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: str(pack.name))


@pytest.mark.parametrize("regime", [*CONVERSION, *CAPITAL], ids=lambda regime: regime.title)
def test_a_regime_sets_its_own_values_and_leaves_all_others(regime: Regime) -> None:
    before = Assumptions(hurdle_rate=0.15)
    after = before.with_changes(**regime.values)
    assert regime.holds(after)
    assert set(after.changed_from(before)) <= set(regime.values)
    assert after.hurdle_rate == 0.15
    assert regime.source


def test_the_shipped_assumptions_are_the_first_regime_of_each_kind() -> None:
    for regimes in (CONVERSION, CAPITAL):
        assert regimes[0].holds(Assumptions())
        assert not any(regime.holds(Assumptions()) for regime in regimes[1:])


# ---- Rule books


def values_of(pack: Pack) -> dict[str, Ruled]:
    return {ruled.name: ruled for ruled in pack}


def test_there_is_a_pack_for_every_rule_book() -> None:
    assert [pack.name for pack in PACKS] == list(RuleBook)
    assert len({pack.title for pack in PACKS}) == len(PACKS)


@each_pack
def test_every_value_of_a_pack_is_declared_and_legal(pack: Pack) -> None:
    for ruled in pack.assumptions:
        assert parameter(ruled.name).fault(ruled.value) is None
    for ruled in pack.policy:
        assert find(POLICY_PARAMETERS, ruled.name).fault(ruled.value) is None


@each_pack
def test_every_pack_sets_the_same_names_once(pack: Pack) -> None:
    names = [ruled.name for ruled in pack]
    assert len(set(names)) == len(names)
    assert names == [ruled.name for ruled in PACKS[0]]
    assert {
        "capital_approach",
        "risk_weight",
        "pd_floor",
        "lgd_floor",
        "asset_correlation",
        "regulatory_conversion_factor",
        "provisioning",
        "minimum_payment_rate",
        "strain_income_share",
        "affordability",
        "income_multiple",
        "opted_out",
        "in_hardship",
        "is_student",
        "persistent_minimum_payer",
    } == set(names)


@each_pack
def test_every_value_of_a_pack_has_a_mark_and_a_source(pack: Pack) -> None:
    for ruled in pack:
        assert ruled.mark in Mark
        assert ruled.source


@each_pack
def test_what_has_to_be_checked_says_so_and_nothing_else_does(pack: Pack) -> None:
    for ruled in pack:
        assert ruled.source.endswith("; to be checked at source") == ruled.to_check


@pytest.mark.parametrize(
    ("book", "name"),
    [
        # The background read these in no source, or in a secondary one: no established facts.
        ("china_2023", "regulatory_conversion_factor"),
        ("china_2023", "risk_weight"),
        ("china_2023", "provisioning"),
        ("eu_uk", "provisioning"),
        ("us", "risk_weight"),
        ("us", "regulatory_conversion_factor"),
        ("us", "provisioning"),
        ("turkiye", "risk_weight"),
        ("turkiye", "regulatory_conversion_factor"),
        ("turkiye", "provisioning"),
    ],
)
def test_a_value_from_memory_is_to_be_checked(book: str, name: str) -> None:
    assert values_of(pack_of(book))[name].to_check


def test_rates_of_affordability_are_assumptions_in_every_book() -> None:
    for pack in PACKS:
        for name in ("minimum_payment_rate", "strain_income_share"):
            assert values_of(pack)[name].mark is Mark.ASSUMPTION


def test_books_differ_where_their_rules_do() -> None:
    found = {str(pack.name): values_of(pack) for pack in PACKS}
    assert found["china_2023"]["regulatory_conversion_factor"].value == 0.20
    assert found["china_2023"]["is_student"].mark is Mark.REGULATION
    assert found["us"]["provisioning"].value is Provisioning.CECL
    assert found["us"]["affordability"].mark is Mark.REGULATION
    assert found["turkiye"]["income_multiple"].value == 4.0
    assert found["turkiye"]["income_multiple"].mark is Mark.REGULATION
    assert [name for name in found if found[name]["income_multiple"].value] == ["turkiye"]
    assert found["eu_uk"]["opted_out"].mark is found["eu_uk"]["in_hardship"].mark is Mark.REGULATION


def test_a_book_is_found_by_its_name_and_another_refused_with_the_nearest() -> None:
    assert pack_of("China-2023") is PACKS[1]
    with pytest.raises(ParameterError, match="There is no rule book 'turkey': did you mean"):
        pack_of("turkey")


def test_a_pack_is_said_in_the_language_in_force() -> None:
    pack = pack_of("china_2023")
    with spoken(Pseudo()):
        assert pack.title == "[China], [capital] [rules] [of] 2023"
        assert "[to] [be] [checked] [at] [source]" in values_of(pack)["risk_weight"].source
