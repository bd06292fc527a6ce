"""Nothing but the door sends statements, opens databases or holds a driver; a test finds it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.places import ROOT

DOOR = "analytics/accounts/"
LOADING = "analytics/ingest/"
"""Reads a file through the cursor that the door hands out, and only so."""
TABLES = "analytics/ingest/tables/"
SENDS = frozenset({"execute", "executemany", "exec_driver_sql", "scalar", "scalars"})
OPENS = frozenset(
    {"connect", "cursor", "raw_connection", "driver_connection", "create_engine", "sending"}
)
READS = frozenset({"read_sql", "read_sql_query", "read_sql_table", "to_sql"})
RIVALS = {
    "benchmarks/data.py": "makes the accounts that are measured",
    "benchmarks/exporting.py": "the rival is DuckDB's bare COPY",
    "benchmarks/handwritten.py": "the rival is statements written by hand",
    "benchmarks/loading.py": "the rival is DuckDB's bare read_csv and read_parquet",
    "benchmarks/one_policy.py": "runs the statements written by hand",
    "benchmarks/others.py": "connects to the app by its sockets, and to no database",
    "benchmarks/out_of_core.py": "makes the folder of files that is measured",
    "benchmarks/warehouse.py": "the rival is a bare sum",
}
"""What stands beside the product to be measured against it, and so goes past the door."""
FOLDERS = ("analytics", "benchmarks", "docs", "pages", "sample_data")
SOURCES = sorted(
    {ROOT / "app.py", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))}
)


def other_senders(source: str, path: str) -> Iterator[str]:
    """Yield a sentence for each way past the door in the source of a file."""
    if path.startswith(DOOR):
        return
    loading = path.startswith(LOADING) and not path.startswith(TABLES)
    tree = ast.parse(source)
    caught = {
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and node.type
        for part in ast.walk(node.type)
    }
    for node in ast.walk(tree):
        what = _passes(node, loading=loading, caught=node in caught)
        if what:
            yield f"{path}, line {node.lineno}: {what}"


def _passes(node: ast.AST, *, loading: bool, caught: bool) -> str:
    match node:
        case ast.Import(names=names) if any(n.name.split(".")[0] == "duckdb" for n in names):
            return "" if loading else "imports duckdb"
        case ast.ImportFrom(module="duckdb"):
            return "takes names out of duckdb"
        case ast.ImportFrom(names=names) if any(n.name in OPENS | READS for n in names):
            return "imports what opens a database"
        case ast.Attribute(value=ast.Name(id="duckdb"), attr=attr):
            if loading and (attr == "DuckDBPyConnection" or caught):
                return ""
            return f"uses duckdb.{attr}"
        case ast.Attribute(value=ast.Name(id="cursor"), attr="execute") if loading:
            return ""
        case ast.Call(func=ast.Attribute(attr="sql" | "raw" as attr)):
            return f"uses .{attr}"
        case ast.Attribute(attr=attr) if attr in SENDS | OPENS | READS:
            return f"uses .{attr}"
    return ""


def star_statements(source: str) -> Iterator[int]:
    """Yield the lines of statements that do not name the columns they read.

    A file's columns are described once, before any is known; that is no statement over accounts.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = " ".join(node.value.split()).upper().replace("DESCRIBE SELECT *", "")
            if "SELECT *" in text:
                yield node.lineno


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_nothing_but_the_door_sends_statements() -> None:
    assert len(SOURCES) > 100
    found = [
        fault
        for path in SOURCES
        if named(path) not in RIVALS
        for fault in other_senders(path.read_text(encoding="utf-8"), named(path))
    ]
    assert found == []


@pytest.mark.parametrize("name", RIVALS)
def test_every_rival_goes_past_the_door(name: str) -> None:
    assert list(other_senders((ROOT / name).read_text(encoding="utf-8"), name))


def test_statements_name_the_columns_that_they_read() -> None:
    found = [
        f"{named(path)}, line {line}"
        for path in SOURCES
        if named(path) not in RIVALS
        for line in star_statements(path.read_text(encoding="utf-8"))
    ]
    assert found == []


PLANTED = [
    ("pages/policy/x.py", "import duckdb", "line 1: imports duckdb"),
    ("analytics/export/x.py", "\nfrom duckdb import connect", "line 2: takes names out of duckdb"),
    ("analytics/results/x.py", "def f(d):\n    d.engine.connect()", "line 2: uses .connect"),
    ("analytics/results/x.py", "c.execute(s)", "line 1: uses .execute"),
    ("analytics/results/x.py", "send = c.execute\nsend(s)", "line 1: uses .execute"),
    ("analytics/results/x.py", "c.exec_driver_sql('x')", "line 1: uses .exec_driver_sql"),
    ("analytics/results/x.py", "connection.sql('x')", "line 1: uses .sql"),
    ("analytics/results/x.py", "door.cursor()", "line 1: uses .cursor"),
    ("analytics/cli/x.py", "with door.raw() as c:\n    pass", "line 1: uses .raw"),
    ("analytics/cli/x.py", "door.sending()", "line 1: uses .sending"),
    ("analytics/cli/x.py", "sa.create_engine(u)", "line 1: uses .create_engine"),
    ("app.py", "from sqlalchemy import create_engine", "line 1: imports what opens a database"),
    ("pages/x/y.py", "pd.read_sql(s, e)", "line 1: uses .read_sql"),
    ("sample_data/x.py", "duckdb.sql('x')", "line 1: uses duckdb.sql"),
    ("analytics/ingest/x.py", "duckdb.connect()", "line 1: uses duckdb.connect"),
    ("analytics/ingest/x.py", "database.engine.connect()", "line 1: uses .connect"),
    ("analytics/ingest/x.py", "connection.execute(s)", "line 1: uses .execute"),
    ("analytics/ingest/x.py", "raise duckdb.Error", "line 1: uses duckdb.Error"),
    ("analytics/ingest/tables/x.py", "import duckdb", "line 1: imports duckdb"),
    ("benchmarks/x.py", "connection.execute(s)", "line 1: uses .execute"),
    ("docs/writer/x.py", "import duckdb", "line 1: imports duckdb"),
    ("analytics/ingest/tables/x.py", "cursor.execute(s)", "line 1: uses .execute"),
]


@pytest.mark.parametrize(("path", "source", "says"), PLANTED)
def test_a_way_past_the_door_is_found_and_its_line_named(path: str, source: str, says: str) -> None:
    assert f"{path}, {says}" in list(other_senders(source, path))


ALLOWED = [
    ("analytics/accounts/x.py", "duckdb.connect().execute(s)"),
    ("analytics/ingest/x.py", "def f(cursor: duckdb.DuckDBPyConnection):\n    cursor.execute(s)"),
    ("analytics/ingest/x.py", "try:\n    pass\nexcept duckdb.Error:\n    pass"),
    ("analytics/results/x.py", "door.sums(statement)"),
]


@pytest.mark.parametrize(("path", "source"), ALLOWED)
def test_what_the_door_and_the_loading_of_a_file_do_is_allowed(path: str, source: str) -> None:
    assert list(other_senders(source, path)) == []


def test_a_statement_that_reads_every_column_is_found() -> None:
    source = "x = 1\ny = f'SELECT  * FROM {x}'\nz = 'DESCRIBE SELECT * FROM t'"
    assert list(star_statements(source)) == [2]
