"""The register of measures: each once, rates made of what adds up, and a near miss suggested."""

from __future__ import annotations

import pytest

from analytics.declared.columns import BY_NAME as COLUMNS
from analytics.declared.measures import (
    BY_NAME,
    CAPITAL,
    CAPITAL_FUNDING,
    MEASURES,
    RATES,
    Measure,
    MeasureUnit,
    find_measure,
)
from analytics.errors import ParameterError
from analytics.method.measures import SUM_NAMES


def test_every_measure_is_declared_once() -> None:
    assert len(BY_NAME) == len(MEASURES)
    assert len({measure.title for measure in MEASURES}) == len(MEASURES)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_a_rate_is_made_of_what_adds_up_and_nothing_else_is_a_rate(measure: Measure) -> None:
    assert (measure.unit is MeasureUnit.RATE) == measure.is_rate == (measure.name in RATES)
    if measure.ratio is not None:
        parts = {*measure.ratio.plus, *measure.ratio.minus, measure.ratio.over}
        assert parts <= {*SUM_NAMES, CAPITAL, CAPITAL_FUNDING}
        assert measure.ratio.over not in {*measure.ratio.plus, *measure.ratio.minus}


def test_a_measure_that_needs_a_column_is_known_only_with_it() -> None:
    needing = [measure for measure in MEASURES if measure.column]
    assert {measure.name for measure in needing} == {
        "strained",
        "thin_cover",
        "short_cover",
        "over_indebted",
    }
    for measure in needing:
        assert measure.column in COLUMNS
        assert measure.known(incomes=True)
        assert not measure.known(incomes=False)
    assert BY_NAME["relieved"].known(incomes=False)


@pytest.mark.parametrize(
    ("name", "says"), [("net_valu", "did you mean net_value"), ("qqqq", "measures: accounts")]
)
def test_a_measure_that_is_not_there_is_refused_with_the_nearest(name: str, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        find_measure(name)
    assert find_measure("net_value") is BY_NAME["net_value"]
