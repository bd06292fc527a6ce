"""Parquet: typed columns held against the same contract, footers checked, damage refused."""

from __future__ import annotations

import datetime as dt
import io
import random
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.errors import PortfolioError
from analytics.ingest import load_bytes
from analytics.ingest.caps import Caps
from analytics.ingest.report import REASON_WORDS
from tests.ingest.loading import Outcome, load


def parquet(**columns: Any) -> bytes:
    rows = max(len(values) for values in columns.values())
    base: dict[str, Any] = {
        "account_id": [f"A{i}" for i in range(rows)],
        "score": [700] * rows,
        "credit_limit": [1000] * rows,
        "balance": [0] * rows,
    }
    return written(pa.table(base | columns))


def written(table: pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def one(name: str, values: pa.Array) -> Outcome:
    return load(parquet(**{name: values}), file_name="x.parquet")


@pytest.mark.parametrize(
    ("values", "minor"),
    [
        (pa.array([12, 0], pa.int8()), [1200, 0]),
        (pa.array([12, 0], pa.int64()), [1200, 0]),
        (pa.array([12, 0], pa.uint32()), [1200, 0]),
        (pa.array([12.34, 0.1], pa.float64()), [1234, 10]),
        (pa.array([0.1 + 0.2, 99999999999.99], pa.float64()), [30, 9_999_999_999_999]),
        (pa.array([12.5, 3.25], pa.float32()), [1250, 325]),
        (pa.array([Decimal("12.34"), Decimal("0.01")], pa.decimal128(12, 2)), [1234, 1]),
        (pa.array([Decimal("12.3400")], pa.decimal128(18, 4)), [1234]),
        (pa.array([Decimal("99999999999.99")], pa.decimal128(38, 10)), [9_999_999_999_999]),
        (pa.array([Decimal(7)], pa.decimal128(5, 0)), [700]),
        (pa.array(["12.34", "1,000.00"], pa.string()), [1234, 100000]),
        (pa.array(["12.34", "5"]).dictionary_encode(), [1234, 500]),
    ],
)
def test_money_of_every_type_is_exact(values: pa.Array, minor: list[int]) -> None:
    found = one("credit_limit", values)
    assert [found.accounts[f"A{i}"]["credit_limit"] for i in range(len(minor))] == minor


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (pa.array([-1], pa.int64()), "negative"),
        (pa.array([10**12 + 1], pa.int64()), "too_large"),
        (pa.array([-0.5], pa.float64()), "negative"),
        (pa.array([1.005], pa.float64()), "too_many_decimals"),
        (pa.array([12.34], pa.float32()), "single_precision"),
        (pa.array([float("nan")], pa.float64()), "not_finite"),
        (pa.array([float("inf")], pa.float64()), "not_finite"),
        (pa.array([float("-inf")], pa.float64()), "not_finite"),
        (pa.array([1e300], pa.float64()), "too_large"),
        (pa.array([Decimal("1.0051")], pa.decimal128(18, 4)), "too_many_decimals"),
        (pa.array([Decimal("-1.00")], pa.decimal128(18, 2)), "negative"),
        (pa.array([None], pa.int64()), "missing"),
        (pa.array([None], pa.float64()), "missing"),
        (pa.array([dt.date(2026, 1, 2)]), "is_a_date"),
        (pa.array([dt.datetime(2026, 1, 2, 3, 4)]), "is_a_date"),  # noqa: DTZ001 - a cell
        (pa.array([True]), "not_a_number"),
        (pa.array(["x"]), "not_a_number"),
    ],
)
def test_money_that_breaks_the_contract_is_rejected(values: pa.Array, reason: str) -> None:
    two = pa.table(
        {
            "account_id": ["A0", "A1"],
            "score": [700, 700],
            "credit_limit": values.take([0, 0]),
            "balance": [0, 0],
        }
    )
    with pytest.raises(PortfolioError, match=r"None of the 2 rows") as refused:
        load(written(two), file_name="x.parquet")
    assert REASON_WORDS[reason] in str(refused.value)


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("score", pa.array([700, 349], pa.int32()), "off_scale"),
        ("score", pa.array([700.0, 700.5], pa.float64()), "not_whole"),
        ("score", pa.array([700.0, float("nan")], pa.float64()), "not_finite"),
        ("score", pa.array([700, None], pa.int64()), "missing"),
        ("score", pa.array([Decimal("700.0"), Decimal("700.5")]), "not_whole"),
        ("default_probability", pa.array([0.5, 1.5]), "out_of_range"),
        ("default_probability", pa.array([0.5, -0.5]), "negative"),
        ("default_probability", pa.array([0.5, float("nan")]), "not_finite"),
        ("default_probability", pa.array([1, 2], pa.int64()), "out_of_range"),
        ("default_probability", pa.array([Decimal("0.5"), Decimal("1.5")]), "out_of_range"),
        ("months_on_book", pa.array([5.0, 5.5]), "not_whole"),
        ("months_on_book", pa.array([5, -5], pa.int64()), "negative"),
        ("months_on_book", pa.array([5, 2**40], pa.int64()), "too_large"),
        ("is_student", pa.array([1, 2], pa.int64()), "not_true_or_false"),
        ("is_student", pa.array(["yes", "perhaps"]), "not_true_or_false"),
        ("account_id", pa.array(["A0", "=A1"]), "id_not_allowed"),
        ("account_id", pa.array(["A0", None]), "missing"),
        ("account_id", pa.array([7, -7], pa.int64()), "id_not_allowed"),
    ],
)
def test_typed_cells_are_rejected_with_row_and_reason(
    name: str, values: pa.Array, reason: str
) -> None:
    found = one(name, values)
    assert found.report.accepted == 1
    assert found.reason(2, name) == reason


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("score", pa.array([700.0], pa.float64()), 700),
        ("score", pa.array([Decimal("700.00")]), 700),
        ("score", pa.array(["700"]), 700),
        ("default_probability", pa.array([0.1], pa.float64()), 0.1),
        ("default_probability", pa.array([1], pa.int8()), 1.0),
        ("default_probability", pa.array([None], pa.float64()), None),
        ("default_probability", pa.array(["1e-05"]), 1e-05),
        ("months_on_book", pa.array([12.0], pa.float64()), 12),
        ("months_on_book", pa.array([None], pa.float64()), None),
        ("is_student", pa.array([True]), True),
        ("is_student", pa.array([0], pa.int8()), False),
        ("is_student", pa.array(["no"]), False),
        ("is_student", pa.array([None], pa.bool_()), None),
        ("region", pa.array(["North"]), "North"),
        ("region", pa.array([7], pa.int64()), "7"),
        ("region", pa.array([True]), "true"),
    ],
)
def test_typed_cells_keep_their_values(name: str, values: pa.Array, expected: object) -> None:
    found = one(name, values)
    assert found.accounts["A0"][name] == expected


def test_ids_of_whole_numbers_become_text_with_a_warning() -> None:
    found = one("account_id", pa.array([9007199254740993, 9007199254740992], pa.int64()))
    assert set(found.accounts) == {"9007199254740993", "9007199254740992"}
    assert any("leading zeros" in warning for warning in found.report.warnings)


def test_ids_in_floating_point_are_refused() -> None:
    with pytest.raises(PortfolioError, match="lose digits"):
        one("account_id", pa.array([1.0, 2.0]))


def test_nested_and_binary_columns_are_ignored_by_name() -> None:
    found = load(
        parquet(a=[[1], [2]], b=[b"x", b"y"], c=[{"d": 1}, {"d": 2}]), file_name="x.parquet"
    )
    assert found.report.ignored == ("a", "b", "c")


def test_a_footer_beyond_the_caps_is_refused_before_anything_is_decoded() -> None:
    table = pa.table({name: pa.array([0] * 100_000) for name in "abcd"})
    data = written(table)
    assert len(data) < 10_000
    with pytest.raises(PortfolioError, match="says that it holds 100,000 rows"):
        load_bytes("x.parquet", data, caps=Caps(size=10**6, inflated=10**6, rows=99_999))
    with pytest.raises(PortfolioError, match="says that it holds"):
        load_bytes("x.parquet", data, caps=Caps(size=10**6, inflated=10**6, rows=10**6, cells=10))
    with pytest.raises(PortfolioError, match="4 columns"):
        load_bytes("x.parquet", data, caps=Caps(size=10**6, inflated=10**6, rows=10**6, columns=3))


def test_a_parquet_without_rows_is_refused() -> None:
    with pytest.raises(PortfolioError, match="no rows"):
        load(written(pa.table({"account_id": pa.array([], pa.string())})), file_name="x.parquet")


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_parquet_is_refused(keep: float) -> None:
    data = parquet(credit_limit=list(range(5000)))
    with pytest.raises(PortfolioError, match="damaged or cut short"):
        load(data[: int(len(data) * keep)], file_name="x.parquet")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"data_page_version": "2.0"},
        {"compression": "zstd"},
        {"compression": "none", "use_dictionary": False},
        {"row_group_size": 100, "data_page_size": 500},
        {"write_page_index": True, "store_schema": False},
    ],
)
def test_a_whole_parquet_with_page_checksums_is_read(options: dict[str, Any]) -> None:
    table = pa.table(
        {
            "account_id": [f"A{i:05d}" for i in range(2000)],
            "score": [350 + i % 600 for i in range(2000)],
            "credit_limit": [None, *range(1, 2000)],
            "balance": [i / 4 for i in range(2000)],
        }
    )
    found = load(written(table, write_page_checksum=True, **options), file_name="x.parquet")
    assert (found.report.accepted, found.report.rejected) == (1999, 1)


def test_a_type_flipped_in_the_footer_is_refused_and_does_not_end_the_process() -> None:
    table = pa.table(
        {
            "account_id": ["A", "B"],
            "score": [700, 710],
            "credit_limit": [1000.0, 2000.0],
            "balance": [0.5, 0.25],
        }
    )
    data = written(table)
    length = int.from_bytes(data[-8:-4], "little")
    footer = len(data) - 8 - length
    script = "\n".join(
        (
            "import sys",
            "from analytics.errors import PortfolioError",
            "from analytics.ingest import load_bytes",
            "data = sys.stdin.buffer.read()",
            f"for place in range({footer + 16}, {footer + 64}):",
            "    for bit in (1,):",
            "        flipped = bytearray(data)",
            "        flipped[place] ^= bit",
            "        try:",
            "            load_bytes('x.parquet', bytes(flipped)).portfolio.door.close()",
            "        except PortfolioError as error:",
            "            assert len(error.faults) >= 1",
            "print('whole')",
        )
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=data, capture_output=True, timeout=120, check=False
    )
    assert done.stdout.strip() == b"whole", done.stderr.decode()[-600:]


def test_headers_of_a_parquet_are_its_columns_and_not_their_parts() -> None:
    nested = pa.array([{"a": 1, "b": [{"c": 2}]}])
    found = load(parquet(note=nested, region=pa.array(["North"])), file_name="x.parquet")
    assert found.report.ignored == ("note",)
    assert found.report.segments == ("region",)


def test_a_byte_flipped_parquet_is_refused_or_its_numbers_are_shown() -> None:
    table = pa.table(
        {
            "account_id": [f"A{i:05d}" for i in range(2000)],
            "score": [350 + i % 600 for i in range(2000)],
            "credit_limit": pa.array([Decimal(i) for i in range(2000)], pa.decimal128(12, 2)),
            "balance": [i / 4 for i in range(2000)],
            "region": ["North", "South"] * 1000,
        }
    )
    data = written(table, write_page_checksum=True)
    random_bytes = random.Random(20261031)  # noqa: S311 - a repeatable one
    refused = 0
    for _ in range(100):
        flipped = bytearray(data)
        flipped[random_bytes.randrange(len(data))] ^= 1 << random_bytes.randrange(8)
        try:
            found = load(bytes(flipped), file_name="x.parquet")
        except PortfolioError:
            refused += 1
            continue
        assert found.report.accepted + found.report.rejected == found.report.rows_read == 2000
        assert all(350 <= a["score"] <= 950 for a in found.accounts.values())
        assert all(a["credit_limit"] >= 0 for a in found.accounts.values())
    assert refused >= 90
