"""What a table's cells mean: what files are held against, tables are, alike in every database."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.errors import PortfolioError
from analytics.ingest import ChoiceNeeded, CreditBalances, Declaration, SumRow, load_bytes
from analytics.ingest.report import Loaded
from tests.databases.engines import Engine
from tests.databases.test_contract import decimals, load, read_back, reasons_of, table_of


def asked(engine: Engine, rows: pa.Table, **declared: Any) -> ChoiceNeeded:
    with pytest.raises(ChoiceNeeded) as question:
        load(engine, rows, **declared)
    return question.value


def ended(loaded: Loaded) -> None:
    loaded.portfolio.door.close()


def said(loaded: Loaded, words: str) -> bool:
    return any(words in warning for warning in loaded.report.warnings)


@pytest.mark.parametrize(
    "balances",
    [
        pa.array([22197.780000000002, 1e-10, 0.1 + 0.2]),
        decimals("22197.780000000002", "0.0000000001", "0.300000000000004", scale=15),
    ],
    ids=["binary", "decimal"],
)
def test_the_dust_of_binary_numbers_is_rounded_and_counted(
    engine: Engine, balances: pa.Array
) -> None:
    loaded = load(engine, table_of(balance=balances))
    assert read_back(loaded, "balance") == [2_219_778, 0, 30]
    assert dict(loaded.report.rounded) == {"balance": 3}
    assert said(loaded, "3 amounts in balance were rounded")
    ended(loaded)


def test_a_hair_below_zero_is_zero_and_flags_of_binary_numbers_are_flags(engine: Engine) -> None:
    rows = table_of(balance=pa.array([-1.8e-12, 1.0, 2.5]), in_hardship=pa.array([1.0, 0.0, None]))
    loaded = load(engine, rows)
    assert read_back(loaded, "balance") == [0, 100, 250]
    assert read_back(loaded, "in_hardship") == [True, False, None]
    ended(loaded)


def test_the_dust_of_large_amounts_is_rounded_in_proportion(engine: Engine) -> None:
    loaded = load(engine, table_of(credit_limit=pa.array([33_333_333.330000006, 5e8 + 0.01, 7.0])))
    assert sorted(read_back(loaded, "credit_limit")) == [700, 3_333_333_333, 50_000_000_001]
    ended(loaded)


def test_counts_that_cannot_be_are_rejected_or_said(engine: Engine) -> None:
    loaded = load(
        engine,
        table_of(
            months_since_limit_change=pa.array([45960, 45960, 3], pa.int32()),
            minimum_payment_months_6=pa.array([0, 44, 6], pa.int32()),
            days_past_due=pa.array([0, 0, 20], pa.int32()),
            max_days_past_due_12m=pa.array([0, 0, 0], pa.int32()),
            default_probability=pa.array([0.0, 1.0, 0.0]),
        ),
    )
    assert reasons_of(loaded) == {"impossible": 1}
    assert said(loaded, "2 rows have more than 600 in months_since_limit_change")
    assert said(loaded, "1 row has more in days_past_due than in max_days_past_due_12m")
    assert said(loaded, "it looks like an outcome")
    ended(loaded)


def test_a_table_of_several_currencies_is_asked_for_one_and_the_rest_left_out(
    engine: Engine,
) -> None:
    rows = table_of(currency=["USD", "cny", None])
    question = asked(engine, rows)
    assert question.option == "currency"
    assert [choice.value for choice in question.choices] == ["CNY", "USD"]
    loaded = load(engine, rows, currency="CNY")
    assert read_back(loaded, "account_id") == ["a2"]
    assert reasons_of(loaded) == {"other_currency": 2}
    rejects = loaded.portfolio.door.sums(loaded.portfolio.door.rejects())
    assert [rejects[name].tolist() for name in ("account_id", "column", "value")] == [
        ["a1", "a3"],
        ["currency", "currency"],
        ["USD", None],
    ]
    ended(loaded)
    with pytest.raises(PortfolioError, match="in another currency"):
        load(engine, rows, currency="EUR")


def test_the_numbers_of_currencies_in_a_table_are_asked_about_as_codes_are(engine: Engine) -> None:
    rows = table_of(currency=pa.array([840, 978, 840], pa.int32()))
    question = asked(engine, rows)
    assert question.option == "currency"
    assert [choice.value for choice in question.choices] == ["EUR", "USD"]
    loaded = load(engine, rows, currency="EUR")
    assert read_back(loaded, "account_id") == ["a2"]
    ended(loaded)


def test_a_row_of_nulls_is_in_no_currency(engine: Engine) -> None:
    rows = table_of(currency=["CNY"] * 3)
    blank = pa.table({name: pa.array([None], rows[name].type) for name in rows.column_names})
    loaded = load(engine, pa.concat_tables([rows, blank]))
    assert (loaded.report.accepted, reasons_of(loaded)) == (3, {"missing": 1})
    ended(loaded)


def test_credit_balances_are_negative_or_0_by_choice(engine: Engine) -> None:
    for balances in (decimals("-12.50", "0", "7"), pa.array([-12.5, 0.0, 7.0])):
        loaded = load(engine, table_of(balance=balances))
        assert reasons_of(loaded) == {"negative": 1}
        assert said(loaded, "--credit-balances zero")
        ended(loaded)
        loaded = load(engine, table_of(balance=balances), credit_balances=CreditBalances.ZERO)
        assert read_back(loaded, "balance") == [0, 0, 700]
        assert (loaded.report.rejected, loaded.report.credit_balances) == (0, 1)
        ended(loaded)


def test_a_row_that_sums_up_the_others_is_never_counted_unasked(engine: Engine) -> None:
    ids = ["a1", "a2", "a3", "9"]
    rows = pa.table(
        {
            "account_id": ids,
            "score": pa.array([700, 710, 720, 579], pa.int32()),
            "credit_limit": decimals("10.50", "20.50", "30.50", "61.50"),
            "balance": decimals("1", "2", "0", "3.10"),
        }
    )
    assert asked(engine, rows).option == "sum_row"
    loaded = load(engine, rows, sum_row=SumRow.KEEP)
    assert loaded.report.accepted == 4
    ended(loaded)
    loaded = load(engine, rows, sum_row=SumRow.LEAVE_OUT)
    assert (loaded.report.accepted, reasons_of(loaded)) == (3, {"sum_row": 1})
    assert loaded.report.total_limit == Decimal("61.50")
    assert loaded.report.rejected_limit == Decimal("61.50")
    assert read_back(loaded, "account_id") == ["a1", "a2", "a3"]
    rejects = loaded.portfolio.door.sums(loaded.portfolio.door.rejects())
    assert [rejects[name].tolist() for name in ("account_id", "column")] == [
        ["9"],
        ["credit_limit"],
    ]
    ended(loaded)
    named = rows.set_column(0, "account_id", pa.array([*ids[:3], "Total"]))
    loaded = load(engine, named)
    assert reasons_of(loaded) == {"sum_row": 1}
    assert loaded.report.total_limit == Decimal("61.50")
    ended(loaded)


PLAIN = [Decimal(f"{1000 + place * place}.37") for place in range(14)]
"""Limits of accounts that add up to no whole units."""


def listed(limits: list[Decimal], unscored: int | None = None) -> pa.Table:
    """Return accounts of these limits; one of them may have no score."""
    scores = [None if place == unscored else 700 for place in range(len(limits))]
    return pa.table(
        {
            "account_id": [f"a{place:02}" for place in range(len(limits))],
            "score": pa.array(scores, pa.int32()),
            "credit_limit": pa.array(limits, pa.decimal128(18, 2)),
            "balance": pa.array([Decimal(7 + place) for place in range(len(limits))]),
        }
    )


TOTALS = {
    "all rows are good": (listed([*PLAIN, sum(PLAIN, Decimal())]), 1),
    "summed over the rows that are kept": (
        listed([*PLAIN, sum(PLAIN[:5] + PLAIN[6:], Decimal())], unscored=5),
        1,
    ),
    "summed over a rejected row as well": (listed([*PLAIN, sum(PLAIN, Decimal())], unscored=5), 1),
    "rounded to whole units": (listed([*PLAIN, Decimal(round(sum(PLAIN)))]), 1),
    "on top and at the end": (
        listed([sum(PLAIN, Decimal()), *PLAIN, sum(PLAIN, Decimal())]).set_column(
            3, "balance", pa.array([Decimal(3)] * 16)
        ),
        2,
    ),
    "two accounts, one of them idle": (
        listed([PLAIN[0], PLAIN[1], PLAIN[0] + PLAIN[1]]).set_column(
            3, "balance", pa.array([Decimal(0), Decimal(5), Decimal(5)])
        ),
        1,
    ),
    "two idle accounts, whose sum may be a third": (
        listed([PLAIN[0], PLAIN[1], PLAIN[0] + PLAIN[1]]).set_column(
            3, "balance", pa.array([Decimal(0)] * 3)
        ),
        0,
    ),
    "none": (listed([*PLAIN, sum(PLAIN, Decimal()) + 1]), 0),
    "two large accounts that differ in their balance": (
        listed([sum(PLAIN, Decimal()), *PLAIN, sum(PLAIN, Decimal())]),
        0,
    ),
}


@pytest.mark.parametrize("case", TOTALS)
def test_a_total_line_is_judged_alike_in_a_file_and_in_a_table(engine: Engine, case: str) -> None:
    rows, totals = TOTALS[case]
    out = io.BytesIO()
    pq.write_table(rows, out)

    def file(declaration: Declaration) -> Loaded:
        return load_bytes("file.parquet", out.getvalue(), declaration)

    def table(declaration: Declaration) -> Loaded:
        return load(engine, rows, sum_row=declaration.sum_row)

    for source in (file, table):
        if totals:
            with pytest.raises(ChoiceNeeded, match="it looks like a total line") as question:
                source(Declaration())
            assert question.value.option == "sum_row"
        left = source(Declaration(sum_row=SumRow.LEAVE_OUT if totals else None))
        assert reasons_of(left).get("sum_row", 0) == totals
        unscored = rows["score"].null_count
        assert left.report.accepted == rows.num_rows - totals - unscored
        ended(left)


def test_ids_that_lost_their_digits_are_left_out(engine: Engine) -> None:
    loaded = load(engine, table_of(account_id=["4344676511950440.00", "a2", "4.34468E+15"]))
    assert reasons_of(loaded) == {"id_damaged": 2}
    ended(loaded)


def test_ids_that_differ_by_case_are_counted_over_accepted_rows(engine: Engine) -> None:
    loaded = load(engine, table_of(account_id=["Ab", "aB", "x"]))
    assert said(loaded, "upper and lower case alone")
    ended(loaded)
    scores = pa.array([700, None, 720], pa.int32())
    loaded = load(engine, table_of(account_id=["Ab", "aB", "x"], score=scores))
    assert not said(loaded, "upper and lower case alone")
    ended(loaded)
