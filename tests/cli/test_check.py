"""The command check, and what every command says of a file that is not taken whole."""

from __future__ import annotations

import json
from pathlib import Path

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
    assert ": 1 row, for example line " in out
    assert "()" not in out
    path.write_text("account_id,score,credit_limit,balance\nA1,820,1000,1\n", encoding="utf-8")
    assert "1 of 1 row used" in run("simulate", path)[1]
