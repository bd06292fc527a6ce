"""Assumptions are frozen values with presets; every value is bounded, named and told apart."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from analytics.assumptions import (
    CURVE_NAMES,
    PRESETS,
    Assumptions,
    described,
    format_value,
    set_values,
)
from analytics.declared.assumption_parameters import (
    ASSUMPTION_PARAMETERS,
    BAND_PARAMETERS,
    RIVAL_NAMES,
    BandParameter,
)
from analytics.declared.parameters import Parameter, Unit
from analytics.declared.scales import FICO, KNOWN, SESAME
from analytics.errors import ParameterError
from tests.oracle import DEFAULT_ASSUMPTIONS

FIELDS = tuple(item.name for item in dataclasses.fields(Assumptions))


def another(name: str) -> Any:
    """Return a legal value that is not the shipped one."""
    shipped = getattr(Assumptions(), name)
    if name == "band_edges":
        return (350, 551, *shipped[2:])
    if isinstance(shipped, tuple):
        return (*shipped[:-1], shipped[-1] / 2)
    declared = described(name)
    if isinstance(declared, Parameter) and declared.choices:
        return declared.choices[-1]
    if isinstance(shipped, int):
        return shipped - 1
    return shipped / 2 if shipped else 0.5


def central(bands: int) -> dict[str, Any]:
    """Return the central values of the first few bands."""
    return {band.name: band.central[:bands] for band in BAND_PARAMETERS}


def test_the_shipped_values_are_those_of_the_method() -> None:
    of_portfolios = {"pd_horizon_months"}  # declared of a portfolio, not assumed
    wanted = {
        name: DEFAULT_ASSUMPTIONS[name] for name in DEFAULT_ASSUMPTIONS.keys() - of_portfolios
    }
    assert {name: getattr(Assumptions(), name) for name in wanted} == wanted
    assert set(FIELDS) == set(wanted) | {"pd_floor", "lgd_floor", *RIVAL_NAMES}


def test_every_field_is_declared_once_but_for_the_band_edges() -> None:
    declared = [p.name for p in ASSUMPTION_PARAMETERS] + [band.name for band in BAND_PARAMETERS]
    assert sorted([*declared, "band_edges"]) == sorted(FIELDS)
    for name in declared:
        assert described(name).name == name


@pytest.mark.parametrize("band", BAND_PARAMETERS, ids=lambda band: band.name)
def test_values_by_band_have_eight_bands_in_bounds_in_every_preset(band: BandParameter) -> None:
    for case in (band.low_case, band.central, band.high_case):
        assert len(case) == len(SESAME.band_edges)
        assert [band.declared.fault(value) for value in case] == [None] * len(case)


# ---- Presets


def test_the_low_preset_lowers_the_response_and_leaves_the_form() -> None:
    low = Assumptions().with_preset("low")
    assert low.elasticity == (0.35,) * 8
    assert low.mpb == (0.193, 0.147, 0.105, 0.070, 0.045, 0.032, 0.025, 0.017)
    assert low.response_form == "log"
    assert low.changed_from(Assumptions()) == ("elasticity", "mpb")
    assert low.response_name == "low"


def test_the_high_preset_raises_the_response_in_both_forms_and_leaves_the_form() -> None:
    high = Assumptions().with_preset("high")
    assert high.elasticity == (0.90,) * 8
    assert high.mpb == (0.58, 0.55, 0.45, 0.35, 0.25, 0.23, 0.20, 0.20)
    assert high.response_form == "log"
    assert high.response_name == "high"
    linear = Assumptions(response_form="linear").with_preset("high")  # type: ignore[arg-type]
    assert linear.response_form == "linear"
    assert linear.response_name == "high"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("horizon_months", 0, "horizon_months = 0 is too low: give a whole number from 12 to 60"),
        ("horizon_months", 61, "horizon_months = 61 is too high"),
        ("horizon_months", 24.5, "horizon_months = 24.5 is not a value of this kind"),
        ("build_month_3", 1.2, "build_month_3 = 120 % is too high: give a rate from 0 % to 100 %"),
        ("build_month_3", -0.1, "build_month_3 = -10 % is too low"),
        ("discount_rate", -1.0, "discount_rate = -100 % is too low"),
        ("loss_lag_months", -1, "loss_lag_months = -1 is too low"),
        ("loss_lag_months", 25, "loss_lag_months = 25 is too high"),
        ("life_years", -0.5, "life_years = -0.5 is too low"),
        ("life_years", 11.0, "life_years = 11.0 is too high"),
        ("provisioning", "gaap", "provisioning = gaap is no choice"),
        ("pd_uplift_driver", "dept", "pd_uplift_driver = dept is no choice (did you mean debt?)"),
        ("transactor_yield", 1.5, "transactor_yield = 150 % is too high"),
        ("reference_draw", (0.0,) * 8, "reference_draw = 0 % is too low"),
        ("moved_share", (1.01,) * 8, "moved_share = 101 % is too high"),
    ],
)
def test_a_value_of_the_method_of_months_out_of_bounds_is_refused_in_words(
    name: str, value: Any, says: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        Assumptions(**{name: value})
    assert says in caught.value.faults[0]


def test_faults_of_months_are_named_all_at_once_from_texts_too() -> None:
    wrong = [("horizon_months", "0"), ("build_month_3", "120%"), ("discount_rate", "-1")]
    with pytest.raises(ParameterError) as caught:
        set_values(Assumptions(), wrong)
    assert [fault.split(" ")[0] for fault in caught.value.faults] == [
        "build_month_3",
        "horizon_months",
        "discount_rate",
    ]


def test_the_central_preset_is_what_is_shipped() -> None:
    assert Assumptions().response_name == "central"
    assert Assumptions().with_preset("low").with_preset("central") == Assumptions()


def test_a_response_of_ones_own_says_so() -> None:
    assert Assumptions(elasticity=(0.5,) * 8).response_name == "own"
    coarse = Assumptions(band_edges=(350, 700), **central(2))
    assert coarse.response_name == "own"


@pytest.mark.parametrize("preset", PRESETS)
def test_low_central_and_high_are_ordered_in_both_forms(preset: str) -> None:
    index = PRESETS.index(preset)
    if index:
        lower = Assumptions().with_preset(PRESETS[index - 1])
        upper = Assumptions().with_preset(preset)
        assert all(a <= b for a, b in zip(lower.mpb, upper.mpb, strict=True))
        assert all(a <= b for a, b in zip(lower.elasticity, upper.elasticity, strict=True))


def test_an_unknown_preset_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ParameterError, match=r"no response preset 'wild': give low, central, high"):
        Assumptions().with_preset("wild")


# ---- Values


@pytest.mark.parametrize("name", FIELDS)
def test_every_value_counts_in_the_fingerprint_and_in_what_changed(name: str) -> None:
    shipped = Assumptions()
    changed = shipped.with_changes(**{name: another(name)})
    assert changed.changed_from(shipped) == (name,)
    assert changed.fingerprint != shipped.fingerprint
    assert changed.with_changes(**{name: getattr(shipped, name)}).fingerprint == shipped.fingerprint


def test_equal_assumptions_share_a_fingerprint_however_their_numbers_are_written() -> None:
    first = Assumptions(anchor_score=650, action_cost=0, take_up=(1,) * 8, idle_draw=-0.0)
    second = Assumptions(anchor_score=650.0, action_cost=0.0, take_up=(1.0,) * 8, idle_draw=0.0)
    assert first == second
    assert first.fingerprint == second.fingerprint


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        Assumptions(
            credit_conversion_factor=1.2,
            loss_given_default=-0.1,
            response_form="cubic",
            elasticity=(0.6,) * 7,
            take_up=(0.5,) * 7 + (1.5,),
        )
    assert [fault.split(" ")[0] for fault in caught.value.faults] == [
        "response_form",
        "credit_conversion_factor",
        "loss_given_default",
        "elasticity",
        "Band",
    ]
    assert "Band from 850: take_up = 150 % is too high" in caught.value.faults[-1]


@pytest.mark.parametrize(
    "absent", [("anchor_score",), ("points_to_double_odds",), ("anchor_score", "anchor_odds")]
)
def test_a_curve_given_in_part_is_refused(absent: tuple[str, ...]) -> None:
    with pytest.raises(ParameterError, match="give all three of anchor_score") as caught:
        Assumptions(**dict.fromkeys(absent))  # type: ignore[arg-type]
    assert f"has no {' and no '.join(absent)}:" in str(caught.value)
    assert Assumptions(**dict.fromkeys(CURVE_NAMES)).curve is None  # type: ignore[arg-type]


@pytest.mark.parametrize("edges", [(), (350, 350, 400), (400, 350)])
def test_band_edges_out_of_order_are_refused(edges: tuple[int, ...]) -> None:
    with pytest.raises(ParameterError, match="band_edges are not in ascending order"):
        Assumptions(band_edges=edges, **central(len(edges)))


# ---- Settings by name


def test_settings_are_applied_by_name_alias_and_band() -> None:
    found = set_values(
        Assumptions(),
        [
            ("CCF", "50%"),
            ("response-form", "Linear"),
            ("take_up", "0.5"),
            ("yield", "0.1,0.1,0.1,0.1,0.1,0.1,0.1,5%"),
            ("pdo", "20"),
        ],
    )
    assert found == Assumptions(
        credit_conversion_factor=0.5,
        response_form="linear",
        take_up=(0.5,) * 8,
        yield_rate=(0.1,) * 7 + (0.05,),
        points_to_double_odds=20.0,
    )


def test_a_preset_among_the_settings_yields_to_values_set_by_name() -> None:
    for settings in (
        [("response_preset", "Low"), ("elasticity", "0.5")],
        [("elasticity", "0.5"), ("preset", "low")],
    ):
        found = set_values(Assumptions(), settings)
        assert found.elasticity == (0.5,) * 8
        assert found.mpb == Assumptions().with_preset("low").mpb


def test_every_fault_of_the_settings_is_named_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        set_values(
            Assumptions(),
            [
                ("elastcity", "0.5"),
                ("lgd", "most"),
                ("mpb", "0.1,0.2"),
                ("preset", "wild"),
                ("funding_rate", "300%"),
            ],
        )
    faults = caught.value.faults
    assert "no parameter 'elastcity': did you mean elasticity" in faults[0]
    assert "loss_given_default = 'most' was not understood" in faults[1]
    assert "mpb has 2 values: give one, or one for each of the 8 bands" in faults[2]
    assert "no response preset 'wild'" in faults[3]
    assert "funding_rate = 300 % is too high" in faults[4]
    assert len(faults) == 5


@pytest.mark.parametrize("name", [name for name in FIELDS if name != "band_edges"])
def test_every_value_is_set_back_from_its_text(name: str) -> None:
    changed = Assumptions().with_changes(**{name: another(name)})
    text = format_value(name, getattr(changed, name))
    assert set_values(Assumptions(), [(name, text)]) == changed


# ---- Scales


@pytest.mark.parametrize("scale", KNOWN, ids=lambda scale: scale.name)
def test_a_known_scale_ships_its_bands_and_curve(scale: Any) -> None:
    shipped = Assumptions.for_scale(scale)
    assert shipped.band_edges == scale.band_edges
    assert shipped.curve is not None
    assert shipped.anchor_score == scale.curve.anchor_score
    assert shipped.elasticity == Assumptions().elasticity
    assert scale.default_threshold in scale


def test_sesame_is_the_default_and_fico_has_its_own_curve() -> None:
    assert Assumptions.for_scale(SESAME) == Assumptions()
    fico = Assumptions.for_scale(FICO)
    curve = [fico.anchor_score, fico.anchor_odds, fico.points_to_double_odds]
    assert curve == [680.0, 20.0, 40.0]
    assert fico.band_edges == (300, 580, 620, 660, 700, 740, 780, 820)
    assert fico.response_name == "central"


def test_values_by_band_are_rates_of_any_precision() -> None:
    assert {band.declared.unit for band in BAND_PARAMETERS} == {Unit.FRACTION}
