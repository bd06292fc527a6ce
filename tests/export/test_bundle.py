"""An export as a whole: what the manifest says, what a zip holds, and what verify-export finds."""

import datetime as dt
import hashlib
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.declared.measures import MEASURES
from analytics.errors import ExportError
from analytics.export import (
    check_folder,
    export_policy,
    export_zip,
    read_policy_csv,
    verify_export,
    zip_name,
)
from analytics.export.accounts_file import HEADER
from analytics.export.manifest import digest_of
from analytics.export.record import policy_record
from analytics.policy import Policy
from tests.export.portfolios import portfolio_of, rows_of, simulated
from tests.oracle import load_cases

STAMPED = dt.datetime(2026, 11, 24, 16, 30, 5, tzinfo=dt.timezone(dt.timedelta(hours=8)))
PLAIN = ["accounts.csv", "manifest.json", "policy.csv"]
VIEWS = ["accounts_for_viewing.csv", "policy_for_viewing.csv"]


def exported(folder: Path, policy: Policy | None = None, **options: Any) -> Path:
    export_policy(simulated(policy=policy), folder, stamped=STAMPED, **options)
    return folder


def manifest_of(folder: Path) -> dict[str, Any]:
    def refuse(word: str) -> None:
        raise AssertionError(f"the manifest holds {word}")

    text = (folder / "manifest.json").read_text(encoding="utf-8")
    manifest: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return manifest


def names(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


def test_an_export_is_three_files_or_five_and_is_whole(tmp_path: Path) -> None:
    plain = exported(tmp_path / "deep" / "plain")
    assert names(plain) == PLAIN
    both = exported(tmp_path / "both", viewing=True)
    assert names(both) == sorted(PLAIN + VIEWS)
    assert verify_export(plain) == verify_export(both) == []


def test_the_same_export_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (exported(tmp_path / name, viewing=True) for name in ("one", "two"))
    for name in names(one):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_the_manifest_describes_every_file(tmp_path: Path) -> None:
    folder = exported(tmp_path, viewing=True)
    listed = {entry["name"]: entry for entry in manifest_of(folder)["files"]}
    assert sorted([*listed, "manifest.json"]) == names(folder)
    for name, entry in listed.items():
        data = (folder / name).read_bytes()
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        assert entry["bytes"] == len(data)
    rows = rows_of(folder / "accounts.csv")
    accounts = listed["accounts.csv"]
    assert accounts["rows"] == len(rows) == 25
    for column, total in accounts["control_sums"].items():
        assert total == str(sum(Decimal(row[column]) for row in rows))


def test_the_manifest_carries_the_whole_simulation(tmp_path: Path) -> None:
    simulation = simulated(response_form="linear")
    export_policy(simulation, tmp_path, stamped=STAMPED)
    manifest = manifest_of(tmp_path)
    assert manifest["headroom_export"] == 1
    assert manifest["stamped"] == "2026-11-24T08:30:05Z"
    total, portfolio = simulation.total, simulation.portfolio
    assert total.baseline
    assert total.increment
    for measure in MEASURES:
        assert manifest["baseline"][measure.name] == total.baseline.get(measure.name)
        assert manifest["increment"][measure.name] == total.increment.get(measure.name)
    assert manifest["reasons"]["raised"]["accounts"] == total.raised
    assert manifest["binding"] == dict(total.binding)
    assert manifest["expected_loss_parts"] == dict(total.expected_loss_parts)
    assert manifest["portfolio"]["fingerprint"] == portfolio.fingerprint
    assert manifest["portfolio"]["accounts"] == manifest["portfolio"]["rows_read"] == 25
    assert manifest["portfolio"]["rows_rejected"] == 0
    assert manifest["policy"]["fingerprint"] == simulation.policy.fingerprint
    assert manifest["policy"]["limit_cap"] == 50_000
    assert manifest["policy"]["constraints"] == []
    held = simulation.policy.with_changes(constraints=("loss_rate<=0.05",))
    assert policy_record(held)["constraints"] == ["loss_rate<=0.05"]
    assumed = manifest["assumptions"]
    assert assumed["changed"] == ["response_form"]
    assert assumed["values"]["response_form"]["value"] == "linear"
    assert assumed["values"]["response_form"]["default"] == "log"
    factor = assumed["values"]["credit_conversion_factor"]
    assert (factor["value"], factor["unit"], factor["mark"]) == (0.2, "fraction", "R")
    assert "China 2023" in factor["source"]
    assert factor["changed"] is False
    assert assumed["values"]["elasticity"]["value"] == [0.6] * 8


def test_rules_that_were_not_applied_are_named_in_sentences(tmp_path: Path) -> None:
    frame = load_cases().drop(columns=["is_student"])
    export_policy(simulated(portfolio_of(frame)), tmp_path, stamped=STAMPED)
    said = manifest_of(tmp_path)["not_applied"]
    assert said["is_student"] == "Student: not applied, the portfolio has no column is_student"
    assert "1 accounts whose opted_out is unknown" in said["opted_out"]


def test_no_database_and_no_path_is_named(tmp_path: Path) -> None:
    simulation = simulated()
    export_policy(simulation, tmp_path, stamped=STAMPED, viewing=True)
    words = (tmp_path / "manifest.json").read_text(encoding="utf-8")
    for secret in ("duckdb", "headroom-", "/tmp", "embedded", "://"):  # noqa: S108
        assert secret not in words


def test_a_moment_without_its_time_zone_is_refused(tmp_path: Path) -> None:
    naive = STAMPED.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        export_policy(simulated(), tmp_path, stamped=naive)
    assert names(tmp_path) == []


def test_a_new_export_replaces_the_earlier_one_whole(tmp_path: Path) -> None:
    exported(tmp_path, viewing=True)
    exported(tmp_path, Policy(raise_rate=0.3), accounts="raised")
    assert names(tmp_path) == PLAIN
    assert verify_export(tmp_path) == []
    assert read_policy_csv((tmp_path / "policy.csv").read_bytes()).raise_rate == 0.3


@pytest.mark.parametrize("name", ["accounts.csv", "policy.csv", "manifest.json", VIEWS[0]])
def test_a_file_of_somebody_else_is_never_replaced(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("account_id,score\n1,800\n", encoding="utf-8")
    with pytest.raises(ExportError, match=f"{name} is there and was not written by an export"):
        exported(tmp_path)
    assert names(tmp_path) == [name]


def test_files_of_other_names_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("keep", encoding="utf-8")
    exported(tmp_path)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "keep"
    check_folder(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.replace(b"12000.00", b"13000.00", 1), "new_limit adds up to"),
        (lambda data: data[: data.rindex(b"0024")], "has 23 rows, and the manifest says 25"),
        (lambda data: data[: len(data) // 2], "cannot be read as the table"),
        (lambda data: data.replace(b"000000000000000001", b"1"), "was changed after the export"),
        (lambda data: data.replace(b"\n", b"\r\n"), "was changed after the export"),
        (lambda data: data.replace(b",", b";"), "cannot be read as the table"),
        (lambda _: b"\xff\xfe", "cannot be read as the table"),
        (lambda _: b"", "cannot be read as the table"),
    ],
)
def test_a_changed_list_of_accounts_is_found(change: Any, words: str, tmp_path: Path) -> None:
    path = exported(tmp_path) / "accounts.csv"
    path.write_bytes(change(path.read_bytes()))
    faults = verify_export(tmp_path)
    assert any(words in fault for fault in faults), faults
    assert any("was changed after the export" in fault for fault in faults)


def test_a_spreadsheet_that_saves_the_list_again_is_found(tmp_path: Path) -> None:
    path = exported(tmp_path) / "accounts.csv"
    pd.read_csv(path).to_csv(path, index=False)
    assert any("was changed" in fault for fault in verify_export(tmp_path))


def test_every_kind_of_damage_to_an_export_is_a_sentence(tmp_path: Path) -> None:
    folder = exported(tmp_path)
    good = manifest_of(folder)
    path = folder / "manifest.json"
    broken: list[tuple[Any, str]] = [
        ({**good, "headroom_export": 2}, "not of format 1"),
        ({**good, "files": []}, "names no policy.csv"),
        ({**good, "files": 5}, "cut short"),
        ({**good, "files": [{"name": "../../etc/passwd"}]}, "a file that no export writes"),
        ({**good, "files": [{"name": "accounts.csv"}]}, "says too little"),
        ({**good, "policy": {"fingerprint": "0"}}, "not the policy that the manifest describes"),
        ([], "cut short"),
    ]
    for content, words in broken:
        path.write_text(json.dumps(content), encoding="utf-8")
        faults = verify_export(folder)
        assert any(words in fault for fault in faults), (words, faults)
    path.write_bytes(path.read_bytes()[:100])
    assert verify_export(folder)
    path.unlink()
    assert "has no manifest.json" in verify_export(folder)[0]


def _edited(manifest: dict[str, Any], *keys: str, value: Any) -> dict[str, Any]:
    """Return a manifest with another value, and the digest that fits it."""
    edited: dict[str, Any] = json.loads(json.dumps(manifest))
    place = edited
    for key in keys[:-1]:
        place = place[key]
    assert place[keys[-1]] != value
    place[keys[-1]] = value
    return edited


@pytest.mark.parametrize(
    ("keys", "value", "words"),
    [
        (("raised",), 8, "raises 7 accounts, and the manifest says raised = 8"),
        (("effective_raise",), 1.0, "and the manifest says effective_raise = 1.0"),
        (("policy", "raise_rate"), 0.3, "says another raise_rate of the policy than policy.csv"),
        (("policy", "tiers"), [{}], "says another tiers of the policy than policy.csv"),
        (("assumptions", "fingerprint"), "0", "not those of their fingerprint"),
        (("assumptions", "band_edges"), [1], "not those of their fingerprint"),
        (("assumptions", "values", "elasticity"), {}, "not those of their fingerprint"),
        (("assumptions", "values", "hurdle_rate", "value"), 0.9, "not those of their fingerprint"),
        (("assumptions", "values", "hurdle_rate", "source"), "x", ""),
        (("increment", "net_value"), 1e9, ""),
        (("stamped",), "2027-01-01T00:00:00Z", ""),
    ],
)
def test_an_edit_of_the_manifest_is_found(
    keys: tuple[str, ...], value: Any, words: str, tmp_path: Path
) -> None:
    folder = exported(tmp_path)
    edited = _edited(manifest_of(folder), *keys, value=value)
    path = folder / "manifest.json"
    path.write_text(json.dumps(edited), encoding="utf-8")
    faults = verify_export(folder)
    assert faults[0].startswith("manifest.json was changed after the export")
    path.write_text(json.dumps({**edited, "manifest_sha256": digest_of(edited)}), encoding="utf-8")
    faults = verify_export(folder)
    assert [words in fault for fault in faults] == ([True] if words else [])


def test_a_manifest_without_its_digest_or_with_a_name_twice_is_told(tmp_path: Path) -> None:
    folder = exported(tmp_path)
    path = folder / "manifest.json"
    text = path.read_text(encoding="utf-8")
    manifest = manifest_of(folder)
    assert list(manifest)[-1] == "manifest_sha256"
    del manifest["manifest_sha256"]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    (fault,) = verify_export(folder)
    assert "has no digest of its own (manifest_sha256): an earlier version wrote it" in fault
    path.write_text(text.replace("{", '{"raised": 9,', 1), encoding="utf-8")
    assert "cannot be read" in verify_export(folder)[0]


def test_an_export_of_offers_or_of_raised_accounts_alone_is_whole(tmp_path: Path) -> None:
    export_policy(simulated(consent_mode="opt_in"), tmp_path, stamped=STAMPED, accounts="raised")
    assert verify_export(tmp_path) == []


def test_a_missing_or_a_foreign_file_is_found(tmp_path: Path) -> None:
    folder = exported(tmp_path)
    (folder / "accounts_for_viewing.csv").write_text(HEADER, encoding="utf-8")
    assert "is of another export" in verify_export(folder)[0]
    (folder / "accounts.csv").unlink()
    assert "accounts.csv is missing: export again." in verify_export(folder)
    assert "no such file" in verify_export(folder / "absent")[0]
    (folder / "x.zip").write_bytes(b"PK\x03\x04 broken")
    assert "is not a whole zip" in verify_export(folder / "x.zip")[0]


def test_a_zip_holds_the_same_files_the_manifest_last(tmp_path: Path) -> None:
    folder = exported(tmp_path / "folder", viewing=True)
    buffer = io.BytesIO()
    simulation = simulated()
    exported_zip = export_zip(simulation, buffer, stamped=STAMPED, viewing=True)
    assert exported_zip.place is None
    with zipfile.ZipFile(buffer) as archive:
        assert archive.testzip() is None
        members = archive.infolist()
        assert [m.filename for m in members][-1] == "manifest.json"
        assert {m.date_time for m in members} == {(2026, 11, 24, 8, 30, 4)}
        for member in members:
            assert archive.read(member) == (folder / member.filename).read_bytes()


def test_the_same_zip_gives_the_same_bytes_in_memory_and_on_disk(tmp_path: Path) -> None:
    simulation = simulated()
    path = tmp_path / zip_name(simulation.policy)
    export_zip(simulation, path, stamped=STAMPED)
    buffer = io.BytesIO()
    export_zip(simulated(), buffer, stamped=STAMPED)
    assert path.read_bytes() == buffer.getvalue()
    assert names(tmp_path) == [path.name]
    assert verify_export(path) == []


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("Spring Campaign 2026!", "headroom-spring-campaign-2026-"),
        ("../../etc/passwd", "headroom-etc-passwd-"),
        ("春季提额", "headroom-policy-"),
        ("Für alle", "headroom-fur-alle-"),
        ("=cmd|calc", "headroom-cmd-calc-"),
        ("x" * 80, f"headroom-{'x' * 40}-"),
    ],
)
def test_the_name_of_a_zip_is_made_by_us(name: str, start: str) -> None:
    policy = Policy(name=name)
    assert zip_name(policy) == f"{start}{policy.fingerprint[:8]}.zip"


def test_progress_counts_the_accounts(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    exported(tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (25, 25)
    assert seen == sorted(seen)


def test_a_policy_with_an_alarming_name_leaves_unaltered(tmp_path: Path) -> None:
    policy = Policy(name="=1+1", note='a "quote", and more')
    folder = exported(tmp_path, policy, viewing=True)
    assert read_policy_csv((folder / "policy.csv").read_bytes()) == policy
    assert verify_export(folder) == []
