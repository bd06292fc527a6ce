"""The command surface: every policy, in a file of its own."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analytics.declared.measures import MEASURES
from tests.cli.running import Read, Run
from tests.places import CASES


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_surface_is_written_with_every_policy(
    read: Read, run: Run, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"surface.{kind}"
    found = read("surface", CASES, "--out", path)
    frame = pd.read_csv(path) if kind == "csv" else pd.read_parquet(path)
    assert found["rows"] == len(frame) == 601 * 101
    assert list(frame.columns[:3]) == ["score_threshold", "raise_rate", "raised"]
    assert {f"increment_{m.name}" for m in MEASURES} - set(frame.columns) == {
        "increment_accounts",
        "increment_raised",
    }
    row = frame[(frame["score_threshold"] == 700) & (frame["raise_rate"] == 0.2)].iloc[0]
    alone = read("simulate", CASES, "--threshold", "700")
    for name in ("ead", "net_value", "expected_loss"):
        assert row[f"increment_{name}"] == pytest.approx(alone["increment"][name], rel=1e-9)
    code, out, said = run("surface", CASES, "--out", path)
    assert (code, said) == (0, [])
    assert "60,701 policies" in out


def test_a_surface_goes_into_a_file_of_its_own(run: Run, tmp_path: Path) -> None:
    code, _, said = run("surface", CASES, "--out", tmp_path / "a.xlsx")
    assert code == 2
    assert "ends in .parquet or .csv" in said[0]
    code, _, said = run("surface", CASES, "--out", CASES)
    assert code == 2
    assert "would replace a file that is read" in said[0]
    code, _, said = run("surface", CASES, "--out", tmp_path / "none" / "a.csv")
    assert code == 2
    assert "there is no folder" in said[0]
