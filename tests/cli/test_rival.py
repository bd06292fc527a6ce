"""The command rival: what is at stake, who raises, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Read, Run
from tests.places import THOUSAND

SHOWN = 5.1e-5


def test_the_sample_gives_the_published_figures(read: Read) -> None:
    found = read("rival", "sample", "--threshold", "800", "--raise", "20%", "--by", "channel")
    assert found["at_stake"] == pytest.approx(21_267.4673, abs=SHOWN)
    assert found["matrix"] == pytest.approx(
        {
            "neither": 0,
            "we_alone": 30_174.8653,
            "rival_alone": -21_267.4673,
            "both": 30_174.8653 - 21_267.4673 / 2,
        },
        abs=2 * SHOWN,
    )
    assert found["reach"] == pytest.approx(0.6)
    assert found["break_even_reach"] is None
    assert found["verdict"] == "raise"
    assert found["sentences"][0] == "Raising is better whether or not the rival raises."
    stakes = [group["at_stake"] for group in found["groups"].values()]
    assert sum(stakes) == pytest.approx(found["at_stake"])
    settings = ("--threshold", "700", "--set", "holdout_rate=5%")
    assert read("rival", "sample", *settings)["at_stake"] == pytest.approx(136_016.6421, abs=SHOWN)


def test_on_the_real_cards_a_rival_may_have_them(read: Read, run: Run, taiwan: Path) -> None:
    words = (taiwan, "--currency", "TWD", "--scale", "350:950", "--set", "limit_cap=none")
    found = read("rival", *words)
    assert found["at_stake"] == pytest.approx(-81_119.2628, abs=SHOWN)
    assert found["verdict"] == "do_not_raise"
    _, out, _ = run("rival", *words)
    assert "those customers lose money, and a rival may have them" in out


def test_the_text_says_the_choice_the_matrix_and_what_is_assumed(run: Run) -> None:
    code, out, said = run("rival", THOUSAND, "--threshold", "700", "--by", "score_band")
    assert (code, said) == (0, [])
    for words in (
        "whether or not the rival raises",
        "The rival does not raise",
        "Reach, assumed",
        "60.0",
        "By score_band",
    ):
        assert words in out
    _, out, _ = run("rival", THOUSAND, "--set", "temporary_days=30")
    assert "The raise lasts 30 days" in out


def test_other_assumptions_and_a_reach_of_nothing(read: Read) -> None:
    first = read("rival", THOUSAND, "--threshold", "700")
    half = read("rival", THOUSAND, "--threshold", "700", "--assume", "rival_reach=30%")
    assert half["at_stake"] == pytest.approx(first["at_stake"] / 2)
    none = read("rival", THOUSAND, "--threshold", "700", "--assume", "rival_reach=0")
    assert (none["at_stake"], none["break_even_reach"]) == (0, None)
    assert none["matrix"]["both"] == none["matrix"]["we_alone"]


def test_limits_elsewhere_take_the_place_of_the_assumed_reach(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "lines.csv"
    rows = ["account_id,score,credit_limit,balance,external_limit"]
    rows += [f"a{n},820,10000,3000,{cell}" for n, cell in enumerate(("1", "0", "", "500000"))]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    words = ("--set", "affordability=off", "unknown_cells=pass", "--currency", "CNY")
    assert read("rival", path, *words)["reach"] == pytest.approx(0.65)


def test_what_is_out_of_bounds_is_said_all_at_once(run: Run) -> None:
    given = ("rival_reach=1.5", "rival_shift=-0.1", "rival_attrition=-1", "temporary_days=0")
    code, out, said = run(
        "rival", THOUSAND, "--assume", *given[:3], "--set", given[3], "--by", "chanel"
    )
    assert (code, out) == (2, "")
    for name in ("rival_reach", "rival_shift", "rival_attrition", "temporary_days", "chanel"):
        assert sum(name in line for line in said) == 1, said


@pytest.mark.parametrize("days", ["0", "7.5", "400", "a month", "6", "91"])
def test_days_that_cannot_be_are_refused_in_words(days: str, run: Run) -> None:
    code, _, said = run("simulate", THOUSAND, "--set", f"temporary_days={days}")
    assert code == 2
    assert len(said) == 1
    assert "temporary_days" in said[0]
    assert "7 to 90" in said[0]
