"""assumptions.csv: read back identical, and refused with every fault named."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings

from analytics.assumptions import Assumptions
from analytics.declared.scales import FICO, SESAME, score_scale
from analytics.errors import ParameterError
from analytics.export.assumptions_file import (
    FIELDS,
    assumptions_csv,
    read_assumptions_csv,
    read_given,
)
from tests.drawn import assumption_sets

TEXT = assumptions_csv(Assumptions()).decode()


def changed(old: str, new: str) -> bytes:
    assert old in TEXT
    return TEXT.replace(old, new, 1).encode()


def faults(data: bytes) -> list[str]:
    with pytest.raises(ParameterError) as caught:
        read_assumptions_csv(data)
    return list(caught.value.faults)


# ---- Assumptions


@settings(max_examples=60)
@given(assumptions=assumption_sets(SESAME))
def test_what_is_written_is_read_back_identical(assumptions: Assumptions) -> None:
    found = read_assumptions_csv(assumptions_csv(assumptions))
    assert found == assumptions
    assert found.fingerprint == assumptions.fingerprint


@pytest.mark.parametrize("scale", [SESAME, FICO, score_scale(0, 1000)], ids=str)
def test_every_scales_assumptions_survive_with_or_without_a_curve(scale: object) -> None:
    shipped = Assumptions.for_scale(scale)  # type: ignore[arg-type]
    assert read_assumptions_csv(assumptions_csv(shipped)) == shipped


def test_the_file_has_a_header_a_version_and_a_row_for_each_value() -> None:
    rows = list(csv.DictReader(io.StringIO(TEXT)))
    assert list(rows[0]) == ["name", "value", "unit", "low", "high", "mark", "source", "changed"]
    assert (rows[0]["name"], rows[0]["value"]) == ("headroom_assumptions", "1")
    assert (rows[1]["name"], rows[1]["value"]) == ("method_version", "2")
    assert [row["name"] for row in rows[2:]] == list(FIELDS)
    by_name = {row["name"]: row for row in rows}
    assert by_name["elasticity"]["value"] == " ".join(["0.6"] * 8)
    assert by_name["credit_conversion_factor"] == {
        "name": "credit_conversion_factor",
        "value": "0.2",
        "unit": "fraction",
        "low": "0.1",
        "high": "0.5",
        "mark": "A",
        "source": (
            "Of the order of China's regulatory factor of 2023; elsewhere 0.10, 0.40 or 0.50; "
            "to be checked at source"
        ),
        "changed": "no",
    }
    assert {row["changed"] for row in rows[2:]} == {"no"}


def test_what_differs_from_the_values_shipped_is_marked() -> None:
    moved = Assumptions(funding_rate=0.03, take_up=(0.5,) * 8)
    rows = csv.DictReader(io.StringIO(assumptions_csv(moved).decode()))
    assert {r["name"] for r in rows if r["changed"] == "yes"} == {"funding_rate", "take_up"}
    fico = Assumptions.for_scale(FICO)
    rows = csv.DictReader(io.StringIO(assumptions_csv(fico, fico).decode()))
    assert {row["changed"] for row in rows} == {"no", ""}


NEW = (
    "reference_draw",
    "moved_share",
    "pd_uplift_driver",
    "transactor_yield",
    "build_month_3",
    "horizon_months",
    "discount_rate",
    "loss_lag_months",
    "provisioning",
    "life_years",
)
"""What version 2 of the method brought."""


def of_version_1(*, without: tuple[str, ...] = NEW) -> str:
    """Return the file as version 1 of the method wrote it."""
    gone = ("method_version", *without)
    return "\n".join(line for line in TEXT.splitlines() if line.split(",")[0] not in gone) + "\n"


def test_a_file_of_version_1_takes_the_values_shipped_and_says_which() -> None:
    text = of_version_1().replace("funding_rate,0.025", "funding_rate,0.03")
    found = read_given(text.encode())
    assert found.assumptions == Assumptions(funding_rate=0.03)
    assert found.filled == NEW
    assert "is of version 1 of the method, and this is version 2" in found.note
    assert f"It has no {', '.join(NEW)}: the values shipped are taken." in found.note


def test_a_file_of_version_1_that_says_so_is_read_the_same_way() -> None:
    named = of_version_1().replace("band_edges,", "method_version,1\nband_edges,", 1)
    assert read_given(named.encode()) == read_given(of_version_1().encode())


def test_what_version_1_had_is_still_asked_for() -> None:
    text = of_version_1(without=(*NEW, "hurdle_rate"))
    assert faults(text.encode()) == ["The file has no row for hurdle_rate: add it."]


def test_a_file_of_version_2_has_every_value_and_nothing_is_said() -> None:
    assert read_given(TEXT.encode()).note == ""
    without = "\n".join(line for line in TEXT.splitlines() if "horizon_months" not in line)
    assert faults(without.encode()) == ["The file has no row for horizon_months: add it."]


def test_a_file_of_version_1_with_other_bands_is_asked_for_what_bands_need() -> None:
    lines = []
    for line in of_version_1().splitlines():
        name, value, *others = line.split(",")
        kept = " ".join(value.split(" ")[:7]) if value.count(" ") == 7 else value
        lines.append(",".join([name, kept, *others]))
    found = faults("\n".join(lines).encode())
    assert found == ["The file has no row for reference_draw, moved_share: add it."]


@pytest.mark.parametrize("version", ["3", "two", ""])
def test_a_file_of_another_method_is_refused_with_all_other_faults(version: str) -> None:
    text = TEXT.replace("method_version,2", f"method_version,{version}")
    text = text.replace("horizon_months,36", "horizon_months,61")
    text = text.replace("discount_rate,0.12", "discount_rate,-1")
    found = faults(text.encode())
    assert f"the file is of version {version!r} of the method, and this is version 2" in found[0]
    assert any("horizon_months = 61 is too high" in fault for fault in found)
    assert any("discount_rate = -100 % is too low" in fault for fault in found)


def test_a_version_that_stands_twice_is_refused() -> None:
    assert any(
        "method_version is there more than once" in f
        for f in faults(
            TEXT.replace("method_version,2", "method_version,2\nmethod_version,2").encode()
        )
    )


def test_a_file_from_a_spreadsheet_is_read() -> None:
    rows = list(csv.reader(io.StringIO(TEXT)))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([[row[1], row[0]] for row in [rows[0], *reversed(rows[1:])]])
    assert read_assumptions_csv(b"\xef\xbb\xbf" + text.getvalue().encode()) == Assumptions()
    assert read_assumptions_csv(changed("funding_rate,0.025", "funding, 2.5 % ")) == Assumptions()


def test_every_fault_is_named_at_once_and_nothing_is_filled_in() -> None:
    lines = TEXT.splitlines()
    kept = [line for line in lines if not line.startswith(("hurdle_rate", "attrition_floor"))]
    text = "\n".join([*kept, "elastcity,0.5", "mpb,0.1", "risk_weight,much"])
    text = text.replace("credit_conversion_factor,0.2", "credit_conversion_factor,1.2")
    text = text.replace("loss_given_default,0.85", "loss_given_default,")
    text = text.replace("pd_uplift,0.03", "pd_uplift,3 0.03")
    text = text.replace("yield_rate,0.14", "yield_rate,1.4")
    found = "\n".join(faults(text.encode()))
    for words in (
        "There is no parameter 'elastcity': did you mean elasticity",
        "mpb is there more than once",
        "risk_weight is there more than once",
        "loss_given_default has no value",
        "no row for attrition_floor, hurdle_rate",
        "credit_conversion_factor = 120 % is too high",
        "pd_uplift has 9 values: give one for each of the 8 bands",
        "Band from 350: yield_rate = 140 % is too high",
    ):
        assert words in found


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("band_edges,350 550", "band_edges,550 350", "not in ascending order"),
        ("band_edges,350 550", "band_edges,x 550", "give whole scores"),
        ("band_edges,350 550 ", "band_edges,350 ", "give one for each of the 7 bands"),
        ("anchor_odds,49.0", "anchor_odds,-3", "anchor_odds = -3.0 is too low"),
        ("elasticity,0.6 0.6", "elasticity,0.6 many", "'many' was not understood"),
        ("response_form,log", "response_form,cubic", "no choice"),
    ],
)
def test_a_value_that_cannot_be_is_named(old: str, new: str, says: str) -> None:
    assert any(says in fault for fault in faults(changed(old, new)))
