"""The command simulate: the oracle's figures, and the policy that options and a file make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analytics.declared.measures import MEASURES
from analytics.export import load_policy
from tests.cli.running import Read, Run
from tests.oracle import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY, load_cases, portfolio_from_csv
from tests.oracle import simulate as oracle
from tests.places import CASES


def same(found: dict[str, Any], expected: dict[str, Any], incomes: bool = True) -> None:
    """Hold a result against the oracle's: counts exactly, everything else to 1e-9."""
    for side in ("baseline", "proposed", "increment"):
        for measure in MEASURES:
            unknown = not incomes and measure.name in ("strained", "over_indebted")
            close(found[side][measure.name], None if unknown else expected[side][measure.name])
    for name in ("headline_raise", "effective_raise", "expected_takers", "relieved"):
        close(found[name], expected[name])
    close(found["loss_per_new_exposure"], expected["increment"]["loss_per_new_exposure"])
    assert found["raised"] == expected["raised"]
    assert found["binding"] == expected["binding"]
    for part, value in expected["expected_loss_parts"].items():
        close(found["expected_loss_parts"][part], value)
    assert list(found["reasons"]) == list(expected["reasons"])
    for reason, entry in expected["reasons"].items():
        assert found["reasons"][reason]["accounts"] == entry["accounts"]
        close(found["reasons"][reason]["limit"], entry["limit"])


def close(found: float | None, expected: float | None) -> None:
    if expected is None or found is None or isinstance(expected, int):
        assert found == expected
    else:
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-6)


# Figures


@pytest.mark.parametrize(
    ("words", "policy", "assumptions"),
    [
        ([], {}, {}),
        (["--threshold", "600", "--raise", "10%"], {"score_threshold": 600, "raise_rate": 0.1}, {}),
        (["--set", "limit_cap=none", "income_multiple=off"],
         {"limit_cap": None, "income_multiple": None}, {}),
        (["--assume", "response_form=linear"], {}, {"response_form": "linear"}),
        (["--assume", "consent_mode=opt_in", "--assume", "take_up=0.5"], {},
         {"consent_mode": "opt_in", "take_up": (0.5,) * 8}),
        (["--set", "holdout_rate=0.4", "--threshold=500"],
         {"holdout_rate": 0.4, "score_threshold": 500}, {}),
        (["--set", "tiers=650=5%,800=20%"],
         {"score_threshold": 650, "tiers": ((650, 0.05), (800, 0.2))}, {}),
        (["--assume", "capital_approach=irb_qrre"], {}, {"capital_approach": "irb_qrre"}),
        (["--threshold", "950"], {"score_threshold": 950}, {}),
        (["--raise", "0"], {"raise_rate": 0.0}, {}),
    ],
)  # fmt: skip
def test_figures_on_the_cases_are_the_oracles(
    words: list[str],
    policy: dict[str, Any],
    assumptions: dict[str, Any],
    simulated: Read,
) -> None:
    found = simulated(CASES, *words, "--by", "region")
    expected = oracle(
        load_cases(), DEFAULT_POLICY | policy, DEFAULT_ASSUMPTIONS | assumptions, by="region"
    )
    same(found, expected)
    assert set(found["groups"]) == set(expected["groups"])
    for label, group in expected["groups"].items():
        same(found["groups"][label], group)


def test_figures_on_real_cards_are_those_of_the_specification(
    taiwan: Path, simulated: Read
) -> None:
    found = simulated(taiwan, "--currency", "TWD", "--threshold", 800, "--raise", "20%",
                      "--set", "limit_cap=none", "--by", "education")  # fmt: skip
    expected = oracle(
        portfolio_from_csv(taiwan), DEFAULT_POLICY | {"limit_cap": None}, DEFAULT_ASSUMPTIONS,
        by="education",
    )  # fmt: skip
    same(found, expected, incomes=False)
    for label, group in expected["groups"].items():
        same(found["groups"][label], group, incomes=False)
    assert found["raised"] == 384
    assert found["increment"]["limit"] == 24_678_000
    assert found["baseline"]["ead"] == pytest.approx(1_122_027_527.2, abs=0.06)
    assert found["proposed"]["ead"] == pytest.approx(1_127_640_594.509, abs=6e-4)
    assert found["baseline"]["projected_defaults"] == pytest.approx(3317.03885, abs=6e-6)
    assert found["proposed"]["projected_defaults"] == pytest.approx(3317.475708, abs=6e-7)
    assert found["increment"]["expected_loss"] == pytest.approx(300_507.2013, abs=6e-5)
    parts = found["expected_loss_parts"]
    assert parts["new_exposure"] == pytest.approx(266_151.8473, abs=6e-5)
    assert sum(parts.values()) == pytest.approx(found["increment"]["expected_loss"], rel=1e-12)
    assert set(found["not_applied"]) >= {"opted_out", "is_student", "too_new", "income_multiple"}


def test_point_figures_of_risk_lie_within_their_ranges(
    simulated: Read,
) -> None:
    found = simulated("sample", "--threshold", 650, "--raise", "30%")
    for measure, sides in found["ranges_95"].items():
        for side, (low, high) in sides.items():
            assert low <= found[side][measure] <= high
            assert low < high


def test_the_object_has_every_key(simulated: Read) -> None:
    found = simulated(CASES)
    assert list(found) == [
        "portfolio",
        "policy",
        "assumptions",
        "baseline",
        "proposed",
        "increment",
        "raised",
        "expected_takers",
        "headline_raise",
        "effective_raise",
        "relieved",
        "loss_per_new_exposure",
        "expected_loss_parts",
        "reasons",
        "binding",
        "not_applied",
        "ranges_95",
    ]
    assert found["policy"]["score_threshold"] == 800
    assert found["assumptions"]["response_form"] == "log"
    portfolio = found["portfolio"]
    assert (portfolio["accounts"], portfolio["rows_read"], portfolio["rows_rejected"]) == (
        25,
        25,
        0,
    )
    assert all(sentence.count("not applied") == 1 for sentence in found["not_applied"].values())


def test_score_bands_add_up_to_the_whole(simulated: Read) -> None:
    found = simulated(CASES, "--by", "score_band")
    assert next(iter(found["groups"])) == "350-549"
    assert list(found["groups"])[-1] == "850+"
    bands = found["groups"].values()
    assert sum(band["raised"] for band in bands) == found["raised"]
    loss = sum(band["increment"]["expected_loss"] for band in bands if band["increment"])
    assert loss == pytest.approx(found["increment"]["expected_loss"], rel=1e-12)


def test_a_group_without_accounts_is_null(tmp_path: Path, simulated: Read) -> None:
    path = tmp_path / "one.csv"
    path.write_text("account_id,score,credit_limit,balance\na1,820,10000,3000\n", encoding="utf-8")
    found = simulated(path, "--by", "score_band")
    assert found["groups"]["350-549"]["baseline"] is None
    assert found["groups"]["800-849"]["baseline"]["accounts"] == 1
    assert simulated(path, "--threshold", 900)["loss_per_new_exposure"] is None


def test_the_sample_runs(run: Run) -> None:
    code, out, said = run("simulate", "sample", "--threshold", "750", "--by", "region")
    assert (code, said) == (0, [])
    assert "200,000 of 200,000 rows used · CNY · scores 350-950" in out
    for words in ("Baseline", "Proposed", "Increment", "Exposure (EAD)", "Raise too small"):
        assert words in out
    assert all(len(line) <= 140 for line in out.splitlines())


# Policies


def test_options_override_the_policy_file(run: Run, simulated: Read, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("export", CASES, "--set", "tiers=650=5%,800=20%", "name=Steps", "--out", out)[0] == 0
    path = out / "policy.csv"
    found = simulated(CASES, "--policy", path)["policy"]
    assert [tier["score_from"] for tier in found["tiers"]] == [650, 800]
    assert found["fingerprint"] == load_policy(path).fingerprint
    flat = simulated(CASES, "--policy", path, "--raise", "15%")["policy"]
    assert (flat["tiers"], flat["raise_rate"], flat["score_threshold"]) == ([], 0.15, 650)
    higher = simulated(CASES, "--policy", path, "--threshold", "820")["policy"]
    assert higher["tiers"] == [{"score_from": 820, "raise_rate": 0.2}]
    assert higher["name"] == "Steps"


def test_another_score_scale_brings_its_own_threshold(tmp_path: Path, simulated: Read) -> None:
    path = tmp_path / "fico.csv"
    path.write_text("id,fico,line,balance\nA1,800,1000,10\nA2,300,1000,10\n", encoding="utf-8")
    found = simulated(path, "--scale", "300:850", "--map", "score=fico", "credit_limit=line",
                      "--map", "account_id=id", "--currency", "USD")  # fmt: skip
    assert found["portfolio"]["scale"] == "300-850"
    assert found["policy"]["score_threshold"] == 740
    assert found["assumptions"]["anchor_score"] == 680
