"""The oracle's figures on the sample portfolio, which independent calculations agree on.

Accounts below the threshold change no increment, so that most runs take the accounts above it.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.oracle import (
    DEFAULT_ASSUMPTIONS,
    DEFAULT_POLICY,
    portfolio_from_csv,
    portfolio_from_parquet,
    preset,
    simulate,
)

SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"
# Figures are given to four decimals.
SHOWN = 5.1e-5


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    return portfolio_from_parquet(SAMPLES / "huabei_like.parquet")


@pytest.fixture(scope="module")
def from_700(sample: pd.DataFrame) -> pd.DataFrame:
    return sample[sample["score"] >= 700].reset_index(drop=True)


def run(accounts: pd.DataFrame, policy: dict[str, Any], **assumptions: Any) -> dict[str, Any]:
    return simulate(accounts, DEFAULT_POLICY | policy, DEFAULT_ASSUMPTIONS | assumptions)


def shown(result: dict[str, Any], names: str) -> list[Any]:
    increment = result["increment"]
    return [increment[name] for name in names.split()]


def test_a_raise_of_a_fifth_from_800(sample: pd.DataFrame) -> None:
    result = run(sample, {})
    assert len(sample) == 200_000
    assert result["raised"] == 7_341
    assert result["increment"]["limit"] == 39_620_500
    assert result["headline_raise"] == 58_648_320
    assert shown(result, "balance ead projected_defaults expected_loss net_value") == pytest.approx(
        [1_831_494.2536, 9_389_295.4029, 0.1798, 9_428.2378, 30_174.8653], abs=SHOWN
    )
    assert shown(
        result, "npv first_year_value first_year_profit provision_day_one"
    ) == pytest.approx([55_028.9466, 13_881.1260, 37_829.2721, 6_008.4534], abs=SHOWN)
    assert result["time"]["payback_months"] == 5
    assert shown(result, "strained thin_cover short_cover new_debt") == [0, -2, -626, 0]
    assert result["increment"]["moved_balance"] == pytest.approx(1_831_494.2536, abs=SHOWN)


def test_the_reasons_of_a_raise_from_800(sample: pd.DataFrame) -> None:
    from_800 = sample[sample["score"] >= 800]
    reasons = run(from_800, {})["reasons"]
    counts = {name: entry["accounts"] for name, entry in reasons.items() if entry["accounts"]}
    assert counts == {
        "unaffordable": 1_239,
        "recent_limit_change": 790,
        "at_limit_cap": 525,
        "opted_out": 360,
        "is_student": 293,
        "unknown_data": 253,
        "too_new": 88,
        "persistent_minimum_payer": 73,
        "past_due": 18,
        "past_due_12m": 16,
        "in_hardship": 3,
        "utilization_out_of_range": 1,
        "raised": 7_341,
    }


def test_a_raise_of_a_fifth_from_700_with_a_holdout(from_700: pd.DataFrame) -> None:
    result = run(from_700, {"score_threshold": 700, "holdout_rate": 0.05})
    assert result["raised"] == 40_972
    assert result["reasons"]["held_out"]["accounts"] == 2_206
    assert result["increment"]["limit"] == 147_775_200
    assert result["headline_raise"] == 191_992_900
    assert shown(result, "balance ead projected_defaults expected_loss net_value") == pytest.approx(
        [9_013_497.5247, 36_765_838.0198, 4.2024, 130_654.3475, 165_048.6806], abs=SHOWN
    )
    assert shown(
        result, "npv first_year_value first_year_profit provision_day_one"
    ) == pytest.approx([314_333.7213, 113_435.2765, 80_878.8836, 75_907.0148], abs=SHOWN)
    assert result["time"]["payback_months"] == 2
    assert shown(result, "strained thin_cover short_cover") == [0, -162, -4_680]
    assert shown(result, "new_debt moved_balance") == pytest.approx(
        [2_169_567.3907, 6_843_930.1340], abs=SHOWN
    )


@pytest.mark.parametrize(
    ("name", "npv", "payback", "defaults"),
    [
        ("low", 15_604.8581, 12, 0.1213),
        ("central", 55_028.9466, 5, 0.1798),
        ("high", 104_360.0094, 3, 0.2521),
    ],
)
def test_the_presets_from_800(
    from_700: pd.DataFrame, name: str, npv: float, payback: int, defaults: float
) -> None:
    """The accounts from 700 to 799 are there too, and change nothing."""
    result = run(from_700, {}, **preset(name))
    assert shown(result, "npv projected_defaults") == pytest.approx([npv, defaults], abs=SHOWN)
    assert result["time"]["payback_months"] == payback


@pytest.mark.parametrize(
    ("name", "npv"), [("low", 84_769.8291), ("central", 330_791.6629), ("high", 633_187.2024)]
)
def test_the_presets_from_700(from_700: pd.DataFrame, name: str, npv: float) -> None:
    result = run(from_700, {"score_threshold": 700}, **preset(name))
    assert result["time"]["npv"] == pytest.approx(npv, abs=SHOWN)


def test_cecl_and_a_cost_of_two_a_raise_from_700(from_700: pd.DataFrame) -> None:
    policy = {"score_threshold": 700}
    time = run(from_700, policy, provisioning="cecl", action_cost=Decimal("2.00"))["time"]
    assert time["npv"] == pytest.approx(244_435.6629, abs=SHOWN)
    assert time["payback_months"] == 11
    assert time["provision_day_one"] == 0
    assert time["first_year_profit"] == pytest.approx(24_560.6016, abs=SHOWN)


def test_thirty_days_from_800(from_700: pd.DataFrame) -> None:
    result = run(from_700, {"temporary_days": 30})
    assert shown(result, "balance expected_loss net_value npv") == pytest.approx(
        [330_947.6269, 544.6358, -1_958.9910, -1_958.9910], abs=SHOWN
    )


@pytest.mark.parametrize(
    ("rate", "npv"), [(0.10, 184_523), (0.30, 441_087), (0.50, 585_531), (1.00, 676_708)]
)
def test_larger_raises_from_700_are_worth_more(
    from_700: pd.DataFrame, rate: float, npv: float
) -> None:
    result = run(from_700, {"score_threshold": 700, "raise_rate": rate})
    assert result["time"]["npv"] == pytest.approx(npv, abs=0.5)


def test_the_samples_thousand_rows_are_read_alike_from_either_file(sample: pd.DataFrame) -> None:
    thousand = portfolio_from_csv(SAMPLES / "huabei_like_1000.csv")
    same = sample[sample["account_id"].isin(thousand["account_id"])]
    everyone = {"score_threshold": 350}
    first, second = (run(each.reset_index(drop=True), everyone) for each in (thousand, same))
    for name in ("raised", "increment", "reasons", "binding", "time"):
        assert first[name] == second[name], name
