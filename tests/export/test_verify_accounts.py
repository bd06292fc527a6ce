"""verify-export on treatments: list of accounts, treatments, messages and manifest agree."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics.declared.choices import Treatment
from analytics.declared.treatments import Treatments
from analytics.export import export_policy, export_zip, verify_export
from analytics.export.accounts_lines import HEADER, OF_TREATMENTS
from analytics.export.manifest import digest_of
from analytics.export.treatments_file import read_treatments_csv
from analytics.policy import Policy
from tests.export.portfolios import simulated
from tests.export.written import STAMPED, manifest_of

POLICY = Policy(score_threshold=350, holdout_rate=0.3, message_holdout_rate=0.3)
OWN = Treatments(
    off=frozenset({Treatment.WAIT}),
    messages=((Treatment.GUIDANCE, "g:1"), (Treatment.RAISE, "note")),
)


def written(folder: Path, table: Treatments = OWN, **options: Any) -> Path:
    export_policy(simulated(policy=POLICY), folder, stamped=STAMPED, treatments=table, **options)
    return folder


def restamp(folder: Path, change: Callable[[dict[str, Any]], object] = lambda _: None) -> None:
    """Let the manifest name the files as they are, under a digest that fits it."""
    manifest = manifest_of(folder)
    manifest["files"] = [e for e in manifest["files"] if (folder / e["name"]).exists()]
    for entry in manifest["files"]:
        data = (folder / entry["name"]).read_bytes()
        rows = len(list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))) - 1
        digest = hashlib.sha256(data).hexdigest()
        entry |= {"sha256": digest, "bytes": len(data), "rows": rows}
    change(manifest)
    manifest["manifest_sha256"] = digest_of(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")


def test_an_export_with_a_table_of_ones_own_is_whole(tmp_path: Path) -> None:
    folder = written(tmp_path / "folder", viewing=True)
    assert verify_export(folder) == []
    assert read_treatments_csv((folder / "treatments.csv").read_bytes()) == OWN
    said = manifest_of(folder)["treatments"]
    assert said["wait"] == {"on": False, "message_code": "wait", "accounts": 0}
    assert said["guidance"]["message_code"] == "g:1"
    assert said["none"]["message_code"] is None
    assert sum(entry["accounts"] for entry in said.values()) == 25
    assert verify_export(written(tmp_path / "raised", accounts="raised")) == []
    place = tmp_path / "export.zip"
    simulation = simulated(policy=POLICY)
    export_zip(simulation, place, stamped=STAMPED, treatments=OWN)
    assert verify_export(place) == []


def _replaced(name: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        data = (folder / name).read_bytes()
        assert old in data
        (folder / name).write_bytes(data.replace(old, new, 1))

    return change


def _removed(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_replaced("treatments.csv", b"wait,off", b"wait,on"), "says another wait than the man"),
        (_replaced("treatments.csv", b"guidance,on,g:1", b"guidance,on,g"), "gives guidance other"),
        (_replaced("treatments.csv", b"support,on", b"support,off"), "support cannot be off"),
        (_replaced("treatments.csv", b"none,on", b"nothing,on"), "There is no treatment 'nothing'"),
        (_replaced("accounts.csv", b",g:1,", b",g:2,"), "gives guidance otherwise than"),
        (_replaced("messages.csv", b"g:1", b"g:2"), "does not hold the messages that"),
        (_replaced("messages.csv", b"language", b"tongue"), "does not hold the messages that"),
        (_removed("treatments.csv"), "treatments.csv is missing"),
        (_removed("messages.csv"), "messages.csv is missing"),
    ],
)
def test_files_that_do_not_agree_are_found(
    change: Callable[[Path], None], words: str, tmp_path: Path
) -> None:
    folder = written(tmp_path)
    change(folder)
    restamp(folder)
    faults = verify_export(folder)
    assert any(words in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m["treatments"]["support"].update(accounts=99), "and the manifest says 99"),
        (lambda m: m["treatments"].pop("support"), "and the manifest says nothing"),
        (lambda m: m["messages"].update(held_out=99), "accounts with held_out, and the manifest"),
        (lambda m: m.update(messages=None), "accounts with message, and the manifest says nothing"),
        (lambda m: m.update(treatments=[]), "and the manifest says nothing"),
        (lambda m: m.pop("treatments"), "one has treatments and one has none"),
    ],
)
def test_a_manifest_that_counts_otherwise_is_found(
    change: Callable[[dict[str, Any]], object], words: str, tmp_path: Path
) -> None:
    folder = written(tmp_path)
    restamp(folder, change)
    assert any(words in fault for fault in verify_export(folder))


def test_an_export_from_before_there_were_treatments_is_whole(tmp_path: Path) -> None:
    folder = written(tmp_path)
    kept = [name for name in HEADER.split(",") if name not in OF_TREATMENTS]
    path = folder / "accounts.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    text = io.StringIO()
    writer = csv.DictWriter(text, kept, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    for name in ("treatments.csv", "messages.csv"):
        (folder / name).unlink()

    def earlier(manifest: dict[str, Any]) -> None:
        del manifest["treatments"], manifest["messages"]

    restamp(folder, earlier)
    assert verify_export(folder) == []
    assert verify_export(written(folder)) == []
