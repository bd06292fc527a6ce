"""One function says every text: in the language in force, its places filled, English for want."""

from __future__ import annotations

import contextvars
from gettext import NullTranslations

import pytest

from analytics.declared.language import (
    ENGLISH,
    either,
    language,
    later,
    later_n,
    marked,
    say,
    say_n,
    set_language,
    spoken,
    together,
)
from analytics.declared.measures import BY_NAME
from analytics.declared.parameters import find
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from tests.pseudo import Pseudo, bracketed


def test_english_is_said_where_no_language_was_chosen() -> None:
    assert say("Raise {rate} from score {score:,}", rate="20 %", score=1800) == (
        "Raise 20 % from score 1,800"
    )
    assert language() == ENGLISH


def test_a_message_without_values_is_said_as_it_is() -> None:
    assert say("a {brace}") == "a {brace}"
    assert say("") == ""
    assert marked("as it is {x}") == "as it is {x}"


@pytest.mark.parametrize(("count", "text"), [(0, "0 rows"), (1, "1 row"), (2000, "2,000 rows")])
def test_a_count_takes_the_plural_of_its_language(count: int, text: str) -> None:
    assert say_n("{count:,} row", "{count:,} rows", count) == text


def test_a_language_holds_within_its_block() -> None:
    with spoken(Pseudo()):
        assert say("{count} rows used", count=3) == "3 [rows] [used]"
        assert say_n("{count} row", "{count} rows", 1) == "1 [row]"
        with spoken(ENGLISH):
            assert say("rows used") == "rows used"
        assert say("rows used") == "[rows] [used]"
    assert say("rows used") == "rows used"


def test_a_sentence_is_said_when_it_is_shown() -> None:
    scale = later("the scale {scale}", scale="350-950")
    found = later_n(
        "{count} score is off {scale}", "{count} scores are off {scale}", 2, scale=scale
    )
    assert str(found) == "2 scores are off the scale 350-950"
    assert found == later_n(
        "{count} score is off {scale}", "{count} scores are off {scale}", 2, scale=scale
    )
    with spoken(Pseudo()):
        assert str(found) == "2 [scores] [are] [off] [the] [scale] 350-950"


def test_names_are_joined_in_the_language_in_force() -> None:
    assert either(["a", "b", "c"]) == "a or b or c"
    assert together(["a"]) == "a"
    with spoken(Pseudo()):
        assert together(["a", "b"]) == "a [and] b"


def test_a_language_set_in_one_context_is_not_spoken_in_another() -> None:
    def elsewhere() -> str:
        set_language(Pseudo())
        return say("rows")

    assert contextvars.copy_context().run(elsewhere) == "[rows]"
    assert say("rows") == "rows"


def test_a_language_without_a_catalogue_is_said_in_english() -> None:
    with spoken("xx"):
        assert say("rows used") == "rows used"
        assert language() == ENGLISH


def test_a_catalogue_names_its_language() -> None:
    class Chinese(NullTranslations):
        def info(self) -> dict[str, str]:
            return {"language": "zh"}

    with spoken(Chinese()):
        assert language() == "zh"


def test_what_a_registry_declares_is_said_by_its_row() -> None:
    raised, cap = BY_NAME["raised"], find(POLICY_PARAMETERS, "limit_cap")
    with spoken(Pseudo()):
        assert raised.title == "[Accounts] [raised]"
        assert raised.english_title == "Accounts raised"
        assert cap.section_title == "[Caps] [and] [rounding]"
        assert cap.help == bracketed(cap.english_help)
    assert (raised.title, cap.section_title) == ("Accounts raised", "Caps and rounding")
