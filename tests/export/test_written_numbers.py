"""Numbers that a spreadsheet wrote again: read where they have one reading, refused where two."""

from __future__ import annotations

import pytest

from analytics.errors import ParameterError
from analytics.export.written_numbers import number_style


@pytest.mark.parametrize(
    ("others", "text", "plain"),
    [
        ("0,5", "50.000", "50000"),
        ("0,5", "1.250.000,75", "1250000.75"),
        ("0,5", "-0,05", "-0.05"),
        ("0,5", "1,125", "1.125"),
        ("0,5", "7,5 %", "7.5 %"),
        ("0,5", "1E-05", "1E-05"),
        ("0,5", "1,5E-05", "1.5E-05"),
        ("0.5", "1.125", "1.125"),
        ("0.5", "0,25", "0.25"),
        ("5", "0.125", "0.125"),
        ("5", "12,5", "12.5"),
        ("5", "1.000.000", "1000000"),
        ("5", "high", "high"),
    ],
)
def test_a_number_is_read_by_the_sign_that_the_others_have(
    others: str, text: str, plain: str
) -> None:
    style = number_style([others, f"3 {others} 7", "a note. b, c"], free_comma=True)
    assert style.plain("x", text) == plain


@pytest.mark.parametrize(
    ("others", "text"), [("5", "50.000"), ("5", "1,125"), ("0.5", "50,000"), ("0,5 0.5", "1.125")]
)
def test_a_number_that_reads_two_ways_is_refused(others: str, text: str) -> None:
    style = number_style(others.split(), free_comma=True)
    with pytest.raises(ParameterError, match=r"limit_cap = .* can be read in two ways: write it"):
        style.plain("limit_cap", text)


def test_where_commas_part_the_cells_a_quoted_one_sets_thousands_apart() -> None:
    style = number_style([], free_comma=False)
    assert style.plain("x", "50,000") == "50000"
    assert style.plain("x", "1.125") == "1.125"
    assert style.plain("x", "0,05") == "0,05"
