"""What is remembered of mappings: a user's own, bounded, and outranked by exact names."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from analytics.ingest import FolderMemory, HeldMemory, Memory, Remembered, own_folder, parse_mapping
from analytics.ingest.mappings import MOST, MOST_BYTES

HEADERS = ("id", "FICO", "used", "Credit Line")
KEPT = Remembered(
    parse_mapping(["score=FICO", "balance=used*`Credit Line`"]), "cards.csv", dt.date(2026, 11, 27)
)


@pytest.fixture(params=["folder", "held"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Memory:
    return FolderMemory(tmp_path / "kept") if request.param == "folder" else HeldMemory()


def test_a_mapping_is_found_for_the_same_headers_in_any_order(memory: Memory) -> None:
    assert memory.keep(HEADERS, KEPT)
    assert memory.recall(["credit line", "used", "fico", "ID"]) == KEPT
    assert memory.recall(["id", "fico", "used"]) is None


def test_an_exact_name_outranks_what_is_remembered(memory: Memory) -> None:
    headers = ("account_id", "FICO", "Credit_Limit", "balance")
    swapped = ["credit_limit=balance", "balance=Credit_Limit", "score=FICO"]
    memory.keep(headers, Remembered(parse_mapping(swapped)))
    found = memory.recall(headers)
    assert found is not None
    assert found.mapping == (("score", "FICO"),)


def test_a_column_of_an_exact_name_is_not_read_as_another(memory: Memory) -> None:
    headers = ("account_id", "score", "credit_limit", "balance")
    memory.keep(headers, Remembered((("monthly_income", "balance"), ("is_student", "`SCORE`"))))
    assert memory.recall(headers) is None


def test_what_is_forgotten_is_not_found_again(memory: Memory) -> None:
    memory.forget(HEADERS)
    memory.keep(HEADERS, KEPT)
    memory.forget(HEADERS)
    assert memory.recall(HEADERS) is None


def test_a_memory_is_bounded_and_the_oldest_gives_way(memory: Memory) -> None:
    for place in range(MOST + 5):
        assert memory.keep([*HEADERS, str(place)], KEPT)
        if isinstance(memory, FolderMemory) and memory.folder:
            for path in memory.folder.iterdir():
                before = path.stat().st_mtime_ns - 10**9
                os.utime(path, ns=(before, before))
    found = [place for place in range(MOST + 5) if memory.recall([*HEADERS, str(place)])]
    assert found == list(range(5, MOST + 5))


def test_the_sentence_says_what_is_read_from_where_and_since_when() -> None:
    said = str(KEPT.sentence("--forget undoes that."))
    assert said == (
        "Remembered from cards.csv, 2026-11-27: score = FICO, balance = used*`Credit Line`. "
        "--forget undoes that."
    )
    assert "an earlier file, day unknown" in str(Remembered((("score", "x"),)).sentence(""))


@pytest.mark.parametrize("place", ["a file", "nowhere"])
def test_a_folder_that_cannot_be_written_to_remembers_nothing(tmp_path: Path, place: str) -> None:
    file = tmp_path / "file"
    file.write_text("")
    memory = FolderMemory(file / "mappings" if place == "a file" else None)
    assert memory.is_empty()
    assert memory.keep(HEADERS, KEPT) is False
    assert memory.recall(HEADERS) is None
    memory.forget(HEADERS)


def test_a_full_disk_leaves_no_half_of_a_mapping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    memory = FolderMemory(tmp_path)
    assert memory.keep(HEADERS, KEPT) is False
    assert list(tmp_path.iterdir()) == []


DAMAGED = (
    "",
    "{",
    "[]",
    '"x"',
    '{"mapping": 3}',
    '{"mapping": [["points", "x"]]}',
    '{"mapping": [["score", "x"]], "day": "yesterday"}',
    "[" * 50_000,
    f'{{"mapping": [["score", "{"x" * MOST_BYTES}"]]}}',
)


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_mapping_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    memory = FolderMemory(tmp_path)
    memory.keep(HEADERS, KEPT)
    (path,) = tmp_path.iterdir()
    path.write_text(text)
    assert memory.recall(HEADERS) is None


def test_a_mapping_of_before_is_still_understood(tmp_path: Path) -> None:
    memory = FolderMemory(tmp_path)
    memory.keep(HEADERS, KEPT)
    (path,) = tmp_path.iterdir()
    path.write_text('{"mapping": [["score", "FICO"]]}')
    assert memory.recall(HEADERS) == Remembered((("score", "FICO"),))


def test_each_user_of_a_server_has_a_folder_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path))
    own, first, second = own_folder(), own_folder("a\n1"), own_folder("a\n2")
    assert own == tmp_path / "mappings"
    assert len({own, first, second}) == 3
    assert first is not None
    FolderMemory(first).keep(HEADERS, KEPT)
    assert FolderMemory(second).recall(HEADERS) is None
    assert FolderMemory(own).recall(HEADERS) is None
    assert str(first).startswith(str(own))


def test_without_a_home_there_is_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(_: type[Path]) -> Path:
        raise RuntimeError

    monkeypatch.delenv("HEADROOM_HOME", raising=False)
    monkeypatch.setattr(Path, "home", classmethod(homeless))
    assert own_folder() is None
