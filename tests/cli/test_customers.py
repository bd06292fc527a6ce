"""The commands treat and whitespace: their objects, their texts, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.declared.choices import Treatment
from analytics.export.treatments_file import treatments_csv
from tests.cli.running import Read, Run
from tests.places import THOUSAND

FIGURES = ["accounts", "limit", "balance", "expected_loss", "foregone_net_value"]
ROW = ["rule", "segment", "label", "accounts", "limit", "net_value", "npv", "rank"]
ROW += ["next_action", "wait_months", "wait_until"]


def test_treat_gives_every_treatment_in_order_and_groups(read: Read) -> None:
    found = read("treat", THOUSAND, "--threshold", "600", "--by", "region")
    assert list(found["treatments"]) == list(Treatment)
    assert all(list(figures) == FIGURES for figures in found["treatments"].values())
    total = sum(figures["accounts"] for figures in found["treatments"].values())
    assert total == found["portfolio"]["accounts"]
    for name, figures in found["treatments"].items():
        parts = [group[name]["accounts"] for group in found["groups"].values()]
        assert sum(parts) == figures["accounts"]
    bands = read("treat", THOUSAND, "--by", "score_band")
    assert "850+" in bands["groups"]
    assert "groups" not in read("treat", THOUSAND)


def test_treat_agrees_with_simulate(read: Read, simulated: Read) -> None:
    words = (THOUSAND, "--threshold", "600", "--set", "holdout_rate=0.2")
    found, wanted = read("treat", *words)["treatments"], simulated(*words)
    raised = found["raise"]["accounts"] + found["raise_with_guidance"]["accounts"]
    assert raised == wanted["raised"]
    loss = sum(figures["expected_loss"] for figures in found.values())
    assert loss == pytest.approx(wanted["baseline"]["expected_loss"], rel=1e-9)


def test_treat_says_who_gets_what_in_words(run: Run) -> None:
    code, out, said = run("treat", THOUSAND, "--by", "region", "--message-holdout-rate", "10%")
    assert (code, said) == (0, [])
    for words in ("Raise with guidance", "Referred", "Foregone", "withheld from 10 % of accounts"):
        assert words in out or words == "Referred"
    assert "region: " in out


def test_treat_prints_what_messages_may_say_in_both_languages(
    read: Read, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "treatments.csv"
    path.write_bytes(treatments_csv().replace(b"wait,on,wait", b"wait,on,M-7"))
    words = ("treat", THOUSAND, "--treatments", path)
    found = read(*words, "--messages")["messages"]
    waits = [row for row in found if row["treatment"] == "wait"]
    assert [row["language"] for row in waits] == ["en", "zh"]
    assert {row["message_code"] for row in waits} == {"M-7"}
    assert {row["status"] for row in found} == {"suggestion"}
    assert "messages" not in read(*words)
    _, out, _ = run(*words, "--messages")
    assert "Suggestions, to be reviewed before any is sent; the evidence" in out
    for row in waits:
        assert row["text"] in out


def test_treat_takes_a_table_of_ones_own(read: Read, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "treatments.csv"
    path.write_bytes(treatments_csv().replace(b"wait,on", b"wait,off"))
    found = read("treat", THOUSAND, "--threshold", "600", "--treatments", path)
    assert "wait" not in found["treatments"]
    assert found["switched_off"] == ["wait"]
    _, out, _ = run("treat", THOUSAND, "--treatments", path)
    assert "Switched off: Wait." in out
    path.write_bytes(treatments_csv().replace(b"support,on", b"support,off"))
    code, out, said = run(
        "treat", THOUSAND, "--treatments", path, "--threshold", "8000", "--by", "regoin"
    )
    assert (code, out) == (2, "")
    assert len(said) == 3, "every fault is named at once"


def test_what_a_missing_column_switches_off_is_said_by_name(
    read: Read, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "bare.csv"
    path.write_text(
        "account_id,score,credit_limit,balance,default_probability\n"
        + "".join(f"{n},{700 + n},10000,2000,0.01\n" for n in range(200))
    )
    found = read("treat", path)
    assert {"monthly_income", "days_past_due", "in_hardship"} <= found["missing_columns"].keys()
    for command in ("treat", "whitespace"):
        _, out, _ = run(command, path)
        assert "no support by arrears" in out
        assert "monthly_income" in out


def test_whitespace_gives_rows_by_rule_and_segment(read: Read) -> None:
    found = read("whitespace", THOUSAND, "--threshold", "600", "--by", "region")
    rows = found["only_rule"]
    assert all(list(row) == ROW for row in rows)
    whole = {row["rule"]: row["accounts"] for row in rows if row["segment"] is None}
    parts: dict[str, int] = {}
    for row in rows:
        if row["segment"] == "region":
            parts[row["rule"]] = parts.get(row["rule"], 0) + row["accounts"]
    assert parts == whole
    near = [row["accounts"] for row in found["near_misses"]]
    assert near[0] == sum(near[1:])
    assert found["near_misses_points"] == 10


def test_whitespace_says_what_can_be_done_in_words(run: Run) -> None:
    code, out, said = run("whitespace", THOUSAND, "--threshold", "600", "--by", "region")
    assert (code, said) == (0, [])
    for words in ("Fails only", "Near misses, up to 10 points below", "offer on request"):
        assert words in out


def test_whitespace_by_score_band_is_refused_in_words(run: Run) -> None:
    code, _, said = run("whitespace", THOUSAND, "--by", "score_band")
    assert code == 2
    assert "the score is a rule of its own here" in said[0]


@pytest.mark.parametrize("rate", ["0.6", "0.12345", "x"])
def test_a_share_of_withheld_messages_out_of_bounds_is_refused(run: Run, rate: str) -> None:
    code, _, said = run("treat", THOUSAND, "--message-holdout-rate", rate)
    assert code == 2
    assert said[0].startswith("headroom: message_holdout_rate = ")
