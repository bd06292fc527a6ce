"""Arithmetic of --map: it means what it says, and reads cells by the rules that columns have."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.errors import PortfolioError
from analytics.ingest import ChoiceNeeded, parse_mapping
from analytics.ingest.arithmetic import Number, parse_arithmetic
from tests.ingest.loading import Outcome, load, rows_text

INCOME = parse_mapping(["monthly_income=annual_income/12"])


def incomes(*cells: str, delimiter: str = ",", **declared: object) -> Outcome:
    """Load accounts whose yearly income is written in these ways, with the month's computed."""
    rows = [[f"A{place}", "700", "5000", "10", cell] for place, cell in enumerate(cells, 1)]
    text = rows_text("account_id,score,credit_limit,balance,annual_income", rows, delimiter)
    return load(text, mapping=INCOME, **declared)


def minor(found: Outcome) -> list[int | None]:
    return [account["monthly_income"] for account in found.accounts.values()]


@pytest.mark.parametrize(
    ("cells", "months"),
    [
        (("$59696", "$77254", ""), [497_467, 643_783, None]),
        (("59,696", "77,254.50"), [497_467, 643_788]),
        (("59 696.00", "1 200"), [497_467, 10_000]),
        (("USD 59,696.00", "12"), [497_467, 100]),
        ((" 59696 ", "\uff11\uff12\uff10\uff10"), [497_467, 10_000]),
        (("1.2e3", "12"), [10_000, 100]),
    ],
)
def test_operands_are_read_by_the_rules_of_columns(
    cells: tuple[str, ...], months: list[int | None]
) -> None:
    found = incomes(*cells, currency="USD")
    assert found.rejects == []
    assert minor(found) == months


def test_a_decimal_comma_holds_for_operands_as_well() -> None:
    found = incomes("59.696,00", "1.200", "12,5", delimiter=";")
    assert minor(found) == [497_467, 10_000, 104]


def test_operands_that_read_in_two_ways_are_asked_for() -> None:
    with pytest.raises(ChoiceNeeded, match="in annual_income can be read in two ways") as asked:
        incomes("59,696", "77,254")
    assert asked.value.option == "decimal"
    assert minor(incomes("59,696", "77,254", decimal="point")) == [497_467, 643_783]
    assert minor(incomes("59,696", "77,254", decimal="comma")) == [497, 644]


def test_operands_with_the_marks_of_another_currency_are_said_once() -> None:
    found = incomes("$59696", "$77254")
    said = [line for line in found.report.warnings if "carry $" in line]
    assert len(said) == 1
    assert "annual_income" in said[0]
    with pytest.raises(PortfolioError, match="marks of several currencies"):
        incomes("$59696", "\u20ac77254")


def test_percentages_are_shares_in_arithmetic_too() -> None:
    text = "account_id,score,credit_limit,balance,use\nA,700,1000,0,12.5%\nB,700,1000,0,50 %\n"
    found = load(text + "C,700,1000,0,0.5\n", mapping=(("balance", "use*credit_limit"),))
    assert found.accounts["A"]["balance"] == 12_500
    assert found.accounts["B"]["balance"] == 50_000
    assert found.reason(4, "balance") == "not_computable"


def test_words_for_unknown_hold_in_arithmetic() -> None:
    advised = incomes("59696", "n/a")
    (rejected,) = advised.rejects
    assert rejected[2:] == ("n/a", "not_computable")
    assert any("'n/a'" in line and "--blank n/a" in line for line in advised.report.warnings)
    assert minor(incomes("59696", "n/a", blank_words=("n/a",))) == [497_467, None]


def test_no_advice_and_no_list_of_rejects_shows_a_sign_of_ours() -> None:
    text = "account_id,score,credit_limit,balance,a,b\nA,700,9,0,x,2\nB,700,9,0,3,4\n"
    found = load(text, mapping=(("monthly_income", "a*b"),))
    assert found.rejects == [(2, "monthly_income", "x; 2", "not_computable")]
    assert "--blank" not in " ".join(found.report.warnings)


def test_a_parquet_files_text_is_read_as_a_text_files() -> None:
    table = pa.table(
        {
            "account_id": ["A", "B"],
            "score": [700, 700],
            "credit_limit": [5000, 5000],
            "balance": [10, 0],
            "annual_income": ["$59,696.00", "$12.00"],
        }
    )
    out = pa.BufferOutputStream()
    pq.write_table(table, out)
    found = load(out.getvalue().to_pybytes(), file_name="x.parquet", mapping=INCOME)
    assert minor(found) == [497_467, 100]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("drawn#2*1", "#"),
        ("drawn%2", "%"),
        ("drawn;1", ";"),
        ("drawn\\\n*2", "\\"),
        ("~drawn", "~"),
    ],
)
def test_a_sign_that_is_no_arithmetic_is_refused_by_name(text: str, sign: str) -> None:
    with pytest.raises(PortfolioError, match="is no part of arithmetic") as refused:
        parse_arithmetic(text)
    assert repr(sign) in str(refused.value)


@pytest.mark.parametrize(
    "text", ["1_000*drawn", "0x10*drawn", "1j*drawn", "12drawn", "1.5.2*drawn"]
)
def test_numbers_are_digits_and_a_point(text: str) -> None:
    with pytest.raises(PortfolioError, match="is not taken"):
        parse_arithmetic(text)


def test_a_header_with_a_sign_in_it_is_the_header_before_it_is_arithmetic() -> None:
    text = "account_id,score,credit_limit,drawn#2*1,drawn\nA,700,9,5,7\n"
    assert load(text, mapping=(("balance", "drawn#2*1"),)).accounts["A"]["balance"] == 500
    assert load(text, mapping=(("balance", "`drawn#2*1`*2"),)).accounts["A"]["balance"] == 1000


@pytest.mark.parametrize(
    "header", ["_h0", "h0", "h1", "_h", "class", "if", "None", "True", "lambda"]
)
def test_any_word_may_be_a_header_in_arithmetic(header: str) -> None:
    text = f"account_id,score,credit_limit,limit,{header}\nA,700,9,5,7\n"
    for written in (f"`limit`*{header}", f"{header}*limit", f"`{header}`*`limit`"):
        found = load(text, mapping=(("balance", written),))
        assert found.accounts["A"]["balance"] == 3500, written


@pytest.mark.parametrize("text", ["`limit`*_h0", "`a b` + _h0 + _h_0 - _h1", "h1 * h0 - `h 2`"])
def test_each_header_is_computed_with_its_own_cells(text: str) -> None:
    parsed = parse_arithmetic(text)
    operands = {header: Number(f"<{header}>", None, None) for header in parsed.headers}
    sql = parsed.compile(operands).sql
    assert [sql.count(f"<{header}>") for header in parsed.headers] == [1] * len(parsed.headers)


@pytest.mark.parametrize(
    ("source", "limits"),
    [
        ("balance*2", [246_800, 500_100, 620_000, 800_000, 222_200]),
        ("balance+spare", [123_500, 250_150, 310_100, 400_100, 111_200]),
    ],
)
def test_arithmetic_over_a_column_of_the_product_reads_its_cells_as_the_column_does(
    source: str, limits: list[int]
) -> None:
    cells = ("1.234", "2.500,50", "3.100", "4.000", "1.111")
    rows = [[f"A{place}", "600", cell, "1"] for place, cell in enumerate(cells)]
    text = rows_text("account_id,score,balance,spare", rows, ";")
    found = load(text, mapping=(("credit_limit", source),))
    assert [one["credit_limit"] for one in found.accounts.values()] == limits
    assert found.accounts["A1"]["balance"] == 250_050
