"""Every check that a file gets, a table gets: the same words of the same odd accounts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.accounts.connect import open_database
from analytics.errors import PortfolioError
from analytics.ingest import ChoiceNeeded, Declaration, Loaded, load_bytes
from analytics.ingest.tables import load_warehouse
from tests.accounts.books import cells_of
from tests.ingest.loading import HEADER, load, rows_text
from tests.places import ROOT

Cells = dict[str, Sequence[Any]]
Open = Callable[[Cells, Declaration, Path], Loaded]

FILES_ALONE = {
    "{count:,} rejected row takes up": "a table has no lines",
    "{count:,} row was rejected for {word!r}": "a table's optional columns hold no words",
    "{count:,} column without a name": "a table's columns have names",
    "{count:,} blank row was skipped": "in a table a row that holds nothing lacks what it needs",
}
"""Beginnings of what is said of files alone, and why."""


def table_of(cells: Cells) -> pa.Table:
    return pa.table({name: pa.array(column) for name, column in cells.items()})


def opened_file(cells: Cells, declaration: Declaration, folder: Path) -> Loaded:
    del folder
    out = pa.BufferOutputStream()
    pq.write_table(table_of(cells), out)
    return load_bytes("book.parquet", out.getvalue().to_pybytes(), declaration)


def opened_table(cells: Cells, declaration: Declaration, folder: Path) -> Loaded:
    path = folder / "bank.duckdb"
    with duckdb.connect(path) as connection:
        connection.register("incoming", table_of(cells))
        connection.execute("CREATE TABLE accounts AS FROM incoming")
    return load_warehouse(open_database(f"duckdb:///{path}"), "accounts", declaration)


def changed(**cells: Sequence[Any]) -> Cells:
    return {**cells_of(60), **cells}


def renamed(old: str, new: str) -> Cells:
    return {new if name == old else name: cells for name, cells in cells_of(60).items()}


def plain(*values: float) -> list[Any]:
    return list(values) * (60 // len(values))


ROUND = [Decimal("20000000.00")] * 60
ALIKE = changed(
    score=plain(700),
    credit_limit=[Decimal("1000.00")] * 60,
    balance=[Decimal("12.34")] * 60,
    monthly_income=[Decimal("3000.00")] * 60,
    default_probability=plain(0.02),
)
NO_PROBABILITY = {n: c for n, c in cells_of(60).items() if n != "default_probability"}
OFF_BY_FEW = changed(score=[*([320] * 3), *([700] * 57)])
OFF_BY_MANY = changed(score=[*([320] * 30), *([700] * 30)])
SAID: dict[str, tuple[Cells, str]] = {
    "{count:,} account is over the limit.": (
        changed(balance=[Decimal("99999.00")] * 60),
        "60 accounts are over the limit.",
    ),
    "{count:,} account has a score outside": (
        {**NO_PROBABILITY, "score": plain(351, 700)},
        "30 accounts have a score outside",
    ),
    "The mean default probability is": (
        changed(default_probability=plain(0.5)),
        "The mean default probability is 50%",
    ),
    "{count:,} row has a rate above 1": (
        changed(default_probability=[2.0, *plain(0.02)[1:]]),
        "1 row has a rate above 1",
    ),
    "Limits and balances are all whole": (
        changed(credit_limit=ROUND, balance=[Decimal("100.00")] * 60),
        "they may be in cents",
    ),
    "The score scale {scale} was assumed; the scores run from {lowest} to {highest}, which": (
        changed(score=plain(700, 710)),
        "from 700 to 710, which 300-850 holds as well",
    ),
    "The score scale {scale} was assumed; the scores run from {lowest} to {highest}: ": (
        changed(score=plain(700, 900)),
        "from 700 to 900: declare the scale",
    ),
    "The scores run from {lowest} to {highest} and a header": (
        changed(score=plain(700, 710), vantage_band=["a"] * 60),
        "a header speaks of FICO or Vantage",
    ),
    "The ids in {source} are stored as numbers": (
        changed(account_id=list(range(60))),
        "The ids in account_id are stored as numbers",
    ),
    "{count:,} id differs from another one": (
        changed(account_id=["case", "CASE", *(f"N{n}" for n in range(58))]),
        "1 id differs from another one in upper and lower case alone",
    ),
    "{count:,} id stands between blanks": (
        changed(account_id=[" N0 ", *(f"N{n}" for n in range(1, 60))]),
        "1 id stands between blanks",
    ),
    "{count:,} of the accounts with a balance": (ALIKE, "59 of the accounts with a balance equal"),
    "{count:,} account has the text {label}": (
        changed(region=["(blank)", None, *["North"] * 58]),
        "1 account has the text (blank) in region",
    ),
    "{column} is blank in every account": (
        changed(months_on_book=pd.array([None] * 60, dtype="Int64")),
        "months_on_book is blank in every account",
    ),
    "{count:,} score is off the scale": (OFF_BY_FEW, "3 scores are off the scale 350-950"),
}
"""What is said of files and tables alike, by its beginning: accounts that it is said of."""


def sentences() -> set[str]:
    """The sentences in the sources that are said of loaded accounts."""
    found = set()
    for name in ("cautions.py", "remarks.py", "offscale.py"):
        tree = ast.parse((ROOT / "analytics/ingest" / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="later" | "later_n"), args=[ast.Constant(text), *_]):
                    found.add(str(text))
    return found


def test_every_caution_is_held_here_or_is_of_files_alone() -> None:
    beginnings = [*SAID, *FILES_ALONE]
    lost = [text for text in sentences() if not text.startswith(tuple(beginnings))]
    assert lost == [], "say it of tables too and add it to SAID, or say why not in FILES_ALONE"
    idle = [one for one in beginnings if not any(text.startswith(one) for text in sentences())]
    assert idle == []


@pytest.mark.parametrize("opened", [opened_file, opened_table])
@pytest.mark.parametrize("beginning", SAID)
def test_a_file_and_a_table_hear_the_same(opened: Open, beginning: str, tmp_path: Path) -> None:
    cells, said = SAID[beginning]
    loaded = opened(cells, Declaration(), tmp_path)
    assert any(said in line for line in loaded.report.warnings), loaded.report.warnings
    loaded.portfolio.door.close()
    quiet = opened_file(cells_of(60), Declaration(), tmp_path)
    assert not any(said in line for line in quiet.report.warnings)
    quiet.portfolio.door.close()


@pytest.mark.parametrize("opened", [opened_file, opened_table])
@pytest.mark.parametrize(
    ("cells", "mapping", "said"),
    [
        (renamed("score", "FICO_Score"), (("score", "FICO_Score"),), "may be on the scale 300-850"),
        (OFF_BY_MANY, (), "30 scores are off the scale 350-950"),
    ],
)
def test_the_scale_is_asked_for_in_a_file_and_in_a_table(
    opened: Open,
    cells: Cells,
    mapping: tuple[tuple[str, str], ...],
    said: str,
    tmp_path: Path,
) -> None:
    with pytest.raises(ChoiceNeeded) as asked:
        opened(cells, Declaration(mapping=mapping), tmp_path)
    assert said in str(asked.value)
    assert asked.value.option == "scale"
    assert asked.value.choices[0].value == "300:850"


@pytest.mark.parametrize("opened", [opened_file, opened_table])
def test_a_column_that_looks_like_a_missing_one_is_named(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(PortfolioError, match="'limit_amt' looks like it: give --map"):
        opened(renamed("credit_limit", "limit_amt"), Declaration(), tmp_path)


@pytest.mark.parametrize("opened", [opened_file, opened_table])
def test_the_advice_to_map_a_header_can_be_pasted(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(PortfolioError, match='give --map "credit_limit=Credit Limit"'):
        opened(renamed("credit_limit", "Credit Limit"), Declaration(), tmp_path)


@pytest.mark.parametrize(("written", "odd"), [("{}.0", 1), ("{}.00", 3), (" {}", 2)])
def test_scores_on_the_scale_are_not_off_it_however_they_are_written(
    written: str, odd: int
) -> None:
    text = [written.format(500 + n) if n % odd == 0 else str(500 + n) for n in range(300)]
    rows = [(f"A{n}", score, "5000", str(n)) for n, score in enumerate(text)]
    found = load(rows_text(HEADER, rows))
    assert (found.report.accepted, found.report.rejected) == (300, 0)
    assert not any("off the scale" in line for line in found.report.warnings)


def test_scores_with_a_point_that_are_off_the_scale_are_counted_with_the_range_of_all() -> None:
    rows = [(f"A{n}", f"{310 + n}.0", "5000", str(n)) for n in range(300)]
    with pytest.raises(ChoiceNeeded, match=r"40 scores are off .* all of them run from 310 to 609"):
        load(rows_text(HEADER, rows))
