"""The end of a temporary raise in what leaves: in the policy, on every raised row, in verify."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics.assumptions import Assumptions
from analytics.export import export_policy, load_stated, policy_csv, read_policy_csv, verify_export
from analytics.export.accounts_file import accounts_on_disk
from analytics.export.accounts_lines import HEADER, OF_THE_END
from analytics.export.manifest import digest_of
from analytics.policy import Policy
from analytics.results.simulation import Simulation, simulate
from tests.export.portfolios import portfolio_of
from tests.export.written import STAMPED, manifest_of
from tests.oracle import load_cases

FIRST, LAST = dt.date(2026, 11, 27), "2026-12-27"
ENDING = Policy(score_threshold=350, temporary_days=30, effective_date=FIRST, holdout_rate=0.2)


def simulated(policy: Policy, *, streamed: bool = False) -> Simulation:
    return simulate(portfolio_of(load_cases(), streamed=streamed), policy, Assumptions())


def rows_of(policy: Policy, *, streamed: bool = False) -> list[dict[str, str]]:
    with accounts_on_disk(simulated(policy, streamed=streamed)) as listed:
        text = listed.path.read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("first", [FIRST, None])
def test_every_raised_row_has_its_end_and_the_limit_of_before(
    first: dt.date | None, *, streamed: bool
) -> None:
    rows = rows_of(ENDING.with_changes(effective_date=first), streamed=streamed)
    raised = [row for row in rows if row["reason"] == "raised"]
    assert raised
    assert len(raised) < len(rows)
    for row in raised:
        assert row["end_date"] == (LAST if first else "")
        assert row["limit_after_end"] == row["current_limit"]
    for row in rows:
        if row["reason"] != "raised":
            assert (row["end_date"], row["limit_after_end"]) == ("", "")


@pytest.mark.parametrize("streamed", [False, True])
def test_a_permanent_raise_has_no_end(*, streamed: bool) -> None:
    rows = rows_of(ENDING.with_changes(temporary_days=None), streamed=streamed)
    assert {(row["end_date"], row["limit_after_end"]) for row in rows} == {("", "")}


def test_the_policy_file_states_the_end_and_is_read_back_without_it(tmp_path: Path) -> None:
    data = policy_csv(ENDING)
    assert f"end_date,,{LAST},date,".encode() in data
    assert read_policy_csv(data) == ENDING
    path = tmp_path / "policy.csv"
    earlier = [line for line in data.splitlines(keepends=True) if b"end_date" not in line]
    path.write_bytes(b"".join(earlier))
    assert load_stated(path).policy == ENDING
    assert load_stated(path).fingerprint == ENDING.fingerprint
    assert b"end_date,,none,date," in policy_csv(ENDING.with_changes(effective_date=None))
    assert b"end_date" not in policy_csv(ENDING.with_changes(temporary_days=None))


def written(policy: Policy, folder: Path) -> Path:
    export_policy(simulated(policy), folder, stamped=STAMPED, viewing=True)
    return folder


def test_the_manifest_says_the_end_and_who_owes_more_and_is_whole(tmp_path: Path) -> None:
    folder = written(ENDING, tmp_path)
    manifest = manifest_of(folder)
    assert manifest["accounts"]["end_date"] == LAST
    assert manifest["above_old_limit"] is not None
    assert verify_export(folder) == []
    later = written(ENDING.with_changes(temporary_days=None), tmp_path)
    assert manifest_of(later)["above_old_limit"] is None
    assert verify_export(later) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda row: row | {"end_date": "2026-12-28"}, "has another end_date than the manifest"),
        (lambda row: row | {"limit_after_end": "1.00"}, "its limit_after_end is not the limit of"),
        (lambda row: row | {"limit_after_end": ""}, "it has an end_date, and no limit_after_end"),
    ],
)
def test_another_end_is_found(
    change: Callable[[dict[str, str]], dict[str, str]], words: str, tmp_path: Path
) -> None:
    path = written(ENDING, tmp_path) / "accounts.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    changed = [change(row) if row["reason"] == "raised" else row for row in rows]
    _write(path, changed, list(rows[0]))
    assert any(words in fault for fault in verify_export(tmp_path))
    held = [row | {"end_date": LAST} if row["reason"] != "raised" else row for row in rows]
    _write(path, held, list(rows[0]))
    assert any("it is not raised, and has an end" in fault for fault in verify_export(tmp_path))


def test_an_export_from_before_the_end_was_written_is_whole(tmp_path: Path) -> None:
    folder = written(ENDING.with_changes(temporary_days=None), tmp_path)
    path = folder / "accounts.csv"
    kept = [name for name in HEADER.split(",") if name not in OF_THE_END]
    for name in ("accounts.csv", "accounts_for_viewing.csv"):
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        mark = "\ufeff" if "viewing" in name else ""
        _write(folder / name, [{n: row[n] for n in kept} for row in rows], kept, mark)
    manifest = manifest_of(folder)
    del manifest["above_old_limit"]
    del manifest["accounts"]["end_date"]
    _restamp(folder, manifest)
    assert path.read_text(encoding="utf-8").startswith(",".join(kept))
    assert verify_export(folder) == []
    written(ENDING, folder)
    assert verify_export(folder) == []


def _write(path: Path, rows: list[dict[str, str]], names: list[str], mark: str = "") -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(mark + text.getvalue(), encoding="utf-8", newline="")


def _restamp(folder: Path, manifest: dict[str, Any]) -> None:
    """Let the manifest name the files as they are, under a digest that fits it."""
    for entry in manifest["files"]:
        data = (folder / entry["name"]).read_bytes()
        entry |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    manifest["manifest_sha256"] = digest_of(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")
