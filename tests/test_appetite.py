"""Constraints in text, contradictions, and the rows that an appetite is kept as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.appetite import Appetite, Constraint, Kind, parse_appetite, parse_constraint
from analytics.declared.measures import BY_NAME, MEASURES
from analytics.errors import ParameterError
from analytics.shown import words


@pytest.mark.parametrize(
    ("text", "measure", "kind", "sign", "bound"),
    [
        ("ead_increment_rate<=0.05", "ead", Kind.RELATIVE, "<=", 0.05),
        ("ead_increment_rate <= 5%", "ead", Kind.RELATIVE, "<=", 0.05),
        ("loss_rate<=1.2%", "loss_rate", Kind.LEVEL, "<=", 0.012),
        ("loss_per_new_exposure ≤ 4 %", "loss_per_new_exposure", Kind.LEVEL, "<=", 0.04),
        ("projected_defaults_increment<=300", "projected_defaults", Kind.INCREMENT, "<=", 300),
        ("strained_increment<=0", "strained", Kind.INCREMENT, "<=", 0),
        ("net_value_increment>=0", "net_value", Kind.INCREMENT, ">=", 0),
        ("net-value>=-5", "net_value", Kind.LEVEL, ">=", -5),
        ("limit_increment<=50,000,000", "limit", Kind.INCREMENT, "<=", 5e7),
        ("LIMIT_increment=<1e6", "limit", Kind.INCREMENT, "<=", 1e6),
        ("npv>=0", "npv", Kind.LEVEL, ">=", 0),
        ("npv_increment>=10,000", "npv", Kind.LEVEL, ">=", 1e4),
        ("payback_months<=12", "payback_months", Kind.LEVEL, "<=", 12),
        ("loss_rate_on_balance<=4%", "loss_rate_on_balance", Kind.LEVEL, "<=", 0.04),
        ("thin_cover_increment<=0", "thin_cover", Kind.INCREMENT, "<=", 0),
    ],
)
def test_a_constraint_is_read_from_text(
    text: str, measure: str, kind: Kind, sign: str, bound: float
) -> None:
    assert parse_constraint(text) == Constraint(measure, kind, sign, bound)


@given(
    st.sampled_from([m.name for m in MEASURES]),
    st.sampled_from(Kind),
    st.sampled_from(["<=", ">="]),
    st.floats(-1e15, 1e15),
)
def test_canonical_text_is_read_back_as_the_same_constraint(
    measure: str, kind: Kind, sign: str, bound: float
) -> None:
    if BY_NAME[measure].of_increment:
        kind = Kind.LEVEL
    constraint = Constraint(measure, kind, sign, bound)
    assert parse_constraint(str(constraint)) == constraint
    said = words.constraint_words(constraint)
    assert said.startswith(BY_NAME[measure].title)
    assert ("at most" in said, "at least" in said) == (sign == "<=", sign == ">=")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("eda<=3", "did you mean ead"),
        ("net_valu_increment>=0", "did you mean net_value_increment"),
        ("qqqqqqqq<=3", "measures: accounts, raised"),
        ("loss_rate<1%", "write <= or >="),
        ("loss_rate==1%", "write <= or >="),
        ("ead<=5%", "write ead_increment_rate<=5%"),
        ("ead<=much", "give a number"),
        ("ead<=nan", "give a number"),
        ("ead", "write a measure, <= or >=, and a bound"),
        ("", "write a measure"),
    ],
)
def test_what_is_no_constraint_is_refused_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parse_constraint(text)
    assert said in str(caught.value)


def test_what_is_undefined_breaks_a_bound_of_payback_and_no_other() -> None:
    never = float("nan")
    assert not parse_constraint("payback_months<=12").met_by(never)
    assert not parse_constraint("payback_months>=1").met_by(never)
    assert parse_constraint("loss_per_new_exposure<=0").met_by(never)
    assert words.constraint_words(parse_constraint("payback_months<=12")) == (
        "Payback: at most month 12"
    )


def test_every_fault_of_an_appetite_is_named_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        parse_appetite(["eda<=3", "loss_rate<1", "ead<=5%", "raised>=10"])
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize(
    "text",
    [
        "raised>=100; raised<=99",
        "ead_increment_rate>=6%; loss_rate<=3%; ead_increment_rate<=5%",
        "strained<=-1",
        "raised_share>=1.5",
        "payback_months<=0",
    ],
)
def test_contradictory_and_impossible_constraints_are_refused(text: str) -> None:
    with pytest.raises(ParameterError, match=r"no policy can meet (both|it)"):
        parse_appetite(text)


def test_an_appetite_is_kept_as_canonical_texts_and_read_back() -> None:
    appetite = parse_appetite("ead_increment_rate <= 5%\n loss_rate<=1.2 % ; raised>=10;raised>=10")
    texts = [str(constraint) for constraint in appetite.constraints]
    assert texts == ["ead_increment_rate<=0.05", "loss_rate<=0.012", "raised>=10"]
    assert parse_appetite(texts) == appetite
    assert parse_appetite(str(appetite)) == appetite
    assert not parse_appetite("")
    assert appetite


def test_an_appetite_without_a_constraint_keeps_the_others() -> None:
    appetite = parse_appetite("raised>=1; ead<=5")
    assert appetite.without(appetite.constraints[0]) == Appetite(appetite.constraints[1:])
