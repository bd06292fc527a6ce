"""Horizon, blank columns, marks and the calibration check, alike in every database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from analytics.assumptions import Assumptions
from analytics.declared.choices import Assumed
from analytics.errors import PortfolioError
from analytics.ingest import Loaded, parse_marks
from analytics.results.calibration import load_calibration
from analytics.results.simulation import load_baseline
from tests.databases.engines import Engine
from tests.databases.test_contract import decimals, load, read_back, reasons_of, table_of


def defaults_of(loaded: Loaded) -> float:
    baseline = load_baseline(loaded.portfolio, Assumptions())
    return float(baseline.sums.projected_defaults.sum())


@pytest.mark.parametrize(("months", "power"), [(None, 1.0), (1, 12.0), (6, 2.0), (24, 0.5)])
def test_default_probabilities_are_taken_over_12_months(
    engine: Engine, months: int | None, power: float
) -> None:
    p = [0.0, 0.05, 1.0]
    rows = table_of(default_probability=pa.array(p, pa.float64()))
    loaded = load(engine, rows, pd_horizon_months=months)
    expected = sum(1 - (1 - one) ** power for one in p)
    assert defaults_of(loaded) == pytest.approx(expected, rel=1e-12)
    loaded.portfolio.door.close()


def test_a_blank_probability_takes_the_curve_whatever_the_horizon(engine: Engine) -> None:
    rows = table_of(
        default_probability=pa.array([0.05, None, 0.05], pa.float64()),
        score=pa.array([700, 650, 900], pa.int32()),
    )
    loaded = load(engine, rows, pd_horizon_months=1)
    expected = 2 * (1 - 0.95**12) + 1 / 50
    assert defaults_of(loaded) == pytest.approx(expected, rel=1e-12)
    loaded.portfolio.door.close()


def test_a_column_that_is_blank_throughout_is_absent_and_still_rejects(engine: Engine) -> None:
    rows = table_of(
        other_payments=pa.array([None, None, Decimal("-1.00")], pa.decimal128(18, 2)),
        is_transactor=pa.array([None, None, True], pa.bool_()),
        months_on_book=pa.array([None, 3, None], pa.int32()),
    )
    loaded = load(engine, rows)
    portfolio = loaded.portfolio
    assert portfolio.columns == ("months_on_book",)
    assert portfolio.blanks == (("months_on_book", 1),)
    assert not {"other_payments", "is_transactor"} & set(portfolio.relation.c.keys())
    assert (portfolio.accounts, reasons_of(loaded)) == (2, {"negative": 1})
    said = "\n".join(loaded.report.warnings)
    assert "other_payments is blank in every account" in said
    assert "is_transactor is blank in every account" in said
    assert defaults_of(loaded) > 0
    portfolio.door.close()


def test_the_new_columns_are_read_exactly(engine: Engine) -> None:
    rows = table_of(
        other_payments=decimals("0.00", "100.50", "7.00"),
        external_limit=decimals("1.00", "2.25", "3.00"),
        external_balance=decimals("0.00", "0.00", "0.01"),
        is_transactor=pa.array([1, 0, None], pa.int32()),
    )
    loaded = load(engine, rows)
    assert read_back(loaded, "other_payments") == [0, 10_050, 700]
    assert read_back(loaded, "external_limit") == [100, 225, 300]
    assert read_back(loaded, "external_balance") == [0, 0, 1]
    assert dict(loaded.portfolio.blanks) == {"is_transactor": 1}
    loaded.portfolio.door.close()


@pytest.mark.parametrize(
    "cells",
    [
        pa.array([0, 1, None], pa.int32()),
        pa.array([False, True, None], pa.bool_()),
        pa.array([0.0, 1.0, None], pa.float64()),
        pa.array(["N", " y ", ""], pa.string()),
        decimals("0.00", "1.00", "0.00"),
    ],
)
def test_outcomes_are_kept_apart_and_protected_segments_set_no_tiers(
    engine: Engine, cells: pa.Array
) -> None:
    loaded = load(engine, table_of(defaulted=cells, age_band=["a", "b", "a"], region=["x"] * 3))
    portfolio = loaded.portfolio
    assert portfolio.outcomes == ("defaulted",)
    assert portfolio.segments == ("age_band", "region")
    assert portfolio.protected == ("age_band",)
    portfolio.door.close()


def test_marks_are_taken_and_those_that_cannot_be_refused(engine: Engine) -> None:
    columns: dict[str, Any] = {
        "defaulted": pa.array([0, 1, 2], pa.int32()),
        "churned": pa.array([0, 1, 0], pa.int32()),
        "region": ["x"] * 3,
    }
    marks = parse_marks(["churned=outcome", "region=protected"])
    loaded = load(engine, table_of(**columns), marks=marks)
    assert loaded.portfolio.outcomes == ("churned",)
    assert loaded.portfolio.segments == ("defaulted", "region")
    assert loaded.portfolio.protected == ("region",)
    loaded.portfolio.door.close()
    with pytest.raises(PortfolioError) as refused:
        load(engine, table_of(**columns), marks=parse_marks(["defaulted=outcome", "no=segment"]))
    assert len(refused.value.faults) == 2


def test_what_is_assumed_of_a_table_is_said(engine: Engine) -> None:
    loaded = load(engine, table_of(default_probability=pa.array([0.01] * 3, pa.float64())))
    assert loaded.portfolio.assumed == tuple(Assumed)
    assert sum("assumed" in line for line in loaded.report.warnings) == 3
    loaded.portfolio.door.close()


def test_every_database_finds_the_same_implausible(engine: Engine) -> None:
    rng = np.random.default_rng(7)
    size = 400
    income = [None if n % 7 == 0 else Decimal(n % 5) * 50 for n in range(size)]
    rows = pa.table(
        {
            "account_id": [f"A{n}" for n in range(size)],
            "score": pa.array((600 + np.arange(size) // 4).tolist(), pa.int32()),
            "credit_limit": pa.array([Decimal(n % 90 + 1) * 100 for n in range(size)],
                                     pa.decimal128(18, 2)),
            "balance": pa.array([Decimal(int(n)) for n in rng.integers(0, 20_000, size)],
                                pa.decimal128(18, 2)),
            "default_probability": pa.array(np.linspace(0.3, 0.9, size), pa.float64()),
            "monthly_income": pa.array(income, pa.decimal128(18, 2)),
        }
    )  # fmt: skip
    loaded = load(engine, rows, currency="CNY", pd_horizon_months=12)
    found = {
        one.check.value: one.value for one in load_calibration(loaded.portfolio, Assumptions())
    }
    loaded.portfolio.door.close()
    balance = np.array([float(cell.as_py()) for cell in rows["balance"]])
    p = rows["default_probability"].to_numpy()
    limits = np.array([float(cell.as_py()) for cell in rows["credit_limit"]])
    assert found["default_probability"] == pytest.approx(np.average(p, weights=balance), rel=1e-9)
    assert found["over_limit"] == (balance > limits).mean()
    known = [n for n in range(size) if income[n]]
    ratios = np.sort([np.floor(limits[n] * 100 / float(income[n] or 1)) / 100 for n in known])
    assert found["limit_per_income"] == ratios[(len(known) + 1) // 2 - 1]
    assert found["score_direction"] == pytest.approx(1.0, abs=1e-3)
    assert "scale" in found
