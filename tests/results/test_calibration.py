"""A book that cannot be is named, by the check that finds it; one that can be is left in peace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.choices import Assumed, Sample
from analytics.declared.choices import CalibrationCheck as Check
from analytics.declared.scales import SESAME, ScoreScale, score_scale
from analytics.ingest import load_sample
from analytics.results.calibration import (
    BOUNDS,
    HIGHEST_CLASS,
    HUNDREDTHS,
    Finding,
    load_calibration,
)
from tests.portfolios import portfolio_of

PLAUSIBLE: dict[str, Sequence[Any]] = {
    "account_id": ["a", "b", "c", "d"],
    "score": [600, 650, 700, 750],
    "credit_limit": [1_000_00] * 4,
    "balance": [500_00] * 4,
    "default_probability": [0.04, 0.03, 0.02, 0.01],
    "loss_given_default": [0.85] * 4,
    "monthly_income": [800_00] * 4,
}


def findings(
    assumptions: Assumptions | None = None, *, scale: ScoreScale = SESAME, **cells: Sequence[Any]
) -> dict[Check, Finding]:
    frame = pd.DataFrame({**PLAUSIBLE, **cells})
    portfolio = portfolio_of(frame, scale=scale)
    found = load_calibration(portfolio, assumptions or Assumptions.for_scale(scale))
    portfolio.door.close()
    return {one.check: one for one in found}


def test_a_plausible_book_trips_no_check() -> None:
    assert findings() == {}


@pytest.mark.parametrize("sample", Sample)
def test_no_sample_trips_a_check(sample: Sample) -> None:
    loaded = load_sample(sample)
    portfolio = loaded.portfolio
    assert load_calibration(portfolio, Assumptions.for_scale(portfolio.scale)) == ()
    portfolio.door.close()


def test_default_probabilities_are_weighted_by_balance() -> None:
    low = findings(default_probability=[0.0008, 0.0007, 0.0006, 0.0005])
    assert low.keys() == {Check.PROBABILITY}
    assert low[Check.PROBABILITY].value == pytest.approx(0.00065, rel=1e-12)
    assert low[Check.PROBABILITY].is_low
    high = findings(default_probability=[0.3, 0.28, 0.26, 0.24], loss_given_default=[0.1] * 4)
    assert high.keys() == {Check.PROBABILITY}
    assert high[Check.PROBABILITY].value == pytest.approx(0.27, rel=1e-12)
    assert not high[Check.PROBABILITY].is_low


def test_the_weights_are_balances_and_not_accounts() -> None:
    p, balance = [0.5, 0.5, 0.5, 0.01], [1_00, 1_00, 1_00, 1_000_00]
    assert Check.PROBABILITY not in findings(default_probability=p, balance=balance)


def test_a_margin_that_no_book_has_is_named() -> None:
    costly = Assumptions(funding_rate=0.2)
    low = findings(costly)
    assert low.keys() == {Check.MARGIN}
    assert low[Check.MARGIN].is_low
    dear = Assumptions().with_changes(yield_rate=(0.5,) * 8)
    high = findings(dear)
    assert high.keys() == {Check.MARGIN}
    assert high[Check.MARGIN].value == pytest.approx(0.5 - 0.025 - 0.005, rel=1e-12)


def test_an_expected_loss_above_30_percent_of_balance_is_named() -> None:
    found = findings(balance=[10_00] * 4, loss_given_default=[1.0] * 4,
                     default_probability=[0.2, 0.19, 0.18, 0.17])  # fmt: skip
    ead = 10 + 0.2 * 990
    assert found[Check.LOSS].value == pytest.approx(0.185 * ead / 10, rel=1e-12)
    assert found.keys() == {Check.LOSS}


@pytest.mark.parametrize(
    ("income", "median"),
    [
        ([5_001_00] * 4, 0.19),
        ([1_00, 6_000_00, 6_000_00, 6_000_00], 0.16),
        ([40_00] * 4, 25.0),
        ([1] * 4, HIGHEST_CLASS / HUNDREDTHS),
    ],
)
def test_a_median_limit_that_no_income_carries_is_named(income: list[int], median: float) -> None:
    found = findings(monthly_income=income)
    assert found.keys() == {Check.INCOME}
    assert found[Check.INCOME].value == pytest.approx(median)
    assert found[Check.INCOME].is_low is (median < 1)


@pytest.mark.parametrize("income", [[5_000_00] * 4, [50_00] * 4, [None] * 4, [0] * 4])
def test_a_median_within_its_bounds_or_without_incomes_is_none(income: list[int | None]) -> None:
    assert Check.INCOME not in findings(monthly_income=income)


def test_incomes_that_are_unknown_or_0_have_no_part_in_the_median() -> None:
    assert Check.INCOME in findings(monthly_income=[None, None, 0, 6_000_00])
    assert Check.INCOME not in findings(monthly_income=[6_000_00, 900_00, 900_00, 0])


def test_default_probabilities_that_rise_with_the_score_are_named() -> None:
    found = findings(default_probability=[0.01, 0.02, 0.03, 0.04])
    assert found.keys() == {Check.SCORE}
    assert found[Check.SCORE].value == pytest.approx(1.0)
    assert findings(default_probability=[0.02] * 4) == {}
    assert findings(default_probability=[0.01, 0.02, 0.03, 0.04], score=[700] * 4) == {}


def test_the_curve_is_not_held_against_the_score() -> None:
    frame = {n: c for n, c in PLAUSIBLE.items() if n != "default_probability"}
    portfolio = portfolio_of(pd.DataFrame(frame))
    found = load_calibration(portfolio, Assumptions())
    assert Check.SCORE not in {one.check for one in found}
    portfolio.door.close()


def test_more_than_a_fifth_of_the_accounts_over_their_limit_is_named() -> None:
    found = findings(balance=[1_001_00, 100_00, 100_00, 100_00])
    assert found.keys() == {Check.OVER_LIMIT}
    assert found[Check.OVER_LIMIT].value == 0.25
    many: dict[str, Any] = {name: list(cells) * 5 for name, cells in PLAUSIBLE.items()}
    many["account_id"] = [f"a{n}" for n in range(20)]
    many["balance"] = [1_001_00] * 4 + [500_00] * 16
    assert findings(**many) == {}


def test_every_bound_is_of_a_check_and_outside_of_it() -> None:
    assert set(BOUNDS) | {Check(what.value) for what in Assumed} == set(Check)
    found = findings(balance=[1_001_00, 100_00, 100_00, 100_00])[Check.OVER_LIMIT]
    assert (found.low, found.high) == BOUNDS[Check.OVER_LIMIT]


def test_without_balance_nothing_is_divided() -> None:
    assert findings(balance=[0] * 4) == {}


def test_without_probabilities_only_what_was_assumed_is_named() -> None:
    frame = {n: c for n, c in PLAUSIBLE.items() if n != "default_probability"}
    scale = score_scale(0, 1000)
    portfolio = portfolio_of(pd.DataFrame(frame), scale=scale, assumed=(Assumed.CURRENCY,))
    found = load_calibration(portfolio, Assumptions.for_scale(scale))
    assert [one.check for one in found] == [Check.CURRENCY]
    portfolio.door.close()


def test_random_books_have_the_figures_of_pandas() -> None:
    rng = np.random.default_rng(20_271_105)
    size = 5_000
    frame = pd.DataFrame(
        {
            "account_id": [f"A{n}" for n in range(size)],
            "score": rng.integers(350, 951, size),
            "credit_limit": rng.integers(1, 10_000, size) * 100,
            "balance": rng.integers(0, 20_000, size) * 100,
            "default_probability": rng.random(size),
            "monthly_income": rng.integers(1, 100, size) * 100,
        }
    )
    portfolio = portfolio_of(frame, database=EmbeddedDatabase())
    found = {one.check: one.value for one in load_calibration(portfolio, Assumptions())}
    portfolio.door.close()
    p, balance = frame.default_probability, frame.balance
    assert found[Check.PROBABILITY] == pytest.approx(np.average(p, weights=balance), rel=1e-12)
    assert found[Check.OVER_LIMIT] == (balance > frame.credit_limit).mean()
    ratio = np.floor(frame.credit_limit / frame.monthly_income * 100) / 100
    middle = np.sort(ratio)[(size + 1) // 2 - 1]
    assert found[Check.INCOME] == min(middle, HIGHEST_CLASS / HUNDREDTHS)
