"""The command sensitivity: break-evens, the tornado, and two at a time."""

from __future__ import annotations

import pytest

from analytics.declared.cases import CASES
from tests.cli.running import Read, Run
from tests.places import THOUSAND


def test_sensitivity_gives_break_evens_and_a_sorted_tornado(read: Read) -> None:
    found = read("sensitivity", THOUSAND, "--threshold", "600", "--two", "ccf", "response_form")
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
            moved = read("simulate", THOUSAND, "--threshold", "600", "--assume", f"{name}={text}")
            wanted = moved["increment"]["npv"]
            size = moved["increment"]["margin"]
            assert bars[name][f"at_{end}"] == pytest.approx(wanted, abs=5e-3 * size)
    assert len(found["two_way"]["values"]) == 9
    assert found["two_way"]["second"]["settings"] == ["log", "linear"]


def test_sensitivity_moves_other_measures_and_refuses_some(read: Read, run: Run) -> None:
    found = read("sensitivity", THOUSAND, "--measure", "expected_loss")
    assert found["measure"] == "expected_loss"
    code, _, said = run("sensitivity", THOUSAND, "--measure", "strained")
    assert code == 2
    assert "'strained' cannot be moved" in said[0]
    code, _, said = run("sensitivity", THOUSAND, "--two", "yeld", "ccf")
    assert code == 2
    assert "did you mean yield_rate" in said[0]
