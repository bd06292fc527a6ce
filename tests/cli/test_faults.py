"""Faults: a sentence for each, all at once, and nothing secret repeated."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.cli import inputs, main
from tests.cli.running import Run
from tests.places import CASES, ROOT


def test_every_fault_of_a_policy_is_named_at_once(run: Run, tmp_path: Path) -> None:
    code, out, said = run(
        "simulate", CASES, "--threshold", "high", "--raise", "300%", "--set", "limt_cap=5",
        "--set", "rounding_step=0", "--assume", "lgd=3", "--assume", "respnse_form=log",
        "--by", "regoin", "--policy", tmp_path / "absent.csv",
    )  # fmt: skip
    assert (code, out) == (2, "")
    text = "\n".join(said)
    for words in (
        "score_threshold = 'high' was not understood",
        "raise_rate = 300 % is too high",
        "no parameter 'limt_cap': did you mean limit_cap",
        "rounding_step = 0 is too low",
        "loss_given_default = 300 % is too high",
        "no parameter 'respnse_form': did you mean response_form",
        "'regoin': the portfolio has no such segment. Did you mean region?",
        "absent.csv cannot be read: there is no such file",
    ):
        assert words in text, words
    assert len(said) == 8


def test_every_fault_of_what_is_assumed_over_months_is_named_at_once(run: Run) -> None:
    code, out, said = run(
        "simulate", CASES, "--assume", "horizon_months=0", "discount_rate=-1", "build_month_3=1.5",
        "loss_lag_months=-1", "provisioning=gaap", "life_years=-1",
        "--set", "temporary_days=5", "unknown_cells=perhaps",
    )  # fmt: skip
    assert (code, out) == (2, "")
    text = "\n".join(said)
    for words in ("horizon_months = 0 is too low", "discount_rate = -100 % is too low",
                  "build_month_3 = 150 % is too high", "loss_lag_months = -1 is too low",
                  "provisioning", "life_years = -1.0 is too low", "temporary_days = 5 is too low",
                  "unknown_cells"):  # fmt: skip
        assert words in text, words
    assert len(said) == 8
    assert "horizon_months = 61 is too high" in run(
        "simulate", CASES, "--assume", "horizon_months=61")[2][0]  # fmt: skip


def test_faults_of_the_file_s_options_and_of_the_settings_are_named_at_once(run: Run) -> None:
    code, out, said = run(
        "simulate", CASES, "--pd-horizon-months", "12.5", "--header-line", "one", "--no-score", "x",
        "--scale", "", "--as-of", "", "--threshold", "a", "--set", "temporary_days=3",
        "--assume", "discount_rate=-1", "horizon_months=0", "--regime", "mars",
    )  # fmt: skip
    assert (code, out) == (2, "")
    text = "\n".join(said)
    for words in ("--pd-horizon-months '12.5' is no whole number", "--header-line 'one'",
                  "--no-score 'x'", "score scale '' was not understood", "date '' was not",
                  "score_threshold = 'a'", "temporary_days = 3", "discount_rate = -100 %",
                  "horizon_months = 0", "no rule book 'mars'"):  # fmt: skip
        assert words in text, words
    assert len(said) == 10
    for horizon in ("0", "25", "nan", "1 month", ""):
        code, out, said = run("simulate", CASES, "--pd-horizon-months", horizon)
        assert (code, out, len(said)) == (2, "", 1)
        assert said[0].startswith("headroom: --pd-horizon-months ")


def test_a_policy_of_version_3_is_refused_beside_other_faults(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("export", CASES, "--out", out)[0] == 0
    path = out / "policy.csv"
    text = path.read_text(encoding="utf-8")
    for row in ("method_version,,2,", "headroom_policy,,2,"):
        path.write_text(text.replace(row, row.replace("2", "3")), encoding="utf-8")
        code, printed, said = run("simulate", CASES, "--policy", path, "--assume", "lgd=3")
        assert (code, printed, len(said)) == (2, "", 2)
        assert "'3'" in said[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["simulate"], "required: PORTFOLIO"),
        (["simulate", CASES, "--treshold", "800"], "unrecognized arguments: --treshold"),
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["export", CASES], "required: --out"),
        (["simulate", CASES, "--set", "limit_cap"], "write --set name=value"),
        (["simulate", CASES, "--assume", "=3"], "write --assume name=value"),
        (["simulate", CASES, "--threshold", "2000"], "off the score scale"),
        (["simulate", CASES, "--assume", "lgd=3"], "loss_given_default = 300 % is too high"),
        (["simulate", CASES, "--scale", "low"], "score scale 'low' was not understood"),
        (["simulate", CASES, "--as-of", "yesterday"], "write it as 2026-10-31"),
        (["simulate", CASES, "--map", "score"], "write column=header"),
        (["simulate", CASES, "--currency", "money"], "three-letter"),
        (["simulate", "sample", "--scale", "300:850"], "is read as it is"),
        (["verify-export", "/nowhere/at/all"], "there is no such file"),
        (["export", CASES, "--out", "/proc/nowhere"], "headroom: "),
        (["simulate", ROOT], "headroom: "),
        (["simulate", ""], "headroom: "),
        (["simulate", CASES, "--raise", "-5%"], "raise_rate = -5 % is too low: give a rate"),
        (["simulate", CASES, "--threshold", "-5"], "score_threshold = -5 is too low"),
        (
            ["simulate", CASES, "--threshold", 800, "--set", "tiers=650=5%"],
            "The first tier begins at 650 and the threshold given is 800",
        ),
        (["simulate", CASES, "--raise", "9%", "--set", "tiers=650=5%"], "Both a raise (9 %)"),
        (["export", CASES, "--out", ""], "--out is empty"),
        (["export", CASES, "--out", " "], "--out is empty"),
        (["simulate", "nope:t"], "There is no database 'nope' in the settings"),
        (["simulate", "nope:s.t"], "There is no database 'nope' in the settings"),
        (["check", "nope:t.csv"], "There is no file nope:t.csv"),
        (["optimise", CASES, "--max-tiers", "two"], "--max-tiers: 'two' is no whole number"),
    ],
)
def test_bad_input_is_one_sentence(words: list[object], said: str, run: Run) -> None:
    code, out, lines = run(*words)
    assert code == (1 if words[0] == "verify-export" else 2)
    assert out == ""
    assert len(lines) == 1
    assert said in lines[0]


@pytest.mark.parametrize(
    "words",
    [
        ["simulate", "<>"],
        ["simulate", CASES, "--policy", "<>"],
        ["simulate", CASES, "--assumptions=<>"],
        ["export", CASES, "--out", "<>"],
        ["surface", CASES, "--out", "<>"],
        ["stress", CASES, "--scenario", "base", "<>"],
        ["verify-export", "<>"],
        ["check", CASES, "<>"],
        ["<>"],
    ],
)
def test_an_address_is_refused_and_never_repeated(words: list[object], run: Run) -> None:
    address = "postgresql://me:s3cr3t@host/bank"
    code, out, said = run(*(str(word).replace("<>", address) for word in words))
    assert (code, out) == (2, "")
    assert len(said) == 1
    assert "belong into the setting HEADROOM_DATABASES; name the portfolio alias:table" in said[0]
    assert "s3cr3t" not in said[0]


def test_a_score_off_the_scale_is_named_beside_other_faults(run: Run) -> None:
    code, _, said = run(
        "simulate", CASES, "--threshold", 2000, "--set", "limt_cap=5", "--assume", "ccf=x", "lgd=3"
    )
    assert code == 2
    text = "\n".join(said)
    for words in (
        "no parameter 'limt_cap'",
        "score_threshold = 2000 is off the score scale",
        "credit_conversion_factor = 'x' was not understood",
        "loss_given_default = 300 % is too high",
    ):
        assert words in text, words
    assert len(said) == 4


def test_a_segment_called_like_the_bands_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bands.csv"
    path.write_text(
        "account_id,score,credit_limit,balance,score_band\nA1,820,1000,1,x\nA2,820,1000,1,y\n",
        encoding="utf-8",
    )
    for command in ("simulate", "optimise"):
        code, _, said = run(command, path, "--by", "score_band")
        assert code == 2
        assert "--by score_band has two meanings here" in said[0]
    assert run("simulate", path, "--by", "scores")[2][0].count("grouped by score_band.") == 1


def test_a_spoiled_policy_file_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "policy.csv"
    path.write_text("rule,score_from,value\nheadroom_policy,,1\nlimit_cap,,-5\n", encoding="utf-8")
    code, _, said = run("simulate", CASES, "--policy", path)
    assert code == 2
    assert "limit_cap = -5 is too low" in said[0]
    assert "has no row for score_threshold" in said[1]


def test_an_unexpected_fault_is_a_sentence_with_an_id(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("s3cr3t")

    monkeypatch.setattr(inputs, "load_sample", broken)
    code, out, said = run("simulate", "sample")
    assert (code, out) == (3, "")
    assert re.search(r"\(error [0-9a-f]{8}\)", said[0])
    assert "s3cr3t" not in said[0]
    monkeypatch.setenv("HEADROOM_DEBUG", "1")
    assert main(["simulate", "sample"]) == 3
    assert "RuntimeError: s3cr3t" in capsys.readouterr().err


SLOW = """
import sys
import duckdb
from analytics.accounts.failures import guarded
from analytics.cli import COMMANDS, main

def slow(_):
    with guarded("bank"):
        raise duckdb.InterruptException("SELECT")

COMMANDS["parameters"] = slow
sys.exit(main(["parameters"]))
"""


def test_what_a_database_does_not_answer_is_said_once_and_no_log_stands_beside_it() -> None:
    done = subprocess.run([sys.executable, "-c", SLOW], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("headroom: The database bank did not answer within the time limit")
