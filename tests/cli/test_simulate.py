"""The command simulate: the oracle's figures, and the policy that options and a file make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analytics.declared.measures import MEASURES
from analytics.export import load_policy
from analytics.shown import formats
from tests.cli.running import Read, Run
from tests.oracle import DEFAULT_ASSUMPTIONS, DEFAULT_POLICY, load_cases, portfolio_from_csv
from tests.oracle import simulate as oracle
from tests.places import CASES, PAYERS, THOUSAND, VERSION_1

OF_INCOMES = ("strained", "thin_cover", "short_cover", "over_indebted")


def same(found: dict[str, Any], expected: dict[str, Any], incomes: bool = True) -> None:
    """Hold a result against the oracle's: counts exactly, everything else to 1e-9."""
    for side in ("baseline", "proposed", "increment"):
        for measure in MEASURES:
            unknown = not incomes and measure.name in OF_INCOMES
            close(found[side][measure.name], None if unknown else expected[side][measure.name])
    for name in ("headline_raise", "effective_raise", "expected_takers", "relieved"):
        close(found[name], expected[name])
    close(found["loss_per_new_exposure"], expected["increment"]["loss_per_new_exposure"])
    for name, value in expected["increment"].items():
        if name in found["time"]:
            close(found["time"][name], value)
    assert found["raised"] == expected["raised"]
    assert found["binding"] == expected["binding"]
    for part, value in expected["expected_loss_parts"].items():
        close(found["expected_loss_parts"][part], value)
    assert list(found["reasons"]) == list(expected["reasons"])
    for reason, entry in expected["reasons"].items():
        assert found["reasons"][reason]["accounts"] == entry["accounts"]
        close(found["reasons"][reason]["limit"], entry["limit"])


def close(found: float | None, expected: float | None) -> None:
    if expected is None or found is None or isinstance(expected, int):
        assert found == expected
    else:
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-6)


# Figures


@pytest.mark.parametrize(
    ("words", "policy", "assumptions"),
    [
        ([], {}, {}),
        (["--threshold", "600", "--raise", "10%"], {"score_threshold": 600, "raise_rate": 0.1}, {}),
        (["--set", "limit_cap=none", "income_multiple=3"],
         {"limit_cap": None, "income_multiple": 3.0}, {}),
        (["--set", "unknown_cells=pass", "affordability=off", "--assume", "pd_uplift_driver=limit"],
         {"unknown_cells": "pass", "affordability": False}, {"pd_uplift_driver": "limit"}),
        (["--set", "temporary_days=30"], {"temporary_days": 30}, {}),
        (["--assume", "provisioning=cecl", "action_cost=2", "--threshold", "500"],
         {"score_threshold": 500}, {"provisioning": "cecl", "action_cost": 2}),
        (["--assume", "response_form=linear"], {}, {"response_form": "linear"}),
        (["--assume", "consent_mode=opt_in", "--assume", "take_up=0.5"], {},
         {"consent_mode": "opt_in", "take_up": (0.5,) * 8}),
        (["--set", "holdout_rate=0.4", "--threshold=500"],
         {"holdout_rate": 0.4, "score_threshold": 500}, {}),
        (["--set", "tiers=650=5%,800=20%"],
         {"score_threshold": 650, "tiers": ((650, 0.05), (800, 0.2))}, {}),
        (["--assume", "capital_approach=irb_qrre"], {}, {"capital_approach": "irb_qrre"}),
        (["--threshold", "950"], {"score_threshold": 950}, {}),
        (["--raise", "0"], {"raise_rate": 0.0}, {}),
    ],
)  # fmt: skip
def test_figures_on_the_cases_are_the_oracles(
    words: list[str],
    policy: dict[str, Any],
    assumptions: dict[str, Any],
    simulated: Read,
) -> None:
    found = simulated(CASES, *words, "--by", "region")
    expected = oracle(
        load_cases(), DEFAULT_POLICY | policy, DEFAULT_ASSUMPTIONS | assumptions, by="region"
    )
    same(found, expected)
    assert set(found["groups"]) == set(expected["groups"])
    for label, group in expected["groups"].items():
        same(found["groups"][label], group)


def test_the_months_are_the_oracles(simulated: Read) -> None:
    found = simulated(CASES, "--threshold", "500", "--months")["months"]
    policy = DEFAULT_POLICY | {"score_threshold": 500}
    expected = oracle(load_cases(), policy, DEFAULT_ASSUMPTIONS)["time"]["months"]
    assert len(found) == len(expected) == 42
    for ours, theirs in zip(found, expected, strict=True):
        assert ours["month"] == theirs["month"]
        for name in ("margin", "retained", "capital", "default", "value", "cumulated"):
            assert ours[name] == pytest.approx(theirs[name], rel=1e-9, abs=1e-6)


def test_each_response_is_simulated_beside_the_one_in_force(simulated: Read) -> None:
    found = simulated(CASES, "--threshold", "500")["by_response"]
    assert list(found) == ["low", "central", "high"]
    for name, figures in found.items():
        alone = simulated(CASES, "--threshold", "500", "--assume", f"response_preset={name}")
        for measure, value in figures.items():
            assert value == alone["increment"][measure]


def test_a_raise_beyond_the_evidence_is_marked_in_text_and_object(
    run: Run, simulated: Read
) -> None:
    assert simulated(CASES, "--raise", "30%")["policy"]["beyond_evidence"] is False
    assert simulated(CASES, "--raise", "30.01%")["policy"]["beyond_evidence"] is True
    tiers = simulated(CASES, "--set", "tiers=600=5%,800=31%")
    assert tiers["policy"]["beyond_evidence"] is True
    assert "is beyond the evidence" in run("simulate", CASES, "--raise", "50%")[1]
    assert "beyond the evidence" not in run("simulate", CASES, "--raise", "30%")[1]


def test_figures_on_real_cards_are_those_of_the_specification(
    taiwan: Path, simulated: Read
) -> None:
    found = simulated(taiwan, "--currency", "TWD", "--threshold", 800, "--raise", "20%",
                      "--set", "limit_cap=none", "--by", "education")  # fmt: skip
    expected = oracle(
        portfolio_from_csv(taiwan), DEFAULT_POLICY | {"limit_cap": None}, DEFAULT_ASSUMPTIONS,
        by="education",
    )  # fmt: skip
    same(found, expected, incomes=False)
    for label, group in expected["groups"].items():
        same(found["groups"][label], group, incomes=False)
    assert found["raised"] == 384
    more, over_months = found["increment"], found["time"]
    assert more["limit"] == found["headline_raise"] == 24_678_000
    assert more["balance"] == pytest.approx(1_015_584.2001, abs=6e-5)
    assert more["ead"] == pytest.approx(5_748_067.3601, abs=6e-5)
    assert more["projected_defaults"] == pytest.approx(0.5832, abs=6e-5)
    assert more["expected_loss"] == pytest.approx(330_070.1649, abs=6e-5)
    assert more["net_value"] == pytest.approx(-313_892.3829, abs=6e-5)
    assert over_months["npv"] == pytest.approx(-638_219.2846, abs=6e-5)
    assert over_months["payback_months"] is None
    assert over_months["first_year_value"] == pytest.approx(-133_878.6177, abs=6e-5)
    assert over_months["first_year_profit"] == pytest.approx(-554_718.1585, abs=6e-5)
    assert over_months["provision_day_one"] == pytest.approx(235_332.1601, abs=6e-5)
    parts = found["expected_loss_parts"]
    assert sum(parts.values()) == pytest.approx(more["expected_loss"], rel=1e-12)
    assert set(found["not_applied"]) >= {"opted_out", "is_student", "too_new", "affordability"}


def test_point_figures_of_risk_lie_within_their_ranges(
    simulated: Read,
) -> None:
    found = simulated("sample", "--threshold", 650, "--raise", "30%")
    for measure in ("projected_defaults", "expected_loss"):
        for side, (low, high) in found["ranges_95"][measure].items():
            assert low <= found[side][measure] <= high
            assert low < high


def test_the_object_has_every_key(simulated: Read) -> None:
    found = simulated(CASES)
    assert list(found) == [
        "method_version",
        "portfolio",
        "policy",
        "assumptions",
        "baseline",
        "proposed",
        "increment",
        "time",
        "raised",
        "expected_takers",
        "headline_raise",
        "effective_raise",
        "relieved",
        "above_old_limit",
        "loss_per_new_exposure",
        "expected_loss_parts",
        "reasons",
        "binding",
        "end_date",
        "not_applied",
        "months",
        "by_response",
        "ranges_95",
    ]
    assert found["method_version"] == 2
    assert list(found["time"]) == [
        "npv",
        "first_year_value",
        "payback_months",
        "provision_day_one",
        "first_year_profit",
    ]
    assert found["policy"]["score_threshold"] == 800
    assert found["assumptions"]["response_form"] == "log"
    portfolio = found["portfolio"]
    assert (portfolio["accounts"], portfolio["rows_read"], portfolio["rows_rejected"]) == (
        25,
        25,
        0,
    )
    assert all(sentence.count("not applied") == 1 for sentence in found["not_applied"].values())


def test_score_bands_add_up_to_the_whole(simulated: Read) -> None:
    found = simulated(CASES, "--by", "score_band")
    assert next(iter(found["groups"])) == "350-549"
    assert list(found["groups"])[-1] == "850+"
    bands = found["groups"].values()
    assert sum(band["raised"] for band in bands) == found["raised"]
    loss = sum(band["increment"]["expected_loss"] for band in bands if band["increment"])
    assert loss == pytest.approx(found["increment"]["expected_loss"], rel=1e-12)


def test_a_group_without_accounts_is_null(tmp_path: Path, simulated: Read) -> None:
    path = tmp_path / "one.csv"
    path.write_text("account_id,score,credit_limit,balance\na1,820,10000,3000\n", encoding="utf-8")
    found = simulated(path, "--by", "score_band")
    assert found["groups"]["350-549"]["baseline"] is None
    assert found["groups"]["800-849"]["baseline"]["accounts"] == 1
    assert simulated(path, "--threshold", 900)["loss_per_new_exposure"] is None


def test_the_sample_runs(run: Run) -> None:
    code, out, said = run("simulate", "sample", "--threshold", "750", "--by", "region")
    assert (code, said) == (0, [])
    assert "200,000 of 200,000 rows used · CNY · scores 350-950" in out
    for words in ("Baseline", "Proposed", "Increment", "Exposure (EAD)", "Raise too small"):
        assert words in out
    assert "Value over 36 months" in out
    assert out.index("Pays +") < out.index("Payback") < out.index("Baseline")
    monthly = run("simulate", "sample", "--threshold", "750", "--months")[1]
    assert (
        len(monthly.splitlines())
        - len(run("simulate", "sample", "--threshold", "750")[1].splitlines())
        == 42 + 4
    )
    assert "Cumulated, today" in monthly
    assert "Cumulated, today" not in out
    assert all(len(line) <= 140 for line in out.splitlines())


# Policies


def test_options_override_the_policy_file(run: Run, simulated: Read, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("export", CASES, "--set", "tiers=650=5%,800=20%", "name=Steps", "--out", out)[0] == 0
    path = out / "policy.csv"
    found = simulated(CASES, "--policy", path)["policy"]
    assert [tier["score_from"] for tier in found["tiers"]] == [650, 800]
    assert found["fingerprint"] == load_policy(path).fingerprint
    flat = simulated(CASES, "--policy", path, "--raise", "15%")["policy"]
    assert (flat["tiers"], flat["raise_rate"], flat["score_threshold"]) == ([], 0.15, 650)
    higher = simulated(CASES, "--policy", path, "--threshold", "820")["policy"]
    assert higher["tiers"] == [{"score_from": 820, "raise_rate": 0.2}]
    assert higher["name"] == "Steps"


def test_another_score_scale_brings_its_own_threshold(tmp_path: Path, simulated: Read) -> None:
    path = tmp_path / "fico.csv"
    path.write_text("id,fico,line,balance\nA1,800,1000,10\nA2,300,1000,10\n", encoding="utf-8")
    found = simulated(path, "--scale", "300:850", "--map", "score=fico", "credit_limit=line",
                      "--map", "account_id=id", "--currency", "USD")  # fmt: skip
    assert found["portfolio"]["scale"] == "300-850"
    assert found["policy"]["score_threshold"] == 740
    assert found["assumptions"]["anchor_score"] == 680


def test_a_policy_file_of_version_1_is_taken_with_its_limits_and_said(run: Run) -> None:
    path = VERSION_1 / "default_policy.csv"
    code, out, said = run("simulate", CASES, "--policy", path, "--json")
    assert code == 0
    assert '"affordability": false' in out
    assert '"unknown_cells": "pass"' in out
    assert "of version 1 of the method" in said[0]
    assert "pd_uplift_driver = limit" in said[1]


def test_a_policy_in_another_currency_is_refused_and_one_of_another_scale_is_said(
    run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert run("export", PAYERS, "--out", out)[0] == 0
    policy = out / "policy.csv"
    code, _, said = run("simulate", PAYERS, "--currency", "TWD", "--policy", policy)
    assert code == 2
    assert "The policy is in CNY and the portfolio in TWD" in said[0]
    assert "limit_cap = 50000" in said[0]
    code, _, said = run("simulate", PAYERS, "--scale", "300:950", "--policy", policy)
    assert code == 0
    assert "The policy was made for scores of 350-950, and the portfolio has 300-950" in said[0]
    rates = ("--assume", "strain_income_share=0.25")
    code, _, said = run("simulate", PAYERS, *rates, "--policy", policy)
    assert code == 0
    assert "made with strain_income_share = 30 %, and 25 % is assumed here" in said[0]


def test_ranges_by_chance_stand_beside_the_figures(run: Run, simulated: Read) -> None:
    words = (THOUSAND, "--threshold", "650", "--raise", "30%")
    found = simulated(*words)
    out = run("simulate", *words)[1]
    part = out[out.index("Range by chance, 95 %") :].split("\n\n")[0].splitlines()
    assert [line.split("  ")[0] for line in part[1:]] == [
        "Projected defaults",
        "Expected loss",
        "Net value, run rate",
        "Value over the horizon",
    ]
    low, high = found["ranges_95"]["npv"]["increment"]
    assert part[-1].endswith(f"{formats.change('npv', low, full_in='CNY')} to "
                             f"{formats.change('npv', high, full_in='CNY')}")  # fmt: skip
    assert "by_response" not in found["ranges_95"], "a response is no range by chance"
    point, loss = found["increment"]["npv"], found["increment"]["expected_loss"]
    booked = sum(row["loss"] / 1.12 ** (row["month"] / 12) for row in found["months"])
    least, most = found["ranges_95"]["expected_loss"]["increment"]
    assert low == pytest.approx(point + booked * (1 - most / loss), rel=1e-9)
    assert high == pytest.approx(point + booked * (1 - least / loss), rel=1e-9)


def test_flows_of_a_temporary_raise_are_not_said_to_be_a_year_s(run: Run) -> None:
    out = run("simulate", CASES, "--set", "temporary_days=30")[1]
    assert "a year as of month 12" not in out
    assert "increments of flows over 30 days, all else as of day 30." in out
    assert "a year as of month 12" in run("simulate", CASES)[1]


def test_a_temporary_raise_says_when_it_ends_and_who_owes_more_by_then(
    run: Run, simulated: Read
) -> None:
    words = (THOUSAND, "--threshold", "700", "--set", "temporary_days=30")
    found = simulated(*words, "--set", "effective_date=2026-11-27")
    assert found["end_date"] == "2026-12-27"
    assert found["above_old_limit"] is not None
    _, out, _ = run("simulate", *words)
    assert "The raise ends after 30 days, and the old limits hold again." in out
    lasting = simulated(THOUSAND)
    assert (lasting["end_date"], lasting["above_old_limit"]) == (None, None)


def test_some_days_and_for_good_stand_side_by_side(run: Run, simulated: Read) -> None:
    lengths = simulated("sample", "--compare-temporary")["lengths"]
    assert (lengths["temporary"]["days"], lengths["for_good"]["days"]) == (30, None)
    assert lengths["temporary"]["net_value"] == pytest.approx(-1_958.9910, abs=5.1e-5)
    assert lengths["for_good"]["npv"] == pytest.approx(55_028.9466, abs=5.1e-5)
    assert lengths["for_good"]["above_old_limit"] is None
    _, out, _ = run("simulate", THOUSAND, "--set", "temporary_days=14", "--compare-temporary")
    for words in ("For 14 days", "For good", "Above the old limit at the end"):
        assert words in out
