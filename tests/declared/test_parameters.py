"""The parameter registry: every entry is complete, and every value can be written and read back."""

# Full-width characters are what is tested.
# ruff: noqa: RUF001

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS
from analytics.declared.parameters import Mark, Parameter, Unit, Value, faults, find
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.errors import ParameterError

BY_BAND = tuple(band.declared for band in BAND_PARAMETERS)
EVERY = (*POLICY_PARAMETERS, *ASSUMPTION_PARAMETERS, *BY_BAND)
NUMERIC = frozenset(Unit) - {Unit.FLAG, Unit.CHOICE, Unit.TEXT, Unit.DATE}
each = pytest.mark.parametrize("parameter", EVERY, ids=lambda parameter: parameter.name)


def parameter_of(name: str) -> Parameter:
    return find(EVERY, name)


# ---- The registry


@each
def test_every_parameter_has_a_title_and_one_sentence_of_help(parameter: Parameter) -> None:
    assert parameter.title
    assert parameter.title[0].isupper()
    assert parameter.help.endswith(".")
    assert len(parameter.help) > 10
    assert parameter.section


@each
def test_every_parameter_has_a_default_within_its_bounds(parameter: Parameter) -> None:
    assert parameter.fault(parameter.default) is None


@each
def test_every_numeric_parameter_has_both_bounds(parameter: Parameter) -> None:
    if parameter.unit in NUMERIC:
        assert parameter.low is not None
        assert parameter.high is not None
        assert parameter.low < parameter.high


@each
def test_evidence_and_regulation_name_their_source(parameter: Parameter) -> None:
    if parameter.mark in (Mark.EVIDENCE, Mark.REGULATION):
        assert len(parameter.source) > 8


@each
def test_a_choice_has_choices_and_nothing_else_does(parameter: Parameter) -> None:
    assert bool(parameter.choices) == (parameter.unit is Unit.CHOICE)


def test_no_name_or_alias_is_there_twice() -> None:
    for registry in (POLICY_PARAMETERS, (*ASSUMPTION_PARAMETERS, *BY_BAND)):
        names = [name for p in registry for name in (p.name, *p.aliases)]
        assert len(names) == len(set(names))


@each
def test_the_words_for_what_is_allowed_are_a_phrase(parameter: Parameter) -> None:
    assert parameter.allowed
    assert not parameter.allowed.endswith(".")
    assert ("or none" in parameter.allowed) == parameter.optional


# ---- Format and parse


def values_of(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Legal values of a parameter."""
    low, high = float(parameter.low or 0), float(parameter.high or 0)
    kinds: dict[Unit, st.SearchStrategy[Any]] = {
        Unit.FLAG: st.booleans(),
        Unit.CHOICE: st.sampled_from(parameter.choices or ("",)),
        Unit.DATE: st.dates(),
        Unit.TEXT: st.text(min_size=int(low), max_size=int(high)),
        Unit.RATE: st.integers(int(low * 10_000), int(high * 10_000)).map(lambda n: n / 10_000),
        Unit.MULTIPLE: st.integers(int(low * 10_000), int(high * 10_000)).map(lambda n: n / 10_000),
        Unit.FRACTION: st.floats(low, high),
        Unit.NUMBER: st.floats(low, high),
        Unit.MONEY: st.integers(int(low), int(high) * 100).map(lambda n: Decimal(n) / 100),
        Unit.SCORE: st.integers(int(low), int(high)),
        Unit.COUNT: st.integers(int(low), int(high)),
    }
    found = kinds[parameter.unit].filter(lambda value: parameter.fault(value) is None)
    return st.none() | found if parameter.optional else found


@settings(max_examples=40)
@given(data=st.data())
def test_every_value_is_read_back_from_its_text(data: st.DataObject) -> None:
    for parameter in EVERY:
        value: Value = data.draw(values_of(parameter), label=parameter.name)
        text = parameter.format(value)
        assert parameter.parse(text) == value, parameter.name
        assert parameter.format(parameter.parse(text)) == text
        assert "\n" not in text
        assert parameter.show(value) or value == ""


def test_equal_numbers_have_one_text() -> None:
    assert parameter_of("income_multiple").format(4) == "4.0"
    assert parameter_of("raise_rate").format(-0.0) == parameter_of("raise_rate").format(0) == "0.0"
    limit_cap = parameter_of("limit_cap")
    assert limit_cap.format(Decimal("5E+4")) == limit_cap.format(Decimal("50000.00")) == "50000"
    assert limit_cap.format(Decimal("0.10")) == "0.1"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("raise_rate", "20%", 0.2),
        ("raise_rate", " 12.5 % ", 0.125),
        ("raise_rate", "0.07", 0.07),
        ("raise_rate", "20,5 %", 0.205),
        ("raise_rate", "0,2", 0.2),
        ("income_multiple", "3,5", 3.5),
        ("limit_cap", "1,250,000.50", Decimal("1250000.50")),
        ("limit_cap", "none", None),
        ("limit_cap", "OFF", None),
        ("limit_cap", "on", Decimal(50_000)),
        ("past_due", "off", False),
        ("past_due", "yes", True),
        ("past_due_12m", "off", None),
        ("consent_mode", "Opt-In", "opt_in"),
        ("effective_date", "2026-10-31", dt.date(2026, 10, 31)),
        ("effective_date", "", None),
        ("policy_seed", " two  spaces ", " two  spaces "),
    ],
)
def test_texts_as_people_write_them_are_understood(name: str, text: str, value: Value) -> None:
    assert parameter_of(name).parse(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("raise_rate", "twenty"),
        ("raise_rate", "0,200"),
        ("raise_rate", "1,2,3 %"),
        ("income_multiple", "3,500"),
        ("limit_cap", "50,5"),
        ("limit_cap", "1,50,000"),
        ("limit_cap", "50000 CNY"),
        ("score_threshold", "800.5"),
        ("past_due", "perhaps"),
        ("effective_date", "31.10.2026"),
        ("past_due_12m", "9" * 5_000),
    ],
)
def test_a_text_that_is_no_value_is_refused_with_what_is_allowed(name: str, text: str) -> None:
    parameter = parameter_of(name)
    with pytest.raises(ParameterError, match="was not understood: give ") as caught:
        parameter.parse(text)
    assert parameter.allowed in str(caught.value)


@each
def test_an_empty_text_stands_for_no_value_but_of_a_text_or_a_date(parameter: Parameter) -> None:
    if parameter.unit in (Unit.TEXT, Unit.DATE):
        assert not parameter.parse("")
        return
    for text in ("", "  "):
        with pytest.raises(ParameterError, match="was not understood: give "):
            parameter.parse(text)


# ---- Faults


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("raise_rate", 1.5, "raise_rate = 150 % is too high: give a rate in whole basis points"),
        ("raise_rate", 0.12345, "is not in whole basis points"),
        ("raise_rate", float("nan"), "is not a number"),
        ("raise_rate", float("inf"), "is not a number"),
        ("raise_rate", "0.2", "is not a value of this kind"),
        ("raise_rate", True, "is not a value of this kind"),
        ("raise_rate", None, "raise_rate is missing"),
        ("limit_cap", Decimal(0), "is too low: give an amount with at most two decimals above 0"),
        ("limit_cap", Decimal("0.001"), "has more than two decimals"),
        ("limit_cap", Decimal("1.00000000000000000000000000000001"), "more than two decimals"),
        ("limit_cap", Decimal("1e30"), "is too high"),
        ("limit_cap", Decimal("1e999999"), "limit_cap = 1E+999999 is too high"),
        ("limit_cap", Decimal("NaN"), "is not a number"),
        ("limit_cap", Decimal(-5), "limit_cap = -5 is too low"),
        ("limit_cap", 50_000, "is not a value of this kind"),
        ("income_multiple", 4.00001, "has more than four decimals"),
        ("past_due_12m", 366, "past_due_12m = 366 is too high"),
        ("past_due_12m", True, "is not a value of this kind"),
        ("policy_seed", "", "is too short: give a text of 1 to 64 characters in one line"),
        ("policy_seed", "x" * 65, "is too long"),
        ("note", "two\nlines", "holds a character that is not seen (U+000A)"),
        ("note", "\ud800", "holds a character that is not seen (U+D800)"),
        ("consent_mode", "opt_inn", "is no choice (did you mean opt_in?)"),
        ("consent_mode", "", "is no choice: give automatic or opt_in"),
        ("effective_date", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "is a time, not a date"),
        ("risk_weight", 1e300, "is too high"),
    ],
)  # fmt: skip
def test_a_fault_says_what_was_given_what_is_allowed_and_what_to_do(
    name: str, value: Any, words: str
) -> None:
    fault = parameter_of(name).fault(value) or ""
    assert words in fault
    assert fault.startswith(name)
    assert fault.endswith(f"give {parameter_of(name).allowed}.")
    assert len(fault) < 300


def test_bounds_are_included_unless_the_parameter_says_above() -> None:
    for parameter in EVERY:
        if parameter.unit in NUMERIC:
            kind = {Unit.MONEY: Decimal, Unit.SCORE: int, Unit.COUNT: int}.get(
                parameter.unit, float
            )
            low, high = kind(parameter.low or 0), kind(parameter.high or 0)
            assert (parameter.fault(low) is None) == (not parameter.above_low), parameter.name
            assert parameter.fault(high) is None, parameter.name
            assert parameter.fault(low - 1), parameter.name
            assert parameter.fault(high + 1), parameter.name


def test_every_fault_is_named_at_once() -> None:
    found = faults(POLICY_PARAMETERS, {"raise_rate": 2.0, "policy_seed": "", "too_new": 0})
    assert [fault.split(" ")[0] for fault in found] == ["raise_rate", "too_new", "policy_seed"]


# ---- Names


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("raise", "raise_rate"),
        (" Score-Threshold ", "score_threshold"),
        ("threshold", "score_threshold"),
        ("CCF", "credit_conversion_factor"),
        ("lgd", "loss_given_default"),
        ("pdo", "points_to_double_odds"),
        ("yield", "yield_rate"),
    ],
)
def test_a_parameter_is_found_by_its_name_or_alias(name: str, found: str) -> None:
    assert find(EVERY, name).name == found


def test_a_name_that_is_almost_right_is_suggested() -> None:
    with pytest.raises(ParameterError, match=r"no parameter 'limit_cup': did you mean limit_cap"):
        find(POLICY_PARAMETERS, "limit_cup")


def test_a_name_that_is_like_none_gets_the_list_of_names() -> None:
    with pytest.raises(ParameterError, match="the names are score_threshold, raise_rate"):
        find(POLICY_PARAMETERS, "zzzz")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("horizon_months", "３６", 36),
        ("discount_rate", "１２％", 0.12),
        ("discount_rate", "０．１２", 0.12),
        ("limit_cap", "５０，０００", Decimal(50_000)),
        ("limit_cap", "ｎｏｎｅ", None),
    ],
)
def test_full_width_signs_are_read_as_plain_ones(name: str, text: str, value: object) -> None:
    assert parameter_of(name).parse(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("limit_cap", "５０．０００"),
        ("limit_cap", "5²"),
        ("discount_rate", "1e400"),
        ("life_years", "1e999"),
        ("horizon_months", "12.5"),
        ("horizon_months", "12 months"),
    ],
)
def test_what_is_no_number_or_reads_in_two_ways_is_refused_as_it_was_given(
    name: str, text: str
) -> None:
    with pytest.raises(ParameterError, match=f"{name} = '{re.escape(text)}' was not understood"):
        parameter_of(name).parse(text)
