"""Protected segments and outcomes: known, kept from tiers, and marked otherwise by the user."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analytics.declared.choices import ColumnMark
from analytics.errors import ParameterError, PortfolioError
from analytics.ingest import Declaration, Loaded, parse_marks
from tests.accounts.books import cells_of
from tests.ingest.test_checks import Open, opened_file, opened_table

EITHER = pytest.mark.parametrize("opened", [opened_file, opened_table])
AGES = ["18-25", "26-40", "41-60"] * 20
SEEN = [0, 1, None] * 20


def book(**further: Any) -> dict[str, Any]:
    columns = {"region": ["North", "South"] * 30, "age_band": AGES, "defaulted": SEEN}
    return cells_of(60, **(columns | further))


def loaded_by(opened: Open, folder: Path, *marks: str, **further: Any) -> Loaded:
    place = folder / f"{len(list(folder.iterdir()))}"
    place.mkdir()
    found = opened(book(**further), Declaration(marks=parse_marks(marks)), place)
    found.portfolio.door.close()
    return found


@EITHER
def test_protected_segments_are_grouped_by_and_outcomes_are_not(
    opened: Open, tmp_path: Path
) -> None:
    found = loaded_by(opened, tmp_path)
    portfolio, report = found.portfolio, found.report
    assert portfolio.segments == report.segments == ("region", "age_band")
    assert portfolio.protected == report.protected == ("age_band",)
    assert (portfolio.outcomes, portfolio.outcome) == (("defaulted",), "defaulted")
    assert "defaulted" not in (*report.ignored, *report.columns)
    said = "\n".join(report.warnings)
    assert "'age_band' is a protected segment" in said
    assert "'defaulted' is an outcome, seen after the day of the balances" in said


@EITHER
def test_an_outcome_is_refused_as_a_group_and_a_protected_segment_as_tiers(
    opened: Open, tmp_path: Path
) -> None:
    portfolio = loaded_by(opened, tmp_path).portfolio
    with pytest.raises(PortfolioError, match=r"an outcome, seen after .* --mark defaulted=segment"):
        portfolio.segment("defaulted")
    for title in ("defaulted", "age_band"):
        with pytest.raises(PortfolioError, match=f"--mark {title}=segment"):
            portfolio.hold_fit_for_tiers(title)
    portfolio.hold_fit_for_tiers("region")
    portfolio.segment("age_band")


@EITHER
@pytest.mark.parametrize(
    "cells",
    [
        ["0", "1", ""] * 20, ["yes", "no"] * 30, [True, False] * 30, [True, None] * 30,
        [0.0, 1.0, None] * 20,
    ],
)  # fmt: skip
def test_an_outcome_holds_0_and_1_however_they_are_written(
    opened: Open, cells: list[Any], tmp_path: Path
) -> None:
    assert loaded_by(opened, tmp_path, defaulted=cells).portfolio.outcomes == ("defaulted",)


@EITHER
@pytest.mark.parametrize("cells", [["none", "late", "bad"] * 20, [0, 1, 2] * 20])
def test_a_column_of_other_values_is_a_segment_whatever_its_name(
    opened: Open, cells: list[Any], tmp_path: Path
) -> None:
    found = loaded_by(opened, tmp_path, defaulted=cells).portfolio
    assert found.segments == ("region", "age_band", "defaulted")
    assert found.outcomes == ()


@EITHER
def test_defaulted_is_the_outcome_before_others(opened: Open, tmp_path: Path) -> None:
    cells = {n: c for n, c in book(charged_off=SEEN).items() if n != "defaulted"}
    found = opened({**cells, "defaulted": SEEN}, Declaration(), tmp_path).portfolio
    found.door.close()
    assert found.outcome == "defaulted"
    assert set(found.outcomes) == {"charged_off", "defaulted"}


@EITHER
def test_the_user_marks_otherwise_and_it_is_said(opened: Open, tmp_path: Path) -> None:
    marks = ("Age_Band=segment", "region=protected", "churned=outcome", "defaulted=segment")
    found = loaded_by(opened, tmp_path, *marks, churned=SEEN)
    portfolio = found.portfolio
    assert portfolio.segments == ("region", "age_band", "defaulted")
    assert portfolio.protected == ("region",)
    assert portfolio.outcomes == ("churned",)
    assert dict(portfolio.marks)["region"] is ColumnMark.PROTECTED
    freed = [line for line in found.report.warnings if "was declared to be a segment" in line]
    assert len(freed) == 2


@EITHER
def test_marks_that_cannot_be_are_refused_all_at_once(opened: Open, tmp_path: Path) -> None:
    marks = ("regoin=protected", "score=outcome", "region=outcome", "name=segment", "zzz=segment")
    with pytest.raises(PortfolioError) as refused:
        loaded_by(opened, tmp_path, *marks, name=[f"N{n}" for n in range(60)])
    said = refused.value.faults
    assert len(said) == len(marks)
    for part in (
        "'regoin'. Did you mean region?", "a column of the product is read from score",
        "region holds others", "name has too many values", "no column 'zzz'",
    ):  # fmt: skip
        assert any(part in fault for fault in said), part


def test_a_mark_is_one_of_three_given_once() -> None:
    with pytest.raises(ParameterError) as refused:
        parse_marks(["age", "sex=forbidden"])
    assert len(refused.value.faults) == 2
    assert "write header=segment or protected or outcome" in refused.value.faults[0]
    with pytest.raises(ParameterError, match="given twice"):
        Declaration(marks=parse_marks(["sex=segment", "SEX=protected"]))


@EITHER
def test_a_mark_changes_what_the_portfolio_is_known_by(opened: Open, tmp_path: Path) -> None:
    plain = loaded_by(opened, tmp_path).portfolio
    marked = loaded_by(opened, tmp_path, "age_band=segment").portfolio
    assert plain.fingerprint != marked.fingerprint


def test_a_table_is_not_grouped_by_an_outcome_that_is_asked_for(tmp_path: Path) -> None:
    import duckdb

    from analytics.accounts.connect import open_database
    from analytics.ingest.tables import load_warehouse
    from tests.ingest.test_checks import table_of

    path = tmp_path / "bank.duckdb"
    with duckdb.connect(path) as connection:
        connection.register("incoming", table_of(book()))
        connection.execute("CREATE TABLE accounts AS FROM incoming")
    database = open_database(f"duckdb:///{path}")
    with pytest.raises(PortfolioError, match="defaulted is an outcome"):
        load_warehouse(database, "accounts", segments=["defaulted"])
    database.close()


@EITHER
@pytest.mark.parametrize(
    ("column", "header", "said"),
    [
        ("in_hardship", "defaulted", "names an outcome, seen after the day of the balances"),
        ("is_student", "is_male", "names a protected basis"),
        ("months_on_book", "customer_age", "names a protected basis"),
        ("score", "age", "names a protected basis"),
    ],
)
def test_no_score_and_no_rule_is_read_from_an_outcome_or_a_protected_basis(
    opened: Open, column: str, header: str, said: str, tmp_path: Path
) -> None:
    whole = column in ("score", "months_on_book")
    further = {header: [700, 750] * 30 if whole else [True, False] * 30}
    cells = {name: cell for name, cell in book(**further).items() if name != column}
    mapping = ((column, header),)
    with pytest.raises(PortfolioError) as refused:
        opened(cells, Declaration(mapping=mapping), tmp_path)
    (fault,) = refused.value.faults
    assert fault.startswith(f"--map {column}: {header!r} {said}")
    assert fault.endswith(f"give --mark {header}=segment.")
    (tmp_path / "marked").mkdir()
    marks = parse_marks([f"{header}=segment"])
    found = opened(cells, Declaration(mapping=mapping, marks=marks), tmp_path / "marked")
    found.portfolio.door.close()
    told = f"{header!r} was declared to be usable"
    assert any(line.startswith(told) for line in found.report.warnings)
    assert dict(found.portfolio.marks) == {header: ColumnMark.SEGMENT}


def test_an_outcome_in_arithmetic_is_refused_with_every_other_fault() -> None:
    cells = book()
    mapping = (("score", "score+100*defaulted"), ("is_student", "age_band"))
    with pytest.raises(PortfolioError) as refused:
        opened_file(cells, Declaration(mapping=mapping), Path())
    assert [fault.split(":")[0] for fault in refused.value.faults] == [
        "--map score",
        "--map is_student",
    ]


@EITHER
def test_amounts_and_probabilities_may_speak_of_defaults(opened: Open, tmp_path: Path) -> None:
    cells = {name: cell for name, cell in book(target_limit=[1000] * 60).items()
             if name not in ("credit_limit", "defaulted")}  # fmt: skip
    found = opened(cells, Declaration(mapping=(("credit_limit", "target_limit"),)), tmp_path)
    found.portfolio.door.close()
    assert found.report.sources["credit_limit"] == "target_limit"
