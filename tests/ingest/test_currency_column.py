"""A column that says the currency of each row: by code, number, sign or name, never added up."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from analytics.errors import PortfolioError
from analytics.ingest import ChoiceNeeded
from tests.ingest.loading import HEADER, Outcome, load, rows_text


def rows_in(*texts: str, header: str = "currency", **declared: object) -> Outcome:
    rows = [[f"A{place}", "700", "5000", "10", text] for place, text in enumerate(texts)]
    return load(rows_text(f"{HEADER},{header}", rows), **declared)


@pytest.mark.parametrize(
    "texts",
    [
        ("US Dollar", "Euro"),
        ("Dollar", "Euro"),
        ("US Dollars", "euros"),
        ("840", "978"),
        ("USD", "978"),
    ],
)
def test_names_and_numbers_of_currencies_are_asked_about_as_codes_are(
    texts: tuple[str, str],
) -> None:
    with pytest.raises(ChoiceNeeded) as asked:
        rows_in(*texts)
    assert asked.value.option == "currency"
    assert {"EUR", "USD"} <= {choice.value for choice in asked.value.choices}
    for code, name in (("USD", "A0"), ("EUR", "A1")):
        found = rows_in(*texts, currency=code)
        assert list(found.accounts) == [name]
        assert {why for *_, why in found.rejects} == {"other_currency"}


def test_numbers_of_currencies_are_known_where_a_file_stores_numbers() -> None:
    cells = {"account_id": ["A", "B"], "score": [700, 710], "credit_limit": [50, 60]}
    out = io.BytesIO()
    pd.DataFrame({**cells, "balance": [1, 2], "currency": [36, 840]}).to_parquet(out)
    with pytest.raises(ChoiceNeeded, match="several currencies") as asked:
        load(out.getvalue(), file_name="file.parquet")
    assert [choice.value for choice in asked.value.choices] == ["AUD", "USD"]


def test_one_currency_by_its_name_its_number_and_its_code_is_one() -> None:
    assert rows_in("US Dollar", "840", "USD", "$", currency="USD").report.rejected == 0


def test_texts_that_name_no_known_currency_are_said() -> None:
    found = rows_in("local", "foreign")
    (said,) = (line for line in found.report.warnings if "no known currency" in line)
    assert "local, foreign" in said.lower() or "foreign, local" in said.lower()
    assert not any("no known" in line for line in rows_in("x1", "y2", header="cur").report.warnings)


def test_amounts_of_one_row_in_two_currencies_are_refused() -> None:
    rows = [["A1", "700", "$5000", "\u20ac10"], ["A2", "700", "$6000", "\u20ac20"]]
    for declared in ({}, {"currency": "USD"}, {"currency": "EUR"}):
        with pytest.raises(PortfolioError) as refused:
            load(rows_text(HEADER, rows), **declared)
        assert str(refused.value) == (
            "The amounts in credit_limit, balance carry the marks of several currencies "
            "($, \u20ac): give a file in one currency."
        )
