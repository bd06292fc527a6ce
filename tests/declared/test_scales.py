"""Score scales: known ones, others cut in the same proportions, and what is no scale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.assumptions import (
    Assumptions,
)
from analytics.declared.scales import FICO, KNOWN, SESAME, ScoreScale, parse_scale, score_scale
from analytics.errors import ParameterError


def test_another_scale_is_cut_in_the_same_proportions_and_has_no_curve() -> None:
    scale = score_scale(0, 1000)
    assert scale.band_edges == (0, 333, 417, 500, 583, 667, 750, 833)
    assert scale.default_threshold == 750
    assert scale.curve is None
    assert Assumptions.for_scale(scale).curve is None
    assert parse_scale("350:950") is SESAME
    assert parse_scale(" 300-850 ") is FICO


@given(lowest=st.integers(0, 99_000), width=st.integers(16, 1_000))
def test_any_scale_of_16_points_or_more_has_eight_bands(lowest: int, width: int) -> None:
    scale = score_scale(lowest, lowest + width)
    assert len(set(scale.band_edges)) == 8
    assert list(scale.band_edges) == sorted(scale.band_edges)
    assert scale.band_edges[0] == lowest
    assert scale.band_edges[-1] <= scale.highest
    assert scale.default_threshold in scale
    Assumptions.for_scale(scale)


@pytest.mark.parametrize("text", ["850:300", "300", "a:b", "1:2:3", "-5:100", "0:15", "0:100001"])
def test_a_scale_that_cannot_be_used_is_refused_in_words(text: str) -> None:
    with pytest.raises(ParameterError, match="for example"):
        parse_scale(text)


@pytest.mark.parametrize("scale", KNOWN, ids=str)
def test_a_known_scale_is_found_by_its_range_and_holds_its_own_scores(scale: ScoreScale) -> None:
    assert score_scale(scale.lowest, scale.highest) is scale
    assert scale.lowest in scale
    assert scale.highest in scale
    assert scale.lowest - 1 not in scale
    assert scale.highest + 1 not in scale
    assert scale.default_threshold in scale
    assert scale.curve is not None
    assert scale.curve.anchor_score in range(scale.lowest, scale.highest + 1)
