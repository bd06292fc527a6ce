"""An export as a whole: what the manifest says, and what a zip holds."""

import hashlib
import io
import zipfile
from decimal import Decimal
from pathlib import Path

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
from analytics.export.record import policy_record
from analytics.policy import Policy
from tests.export.portfolios import portfolio_of, rows_of, simulated
from tests.export.written import STAMPED, exported, manifest_of
from tests.oracle import load_cases

PLAIN = ["accounts.csv", "manifest.json", "messages.csv", "policy.csv", "treatments.csv"]
VIEWS = ["accounts_for_viewing.csv", "policy_for_viewing.csv"]


def names(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


def test_an_export_is_five_files_or_seven_and_is_whole(tmp_path: Path) -> None:
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
    assert manifest["headroom_export"] == manifest["method_version"] == 2
    assert manifest["stamped"] == "2026-11-24T08:30:05Z"
    total, portfolio = simulation.total, simulation.portfolio
    assert total.baseline
    assert total.increment
    for measure in MEASURES:
        assert manifest["baseline"][measure.name] == total.baseline.get(measure.name)
        assert manifest["increment"][measure.name] == total.increment.get(measure.name)
    assert manifest["time"]["npv"] == total.increment.npv
    assert manifest["policy"]["beyond_evidence"] is False
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
    assert (factor["value"], factor["unit"], factor["mark"]) == (0.2, "fraction", "A")
    assert "China's regulatory factor of 2023" in factor["source"]
    assert factor["changed"] is False
    assert assumed["values"]["elasticity"]["value"] == [0.6] * 8


def test_rules_that_were_not_applied_are_named_in_sentences(tmp_path: Path) -> None:
    frame = load_cases().drop(columns=["is_student"])
    policy = Policy(unknown_cells="pass")
    export_policy(simulated(portfolio_of(frame), policy), tmp_path, stamped=STAMPED)
    said = manifest_of(tmp_path)["not_applied"]
    assert said["is_student"] == "Student: not applied, the portfolio has no column is_student"
    assert "1 account whose opted_out is unknown" in said["opted_out"]


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
