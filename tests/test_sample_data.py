"""The committed sample portfolio is what its generator makes and has its declared shape."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sample_data import generate

COLUMNS = [
    "account_id",
    "score",
    "credit_limit",
    "balance",
    "default_probability",
    "loss_given_default",
    "monthly_income",
    "months_on_book",
    "days_past_due",
    "max_days_past_due_12m",
    "months_since_limit_change",
    "minimum_payment_months_6",
    "opted_out",
    "in_hardship",
    "is_student",
    "account_status",
    "region",
    "age_band",
    "channel",
]
MONEY_COLUMNS = ["credit_limit", "balance", "monthly_income"]
MEANS_TOLERANCE = 0.02


@pytest.fixture(scope="module")
def committed() -> pa.Table:
    return pq.read_table(generate.PARQUET_FILE)


@pytest.fixture(scope="module")
def accounts() -> pd.DataFrame:
    return generate.sample_accounts()


@pytest.fixture(scope="module")
def bands(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return what each band reaches, in the declared order of the bands."""
    band = np.digitize(accounts["score"], [shape.score_from for shape in generate.SHAPE]) - 1
    groups = accounts.groupby(band)
    limit = groups["credit_limit"].sum()
    return pd.DataFrame(
        {
            "accounts": groups.size(),
            "mean_limit": groups["credit_limit"].mean(),
            "utilization_rate": groups["balance"].sum() / limit,
            "mean_default_probability": groups["default_probability"].mean(),
        },
    )


# ---- The committed files


@pytest.mark.parametrize(
    ("path", "sha256"),
    [
        (
            generate.PARQUET_FILE,
            "f139ebe25d69ef823b1666b86741f0cbb0f0cf6ef3bcfd04a4d03f96e9bf0b84",
        ),
        (
            generate.CSV_FILE,
            "b4bab7036c9c6665866bd4328c82732346b6cd62db26cd727c6c840077552a7a",
        ),
    ],
)
def test_the_first_sample_is_the_same_to_the_byte(path: Path, sha256: str) -> None:
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def test_regenerated_table_equals_the_committed_parquet_file(committed: pa.Table) -> None:
    assert generate.sample_table().equals(committed)


def test_sample_accounts_equals_the_committed_parquet_file_to_the_cent(
    committed: pa.Table,
    accounts: pd.DataFrame,
) -> None:
    exact = committed.to_pandas()
    for name in MONEY_COLUMNS:
        cents = [None if value is None else int(value * 100) for value in exact[name]]
        expected = pd.Series(cents, dtype="float64", name=name) / 100
        pd.testing.assert_series_equal(accounts[name], expected, check_exact=True)
    others = [name for name in COLUMNS if name not in MONEY_COLUMNS]
    pd.testing.assert_frame_equal(accounts[others], exact[others], check_exact=True)


def test_regenerated_csv_is_byte_identical_to_the_committed_file(accounts: pd.DataFrame) -> None:
    text = generate.csv_text(generate.spread_rows(accounts))
    assert text.encode() == generate.CSV_FILE.read_bytes()


def test_csv_rows_are_rows_of_the_parquet_file(committed: pa.Table) -> None:
    rows = list(csv.DictReader(io.StringIO(generate.CSV_FILE.read_bytes().decode())))
    by_id = {row["account_id"]: row for row in committed.to_pylist()}
    assert len(rows) == len({row["account_id"] for row in rows}) == 1_000
    for row in rows:
        assert row == {name: _csv_cell(value) for name, value in by_id[row["account_id"]].items()}


def test_csv_has_lf_line_ends_and_ends_with_one() -> None:
    content = generate.CSV_FILE.read_bytes()
    assert b"\r" not in content
    assert content.count(b"\n") == 1_001
    assert content.endswith(b"\n")


def test_parquet_file_is_under_five_megabytes_and_names_its_date_and_currency() -> None:
    metadata = pq.read_schema(generate.PARQUET_FILE).metadata
    assert generate.PARQUET_FILE.stat().st_size < 5_000_000
    assert metadata[b"as_of_date"] == b"2026-10-31"
    assert metadata[b"currency"] == b"CNY"
    assert metadata[b"score_scale"] == b"350-950"


def test_duckdb_reads_money_as_exact_decimals() -> None:
    relation = duckdb.read_parquet(str(generate.PARQUET_FILE))
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    assert [types[name] for name in MONEY_COLUMNS] == ["DECIMAL(12,2)"] * 3
    assert types["account_id"] == "VARCHAR"


# ---- The generator


def test_another_seed_gives_other_accounts_and_the_same_seed_the_same() -> None:
    first = generate.sample_accounts(2_000, seed=1)
    pd.testing.assert_frame_equal(first, generate.sample_accounts(2_000, seed=1), check_exact=True)
    assert not first.equals(generate.sample_accounts(2_000, seed=2))


@pytest.mark.parametrize("size", [1, 2, 7, 100, 3_001])
def test_a_book_of_any_size_has_the_accounts_asked_for(size: int) -> None:
    frame = generate.sample_accounts(size)
    assert frame.shape == (size, len(COLUMNS))
    assert frame["account_id"].is_unique
    assert frame.drop(columns="monthly_income").notna().all(axis=None)


def test_fewer_than_one_account_is_refused() -> None:
    with pytest.raises(ValueError, match="accounts is 0; give at least 1"):
        generate.sample_accounts(0)


# ---- The declared shape


def test_readme_table_is_the_declared_shape() -> None:
    readme = (generate.FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d{3}) \|(.+)\|$", readme, flags=re.MULTILINE)
    shown = [
        (int(edge), *(Decimal(cell.strip().replace(",", "")) for cell in cells.split("|")))
        for edge, cells in rows
    ]
    declared = [
        (
            shape.score_from,
            _percent(shape.share_rate),
            Decimal(int(shape.mean_limit)),
            _percent(shape.utilization_rate),
            _percent(shape.mean_default_probability),
        )
        for shape in generate.SHAPE
    ]
    assert shown == declared


def test_band_shares_match_the_declared_table(bands: pd.DataFrame) -> None:
    expected = [round(shape.share_rate * 200_000) for shape in generate.SHAPE]
    assert bands["accounts"].tolist() == expected
    assert sum(expected) == 200_000


@pytest.mark.parametrize("measure", ["mean_limit", "utilization_rate", "mean_default_probability"])
def test_band_means_match_the_declared_table(bands: pd.DataFrame, measure: str) -> None:
    expected = [getattr(shape, measure) for shape in generate.SHAPE]
    assert bands[measure].tolist() == pytest.approx(expected, rel=MEANS_TOLERANCE)


def test_scores_rise_to_one_peak_and_fall(accounts: pd.DataFrame) -> None:
    counts = np.histogram(accounts["score"], bins=np.arange(350, 951, 20))[0]
    peak = int(counts.argmax())
    assert 600 <= 350 + 20 * peak < 660
    assert (np.diff(counts[: peak + 1]) > 0).all()
    assert (np.diff(counts[peak:]) < 0).all()


def test_score_counts_have_no_step_at_a_band_edge(accounts: pd.DataFrame) -> None:
    counts = accounts["score"].value_counts()
    for shape in generate.SHAPE[1:]:
        around = range(shape.score_from - 20, shape.score_from + 20)
        per_ten = counts.reindex(around, fill_value=0).to_numpy().reshape(4, 10).sum(axis=1)
        before, at_edge, after = np.diff(np.log(per_ten))
        assert at_edge == pytest.approx((before + after) / 2, abs=0.15), shape.score_from


def test_default_probability_falls_and_limit_rises_with_score(accounts: pd.DataFrame) -> None:
    groups = accounts[accounts["score"].between(400, 899)].groupby(accounts["score"] // 25)
    assert groups["default_probability"].mean().is_monotonic_decreasing
    assert groups["credit_limit"].mean().is_monotonic_increasing


def test_accounts_of_one_score_differ_in_default_probability(accounts: pd.DataFrame) -> None:
    same_score = accounts.loc[accounts["score"] == 700, "default_probability"]
    assert same_score.std() > 0.3 * same_score.mean()


def test_inside_a_band_limits_follow_income_and_default_follows_utilization(
    accounts: pd.DataFrame,
) -> None:
    band = accounts[accounts["score"].between(700, 749) & (accounts["balance"] > 0)]
    utilization = band["balance"] / band["credit_limit"]
    assert band["credit_limit"].corr(band["monthly_income"], method="spearman") > 0.2
    assert utilization.corr(band["default_probability"], method="spearman") > 0.2


# ---- Columns and values


def test_columns_are_the_ones_of_the_method_in_order(accounts: pd.DataFrame) -> None:
    assert accounts.columns.tolist() == COLUMNS


def test_only_monthly_income_has_blanks_in_about_three_percent(accounts: pd.DataFrame) -> None:
    blank = accounts.isna().mean()
    assert 0.025 < blank.pop("monthly_income") < 0.035
    assert (blank == 0).all()


def test_account_ids_are_unique_texts_of_18_digits_some_with_leading_zeros(
    accounts: pd.DataFrame,
) -> None:
    ids = accounts["account_id"]
    assert ids.is_unique
    assert ids.str.fullmatch("[0-9]{18}").all()
    assert 0.09 < ids.str.startswith("0").mean() < 0.11


def test_limits_are_round_numbers_between_500_and_50000(accounts: pd.DataFrame) -> None:
    limit = accounts["credit_limit"]
    assert limit.between(500, 50_000).all()
    assert (limit % 100 == 0).all()
    assert (limit[limit >= 10_000] % 500 == 0).all()
    assert (limit[limit >= 20_000] % 1_000 == 0).all()


def test_values_stay_inside_their_ranges(accounts: pd.DataFrame) -> None:
    assert accounts["score"].between(350, 950).all()
    assert accounts["default_probability"].between(0.0001, 0.95).all()
    assert accounts["loss_given_default"].isin([0.75, 0.80, 0.85, 0.90, 0.95]).all()
    assert accounts["loss_given_default"].mean() == pytest.approx(0.85, abs=0.005)
    assert (accounts["balance"] >= 0).all()
    assert accounts["monthly_income"].dropna().gt(0).all()
    assert accounts["months_on_book"].between(0, 100).all()
    assert accounts["days_past_due"].between(0, 180).all()
    assert accounts["minimum_payment_months_6"].between(0, 6).all()


def test_histories_do_not_contradict_each_other(accounts: pd.DataFrame) -> None:
    idle = accounts[accounts["balance"] == 0]
    assert (accounts["max_days_past_due_12m"] >= accounts["days_past_due"]).all()
    assert (accounts["months_since_limit_change"] <= accounts["months_on_book"]).all()
    assert (accounts["minimum_payment_months_6"] <= accounts["months_on_book"]).all()
    assert (idle["days_past_due"] == 0).all()
    assert (idle["minimum_payment_months_6"] == 0).all()


def test_every_account_is_live(accounts: pd.DataFrame) -> None:
    assert set(accounts["account_status"]) == {"active"}


def test_segments_have_their_values(accounts: pd.DataFrame) -> None:
    assert accounts["region"].nunique() == 8
    assert sorted(accounts["age_band"].unique()) == ["18-22", "23-30", "31-40", "41-50", "51+"]
    assert accounts["channel"].nunique() == 4


# ---- Kinds of accounts that the rules ask about


@pytest.mark.parametrize(
    ("condition", "lowest_rate", "highest_rate"),
    [
        ("balance == 0", 0.25, 0.45),
        ("balance > credit_limit", 0.005, 0.009),
        ("days_past_due > 0", 0.022, 0.028),
        ("max_days_past_due_12m >= 30", 0.015, 0.03),
        ("opted_out", 0.025, 0.035),
        ("in_hardship", 0.005, 0.007),
        ("is_student", 0.045, 0.055),
        ("months_on_book < 6", 0.07, 0.09),
        ("months_since_limit_change < 6", 0.135, 0.165),
        ("minimum_payment_months_6 >= 3", 0.03, 0.07),
        ("0.10 * credit_limit > 0.30 * monthly_income", 0.01, 0.06),
        ("balance > 6 * monthly_income", 0.0001, 0.002),
    ],
)
def test_each_special_kind_of_account_has_its_share(
    accounts: pd.DataFrame,
    condition: str,
    lowest_rate: float,
    highest_rate: float,
) -> None:
    assert lowest_rate <= len(accounts.query(condition)) / len(accounts) <= highest_rate


def test_four_times_income_binds_for_some_accounts_from_score_700(accounts: pd.DataFrame) -> None:
    upper = accounts[(accounts["score"] >= 700) & accounts["monthly_income"].notna()]
    binds = 1.2 * upper["credit_limit"] > 4 * upper["monthly_income"]
    assert 0.04 < binds.mean() < 0.10


def test_idle_accounts_are_likelier_at_high_scores(accounts: pd.DataFrame) -> None:
    idle = accounts["balance"] == 0
    low, high = idle[accounts["score"] < 600], idle[accounts["score"] >= 750]
    assert low.mean() < 0.30 < high.mean() < 0.45


@pytest.mark.parametrize("condition", ["balance > credit_limit", "days_past_due > 0"])
def test_troubled_accounts_have_low_scores_and_high_default_probability(
    accounts: pd.DataFrame,
    condition: str,
) -> None:
    troubled = accounts.query(condition)
    others = accounts.drop(troubled.index)
    default_probability = troubled["default_probability"].mean()
    assert troubled["score"].mean() < others["score"].mean() - 50
    assert default_probability > 2 * others["default_probability"].mean()


def test_students_are_mostly_18_to_22(accounts: pd.DataFrame) -> None:
    students = accounts[accounts["is_student"]]
    assert (students["age_band"] == "18-22").mean() > 0.7


def _percent(rate: float) -> Decimal:
    return (Decimal(str(rate)) * 100).normalize()


def _csv_cell(value: object) -> str:
    """Return a value as the CSV file shows it: blank for unknown, true/false, cents on money."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
