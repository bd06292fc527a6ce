"""What a spreadsheet would run or change gets an apostrophe; all else stays as it is."""

import pytest

from analytics.shown.harmless import harmless


@pytest.mark.parametrize(
    "text", ["=1+1", " +1", "@sum", "\uff1d1", "\tx", "00123", "1e5", "03-04", "true", "Jan 5"]
)
def test_what_a_spreadsheet_would_run_or_change_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "North", "123", "123456789012345", "a=b", "x-1"])
def test_a_plain_text_or_number_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
