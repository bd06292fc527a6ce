"""--regime: a rule book is taken, says what it moves, and yields to what is set by name."""

from __future__ import annotations

import json
from pathlib import Path

from analytics.assumptions import Assumptions
from analytics.declared.regimes import PACKS
from analytics.export.assumptions_file import assumptions_csv
from tests.cli.running import Run
from tests.places import CASES


def test_a_rule_book_is_in_force_and_tells_what_it_moved(run: Run) -> None:
    code, text, said = run("simulate", CASES, "--regime", "us", "--json")
    assert code == 0
    found = json.loads(text)["assumptions"]
    ruled = [found[name] for name in ("provisioning", "risk_weight")]
    assert ruled == ["cecl", 1.0]
    assert found["regulatory_conversion_factor"] == 0.0
    assert len(said) == 3
    assert all(line.startswith("headroom: United States: ") for line in said)
    assert "Risk weight 75 % → 100 % [R]" in said[0]
    assert said[0].endswith("to be checked at source")


def test_a_rule_book_sets_levers_of_the_policy(run: Run) -> None:
    code, text, said = run("simulate", CASES, "--regime", "Turkiye", "--json")
    assert code == 0
    assert json.loads(text)["policy"]["income_multiple"] == 4.0
    assert len(said) == 1
    assert "Income multiple none → 4.0 [R]" in said[0]


def test_a_rule_book_that_is_in_force_moves_nothing(run: Run) -> None:
    code, text, said = run("simulate", CASES, "--regime", "basel-iii", "--json")
    assert (code, text, []) == run("simulate", CASES, "--json")
    (told,) = said
    assert "Basel III, standardised: every value of the rule book was in force before" in told


def test_every_value_of_every_rule_book_is_listed_with_its_mark_and_source(run: Run) -> None:
    text = run("parameters")[1]
    books = json.loads(run("parameters", "--json")[1])["rule_books"]
    assert [book["name"] for book in books] == [str(pack.name) for pack in PACKS]
    for pack, book in zip(PACKS, books, strict=True):
        assert f"{pack.name}: {pack.title}" in text
        assert len(book["values"]) == len(list(pack))
        for ruled, listed in zip(pack, book["values"], strict=True):
            assert f"[{ruled.mark.value}] {ruled.source}" in text
            assert (listed["name"], listed["mark"]) == (ruled.name, ruled.mark.value)
            assert listed["source"].endswith("to be checked at source") == ruled.to_check


def test_what_is_set_by_name_goes_on_top_and_files_below(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "assumptions.csv"
    path.write_bytes(assumptions_csv(Assumptions(risk_weight=0.5, funding_rate=0.03)))
    code, text, said = run(
        *("simulate", CASES, "--json"),
        *("--regime", "turkiye", "--assumptions", path),
        *("--set", "income_multiple=7", "--assume", "regulatory_ccf=0.3"),
    )
    assert code == 0
    assert any("Risk weight 50 % → 75 %" in line for line in said), "before is what the file has"
    found = json.loads(text)
    assumed = found["assumptions"]
    assert [assumed["risk_weight"], assumed["funding_rate"]] == [0.75, 0.03]
    assert assumed["regulatory_conversion_factor"] == 0.3
    assert found["policy"]["income_multiple"] == 7.0


def test_a_rule_book_that_is_none_is_refused_with_the_other_faults(run: Run) -> None:
    code, text, said = run("simulate", CASES, "--regime", "turky", "--assume", "horizon=0")
    assert (code, text) == (2, "")
    told = " ".join(said)
    assert "There is no rule book 'turky': did you mean turkiye?" in told
    assert "horizon_months = 0 is too low: give a whole number from 12 to 60" in told


def test_every_rule_book_stands_in_the_help(run: Run) -> None:
    code, text, _ = run("simulate", "--help")
    assert code == 0
    for pack in PACKS:
        assert str(pack.name) in text


def test_a_file_of_version_1_says_what_it_lacks(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "assumptions.csv"
    lines = assumptions_csv(Assumptions(funding_rate=0.03)).decode().splitlines()
    gone = ("method_version", "provisioning")
    path.write_text("\n".join(line for line in lines if line.split(",")[0] not in gone))
    code, text, said = run("simulate", CASES, "--assumptions", path, "--json")
    assert code == 0
    assert json.loads(text)["assumptions"]["funding_rate"] == 0.03
    (told,) = said
    assert "is of version 1 of the method, and this is version 2" in told
    assert "It has no provisioning: the values shipped are taken." in told
