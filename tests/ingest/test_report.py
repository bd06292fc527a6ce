"""The load report and what surrounds it: warnings, segments, rejects, fingerprint, sandbox."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import json
from decimal import Decimal

import duckdb
import pytest

from analytics.assumptions import Assumptions
from analytics.declared.currencies import KNOWN
from analytics.declared.scales import FICO, SESAME, score_scale
from analytics.errors import PortfolioError
from analytics.ingest import (
    ChoiceNeeded,
    Declaration,
    load_bytes,
    load_file,
    load_sample,
    rejects_csv,
    rejects_table,
)
from analytics.policy import default_policy
from analytics.results.simulation import simulate
from tests.ingest.loading import HEADER, load, outcome, rows_text
from tests.places import SAMPLE, THOUSAND

BAD = (
    f"{HEADER},region,default_probability\n"
    "A,700,1000.10,5,North,0.1\nB,x,70,-1,South,2\nC,701,50,70,,\n"
)


def test_the_report_as_json_has_what_the_command_line_prints() -> None:
    shown = json.loads(load(BAD).report.to_json())
    assert (shown["rows_read"], shown["accepted"], shown["rejected"]) == (3, 2, 1)
    assert (shown["total_limit"], shown["total_balance"]) == ("1050.10", "75.00")
    assert shown["rejected_limit"] == "70.00"
    assert shown["reasons"] == {
        "negative": {"rows": 1, "examples": [[3, "balance"]]},
        "not_a_number": {"rows": 1, "examples": [[3, "score"]]},
        "out_of_range": {"rows": 1, "examples": [[3, "default_probability"]]},
    }
    assert (shown["encoding"], shown["delimiter"], shown["decimal"]) == ("utf-8", "comma", ".")
    assert shown["columns"] == [*HEADER.split(","), "default_probability"]
    assert "monthly_income" in shown["missing"]
    assert any("days_past_due" in sentence for sentence in shown["switched_off"])
    assert shown["blanks"] == {"default_probability": 1}
    assert shown["segments"] == ["region"]


def test_sums_are_exact_and_parts_add_up() -> None:
    rows = "".join(f"A{i},700,0.01,99999999999.99\n" for i in range(100))
    report = load(f"{HEADER}\n{rows}").report
    assert report.total_limit == Decimal("1.00")
    assert report.total_balance == Decimal("9999999999999.00")
    assert report.accepted + report.rejected == report.rows_read


def test_a_row_with_several_faults_counts_once_and_shows_each() -> None:
    found = load(f"{HEADER}\nA,x,-1,1e400\nB,700,1,0\n")
    assert found.report.rejected == 1
    assert {why for *_, why in found.rejects} == {"not_a_number", "negative", "not_finite"}


def test_examples_are_the_first_lines() -> None:
    rows = "".join(f"A{i},x,1,0\n" for i in range(20))
    report = load(f"{HEADER}\n{rows}Z,700,1,0\n").report
    examples = report.reasons["not_a_number"].examples
    assert examples == tuple((line, "score") for line in range(2, 7))


def test_rejects_are_shown_first_and_written_whole() -> None:
    rows = "".join(f"A{i},=1+{i},1,0\n" for i in range(120_000))
    loaded = load_bytes("x.csv", f"{HEADER}\nZ,700,1,0\n{rows}".encode())
    table = rejects_table(loaded.portfolio, first=10)
    assert table["line"].tolist() == list(range(3, 13))
    assert set(table.columns) == {"line", "column", "value", "reason", "explanation"}
    written = list(csv.DictReader(io.StringIO("".join(rejects_csv(loaded.portfolio)))))
    assert len(written) == 120_000
    assert written[0] == {"line": "3", "column": "score", "value": "'=1+0", "reason": "not_plain"}
    assert not any(row["value"].startswith(("=", "+", "-", "@")) for row in written)
    loaded.portfolio.door.close()


def test_a_rejected_cell_is_neither_run_nor_changed_by_a_spreadsheet() -> None:
    cells = ["\uff1d1", " @x", "03-04", "0012x", "1e400", "700.5", "nothing", "1200"]
    rows = [[f"A{place}", cell, "1", "0"] for place, cell in enumerate(cells)]
    loaded = load_bytes("x.csv", rows_text(HEADER, [["B", "700", "1", "0"], *rows]).encode())
    written = csv.DictReader(io.StringIO("".join(rejects_csv(loaded.portfolio))))
    assert [row["value"] for row in written] == [
        "'\uff1d1", "' @x", "'03-04", "'0012x", "'1e400", "'700.5", "nothing", "1200",
    ]  # fmt: skip
    loaded.portfolio.door.close()


def test_rejects_of_a_clean_file_are_none() -> None:
    loaded = load_bytes("x.csv", f"{HEADER}\nA,700,1,0\n".encode())
    assert rejects_table(loaded.portfolio).empty
    assert "".join(rejects_csv(loaded.portfolio)) == "line,column,value,reason\n"
    loaded.portfolio.door.close()


def test_text_columns_of_few_values_are_segments_and_others_are_named() -> None:
    header = f"{HEADER},region,name,defaulted,empty,reason"
    rows = [[f"A{i}", "700", "1", "0", f"R{i % 50}", f"N{i}", str(i % 2), "", "x"]
            for i in range(200)]  # fmt: skip
    found = load(rows_text(header, rows))
    assert found.report.segments == ("region", "reason")
    assert found.report.outcomes == ("defaulted",)
    assert found.report.ignored == ("name", "empty")
    assert "name" not in found.accounts["A1"]


def test_a_column_of_few_values_first_and_many_later_is_no_segment() -> None:
    rows = "".join(f"A{i},700,1,0,{'x' if i < 25_000 else i}\n" for i in range(26_000))
    found = load(f"{HEADER},note\n{rows}")
    assert found.report.segments == ()
    assert found.report.ignored == ("note",)


def test_a_column_of_long_texts_is_no_segment() -> None:
    assert load(f"{HEADER},note\nA,700,1,0,{'x' * 300}\n").report.ignored == ("note",)


def test_a_header_without_a_name_is_ignored_by_its_place() -> None:
    found = load(f"{HEADER},\nA,700,1,0,\nB,700,1,0,x\n")
    assert found.report.ignored == ("column 5 (without a name)",)


def warned(text: str, words: str, **declared: object) -> bool:
    return any(words in warning for warning in load(text, **declared).report.warnings)


def test_accounts_over_the_limit_are_accepted_and_counted() -> None:
    assert warned(f"{HEADER}\nA,700,1,2\nB,700,1,2\nC,700,1,1\n", "2 accounts are over the limit")


def test_scores_outside_the_range_of_the_curve_are_warned_about() -> None:
    text = f"{HEADER}\nA,351,1,0\nB,700,1,0\n"
    assert warned(text, "1 account has a score outside")
    given = f"{HEADER},default_probability\nA,351,1,0,0.5\nB,700,1,0,0.01\n"
    assert not warned(given, "outside")


@pytest.mark.parametrize("cells", [["2", "3", "0.5"], ["0.9", "0.8", "0.7"]])
def test_default_probabilities_that_look_like_percent_are_warned_about(cells: list[str]) -> None:
    rows = "".join(f"A{i},700,1,0,{cell}\n" for i, cell in enumerate(cells))
    assert warned(f"{HEADER},default_probability\n{rows}", "percent")


def test_limits_that_look_like_cents_are_warned_about() -> None:
    rows = "".join(f"A{i},700,{(i + 1) * 1_000_000},{i * 7919}\n" for i in range(20))
    assert warned(f"{HEADER}\n{rows}", "cents")
    assert not warned(f"{HEADER}\n{rows}", "cents", currency="TWD")


def test_rows_that_are_equal_but_for_the_id_are_warned_about() -> None:
    rows = "".join(f"A{i},700,1000,{i // 2}.37\n" for i in range(100))
    assert warned(f"{HEADER}\n{rows}", "in everything but the id")


@pytest.mark.parametrize("header", ["fico", "FICO_8", "VantageScore", "Equifax Beacon"])
def test_scores_under_a_header_that_speaks_of_fico_are_asked_about(header: str) -> None:
    text = f"account_id,{header},credit_limit,balance\nA,700,1,0\nB,800,1,0\n"
    mapping = (("score", f"`{header}`" if " " in header else header),)
    with pytest.raises(ChoiceNeeded, match="--scale 300:850 or --scale 350:950") as asked:
        load(text, mapping=mapping)
    assert asked.value.option == "scale"
    assert [choice.value for choice in asked.value.choices] == ["300:850", "350:950"]
    for scale in (FICO, SESAME):
        declared = load(text, mapping=mapping, scale=scale)
        assert not any("scale" in warning for warning in declared.report.warnings)


def test_another_header_that_speaks_of_fico_is_said_and_the_scale_not_changed() -> None:
    found = load(f"{HEADER},fico_band\nA,700,1,0,x\nB,800,1,0,y\n")
    assert found.report.scale == "350-950"
    assert any("--scale 300:850" in warning for warning in found.report.warnings)


def test_a_scale_that_was_assumed_is_said_of_files_and_not_of_the_sample() -> None:
    text = f"{HEADER}\nA,360,1,0\nB,850,1,0\n"
    assert warned(text, "350-950 was assumed; the scores run from 360 to 850, which 300-850")
    assert not warned(text, "scale 350-950 was assumed", scale=SESAME)
    loaded = load_sample()
    assert not any("assumed" in warning for warning in loaded.report.warnings)
    loaded.portfolio.door.close()


def test_a_segment_with_the_label_of_blanks_is_said() -> None:
    text = f"{HEADER},region\nA,700,1,0,(blank)\nB,700,1,0,\nC,700,1,0,North\n"
    assert warned(text, "1 account has the text (blank) in region")
    assert not warned(text.replace("(blank)", "blank"), "the text (blank)")


def test_words_for_unknown_in_optional_columns_are_said() -> None:
    text = f"{HEADER},monthly_income\nA,700,1,0,N/A\nB,700,1,0,5\nC,700,1,0,-\nD,700,1,0,n/a\n"
    assert warned(text, "2 rows were rejected for 'N/A' in an optional column")
    assert warned(text, "--blank N/A")
    assert warned(text, "--blank=-")
    assert not warned(text, "--blank", blank_words=("N/A", "-"))
    with pytest.raises(PortfolioError, match="declare it with --blank N/A"):
        load(f"{HEADER},monthly_income\nA,700,1,0,N/A\n")


def test_the_scale_and_the_currency_are_the_portfolios() -> None:
    declaration = Declaration(
        name="Cards", as_of=dt.date(2026, 10, 31), currency="twd", scale=score_scale(0, 1000)
    )
    loaded = load_bytes("x.csv", f"{HEADER}\nA,0,1,0\nB,1000,1,0\n".encode(), declaration)
    portfolio = loaded.portfolio
    assert (portfolio.name, portfolio.currency, str(portfolio.scale)) == ("Cards", "TWD", "0-1000")
    assert portfolio.as_of == dt.date(2026, 10, 31)
    portfolio.door.close()


def test_the_fingerprint_is_of_the_bytes_and_of_the_reading() -> None:
    first = load(BAD).report.fingerprint
    assert load(BAD).report.fingerprint == first
    assert load(BAD, name="other").report.fingerprint == first
    assert load(BAD.replace("1000.10", "1000.20")).report.fingerprint != first
    assert load(BAD, scale=score_scale(300, 950)).report.fingerprint != first
    assert load(BAD, currency="USD").report.fingerprint != first
    assert load(BAD, mapping=(("balance", "credit_limit"),)).report.fingerprint != first


def test_the_loaded_database_reads_no_files_and_takes_no_settings() -> None:
    loaded = load_bytes("x.csv", f"{HEADER}\nA,700,1,0\n".encode())
    with contextlib.closing(loaded.portfolio.door._owner.cursor()) as cursor:
        tables = {row[0] for row in cursor.execute("SHOW TABLES").fetchall()}
        assert tables == {"accounts", "rejects"}
        for statement in (
            "SELECT * FROM read_text('/etc/hostname')",
            "SELECT * FROM read_csv('/etc/passwd')",
            "COPY accounts TO '/tmp/out.csv'",
            "ATTACH '/tmp/other.duckdb'",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                cursor.execute(statement)
    loaded.portfolio.door.close()


def test_the_sample_loads_whole_and_simulates() -> None:
    loaded = load_sample()
    report = loaded.report
    assert (report.accepted, report.rejected) == (200_000, 0)
    assert (report.total_limit, report.total_balance) == (
        Decimal("1879006300.00"), Decimal("302610800.08"),
    )  # fmt: skip
    elsewhere = ("other_payments", "external_limit", "external_balance", "is_transactor")
    assert report.missing == elsewhere
    assert len(report.switched_off) == len(elsewhere)
    assert report.segments == ("region", "age_band", "channel")
    policy = default_policy("CNY", loaded.portfolio.scale)
    assert simulate(loaded.portfolio, policy, Assumptions()).total.raised > 0
    loaded.portfolio.door.close()


def test_the_samples_csv_equals_its_parquet_row_for_row() -> None:
    text = outcome(load_file(THOUSAND))
    whole = outcome(load_file(SAMPLE))
    assert text.report.accepted == 1000
    assert all(whole.accounts[account] == row for account, row in text.accounts.items())


def test_a_default_policy_has_what_belongs_to_the_currency_and_the_scale() -> None:
    assert default_policy("CNY", SESAME).limit_cap == 50_000
    assert default_policy("cny", SESAME).score_threshold == 800
    assert default_policy("USD", FICO).limit_cap is None
    assert default_policy("USD", FICO).score_threshold == FICO.default_threshold
    assert all(c.limit_cap is None for c in KNOWN if c.code != "CNY")


def test_one_twin_and_one_outcome_are_said_in_the_singular() -> None:
    rows = [["A1", "700", "5000", "12.34", "1"], ["A2", "710", "6000", "56.78", "0"]]
    rows += [["A3", "710", "6000", "56.78", "0"]]
    mapping = (("default_probability", "default"),)
    warnings = load(rows_text(f"{HEADER},default", rows), mapping=mapping).report.warnings
    assert any("(1 is 1): it looks like an outcome" in line for line in warnings)
    assert any("1 of the accounts with a balance equals another" in line for line in warnings)
