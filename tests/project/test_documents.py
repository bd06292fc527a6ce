"""Documents name only what exists: make targets, links and files."""

import re

import pytest

from tests.places import ROOT

MAKE_TARGETS = re.compile(r"^([a-z][a-z-]*):(?!=)", flags=re.MULTILINE)
CODE = re.compile(r"```[^\n]*\n(.*?)```|`([^`\n]+)`", flags=re.DOTALL)


DOCUMENTS = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "RELEASING.md",
    "SECURITY.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")),
)
LINK = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]+)")


def code_in(document: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return [block or span for block, span in CODE.findall(text)]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_make_commands_in_documents_exist(document: str) -> None:
    targets = set(MAKE_TARGETS.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)\b(?!=)", "\n".join(code_in(document))))
    assert named <= targets, f"{document} names {sorted(named - targets)}, not in the Makefile"
    if document in {"CONTRIBUTING.md", "README.md", "RELEASING.md"}:
        assert named, f"{document} names no make command"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_in_documents_lead_to_files(document: str) -> None:
    path = ROOT / document
    links = LINK.findall(path.read_text(encoding="utf-8"))
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_documents_name_as_code_exist(document: str) -> None:
    folders = ("analytics", "benchmarks", "docs", "pages", "sample_data", "tests", ".ci", ".github")
    pattern = re.compile(
        rf"(?:{'|'.join(map(re.escape, folders))})/[\w./-]+|requirements[\w-]*\.txt"
    )
    named = [name.rstrip("/.") for code in code_in(document) for name in pattern.findall(code)]
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not missing


def test_every_public_make_target_says_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    silent = [
        target
        for target in MAKE_TARGETS.findall(text)
        if target != "browser" and not re.search(rf"^{target}:.*## \S", text, flags=re.MULTILINE)
    ]
    assert not silent
