"""Pages keep their own rules: intent at the end, arguments in place of globals, one touch of state.

A page's script holds its imports, constants in capitals, functions, and the call of ``page()``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.driver import PAGES
from tests.places import ROOT

LONGEST = 50
"""Lines that fit a screen."""
STATE, CACHE = "pages/shared/session.py", "pages/shared/cached.py"
UPKEEP = "pages/server/entry.py"
"""Empties the state of a session that has ended."""
SOURCES = ["app.py", *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("pages/**/*.py"))]


def script_faults(source: str) -> list[str]:
    """Say what of a page's script is neither import, constant, function nor the page's call."""
    *above, last = ast.parse(source).body
    faults = [
        f"line {node.lineno}: {ast.unparse(node).splitlines()[0]!r} belongs into a function"
        for node in above
        if not _is_declaration(node)
    ]
    if ast.unparse(last) != "page()":
        faults.append(f"line {last.lineno}: the script ends with something else than page()")
    return faults


def _is_declaration(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return all(isinstance(target, ast.Name) and target.id.isupper() for target in targets)
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)


def global_faults(source: str) -> list[str]:
    """Say which functions read a name that the script assigns, constants in capitals apart."""
    tree = ast.parse(source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    outside = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
    assigned = {name for node in outside for name in _stored(node) if not name.isupper()}
    return [
        f"line {used.lineno}: {function.name} reads {used.id}, which the script assigns"
        for function in functions
        for used in ast.walk(function)
        if isinstance(used, ast.Name)
        and isinstance(used.ctx, ast.Load)
        and used.id in assigned - _own(function)
    ]


def _stored(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id


def _own(function: ast.FunctionDef) -> set[str]:
    """Return a function's arguments and what it assigns itself."""
    arguments = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    return arguments | set(_stored(function))


def long_functions(source: str) -> list[str]:
    """Say which functions do not fit a screen."""
    return [
        f"line {node.lineno}: {node.name} has {length} lines, at most {LONGEST} fit a screen"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST
    ]


def touches(source: str, *prefixes: str) -> list[str]:
    """Say where a name of Streamlit that begins so is used, however it was imported."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            names = [node.attr]
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
        else:
            continue
        found += [f"line {node.lineno}: {n}" for n in names if n.startswith(prefixes)]
    return found


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_every_page_is_found() -> None:
    names = {Path(page).stem for page in PAGES}
    assert {"simulate", "frontier", "stress", "value", "customers", "edit", "load"} <= names


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_imports_constants_functions_and_its_call(page: str) -> None:
    assert script_faults(read(page)) == []


@pytest.mark.parametrize("page", PAGES)
def test_no_function_of_a_page_reads_what_its_script_assigns(page: str) -> None:
    assert global_faults(read(page)) == []


@pytest.mark.parametrize("path", SOURCES)
def test_every_function_fits_a_screen(path: str) -> None:
    assert long_functions(read(path)) == []


@pytest.mark.parametrize("path", sorted(set(SOURCES) - {STATE, UPKEEP}))
def test_state_and_address_are_touched_in_the_session_alone(path: str) -> None:
    assert touches(read(path), "session_state", "query_params") == []


@pytest.mark.parametrize("path", sorted(set(SOURCES) - {CACHE}))
def test_only_one_module_caches(path: str) -> None:
    assert touches(read(path), "cache_") == []


def test_the_link_is_read_without_streamlit() -> None:
    for path in ("pages/shared/link.py", "pages/shared/assumed.py"):
        imported = {
            alias.name
            for node in ast.walk(ast.parse(read(path)))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        assert imported.isdisjoint({"streamlit", "session", "cached", "inputs", "levers"}), path


@pytest.mark.parametrize(
    ("check", "source", "says"),
    [
        (script_faults, "import x\nchosen = x.y()\npage()", "line 2: 'chosen = x.y()' belongs"),
        (script_faults, "import x\nx.write('a')\npage()", "line 2"),
        (script_faults, "with x:\n    y()\npage()", "line 1: 'with x:' belongs"),
        (script_faults, "LIMIT = 3", "line 1: the script ends"),
        (global_faults, "a = 1\ndef f():\n    return a", "line 3: f reads a"),
        (global_faults, "a, b = 1, 2\ndef f(a):\n    return a + b", "line 3: f reads b"),
        (global_faults, "with x as a:\n    pass\ndef f():\n    g(lambda: a)", "line 4: f reads a"),
        (long_functions, "def f():\n" + "    a = 1\n" * 50, "f has 51 lines"),
    ],
)
def test_what_breaks_a_rule_is_found_and_its_line_named(
    check: object, source: str, says: str
) -> None:
    assert callable(check)
    (fault,) = check(source)
    assert says in fault


@pytest.mark.parametrize(
    "source",
    [
        "st.session_state['a'] = 1",
        "from streamlit import session_state",
        "import streamlit\ndef f():\n    return streamlit.session_state",
    ],
)
def test_a_touch_of_the_state_is_found(source: str) -> None:
    assert len(touches(source, "session_state")) == 1


@pytest.mark.parametrize(
    "source", ["LIMIT = 3\ndef f(a):\n    b = a\n    return b + LIMIT\npage()", "page()"]
)
def test_what_keeps_the_rules_passes(source: str) -> None:
    assert script_faults(source) == global_faults(source) == long_functions(source) == []
