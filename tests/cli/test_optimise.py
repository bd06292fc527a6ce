"""The command optimise: the best policy within constraints, and the least relaxation."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.export import load_policy
from tests.cli.running import Read, Run
from tests.places import THOUSAND


def test_the_best_single_policy_is_what_simulating_it_says(read: Read, tmp_path: Path) -> None:
    out = tmp_path / "best.csv"
    found = read(
        "optimise", THOUSAND, "--maximise", "net_value",
        "--subject-to", "ead_increment_rate<=0.05", "relieved_increment>=1", "--out", out,
    )  # fmt: skip
    single = found["single"]
    assert single["feasible"]
    assert {verdict["state"] for verdict in single["verdicts"]} == {"met"}
    assert len(single["costs"]) == 2
    assert found["tiered"] is None
    policy = load_policy(out)
    assert policy.constraints == ("ead_increment_rate<=0.05", "relieved_increment>=1")
    alone = read("simulate", THOUSAND, "--policy", out)
    assert alone["increment"]["net_value"] == pytest.approx(single["value"], rel=1e-9)
    again = read("optimise", THOUSAND, "--policy", out, "--maximise", "net_value")
    assert again["constraints"] == found["constraints"]
    assert again["single"] == single


def test_tiers_are_found_by_segment_and_under_the_presets(read: Read, run: Run) -> None:
    words = (THOUSAND, "--subject-to", "ead_increment_rate<=1%", "--max-tiers", "2", "--monotone")
    found = read("optimise", *words, "--robustness")
    gain = found["tiered"]["value"] - found["single"]["value"]
    assert found["gain_of_tiers"] == pytest.approx(gain)
    assert gain >= -1e-9
    (tiers,) = found["tiered"]["tiers"]
    rates = [tier["raise_rate"] for tier in tiers["tiers"]]
    assert len(rates) <= 2
    assert rates == sorted(rates)
    assert found["tiered"]["costs"]
    assert [entry["preset"] for entry in found["robustness"]] == ["low", "central", "high"]
    split = read("optimise", *words, "--by", "region")
    assert len(split["tiered"]["tiers"]) > 1
    assert split["tiered"]["value"] >= found["tiered"]["value"] * (1 - 1e-3)
    code, out, said = run("optimise", *words)
    assert (code, said) == (0, [])
    assert "By tiers: Best value over the horizon" in out


def test_where_no_policy_keeps_to_the_constraints_the_least_relaxation_is_given(
    read: Read, run: Run
) -> None:
    words = (THOUSAND, "--subject-to", "net_value_increment>=1000000000")
    found = read("optimise", *words, "--tiers", code=1)
    for entry in (found["single"], found["tiered"]):
        assert not entry["feasible"]
        assert entry["sentence"].startswith("No policy keeps to all constraints")
        assert entry["relaxations"][0]["bound"] < 10**9
    code, out, _ = run("optimise", *words)
    assert code == 1
    assert "No policy keeps to all constraints" in out


def test_the_edge_of_the_evidence_is_said_where_it_may_be_all_that_stops_the_raise(
    read: Read, run: Run
) -> None:
    found = read("optimise", THOUSAND)
    single = found["single"]
    assert found["method_version"] == 2
    assert single["tiers"][0]["tiers"][0]["raise_rate"] == 0.3
    assert (single["at_edge_of_evidence"], single["beyond_evidence"]) == (True, False)
    for side in ("proposed", "increment"):
        for name in ("accounts", "raised", "strained", "thin_cover"):
            assert isinstance(single[side][name], int)
    untried = "Raises above 30 %, where the evidence ends, were not tried: --beyond-evidence"
    out = run("optimise", THOUSAND)[1]
    assert untried in out
    assert "newly strained 0" in out
    further = run("optimise", THOUSAND, "--beyond-evidence", "--robustness")[1]
    assert untried not in further
    assert "Beyond the evidence." in further
    assert untried in run("optimise", THOUSAND, "--subject-to", "limit_increment_rate>=0.9")[1]
