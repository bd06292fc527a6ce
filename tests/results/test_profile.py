"""The profile of a portfolio is what pandas finds in the same accounts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.results import profile, simulation
from analytics.results.profile import PROBABILITY_LABELS, UTILIZATION_LABELS, Classes
from tests.portfolios import portfolio_of

REGIONS = ("North", "South", " ", None, "![x](https://canary.invalid)")
LIMITS = st.one_of(
    st.sampled_from([0, 1, 9_999, 10_000, 10_001, 50_000, 100_000, 5_000_000]),
    st.integers(0, 20_000_000),
)


@st.composite
def accounts(draw: st.DrawFn) -> pd.DataFrame:
    """Draw up to thirty accounts, on and beside the edges of the classes."""
    rows = []
    for number in range(draw(st.integers(1, 30))):
        limit = draw(LIMITS)
        tenths = [limit * step // 10 for step in range(11)]
        balance = draw(st.one_of(st.sampled_from(tenths), st.integers(0, 2 * limit + 5)))
        rows.append(
            {
                "account_id": f"A{number}",
                "score": draw(st.integers(350, 950)),
                "credit_limit": limit,
                "balance": balance,
                "default_probability": draw(
                    st.one_of(
                        st.sampled_from([0.0, 0.0005, 0.001, 0.02, 0.5, 1.0]), st.floats(0, 1)
                    )
                ),
                "region": draw(st.sampled_from(REGIONS)),
            }
        )
    return pd.DataFrame(rows)


def as_frame(classes: Classes) -> pd.DataFrame:
    return pd.DataFrame(
        {"accounts": classes.accounts, "limit": classes.limit, "balance": classes.balance},
        index=list(classes.labels),
    )


def counted(frame: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    grouped = frame.groupby(labels, observed=True)
    return pd.DataFrame(
        {
            "accounts": grouped.size(),
            "limit": grouped["credit_limit"].sum() / 100,
            "balance": grouped["balance"].sum() / 100,
        }
    )


def same(found: pd.DataFrame, wanted: pd.DataFrame) -> None:
    filled = found[found["accounts"] > 0]
    assert sorted(filled.index) == sorted(wanted.index)
    pd.testing.assert_frame_equal(
        filled.sort_index(), wanted.sort_index(), check_names=False, check_dtype=False, rtol=1e-12
    )
    assert not found[found["accounts"] == 0].any(axis=None)


def utilization_label(row: Any) -> str:
    if row.balance == 0:
        return "idle"
    if row.balance > row.credit_limit:
        return "over limit"
    tenth = min(row.balance * 10 // row.credit_limit, 9)
    return str(UTILIZATION_LABELS[1 + tenth])


@settings(max_examples=40)
@given(frame=accounts())
def test_the_distributions_are_those_that_pandas_counts(
    database: EmbeddedDatabase, frame: pd.DataFrame
) -> None:
    portfolio = portfolio_of(frame, database=database)
    found = profile.load_profile(portfolio, Assumptions())
    used = pd.Series([utilization_label(row) for row in frame.itertuples()])
    same(as_frame(found.utilization), counted(frame, used))
    edges = [0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, np.inf]
    risk = pd.cut(
        frame["default_probability"], edges, right=False, labels=list(PROBABILITY_LABELS)
    ).astype(str)
    same(as_frame(found.probability), counted(frame, risk))
    for classes in (found.limits, found.utilization, found.probability):
        assert classes.accounts.sum() == len(frame)
        assert classes.limit.sum() == pytest.approx(frame["credit_limit"].sum() / 100)
        assert classes.balance.sum() == pytest.approx(frame["balance"].sum() / 100)


@settings(max_examples=40)
@given(frame=accounts())
def test_the_classes_of_limit_run_from_the_smallest_to_the_largest(
    database: EmbeddedDatabase, frame: pd.DataFrame
) -> None:
    found = profile.load_profile(portfolio_of(frame, database=database), Assumptions())
    steps = [step * 10**power for power in range(2, 12) for step in (1, 2, 5)]
    edges = [0, 0.005, *steps, np.inf]
    labels = ["0", "under 100", *(f"{step:,}+" for step in steps)]
    sized = pd.cut(frame["credit_limit"] / 100, edges, right=False, labels=labels).astype(str)
    same(as_frame(found.limits), counted(frame, sized))
    assert found.limits.accounts[0] > 0
    assert found.limits.accounts[-1] > 0


@settings(max_examples=40)
@given(frame=accounts())
def test_concentration_is_the_share_of_the_largest_lines(
    database: EmbeddedDatabase, frame: pd.DataFrame
) -> None:
    portfolio = portfolio_of(frame, database=database)
    found = profile.load_profile(portfolio, Assumptions()).concentration
    limits = frame["credit_limit"].sort_values(ascending=False).to_numpy(dtype=float)
    total = limits.sum()
    for count in range(len(limits) + 1):
        wanted = limits[:count].sum() / total if total else 0.0
        assert found.limit_of_top(count / len(limits)) == pytest.approx(wanted, abs=1e-12)


@settings(max_examples=30)
@given(frame=accounts(), width=st.sampled_from([1, 7, 20, 600]))
def test_the_pattern_over_the_score_is_that_of_grouped_accounts(
    database: EmbeddedDatabase, frame: pd.DataFrame, width: int
) -> None:
    portfolio = portfolio_of(frame, database=database)
    baseline = simulation.load_baseline(portfolio, Assumptions())
    found = profile.pattern(baseline, width=width)
    grouped = frame.groupby(350 + (frame["score"] - 350) // width * width)
    sums = grouped[["credit_limit", "balance"]].sum()
    assert found.scores.tolist() == sums.index.tolist()
    assert found.accounts.tolist() == grouped.size().tolist()
    mean = grouped["credit_limit"].mean().to_numpy() / 100
    np.testing.assert_allclose(found.mean_limit, mean, rtol=1e-12)
    rates = grouped["default_probability"].mean().to_numpy()
    np.testing.assert_allclose(found.default_rate, rates, rtol=1e-9, atol=1e-15)
    used = (sums["balance"] / sums["credit_limit"].where(sums["credit_limit"] > 0)).to_numpy()
    np.testing.assert_allclose(found.utilization, used.astype(float), rtol=1e-12)


@settings(max_examples=30)
@given(frame=accounts())
def test_the_rows_of_a_segment_are_those_of_grouped_accounts(
    database: EmbeddedDatabase, frame: pd.DataFrame
) -> None:
    portfolio = portfolio_of(frame, segments=("region",), database=database)
    rows = profile.segment_rows(portfolio, Assumptions(), "region")
    blank = frame["region"].isna() | (frame["region"].astype(str).str.strip() == "")
    labels = np.where(blank, "(blank)", frame["region"].astype(str))
    assert sorted(row.label for row in rows) == sorted(set(labels))
    assert [row.accounts for row in rows] == sorted((row.accounts for row in rows), reverse=True)
    for row in rows:
        part = frame[labels == row.label]
        assert row.accounts == len(part)
        assert row.limit == part["credit_limit"].sum() / 100
        assert row.balance == part["balance"].sum() / 100
        unused = (part["credit_limit"] - part["balance"]).clip(lower=0).sum() / 100
        assert row.unused == unused
        assert row.mean_score == pytest.approx(part["score"].mean())
        assert row.default_rate == pytest.approx(part["default_probability"].mean(), abs=1e-15)
