"""The customers page: who is raised and how customers fare, by the oracle's own groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics.shown import formats
from tests.oracle import DEFAULT_ASSUMPTIONS, simulate
from tests.pages import driver, reading
from tests.pages.driver import CUSTOMERS
from tests.pages.policy.raising import LINK, POLICY
from tests.pages.reading import said

EDGES = DEFAULT_ASSUMPTIONS["band_edges"]
FEW = 30
"""Groups of fewer accounts are not judged, nor an average over fewer raises."""


@pytest.fixture(scope="module")
def page(thousand: AppTest) -> AppTest:
    app = driver.followed(thousand, CUSTOMERS, **LINK)
    assert driver.complaints(app) == []
    return app


@pytest.fixture(scope="module", params=["region", "age_band", "channel"])
def segment(request: pytest.FixtureRequest, page: AppTest) -> str:
    """Each segment in turn, chosen on the page."""
    page.selectbox(key="customers_segment").select(request.param).run()
    assert driver.complaints(page) == []
    return str(request.param)


def groups(frame: pd.DataFrame, by: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = simulate(frame, POLICY, DEFAULT_ASSUMPTIONS, by=by)["groups"]
    return found


def fares(group: dict[str, Any]) -> list[str]:
    """Return a row of the table: how the customers of a group fare."""
    sides = [group[side] for side in ("baseline", "proposed", "increment")]
    row = [formats.count(sides[0]["accounts"])]
    for name in ("strained", "over_indebted", "thin_cover", "short_cover"):
        before, after, more = (side[name] for side in sides)
        shown = [formats.count(value) for value in (before, after)]
        moved = formats.signed(formats.count(more), more)
        row.append(f"{shown[0]} {formats.ARROW} {shown[1]} ({moved})" if more else shown[0])
    row.append(formats.count(group["relieved"]))
    return [*row, *(formats.compact(sides[2][name]) for name in ("new_debt", "moved_balance"))]


def test_how_customers_fare_by_band_is_the_oracles(page: AppTest, frame: pd.DataFrame) -> None:
    table = reading.table(page, "How customers fare, by score band")
    place = np.searchsorted(EDGES[1:], frame["score"].to_numpy(dtype=int), side="right")
    ends = [str(edge - 1) for edge in EDGES[1:]]
    labels = [f"{start}-{end}" for start, end in zip(EDGES, ends, strict=False)]
    labels.append(f"{EDGES[-1]}+")
    by_band = groups(frame.assign(band=[labels[index] for index in place]), "band")
    assert list(table.index) == ["Total", *reversed(labels)]
    total = simulate(frame, POLICY, DEFAULT_ASSUMPTIONS)
    assert table.loc["Total"].tolist() == fares(total)
    for label in labels:
        assert table.loc[label].tolist() == fares(by_band[label]), label
    for name in ("thin_cover", "short_cover", "new_debt", "moved_balance"):
        assert total["increment"][name], f"{name} does not move: the test says nothing"


def test_the_heading_says_what_the_policy_does_to_customers(
    page: AppTest, frame: pd.DataFrame
) -> None:
    more = simulate(frame, POLICY, DEFAULT_ASSUMPTIONS)["increment"]
    heading = next(text for text in said(page) if text.startswith("# Customers: "))
    assert "nobody newly strained" in heading, "the ceiling of affordability is on"
    assert f"{formats.count(-more['thin_cover'])} fewer with thin cover" in heading
    assert f"{formats.count(-more['short_cover'])} fewer with short cover" in heading


def test_how_customers_fare_by_segment_is_the_oracles(
    page: AppTest, frame: pd.DataFrame, segment: str
) -> None:
    table = reading.table(page, f"How customers fare, by {segment}")
    wanted = groups(frame, segment)
    assert list(table.index) == sorted(wanted)
    for label, group in wanted.items():
        assert table.loc[label].tolist() == fares(group), label


def test_who_gets_the_raise_is_the_oracles(
    page: AppTest, frame: pd.DataFrame, segment: str
) -> None:
    table = reading.table(page, f"Who gets the raise, by {segment}")
    wanted = groups(frame, segment)
    assert list(table.index) == sorted(wanted)
    for label, group in wanted.items():
        accounts, raised = group["baseline"]["accounts"], group["raised"]
        limit = group["reasons"]["raised"]["limit"]
        row = table.loc[label]
        assert row["Accounts"] == formats.count(accounts)
        assert row["Raised"] == formats.count(raised)
        assert row["Share raised"] == formats.percent(raised / accounts)
        mean = group["effective_raise"] / raised if raised else None
        assert row["Mean raise"] == formats.compact(mean)
        of_limit = group["effective_raise"] / limit if raised else None
        assert row["of the limit"] == formats.percent(of_limit)


def ratios(wanted: dict[str, dict[str, Any]]) -> dict[str, tuple[float | None, float | None]]:
    """Return approval rate and mean raise of each group, each to the highest; None if unjudged."""
    accounts = {label: group["baseline"]["accounts"] for label, group in wanted.items()}
    rates = {label: group["raised"] / accounts[label] for label, group in wanted.items()}
    means = {
        label: group["effective_raise"] / group["raised"]
        for label, group in wanted.items()
        if group["raised"] >= FEW and accounts[label] >= FEW
    }
    highest = max(rate for label, rate in rates.items() if accounts[label] >= FEW)
    return {
        label: (
            rates[label] / highest if accounts[label] >= FEW else None,
            means[label] / max(means.values()) if label in means else None,
        )
        for label in wanted
    }


def test_the_ratios_are_to_the_highest_group_and_four_fifths_is_said(
    page: AppTest, frame: pd.DataFrame, segment: str
) -> None:
    table = reading.table(page, f"Who gets the raise, by {segment}")
    wanted = ratios(groups(frame, segment))
    under = []
    for label, (approval, mean) in wanted.items():
        row = table.loc[label]
        if approval is None:
            assert row["to the highest"] == row["highest = 1"] == "few"
            continue
        assert row["to the highest"] == formats.significant(approval, 2)
        text = formats.DASH if mean is None else formats.significant(mean, 2)
        assert row["highest = 1"] == text
        for ratio, what in ((approval, "approval rate"), (mean, "average raise")):
            if ratio is not None and ratio < 0.8:
                under.append((label, f"{label}: the {what} is {ratio * 100:.0f} % of the highest"))
    assert [note.partition(" group's")[0] for note in driver.notes(page)] == [
        text for _, text in under
    ]
    count = len({label for label, _ in under})
    heading = (
        f"{count} of {len(wanted)} groups of {segment} {'is' if count == 1 else 'are'} under four"
        if count
        else f"No group of {segment} is under four"
    )
    assert any(heading in text for text in said(page))


def test_without_incomes_the_page_says_what_is_not_known() -> None:
    rows = [f"A{number},{600 + number},5000,1000,x" for number in range(40)]
    header = "account_id,score,credit_limit,balance,shop"
    app = driver.with_portfolio("no incomes.csv", driver.accounts_csv(rows, header))
    driver.followed(app, CUSTOMERS, score_threshold="610", raise_rate="0.1")
    assert driver.complaints(app) == []
    assert any("no column monthly_income" in note for note in driver.notes(app))
    table = reading.table(app, "How customers fare, by shop")
    for name in ("Strained", "Over-indebted", "Thin cover", "Short cover"):
        assert table.loc["x", name] == formats.DASH
    assert table.loc["x", "Relieved"] == "0"
