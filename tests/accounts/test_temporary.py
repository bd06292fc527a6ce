"""Private folders: this user's alone, gone at the end, or at the next start after a kill."""

from __future__ import annotations

import errno
import gc
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.accounts import temporary
from analytics.accounts.database import EmbeddedDatabase
from analytics.accounts.temporary import PREFIX, PrivateFolder, base, clean, refusal
from analytics.errors import DatabaseError
from tests.places import ROOT, THOUSAND

HOLD = """
import sys
from analytics.accounts.temporary import PrivateFolder
folder = PrivateFolder("held")
(folder.path / "accounts.csv").write_text("A,700")
print(folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a temporary folder of the test's own."""
    found = tmp_path / "temporary"
    found.mkdir()
    monkeypatch.setenv("TMPDIR", str(found))
    monkeypatch.setattr(tempfile, "tempdir", str(found))
    monkeypatch.setattr(temporary, "_CLEANED", set())
    return found


@pytest.fixture
def holder() -> Iterator[subprocess.Popen[str]]:
    """Start a process that holds a folder until it is ended."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def held(process: subprocess.Popen[str]) -> Path:
    assert process.stdout
    return Path(process.stdout.readline().strip())


def left(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


def test_a_folder_is_this_users_alone_and_gone_at_its_end(place: Path) -> None:
    with PrivateFolder("load") as path:
        assert path.parent == place
        assert path.stat().st_mode & 0o777 == 0o700
        assert {item.stat().st_mode & 0o777 for item in path.iterdir()} == {0o600}
        (path / "given").write_text("A,700")
    assert left(place) == []


def test_a_folder_that_is_let_go_is_removed(place: Path) -> None:
    folder = PrivateFolder("zip")
    assert folder.path.is_dir()
    del folder
    gc.collect()
    assert left(place) == []


def test_what_a_killed_process_left_goes_at_the_next_start(
    place: Path, holder: subprocess.Popen[str]
) -> None:
    path = held(holder)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (path / "accounts.csv").is_file()
    with PrivateFolder("next") as mine:
        assert left(place) == [mine.name]


def test_the_folder_of_a_living_process_stays(place: Path, holder: subprocess.Popen[str]) -> None:
    path = held(holder)
    clean(place)
    with PrivateFolder("next"):
        pass
    assert (path / "accounts.csv").read_text() == "A,700"


def test_folders_of_this_process_stay(place: Path) -> None:
    with PrivateFolder("one") as path:
        clean(place)
        assert path.is_dir()


def test_a_process_that_ends_in_order_leaves_nothing(
    place: Path, holder: subprocess.Popen[str]
) -> None:
    held(holder)
    holder.communicate("")
    assert left(place) == []


def test_links_and_other_peoples_folders_and_files_are_left_alone(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "precious"
    target.mkdir()
    (target / ".alive").touch()
    (place / f"{PREFIX}link").symlink_to(target)
    (place / f"{PREFIX}file").touch()
    linked = place / f"{PREFIX}linked"
    linked.mkdir()
    (linked / ".alive").symlink_to(target / ".alive")
    (place / "headroom-other").mkdir()
    foreign = place / f"{PREFIX}foreign"
    foreign.mkdir()
    (foreign / ".alive").touch()
    monkeypatch.setattr(os, "geteuid", lambda: foreign.stat().st_uid + 1)
    clean(place)
    monkeypatch.undo()
    assert (foreign / ".alive").is_file()
    clean(place)
    assert not foreign.exists()
    assert (target / ".alive").is_file()
    assert left(place) == [
        "headroom-other",
        f"{PREFIX}file",
        f"{PREFIX}link",
        f"{PREFIX}linked",
    ]


def test_a_folder_that_is_being_made_stays_and_an_old_empty_one_goes(place: Path) -> None:
    for name, age in (("new", 0), ("old", 3600)):
        folder = place / f"{PREFIX}{name}"
        folder.mkdir()
        when = folder.stat().st_mtime - age
        os.utime(folder, (when, when))
    kept = place / f"{PREFIX}kept"
    kept.mkdir()
    (kept / "of an earlier version").touch()
    os.utime(kept, (0, 0))
    clean(place)
    assert left(place) == [f"{PREFIX}kept", f"{PREFIX}new"]


def test_an_export_that_is_killed_leaves_nothing_beyond_the_next_start(
    place: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "analytics.cli", "export", str(THOUSAND)]
    command += ["--out", str(tmp_path / "out")]
    ends = set()
    for moment in range(4):
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            while process.poll() is None and not any(place.glob(f"{PREFIX}data-*")):
                os.sched_yield()
            if moment:
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(0.03 * moment)
            process.kill()
            ends.add(process.wait())
        assert left(place), "the kill came too late to leave anything"
    assert ends == {-signal.SIGKILL}
    clean(place)
    assert left(place) == []


def test_the_data_of_a_portfolio_are_in_a_private_folder(place: Path) -> None:
    database = EmbeddedDatabase()
    (name,) = left(place)
    assert name.startswith(PREFIX)
    database.close()
    assert left(place) == []


def test_a_temporary_folder_that_refuses_is_said_in_words(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(place / "gone"))
    with pytest.raises(DatabaseError, match="cannot be written to: name another one in TMPDIR"):
        PrivateFolder("load")
    assert "is full: make room" in refusal(OSError(errno.ENOSPC, "no space"))


def test_where_no_disk_can_be_written_to_memory_takes_its_place(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    monkeypatch.setattr(temporary, "LAST_RESORT", place)
    with PrivateFolder("load") as path:
        assert path.parent == place
    assert tempfile.tempdir == str(place)
    monkeypatch.setattr(temporary, "LAST_RESORT", place / "none")
    with pytest.raises(FileNotFoundError):
        base()
