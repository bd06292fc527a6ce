"""Thousands, decimal commas, percent and currency signs: one reading, or a question."""

# Full-width characters are what is tested.
# ruff: noqa: RUF001

from __future__ import annotations

from typing import Any

import pytest

from analytics.declared.scales import SESAME
from analytics.errors import PortfolioError
from analytics.ingest import ChoiceNeeded
from tests.ingest.loading import HEADER, load, rows_text


def limits(cells: list[str], **declared: Any) -> list[int | None]:
    rows = [[f"A{i}", "700", cell, "0"] for i, cell in enumerate(cells)]
    found = load(rows_text(HEADER, rows, ";"), **declared)
    return [found.accounts.get(f"A{i}", {}).get("credit_limit") for i in range(len(cells))]


@pytest.mark.parametrize(
    ("cells", "minor"),
    [
        (["1,234.56"], [123456]),
        (["1,234.56", "1,000", "999"], [123456, 100000, 99900]),
        (["12,345,678"], [1234567800]),
        (["12,345,678.9", "5"], [1234567890, 500]),
        (["1,00,000.50", "12,34,567"], [10000050, 123456700]),
        (["1.5", "1,000"], [150, 100000]),
        (["1 234.56"], [123456]),
        (["1\u00a0234.56"], [123456]),
        (["1\u202f234\u202f567.8"], [123456780]),
        (["1'234.56"], [123456]),
        (["１，２３４．５６"], [123456]),
    ],
)
def test_thousands_with_a_decimal_point_are_read_exactly(
    cells: list[str], minor: list[int]
) -> None:
    assert limits(cells) == minor


@pytest.mark.parametrize(
    ("cells", "minor"),
    [
        (["1.234,56"], [123456]),
        (["1.234,56", "1.000", "999"], [123456, 100000, 99900]),
        (["1234,5"], [123450]),
        (["0,5", "12"], [50, 1200]),
        (["12.345.678"], [1234567800]),
        (["12.345.678,90", "7"], [1234567890, 700]),
        (["1 234,56"], [123456]),
        (["1\u00a0234,56"], [123456]),
        (["1'234,50"], [123450]),
    ],
)
def test_decimal_commas_are_read_exactly_where_nothing_else_is_possible(
    cells: list[str], minor: list[int]
) -> None:
    assert limits(cells) == minor


@pytest.mark.parametrize(
    "cells",
    [["1,234"], ["1.234"], ["999", "1,000"], ["1.000", "2.000"], ["1,234", "1.234"]],
)
def test_numbers_with_two_readings_are_asked_about(cells: list[str]) -> None:
    with pytest.raises(ChoiceNeeded, match="--decimal") as asked:
        limits(cells)
    assert asked.value.option == "decimal"
    assert [choice.value for choice in asked.value.choices] == ["point", "comma"]


@pytest.mark.parametrize(
    "cells", [["1,5", "1.5"], ["1.234,56", "1,234.56"], ["12,50", "12.50", "7.25"]]
)
def test_columns_that_disagree_about_the_decimal_sign_are_asked_about(cells: list[str]) -> None:
    with pytest.raises(ChoiceNeeded, match="credit_limit"):
        limits(cells)


@pytest.mark.parametrize(
    ("cell", "decimal", "minor"),
    [
        ("1,234", "point", 123400),
        ("1,234", "comma", None),
        ("1.234", "comma", 123400),
        ("1.234", "point", None),
        ("12.50", "comma", None),
        ("12,50", "point", None),
        ("1000,50", "point", None),
        ("1000.50", "comma", None),
        ("1,2345", "point", None),
        ("1,23,4", "point", None),
        ("1,,234", "point", None),
        (",234", "point", None),
        ("1 23", "point", None),
        ("1.234.56", "comma", None),
        ("1.234,567", "comma", None),
        ("1,234.567", "point", None),
    ],
)
def test_a_declared_decimal_sign_decides_and_what_does_not_fit_is_rejected(
    cell: str, decimal: str, minor: int | None
) -> None:
    assert limits([cell, "1"], decimal=decimal) == [minor, 100]


def test_a_plain_point_in_a_file_of_decimal_commas_never_passes() -> None:
    header = f"{HEADER},default_probability"
    rows = [["A", "700", "1.234,56", "0", "0,5"], ["B", "700", "5", "0", "1.00"]]
    found = load(rows_text(header, rows, ";"))
    assert found.report.decimal == ","
    assert found.accounts["A"]["default_probability"] == 0.5
    assert found.reason(3, "default_probability") == "not_plain"


@pytest.mark.parametrize(
    ("cell", "currency"),
    [
        ("¥1,234.56", "CNY"),
        ("￥1,234.56", "CNY"),
        ("1,234.56元", "CNY"),
        ("RMB 1,234.56", "CNY"),
        ("1,234.56 CNY", "CNY"),
        ("$1,234.56", "USD"),
        ("US$ 1,234.56", "USD"),
        ("USD 1,234.56", "USD"),
        ("€1,234.56", "EUR"),
        ("1,234.56 €", "EUR"),
        ("£1,234.56", "GBP"),
        ("NT$1,234.56", "TWD"),
        ("HK$1,234.56", "HKD"),
        ("₹1,234.56", "INR"),
        ("₩1,234.56", "KRW"),
        ("₺1,234.56", "TRY"),
        ("1,234.56 TL", "TRY"),
    ],
)
def test_currency_marks_of_the_declared_currency_are_taken_off(cell: str, currency: str) -> None:
    text = rows_text(HEADER, [["A", "700", cell, "0"]], ";")
    found = load(text, currency=currency, scale=SESAME)
    assert found.accounts["A"]["credit_limit"] == 123456
    assert all("belongs to CNY alone" in warning for warning in found.report.warnings)


def test_marks_of_another_currency_are_warned_about() -> None:
    found = load(f"{HEADER}\nA,700,$12.50,0\n")
    assert any("--currency USD" in warning for warning in found.report.warnings)


def test_marks_of_several_currencies_in_one_column_are_refused() -> None:
    with pytest.raises(PortfolioError, match="several currencies"):
        load(f"{HEADER}\nA,700,$12.50,0\nB,700,€12.50,0\n")


@pytest.mark.parametrize("cell", ["-¥5", "¥-5", "(¥5)", "-5元"])
def test_a_negative_amount_with_a_mark_is_negative(cell: str) -> None:
    found = load(f"{HEADER}\nA,700,¥12.50,0\nB,700,{cell},0\n")
    assert found.reason(3, "credit_limit") == "negative"


@pytest.mark.parametrize(
    ("cell", "rate"),
    [("2%", 0.02), ("2.71 %", 0.0271), ("0.271％", 0.00271), ("100%", 1.0), ("0", 0.0), ("0%", 0)],
)
def test_percentages_are_read_exactly(cell: str, rate: float) -> None:
    header = f"{HEADER},default_probability"
    found = load(rows_text(header, [["A", "700", "1", "0", "3%"], ["B", "700", "1", "0", cell]]))
    assert found.accounts["B"]["default_probability"] == rate


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("0.5", "no_percent_sign"),
        ("101%", "out_of_range"),
        ("-1%", "negative"),
        ("%", "not_a_number"),
    ],
)
def test_what_does_not_fit_a_column_of_percentages_is_rejected(cell: str, reason: str) -> None:
    header = f"{HEADER},default_probability"
    rows = [
        ["A", "700", "1", "0", "3%"],
        ["B", "700", "1", "0", "4%"],
        ["C", "700", "1", "0", cell],
    ]
    assert load(rows_text(header, rows)).reason(4, "default_probability") == reason


def test_a_percent_sign_in_money_is_rejected() -> None:
    assert load(f"{HEADER}\nA,700,12%,0\nB,700,1,0\n").reason(2, "credit_limit") == "not_plain"


def test_words_declared_to_mean_unknown_are_blank() -> None:
    header = f"{HEADER},monthly_income"
    rows = [["A", "700", "1", "0", "N/A"], ["B", "700", "1", "0", "null"], ["C", "", "1", "0", "1"]]
    rows.append(["D", "700", "1", "0", "1"])
    found = load(rows_text(header, rows), blank_words=("n/a", "NULL"))
    assert dict(found.report.blanks) == {"monthly_income": 2}
    assert found.report.rejected == 1


def test_sentinel_scores_have_a_reason_of_their_own() -> None:
    found = load(f"{HEADER}\nA,9999,1,0\nB,700,1,0\nC,999,1,0\n", sentinels=(9999,))
    assert found.reason(2, "score") == "sentinel_score"
    assert found.reason(4, "score") == "off_scale"


def test_a_currency_that_was_taken_is_not_said_to_be_declared() -> None:
    text = f"{HEADER}\nA1,700,NT$5000,NT$1\nA2,700,NT$6000,NT$1\n"
    for declared, words in ((None, "was taken to be in CNY"), ("USD", "is declared in USD")):
        told = [line for line in load(text, currency=declared).report.warnings if "NT$" in line]
        assert told
        assert all(words in line for line in told)
