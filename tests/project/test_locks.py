"""The locks pin, hash and cover what the project declares, and agree with each other."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.places import ROOT

LOCKS = ("requirements.txt", "requirements-app.txt", "requirements-spark.txt")


@pytest.mark.parametrize("name", LOCKS)
def test_requirements_name_no_host_and_no_path(name: str) -> None:
    for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
        place = f"{name}, line {number}: {line}"
        assert "/" not in line, place
        assert " @ " not in line, place
        assert not line.startswith("-"), place
        assert "\\" not in line.removesuffix("\\"), place


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_is_pinned_and_hashed(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.findall(r"^(?=[^\s#])(?:.*\\\n)*.*$", text, flags=re.MULTILINE)
    assert entries
    for entry in entries:
        first = entry.splitlines()[0]
        assert re.match(r"[a-z0-9.-]+==[0-9][^\s]*( ; .+)? \\$", first), first
        assert "--hash=sha256:" in entry, first


def locked_versions(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize(
    ("extra", "lock"),
    [
        (None, "requirements.txt"),
        ("build", "requirements.txt"),
        ("dev", "requirements.txt"),
        ("docs", "requirements.txt"),
        ("postgres", "requirements.txt"),
        (None, "requirements-app.txt"),
        ("build", "requirements-app.txt"),
        ("postgres", "requirements-app.txt"),
        ("spark", "requirements-spark.txt"),
    ],
)
def test_lock_holds_every_dependency_within_its_range(extra: str | None, lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["optional-dependencies"][extra] if extra else project["dependencies"]
    locked = locked_versions(lock)
    for requirement in map(Requirement, declared):
        version = locked.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not in {lock}: run make lock"
        assert requirement.specifier.contains(version), f"{requirement} but {lock} has {version}"


@pytest.mark.parametrize("name", LOCKS[1:])
def test_locks_agree_where_they_overlap(name: str) -> None:
    main, other = locked_versions(LOCKS[0]), locked_versions(name)
    assert {name: main[name] for name in main.keys() & other.keys()} == {
        name: other[name] for name in main.keys() & other.keys()
    }


def test_the_lock_of_the_app_is_a_part_of_the_whole_lock_without_tools() -> None:
    whole, app = (set(locked_versions(name)) for name in LOCKS[:2])
    assert app < whole
    assert not app & {"mkdocs", "mypy", "playwright", "pytest", "ruff", "uv"}
