"""The value page: each figure against the oracle's simulation under the assumption it names."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics.assumptions import described
from analytics.declared.assumption_parameters import BandParameter
from analytics.declared.cases import CASES
from analytics.declared.measures import BY_NAME
from analytics.shown import formats
from tests.oracle import DEFAULT_ASSUMPTIONS, preset, simulate
from tests.pages import driver, reading
from tests.pages.driver import VALUE
from tests.pages.policy.raising import LINK, POLICY
from tests.pages.reading import said, spaced

MOVED_ALIKE = {
    "Default probability, all accounts": ("default_probability", 0.6, 1.7),
    "Loss given default, all accounts": ("loss_given_default", 0.82, 1.12),
}
"""What multiplies a column of every account: the column, the low and the high case."""
IN_TIME = (
    "npv",
    "payback_months",
    "first_year_value",
    "first_year_profit",
    "provision_day_one",
    "net_value",
    "capital_charge",
    "rwa",
    "new_debt",
    "moved_balance",
)
CLOSE = 0.003
"""How near pools come to the accounts one by one, as a share of the figure."""


@pytest.fixture(scope="module")
def page(thousand: AppTest) -> AppTest:
    app = driver.followed(thousand, VALUE, **LINK)
    assert driver.complaints(app) == []
    return app


@pytest.fixture(scope="module")
def central(frame: pd.DataFrame) -> dict[str, Any]:
    return simulate(frame, POLICY, DEFAULT_ASSUMPTIONS)


def increment(
    frame: pd.DataFrame, measure: str = "net_value", times: dict[str, float] | None = None, **c: Any
) -> float:
    """Return the oracle's increment, with columns of all accounts multiplied, at most 1."""
    moved = frame.copy()
    for column, factor in (times or {}).items():
        moved[column] = np.minimum(moved[column] * factor, 1.0)
    found: float = simulate(moved, POLICY, DEFAULT_ASSUMPTIONS | c)["increment"][measure]
    return found


# ---- Value by month


@pytest.fixture(scope="module")
def responses(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The oracle's results under each response."""
    return {
        name: simulate(frame, POLICY, DEFAULT_ASSUMPTIONS | preset(name))
        for name in ("low", "central", "high")
    }


def test_the_cumulated_value_is_the_oracles_under_each_response(
    page: AppTest, responses: dict[str, dict[str, Any]]
) -> None:
    drawn = [t for t in reading.chart(page, "months")["data"] if t.get("name") in responses]
    assert len(drawn) == 6
    for trace in drawn:
        flows = responses[trace["name"]]["time"]["months"]
        value = np.array([0.0, *(row["cumulated"] for row in flows)])
        np.testing.assert_allclose(trace["y"], value[: len(trace["y"])], rtol=1e-9, atol=1e-6)


def test_the_months_parts_are_the_oracles(
    page: AppTest, responses: dict[str, dict[str, Any]]
) -> None:
    flows = responses["central"]["time"]["months"]
    shown = reading.traces(page, "flows")
    signs = {"margin": 1, "retained": 1, "capital": -1, "loss_booked": -1, "value": 1}
    titles = (
        "margin",
        "retained customers",
        "capital charge",
        "losses booked",
        "value of the month",
    )
    for title, (name, sign) in zip(titles, signs.items(), strict=True):
        wanted = [sign * row[name] for row in flows]
        np.testing.assert_allclose(shown[title]["y"], wanted, rtol=1e-9, atol=1e-6)


def test_value_and_provisions_stand_under_each_response(
    page: AppTest, responses: dict[str, dict[str, Any]]
) -> None:
    table = reading.table(page, "Value, provisions and capital")
    assert list(table.columns) == list(responses)
    for name in IN_TIME:
        for response, result in responses.items():
            value = result["increment"][name]
            shown = table.loc[BY_NAME[name].title, response]
            assert shown == formats.change(name, value), (name, response)
    heading = next(text for text in said(page) if "Provisions: " in text)
    day_one = formats.compact(responses["central"]["increment"]["provision_day_one"])
    assert spaced(f"**Provisions: {day_one} on day one**") in heading
    assert "IFRS 9" in heading


def test_the_heading_of_the_months_says_when_it_pays(
    page: AppTest, responses: dict[str, dict[str, Any]]
) -> None:
    paid = responses["central"]["increment"]["payback_months"]
    start = "**It never pays back" if paid is None else f"**Pays from month {paid}"
    assert any(text.startswith(start) for text in said(page))


# ---- The waterfall


def steps(page: AppTest) -> dict[str, float]:
    (trace,) = reading.chart(page, "waterfall")["data"]
    shown = [reading.number(text) for text in trace["customdata"]]
    assert shown == pytest.approx(list(map(float, trace["x"])), abs=0.5)
    return dict(zip(trace["y"], map(float, trace["x"]), strict=True))


def test_each_step_of_the_waterfall_is_the_oracles(
    page: AppTest, frame: pd.DataFrame, central: dict[str, Any]
) -> None:
    edges = DEFAULT_ASSUMPTIONS["band_edges"]
    band = np.searchsorted(edges[1:], frame["score"].to_numpy(dtype=int), side="right")
    by_band = simulate(
        frame.assign(band=[str(number) for number in band]), POLICY, DEFAULT_ASSUMPTIONS, by="band"
    )["groups"]
    more, parts = central["increment"], central["expected_loss_parts"]
    wanted = {
        "Interest on new balance": sum(
            group["increment"]["balance"] * DEFAULT_ASSUMPTIONS["yield_rate"][int(number)]
            for number, group in by_band.items()
        ),
        "Funding": -0.025 * more["balance"],
        "Operating cost": -0.005 * more["balance"],
        "Margin": more["margin"],
        "Retained customers": more["retained"],
        "Loss: new exposure": -parts["new_exposure"],
        "Loss: old balance": -parts["old_balance"],
        "Loss: cross": -parts["cross"],
        "Capital charge": -more["capital_charge"],
        "Cost of raising": -more["action_cost"],
        "Net value, run rate": more["net_value"],
    }
    assert steps(page) == pytest.approx(wanted, rel=1e-9, abs=1e-6)


def test_the_steps_of_the_waterfall_add_up_to_its_sums(page: AppTest) -> None:
    (trace,) = reading.chart(page, "waterfall")["data"]
    running = 0.0
    totals = 0
    for kind, amount in zip(trace["measure"], map(float, trace["x"]), strict=True):
        if kind == "total":
            totals += 1
            assert amount == pytest.approx(running, abs=1e-6)
        else:
            running += amount
    assert totals == 2


def test_every_step_is_written_as_its_amount(page: AppTest) -> None:
    (trace,) = reading.chart(page, "waterfall")["data"]
    texts = [f"<b>{formats.signed(formats.compact(v), v)}</b>" for v in map(float, trace["x"])]
    assert list(trace["text"]) == texts


def test_the_heading_gives_the_return_on_the_capital_that_the_raise_needs(
    page: AppTest, central: dict[str, Any]
) -> None:
    more = central["increment"]
    earned = more["margin"] + more["retained"] - more["expected_loss"] - more["action_cost"]
    returned = earned / (DEFAULT_ASSUMPTIONS["capital_ratio"] * more["rwa"])
    returned += DEFAULT_ASSUMPTIONS["funding_rate"]
    heading = next(text for text in said(page) if text.startswith("**The policy pays"))
    assert f"The policy pays: {returned * 100:.3g} % on the capital it needs" in heading
    assert "against 12 %" in heading
    balance = spaced(formats.compact(more["balance"]))
    assert f"from {balance} of new balance" in heading


# ---- Break-evens


def at_break_even(frame: pd.DataFrame, title: str, value: float) -> float:
    """Return the increment of npv with one driver alone at a value."""
    assumed = DEFAULT_ASSUMPTIONS
    if title in MOVED_ALIKE:
        return increment(frame, "npv", times={MOVED_ALIKE[title][0]: value})
    scaled = {
        "Response of balance": ("elasticity", "idle_draw"),
        "Uplift of default probability": ("pd_uplift",),
    }
    if title in scaled:
        changes = {name: np.multiply(assumed[name], value) for name in scaled[title]}
        return increment(frame, "npv", **changes)
    names = {
        "Credit conversion factor": "credit_conversion_factor",
        "Funding cost": "funding_rate",
    }
    return increment(frame, "npv", **{names[title]: value})


def test_at_each_break_even_the_oracles_value_turns(page: AppTest, frame: pd.DataFrame) -> None:
    table = reading.table(page, "Break-evens")
    turned = 0
    for title, row in table.iterrows():
        value = reading.number(row["turns at"])
        if math.isnan(value):
            continue
        turned += 1
        # Three digits are shown: the sign changes within the last of them.
        below, above = (at_break_even(frame, str(title), value * f) for f in (0.99, 1.01))
        assert below * above < 0, (title, value, below, above)
        now = reading.number(row["now"])
        assert reading.number(row["room"]) == pytest.approx(value / now - 1, rel=0.05, abs=0.01)
    assert turned >= 4


def test_where_no_break_even_is_shown_the_policy_pays_throughout(
    page: AppTest, frame: pd.DataFrame
) -> None:
    row = reading.table(page, "Break-evens").loc["Loss given default, all accounts"]
    assert row["turns at"] == row["room"] == formats.DASH
    assert all(increment(frame, "npv", times={"loss_given_default": f}) > 0 for f in (0.0, 1.0))
    at_most = frame.assign(loss_given_default=1.0)
    assert increment(at_most, "npv") > 0
    assert any("pays up to a loss given default of 100 %" in text for text in said(page))


def test_the_heading_names_the_break_even_that_is_nearest(page: AppTest) -> None:
    room = reading.table(page, "Break-evens")["room"].map(reading.number).abs()
    nearest = str(room.idxmin())
    assert any(
        text.startswith(f"**The sign turns soonest where {nearest.lower()}") for text in said(page)
    )


# ---- The tornado and any two together


def settings_of(title: str) -> tuple[str, Any, Any]:
    """Return an assumption's name, low and high case, by its title on the page."""
    titles = {}
    for name, case in CASES.items():
        declared = described(name)
        parameter = declared.declared if isinstance(declared, BandParameter) else declared
        titles[parameter.title] = (name, case.low, case.high)
    return titles[title]


def simulated(frame: pd.DataFrame, title: str, case: str, measure: str) -> float:
    if title in MOVED_ALIKE:
        column, low, high = MOVED_ALIKE[title]
        return increment(frame, measure, {column: low if case == "low case" else high})
    name, low, high = settings_of(title)
    return increment(frame, measure, **{name: low if case == "low case" else high})


@pytest.mark.parametrize("measure", ["npv", "net_value", "ead"])
def test_each_bar_of_the_tornado_ends_where_the_oracle_does(
    page: AppTest, frame: pd.DataFrame, measure: str, central: dict[str, Any]
) -> None:
    page.selectbox(key="moved").select(measure).run()
    bars = reading.traces(page, "tornado")
    centre = central["increment"][measure]
    assert list(bars) == ["low case", "high case"]
    swings = []
    for case, trace in bars.items():
        for title, off, base in zip(trace["y"], trace["x"], trace["base"], strict=True):
            assert base == pytest.approx(centre, rel=1e-6)
            wanted = simulated(frame, title, case, measure)
            irb = title == "Capital approach" and case == "high case"
            room = (0.02 if irb else CLOSE) * max(abs(wanted), abs(centre))
            assert base + off == pytest.approx(wanted, abs=room), (title, case)
            swings.append(base + off)
    half = len(swings) // 2
    widths = [abs(high - low) for low, high in zip(swings[:half], swings[half:], strict=True)]
    assert half >= 4
    assert all(first >= second - 1e-9 for first, second in itertools.pairwise(widths))
    page.selectbox(key="moved").select("npv").run()


def test_the_heading_names_the_widest_bar(page: AppTest) -> None:
    first = reading.traces(page, "tornado")["low case"]["y"][0]
    assert any(f"hangs most on: {first.lower()}**" in text for text in said(page))


def test_the_corners_of_any_two_together_are_the_oracles(
    page: AppTest, frame: pd.DataFrame
) -> None:
    page.selectbox(key="two_first").select("funding_rate")
    page.selectbox(key="two_second").select("default_probability").run()
    (trace,) = reading.chart(page, "two_way")["data"]
    for row, funding in ((0, 0.02), (-1, 0.04)):
        for column, factor in ((0, 0.6), (-1, 1.7)):
            wanted = increment(
                frame, "npv", times={"default_probability": factor}, funding_rate=funding
            )
            shown = float(trace["z"][row][column])
            assert shown == pytest.approx(wanted, abs=CLOSE * max(abs(wanted), 1_000))
            assert trace["text"][row][column] == formats.compact(shown)
    assert [spaced(trace["y"][end]) for end in (0, -1)] == ["2 %", "4 %"]
    assert [spaced(trace["x"][end]) for end in (0, -1)] == ["x 0.6", "x 1.7"]


def test_two_assumptions_that_are_the_same_are_answered_in_words(page: AppTest) -> None:
    page.selectbox(key="two_second").select("funding_rate").run()
    assert "Choose two assumptions that differ." in said(page)
    assert driver.complaints(page) == []


def test_the_raise_for_some_days_stands_beside_the_same_for_good(
    page: AppTest, frame: pd.DataFrame, central: dict[str, Any]
) -> None:
    table = reading.table(page, "The raise for some days and for good")
    short = simulate(frame, POLICY | {"temporary_days": 30}, DEFAULT_ASSUMPTIONS)
    for name in ("net_value", "balance", "ead", "expected_loss", "thin_cover", "short_cover"):
        assert table.loc[BY_NAME[name].title].tolist() == [
            formats.change(name, side["increment"][name]) for side in (short, central)
        ]
    assert table.loc["Above the old limit at the end", "For good"] == formats.DASH
    assert any("For 30 days the raises bring" in text for text in said(page))
