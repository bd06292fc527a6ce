"""The project keeps its layers: a module imports only what lies above it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.places import ROOT

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
        "declared.files",
        "declared.visible",
        "declared.first_faults",
        "declared.near",
        "declared.method_version",
        "declared.choices",
        "declared.columns",
        "declared.scales",
        "declared.currencies",
        "declared.parameters",
        "declared.policy_parameters",
        "declared.assumption_parameters",
        "declared.cases",
        "declared.regimes",
        "declared.evidence",
        "declared.measures",
        "declared.protected",
        "declared.treatments",
        "declared.message_texts",
    ),
    ("portfolio", "policy", "assumptions", "regime", "appetite"),
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
        "method.effects",
        "method.months",
        "method.totals",
        "method.response",
        "method.rival",
        "method.measures",
        "method.proportions",
        "method.treatments",
        "method.treated_accounts",
    ),
    ("accounts",),
    (
        "results.steps",
        "results.moved",
        "results.pooled",
        "results.simulation",
        "results.rival",
        "results.temporary",
        "results.profile",
        "results.calibration",
        "results.illustration",
        "results.surface",
        "results.verdicts",
        "results.optimum",
        "results.whatif",
        "results.ranges",
        "results.stress",
        "results.sensitivity",
        "results.business",
        "results.fairness",
        "results.smaller",
        "results.treated",
        "results.treatments",
        "results.whitespace",
        "results.loosened",
    ),
    (
        "shown.formats",
        "shown.harmless",
        "shown.palette",
        "shown.words",
        "shown.customer_words",
        "shown.verdict",
        "shown.rival",
        "shown.temporary",
        "shown.calibration",
        "shown.customer_findings",
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
    "pages.server": ("analytics", "pages.server"),
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
        return [f"{module} has no level yet: add {own!r} to LEVELS in tests/project/test_levels.py"]
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
                f" (a new module {part!r} goes into LEVELS in tests/project/test_levels.py)"
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
