"""Files that are whole or not there, and one writer to a folder."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from analytics.errors import ExportError
from analytics.export.atomic import PART, Sink, Staging, staging, write_file


def test_a_sink_passes_bytes_on_and_knows_their_count_and_digest() -> None:
    place = io.BytesIO()
    sink = Sink(place)
    assert [sink.write(part) for part in (b"one", b"", b"two")] == [3, 0, 3]
    written = sink.written("a.csv")
    assert place.getvalue() == b"onetwo"
    assert (written.name, written.bytes) == ("a.csv", 6)
    assert written.sha256 == hashlib.sha256(b"onetwo").hexdigest()


def test_nothing_is_in_its_place_until_it_is_published(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"old")
    stage = Staging(tmp_path)
    stage.write("a.csv", lambda sink: sink.write(b"new"))
    assert (tmp_path / "a.csv").read_bytes() == b"old"
    stage.publish()
    assert (tmp_path / "a.csv").read_bytes() == b"new"
    assert [item.name for item in tmp_path.iterdir()] == ["a.csv"]


def test_what_is_discarded_leaves_no_part_behind(tmp_path: Path) -> None:
    stage = Staging(tmp_path)
    stage.write("a.csv", lambda sink: sink.write(b"new"))
    assert len(list(tmp_path.glob(f".*{PART}"))) == 1
    stage.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_whole_or_its_place_is_as_it_was(tmp_path: Path) -> None:
    write_file(tmp_path / "a.csv", b"whole")
    assert (tmp_path / "a.csv").read_bytes() == b"whole"
    with pytest.raises(ExportError, match="no such file or folder"):
        write_file(tmp_path / "none" / "a.csv", b"new")
    assert [item.name for item in tmp_path.iterdir()] == ["a.csv"]


def test_two_exports_into_one_folder_at_once_are_refused(tmp_path: Path) -> None:
    with (
        staging(tmp_path),
        pytest.raises(ExportError, match="Another export is writing"),
        staging(tmp_path),
    ):
        pass


def test_the_part_of_a_killed_export_goes_with_the_next_one_and_a_living_ones_stays(
    tmp_path: Path,
) -> None:
    killed = tmp_path / f".policy.csv.0a1b2c3d{PART}"
    killed.write_bytes(b"half")
    at_work = Staging(tmp_path)
    at_work.write("b.csv", lambda sink: sink.write(b"waits"))
    assert not killed.exists()
    killed.write_bytes(b"half")
    write_file(tmp_path / "a.csv", b"whole")
    assert not killed.exists()
    at_work.publish()
    at_work.discard()
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.csv", "b.csv"]
