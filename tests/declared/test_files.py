"""Paths: what is a file, what stands in its way, and where links lead."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analytics.declared import files


def test_what_is_no_file_is_said_and_never_opened(tmp_path: Path) -> None:
    pipe, loop = tmp_path / "pipe", tmp_path / "loop"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    for path, words in ((pipe, "a pipe"), (loop, "round in a circle"), (tmp_path, "a folder")):
        with pytest.raises(OSError) as error:  # noqa: PT011 - its words are what is tested
            files.regular(path)
        assert words in files.fault_of(error.value)


def test_a_file_or_nothing_can_be_written_and_a_device_cannot(tmp_path: Path) -> None:
    path = tmp_path / "new"
    assert files.writable(path) == path
    path.touch()
    assert files.writable(path) == files.regular(path) == path
    with pytest.raises(OSError):  # noqa: PT011 - any fault of the system
        files.writable(Path("/dev/null"))


def test_a_circle_of_links_leads_nowhere_and_resolves_to_itself(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert not files.exists(loop)
    assert not files.exists(tmp_path / ("x" * 300))
    assert files.resolved(loop) == loop.absolute()
