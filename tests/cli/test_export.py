"""The commands export and verify-export: written, verified, never over what is read."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

from analytics.declared.choices import Treatment
from analytics.declared.treatments import Treatments
from analytics.export import verify_export
from analytics.export.treatments_file import treatments_csv
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
        "messages.csv",
        "policy.csv",
        "treatments.csv",
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


def test_an_export_takes_a_treatments_file_and_names_its_faults_with_all_others(
    run: Run, tmp_path: Path
) -> None:
    own = Treatments(off=frozenset({Treatment.WAIT}), messages=((Treatment.ASK, "ask-2"),))
    path, out = tmp_path / "own.csv", tmp_path / "out"
    path.write_bytes(treatments_csv(own))
    words = ("export", CASES, "--out", out, "--treatments", path)
    assert run(*words, "--message-holdout-rate", "50%")[0] == 0
    assert (out / "treatments.csv").read_bytes() == treatments_csv(own)
    assert verify_export(out) == []
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["policy"]["message_holdout_rate"] == 0.5
    assert manifest["treatments"]["wait"]["on"] is False
    long = "x" * 2_000
    rows = f"support,off,\ngidance,on,\nwait,on,{long}\nask,on,=1\n"
    path.write_text(f"treatment,on,message_code\nheadroom_treatments,,1\n{rows}")
    before = sorted(item.read_bytes() for item in out.iterdir())
    code, text, said = run(*words, "--threshold", "8000")
    assert (code, text) == (2, "")
    told = "\n".join(said)
    for fault in (
        "8000",
        "support cannot be off",
        "did you mean guidance?",
        "has 2,000 characters",
        "begins as a formula does",
    ):
        assert fault in told
    assert sorted(item.read_bytes() for item in out.iterdir()) == before, "nothing was applied"


def test_an_export_does_not_replace_the_treatments_file_that_it_reads(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "treatments.csv"
    path.write_bytes(treatments_csv())
    code, _, said = run("export", CASES, "--out", tmp_path, "--treatments", path)
    assert code == 2
    assert "which it reads: choose another folder" in said[0]


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
