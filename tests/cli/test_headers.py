"""Text columns of any name work with every command, in a file and in a table."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.accounts.books import Cells, cells_of, table_of
from tests.cli.running import Run
from tests.ingest.loading import rows_text

NAMES = (
    *("exposure", "More", "UNUSED", "new_limit", "New_Balance", "NEW_UNUSED", "new_probability"),
    *("Yield_Rate", "attrition_fall", "assumed", "CURVED", "rowid", "SELECT", "from", "Group"),
    *("order by", "null", "x" * 300, "地区", "Größe", 'quo"te', "semi;colon", "--by", "%s", ":p"),
)
LABELS = tuple("North" if place % 2 else "South" for place in range(60))


def book() -> Cells:
    return cells_of(60, **dict.fromkeys(NAMES, LABELS))


@pytest.fixture(params=["file", "table"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A portfolio with every odd column, as the command line names it."""
    cells = book()
    if request.param == "file":
        path = tmp_path / "book.csv"
        header, rows = list(cells), list(zip(*cells.values(), strict=True))
        lines = rows_text(",".join("c" for _ in header), [[str(c) for c in r] for r in rows])
        named = ",".join('"' + name.replace('"', '""') + '"' for name in header)
        path.write_text(named + lines[lines.index("\n") :], encoding="utf-8")
        return str(path)
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(path) as connection:
        connection.register("incoming", table_of(cells))
        connection.execute("CREATE TABLE accounts AS FROM incoming")
    monkeypatch.setenv("HEADROOM_DATABASES", json.dumps({"bank": f"duckdb:///{path}"}))
    return "bank:accounts"


def test_every_command_takes_text_columns_of_any_name(run: Run, place: str, tmp_path: Path) -> None:
    code, out, said = run("check", place, "--json")
    assert (code, said) == (0, [])
    assert json.loads(out)["segments"] == list(NAMES)
    for words in (
        ("simulate", place, "--json"),
        ("stress", place, "--json"),
        ("export", place, "--out", tmp_path / "out", "--json"),
    ):
        code, _, said = run(*words)
        assert (code, said) == (0, []), words[0]


def test_results_by_a_column_of_any_name_are_those_of_its_labels(run: Run, place: str) -> None:
    for name in ("exposure", "rowid", "order by", "地区"):
        code, out, said = run("simulate", place, f"--by={name}", "--json")
        assert (code, said) == (0, []), name
        assert sorted(json.loads(out)["groups"]) == ["North", "South"], name


def test_a_column_of_the_bands_own_name_is_refused_with_the_way_out(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "book.csv"
    path.write_text(
        "account_id,score,credit_limit,balance,score_band\nA,700,1000,1,x\nB,800,1000,1,y\n"
    )
    code, _, said = run("simulate", path, "--by", "score_band")
    assert code == 2
    assert "has two meanings here" in said[0]
    assert "Give the column another name" in said[0]
    assert run("simulate", path)[0] == 0


def test_rejected_rows_of_a_table_are_counted_in_words_and_have_no_lines(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            "CREATE TABLE accounts AS SELECT * FROM (VALUES ('A1', 700, 5000, 1, 12.0), "
            "('A2', 710, 5000, 1, 12.5), ('A3', 720, 5000, -1, 12.0)) "
            "t(account_id, score, credit_limit, balance, months_on_book)"
        )
    monkeypatch.setenv("HEADROOM_DATABASES", json.dumps({"bank": f"duckdb:///{path}"}))
    code, out, _ = run("check", "bank:accounts")
    assert code == 1
    assert "  not a whole number: 1 row\n" in out
    assert "  negative: 1 row\n" in out
    assert "for example" not in out.split("Columns:")[0]
    assert "Not in the table\n" in out
