"""Amounts below zero: one reading in columns and in arithmetic, whatever a spreadsheet made."""

from __future__ import annotations

import pytest

from analytics.ingest import CreditBalances, parse_mapping
from tests.ingest.loading import HEADER, Outcome, load, rows_text

TURNED = parse_mapping(["balance=balance*-1"])
ACCOUNTING = {
    " $1,234.50 ": 1234_50,
    " $(15.00)": -15_00,
    " $-   ": 0,
    " $ -   ": 0,
    " $12.00 ": 12_00,
    " $ (1,015.00)": -1015_00,
    "($15.00)": -15_00,
    "12.50- $": -12_50,
    "(12.50) $": -12_50,
    "12.50DR": 12_50,
    "$12.50 Dr.": 12_50,
    "12.50CR": -12_50,
}


def balances(*cells: str, **declared: object) -> Outcome:
    rows = [[f"A{place}", "700", "9000", cell] for place, cell in enumerate(cells)]
    return load(rows_text(HEADER, rows), currency="USD", **declared)


def minor(found: Outcome) -> list[int]:
    return [account["balance"] for _, account in sorted(found.accounts.items())]


@pytest.mark.parametrize("cell", ["(15.00)", "15.00CR", "15.00-", "-15.00", "$(15.00)", "-$15"])
def test_arithmetic_reads_a_credit_as_columns_do(cell: str) -> None:
    found = balances(cell, "-1.50", mapping=TURNED)
    assert found.rejects == []
    assert minor(found) == [15_00, 1_50]


def test_the_advice_to_turn_the_sign_can_be_followed_and_is_then_gone() -> None:
    cells = ("(15.00)", "100CR", "15.00-", "4.00")
    advised = balances(*cells)
    assert any("give --map with the header times -1" in line for line in advised.report.warnings)
    assert advised.report.rejected == 3
    found = balances(*cells, mapping=TURNED, credit_balances=CreditBalances.ZERO)
    assert minor(found) == [15_00, 100_00, 15_00, 0]
    assert found.report.credit_balances == 1
    assert not any("times -1" in line for line in found.report.warnings)


@pytest.mark.parametrize(("cell", "amount"), ACCOUNTING.items())
def test_the_accounting_format_of_spreadsheets_is_read(cell: str, amount: int) -> None:
    found = balances(cell, "1.25", credit_balances=CreditBalances.ZERO)
    assert minor(found) == [max(amount, 0), 1_25]
    assert found.report.credit_balances == int(amount < 0)


def test_the_accounting_format_is_read_beside_euros_and_decimal_commas() -> None:
    cells = ("1.234,50 \u20ac", "12,50- \u20ac", "(12,50) \u20ac", "-   \u20ac")
    rows = [[f"A{place}", "700", "9000", cell] for place, cell in enumerate(cells)]
    declared = {"currency": "EUR", "credit_balances": CreditBalances.ZERO}
    found = load(rows_text(HEADER, rows, ";"), **declared)
    assert minor(found) == [1234_50, 0, 0, 0]
    assert found.report.credit_balances == 2


def test_a_dash_without_the_mark_of_a_currency_is_not_zero() -> None:
    found = balances("-", "$5", "USD")
    assert found.reason(2, "balance") == "not_a_number"
    assert found.reason(4, "balance") == "not_a_number"
