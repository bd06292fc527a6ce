"""The program itself: what it lists, and how it runs in a plain terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS
from analytics.declared.choices import RuleBook
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from tests.cli.running import Run
from tests.places import CASES, ROOT


def test_every_lever_and_assumption_is_listed(run: Run) -> None:
    code, text, _ = run("parameters")
    assert code == 0
    found = json.loads(run("parameters", "--json")[1])
    listed = {entry["name"] for group in ("policy", "assumptions") for entry in found[group]}
    assert [book["name"] for book in found["rule_books"]] == list(RuleBook)
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
