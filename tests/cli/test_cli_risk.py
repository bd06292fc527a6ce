"""The commands stress, sensitivity, surface and optimise: figures, sentences and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.assumptions import Assumptions
from analytics.cli import main
from analytics.declared.cases import CASES
from analytics.declared.measures import MEASURES
from analytics.export import load_policy
from analytics.export.assumptions_file import assumptions_csv
from analytics.export.scenarios_file import scenarios_csv
from analytics.results.stress import SHIPPED, Scenario

ROOT = Path(__file__).resolve().parents[2]
CASES_FILE = ROOT / "tests" / "cases" / "accounts.csv"
BOOK = ROOT / "sample_data" / "huabei_like_1000.csv"

Run = Callable[..., tuple[int, str, list[str]]]
Read = Callable[..., dict[str, Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command line: exit code, output, and the lines said beside it."""

    def runs(*words: object) -> tuple[int, str, list[str]]:
        capsys.readouterr()
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        said = printed.err.splitlines()
        assert "Traceback" not in printed.err + printed.out
        assert all(line.startswith("headroom: ") for line in said)
        return code, printed.out, said

    return runs


@pytest.fixture
def read(run: Run) -> Read:
    """Return what runs a command with ``--json`` and reads its object."""

    def runs(*words: object, code: int = 0) -> dict[str, Any]:
        ended, out, said = run(*words, "--json")
        assert (ended, said) == (code, [])
        found: dict[str, Any] = json.loads(out, parse_constant=refuse)
        assert {"portfolio", "policy", "assumptions", "not_applied"} <= set(found)
        return found

    return runs


def refuse(word: str) -> None:
    raise AssertionError(f"the output holds {word}")


# ---- stress


def test_stress_gives_scenarios_losses_and_capital_beside_the_simulation(read: Read) -> None:
    words = (BOOK, "--threshold", "500", "--raise", "30%")
    found = read("stress", *words)
    simulated = read("simulate", *words)
    base, bad, worst, ant = found["scenarios"]
    assert [s["name"] for s in found["scenarios"]] == [s.name for s in SHIPPED]
    for side in ("baseline", "proposed", "increment"):
        for name in ("expected_loss", "projected_defaults", "ead", "loss_rate"):
            assert base[side][name] == pytest.approx(simulated[side][name], rel=1e-6)
        assert worst[side]["expected_loss"] > bad[side]["expected_loss"]
    assert ant["what"] == "odds of default x 1.7"
    assert 0 < base["policy_share"] < 1
    losses = found["loss_distribution"]
    for side in ("baseline", "proposed"):
        entry = losses[side]
        assert entry["expected_loss"] == pytest.approx(simulated[side]["expected_loss"], rel=1e-3)
        assert entry["expected_loss"] < entry["loss_95"] < entry["loss_99_9"]
    approaches = {entry["approach"]: entry for entry in found["capital"]}
    rwa = approaches["standardised"]["increment"]["rwa"]
    assert rwa == pytest.approx(simulated["increment"]["rwa"], rel=1e-9)


def test_stress_takes_names_and_files_of_scenarios(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(scenarios_csv([Scenario(name="mine", title="Mine", lgd_add=0.1)]))
    found = read("stress", BOOK, "--scenario", "base", path)
    assert [entry["name"] for entry in found["scenarios"]] == ["base", "mine"]


def test_stress_and_sensitivity_print_aligned_text(run: Run) -> None:
    code, out, said = run("stress", BOOK)
    assert (code, said) == (0, [])
    assert "1 in 1,000 years (99.9 %)" in out
    assert "IRB, other retail" in out
    code, out, said = run("sensitivity", BOOK, "--two", "funding_rate", "take-up")
    assert code == 2
    code, out, said = run("sensitivity", BOOK, "--two", "funding_rate", "yield")
    assert (code, said) == (0, [])
    assert "Where the increment of net value becomes 0, each alone" in out
    assert "Funding cost (down), yield on balance (across)" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--scenario", "bas", "nowhere.csv"], ["did you mean base?", "nowhere.csv cannot be"]),
        (["--scenario", "base", "BASE"], ["base is asked for more than once"]),
        (
            ["--threshold", "9", "--assume", "ccf=2", "--set", "limt_cap=1"],
            ["limit_cap", "score_threshold = 9 is off the score scale", "is too high"],
        ),
        (["--threshold", "100"], ["off the score scale"]),
        (["--assumptions", "nowhere.csv"], ["assumptions file nowhere.csv cannot be read"]),
    ],
)
def test_stress_names_every_fault(run: Run, words: list[str], says: list[str]) -> None:
    code, out, said = run("stress", BOOK, *words)
    assert (code, out) == (2, "")
    assert len(said) == len(says)
    for line, word in zip(said, says, strict=True):
        assert word in line


# ---- sensitivity


def test_sensitivity_gives_break_evens_and_a_sorted_tornado(read: Read) -> None:
    found = read("sensitivity", BOOK, "--threshold", "600", "--two", "ccf", "response_form")
    assert [entry["name"] for entry in found["break_even"]] == [
        "response",
        "default_probability",
        "uplift",
        "credit_conversion_factor",
        "severity",
        "funding_rate",
    ]
    swings = [bar["swing"] for bar in found["tornado"]]
    assert swings == sorted(swings, reverse=True)
    bars = {bar["name"]: bar for bar in found["tornado"]}
    for name in ("funding_rate", "yield_rate", "hurdle_rate"):
        for end in ("low", "high"):
            setting = getattr(CASES[name], end)
            text = ",".join(map(str, setting)) if isinstance(setting, tuple) else setting
            moved = read("simulate", BOOK, "--threshold", "600", "--assume", f"{name}={text}")
            wanted = moved["increment"]["net_value"]
            size = moved["increment"]["margin"]
            assert bars[name][f"at_{end}"] == pytest.approx(wanted, abs=5e-3 * size)
    assert len(found["two_way"]["values"]) == 9
    assert found["two_way"]["second"]["settings"] == ["log", "linear"]


def test_sensitivity_moves_other_measures_and_refuses_some(read: Read, run: Run) -> None:
    found = read("sensitivity", BOOK, "--measure", "expected_loss")
    assert found["measure"] == "expected_loss"
    code, _, said = run("sensitivity", BOOK, "--measure", "strained")
    assert code == 2
    assert "'strained' cannot be moved" in said[0]
    code, _, said = run("sensitivity", BOOK, "--two", "yeld", "ccf")
    assert code == 2
    assert "did you mean yield_rate" in said[0]


# ---- assumptions from a file


def test_assumptions_come_from_a_file_and_settings_go_on_top(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "assumptions.csv"
    path.write_bytes(assumptions_csv(Assumptions(funding_rate=0.04, hurdle_rate=0.2)))
    found = read("simulate", BOOK, "--assumptions", path, "--assume", "hurdle=10%")
    given = read("simulate", BOOK, "--assume", "funding=4%", "hurdle=10%")
    assert found == given
    assert found["assumptions"]["funding_rate"] == 0.04


def test_an_export_takes_assumptions_from_a_file(run: Run, tmp_path: Path) -> None:
    path, out = tmp_path / "assumptions.csv", tmp_path / "out"
    path.write_bytes(assumptions_csv(Assumptions(funding_rate=0.04)))
    code, _, said = run("export", CASES_FILE, "--assumptions", path, "--out", out)
    assert (code, said) == (0, [])
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["assumptions"]["changed"] == ["funding_rate"]


# ---- surface


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_surface_is_written_with_every_policy(
    read: Read, run: Run, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"surface.{kind}"
    found = read("surface", CASES_FILE, "--out", path)
    frame = pd.read_csv(path) if kind == "csv" else pd.read_parquet(path)
    assert found["rows"] == len(frame) == 601 * 101
    assert list(frame.columns[:3]) == ["score_threshold", "raise_rate", "raised"]
    assert {f"increment_{m.name}" for m in MEASURES} - set(frame.columns) == {
        "increment_accounts",
        "increment_raised",
    }
    row = frame[(frame["score_threshold"] == 700) & (frame["raise_rate"] == 0.2)].iloc[0]
    alone = read("simulate", CASES_FILE, "--threshold", "700")
    for name in ("ead", "net_value", "expected_loss"):
        assert row[f"increment_{name}"] == pytest.approx(alone["increment"][name], rel=1e-9)
    code, out, said = run("surface", CASES_FILE, "--out", path)
    assert (code, said) == (0, [])
    assert "60,701 policies" in out


def test_a_surface_goes_into_a_file_of_its_own(run: Run, tmp_path: Path) -> None:
    code, _, said = run("surface", CASES_FILE, "--out", tmp_path / "a.xlsx")
    assert code == 2
    assert "ends in .parquet or .csv" in said[0]
    code, _, said = run("surface", CASES_FILE, "--out", CASES_FILE)
    assert code == 2
    assert "would replace a file that is read" in said[0]
    code, _, said = run("surface", CASES_FILE, "--out", tmp_path / "none" / "a.csv")
    assert code == 2
    assert "there is no folder" in said[0]


# ---- optimise


def test_the_best_single_policy_is_what_simulating_it_says(read: Read, tmp_path: Path) -> None:
    out = tmp_path / "best.csv"
    found = read(
        "optimise", BOOK, "--maximise", "net_value",
        "--subject-to", "ead_increment_rate<=0.05", "relieved_increment>=1", "--out", out,
    )  # fmt: skip
    single = found["single"]
    assert single["feasible"]
    assert {verdict["state"] for verdict in single["verdicts"]} == {"met"}
    assert len(single["costs"]) == 2
    assert found["tiered"] is None
    policy = load_policy(out)
    assert policy.constraints == ("ead_increment_rate<=0.05", "relieved_increment>=1")
    alone = read("simulate", BOOK, "--policy", out)
    assert alone["increment"]["net_value"] == pytest.approx(single["value"], rel=1e-9)
    again = read("optimise", BOOK, "--policy", out)
    assert again["constraints"] == found["constraints"]
    assert again["single"] == single


def test_tiers_are_found_by_segment_and_under_the_presets(read: Read, run: Run) -> None:
    words = (BOOK, "--subject-to", "ead_increment_rate<=5%", "--max-tiers", "2", "--monotone")
    found = read("optimise", *words, "--robustness")
    gain = found["tiered"]["value"] - found["single"]["value"]
    assert found["gain_of_tiers"] == pytest.approx(gain)
    assert gain > 0
    (tiers,) = found["tiered"]["tiers"]
    rates = [tier["raise_rate"] for tier in tiers["tiers"]]
    assert len(rates) <= 2
    assert rates == sorted(rates)
    assert found["tiered"]["costs"]
    assert [entry["preset"] for entry in found["robustness"]] == ["low", "central", "high"]
    split = read("optimise", *words, "--by", "region")
    assert len(split["tiered"]["tiers"]) > 1
    assert split["tiered"]["value"] >= found["tiered"]["value"] * (1 - 1e-3)
    code, out, said = run("optimise", *words)
    assert (code, said) == (0, [])
    assert "By tiers: Best net value" in out


def test_where_no_policy_keeps_to_the_constraints_the_least_relaxation_is_given(
    read: Read, run: Run
) -> None:
    words = (BOOK, "--subject-to", "net_value_increment>=1000000000")
    found = read("optimise", *words, "--tiers", code=1)
    for entry in (found["single"], found["tiered"]):
        assert not entry["feasible"]
        assert entry["sentence"].startswith("No policy keeps to all constraints")
        assert entry["relaxations"][0]["bound"] < 10**9
    code, out, _ = run("optimise", *words)
    assert code == 1
    assert "No policy keeps to all constraints" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--maximise", "net_valu"], ["did you mean net_value"]),
        (["--subject-to", "ead<=x", "foo>=1"], ["has the bound 'x'", "no measure 'foo'"]),
        (["--subject-to", "ead<=1", "ead>=2"], ["contradict each other"]),
        (["--max-tiers", "0"], ["--max-tiers 0 is too low"]),
        (["--by", "regio"], ["Did you mean region?"]),
        (["--by", "score_band"], ["tiers are by score band in any case"]),
        (["--by", "region", "--out", "best.csv"], ["one policy file cannot hold"]),
        (["--out", "best.txt"], ["ends in .csv"]),
        (["--maximise", "accounts"], ["accounts cannot be maximised"]),
    ],
)
def test_optimise_names_every_fault(run: Run, words: list[str], says: list[str]) -> None:
    code, out, said = run("optimise", BOOK, *words)
    assert (code, out) == (2, "")
    assert len(said) == len(says)
    for line, word in zip(said, says, strict=True):
        assert word in line


def test_nobody_eligible_is_said(run: Run) -> None:
    code, out, said = run("optimise", BOOK, "--set", "min_increment=1000000")
    assert (code, said) == (0, [])
    assert "No policy raises anybody" in out


def test_a_portfolio_that_can_lose_nothing_is_stressed_with_a_sentence(
    run: Run, read: Read, tmp_path: Path
) -> None:
    path = tmp_path / "safe.csv"
    path.write_text("account_id,score,credit_limit,balance\nA1,820,1000,1\n", encoding="utf-8")
    code, out, said = run("stress", path, "--assume", "lgd=0")
    assert (code, said) == (0, [])
    assert "No account of the portfolio can lose anything: there is no loss" in out
    assert read("stress", path, "--assume", "lgd=0")["loss_distribution"] is None


@pytest.mark.parametrize("command", ["surface", "optimise"])
def test_tiers_that_are_ignored_are_said_to_be(command: str, run: Run, tmp_path: Path) -> None:
    out = ["--out", tmp_path / "s.csv"]
    told = "The tiers of the policy given are ignored"
    code, text, _ = run(command, CASES_FILE, *out, "--set", "tiers=650=5%,800=20%")
    assert code == 0
    assert text.count(told) == 1
    assert told not in run(command, CASES_FILE, *out)[1]
