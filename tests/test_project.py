"""The project keeps its own rules: layers, layout, locks, settings and documents."""

import ast
import datetime as dt
import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]

# ---------------------------------------------------------------------------------------------
# The levels. A module of analytics/ imports only from levels above its own in this list, and,
# on its own level, only from modules named before it: so the list is an order of reading, and no
# two modules can need each other. A package that is named (accounts, ingest, results.surface, ...)
# counts as one module. To add a module, put its name on the level of its room.
# ---------------------------------------------------------------------------------------------
LEVELS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    (
        "declared.arrays",
        "declared.language",
        "declared.choices",
        "declared.columns",
        "declared.scales",
        "declared.currencies",
        "declared.parameters",
        "declared.policy_parameters",
        "declared.assumption_parameters",
        "declared.cases",
        "declared.regimes",
        "declared.measures",
    ),
    ("portfolio", "policy", "assumptions", "appetite"),
    (
        "method.elementwise",
        "method.normal",
        "method.formulas",
        "method.factor",
        "method.chance",
        "method.bands",
        "method.capital",
        "method.customers",
        "method.guardrails",
        "method.limits",
        "method.response",
        "method.measures",
    ),
    ("accounts",),
    (
        "results.steps",
        "results.moved",
        "results.simulation",
        "results.profile",
        "results.illustration",
        "results.surface",
        "results.verdicts",
        "results.optimum",
        "results.ranges",
        "results.stress",
        "results.sensitivity",
        "results.business",
        "results.fairness",
    ),
    (
        "shown.formats",
        "shown.harmless",
        "shown.palette",
        "shown.words",
        "shown.tables",
        "shown.findings",
        "shown.figures",
        "shown.messages",
        "shown.markdown",
        "shown.method",
    ),
    ("ingest", "export"),
    ("cli",),
)
# analytics/__init__.py and those of rooms hold no code; nothing inside analytics/ may use them.
TOP = "__init__"
ROOMS = frozenset(name.split(".")[0] for level in LEVELS for name in level if "." in name)

# Which of the project's own packages each part may import, besides itself where it is analytics.
# The first prefix that fits a module's dotted name decides; app.py, tests and benchmarks are free.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "analytics.ingest": ("analytics", "sample_data"),
    "analytics.cli": ("analytics", "sample_data"),
    "analytics": ("analytics",),
    "pages.shared": ("analytics", "pages.shared", "sample_data"),
    "pages": ("analytics", "pages.shared"),
    "sample_data": ("analytics", "sample_data"),
}
OWN_PACKAGES = ("analytics", "app", "benchmarks", "docs", "pages", "sample_data", "tests")


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a module imports, and the line where it does."""

    name: str
    line: int


def imports_of(source: str, module: str, *, is_package: bool = False) -> Iterator[Import]:
    """Yield every import in the source, inside functions and `if TYPE_CHECKING` too.

    `from a import b` yields `a.b`: whether b is a module or a name in it, the reader decides.
    Relative imports are resolved against the module's own name.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = node.level - 1 if is_package else node.level
                parents = module.split(".")
                base = ".".join([*parents[: len(parents) - up], *filter(None, [node.module])])
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node.lineno)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name | ast.Attribute)
            and (node.func.id if isinstance(node.func, ast.Name) else node.func.attr)
            in {"import_module", "__import__"}
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            yield Import(node.args[0].value, node.lineno)


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def streamlit_faults(source: str, module: str, *, is_package: bool = False) -> list[str]:
    return [
        f"{module}, line {found.line}: imports {found.name}, but analytics knows no Streamlit"
        for found in imports_of(source, module, is_package=is_package)
        if is_within(found.name, "streamlit")
    ]


def part_of(name: str) -> str:
    """Return the entry of LEVELS that a dotted name inside analytics/ belongs to, else its start.

    Of a name that has no entry: the module's name below analytics, with its room.
    """
    pieces = name.split(".")[1:]
    for length in (2, 1):
        part = ".".join(pieces[:length])
        if len(pieces) >= length and position_of(part) is not None:
            return part
    return ".".join(pieces[: 2 if pieces and pieces[0] in ROOMS else 1]) or TOP


def position_of(part: str) -> tuple[int, int] | None:
    for level, names in enumerate(LEVELS):
        if part in names:
            return level, names.index(part)
    return None


def layer_faults(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """Say, for a module of analytics/, which of its imports reach down or sideways."""
    own = part_of(module)
    position = position_of(own)
    if own in {TOP, *ROOMS}:
        return [
            f"{module}, line {found.line}: imports {found.name}: a room's own file holds no code"
            for found in imports_of(source, module, is_package=is_package)
        ]
    if position is None:
        return [f"{module} has no level yet: add {own!r} to LEVELS in tests/test_project.py"]
    faults = []
    for found in imports_of(source, module, is_package=is_package):
        if not is_within(found.name, "analytics"):
            continue
        part = part_of(found.name)
        where = f"{module}, line {found.line}: imports {found.name}"
        target = position_of(part)
        if part == own:
            continue
        if target is None:
            faults.append(
                f"{where}: import it from the module that defines it"
                f" (a new module {part!r} goes into LEVELS in tests/test_project.py)"
            )
        elif target[0] > position[0]:
            faults.append(f"{where}, which lies below {own!r} in the levels")
        elif target > position:
            faults.append(f"{where}, which LEVELS names after {own!r} on the same level")
    return faults


def package_faults(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """Say which of a module's imports belong to a part of the project that it may not know."""
    allowed = next((may for part, may in MAY_IMPORT.items() if is_within(module, part)), None)
    if allowed is None:
        return []
    return [
        f"{module}, line {found.line}: imports {found.name}, but may import only"
        f" {', '.join(allowed)} of this project"
        for found in imports_of(source, module, is_package=is_package)
        if found.name.split(".")[0] in OWN_PACKAGES
        and not any(is_within(found.name, package) for package in allowed)
    ]


def modules(*packages: str) -> Iterator[tuple[str, str, bool]]:
    """Yield (source, dotted name, is it a package's __init__) for every file in the packages."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            yield path.read_text(encoding="utf-8"), name, is_package


def settings(path: str) -> dict[str, dict[str, object]]:
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


def test_pages_folder_holds_only_init_directly() -> None:
    # A script directly in pages/ would run without app.py when its address is opened cold.
    directly = {path.name for path in (ROOT / "pages").iterdir() if path.is_file()}
    assert directly == {"__init__.py"}


def test_analytics_imports_no_streamlit() -> None:
    faults = [
        fault
        for source, module, is_package in modules("analytics")
        for fault in streamlit_faults(source, module, is_package=is_package)
    ]
    assert not faults, "\n".join(faults)


def test_modules_import_only_from_levels_above() -> None:
    faults = [
        fault
        for source, module, is_package in modules("analytics")
        for fault in layer_faults(source, module, is_package=is_package)
    ]
    assert not faults, "\n".join(faults)


def test_packages_import_only_what_they_may_know() -> None:
    faults = [
        fault
        for source, module, is_package in modules("analytics", "pages", "sample_data")
        for fault in package_faults(source, module, is_package=is_package)
    ]
    assert not faults, "\n".join(faults)


def test_every_module_has_one_level() -> None:
    names = [name for level in LEVELS for name in level]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "source",
    [
        "import streamlit as st",
        "from streamlit import session_state",
        "def f():\n    import streamlit.components.v2",
        "import importlib\nimportlib.import_module('streamlit')",
    ],
)
def test_hidden_streamlit_import_is_found_and_its_line_named(source: str) -> None:
    (fault,) = streamlit_faults(source, "analytics.policy")
    assert f"analytics.policy, line {source.count(chr(10)) + 1}:" in fault


@pytest.mark.parametrize(
    ("module", "source", "says"),
    [
        ("analytics.policy", "from analytics.shown.tables import x", "lies below 'policy'"),
        ("analytics.policy", "\nfrom analytics.shown import tables", "line 2"),
        ("analytics.policy", "def f():\n    from .shown.tables import x", "line 2"),
        (
            "analytics.declared.columns",
            "import analytics.declared.scales",
            "after 'declared.columns' on the same level",
        ),
        ("analytics.declared.columns", "from analytics.accounts import x", "lies below"),
        ("analytics.shown.tables", "from analytics.ingest import x", "lies below 'shown.tables'"),
        ("analytics.portfolio", "from .accounts import x", "lies below 'portfolio'"),
        ("analytics.shown.tables", "from analytics import Policy", "the module that defines it"),
        ("analytics.drawer", "", "add 'drawer' to LEVELS"),
        ("analytics.method.drawer", "", "add 'method.drawer' to LEVELS"),
        ("analytics.method", "import numpy", "holds no code"),
        ("analytics", "from analytics.policy import Policy", "holds no code"),
    ],
)
def test_import_against_the_layers_is_found(module: str, source: str, says: str) -> None:
    (fault,) = layer_faults(source, module)
    assert says in fault


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("analytics.policy", "from analytics.declared import parameters"),
        ("analytics.method.formulas", "from analytics.method import elementwise"),
        ("analytics.accounts.spark", "from analytics.accounts.base import x\nfrom .base import y"),
        ("analytics.cli", "from analytics.export.sheet import x"),
        ("analytics.shown.tables", "import pandas as pd\nfrom streamlit_like import x"),
    ],
)
def test_import_along_the_layers_passes(module: str, source: str) -> None:
    assert layer_faults(source, module) == []


@pytest.mark.parametrize(
    ("module", "source", "passes"),
    [
        ("pages.policy.simulate", "from pages.shared import session", True),
        ("pages.policy.simulate", "from pages.shared.session import policy", True),
        ("pages.policy.simulate", "from analytics.policy import Policy", True),
        ("pages.policy.simulate", "from pages.policy.compare import draw", False),
        ("pages.policy.simulate", "from pages.policy import compare", False),
        ("pages.policy.simulate", "import app", False),
        ("pages.shared.session", "from pages.policy import compare", False),
        ("analytics.policy", "from pages.shared import session", False),
        ("analytics.policy", "import sample_data", False),
        ("sample_data.generate", "from pages.shared import session", False),
    ],
)
def test_pages_know_only_analytics_and_the_shared_folder(
    module: str, source: str, passes: bool
) -> None:
    assert (package_faults(source, module) == []) is passes


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


SAFE_SETTINGS = {
    "browser.gatherUsageStats": False,
    "client.disableDataExport": True,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "runner.magicEnabled": False,
    "server.address": "127.0.0.1",
    "server.disconnectedSessionTTL": 60,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.maxCacheDataSize": "1gb",
    "server.maxMessageSize": 50,
    "server.maxUploadSize": 300,
    "server.xsrfCookieSameSite": "strict",
}


@pytest.mark.parametrize(("option", "value"), SAFE_SETTINGS.items(), ids=list(SAFE_SETTINGS))
def test_app_ships_with_safe_settings(option: str, value: object) -> None:
    section, name = option.split(".")
    assert settings(".streamlit/config.toml")[section][name] == value


def test_streamlit_knows_every_setting() -> None:
    from streamlit import config

    known = set(config.get_config_options())

    def names(table: dict[str, object], prefix: str = "") -> Iterator[str]:
        for key, value in table.items():
            if isinstance(value, dict):
                yield from names(value, f"{prefix}{key}.")
            else:
                yield f"{prefix}{key}"

    ours = set(names(dict(settings(".streamlit/config.toml"))))
    assert ours <= known, f"unknown to Streamlit: {sorted(ours - known)}"


def luminance(colour: tuple[float, float, float]) -> float:
    """Return the relative luminance of an sRGB colour (WCAG 2.2)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: str, ground: str, *, opacity: float = 1.0) -> float:
    """Return the contrast ratio (1 to 21) of an ink, perhaps half transparent, on a ground."""
    over, under = (
        [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        for colour in (ink, ground)
    )
    red, green, blue = (opacity * a + (1 - opacity) * b for a, b in zip(over, under, strict=True))
    dark, light = sorted([luminance((red, green, blue)), luminance((under[0], under[1], under[2]))])
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_theme_has_aa_contrast_on_every_ground(name: str) -> None:
    theme = settings(".streamlit/config.toml")["theme"][name]
    assert isinstance(theme, dict)
    grounds = {
        value
        for table in (theme, theme["sidebar"])
        for key, value in table.items()
        if key.endswith("ackgroundColor")
    }
    for ground in grounds:
        for ink in ("textColor", "linkColor", "primaryColor"):
            assert contrast(theme[ink], ground) >= 4.5, f"{name}: {ink} on {ground}"
        # Captions and help texts are the text colour at 60 %.
        assert contrast(theme["textColor"], ground, opacity=0.6) >= 4.5, f"{name}: {ground}"
    # White marks (the tick of a checkbox) on the accent are graphics: 3 to 1.
    assert contrast("#FFFFFF", theme["primaryColor"]) >= 3


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


def test_every_public_make_target_says_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    silent = [
        target
        for target in MAKE_TARGETS.findall(text)
        if target != "browser" and not re.search(rf"^{target}:.*## \S", text, flags=re.MULTILINE)
    ]
    assert not silent
