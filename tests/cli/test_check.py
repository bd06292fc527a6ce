"""The command check, and what every command says of a file that is not taken whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analytics.cli import main
from tests.cli.running import Read, Run
from tests.places import CASES


def test_check_tells_whole_from_rejected_from_unusable(run: Run, tmp_path: Path) -> None:
    assert run("check", CASES)[0] == 0
    part = tmp_path / "part.csv"
    part.write_text(
        "account_id,score,credit_limit,balance\nA1,820,1000,1\nA2,9999,1000,1\n", encoding="utf-8"
    )
    code, out, said = run("check", part)
    assert (code, said) == (1, [])
    assert "1 of 2 rows used" in out
    report = json.loads(run("check", part, "--json")[1])
    assert (report["rows_read"], report["rejected"]) == (2, 1)
    code, out, said = run("check", tmp_path / "absent.csv")
    assert (code, out) == (2, "")
    assert len(said) == 1
    headless = tmp_path / "headless.csv"
    headless.write_text("a,b\n1,2\n", encoding="utf-8")
    code, _, said = run("check", headless)
    assert code == 2
    assert len(said) == 4


def test_rejected_rows_are_said_beside_the_figures(
    run: Run, simulated: Read, tmp_path: Path
) -> None:
    path = tmp_path / "part.csv"
    path.write_text(
        "account_id,score,credit_limit,balance\nA1,820,1000,1\nA2,,1000,1\n", encoding="utf-8"
    )
    portfolio = simulated(path)["portfolio"]
    assert (portfolio["accounts"], portfolio["rows_read"], portfolio["rows_rejected"]) == (1, 2, 1)
    assert "1 of 2 rows used" in run("simulate", path)[1]
    assert "1 of 2 rows used" in run("export", path, "--out", tmp_path / "out")[1]


def test_counts_and_places_read_well(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text(
        "account_id,score,credit_limit,balance\nA1,820,1000,1\nA2,820,1000,1,9,9\n",
        encoding="utf-8",
    )
    code, out, _ = run("check", path)
    assert code == 1
    assert "Rejected: 1 row, of a limit" in out
    assert "more cells than the header: 1 row, for example line " in out
    assert "()" not in out
    path.write_text("account_id,score,credit_limit,balance\nA1,820,1000,1\n", encoding="utf-8")
    assert "1 of 1 row used" in run("simulate", path)[1]


def test_what_is_assumed_is_said_beside_every_command_and_not_of_what_is_declared(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    declared = ("--currency", "CNY", "--scale", "350:950", "--pd-horizon-months", "12")
    assert main(["simulate", str(CASES)]) == 0
    assert capsys.readouterr().err == (
        "headroom: Assumed, not declared: currency CNY, score scale 350-950, default probabilities "
        "over 12 months. The load report says how to declare it.\n"
    )
    assert main(["export", str(CASES), "--out", str(tmp_path / "out"), "--currency", "USD"]) == 0
    assert "declared: score scale 350-950, default" in capsys.readouterr().err
    assert main(["simulate", str(CASES), *declared]) == 0
    assert main(["simulate", "sample"]) == 0
    assert main(["check", str(CASES)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    for option in ("--currency", "--scale", "--pd-horizon-months"):
        assert option in printed.out


def test_check_says_what_makes_a_file_implausible(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "percent.csv"
    rows = [f"A{n},{600 + n},1000,500,{0.3 + n / 1000},100000" for n in range(21)]
    header = "account_id,score,credit_limit,balance,default_probability,monthly_income"
    path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    out = run("check", path)[1].replace("\N{NO-BREAK SPACE}", " ")
    assert "weighted by balance, is 31.0 %, above 25 %" in out
    assert "The median limit is 0.01 monthly incomes, below 0.2" in out
    assert "Default probabilities rise with the score (correlation 1.00)" in out
    found = json.loads(run("check", path, "--json")[1])
    named = [one["check"] for one in found["calibration"]]
    assert named[:2] == ["default_probability", "expected_loss"]
    assert named[2:4] == ["limit_per_income", "score_direction"]
    assert found["assumed"] == named[4:] == ["currency", "scale", "pd_horizon_months"]
    sound = json.loads(run("check", "sample", "--json")[1])
    assert sound["calibration"] == []


def test_a_horizon_moves_defaults_and_one_that_cannot_be_is_refused(
    run: Run, simulated: Read, tmp_path: Path
) -> None:
    path = tmp_path / "monthly.csv"
    path.write_text(
        "account_id,score,credit_limit,balance,default_probability\nA1,820,1000,1,0.03\n",
        encoding="utf-8",
    )
    monthly = simulated(path, "--pd-horizon-months", "1")
    assert monthly["baseline"]["projected_defaults"] == pytest.approx(1 - 0.97**12, rel=1e-12)
    assert monthly["portfolio"]["pd_horizon_months"] == 1
    for months in ("0", "25"):
        code, out, said = run("check", path, "--pd-horizon-months", months, "--scale", "1:2")
        assert (code, out, len(said)) == (2, "", 2)
        assert any("1 to 24 months" in line for line in said)


def test_outcomes_and_protected_segments_set_no_tiers(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "seen.csv"
    rows = [f"A{n},{700 + n},1000,500,{n % 2},{'old' if n % 3 else 'young'}" for n in range(60)]
    header = "account_id,score,credit_limit,balance,defaulted,age_band"
    path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    for command in ("optimise", "simulate"):
        code, out, said = run(command, path, "--by", "defaulted")
        assert (code, out, len(said)) == (2, "", 1)
        assert "'defaulted' is an outcome, seen after the day of the balances" in said[0]
    goals = (("--maximise", "defaulted"), ("--subject-to", "defaulted<=5"))
    for option, goal in goals:
        code, out, said = run("optimise", path, option, goal)
        assert (code, out, len(said)) == (2, "", 1)
        assert "no group, tier, rule or goal is made of it" in said[0]
    code, out, said = run("optimise", path, "--by", "age_band")
    assert (code, out, len(said)) == (2, "", 1)
    assert "'age_band' is a protected segment" in said[0]
    assert run("simulate", path, "--by", "age_band")[0] == 0
    assert run("optimise", path, "--by", "age_band", "--mark", "age_band=segment")[0] == 0
    record = json.loads(run("simulate", path, "--mark", "age_band=segment", "--json")[1])
    assert record["portfolio"]["marked"] == {"age_band": "segment"}
    assert record["portfolio"]["outcomes"] == ["defaulted"]
