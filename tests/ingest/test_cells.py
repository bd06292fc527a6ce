"""Every spelling of a cell, in every kind of column: its exact value, or the reason of refusal."""

# Full-width characters are what is tested.
# ruff: noqa: RUF001

from __future__ import annotations

import io

import pandas as pd
import pytest

from analytics.declared.columns import BY_NAME
from analytics.declared.scales import SESAME
from tests.ingest.loading import Outcome, load, rows_text

COLUMNS = {
    "account_id": "R",
    "score": "700",
    "credit_limit": "1000",
    "balance": "10",
    "default_probability": "0.02",
    "monthly_income": "5000",
    "months_on_book": "12",
    "minimum_payment_months_6": "0",
    "is_student": "no",
}

TAKEN = [
    ("account_id", "000123", "000123"),
    ("account_id", "123456789012345678", "123456789012345678"),
    ("account_id", "12345678901234567890123456789012", "12345678901234567890123456789012"),
    ("account_id", "9007199254740993", "9007199254740993"),
    ("account_id", "NA", "NA"),
    ("account_id", "null", "null"),
    ("account_id", "None", "None"),
    ("account_id", "nan", "nan"),
    ("account_id", "1E5", "1E5"),
    ("account_id", "TRUE", "TRUE"),
    ("account_id", "1.0", "1.0"),
    ("account_id", "2026-01-02", "2026-01-02"),
    ("account_id", "a.b_c:d/e-f", "a.b_c:d/e-f"),
    ("account_id", "x" * 64, "x" * 64),
    ("score", "350", 350),
    ("score", "950", 950),
    ("score", "0700", 700),
    ("score", "700.0", 700),
    ("score", "700.", 700),
    ("score", " 700 ", 700),
    ("score", "+700", 700),
    ("score", "７００", 700),
    ("score", "\u00a0700", 700),
    ("credit_limit", "0", 0),
    ("credit_limit", "0.01", 1),
    ("credit_limit", "1000.1", 100010),
    ("credit_limit", "1000.10", 100010),
    ("credit_limit", "0001000", 100000),
    ("credit_limit", "1000000000000", 100_000_000_000_000),
    ("credit_limit", "999999999999.99", 99_999_999_999_999),
    ("monthly_income", "100000000000", 10_000_000_000_000),
    ("credit_limit", "1000.", 100000),
    ("credit_limit", ".5", 50),
    ("credit_limit", " 12.34", 1234),
    ("credit_limit", "+12.34", 1234),
    ("credit_limit", "12.3400", 1234),
    ("credit_limit", "１２．３４", 1234),
    ("credit_limit", "-0", 0),
    ("credit_limit", "70368744177.67", 7_036_874_417_767),
    ("monthly_income", "", None),
    ("monthly_income", "   ", None),
    ("monthly_income", "\u3000", None),
    ("default_probability", "0", 0.0),
    ("default_probability", "1", 1.0),
    ("default_probability", "0.1", 0.1),
    ("default_probability", "0.30000000000000004", 0.30000000000000004),
    ("default_probability", "1e-05", 1e-05),
    ("default_probability", "5E-1", 0.5),
    ("default_probability", ".25", 0.25),
    ("default_probability", "0.123", 0.123),
    ("default_probability", " 0.5 ", 0.5),
    ("default_probability", "", None),
    ("default_probability", "-0.0", 0.0),
    ("months_on_book", "-0", 0),
    ("months_on_book", "0", 0),
    ("months_on_book", "12.0", 12),
    ("months_on_book", "007", 7),
    ("months_on_book", "2147483647", 2**31 - 1),
    ("months_on_book", "", None),
    ("credit_limit", "0.30000000000000004", 30),
    ("credit_limit", "22197.780000000002", 2219778),
    ("credit_limit", "22197.779999999999", 2219778),
    ("credit_limit", "5000.000000000001", 500000),
    ("credit_limit", "1e-10", 0),
    ("balance", "-1.8e-12", 0),
    ("balance", "-0.0000000001", 0),
    ("minimum_payment_months_6", "6", 6),
    *[("is_student", word, True) for word in ("true", "True", "TRUE", "1", "yes", "Y", "t", "是")],
    *[("is_student", word, False) for word in ("false", "0", "no", "N", "F", "否", " no ")],
    *[("is_student", word, True) for word in ("1.0", "1.00", "1,0")],
    *[("is_student", word, False) for word in ("0.0", "0.000")],
    ("is_student", "", None),
]

REFUSED = [
    ("account_id", "", "missing"),
    ("account_id", "   ", "missing"),
    ("account_id", "=1+1", "id_not_allowed"),
    ("account_id", "+1", "id_not_allowed"),
    ("account_id", "-1", "id_not_allowed"),
    ("account_id", "@SUM(A1)", "id_not_allowed"),
    ("account_id", "A 1", "id_not_allowed"),
    ("account_id", "A\t1", "id_not_allowed"),
    ("account_id", "A;1", "id_not_allowed"),
    ("account_id", "A,1", "id_not_allowed"),
    ("account_id", "A'1", "id_not_allowed"),
    ("account_id", "＝1", "id_not_allowed"),
    ("account_id", "é1", "id_not_allowed"),
    ("account_id", "账户1", "id_not_allowed"),
    ("account_id", "A\u200b1", "id_not_allowed"),
    ("account_id", "x" * 65, "id_not_allowed"),
    ("account_id", "_A", "id_not_allowed"),
    ("score", "", "missing"),
    ("score", "349", "off_scale"),
    ("score", "951", "off_scale"),
    ("score", "0", "off_scale"),
    ("score", "9999", "off_scale"),
    ("score", "-700", "negative"),
    ("score", "700.5", "not_whole"),
    ("score", "nan", "not_finite"),
    ("score", "NaN", "not_finite"),
    ("score", "inf", "not_finite"),
    ("score", "1e400", "not_finite"),
    ("score", "seven hundred", "not_a_number"),
    ("score", "NA", "not_a_number"),
    ("score", "#N/A", "not_a_number"),
    ("score", "2026-01-02", "is_a_date"),
    ("score", "01/02/2026", "is_a_date"),
    ("score", "2.1.2026", "is_a_date"),
    ("score", "2026-01-02 10:00:00", "is_a_date"),
    ("score", "7e2", "not_plain"),
    ("score", "0x2BC", "not_plain"),
    ("score", "7_00", "not_plain"),
    ("score", "700 points", "not_plain"),
    ("score", "99999999999999999999", "off_scale"),
    ("credit_limit", "", "missing"),
    ("credit_limit", " ", "missing"),
    ("credit_limit", "-1", "negative"),
    ("credit_limit", "-0.01", "negative"),
    ("credit_limit", "(500)", "negative"),
    ("credit_limit", "(500.00)", "negative"),
    ("credit_limit", "\u2212500", "negative"),
    ("credit_limit", "-1e5", "negative"),
    ("credit_limit", "1.005", "too_many_decimals"),
    ("credit_limit", "0.001", "too_many_decimals"),
    ("credit_limit", "1000.00001", "too_many_decimals"),
    ("credit_limit", "0.3000001", "too_many_decimals"),
    ("credit_limit", "5e-05", "not_plain"),
    ("account_id", "4344676511950440.00", "id_damaged"),
    ("account_id", "4.34467651195E+15", "id_damaged"),
    ("balance", "15.00-", "negative"),
    ("balance", "100CR", "negative"),
    ("minimum_payment_months_6", "7", "impossible"),
    ("credit_limit", "1000000000000.01", "too_large"),
    ("credit_limit", "10000000000000", "too_large"),
    ("monthly_income", "100000000000.01", "too_large"),
    ("credit_limit", "9" * 30, "too_large"),
    ("credit_limit", "NaN", "not_finite"),
    ("credit_limit", "-inf", "not_finite"),
    ("credit_limit", "Infinity", "not_finite"),
    ("credit_limit", "1e400", "not_finite"),
    ("credit_limit", "#DIV/0!", "not_finite"),
    ("credit_limit", "1e5", "not_plain"),
    ("credit_limit", "1E-3", "not_plain"),
    ("credit_limit", "0x10", "not_plain"),
    ("credit_limit", "1_000", "not_plain"),
    ("credit_limit", "5万", "not_plain"),
    ("credit_limit", "12K", "not_plain"),
    ("credit_limit", "1.2.3", "not_plain"),
    ("credit_limit", "12 34", "not_plain"),
    ("credit_limit", "twelve", "not_a_number"),
    ("credit_limit", "true", "not_a_number"),
    ("credit_limit", "null", "not_a_number"),
    ("credit_limit", "2026/01/02", "is_a_date"),
    ("balance", "", "missing"),
    ("monthly_income", "n/a", "not_a_number"),
    ("monthly_income", "-1", "negative"),
    ("default_probability", "1.0000001", "out_of_range"),
    ("default_probability", "2", "out_of_range"),
    ("default_probability", "-0.1", "negative"),
    ("default_probability", "nan", "not_finite"),
    ("default_probability", "inf", "not_finite"),
    ("default_probability", "1e400", "not_finite"),
    ("default_probability", "0.1_5", "not_plain"),
    ("default_probability", "low", "not_a_number"),
    ("months_on_book", "1.5", "not_whole"),
    ("months_on_book", "-1", "negative"),
    ("months_on_book", "2147483648", "too_large"),
    ("months_on_book", "1 year", "not_plain"),
    ("is_student", "maybe", "not_true_or_false"),
    ("is_student", "2", "not_true_or_false"),
    ("is_student", "on", "not_true_or_false"),
    ("is_student", "1.5", "not_true_or_false"),
    ("is_student", "2.0", "not_true_or_false"),
]


def _row(number: int, column: str, cell: str) -> list[str]:
    row = {**COLUMNS, "account_id": f"R{number}"}
    row[column] = cell
    return [row[name] for name in COLUMNS]


def _id(number: int, column: str, cell: str) -> str:
    return cell if column == "account_id" else f"R{number}"


@pytest.fixture(scope="module")
def all_cells() -> Outcome:
    cases = [*TAKEN, *REFUSED]
    rows = [_row(i, column, cell) for i, (column, cell, _) in enumerate(cases)]
    return load(rows_text(",".join(COLUMNS), rows))


@pytest.mark.parametrize("number", range(len(TAKEN)), ids=[f"{c}={v!r}" for c, v, _ in TAKEN])
def test_a_cell_that_is_taken_has_exactly_the_value_that_it_says(
    all_cells: Outcome, number: int
) -> None:
    column, cell, value = TAKEN[number]
    account = all_cells.accounts[_id(number, column, cell)]
    assert account[column] == value
    assert type(account[column]) is type(value)
    rest = {name for name in COLUMNS if name not in (column, "account_id")}
    assert all(account[name] is not None for name in rest)


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[f"{c}={v!r}" for c, v, _ in REFUSED])
def test_a_cell_that_is_refused_is_listed_with_line_column_text_and_reason(
    all_cells: Outcome, number: int
) -> None:
    column, cell, reason = REFUSED[number]
    line = len(TAKEN) + number + 2
    found = [reject[1:] for reject in all_cells.rejects if reject[0] == line]
    assert found == [(column, cell or None, reason)]
    assert _id(len(TAKEN) + number, column, cell) not in all_cells.accounts


def test_every_row_is_either_an_account_or_listed(all_cells: Outcome) -> None:
    report = all_cells.report
    assert report.rows_read == len(TAKEN) + len(REFUSED)
    assert report.accepted == len(TAKEN) == len(all_cells.accounts)
    assert report.rejected == len(REFUSED) == len({line for line, *_ in all_cells.rejects})
    assert sum(reason.rows for reason in report.reasons.values()) == len(REFUSED)


def test_blank_cells_of_optional_columns_are_unknown_and_counted(all_cells: Outcome) -> None:
    blanks = {c: sum(1 for x, _, v in TAKEN if x == c and v is None) for c, _, _ in TAKEN}
    assert dict(all_cells.report.blanks) == {c: n for c, n in blanks.items() if n}
    assert not any(BY_NAME[c].required for c in all_cells.report.blanks)


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_the_dust_of_large_amounts_is_rounded_alike_in_every_kind_of_file(kind: str) -> None:
    large = [33_333_333.33, 33_333_333.330000006, 987_654_321.09, 0.1 + 0.2]
    frame = pd.DataFrame({"account_id": list("ABCD"), "score": 700, "credit_limit": large})
    frame["balance"] = 0
    out = io.BytesIO()
    match kind:
        case "csv":
            frame["credit_limit"] = ["33333333.329999998", *map(repr, large[1:])]
            frame.to_csv(out, index=False)
        case "parquet":
            frame.to_parquet(out)
        case _:
            frame.to_excel(out, index=False)
    found = load(out.getvalue(), file_name=f"large.{kind}", scale=SESAME)
    assert [found.accounts[name]["credit_limit"] for name in "ABCD"] == [
        3_333_333_333,
        3_333_333_333,
        98_765_432_109,
        30,
    ]
