"""Closed sets are enums: members keep their texts, and what is no member is refused in words."""

import pytest

from analytics.appetite import Constraint, Kind
from analytics.assumptions import Assumptions
from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS
from analytics.declared.choices import (
    CapitalApproach,
    Choice,
    ConsentMode,
    Provisioning,
    ResponseForm,
    ResponsePreset,
    Sign,
    UnknownCells,
    UpliftDriver,
)
from analytics.declared.parameters import Unit
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.errors import ParameterError
from analytics.method import capital, formulas

EVERY = Choice.__subclasses__()


@pytest.mark.parametrize("choices", EVERY)
def test_a_member_is_its_text_and_comes_back_from_it(choices: type[Choice]) -> None:
    assert [choices(str(member)) for member in choices] == list(choices)
    assert all(f"{member}" == member.value for member in choices)


@pytest.mark.parametrize("choices", EVERY)
def test_what_is_no_member_is_refused_with_those_that_are(choices: type[Choice]) -> None:
    with pytest.raises(ParameterError) as caught:
        choices("zzz")
    assert all(str(member) in str(caught.value) for member in choices)


def test_a_misspelt_choice_is_refused_with_the_nearest() -> None:
    with pytest.raises(ParameterError, match="no response form 'lgo': did you mean log"):
        ResponseForm("lgo")


def test_a_misspelt_response_form_does_not_count_as_log() -> None:
    with pytest.raises(ParameterError, match="did you mean linear"):
        formulas.balance_after(
            100.0, 200.0, 300.0, form="lineer", elasticity=0.5, mpb=0.5, idle_draw=0.0
        )  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match=r"response_form = lgo is no choice"):
        Assumptions(response_form="lgo")  # type: ignore[arg-type]


def test_the_standardised_approach_has_no_correlation() -> None:
    with pytest.raises(ParameterError, match="no asset correlation"):
        capital.correlation(0.02, CapitalApproach.STANDARDISED, 0.04)
    with pytest.raises(ParameterError, match="did you mean irb_qrre"):
        capital.correlation(0.02, "irb_qre", 0.04)  # type: ignore[arg-type]


def test_parameters_that_are_chosen_offer_every_member_of_one_enum() -> None:
    chosen = [p for p in ASSUMPTION_PARAMETERS if p.unit is Unit.CHOICE]
    assert [p.choices for p in chosen] == [
        tuple(ResponseForm),
        tuple(ConsentMode),
        tuple(UpliftDriver),
        tuple(CapitalApproach),
        tuple(Provisioning),
    ]
    levers = [p for p in POLICY_PARAMETERS if p.unit is Unit.CHOICE]
    assert [p.choices for p in levers] == [tuple(UnknownCells)]


def test_assumptions_hold_members_whatever_text_is_given() -> None:
    found = Assumptions(response_form="linear", capital_approach="irb_qrre")  # type: ignore[arg-type]
    assert found.response_form is ResponseForm.LINEAR
    assert found.capital_approach is CapitalApproach.IRB_QRRE
    assert found == Assumptions(
        response_form=ResponseForm.LINEAR, capital_approach=CapitalApproach.IRB_QRRE
    )
    assert Assumptions().with_preset(ResponsePreset.LOW) == Assumptions().with_preset("low")


def test_a_constraint_holds_the_sign_whatever_text_is_given() -> None:
    found = Constraint("ead", Kind.LEVEL, ">=", 1.0)  # type: ignore[arg-type]
    assert found.sign is Sign.AT_LEAST
    assert str(found) == "ead>=1"
    with pytest.raises(ParameterError, match="'==' is no bound: write <= or >="):
        Constraint("ead", Kind.LEVEL, "==", 1.0)  # type: ignore[arg-type]
