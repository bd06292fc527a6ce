"""The command stress: scenarios, losses and capital beside the simulation."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.export.scenarios_file import scenarios_csv
from analytics.results.stress import SHIPPED, Scenario
from tests.cli.running import Read, Run
from tests.places import THOUSAND


def test_stress_gives_scenarios_losses_and_capital_beside_the_simulation(read: Read) -> None:
    words = (THOUSAND, "--threshold", "500", "--raise", "30%")
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
    found = read("stress", THOUSAND, "--scenario", "base", path)
    assert [entry["name"] for entry in found["scenarios"]] == ["base", "mine"]


def test_stress_and_sensitivity_print_aligned_text(run: Run) -> None:
    code, out, said = run("stress", THOUSAND)
    assert (code, said) == (0, [])
    assert "1 in 1,000 years (99.9 %)" in out
    assert "IRB, other retail" in out
    code, out, said = run("sensitivity", THOUSAND, "--two", "funding_rate", "take-up")
    assert code == 2
    code, out, said = run("sensitivity", THOUSAND, "--two", "funding_rate", "yield")
    assert (code, said) == (0, [])
    assert "Where the value over the horizon becomes 0, each alone" in out
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
    code, out, said = run("stress", THOUSAND, *words)
    assert (code, out) == (2, "")
    assert len(said) == len(says)
    for line, word in zip(said, says, strict=True):
        assert word in line


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
    code, out, said = run("optimise", THOUSAND, *words)
    assert (code, out) == (2, "")
    assert len(said) == len(says)
    for line, word in zip(said, says, strict=True):
        assert word in line


def test_nobody_eligible_is_said(run: Run) -> None:
    code, out, said = run("optimise", THOUSAND, "--set", "min_increment=1000000")
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
