"""The version stands once; the changelog and the tags follow it."""

import datetime as dt
import re
import subprocess
import tomllib

from tests.places import ROOT

VERSION_HEADING = re.compile(
    r"^## (?:(?P<unreleased>Unreleased)|(?P<number>\d+\.\d+\.\d+) - (?P<day>\d{4}-\d\d-\d\d))$"
)


def version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert isinstance(project["version"], str)
    return project["version"]


def number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def test_changelog_goes_by_version_newest_first_and_covers_the_packages_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    found = [VERSION_HEADING.fullmatch(heading) for heading in headings]
    assert all(found), f"a heading is neither Unreleased nor a version with its day: {headings}"
    entries = [match for match in found if match]
    assert not any(entry["unreleased"] for entry in entries[1:]), "Unreleased stands on top"
    released = [entry for entry in entries if entry["number"]]
    numbers = [number(entry["number"]) for entry in released]
    assert numbers == sorted(set(numbers), reverse=True)
    days = [dt.date.fromisoformat(entry["day"]) for entry in released]
    assert days == sorted(days, reverse=True)
    if entries[0]["unreleased"]:
        assert number(version()) > numbers[0], "the next version is greater than the last"
    else:
        assert number(version()) == numbers[0]


def test_every_entry_of_the_changelog_that_follows_a_version_says_which_numbers_move() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    entries = re.split(r"^## .*$", text, flags=re.MULTILINE)[1:-1]
    silent = [entry for entry in entries if "move" not in entry.strip().split("\n\n")[0]]
    assert not silent


def test_the_version_stands_once() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", version())
    quoted = re.compile(rf"[\"']{re.escape(version())}[\"']")
    places = [
        path.relative_to(ROOT).as_posix()
        for folder in ("analytics", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if quoted.search(path.read_text(encoding="utf-8"))
    ]
    assert places == []


def test_tags_are_the_version_with_a_v_in_front() -> None:
    text = (ROOT / "RELEASING.md").read_text(encoding="utf-8")
    assert "`vX.Y.Z`" in text
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert 'tags: ["v*"]' in workflow
    listed = subprocess.run(
        ["git", "tag", "--list"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    odd = [tag for tag in listed.stdout.split() if not re.fullmatch(r"v\d+\.\d+\.\d+", tag)]
    assert odd == []
