"""The README keeps its word: its commands run as printed, and its library example works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from analytics.cli import main
from tests.places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


def test_every_command_of_the_readme_runs_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = [
        line for block in blocks("sh") for line in block.splitlines() if line.startswith("headroom")
    ]
    assert len(commands) >= 10
    monkeypatch.chdir(tmp_path)
    for command in commands:
        before = set(tmp_path.rglob("*"))
        code = main(shlex.split(command)[1:])
        shown = capsys.readouterr()
        assert code == 0, f"{command}: {shown.err}"
        assert shown.out or set(tmp_path.rglob("*")) > before, f"{command} shows nothing"


def test_the_library_example_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - the project's own text
    assert re.match(r"\d+\.\d+ \{'new_exposure'", capsys.readouterr().out)


def test_every_page_of_the_navigation_is_named_in_the_readme() -> None:
    titles = re.findall(r'title="([^"]+)"', (ROOT / "app.py").read_text(encoding="utf-8"))
    missing = [title for title in titles if not re.search(rf"\b{title}\b", README)]
    assert not missing


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    missing = [link for link in links if not (ROOT / link).exists()]
    assert links
    assert not missing
