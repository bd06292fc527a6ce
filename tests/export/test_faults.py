"""Whatever happens in the middle of an export: no file cut short, and an earlier one survives."""

import datetime as dt
import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from analytics.errors import ExportError
from analytics.export import export_policy, export_zip, read_policy_csv, verify_export
from analytics.export.atomic import PART, Sink
from analytics.policy import Policy
from tests.export.portfolios import simulated
from tests.places import ROOT

STAMPED = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
NAMES = ("policy.csv", "accounts.csv", "policy_for_viewing.csv", "accounts_for_viewing.csv")

# Imports once, then forks: in each child the export dies at its n-th step, or at a moment of time.
DRIVER = """
import os, signal, sys, time
from pathlib import Path
from tests.export.test_faults import export_and_die
mode, folder, kills = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
for number in range(1, kills + 1):
    child = os.fork()
    if not child:
        try:
            export_and_die(folder, number if mode == "step" else 0)
        finally:
            os._exit(7)
    if mode == "time":
        time.sleep(0.1 + 0.4 * number / kills)
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            pass
    _, status = os.waitpid(child, 0)
    print(number, "killed" if os.WIFSIGNALED(status) else "finished", flush=True)
    sys.stdin.readline()
"""


def export_and_die(folder: Path, step: int) -> None:
    """Export, and be killed before the step-th write, sync, rename or removal."""
    taken = 0

    def deadly(call: Any) -> Any:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            nonlocal taken
            taken += 1
            if taken == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **options)

        return wrapped

    os.fsync = deadly(os.fsync)
    os.replace = deadly(os.replace)
    os.unlink = deadly(os.unlink)
    Sink.write = deadly(Sink.write)  # type: ignore[method-assign]
    while True:
        export_policy(simulated(policy=NEW), folder, stamped=STAMPED, viewing=True)
        if step:
            return


OLD, NEW = Policy(raise_rate=0.1, name="Old"), Policy(raise_rate=0.3, name="New")


def killed_exports(mode: str, folder: Path, kills: int) -> Iterator[str]:
    """Give a word after each export that was killed or came to its end."""
    temporary = folder.parent / "temporary"
    temporary.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER, mode, str(folder), str(kills)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as driver:
        assert driver.stdin
        assert driver.stdout
        for line in driver.stdout:
            yield line.split()[1]
            driver.stdin.write("\n")
            driver.stdin.flush()


def whole_files(folder: Path, expected: dict[str, set[bytes]]) -> None:
    """Each file in its place is a whole one, and a manifest means that all belong together."""
    for name in NAMES:
        path = folder / name
        assert not path.exists() or path.read_bytes() in expected[name]
    if (folder / "manifest.json").exists():
        assert verify_export(folder) == []


@pytest.fixture
def whole(tmp_path: Path) -> dict[str, set[bytes]]:
    """Return the bytes that each file may have."""
    found: dict[str, set[bytes]] = {name: set() for name in NAMES}
    for policy in (OLD, NEW):
        place = tmp_path / f"whole-{policy.name}"
        export_policy(simulated(policy=policy), place, stamped=STAMPED, viewing=True)
        for name in NAMES:
            found[name].add((place / name).read_bytes())
    return found


def old_export(folder: Path) -> Path:
    export_policy(simulated(policy=OLD), folder, stamped=STAMPED, viewing=True)
    return folder


@pytest.mark.skipif(os.name != "posix", reason="needs fork and signals")
@pytest.mark.parametrize("earlier", [False, True])
def test_a_kill_at_any_step_leaves_no_file_cut_short(
    earlier: bool, tmp_path: Path, whole: dict[str, set[bytes]]
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    ends = []
    for end in killed_exports("step", folder, 40):
        ends.append(end)
        whole_files(folder, whole)
        if end == "finished":
            break
        shutil.rmtree(folder)
        if earlier:
            shutil.copytree(tmp_path / "whole-Old", folder)
        else:
            folder.mkdir()
    assert ends.count("killed") >= 20
    assert ends[-1] == "finished"
    assert verify_export(folder) == []
    assert not list(folder.glob(f".*{PART}"))


@pytest.mark.skipif(os.name != "posix", reason="needs fork and signals")
def test_a_kill_at_any_moment_leaves_no_file_cut_short(
    tmp_path: Path, whole: dict[str, set[bytes]]
) -> None:
    folder = old_export(tmp_path / "out")
    for end in killed_exports("time", folder, 12):
        assert end == "killed"
        whole_files(folder, whole)
    export_policy(simulated(policy=NEW), folder, stamped=STAMPED)
    assert verify_export(folder) == []
    assert not list(folder.glob(f".*{PART}"))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("call", ["write", "fsync"])
@pytest.mark.parametrize("after", range(5))
def test_a_full_disk_leaves_the_earlier_export_as_it_was(
    after: int, call: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the five files is written once and synced once."""
    folder, simulation = old_export(tmp_path), simulated(policy=NEW)
    before = {item.name: item.read_bytes() for item in folder.iterdir()}
    place: Any = Sink if call == "write" else os
    original, left = getattr(place, call), iter(range(after))

    def full(*arguments: Any) -> Any:
        if next(left, None) is None:
            raise OSError(code, os.strerror(code))
        return original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(place, call, full)
        with pytest.raises(ExportError, match="What was there before is as it was"):
            export_policy(simulation, folder, stamped=STAMPED)
    assert {item.name: item.read_bytes() for item in folder.iterdir()} == before
    export_policy(simulation, folder, stamped=STAMPED)
    assert verify_export(folder) == []


def test_a_small_disk_that_fills_up_leaves_the_earlier_export(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=112k", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    )
    if not mounted or mounted.returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        export_policy(simulated(policy=OLD), disk / "out", stamped=STAMPED)
        (disk / "filler").write_bytes(b"x" * 40_000)
        with pytest.raises(ExportError, match="the disk is full"):
            export_policy(simulated(policy=NEW), disk / "out", stamped=STAMPED, viewing=True)
        assert verify_export(disk / "out") == []
        assert read_policy_csv((disk / "out" / "policy.csv").read_bytes()) == OLD
        (disk / "filler").unlink()
        export_policy(simulated(policy=NEW), disk / "out", stamped=STAMPED)
        assert verify_export(disk / "out") == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_leaves_the_earlier_zip_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.zip"
    export_zip(simulated(policy=OLD), path, stamped=STAMPED)
    before = path.read_bytes()

    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ExportError, match="the disk is full"):
            export_zip(simulated(policy=NEW), path, stamped=STAMPED)
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["x.zip"]


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for place in (tmp_path / "file", tmp_path / "file" / "deeper", Path("/proc/nowhere")):
        with pytest.raises(ExportError):
            export_policy(simulated(), place, stamped=STAMPED)
