"""The commands export and verify-export: written, verified, never over what is read."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

from analytics.export import verify_export
from tests.cli.running import Run
from tests.places import CASES, VERSION_1


def test_an_export_is_written_and_verified(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, text, said = run("export", CASES, "--threshold", "800", "--raise", "20%", "--out", out)
    assert (code, said) == (0, [])
    assert "5 raised by 11,965 CNY" in text
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
    assert [entry["rows"] for entry in found["files"] if "accounts" in entry["name"]] == [5, 5]
    assert verify_export(place) == []


def test_an_export_of_version_1_says_which_it_is(run: Run) -> None:
    code, text, said = run("verify-export", VERSION_1 / "export")
    assert (code, said) == (0, [])
    assert "is whole" in text
    assert "an export of version 1 of the method; this Headroom follows version 2" in text


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


def test_an_export_beyond_the_evidence_says_so(run: Run, tmp_path: Path) -> None:
    within = run("export", CASES, "--raise", "30%", "--out", tmp_path / "within")[1]
    beyond = run("export", CASES, "--raise", "50%", "--out", tmp_path / "beyond")[1]
    assert "beyond the evidence" not in within
    assert "A raise of 50 % is beyond the evidence" in beyond
