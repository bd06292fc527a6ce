"""Mappings kept on the command line: asked for, said where used, and forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Run

TEXT = "id,fico_band_score,line,balance\nA,700,1000,5\nB,710,2000,7\n"
MAP = ("--map", "account_id=id", "score=fico_band_score", "credit_limit=line")
SCALE = ("--scale", "300:850")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("HEADROOM_HOME", str(folder))
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cards.csv"
    path.write_text(TEXT)
    return path


def test_nothing_is_kept_unless_it_is_asked_for(run: Run, file: Path, home: Path) -> None:
    assert run("check", file, *MAP, *SCALE)[0] == 0
    assert not home.exists()
    assert run("check", file, *SCALE)[0] == 2


def test_a_kept_mapping_is_used_said_and_forgotten(run: Run, file: Path) -> None:
    assert run("check", file, *MAP, *SCALE, "--remember")[0] == 0
    code, out, said = run("check", file, *SCALE)
    assert (code, said) == (0, [])
    assert "Remembered from cards.csv" in out
    assert "score = fico_band_score" in out
    assert "--forget undoes that." in out
    code, out, said = run("check", file, *SCALE, "--json")
    assert any(line.startswith("Remembered from") for line in json.loads(out)["warnings"])
    code, out, said = run("simulate", file, *SCALE)
    assert code == 0
    assert [line.startswith("headroom: Remembered from cards.csv") for line in said] == [True]
    code, _, said = run("check", file, *SCALE, "--forget")
    assert code == 2
    assert "account_id=id" in " ".join(said)
    assert run("check", file, *SCALE)[0] == 2


def test_what_is_given_outranks_what_is_kept(run: Run, file: Path) -> None:
    swapped = ("--map", "account_id=id", "score=line", "credit_limit=fico_band_score")
    assert run("check", file, *swapped, "--scale", "0:5000", "--remember")[0] == 0
    code, out, _ = run("check", file, *MAP, *SCALE)
    assert code == 0
    assert "Credit limit 3,000.00" in out
    assert "Remembered" not in out


def test_a_swap_that_is_kept_never_reaches_a_file_with_exact_names(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("account_id,score,credit_limit,balance\nA,700,1000,5\n")
    swapped = ("--map", "credit_limit=balance", "balance=credit_limit")
    assert "Credit limit 5.00" in run("check", path, *swapped, "--remember")[1]
    code, out, _ = run("check", path)
    assert code == 0
    assert "Credit limit 1,000.00" in out
    assert "Remembered" not in out


def test_a_home_that_cannot_be_written_to_is_said_and_the_file_is_loaded(
    run: Run, file: Path, home: Path
) -> None:
    home.write_text("a file, not a folder")
    code, out, said = run("check", file, *MAP, *SCALE, "--remember")
    assert code == 0
    assert "2 of 2 rows used" in out
    assert len(said) == 1
    assert "cannot be written to" in said[0]


@pytest.mark.parametrize("option", ["--remember", "--forget"])
def test_the_sample_has_nothing_to_remember(run: Run, option: str) -> None:
    code, _, said = run("check", "sample", option)
    assert code == 2
    assert "are for files" in said[0]
