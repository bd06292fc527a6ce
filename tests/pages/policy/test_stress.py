"""The stress page, held against every account stressed by itself, and against drawn years."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy.special import ndtri
from streamlit.testing.v1 import AppTest

from analytics.results.stress import ACCURACY
from analytics.shown import formats
from tests.oracle import DEFAULT_ASSUMPTIONS
from tests.oracle.columns import read_columns
from tests.oracle.decision import decide, read_policy
from tests.oracle.measures import baseline_and_raised, conditional_probability
from tests.oracle.response import Response, respond
from tests.pages import driver, reading
from tests.pages.driver import STRESS
from tests.pages.policy.raising import LINK, POLICY
from tests.pages.reading import said, spaced

Floats = npt.NDArray[np.float64]
CORRELATION = np.array(DEFAULT_ASSUMPTIONS["asset_correlation"])
MINOR_UNITS = 100
TITLES = ("Base", "1 in 20 years", "1 in 1,000 years", "Ant 2020")


@pytest.fixture(scope="module")
def page(thousand: AppTest) -> AppTest:
    app = driver.followed(thousand, STRESS, **LINK)
    assert driver.complaints(app) == []
    return app


@pytest.fixture(scope="module")
def response(frame: pd.DataFrame) -> Response:
    columns = read_columns(frame)
    return respond(columns, decide(columns, read_policy(POLICY)), DEFAULT_ASSUMPTIONS)


@pytest.fixture(scope="module")
def wanted(frame: pd.DataFrame, response: Response) -> dict[str, dict[str, tuple[float, float]]]:
    """Baseline and proposed by measure, for each scenario."""
    moved = {
        "Base": response,
        "1 in 20 years": in_year(response, 20),
        "1 in 1,000 years": in_year(response, 1000),
        "Ant 2020": at_odds(response, 1.7),
    }
    return {title: sums(frame, found) for title, found in moved.items()}


def in_year(response: Response, years: float) -> Response:
    """Every default probability given the factor of the worst year in so many."""
    factor = float(ndtri(1 / years))
    return dataclasses.replace(
        response,
        probability0=conditional_probability(response.probability0, CORRELATION, factor),
        probability1=conditional_probability(response.probability1, CORRELATION, factor),
    )


def at_odds(response: Response, times: float) -> Response:
    def moved(probability: Floats) -> Floats:
        return times * probability / (1 - probability + times * probability)

    return dataclasses.replace(
        response,
        probability0=moved(response.probability0),
        probability1=moved(response.probability1),
    )


def sums(frame: pd.DataFrame, response: Response, **changes: Any) -> dict[str, tuple[float, float]]:
    """Sum every account's own measures, in currency units."""
    assumptions = DEFAULT_ASSUMPTIONS | changes
    before, after, _ = baseline_and_raised(read_columns(frame), response, assumptions)
    money = ("expected_loss", "ead", "rwa")
    found = {
        name: (math.fsum(before[name]) / MINOR_UNITS, math.fsum(after[name]) / MINOR_UNITS)
        for name in money
    }
    defaults = "projected_defaults"
    return found | {defaults: (math.fsum(before[defaults]), math.fsum(after[defaults]))}


def test_the_bars_are_the_accounts_stressed_one_by_one(
    page: AppTest, wanted: dict[str, dict[str, tuple[float, float]]]
) -> None:
    bars = reading.traces(page, "stress")
    standing, policy = bars["baseline"], bars["the policy's doing"]
    assert tuple(standing["y"]) == tuple(policy["y"]) == TITLES
    for index, title in enumerate(TITLES):
        before, after = wanted[title]["expected_loss"]
        close = 1e-9 if title == "Base" else ACCURACY
        assert standing["x"][index] == pytest.approx(before, rel=close)
        assert policy["x"][index] == pytest.approx(after - before, rel=close)


def test_the_table_is_the_accounts_stressed_one_by_one(
    page: AppTest, wanted: dict[str, dict[str, tuple[float, float]]]
) -> None:
    table = reading.table(page, "Outcomes by scenario")
    assert tuple(table.index) == TITLES
    for title, row in table.iterrows():
        figures = wanted[str(title)]
        before, after = figures["expected_loss"]
        defaults = figures["projected_defaults"]
        shown = {
            "Defaults": defaults[0],
            "Δ defaults": defaults[1] - defaults[0],
            "Expected loss": before,
            "proposed": after,
            "Δ loss": after - before,
            "Loss rate": before / figures["ead"][0],
            "rate proposed": after / figures["ead"][1],
            "policy's share": (after - before) / after,
        }
        for column, value in shown.items():
            # Three digits are shown; defaults in whole accounts.
            room = {"abs": 0.51} if column == "Defaults" else {"rel": ACCURACY + 0.005}
            assert reading.number(row[column]) == pytest.approx(value, **room), (title, column)


def test_the_base_is_the_simulation_without_stress(
    page: AppTest, wanted: dict[str, dict[str, tuple[float, float]]]
) -> None:
    row = reading.table(page, "Outcomes by scenario").loc["Base"]
    before, after = wanted["Base"]["expected_loss"]
    assert [row["Expected loss"], row["proposed"]] == [
        formats.compact(before),
        formats.compact(after),
    ]
    assert row["stresses"] == "nothing stressed"


def test_the_heading_names_the_scenario_of_the_largest_loss(
    page: AppTest, wanted: dict[str, dict[str, tuple[float, float]]]
) -> None:
    worst = max(wanted, key=lambda title: wanted[title]["expected_loss"][1])
    heading = next(text for text in said(page) if "The policy adds " in text)
    assert f"of the loss under {worst}" in heading
    before, after = wanted[worst]["expected_loss"]
    assert reading.number(heading) == pytest.approx((after - before) / after, rel=0.01)


def test_capital_is_the_oracles_under_each_approach(
    page: AppTest, frame: pd.DataFrame, response: Response
) -> None:
    table = reading.table(page, "Capital by approach")
    approaches = {
        "Standardised": ("standardised", 0.0),
        "IRB, qualifying revolving": ("irb_qrre", 0.003),
        "IRB, other retail": ("irb_other_retail", 0.003),
    }
    assert list(table.index) == list(approaches)
    ratio = DEFAULT_ASSUMPTIONS["capital_ratio"]
    for title, (approach, off) in approaches.items():
        before, after = sums(frame, response, capital_approach=approach)["rwa"]
        row = table.loc[title]
        shown = {
            "RWA": before,
            "proposed": after,
            "Capital": ratio * before,
            "capital proposed": ratio * after,
            "Δ capital": ratio * (after - before),
        }
        for column, value in shown.items():
            if off:
                # The formula is taken at the mean of a pool; three digits are shown.
                wide = 0.02 if column == "Δ capital" else off + 0.005
                assert reading.number(row[column]) == pytest.approx(value, rel=wide), column
            else:
                text = formats.compact(value)
                assert row[column] == (formats.signed(text, value) if "Δ" in column else text)


def losses(response: Response, *, raised: bool) -> Floats:
    """Return what each account loses by its default, in currency units."""
    limit, balance = (
        (response.limit1, response.balance1) if raised else (response.limit0, response.balance0)
    )
    exposed = balance + 0.2 * np.maximum(limit - balance, 0.0)
    return exposed * response.loss_given_default / MINOR_UNITS


def drawn_years(response: Response, *, raised: bool, years: int = 40_000) -> Floats:
    """Draw years: a factor, then each account's default by its probability given the factor."""
    rng = np.random.default_rng(20_260_407)
    probability = (response.probability1 if raised else response.probability0)[None, :]
    lost = losses(response, raised=raised)
    found = []
    for _ in range(years // 2_000):
        given = conditional_probability(probability, CORRELATION, rng.standard_normal((2_000, 1)))
        found.append((rng.random(given.shape) < given) @ lost)
    return np.concatenate(found)


@pytest.fixture(scope="module")
def drawn(response: Response) -> dict[str, Floats]:
    """Losses of drawn years on each side."""
    return {
        "baseline": drawn_years(response, raised=False),
        "proposed": drawn_years(response, raised=True),
    }


def test_the_marks_of_the_distribution_are_those_of_drawn_years(
    page: AppTest, response: Response, drawn: dict[str, Floats]
) -> None:
    marks = dict(text.split(": ") for text in reading.annotations(page, "distribution"))
    assert list(marks) == ["expected", "95 %", "99.9 %"]
    expected = float(response.probability1 @ losses(response, raised=True))
    shown = [reading.number(text) for text in marks.values()]
    assert shown[0] == pytest.approx(expected, rel=0.006)
    assert shown[1] == pytest.approx(np.quantile(drawn["proposed"], 0.95), rel=0.02)
    assert shown[2] == pytest.approx(np.quantile(drawn["proposed"], 0.999), rel=0.05)


def test_the_densities_of_the_distribution_are_those_of_drawn_years(
    page: AppTest, drawn: dict[str, Floats]
) -> None:
    curves = reading.traces(page, "distribution")
    for name, years in drawn.items():
        x, y = np.asarray(curves[name]["x"]), np.asarray(curves[name]["y"])
        below = np.cumsum(y) * (x[1] - x[0])
        for share in (0.1, 0.5, 0.9):
            at = np.interp(np.quantile(years, share), x, below)
            assert at == pytest.approx(share, abs=0.015), (name, share)


def test_economic_capital_is_the_worst_year_less_the_expected_loss(
    page: AppTest, drawn: dict[str, Floats]
) -> None:
    heading = next(text for text in said(page) if text.startswith("**Economic capital"))
    first, second = heading.split(formats.ARROW)
    shown = {"baseline": reading.number(first), "proposed": reading.number(second)}
    for side, value in shown.items():
        years = drawn[side]
        assert value == pytest.approx(np.quantile(years, 0.999) - years.mean(), rel=0.06)
    more = reading.number(second.split("(")[1])
    assert more == pytest.approx(shown["proposed"] - shown["baseline"], abs=1_000)


def test_a_scenario_of_ones_own_is_the_accounts_stressed_so(
    thousand: AppTest, frame: pd.DataFrame, response: Response
) -> None:
    app = driver.followed(thousand, STRESS, **LINK)
    app.number_input(key="own_odds").set_value(2.5)
    app.number_input(key="own_lgd").set_value(10.0)
    app.number_input(key="own_drawdown").set_value(15.0).run()
    assert driver.complaints(app) == []
    moved = at_odds(response, 2.5)
    severity = np.clip(response.loss_given_default + 0.10, 0.0, 1.0)
    moved = dataclasses.replace(moved, loss_given_default=severity)
    found = sums(frame, moved, credit_conversion_factor=0.35)
    before, after = found["expected_loss"]
    bars = reading.traces(app, "stress")
    assert bars["baseline"]["y"][-1] == "Your own"
    assert bars["baseline"]["x"][-1] == pytest.approx(before, rel=ACCURACY)
    assert bars["the policy's doing"]["x"][-1] == pytest.approx(after - before, rel=ACCURACY)
    words = reading.table(app, "Outcomes by scenario").loc["Your own", "stresses"]
    assert spaced(str(words)) == (
        "odds of default x 2.5, loss given default +10 pp, 15 % more of the unused line drawn"
    )
    for key, value in (("odds", 1.0), ("lgd", 0.0), ("drawdown", 0.0)):
        app.number_input(key=f"own_{key}").set_value(value)
    app.run()
    assert "Your own" not in reading.table(app, "Outcomes by scenario").index
