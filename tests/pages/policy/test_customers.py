"""The customers page: who is raised and how customers fare, by the oracle's own groups."""

from __future__ import annotations

import re
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


def ends(found: int, accounts: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson's roots."""
    z, share = 1.959963984540054, found / accounts
    roots = np.roots([1 + z**2 / accounts, -(2 * share + z**2 / accounts), share**2]).real
    low, high = sorted(roots)
    return float(low), float(high)


def means(wanted: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Return the mean raise of each group that is judged by it, to the highest."""
    found = {
        label: group["effective_raise"] / group["raised"]
        for label, group in wanted.items()
        if group["raised"] >= FEW
    }
    return {label: mean / max(found.values()) for label, mean in found.items()}


def lows(wanted: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Return who is under four fifths of the highest, and in what."""
    judged = {
        label: (group["raised"], group["baseline"]["accounts"])
        for label, group in wanted.items()
        if group["baseline"]["accounts"] >= FEW
    }
    shares = {label: raised / accounts for label, (raised, accounts) in judged.items()}
    best = max(shares, key=lambda label: shares[label])
    to_best, found = means(wanted), {}
    for label, counted in judged.items():
        above = ends(*counted)[1] - shares[label]
        below = 0.8 * (shares[best] - ends(*judged[best])[0])
        low = []
        if label != best and shares[label] + np.hypot(above, below) < 0.8 * shares[best]:
            low.append("share raised")
        if to_best.get(label, 1.0) < 0.8:
            low.append("mean raise")
        if low:
            found[label] = low
    return found


def test_shares_have_intervals_and_one_sentence_names_who_is_judged_low(
    page: AppTest, frame: pd.DataFrame, segment: str
) -> None:
    table = reading.table(page, f"Who gets the raise, by {segment}")
    wanted = groups(frame, segment)
    to_best = means(wanted)
    for label, group in wanted.items():
        row, accounts = table.loc[label], group["baseline"]["accounts"]
        assert row["95 % interval"] == formats.percent_interval(ends(group["raised"], accounts))
        if accounts < FEW:
            assert row["to the highest"] == row["highest = 1"] == "few"
            continue
        mean = to_best.get(label)
        text = formats.DASH if mean is None else formats.significant(mean, 2)
        assert row["highest = 1"] == text
    judged = table[table["to the highest"] != "few"]
    plain = [cell for cell in judged["to the highest"] if "(" not in cell]
    assert plain == ["1.0"], "all but the highest have an interval"
    assert driver.notes(page) == [], "one sentence, no list of warnings"
    low = lows(wanted)
    named = [f"{label} ({', '.join(what)})" for label, what in low.items()][:4]
    heading = (
        f"Under four fifths of the highest, by {segment}: {', '.join(named)}"
        if low
        else f"No group of {segment} is clearly under four fifths"
    )
    headings = [re.sub(r"\\(?=\W|_)", "", text) for text in said(page)]
    assert any(heading in text for text in headings), (heading, headings)


def test_the_shares_of_the_groups_are_charted(page: AppTest, segment: str) -> None:
    alts = [chart.proto.alt for chart in page.get("plotly_chart")]
    assert f"Share raised with its 95 % interval, by {segment}" in alts


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
