"""The language of a command: its option, else the terminal's; files and JSON never follow it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from analytics.cli.spoken_language import of_environment
from analytics.cli.tables import table
from analytics.declared.language import language
from analytics.shown.formats import cells
from tests.cli.running import Run
from tests.places import CASES

CHINESE = re.compile(r"[\u4e00-\u9fff]")
MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SUM = re.compile(rb"\b[0-9a-f]{64}\b")
"""What differs from one export to the next: its moment, and the sums of files that hold it."""


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:zh_CN:en"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh_CN"),
        ({"LC_ALL": "C.UTF-8", "LANGUAGE": "zh_CN"}, "en"),
        ({"LANGUAGE": "zh_CN"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_the_terminal_names_the_language(environment: Mapping[str, str], spoken: str) -> None:
    assert of_environment(environment) == spoken


@pytest.mark.parametrize("word", ["zh_CN", "zh", "zh-cn"])
@pytest.mark.parametrize("before", [True, False])
def test_the_option_stands_before_or_after_the_command(run: Run, word: str, before: bool) -> None:
    option = ("--language", word)
    words = (*option, "simulate", CASES) if before else ("simulate", CASES, *option)
    code, text, said = run(*words)
    assert code == 0
    assert all(CHINESE.search(line) for line in said)
    assert "获提额账户" in text
    assert language() == "en"


def test_the_option_wins_over_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert CHINESE.search(run("parameters")[1])
    assert not CHINESE.search(run("parameters", "--language=en")[1])


def test_a_language_that_is_not_spoken_is_refused_in_one_sentence(run: Run) -> None:
    code, text, said = run("parameters", "--language", "fr")
    assert (code, text) == (2, "")
    assert len(said) == 1
    assert "'fr' is not spoken here: give zh_CN or en" in said[0]


def test_faults_and_helps_are_said_in_the_language(run: Run) -> None:
    code, _, said = run("simulate", CASES, "--raise", "200%", "--language", "zh_CN")
    assert code == 2
    assert all(CHINESE.search(line) for line in said)
    help_text = run("simulate", "--help", "--language", "zh_CN")[1]
    assert help_text.startswith("用法：headroom simulate")
    assert re.findall(r"[A-Za-z]+(?: [a-z]+){3,}", help_text) == []


JSON = (
    ("check", CASES),
    ("simulate", CASES, "--by", "region", "--compare-temporary"),
    ("treat", CASES),
    ("whitespace", CASES),
    ("stress", CASES),
    ("sensitivity", CASES),
    ("rival", CASES),
    ("optimise", CASES, "--subject-to", "ead_increment_rate<=5%"),
    ("parameters",),
)


@pytest.mark.parametrize("words", JSON, ids=lambda words: words[0])
def test_json_is_the_same_in_every_language(run: Run, words: tuple[str, ...]) -> None:
    english = run(*words, "--json")
    chinese = run(*words, "--json", "--language", "zh_CN")
    assert english[0] == chinese[0] == 0
    assert _rounded(json.loads(english[1])) == _rounded(json.loads(chinese[1]))


def test_a_surface_is_the_same_in_every_language(run: Run, tmp_path: Path) -> None:
    written = []
    for tag in ("en", "zh_CN"):
        out = tmp_path / f"{tag}.csv"
        assert run("surface", CASES, "--out", out, "--language", tag)[0] == 0
        written.append(out.read_bytes())
    assert written[0] == written[1]


def test_an_export_is_the_same_bytes_in_every_language(run: Run, tmp_path: Path) -> None:
    written = []
    for tag in ("en", "zh_CN"):
        out = tmp_path / tag
        code, _, _ = run("export", CASES, "--viewing", "--out", out, "--language", tag)
        assert code == 0
        files = {path.name: MOMENT.sub(b"", path.read_bytes()) for path in out.iterdir()}
        files["manifest.json"] = SUM.sub(b"", files["manifest.json"])
        written.append(files)
    assert written[0] == written[1]
    assert len(written[0]) > 5


def test_an_installed_program_speaks_chinese(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [installed, "parameters"],
        cwd=tmp_path,
        env=os.environ | {"LC_ALL": "zh_CN.UTF-8", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert "政策参数" in done.stdout


def test_columns_of_wide_characters_stand_under_each_other() -> None:
    assert (cells("额度"), cells("EAD"), cells("敞口（EAD）")) == (4, 3, 11)
    rows = table([["额度", "1"], ["loss", "22"]]).splitlines()
    assert rows == ["额度   1", "loss  22"]


def _rounded(found: object) -> object:
    """Return an object with sums that may differ in their last digit from run to run cut."""
    if isinstance(found, float):
        return float(f"{found:.9g}")
    if isinstance(found, dict):
        return {name: _rounded(value) for name, value in found.items()}
    return [_rounded(value) for value in found] if isinstance(found, list) else found
