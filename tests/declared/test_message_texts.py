"""What messages may say: every message in every language, short, plain, and without a formula."""

from __future__ import annotations

import re
import string

import pytest

from analytics.declared.choices import TextStatus, Treatment
from analytics.declared.message_texts import LANGUAGES, PLACES, catalogue, message_texts
from analytics.declared.treatments import TREATMENTS, Treatments
from analytics.declared.visible import unseen_fault
from analytics.shown.harmless import begins_a_formula

SENTENCE_ENDS = re.compile(r"[.?。](?:\s|$|(?=[\u4e00-\u9fff]))")
PRESSURE = re.compile(
    r"\b(now only|hurry|last chance|must|guarantee\w*|will be (?:raised|approved)|promise\w*)\b|"
    r"保证|立即|马上|最后机会|必须",
    flags=re.IGNORECASE,
)


def test_every_message_has_a_text_in_every_language_and_no_other_is_there() -> None:
    codes = {row.message_code for row in TREATMENTS if row.message_code}
    assert set(catalogue()) == {(code, language) for code in codes for language in LANGUAGES}


@pytest.mark.parametrize(("message", "language"), catalogue())
def test_a_text_is_plain_and_short(message: str, language: str) -> None:
    text = catalogue()[message, language]
    assert 1 <= len(SENTENCE_ENDS.findall(text)) <= 2
    assert len(text) <= 160
    assert not begins_a_formula(text)
    assert unseen_fault(text) is None
    assert not PRESSURE.search(text)
    assert bool(re.search(r"[\u4e00-\u9fff]", text)) is (language == "zh")


def test_texts_name_the_cells_of_their_own_treatment() -> None:
    named = {
        key: {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for key, text in catalogue().items()
    }
    wanted = {"wait": {"wait_months"}, "ask": {"missing_item"}}
    assert named == {key: wanted.get(key[0], set()) for key in catalogue()}
    assert set().union(*named.values()) == PLACES


def test_a_message_that_is_renamed_keeps_its_text_and_one_that_is_off_has_none() -> None:
    table = Treatments(
        off=frozenset({Treatment.ASK}),
        messages=((Treatment.WAIT, "M-7"), (Treatment.RAISE, "notice")),
    )
    texts = message_texts(table)
    waits = {one.language: one.text for one in texts if one.treatment is Treatment.WAIT}
    assert waits == {language: catalogue()["wait", language] for language in LANGUAGES}
    assert {one.message_code for one in texts if one.treatment is Treatment.WAIT} == {"M-7"}
    assert Treatment.ASK not in {one.treatment for one in texts}
    notice = [one for one in texts if one.treatment is Treatment.RAISE]
    assert [(one.text, one.status) for one in notice] == [("", TextStatus.MISSING)] * 2
    assert {one.status for one in message_texts()} == {TextStatus.SUGGESTION}
