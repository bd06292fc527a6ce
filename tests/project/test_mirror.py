"""The tests mirror the code: each folder has tests, and each module a test file that is its own.

A room with a door is proved through the door: its folder needs tests, its modules none by name.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.places import ROOT
from tests.project.test_levels import imports_of, is_within

DOORS = {
    "analytics/accounts": "every database answers the same statements: tests/databases",
    "analytics/cli": "a command is what it prints",
    "analytics/ingest": "a file is what comes out of loading it",
    "analytics/results/optimum": "a best policy is held against policies run alone",
    "analytics/results/surface": "a policy on a surface is held against simulating it",
    "analytics/results/whatif": "pools are held against simulating what they are asked",
    "pages/server": "a guard is what a real server answers, asked over the network",
    "pages/shared": "seen on the pages alone, which tests/pages drives",
}
"""Folders proved through their door, and by what."""
ELSEWHERE = {
    "analytics/declared/assumption_parameters.py": "tests/test_assumptions.py",
    "analytics/declared/cases.py": "tests/cli/test_sensitivity.py",
    "analytics/declared/columns.py": "tests/ingest/test_cells.py",
    "analytics/errors.py": "tests/test_policy.py",
    "analytics/export/accounts_lines.py": "tests/export/test_accounts_file.py",
    "analytics/export/manifest.py": "tests/export/test_verify.py",
    "analytics/export/policy_reading.py": "tests/export/test_policy_file.py",
    "analytics/export/record.py": "tests/export/test_bundle.py",
    "analytics/method/elementwise.py": "tests/method/test_formulas.py",
    "analytics/method/response.py": "tests/databases/test_same_figures.py",
    "analytics/shown/markdown.py": "tests/shown/test_method.py",
    "analytics/shown/messages.py": "tests/shown/test_texts.py",
}
"""Modules proved by the test file of what they serve, which imports them."""
FOLDERS = {Path("analytics/ingest/tables"): Path("tests/databases")}
"""Folders whose tests need what another folder of tests sets up: here, the databases."""


def code(folder: str) -> list[Path]:
    return [
        path.relative_to(ROOT)
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.name != "__init__.py"
    ]


SOURCES = code("analytics") + code("pages")


def mirror_of(folder: Path) -> Path:
    """Return the folder of tests that mirrors a folder of code."""
    if folder in FOLDERS:
        return FOLDERS[folder]
    return Path("tests", *folder.parts[1 if folder.parts[0] == "analytics" else 0 :])


def proofs(folder: Path) -> list[Path]:
    """Return the test files of a folder: those in its mirror, or the one called after it."""
    mirror = ROOT / mirror_of(folder)
    named = mirror.with_name(f"test_{mirror.name}.py")
    return [*mirror.glob("test_*.py"), *([named] if named.is_file() else [])]


def is_public(path: Path) -> bool:
    """Whether a module defines a function or class that others may use."""
    body = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    return any(
        isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        for node in body
    )


def has_own(path: Path) -> bool:
    """Whether a module has a test file called after it or, in a package, after the package."""
    mirror = ROOT / mirror_of(path.parent)
    of_package = mirror.with_name(f"test_{mirror.name}.py")
    return (mirror / f"test_{path.stem}.py").is_file() or (
        mirror.name != "tests" and of_package.is_file()
    )


@pytest.mark.parametrize("folder", sorted({path.parent for path in SOURCES}), ids=str)
def test_every_folder_of_code_has_tests(folder: Path) -> None:
    assert proofs(folder), f"{folder} has no test: write one in {mirror_of(folder)}"


def test_every_module_has_a_test_file_of_its_own() -> None:
    without = {
        path.as_posix()
        for path in SOURCES
        if is_public(path)
        and not has_own(path)
        and not any(path.is_relative_to(door) for door in DOORS)
    }
    assert sorted(without - ELSEWHERE.keys()) == []
    assert sorted(ELSEWHERE.keys() - without) == [], "has a file of its own now, or is gone"


def test_every_door_is_a_folder_that_needs_it() -> None:
    needed = {
        door
        for door in DOORS
        for path in SOURCES
        if path.is_relative_to(door) and is_public(path) and not has_own(path)
    }
    assert needed == DOORS.keys()


@pytest.mark.parametrize(("module", "proof"), ELSEWHERE.items())
def test_a_module_proved_elsewhere_is_imported_there(module: str, proof: str) -> None:
    name = module.removesuffix(".py").replace("/", ".")
    source = (ROOT / proof).read_text(encoding="utf-8")
    assert any(is_within(found.name, name) for found in imports_of(source, "tests")), name
