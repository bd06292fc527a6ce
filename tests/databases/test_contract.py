"""Rows that break the contract are left out and counted, alike in every database."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.declared.choices import AccountStatus
from analytics.declared.scales import SESAME
from analytics.errors import DatabaseError, PortfolioError
from analytics.ingest import ChoiceNeeded
from analytics.ingest.declaration import Declaration, Duplicates
from analytics.ingest.report import Loaded
from analytics.ingest.tables import load_warehouse
from analytics.policy import Policy
from analytics.results.simulation import simulate
from tests.databases.engines import Engine

NAN, INF = float("nan"), float("inf")


def table_of(**columns: Sequence[Any]) -> pa.Table:
    """A small table: three good accounts, with columns put in place or added."""
    given: dict[str, Any] = {
        "account_id": ["a1", "a2", "a3"],
        "score": pa.array([700, 800, 900], pa.int32()),
        "credit_limit": pa.array([Decimal("1000.00")] * 3, pa.decimal128(18, 2)),
        "balance": pa.array([Decimal("10.01")] * 3, pa.decimal128(18, 2)),
    }
    return pa.table(given | dict(columns))


def load(engine: Engine, rows: pa.Table, **declared: Any) -> Loaded:
    engine.fill("accounts", rows)
    database = engine.open()
    try:
        return load_warehouse(database, "accounts", Declaration(**declared))
    except PortfolioError:
        database.close()
        raise


def reasons_of(loaded: Loaded) -> dict[str, int]:
    return {name: reason.rows for name, reason in loaded.report.reasons.items()}


def read_back(loaded: Loaded, column: str) -> list[Any]:
    c = loaded.portfolio.relation.c
    rows = loaded.portfolio.door.sums(sa.select(c.account_id, c[column].label("value")))
    return [value for _, value in sorted(zip(*(v.tolist() for v in rows.values()), strict=True))]


def decimals(*texts: str, scale: int = 2) -> pa.Array:
    return pa.array([Decimal(text) for text in texts], pa.decimal128(30, scale))


EXACT = [
    (decimals("0", "1000.05", "99999999999.99"), [0, 100_005, 9_999_999_999_999]),
    (decimals("0.1000", "2.3400", "5.0000", scale=4), [10, 234, 500]),
    (pa.array([0, 7, 10**12], pa.int64()), [0, 700, 10**14]),
    (pa.array([0.1, 1.15, 2.675 * 2], pa.float64()), [10, 115, 535]),
    (pa.array([33333333.33, 99999999999.99, 0.07]), [3_333_333_333, 9_999_999_999_999, 7]),
]


@pytest.mark.parametrize(("limits", "minor"), EXACT, ids=range(len(EXACT)))
def test_money_is_read_exactly(engine: Engine, limits: pa.Array, minor: list[int]) -> None:
    loaded = load(engine, table_of(credit_limit=limits))
    assert read_back(loaded, "credit_limit") == minor
    assert loaded.portfolio.total_limit == sum(minor)
    assert loaded.report.rejected == 0
    loaded.portfolio.door.close()


BROKEN: list[tuple[str, Any, str]] = [
    ("credit_limit", decimals("1", "2.005", "3", scale=3), "too_many_decimals"),
    ("credit_limit", pa.array([1.0, 2.005, 3.0]), "too_many_decimals"),
    ("credit_limit", pa.array([1.0, NAN, 3.0]), "not_finite"),
    ("credit_limit", pa.array([1.0, -INF, 3.0]), "not_finite"),
    ("credit_limit", pa.array([1.0, 1e300, 3.0]), "too_large"),
    ("credit_limit", pa.array([1, 10**12 + 1, 3], pa.int64()), "too_large"),
    ("credit_limit", pa.array([1, None, 3], pa.int64()), "missing"),
    ("credit_limit", decimals("1", "-0.01", "3"), "negative"),
    ("balance", pa.array([1, -(2**62), 3], pa.int64()), "negative"),
    ("score", pa.array([700, 349, 900], pa.int32()), "off_scale"),
    ("score", pa.array([700, 2**62, 900], pa.int64()), "off_scale"),
    ("score", pa.array([700.0, 800.5, 900.0]), "not_whole"),
    ("score", pa.array([700.0, NAN, 900.0]), "not_finite"),
    ("score", pa.array([700, None, 900], pa.int32()), "missing"),
    ("default_probability", pa.array([0.1, 1.5, 0.0]), "out_of_range"),
    ("default_probability", pa.array([0.1, -0.1, 0.0]), "out_of_range"),
    ("default_probability", pa.array([0.1, INF, None]), "not_finite"),
    ("monthly_income", decimals("1", "-5", "3"), "negative"),
    ("months_on_book", pa.array([1, 2**31, None], pa.int64()), "too_large"),
    ("days_past_due", pa.array([1.0, 0.5, 0.0]), "not_whole"),
    ("is_student", pa.array([0, 2, None], pa.int32()), "not_true_or_false"),
    ("account_id", ["a1", "a b", "a3"], "id_not_allowed"),
    ("account_id", ["a1", "a2\n", "a3"], "id_not_allowed"),
    ("account_id", ["a1", "=1+1", "a3"], "id_not_allowed"),
    ("account_id", ["a1", "x" * 65, "a3"], "id_not_allowed"),
    ("account_id", ["a1", None, "a3"], "missing"),
    ("account_id", ["a1", "  ", "a3"], "missing"),
]


BROKEN_IDS = [f"{column}-{reason}-{i}" for i, (column, _, reason) in enumerate(BROKEN)]


@pytest.mark.parametrize(("column", "cells", "reason"), BROKEN, ids=BROKEN_IDS)
def test_broken_row_is_left_out_under_its_reason(
    swift_engine: Engine, column: str, cells: Any, reason: str
) -> None:
    loaded = load(swift_engine, table_of(**{column: cells}))
    report = loaded.report
    assert (report.rows_read, report.accepted, report.rejected) == (3, 2, 1)
    assert reasons_of(loaded) == {reason: 1}
    assert len(read_back(loaded, "score")) == 2
    limits = read_back(loaded, "credit_limit")
    assert loaded.portfolio.total_limit == sum(limits)
    rows = loaded.portfolio.door.sums(loaded.portfolio.door.rejects())
    assert list(zip(rows["column"], rows["reason"], strict=True)) == [(column, reason)]
    loaded.portfolio.door.close()


def test_many_broken_rows_are_left_out_each_under_its_reasons(engine: Engine) -> None:
    good = 1_000.0
    limits = [good, NAN, INF, -0.01, 1e300, 2.005, None, good, good, good, good, good]
    scores = [700.0] * 6 + [NAN, 349.0, 700.5, None, 800.0, 900.0]
    rates = [0.5, None, 0.0, 1.0, None, None, None, None, None, None, 1.01, NAN]
    names = [f"a{place}" for place in range(12)]
    loaded = load(
        engine,
        pa.table(
            {
                "account_id": names,
                "credit_limit": pa.array(limits),
                "balance": pa.array([0.0] * 12),
                "score": pa.array(scores),
                "default_probability": pa.array(rates),
            }
        ),
    )
    assert read_back(loaded, "account_id") == ["a0"]
    assert reasons_of(loaded) == {
        "not_finite": 4,
        "missing": 2,
        "negative": 1,
        "not_whole": 1,
        "off_scale": 1,
        "out_of_range": 1,
        "too_large": 1,
        "too_many_decimals": 1,
    }
    assert loaded.report.rejected_limit == Decimal("5000.00")
    loaded.portfolio.door.close()


def test_rows_that_share_an_id_are_all_left_out(engine: Engine) -> None:
    rows = table_of(account_id=["a1", "a2", "a1"], score=pa.array([700, 800, 2], pa.int32()))
    loaded = load(engine, rows)
    assert (loaded.report.accepted, loaded.report.rejected) == (1, 2)
    assert reasons_of(loaded) == {"duplicate_id": 2, "off_scale": 1}
    assert read_back(loaded, "account_id") == ["a2"]
    assert loaded.report.rejected_limit == Decimal("2000.00")
    loaded.portfolio.door.close()


def test_ids_keep_leading_zeros_and_18_digits(engine: Engine) -> None:
    ids = ["000000000000000001", "9007199254740993", "9007199254740992"]
    loaded = load(engine, table_of(account_id=ids))
    assert read_back(loaded, "account_id") == sorted(ids)
    loaded.portfolio.door.close()


def test_unknown_cells_and_numbers_for_flags_are_read(engine: Engine) -> None:
    loaded = load(
        engine,
        table_of(
            opted_out=pa.array([True, None, False], pa.bool_()),
            is_student=pa.array([1, 0, None], pa.int32()),
            days_past_due=pa.array([0.0, 30.0, None]),
        ),
    )
    assert read_back(loaded, "opted_out") == [True, None, False]
    assert read_back(loaded, "is_student") == [True, False, None]
    assert dict(loaded.portfolio.blanks) == {"opted_out": 1, "is_student": 1, "days_past_due": 1}
    loaded.portfolio.door.close()


def test_columns_of_other_names_are_mapped_and_named_in_the_report(engine: Engine) -> None:
    rows = table_of().rename_columns(["kunde", "fico_range_low", "Linie", "Saldo"])
    mapping = (
        ("account_id", "kunde"),
        ("score", "fico_range_low"),
        ("credit_limit", "Linie"),
        ("balance", "Saldo"),
    )
    loaded = load(engine, rows, mapping=mapping, scale=SESAME)
    assert loaded.report.sources == dict(mapping)
    assert loaded.portfolio.total_balance == 3_003
    loaded.portfolio.door.close()


def test_segments_are_columns_with_few_values_and_blank_ones_are_unknown(engine: Engine) -> None:
    loaded = load(engine, table_of(region=["North", "  ", None], reason=["x", "y", "z"]))
    assert loaded.portfolio.segments == ("region", "reason")
    assert read_back(loaded, "s0") == ["North", None, None]
    assert read_back(loaded, "s1") == ["x", "y", "z"]
    loaded.portfolio.door.close()


def test_fingerprint_changes_with_any_cell_that_is_read_and_with_nothing_else(
    engine: Engine,
) -> None:
    def fingerprint(rows: pa.Table) -> str:
        loaded = load(engine, rows)
        loaded.portfolio.door.close()
        return loaded.portfolio.fingerprint

    first = fingerprint(table_of())
    # The order of rows does not matter; two limits swapped keep every sum, and do.
    assert fingerprint(table_of().take([2, 0, 1])) == first
    swapped = [Decimal("1000.01"), Decimal("999.99"), Decimal("1000.00")]
    assert fingerprint(table_of(credit_limit=pa.array(swapped, pa.decimal128(18, 2)))) != first


REFUSED: list[tuple[pa.Table, str]] = [
    (table_of().drop_columns(["score"]), "no column score"),
    (table_of(score=["700", "800", "900"]), "'score' holds text"),
    (
        table_of(credit_limit=pa.array([1.0, 2.0, 3.0], pa.float32())),
        "Single precision does not hold money",
    ),
    (table_of(opted_out=["yes", "no", "no"]), "'opted_out' holds text"),
    (table_of(score=pa.array([1, 2, 3], pa.int32())), "None of the 3 rows can be used"),
    (table_of().slice(0, 0), "has no rows"),
]


@pytest.mark.parametrize(("rows", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_table_that_cannot_be_used_is_refused_with_a_sentence(
    engine: Engine, rows: pa.Table, says: str
) -> None:
    with pytest.raises(PortfolioError, match=says):
        load(engine, rows)


def test_every_fault_of_a_table_is_named_at_once(engine: Engine) -> None:
    rows = table_of(score=["7", "8", "9"]).drop_columns(["balance"])
    with pytest.raises(PortfolioError) as caught:
        load(engine, rows, mapping=(("monthly_income", "nowhere"),))
    assert len(caught.value.faults) == 3


def test_what_a_table_cannot_say_is_refused(engine: Engine) -> None:
    with pytest.raises(PortfolioError, match="no first and last row"):
        load(engine, table_of(), duplicates=Duplicates.KEEP_FIRST)


def test_unknown_table_is_named_with_its_near_match(engine: Engine) -> None:
    engine.fill("accounts", table_of())
    database = engine.open()
    with pytest.raises(DatabaseError, match=r"no table 'acounts'.*did you mean \w+\.accounts\?"):
        load_warehouse(database, "acounts")
    database.close()


# ---- The status of an account

STATUSES = ["Active", "Dormant", "dormant ", "Z", "closed", None, "Lost/Stolen", " ", "冻结"]


def with_status(cells: Sequence[Any]) -> pa.Table:
    """A table of accounts with one status each."""
    size = len(cells)
    return pa.table(
        {
            "account_id": [f"a{place}" for place in range(size)],
            "score": pa.array([900] * size, pa.int32()),
            "credit_limit": pa.array([Decimal("1000.00")] * size, pa.decimal128(18, 2)),
            "balance": pa.array([Decimal("10.01")] * size, pa.decimal128(18, 2)),
            "stat": cells,
        }
    )


def test_words_of_a_status_are_asked_about_and_answered_as_of_a_file(engine: Engine) -> None:
    mapping = (("account_status", "stat"),)
    with pytest.raises(ChoiceNeeded) as caught:
        load(engine, with_status(STATUSES), mapping=mapping)
    assert "stat holds words" in str(caught.value)
    assert "'Dormant' (2 accounts), 'Z' (1 account). Say" in str(caught.value)
    answers = (("DORMANT", AccountStatus.CLOSED), ("z", AccountStatus.UNKNOWN))
    loaded = load(engine, with_status(STATUSES), mapping=mapping, statuses=answers)
    found = read_back(loaded, "account_status")
    assert found == [False, True, True, None, True, None, True, None, True]
    assert dict(loaded.portfolio.blanks) == {"account_status": 3}
    (said,) = (line for line in loaded.report.warnings if "stat" in line)
    assert said == (
        "Words in stat that count as closed: Dormant, Lost/Stolen, closed, 冻结; as open: Active."
    )
    assert simulate(loaded.portfolio, Policy(), Assumptions()).total.reasons["closed"] == (
        5,
        5_000.0,
    )
    loaded.portfolio.door.close()


@pytest.mark.parametrize(
    "cells",
    [
        pa.array([1, 9, None], pa.int32()),
        pa.array([Decimal(1), Decimal(9), None], pa.decimal128(1, 0)),
        pa.array(["1", "9", None]),
    ],
)
def test_a_status_may_be_a_code(engine: Engine, cells: pa.Array) -> None:
    answers = (("1", AccountStatus.OPEN), ("9", AccountStatus.CLOSED))
    loaded = load(
        engine, with_status(cells), mapping=(("account_status", "stat"),), statuses=answers
    )
    assert read_back(loaded, "account_status") == [False, True, None]
    loaded.portfolio.door.close()


def test_a_status_without_a_word_counts_as_absent(engine: Engine) -> None:
    empty = with_status(pa.array(["", None], pa.string()))
    loaded = load(engine, empty, mapping=(("account_status", "stat"),))
    assert not loaded.portfolio.has("account_status")
    assert "account_status is blank in every account" in "\n".join(loaded.report.warnings)
    assert simulate(loaded.portfolio, Policy(), Assumptions()).total.raised == 2
    loaded.portfolio.door.close()


def test_a_table_of_many_words_has_no_status(engine: Engine) -> None:
    with pytest.raises(PortfolioError, match="more or longer words than a status"):
        load(
            engine,
            with_status([f"word {n}" for n in range(51)]),
            mapping=(("account_status", "stat"),),
        )


def test_a_column_that_names_a_status_and_is_not_mapped_is_said(engine: Engine) -> None:
    rows = with_status(["closed"]).rename_columns(
        ["account_id", "score", "credit_limit", "balance", "status"]
    )
    loaded = load(engine, rows)
    said = [line for line in loaded.report.warnings if "may hold the status of accounts" in line]
    assert [line.startswith("'status'") for line in said] == [True]
    loaded.portfolio.door.close()
