"""What verify-export finds: every change, cut and foreign file, each in a sentence."""

import json
import os
import shutil
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.export import (
    export_policy,
    export_zip,
    verify_export,
)
from analytics.export.accounts_lines import HEADER
from analytics.export.manifest import digest_of
from analytics.export.verify import Verified, verified
from tests.export.portfolios import simulated
from tests.export.written import STAMPED, exported, manifest_of
from tests.places import VERSION_1


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
        ({**good, "headroom_export": 3}, "not of format 1 or 2"),
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
        (("raised",), 8, "raises 5 accounts, and the manifest says raised = 8"),
        (("method_version",), 1, "says another method_version of the policy than policy.csv"),
        (("portfolio", "currency"), "USD", "says another currency of the policy than policy.csv"),
        (("policy", "beyond_evidence"), True, "another beyond_evidence of the policy"),
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


def test_an_export_of_version_1_is_whole_and_says_its_version(tmp_path: Path) -> None:
    place = VERSION_1 / "export"
    assert verified(place) == Verified((), 1)
    assert verified(exported(tmp_path / "new")) == Verified((), 2)
    copy = tmp_path / "copy"
    shutil.copytree(place, copy)
    path = copy / "accounts.csv"
    path.write_bytes(path.read_bytes().replace(b"24000.00", b"25000.00", 1))
    faults = verify_export(copy)
    assert any("was changed after the export" in fault for fault in faults)
    assert any("new_limit adds up to" in fault for fault in faults)


def test_an_edit_of_an_old_policy_is_found(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(VERSION_1 / "export", copy)
    path = copy / "policy.csv"
    path.write_bytes(path.read_bytes().replace(b"limit_cap,,50000", b"limit_cap,,60000"))
    faults = verify_export(copy)
    assert "policy.csv is not the policy that the manifest describes: export again." in faults


def test_an_export_over_one_of_version_1_replaces_it(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(VERSION_1 / "export", copy)
    assert verified(exported(copy)) == Verified((), 2)


def test_a_missing_or_a_foreign_file_is_found(tmp_path: Path) -> None:
    folder = exported(tmp_path)
    (folder / "accounts_for_viewing.csv").write_text(HEADER, encoding="utf-8")
    assert "is of another export" in verify_export(folder)[0]
    (folder / "accounts.csv").unlink()
    assert "accounts.csv is missing: export again." in verify_export(folder)
    assert "no such file" in verify_export(folder / "absent")[0]
    (folder / "x.zip").write_bytes(b"PK\x03\x04 broken")
    assert "is not a whole zip" in verify_export(folder / "x.zip")[0]


def zipped(folder: Path) -> Path:
    """Return the zip of an export."""
    place = folder / "export.zip"
    export_zip(simulated(), place, stamped=STAMPED, viewing=True)
    assert verify_export(place) == []
    return place


def _members(place: Path) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(place) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def _written(place: Path, members: list[tuple[str, bytes]]) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(place, "w") as archive:
        warnings.simplefilter("ignore")
        for name, data in members:
            archive.writestr(name, data)
    return place


@pytest.mark.parametrize("first", [True, False])
def test_a_zip_with_two_files_of_one_name_is_refused(first: bool, tmp_path: Path) -> None:
    place = zipped(tmp_path)
    members, forged = _members(place), ("accounts.csv", b"forged")
    _written(place, [forged, *members] if first else [*members, forged])
    assert ["it holds accounts.csv more than once" in fault for fault in verify_export(place)] == [
        True
    ]


@pytest.mark.parametrize(
    "name",
    ["Accounts.csv", "ACCOUNTS.CSV", "./accounts.csv", "a/accounts.csv", "../accounts.csv",
     "/accounts.csv", "\uff41ccounts.csv", "accounts.csv ", "accounts.csv/", "other.txt"],
)  # fmt: skip
def test_a_zip_with_a_file_that_some_take_for_another_is_refused(name: str, tmp_path: Path) -> None:
    place = zipped(tmp_path)
    _written(place, [*_members(place), (name, b"forged")])
    (fault,) = verify_export(place)
    assert f"it holds {name!r}, which no export writes" in fault


def test_a_zip_written_anew_with_the_same_files_is_whole(tmp_path: Path) -> None:
    place = zipped(tmp_path)
    assert verify_export(_written(place, _members(place))) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b"\0",
        lambda data: data + data,
        lambda data: b"#!/bin/sh\n" + data,
        lambda data: data[:-2] + b"\x04\0note",
    ],
)
def test_a_zip_with_something_before_between_or_behind_its_files_is_refused(
    change: Any, tmp_path: Path
) -> None:
    place = zipped(tmp_path)
    place.write_bytes(change(place.read_bytes()))
    (fault,) = verify_export(place)
    assert "there is something between or behind its files" in fault or "not a whole zip" in fault


def test_a_hidden_file_between_the_files_of_a_zip_is_refused(tmp_path: Path) -> None:
    place = zipped(tmp_path)
    members = _members(place)
    _written(place, [members[0], ("accounts.csv", b"hidden"), *members[1:]])
    with zipfile.ZipFile(place, "a") as archive:
        del archive.filelist[1]
        archive._didModify = True  # type: ignore[attr-defined]
    (fault,) = verify_export(place)
    assert "there is something between or behind its files" in fault


@pytest.mark.parametrize(("at", "byte"), [(6, 2), (8, 12), (14, 1), (22, 1), (30, ord("P"))])
def test_a_zip_whose_headers_do_not_agree_is_refused(at: int, byte: int, tmp_path: Path) -> None:
    place = zipped(tmp_path)
    data = bytearray(_written(place, _members(place)).read_bytes())
    data[at] ^= byte
    place.write_bytes(data)
    (fault,) = verify_export(place)
    assert "the header of policy.csv does not agree with its directory" in fault


def test_an_encrypted_zip_is_answered_in_words(tmp_path: Path) -> None:
    place = zipped(tmp_path)
    data = bytearray(_written(place, _members(place)).read_bytes())
    listed = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[listed + 8] |= 1
    place.write_bytes(data)
    (fault,) = verify_export(place)
    assert "not a whole zip" in fault


def test_a_pipe_in_an_exports_place_is_answered_in_words(tmp_path: Path) -> None:
    folder = exported(tmp_path / "made")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (folder / "accounts.csv").unlink()
    os.mkfifo(folder / "accounts.csv")
    for place in (pipe, folder):
        assert "it is a pipe, a socket or a device, not a file" in verify_export(place)[0]
