"""What commands are given: assumptions from a file, settings on top, tiers that are ignored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analytics.assumptions import Assumptions
from analytics.export.assumptions_file import assumptions_csv
from tests.cli.running import Read, Run
from tests.places import CASES, THOUSAND


def test_assumptions_come_from_a_file_and_settings_go_on_top(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "assumptions.csv"
    path.write_bytes(assumptions_csv(Assumptions(funding_rate=0.04, hurdle_rate=0.2)))
    found = read("simulate", THOUSAND, "--assumptions", path, "--assume", "hurdle=10%")
    given = read("simulate", THOUSAND, "--assume", "funding=4%", "hurdle=10%")
    assert found == given
    assert found["assumptions"]["funding_rate"] == 0.04


def test_an_export_takes_assumptions_from_a_file(run: Run, tmp_path: Path) -> None:
    path, out = tmp_path / "assumptions.csv", tmp_path / "out"
    path.write_bytes(assumptions_csv(Assumptions(funding_rate=0.04)))
    code, _, said = run("export", CASES, "--assumptions", path, "--out", out)
    assert (code, said) == (0, [])
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["assumptions"]["changed"] == ["funding_rate"]


@pytest.mark.parametrize("command", ["surface", "optimise"])
def test_tiers_that_are_ignored_are_said_to_be(command: str, run: Run, tmp_path: Path) -> None:
    out = ["--out", tmp_path / "s.csv"]
    told = "The tiers of the policy given are ignored"
    code, text, _ = run(command, CASES, *out, "--set", "tiers=650=5%,800=20%")
    assert code == 0
    assert text.count(told) == 1
    assert told not in run(command, CASES, *out)[1]


def test_words_of_a_status_are_asked_about_and_answered(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    words = ["Closed", "Active", "Dormant", "Z"]
    rows = [f"A{place},820,5000,100,{word}" for place, word in enumerate(words)]
    path.write_text("\n".join(["account_id,score,credit_limit,balance,status", *rows, ""]))
    given = ["simulate", path, "--scale", "350:950", "--map", "account_status=status", "--json"]
    code, _, said = run(*given)
    assert code == 2
    assert "'Dormant' (1 account), 'Z' (1 account). Say of each" in " ".join(said)
    code, text, said = run(*given, "--status", "dormant=closed", "z=unknown")
    assert (code, said) == (0, [])
    found = json.loads(text)
    assert found["reasons"]["closed"] == {"accounts": 2, "limit": 10_000.0}
    assert found["reasons"]["unknown_data"] == {"accounts": 1, "limit": 5_000.0}
    code, text, _ = run(*given, "--status", "dormant=closed", "z=unknown", "--set",
                        "unknown_cells=pass")  # fmt: skip
    assert code == 0
    passed = json.loads(text)["not_applied"]["closed"]
    assert passed.startswith("Closed: not applied to 1 account ")
    code, _, said = run(*given, "--status", "dormant=shut", "--status", "z")
    assert code == 2
    assert len(said) >= 2


def test_the_second_sample_is_named_in_place_of_a_file_and_read_as_it_is(run: Run) -> None:
    code, text, _ = run("check", "huabei_plus")
    assert code == 0
    assert text.startswith("Huabei-plus sample: 120,000 of 120,000 rows used · CNY")
    code, _, said = run("check", "huabei_plus", "--scale", "300:850")
    assert code == 2
    assert "The portfolio huabei_plus is read as it is" in said[0]
