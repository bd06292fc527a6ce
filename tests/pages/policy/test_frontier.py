"""The frontier page, held against every policy computed one by one by the oracle.

Twenty-five accounts are few enough for that: each raise is simulated by the oracle with a group for
each score, and sums over scores give every threshold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from streamlit.testing.v1 import AppTest

from analytics.assumptions import Assumptions
from analytics.shown import formats
from tests.oracle import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY, load_cases, simulate
from tests.oracle.cases import CASES
from tests.pages import driver, reading
from tests.pages.driver import FRONTIER
from tests.pages.reading import said, spaced
from tests.portfolios import oracle_assumptions

Floats = npt.NDArray[np.float64]
SCORES, RAISES = np.arange(350, 951), np.arange(101)
MEASURES = ("npv", "net_value", "expected_loss", "ead", "limit")
EDGE = 30
"""Where the evidence ends, in percent."""
APPETITE = "expected_loss_increment <= 4; ead_increment_rate <= 1%; npv >= 0"
HERE = {"score_threshold": "780", "raise_rate": "0.25"}
PRESETS = ("low", "central", "high")


@dataclass(frozen=True)
class Every:
    """Increments of every policy by measure (thresholds, raises), and the baseline's EAD."""

    more: dict[str, Floats]
    ead: float

    def within(self, loss: float = 4.0, share: float = 0.01) -> npt.NDArray[np.bool_]:
        """Return which policies keep to the appetite, or to one with other bounds."""
        kept: npt.NDArray[np.bool_] = (
            (self.more["expected_loss"] <= loss + 1e-9)
            & (self.more["ead"] / self.ead <= share + 1e-9)
            & (self.more["npv"] >= -1e-9)
        )
        return kept

    def at(self, threshold: int, percent: float, measure: str = "npv") -> float:
        """Return one policy's increment."""
        return float(self.more[measure][threshold - 350, round(percent)])


def every_policy(assumptions: dict[str, Any]) -> Every:
    frame = load_cases()
    frame["score_text"] = [str(score) for score in frame["score"]]
    more = {name: np.zeros((len(SCORES), len(RAISES))) for name in MEASURES}
    for raised in RAISES:
        policy = DEFAULT_POLICY | {"score_threshold": 350, "raise_rate": raised / 100}
        found = simulate(frame, policy, assumptions, by="score_text")
        for score, group in found["groups"].items():
            for name in MEASURES:
                more[name][int(score) - 350, raised] = group["increment"][name]
    from_above = {name: values[::-1].cumsum(axis=0)[::-1] for name, values in more.items()}
    return Every(from_above, found["baseline"]["ead"])


@pytest.fixture(scope="module")
def every() -> Every:
    return every_policy(DEFAULT_ASSUMPTIONS)


@pytest.fixture(scope="module")
def by_preset(every: Every) -> dict[str, Every]:
    """Every policy under each response preset."""
    shipped = Assumptions()
    apart = {p: oracle_assumptions(shipped.with_preset(p)) for p in PRESETS if p != "central"}
    return {"central": every} | {p: every_policy(assumed) for p, assumed in apart.items()}


@pytest.fixture(scope="module")
def session() -> AppTest:
    """A session on the twenty-five accounts."""
    return driver.with_portfolio("cases.csv", CASES.read_bytes())


@pytest.fixture
def page(session: AppTest) -> AppTest:
    """The page on a policy that breaks the appetite."""
    return driver.followed(session, FRONTIER, **HERE, appetite=APPETITE)


@pytest.fixture
def free(session: AppTest) -> AppTest:
    """The same page without an appetite."""
    return driver.followed(session, FRONTIER, **HERE)


def plan(app: AppTest) -> tuple[int, float]:
    """Return threshold and raise in percent of the best single policy."""
    found = next(text for text in said(app) if re.fullmatch(r"[\d.]+ % from \d+", text))
    percent, threshold = found.split(" % from ")
    return int(threshold), float(percent)


def best(values: Floats, kept: npt.NDArray[np.bool_], edge: int = EDGE) -> tuple[int, int, float]:
    """Return the best policy up to a raise: of equal ones the lowest raise, highest threshold."""
    kept = kept & (edge >= RAISES)
    top = values[kept].max()
    equal = kept & (values >= top - 1e-9)
    raised = int(np.flatnonzero(equal.any(axis=0))[0])
    return 350 + int(np.flatnonzero(equal[:, raised])[-1]), raised, float(top)


def metric(app: AppTest, label: str) -> str:
    return next(str(m.value) for m in app.metric if m.label == label)


def test_the_verdicts_are_the_oracles_figures(page: AppTest, every: Every) -> None:
    loss, value = every.at(780, 25, "expected_loss"), every.at(780, 25)
    share = every.at(780, 25, "ead") / every.ead
    verdicts = [text for text in said(page) if text.startswith((":red[", ":green["))]
    assert [text.partition("[")[0] for text in verdicts] == [":red", ":red", ":red"]
    figures = [
        (formats.compact(loss - 4), formats.compact(loss)),
        (formats.percent(share - 0.01), formats.percent(share)),
        (formats.compact(-value), formats.compact(value)),
    ]
    for verdict, (beyond, figure) in zip(verdicts, figures, strict=True):
        assert verdict.endswith(spaced(f": broken by {beyond}, {figure}"))


def test_a_policy_within_the_appetite_is_said_to_keep_to_it(session: AppTest, every: Every) -> None:
    app = driver.followed(
        session, FRONTIER, score_threshold="850", raise_rate="0.05", appetite=APPETITE
    )
    assert every.within()[850 - 350, 5]
    marks = [text[:8] for text in said(app) if text.startswith((":red[", ":green["))]
    assert marks == [":green[✓"] * 3


def test_the_share_of_policies_within_the_appetite_is_counted_exactly(
    page: AppTest, every: Every
) -> None:
    share = spaced(formats.percent(every.within().mean(), 2))
    assert f"{share} of all 60,701 policies keep to it." in said(page)


def test_the_best_single_policy_is_the_best_of_all(page: AppTest, every: Every) -> None:
    threshold, percent, value = best(every.more["npv"], every.within())
    assert plan(page) == (threshold, percent)
    shown = metric(page, "Best single: value")
    assert shown == formats.signed(formats.compact(value), value)
    over = value - every.at(780, 25)
    text = spaced(formats.signed(formats.compact(over), over))
    assert f"{text} against the policy in view" in said(page)


def test_without_an_appetite_the_best_is_sought_among_all_policies(
    free: AppTest, every: Every
) -> None:
    value = best(every.more["npv"], np.ones((601, 101), dtype=bool))
    assert plan(free) == value[:2]
    assert metric(free, "Best single: value") == formats.signed(formats.compact(value[2]), value[2])
    assert "No constraint: every policy counts." in said(free)


def test_beyond_the_evidence_is_looked_at_on_request(free: AppTest, every: Every) -> None:
    everything = np.ones((601, 101), dtype=bool)
    limit = every.more["limit"]
    free.selectbox(key="maximise").select("limit").run()
    assert plan(free) == best(limit, everything)[:2]
    free.toggle(key="beyond_evidence").set_value(True).run()
    assert plan(free) == best(limit, everything, edge=100)[:2]
    assert plan(free)[1] > EDGE
    headings = [text for text in said(free) if "beats this policy" in text or "No policy" in text]
    assert headings
    free.toggle(key="beyond_evidence").set_value(False)
    free.selectbox(key="maximise").select("npv").run()
    assert driver.complaints(free) == []


def test_every_best_says_what_it_does_to_loss_and_to_customers(page: AppTest) -> None:
    harm = [text for text in said(page) if text.startswith("expected loss ")]
    assert len(harm) == 2
    assert all("newly strained 0" in text for text in harm)


def test_another_objective_has_the_best_of_its_own(page: AppTest, every: Every) -> None:
    page.selectbox(key="maximise").select("limit").run()
    threshold, percent, value = best(every.more["limit"], every.within())
    assert plan(page) == (threshold, percent)
    assert metric(page, "Best single: credit limit") == formats.signed(
        formats.compact(value), value
    )
    page.selectbox(key="maximise").select("npv").run()


def test_tiers_are_what_the_oracle_makes_of_them(page: AppTest, every: Every) -> None:
    words = [text for text in said(page) if re.match(r"[\d.]+ % from ", text)][1]
    steps = [step.split(" % from ") for step in words.split(", ")]
    tiers = [(int(score), float(percent)) for percent, score in steps]
    totals = dict.fromkeys(MEASURES, 0.0)
    for (start, percent), end in zip(tiers, [*(s for s, _ in tiers[1:]), None], strict=True):
        for name in MEASURES:
            above = every.at(end, percent, name) if end else 0.0
            totals[name] += every.at(start, percent, name) - above
    value = totals["npv"]
    shown = metric(page, "Best tiers: value")
    assert shown == formats.signed(formats.compact(value), value)
    assert value >= best(every.more["npv"], every.within())[2] - 1e-9
    assert totals["expected_loss"] <= 4 + 1e-6
    assert totals["ead"] / every.ead <= 0.01 + 1e-9


def test_a_constraint_costs_what_is_gained_without_it(page: AppTest, every: Every) -> None:
    values = every.more["npv"]
    top = best(values, every.within())[2]
    wanted = {
        "Expected loss, increment: at most 4.00": (every.within(np.inf), every.within(4.4)),
        "Exposure (EAD), increment as a share of baseline: at most 1.00\u00a0%": (
            every.within(share=np.inf),
            every.within(share=0.011),
        ),
    }
    table = reading.table(page, "What each constraint costs")
    for words, (without, looser) in wanted.items():
        row = table.loc[words]
        gains = [formats.compact(best(values, kept)[2] - top) for kept in (without, looser)]
        assert [row["costs"], row["a tenth looser gains"]] == gains
    binding = [reading.number(text) for text in table["costs"]]
    assert max(binding) > 0, "no constraint binds: the test says nothing"


def test_the_line_of_the_chart_is_of_policies_that_none_beats(page: AppTest, every: Every) -> None:
    line = reading.traces(page, "frontier")["frontier"]
    gains, risks, kept = every.more["npv"], every.more["expected_loss"], every.within()
    kept = kept & (RAISES <= EDGE)
    shown = [(int(t), round(r)) for t, r in line["customdata"]]
    for (threshold, percent), gain, risk in zip(shown, line["y"], line["x"], strict=True):
        assert gain == pytest.approx(every.at(threshold, percent), abs=1e-6)
        assert risk == pytest.approx(every.at(threshold, percent, "expected_loss"), abs=1e-6)
        assert kept[threshold - 350, percent]
        assert not (kept & (gains > gain + 1e-6) & (risks <= risk)).any()
    assert len(shown) > 3
    assert max(line["y"]) == pytest.approx(gains[kept].max(), abs=1e-6)


def test_the_mark_on_the_chart_is_the_policy_in_view(page: AppTest, every: Every) -> None:
    mark = next(t for t in reading.chart(page, "frontier")["data"] if t.get("text"))
    assert mark["text"] == ["this policy"]
    assert mark["x"] == pytest.approx([every.at(780, 25, "expected_loss")])
    assert mark["y"] == pytest.approx([every.at(780, 25)])


def test_the_heading_of_the_chart_names_a_policy_that_beats_this_one(
    page: AppTest, every: Every
) -> None:
    heading = next(text for text in said(page) if "beats this policy" in text)
    threshold, percent = int(heading[2:5]), float(heading.split(", ")[1].split(" %")[0])
    gain = every.at(threshold, percent) - every.at(780, 25)
    saved = every.at(780, 25, "expected_loss") - every.at(threshold, percent, "expected_loss")
    assert gain > 0
    text = f"{formats.compact(gain)} more gain, {formats.compact(saved)} less risk"
    assert spaced(text) in heading


def cells(page: AppTest, kind: str) -> Iterator[tuple[int, int, float]]:
    trace = next(t for t in reading.chart(page, "feasible_map")["data"] if t["type"] == kind)
    for row, threshold in enumerate(trace["y"]):
        for column, percent in enumerate(trace["x"]):
            yield int(threshold), round(float(percent)), float(trace["z"][row][column])


def test_every_cell_of_the_map_is_the_oracles(page: AppTest, every: Every) -> None:
    shown = list(cells(page, "heatmap"))
    assert len(shown) > 1_000
    for threshold, percent, value in shown:
        assert value == pytest.approx(every.at(threshold, percent), rel=1e-5, abs=1e-3)


def test_the_outline_of_the_map_is_round_what_keeps_to_the_appetite(
    page: AppTest, every: Every
) -> None:
    kept = every.within()
    for threshold, percent, inside in cells(page, "contour"):
        assert bool(inside) is bool(kept[threshold - 350, percent]), (threshold, percent)


def test_each_presets_best_does_under_the_others_what_the_oracle_says(
    page: AppTest, by_preset: dict[str, Every]
) -> None:
    table = reading.table(page, "Best policy under each preset")
    assert list(table.index) == list(PRESETS)
    for preset, row in table.iterrows():
        here = by_preset[str(preset)]
        threshold, percent, _ = best(here.more["npv"], here.within())
        assert row["policy"] == f"{percent} % from {threshold}"
        for other, found in by_preset.items():
            value = found.at(threshold, percent)
            text = formats.signed(formats.compact(value), value)
            breaks = "" if found.within()[threshold - 350, percent] else " (breaks)"
            assert row[f"under {other}"] == text + breaks


def test_the_best_policy_can_be_taken(page: AppTest) -> None:
    threshold, percent = plan(page)
    page.button(key="take_single").click().run()
    assert driver.complaints(page) == []
    chosen = driver.policy(page)
    assert (chosen.score_threshold, chosen.raise_rate) == (threshold, percent / 100)
    assert chosen.constraints, "the appetite stays"


def test_an_appetite_that_nothing_keeps_to_is_answered_with_what_would_do(
    session: AppTest, every: Every
) -> None:
    app = driver.followed(session, FRONTIER, **HERE, appetite="npv >= 1000000")
    most = every.more["npv"][:, : EDGE + 1].max()
    answer = next(text for text in said(app) if text.startswith("No policy keeps to all"))
    bound = float(answer.split("npv>=")[1].split(" ")[0])
    assert bound == pytest.approx(most, rel=1e-3)
    assert bound <= most
    assert "0 % of all 60,701 policies keep to it." in said(app)


def test_an_appetite_that_cannot_be_read_is_answered_and_the_last_one_stays(
    page: AppTest,
) -> None:
    held = driver.policy(page).constraints
    page.text_area(key="appetite_text").set_value("net_valu >= 0").run()
    assert len(driver.complaints(page)) == 1
    assert "net_value" in driver.complaints(page)[0]
    assert driver.policy(page).constraints == held
    page.text_area(key="appetite_text").set_value("raised_share <= 20%").run()
    assert driver.complaints(page) == []
    assert driver.policy(page).constraints == ("raised_share<=0.2",)
