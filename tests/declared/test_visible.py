"""Names that show what they are, and those that do not."""

from __future__ import annotations

import pytest

from analytics.declared.visible import as_seen, unseen_fault


@pytest.mark.parametrize("text", ["", "Draft", "Zoë 政策", "नीति\u200d", "👩\u200d👧", "a b"])
def test_a_name_that_is_seen_is_taken(text: str) -> None:
    assert unseen_fault(text) is None


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\ufeff", "\u2028", "\n", "\x7f", "\ud800"])
def test_a_sign_that_is_not_seen_is_named_by_its_code(sign: str) -> None:
    assert unseen_fault(f"a{sign}b") == (f"holds a character that is not seen (U+{ord(sign):04X})")
    assert as_seen(f"a{sign}b") == "a b"


@pytest.mark.parametrize("text", [" ", "\u00a0\u3000", "\u2800", "\u3164 ", "\u200d"])
def test_a_name_of_blanks_is_refused(text: str) -> None:
    assert unseen_fault(text) == "holds nothing but blanks"
    assert as_seen(text) == ""
