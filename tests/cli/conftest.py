"""What runs a command line, and reads the object that it prints."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analytics.cli import main
from tests.cli.running import Read, Run

ASSUMED = "headroom: Assumed, not declared: "
"""How what is assumed of a file is said beside every command: test_check holds it, others not."""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command line: exit code, output, and the lines said beside it.

    What was assumed of a portfolio is said with every command, and left out here.
    """

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
        return code, printed.out, [line for line in said if not line.startswith(ASSUMED)]

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


@pytest.fixture
def simulated(read: Read) -> Read:
    """Return what runs ``headroom simulate --json`` and reads its object."""

    def runs(*words: object) -> dict[str, Any]:
        return read("simulate", *words)

    return runs


def refuse(word: str) -> None:
    raise AssertionError(f"the output holds {word}")
