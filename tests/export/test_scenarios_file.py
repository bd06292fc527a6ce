"""scenarios.csv: read back identical, and refused with every fault named."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.assumptions import Assumptions
from analytics.declared.parameters import Mark
from analytics.declared.visible import unseen_fault
from analytics.errors import ParameterError
from analytics.export.assumptions_file import (
    assumptions_csv,
)
from analytics.export.scenarios_file import (
    read_scenarios_csv,
    scenarios_csv,
)
from analytics.results.stress import SHIPPED, Scenario

texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), min_codepoint=32), min_size=1, max_size=40
).filter(lambda text: text.strip() == text and text != "" and unseen_fault(text) is None)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    bad = draw(st.sampled_from(["years", "factor", None]))
    return Scenario(
        name=draw(texts.filter(lambda text: text != "headroom_scenarios")),
        title=draw(texts),
        source=draw(st.just("") | texts),
        mark=draw(st.sampled_from(Mark)),
        years=draw(st.floats(2, 10**6)) if bad == "years" else None,
        factor=draw(st.floats(-5, 5)) if bad == "factor" else None,
        odds_multiplier=draw(st.floats(0.01, 100)),
        lgd_add=draw(st.floats(-1, 1)),
        drawdown=draw(st.floats(0, 1)),
    )


@settings(max_examples=60)
@given(found=st.lists(scenarios(), min_size=1, max_size=5, unique_by=lambda item: item.name))
def test_scenarios_are_read_back_identical(found: list[Scenario]) -> None:
    assert read_scenarios_csv(scenarios_csv(found)) == tuple(found)


def test_the_shipped_scenarios_survive_a_file() -> None:
    assert read_scenarios_csv(scenarios_csv(SHIPPED)) == SHIPPED


def test_every_fault_of_a_scenarios_file_is_named() -> None:
    text = scenarios_csv(SHIPPED).decode() + (
        "base,Again,,,,,,A,\n"
        "worse,Worse,20,-3,x,0.1,2,Q,\n"
        ",Nameless,,,,,,,\n"
    )  # fmt: skip
    with pytest.raises(ParameterError) as caught:
        read_scenarios_csv(text.encode())
    found = str(caught.value)
    for words in (
        "base is there more than once",
        "odds_multiplier = 'x' was not understood",
        "mark = 'Q' was not understood",
        "years and factor both say",
        "drawdown = 2 is out of bounds",
        "Scenario without a name",
        "Line 8: ",
    ):
        assert words in found


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"name,title\nheadroom_scenarios,1\n", "no scenario: add a row"),
        (b"name,title\nheadroom_scenarios,9\n", "this version of Headroom reads format 1"),
        (b"name,title\nx,y\n", "no row headroom_scenarios: give a scenarios file"),
        (assumptions_csv(Assumptions()), "no column title"),
    ],
)
def test_what_is_no_scenarios_file_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        read_scenarios_csv(data)


def test_an_empty_cell_is_what_a_scenario_starts_with() -> None:
    data = b"name,title,years,lgd_add\nheadroom_scenarios,1\nbad,,50,10%\n"
    (found,) = read_scenarios_csv(data)
    assert found == Scenario(name="bad", title="bad", years=50.0, lgd_add=0.1)
    assert dataclasses.replace(found, years=None).years is None
