"""treatments.csv: read back identical, and refused with every fault named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.declared.choices import Treatment
from analytics.declared.treatments import SHIPPED, Treatments
from analytics.errors import ParameterError
from analytics.export.treatments_file import (
    load_treatments_file,
    read_treatments_csv,
    treatments_csv,
)

HEADER = "treatment,on,message_code\nheadroom_treatments,,1\n"
CODES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,63}", fullmatch=True).filter(
    lambda code: code.lower() != "none"
)
SINGLE = ("on_request", "guidance", "ask", "wait")


def file(*lines: str, header: str = HEADER) -> bytes:
    return (header + "".join(f"{line}\n" for line in lines)).encode()


def faults(*lines: str) -> list[str]:
    with pytest.raises(ParameterError) as caught:
        read_treatments_csv(file(*lines))
    return list(caught.value.faults)


@st.composite
def tables(draw: st.DrawFn) -> Treatments:
    off = {Treatment(name) for name in draw(st.sets(st.sampled_from(SINGLE)))}
    arms = (Treatment.RAISE_WITH_GUIDANCE, Treatment.CONTROL_WITH_GUIDANCE)
    if draw(st.booleans()):
        off.update(arms)
    code = draw(CODES)
    messages = {
        Treatment.WAIT: draw(CODES),
        Treatment.ASK: draw(CODES),
        **dict.fromkeys(arms, code),
    }
    kept = ((t, c) for t, c in messages.items() if c != SHIPPED.message_code(t))
    return Treatments(
        off=frozenset(off), messages=tuple(sorted(kept, key=lambda item: item[0].code))
    )


@settings(max_examples=60)
@given(table=tables())
def test_a_table_is_read_back_identical(table: Treatments) -> None:
    assert read_treatments_csv(treatments_csv(table)) == table


def test_the_shipped_table_survives_a_file(tmp_path: Path) -> None:
    path = tmp_path / "treatments.csv"
    path.write_bytes(treatments_csv())
    assert load_treatments_file(path) == SHIPPED


def test_rows_that_are_left_out_stay_as_declared() -> None:
    found = read_treatments_csv(file("wait,off,", "ask,,msg-1", "guidance,on,none"))
    assert found.off == {Treatment.WAIT}
    assert found.message_code(Treatment.ASK) == "msg-1"
    assert found.message_code(Treatment.GUIDANCE) == ""
    assert found.message_code(Treatment.ON_REQUEST) == "on_request"


def test_a_file_that_went_through_a_spreadsheet_is_read() -> None:
    text = "﻿sep=;\r\nTreatment;On;Message_code\r\nheadroom_treatments;;1\r\nWait;OFF;\r\n"
    assert read_treatments_csv(text.encode()).off == {Treatment.WAIT}


def test_a_treatment_that_is_not_known_is_named_with_the_nearest() -> None:
    assert faults("gidance,on,") == [
        "Line 3: There is no treatment 'gidance': did you mean guidance?"
    ]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ParameterError, match="has no column message_code: its first line must be"):
        read_treatments_csv(b"treatment,on\nheadroom_treatments,1\n")


@pytest.mark.parametrize("treatment", ["raise", "control"])
def test_what_the_policy_itself_does_cannot_be_off(treatment: str) -> None:
    (found,) = faults(f"{treatment},off,")
    assert "who is raised or held out is set by the policy" in found


def test_support_keeps_a_message() -> None:
    (found,) = faults("support,on,none")
    assert "is never withheld" in found


def test_support_cannot_be_off_and_it_is_said_why() -> None:
    assert "customers in hardship or past due are referred to help" in faults("support,off,")[0]
    assert "it is what is left" in faults("none,off,")[0]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x" * 2_000, "has 2,000 characters: give 1 to 64"),
        ("=1+1", "begins as a formula does"),
        ("@SUM(A1)", "begins as a formula does"),
        ("-5", "begins as a formula does"),
        ('"a,b"', "holds other characters"),
        ("a\u202eb", "holds a character that is not seen"),
    ],
)
def test_a_message_code_that_cannot_be_one_is_refused(code: str, words: str) -> None:
    assert words in faults(f"wait,on,{code}")[0]


def test_the_arms_of_the_trial_differ_by_the_raise_alone() -> None:
    for lines in (
        ["raise_with_guidance,off,"],
        ["control_with_guidance,on,other"],
        ["raise_with_guidance,on,a", "control_with_guidance,on,b"],
    ):
        assert "may differ by the raise alone" in faults(*lines)[0]
    both = file("raise_with_guidance,off,", "control_with_guidance,off,")
    assert len(read_treatments_csv(both).off) == 2


def test_what_stands_for_nothing_has_no_message() -> None:
    assert "has no message" in faults("control,on,hello")[0]


def test_all_faults_are_named_at_once_with_their_lines() -> None:
    found = faults("support,off,", "wait,maybe,=1", "wait,on,", "nothing,on,")
    assert [fault.split(":")[0] for fault in found] == [
        "Line 3",
        "Line 4",
        "Line 4",
        "Line 5",
        "Line 6",
    ]
