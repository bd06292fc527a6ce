"""The command line: the oracle's figures, sentences for every fault, and its exit codes."""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics.cli import inputs, main
from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS
from analytics.declared.measures import MEASURES
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.export import load_policy, verify_export
from tests.oracle import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY, load_cases, portfolio_from_csv
from tests.oracle import simulate as oracle

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases" / "accounts.csv"
WHOLE = {"accounts", "raised"}

Run = Callable[..., tuple[int, str, list[str]]]


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
def simulated(run: Run) -> Callable[..., dict[str, Any]]:
    """Return what runs ``headroom simulate --json`` and reads its object."""

    def runs(*words: object) -> dict[str, Any]:
        code, out, said = run("simulate", *words, "--json")
        assert (code, said) == (0, [])
        found: dict[str, Any] = json.loads(out, parse_constant=refuse)
        return found

    return runs


def refuse(word: str) -> None:
    raise AssertionError(f"the output holds {word}")


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
    simulated: Callable[..., dict[str, Any]],
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
    shared: Path, simulated: Callable[..., dict[str, Any]]
) -> None:
    path = shared / "data" / "taiwan_cards.csv"
    found = simulated(path, "--currency", "TWD", "--threshold", 800, "--raise", "20%",
                      "--set", "limit_cap=none", "--by", "education")  # fmt: skip
    expected = oracle(
        portfolio_from_csv(path), DEFAULT_POLICY | {"limit_cap": None}, DEFAULT_ASSUMPTIONS,
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
    simulated: Callable[..., dict[str, Any]],
) -> None:
    found = simulated("sample", "--threshold", 650, "--raise", "30%")
    for measure, sides in found["ranges_95"].items():
        for side, (low, high) in sides.items():
            assert low <= found[side][measure] <= high
            assert low < high


def test_the_object_has_every_key(simulated: Callable[..., dict[str, Any]]) -> None:
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


def test_score_bands_add_up_to_the_whole(simulated: Callable[..., dict[str, Any]]) -> None:
    found = simulated(CASES, "--by", "score_band")
    assert next(iter(found["groups"])) == "350-549"
    assert list(found["groups"])[-1] == "850+"
    bands = found["groups"].values()
    assert sum(band["raised"] for band in bands) == found["raised"]
    loss = sum(band["increment"]["expected_loss"] for band in bands if band["increment"])
    assert loss == pytest.approx(found["increment"]["expected_loss"], rel=1e-12)


def test_a_group_without_accounts_is_null(
    tmp_path: Path, simulated: Callable[..., dict[str, Any]]
) -> None:
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


def test_options_override_the_policy_file(
    run: Run, simulated: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
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


def test_another_score_scale_brings_its_own_threshold(
    tmp_path: Path, simulated: Callable[..., dict[str, Any]]
) -> None:
    path = tmp_path / "fico.csv"
    path.write_text("id,fico,line,balance\nA1,800,1000,10\nA2,300,1000,10\n", encoding="utf-8")
    found = simulated(path, "--scale", "300:850", "--map", "score=fico", "credit_limit=line",
                      "--map", "account_id=id", "--currency", "USD")  # fmt: skip
    assert found["portfolio"]["scale"] == "300-850"
    assert found["policy"]["score_threshold"] == 740
    assert found["assumptions"]["anchor_score"] == 680


# Checking


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
    run: Run, simulated: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "part.csv"
    path.write_text(
        "account_id,score,credit_limit,balance\nA1,820,1000,1\nA2,,1000,1\n", encoding="utf-8"
    )
    portfolio = simulated(path)["portfolio"]
    assert (portfolio["accounts"], portfolio["rows_read"], portfolio["rows_rejected"]) == (1, 2, 1)
    assert "1 of 2 rows used" in run("simulate", path)[1]
    assert "1 of 2 rows used" in run("export", path, "--out", tmp_path / "out")[1]


# Faults


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


def test_counts_and_places_read_well(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text(
        "account_id,score,credit_limit,balance\nA1,820,1000,1\nA2,820,1000,1,9,9\n",
        encoding="utf-8",
    )
    code, out, _ = run("check", path)
    assert code == 1
    assert "Rejected: 1 row, of a limit" in out
    assert ": 1 row, for example row " in out
    assert "()" not in out
    path.write_text("account_id,score,credit_limit,balance\nA1,820,1000,1\n", encoding="utf-8")
    assert "1 of 1 row used" in run("simulate", path)[1]


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


# Exporting


def test_an_export_is_written_and_verified(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, text, said = run("export", CASES, "--threshold", "800", "--raise", "20%", "--out", out)
    assert (code, said) == (0, [])
    assert "7 raised by 14,565 CNY" in text
    assert sorted(item.name for item in out.iterdir()) == [
        "accounts.csv",
        "manifest.json",
        "policy.csv",
    ]
    with (out / "accounts.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["account_id"]: row for row in csv.DictReader(file)}
    assert rows["000000000000000001"]["new_limit"] == "12000.00"
    whole = f"{out} is whole: every file is what its manifest says.\n"
    assert run("verify-export", out) == (0, whole, [])
    (out / "accounts.csv").write_bytes((out / "accounts.csv").read_bytes()[:-1])
    code, text, said = run("verify-export", out)
    assert (code, text) == (1, "")
    assert "accounts.csv was changed" in said[0]


def test_an_export_takes_raised_accounts_copies_for_viewing_and_a_zip(
    run: Run, tmp_path: Path
) -> None:
    words = ("export", CASES, "--accounts", "raised", "--viewing", "--zip", "--json")
    code, text, said = run(*words, "--out", tmp_path / "new" / "out")
    assert (code, said) == (0, [])
    found = json.loads(text)
    place = Path(found["place"])
    assert re.fullmatch(r"headroom-draft-[0-9a-f]{8}\.zip", place.name)
    assert [entry["rows"] for entry in found["files"] if "accounts" in entry["name"]] == [7, 7]
    assert verify_export(place) == []


def test_an_export_never_replaces_what_it_reads(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes(CASES.read_bytes())
    code, _, said = run("export", path, "--out", tmp_path)
    assert code == 2
    assert "which it reads: choose another folder" in said[0]
    assert path.read_bytes() == CASES.read_bytes()
    other = tmp_path / "other.csv"
    other.write_bytes(CASES.read_bytes())
    code, _, said = run("export", other, "--out", tmp_path)
    assert code == 2
    assert "was not written by an export" in said[0]


# Listing, and the program itself


def test_every_lever_and_assumption_is_listed(run: Run) -> None:
    code, text, _ = run("parameters")
    assert code == 0
    found = json.loads(run("parameters", "--json")[1])
    listed = {entry["name"] for group in found.values() for entry in group}
    declared = [*POLICY_PARAMETERS, *ASSUMPTION_PARAMETERS, *(b.declared for b in BAND_PARAMETERS)]
    for parameter in declared:
        assert f"    {parameter.name} = " in text
        assert parameter.source in text
        assert parameter.allowed in text
    assert listed == {parameter.name for parameter in declared}


def program(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "analytics.cli", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


def test_the_program_runs_in_a_plain_terminal() -> None:
    done = program("simulate", str(CASES), PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert program("--version").stdout.startswith(b"headroom ")
    assert program().returncode == 2


def test_a_reader_that_stops_early_is_no_fault() -> None:
    line = f"{sys.executable} -m analytics.cli parameters | head -n 1"
    done = subprocess.run(line, shell=True, cwd=ROOT, capture_output=True, check=False)  # noqa: S602
    assert done.stdout.startswith(b"Levers")
    assert done.stderr == b""
