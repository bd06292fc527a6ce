"""The forms of files on the command line: what is read, what is asked, and what no path is."""

from __future__ import annotations

import io
import os
from pathlib import Path

import openpyxl
import pytest

from tests.cli.running import Run

HEADER = "account_id,score,credit_limit,balance"


def titled(path: Path) -> Path:
    """Write a workbook with a title above its header."""
    book = openpyxl.Workbook()
    rows = [["Cards as of 2026"], [], HEADER.split(","), ["A1", 720, 5000, 1], ["A2", 700, 1, -1]]
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    path.write_bytes(data.getvalue())
    return path


@pytest.mark.parametrize("name", ["cards.xlsx", "cards.xlsm", "CARDS.XLSX"])
def test_the_line_of_the_header_is_asked_for_and_taken(name: str, tmp_path: Path, run: Run) -> None:
    path = titled(tmp_path / name)
    code, _, said = run("check", path)
    assert code == 2
    assert "Declare it with --header-line 3." in said[0]
    code, out, said = run("check", path, "--header-line", "3")
    assert (code, said) == (1, [])
    assert "negative: 1 row, for example line 5 (balance)" in out


@pytest.mark.parametrize("name", ["cards.CSV", "cards.Csv"])
def test_the_case_of_an_ending_does_not_matter(name: str, tmp_path: Path, run: Run) -> None:
    path = tmp_path / name
    path.write_text(f"{HEADER}\nA1,720,5000,1\n,,,\n")
    code, out, _ = run("check", path)
    assert code == 0
    assert "1 of 1 row used" in out
    assert run("surface", path, "--out", tmp_path / "all.CSV")[0] == 0


def test_a_file_of_another_kind_is_named(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "accounts.dta"
    path.write_bytes(b"<stata_dta><header><release>119" + b"\0" * 100)
    code, _, said = run("check", path)
    assert code == 2
    assert said[0].startswith("headroom: The file is a Stata data set (.dta), which is not read")
    assert said[0].endswith('save it as CSV, in Stata: export delimited using "accounts.csv".')


@pytest.mark.parametrize(
    "words",
    [
        ("check", "{}"),
        ("simulate", "sample", "--policy", "{}"),
        ("simulate", "sample", "--assumptions", "{}"),
        ("stress", "sample", "--scenario", "{}.csv"),
        ("export", "sample", "--out", "{}"),
        ("export", "sample", "--zip", "--out", "{}"),
        ("surface", "sample", "--out", "{}.csv"),
        ("optimise", "sample", "--out", "{}.csv"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("kind", ["pipe", "loop"])
def test_a_pipe_or_a_circle_of_links_is_answered_in_words(
    words: tuple[str, ...], kind: str, tmp_path: Path, run: Run
) -> None:
    for path in (tmp_path / kind, tmp_path / f"{kind}.csv"):
        if kind == "pipe":
            os.mkfifo(path)
        else:
            path.symlink_to(path)
    code, _, said = run(*(word.format(tmp_path / kind) for word in words))
    assert code == 2
    assert len(said) == 1
    assert any(words in said[0] for words in ("pipe", "circle", "is no folder", "there already"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [kind, f"{kind}.csv"]


@pytest.mark.parametrize(
    "words",
    [
        ("check", "{}"),
        ("check", "sample", "--{}"),
        ("{}",),
        ("simulate", "sample", "--policy", "{}"),
        ("simulate", "sample", "--set", "{}=1"),
        ("simulate", "sample", "--set", "name={}"),
        ("simulate", "sample", "--by", "{}"),
        ("verify-export", "{}"),
    ],
)
@pytest.mark.parametrize("text", ["x" * 10_000, "x " * 5_000])
def test_a_long_text_is_repeated_shortened(words: tuple[str, ...], text: str, run: Run) -> None:
    code, _, said = run(*(word.format(text) for word in words))
    assert code in (1, 2)
    assert len("".join(said)) < 1_000


@pytest.mark.parametrize("name", ["  ", "a\u202eb", "a\u200bb", "\u2800", "two\nlines"])
@pytest.mark.parametrize("option", ["name", "author", "note"])
def test_names_that_do_not_show_what_they_are_are_refused(name: str, option: str, run: Run) -> None:
    code, _, said = run("simulate", "sample", "--set", f"{option}={name}")
    assert code == 2
    assert "is not seen (U+" in said[0] or "holds nothing but blanks" in said[0]
