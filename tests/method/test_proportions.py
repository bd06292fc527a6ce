"""Intervals of shares: published ones, and what an interval of a ratio must be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from analytics.method.proportions import CONFIDENCE, Counted, ratio_interval, share_interval


@pytest.mark.parametrize(
    ("found", "accounts", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, 857-872, Table I: method 3, the score interval.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_the_published_one(
    found: int, accounts: int, low: float, high: float
) -> None:
    assert share_interval(Counted(found, accounts)) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("accounts", [1, 2, 7, 30, 199_999, 10_000_000])
def test_the_interval_of_a_share_is_that_of_the_statistics_library(accounts: int) -> None:
    for found in sorted({0, 1, accounts // 3, accounts - 1, accounts}):
        expected = binomtest(found, accounts).proportion_ci(CONFIDENCE, method="wilson")
        assert share_interval(Counted(found, accounts)) == pytest.approx(
            (expected.low, expected.high), rel=1e-9, abs=1e-15
        )


@pytest.mark.parametrize("counted", [(0, 0), (3, 2), (-1, 4)])
def test_what_is_no_share_has_no_interval(counted: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is no share"):
        share_interval(Counted(*counted))


def test_none_and_all_are_mirrored_and_stay_within_0_and_1() -> None:
    none, everybody = share_interval(Counted(0, 40)), share_interval(Counted(40, 40))
    assert none.low == 0.0
    assert everybody.high == 1.0
    assert none.high == pytest.approx(1 - everybody.low)
    squared = 1.959963984540054**2
    assert none.high == pytest.approx(squared / (40 + squared))


def test_a_difference_of_shares_excludes_0_where_the_published_one_does() -> None:
    # Newcombe 1998, Statistics in Medicine 17, 873-890, Table II (a), method 10: 56/70 - 48/80 has
    # 0.0524 to 0.3339. The same Wilson limits, squared and added, make the interval of the ratio.
    one, two = Counted(56, 70), Counted(48, 80)
    assert contrast(one, two, 1.0) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    low, high = ratio_interval(one, two)
    assert 1.0 < low < one.share / two.share < high


@pytest.mark.parametrize(
    ("one", "two"),
    [((60, 100), (80, 100)), ((3, 31), (900, 1000)), ((0, 40), (25, 40)), ((40, 40), (35, 36))],
)
def test_the_ends_of_a_ratio_are_the_multiples_at_which_the_contrast_touches_0(
    one: tuple[int, int], two: tuple[int, int]
) -> None:
    counted, other = Counted(*one), Counted(*two)
    low, high = ratio_interval(counted, other)
    assert contrast(counted, other, high)[1] == pytest.approx(0.0, abs=1e-12)
    assert contrast(counted, other, low)[0] == pytest.approx(0.0, abs=1e-12)
    assert low <= counted.share / other.share <= high


def test_a_share_that_is_hardly_known_has_a_lowest_multiple_all_the_same() -> None:
    low, high = ratio_interval(Counted(2, 40), Counted(1, 2_000))
    assert 0 < low < 100 < high
    assert math.isfinite(high)


def test_the_interval_of_a_ratio_holds_it_19_times_in_20() -> None:
    random = np.random.default_rng(5)
    draws = zip(random.binomial(120, 0.4, 800), random.binomial(300, 0.5, 800), strict=True)
    held = [
        interval.low <= 0.8 <= interval.high
        for one, two in draws
        for interval in (ratio_interval(Counted(int(one), 120), Counted(int(two), 300)),)
    ]
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


def test_a_share_of_0_has_no_multiples() -> None:
    with pytest.raises(ValueError, match="multiples"):
        ratio_interval(Counted(1, 2), Counted(0, 40))


def contrast(one: Counted, two: Counted, factor: float) -> tuple[float, float]:
    """Return the interval of one share less ``factor`` times the other, squared and added."""
    (low, high), (other_low, other_high) = share_interval(one), share_interval(two)
    middle = one.share - factor * two.share
    down = math.hypot(one.share - low, factor * (other_high - two.share))
    up = math.hypot(high - one.share, factor * (two.share - other_low))
    return middle - down, middle + up
