"""What a file's cells mean: read, asked about, said or rejected, and never wrong without a word."""

# Typographic apostrophes are what is tested.
# ruff: noqa: RUF001

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest

from analytics.declared.scales import SESAME
from analytics.errors import PortfolioError
from analytics.ingest import ChoiceNeeded, CreditBalances, SumRow
from tests.ingest.loading import HEADER, Outcome, load, rows_text


def table(header: str, *rows: Sequence[str], delimiter: str = ",", **declared: Any) -> Outcome:
    return load(rows_text(header, rows, delimiter), scale=SESAME, **declared)


def asked(header: str, *rows: Sequence[str], **declared: Any) -> ChoiceNeeded:
    with pytest.raises(ChoiceNeeded) as question:
        table(header, *rows, **declared)
    return question.value


def amounts(found: Outcome, column: str) -> list[int]:
    return [account[column] for _, account in sorted(found.accounts.items())]


def said(found: Outcome, words: str) -> bool:
    return any(words in warning for warning in found.report.warnings)


# ---- Three digits behind a sign


DOTS = f"{HEADER},default_probability"
BESIDE_A_RATE = (("A", "700", "2.500", "2.000", "0.0335"), ("B", "700", "30.000", "0", "0.0125"))


def test_a_rates_point_does_not_settle_the_sign_of_amounts() -> None:
    question = asked(DOTS, *BESIDE_A_RATE, delimiter=";")
    assert question.option == "decimal"
    assert "credit_limit, balance" in str(question)
    assert [choice.preview[1] for choice in question.choices] == [
        "credit_limit: 32.50 in all",
        "credit_limit: 32,500.00 in all",
    ]


@pytest.mark.parametrize(("decimal", "factor"), [("point", 100), ("comma", 100_000)])
def test_the_sign_that_is_declared_holds_for_amounts_and_leaves_rates_as_they_are(
    decimal: str, factor: int
) -> None:
    found = table(DOTS, *BESIDE_A_RATE, delimiter=";", decimal=decimal)
    assert amounts(found, "credit_limit") == [2.5 * factor, 30 * factor]
    assert amounts(found, "balance") == [2 * factor, 0]
    assert amounts(found, "default_probability") == [0.0335, 0.0125]


def test_one_amounts_points_do_not_settle_anothers_three_digits() -> None:
    header = f"{HEADER},monthly_income"
    rows = (("A", "700", "5.000", "12.50", "5,000"), ("B", "700", "7.500", "0.30", "1,000"))
    assert "credit_limit can be read" in str(asked(header, *rows))
    plain = tuple((name, score, "5000", *rest) for name, score, _, *rest in rows)
    assert amounts(table(header, *plain), "monthly_income") == [500_000, 100_000]


def test_whole_amounts_with_a_point_stand_beside_rates_and_counts_with_commas() -> None:
    header = f"{HEADER},default_probability,months_on_book"
    rows = [
        ["A", "700", "73000.00", "0.00", "48,86%", "381,0"],
        ["B", "710", "12000.00", "150.00", "1,5%", "12,0"],
    ]
    found = table(header, *rows, delimiter=";")
    assert amounts(found, "credit_limit") == [7_300_000, 1_200_000]
    assert amounts(found, "balance") == [0, 15_000]
    assert [row["default_probability"] for _, row in sorted(found.accounts.items())] == [
        pytest.approx(0.4886),
        pytest.approx(0.015),
    ]


def test_a_count_with_three_digits_is_asked_about_and_a_rate_with_them_is_one() -> None:
    header = f"{HEADER},months_on_book"
    assert "months_on_book" in str(asked(header, ("A", "700", "1.50", "0", "12.000")))
    header = f"{HEADER},loss_given_default"
    found = table(header, ("A", "700", "1.234,50", "0", "1.000"), delimiter=";")
    assert found.accounts["A"]["loss_given_default"] == 1
    assert found.accounts["A"]["credit_limit"] == 123_450


def test_counts_and_rates_of_a_model_stand_beside_decimal_commas() -> None:
    header = f"{HEADER},default_probability,months_on_book"
    found = table(header, ("A", "700", "1.234,50", "0", "0.0335", "12.0"), delimiter=";")
    assert found.report.decimal == ","
    account = found.accounts["A"]
    assert (account["credit_limit"], account["months_on_book"]) == (123_450, 12)
    assert account["default_probability"] == 0.0335


# ---- Rows that sum up the others


ROWS = tuple((f"A{n}", "700", f"{1000 + n}.50", f"{10 * n}.25") for n in range(1, 5))
SUM_OF_LIMITS, SUM_OF_BALANCES = "4012.00", "101.00"


@pytest.mark.parametrize("word", ["Total", "TOTAL", "sum", "Summe", "Gesamt", "subtotal"])
def test_a_row_called_a_total_is_rejected_whatever_it_holds(word: str) -> None:
    for amounts_of_it in ((SUM_OF_LIMITS, SUM_OF_BALANCES), ("4012", "77.70"), ("1", "1")):
        found = table(HEADER, *ROWS, (word, "579", *amounts_of_it))
        assert found.reason(6, "account_id") == "sum_row"
        assert len(found.accounts) == 4


@pytest.mark.parametrize(
    ("amounts_of_it", "columns"),
    [
        ((SUM_OF_LIMITS, SUM_OF_BALANCES), "credit_limit and balance"),
        ((SUM_OF_LIMITS, "77.70"), "credit_limit"),
        (("500", SUM_OF_BALANCES), "balance"),
    ],
)
def test_a_row_that_sums_up_all_others_is_asked_about(
    amounts_of_it: tuple[str, str], columns: str
) -> None:
    rows = (*ROWS, ("99", "579", *amounts_of_it))
    question = asked(HEADER, *rows)
    assert str(question).startswith(f"Line 6 has the {columns} of all other rows together")
    assert question.option == "sum_row"
    assert [choice.value for choice in question.choices] == ["leave_out", "keep"]
    left = table(HEADER, *rows, sum_row=SumRow.LEAVE_OUT)
    assert (left.report.accepted, left.report.rejected) == (4, 1)
    assert left.reason(6, columns.split(" ", maxsplit=1)[0]) == "sum_row"
    kept = table(HEADER, *rows, sum_row=SumRow.KEEP)
    assert (kept.report.accepted, kept.report.rejected) == (5, 0)


def test_a_total_that_counts_rejected_rows_in_is_found_as_well() -> None:
    rows = (*ROWS, ("A5", "none", "500", "5"))
    assert asked(HEADER, *rows, ("99", "579", "4512.00", "1")).option == "sum_row"
    assert asked(HEADER, *rows, ("99", "579", SUM_OF_LIMITS, "1")).option == "sum_row"


def test_a_total_rounded_to_whole_units_is_found_in_a_long_list() -> None:
    rows = [(f"A{n}", "700", f"{1000 + n * n}.37", "0") for n in range(20)]
    total = round(sum(1000.37 + n * n for n in range(20)))
    assert asked(HEADER, *rows, ("99", "579", str(total), "1")).option == "sum_row"


def limits(*amounts_of: int) -> tuple[tuple[str, ...], ...]:
    """Return accounts of these limits, and of balances that add up to nothing."""
    return tuple(
        (str(place), "700", str(limit), f"{7 + place * place}.31")
        for place, limit in enumerate(amounts_of, 1)
    )


SMALL, LARGE = [1000] * 4, [2000] * 4
SUBTOTALS = {
    "each below its group": ((*SMALL, 4000, *LARGE, 8000), (6, 11)),
    "a total below them": ((*SMALL, 4000, *LARGE, 8000, 12_000), (6, 11, 12)),
}


@pytest.mark.parametrize("case", SUBTOTALS)
def test_subtotals_by_plain_ids_are_asked_about(case: str) -> None:
    listed, lines = SUBTOTALS[case]
    question = asked(HEADER, *limits(*listed))
    assert question.option == "sum_row"
    assert f"{len(lines)} rows, the first in line 6," in str(question)
    left = table(HEADER, *limits(*listed), sum_row=SumRow.LEAVE_OUT)
    assert left.report.total_limit == 12_000
    assert [line for line, *_, why in left.rejects if why == "sum_row"] == list(lines)
    assert table(HEADER, *limits(*listed), sum_row=SumRow.KEEP).report.rejected == 0


@pytest.mark.parametrize(
    "listed",
    [
        (*SMALL, 4000, *LARGE),
        (*SMALL, 4000, *LARGE, 8001),
        (*SMALL, 4000, 4000, *LARGE),
        (500, 500, 1000, 700, 700, 1400),
        (0, 0, 0, 0, 0, 0, 0, 0, 5),
    ],
)
def test_accounts_that_add_up_here_and_there_are_no_subtotals(listed: tuple[int, ...]) -> None:
    assert table(HEADER, *limits(*listed)).report.accepted == len(listed)


def test_a_few_accounts_that_happen_to_add_up_are_no_total() -> None:
    few = (("A", "700", "5000", "0"), ("B", "700", "7500", "0"), ("C", "700", "12500", "10"))
    assert table(HEADER, *few).report.accepted == 3
    alike = [(name, "700", "1000", "10" if name in "AB" else "0") for name in "ABCDE"]
    assert table(HEADER, *alike).report.accepted == 5


# ---- Dust of binary numbers


DUSTY = {
    "credit_limit": [5000.000000000001, 5000.0, 5000.0, 5000.0],
    "balance": [22197.780000000002, 1e-10, -1.8e-12, 0.1 + 0.2],
}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_dust_of_binary_numbers_is_rounded_and_counted(kind: str) -> None:
    frame = pd.DataFrame({"account_id": list("ABCD"), "score": [720, 700, 700, 700], **DUSTY})
    out = io.BytesIO()
    frame.to_csv(out, index=False) if kind == "csv" else frame.to_parquet(out)
    found = load(out.getvalue(), file_name=f"dust.{kind}", scale=SESAME)
    assert amounts(found, "balance") == [2_219_778, 0, 0, 30]
    assert amounts(found, "credit_limit") == [500_000] * 4
    assert dict(found.report.rounded) == {"credit_limit": 1, "balance": 4}
    assert said(found, "4 amounts in balance were rounded to two decimals")


def test_what_is_more_than_dust_is_rejected() -> None:
    rows = (("A", "700", "1.000001", "0"), ("B", "700", "1.50", "0.00000001"), ("C", "7", "1", "0"))
    found = table(HEADER, *rows, ("D", "700", "1", "0"))
    assert found.reason(2, "credit_limit") == "too_many_decimals"
    assert found.reason(3, "balance") == "too_many_decimals"


def test_exact_amounts_are_not_called_rounded() -> None:
    found = table(HEADER, ("A", "700", "12.3400", "1,000.50"), ("B", "700", "1.5", "0"))
    assert not found.report.rounded


# ---- Flags


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_flags_that_were_written_as_numbers_are_flags(kind: str) -> None:
    frame = pd.DataFrame(
        {
            "account_id": list("ABC"),
            "score": [720, 710, 700],
            "credit_limit": [5000] * 3,
            "balance": [10] * 3,
            "in_hardship": [1.0, 0.0, None],
            "months_on_book": [12.0, 13.0, None],
        }
    )
    out = io.BytesIO()
    frame.to_csv(out, index=False) if kind == "csv" else frame.to_parquet(out)
    found = load(out.getvalue(), file_name=f"flags.{kind}", scale=SESAME)
    assert amounts(found, "in_hardship") == [True, False, None]
    assert amounts(found, "months_on_book") == [12, 13, None]
    assert found.report.rejected == 0


# ---- Values that can hardly be what their column says


COUNTS = (
    f"{HEADER},months_on_book,months_since_limit_change,minimum_payment_months_6,days_past_due,"
    "max_days_past_due_12m"
)


def test_dates_for_months_and_arrears_that_cannot_be_are_said_with_column_and_number() -> None:
    found = table(
        COUNTS,
        ("A", "720", "5000", "10", "43586", "45960", "0", "0", "0"),
        ("B", "710", "5000", "10", "43000", "45960", "44", "0", "0"),
        ("C", "900", "5000", "10", "45940", "45960", "99", "20", "0"),
        ("D", "900", "5000", "10", "12", "3", "6", "20", "20"),
    )
    assert found.reason(3, "minimum_payment_months_6") == "impossible"
    assert found.reason(4, "minimum_payment_months_6") == "impossible"
    assert sorted(found.accounts) == ["A", "D"]
    assert said(found, "3 rows have more than 600 in months_since_limit_change")
    assert said(found, "3 rows have more than 600 in months_on_book")
    assert said(found, "1 row has more in days_past_due than in max_days_past_due_12m")


def test_an_outcome_under_the_name_of_a_probability_is_said() -> None:
    header = f"{HEADER},default"
    rows = [(f"A{n}", "700", "5000", str(n), str(int(n % 7 == 0))) for n in range(40)]
    mapping = (("default_probability", "default"),)
    assert said(table(header, *rows, mapping=mapping), "(6 are 1): it looks like an outcome")
    rows[3] = ("A3", "700", "5000", "3", "0.02")
    assert not said(table(header, *rows, mapping=mapping), "outcome")
    none = [(*row[:4], "0") for row in rows]
    assert not said(table(header, *none, mapping=mapping), "outcome")


# ---- Currencies


MIXED = (
    ("A", "720", "5000", "10", "USD"),
    ("B", "710", "6000", "20", "CNY"),
    ("C", "655", "7000", "30", "TWD"),
    ("D", "655", "8000", "40", ""),
)


def test_amounts_of_several_currencies_are_never_added_up() -> None:
    question = asked(f"{HEADER},currency", *MIXED)
    assert question.option == "currency"
    assert [choice.value for choice in question.choices] == ["CNY", "TWD", "USD"]
    for code, name in (("USD", "A"), ("CNY", "B"), ("TWD", "C")):
        found = table(f"{HEADER},currency", *MIXED, currency=code)
        assert list(found.accounts) == [name]
        assert {why for *_, why in found.rejects} == {"other_currency"}
        assert (found.report.currency, found.report.rejected) == (code, 3)
    with pytest.raises(PortfolioError, match="in another currency"):
        table(f"{HEADER},currency", *MIXED, currency="EUR")


@pytest.mark.parametrize("header", ["Currency Code", "CCY", "币种", "Währung", "iso_currency"])
def test_a_column_of_currencies_is_known_by_many_names(header: str) -> None:
    assert asked(f"{HEADER},{header}", *MIXED).option == "currency"


def test_signs_and_codes_of_one_currency_are_one() -> None:
    rows = (
        ("A", "700", "1", "0", "RMB"),
        ("B", "700", "1", "0", "cny"),
        ("C", "700", "1", "0", "元"),
    )
    assert table(f"{HEADER},currency", *rows).report.accepted == 3
    assert table(f"{HEADER},currency", *rows, currency="CNY").report.rejected == 0


def test_a_column_of_one_other_currency_is_asked_about() -> None:
    rows = (("A", "700", "1", "0", "USD"), ("B", "700", "1", "0", "USD"))
    with pytest.raises(ChoiceNeeded, match="says USD, and no currency is declared") as asked:
        table(f"{HEADER},currency", *rows)
    assert [choice.value for choice in asked.value.choices] == ["USD"]
    found = table(f"{HEADER},currency", *rows, currency="USD")
    assert (found.report.accepted, said(found, "--currency")) == (2, False)


BLANK = ("", " ", "", "", "")


def test_blank_rows_are_in_no_currency() -> None:
    rows = (("A", "700", "1", "0", "CNY"), BLANK, ("B", "700", "1", "0", "CNY"))
    found = table(f"{HEADER},currency", *rows)
    assert (found.report.accepted, found.report.rejected, found.report.blank_rows) == (2, 0, 1)
    found = table(f"{HEADER},currency", BLANK, *MIXED[:2], BLANK, currency="CNY")
    assert (found.report.accepted, found.report.rejected, found.report.blank_rows) == (1, 1, 2)
    assert [(name, reason.rows) for name, reason in found.report.reasons.items()] == [
        ("other_currency", 1)
    ]


@pytest.mark.parametrize("words", [("ALL", "TOP"), ("R", "X"), ("NEW", "OLD"), ("A", "USD")])
def test_a_short_header_of_other_words_is_no_column_of_currencies(words: tuple[str, str]) -> None:
    rows = tuple((name, "700", "1", "0", word) for name, word in zip("AB", words, strict=True))
    for declared in ({}, {"currency": "CNY"}):
        assert table(f"{HEADER},curr", *rows, **declared).report.accepted == 2
    assert asked(f"{HEADER},curr", *MIXED[:2]).option == "currency"
    assert asked(f"{HEADER},curr", *MIXED[:1], ("B", "1", "1", "0", "AED")).option == "currency"


# ---- Credit balances


CREDITS = ("-12.50", "(15.00)", "100CR", "15.00-", "0", "-0", "-0.00", "100 Cr.", "-$7")


def credits_of(**declared: Any) -> Outcome:
    rows = [(f"A{n}", "700", "5000", cell) for n, cell in enumerate(CREDITS)]
    rows += [(f"B{n}", "700", "5000", str(n)) for n in range(20)]
    return table(HEADER, *rows, currency="USD", **declared)


def test_credit_balances_are_rejected_as_negative_and_the_choice_is_said() -> None:
    found = credits_of()
    assert found.report.reasons["negative"].rows == found.report.rejected == 6
    assert said(found, "--credit-balances zero")
    assert not said(found, "--currency")
    assert found.report.credit_balances == 0


def test_credit_balances_are_read_as_0_by_choice_and_counted() -> None:
    found = credits_of(credit_balances=CreditBalances.ZERO)
    assert found.report.rejected == 0
    assert [found.accounts[f"A{n}"]["balance"] for n in range(len(CREDITS))] == [0] * len(CREDITS)
    assert found.report.credit_balances == 6
    assert said(found, "6 credit balances were read as 0")


def test_a_limit_below_zero_is_none_whatever_is_chosen() -> None:
    rows = (("A", "700", "-5", "0"), ("B", "700", "5", "-5x"), ("C", "700", "5", "0"))
    found = table(HEADER, *rows, credit_balances=CreditBalances.ZERO)
    assert found.reason(2, "credit_limit") == "negative"
    assert list(found.accounts) == ["C"]


def test_a_word_for_credit_is_no_mark_of_a_currency() -> None:
    found = table(HEADER, ("A", "700", "5000", "100CR"), ("B", "700", "5000", "1"))
    assert not said(found, "ZAR")


def test_balances_with_the_sign_the_other_way_round_are_said() -> None:
    rows = [(f"A{n}", "700", "5000", f"-{n}" if n < 9 else "5") for n in range(1, 13)]
    assert said(table(HEADER, *rows), "with the sign the other way round")
    found = table(HEADER, *rows, credit_balances=CreditBalances.ZERO)
    assert not said(found, "with the sign the other way round")


# ---- Ids, apostrophes, words for unknown


def test_ids_that_lost_their_digits_as_numbers_are_refused() -> None:
    ids = ("4344676511950440.00", "4956965974959980.00", "4582313478255490.00")
    with pytest.raises(PortfolioError, match="an id that was stored as a number and has lost"):
        table(HEADER, *((name, "700", "5000", "10") for name in ids))
    found = table(HEADER, ("4.34468E+15", "700", "1", "0"), ("A1", "700", "1", "0"))
    assert found.reason(2, "account_id") == "id_damaged"
    assert list(found.accounts) == ["A1"]


@pytest.mark.parametrize("sign", ["'", "’", "‘", "ʼ", "′", "＇", "´", "`"])
def test_any_apostrophe_stands_between_thousands(sign: str) -> None:
    found = table(
        HEADER,
        ("A", "720", f"5{sign}000.00", f"1{sign}200.50"),
        ("B", "710", f"1{sign}012{sign}500.00", "0.00"),
        ("C", "700", "CHF 800.00", "12"),
        currency="CHF",
    )
    assert amounts(found, "credit_limit") == [500_000, 101_250_000, 80_000]
    assert amounts(found, "balance") == [120_050, 0, 1_200]
    (said,) = (line for line in found.report.warnings if "scale" not in line)
    assert "belongs to CNY alone" in said


def test_a_word_for_unknown_is_offered_in_every_column() -> None:
    header = f"{HEADER},monthly_income"
    rows = (
        ("A", "720", "5000", "10", "NA"),
        ("B", "NA", "5000", "10", "3000"),
        ("C", "700", "5000", "10", "2500"),
    )
    found = table(header, *rows)
    assert said(found, "1 row was rejected for 'NA' in an optional column")
    assert said(found, "1 row was rejected for 'NA' in a required column")
    assert said(found, "--blank NA")
    declared = table(header, *rows, blank_words=("NA",))
    assert dict(declared.report.blanks) == {"monthly_income": 1}
    assert declared.reason(3, "score") == "missing"
