"""Score bands: floats, arrays and SQL agree, and every score has one band with one name."""

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from analytics.accounts.database import EmbeddedDatabase
from analytics.assumptions import Assumptions
from analytics.declared.scales import SESAME
from analytics.method.bands import band_index, band_labels, band_value, take_up

EDGES = SESAME.band_edges


@given(score=st.integers(0, 1_000))
def test_the_band_of_a_score_is_the_last_that_begins_at_or_below_it(score: int) -> None:
    band = int(band_index(score, EDGES))
    assert score >= EDGES[band] or band == 0
    assert band == len(EDGES) - 1 or score < EDGES[band + 1]
    assert band_value(score, Assumptions().take_up, EDGES) == Assumptions().take_up[band]


@pytest.mark.parametrize("edges", [EDGES, (350, 700), (400,)])
def test_numbers_arrays_and_columns_have_the_same_band(edges: tuple[int, ...]) -> None:
    scores = [349, 350, 549, 550, 699, 700, 849, 850, 950]
    values = tuple(0.25 + index for index in range(len(edges)))
    rows = sa.values(sa.column("score", sa.Integer()), name="given").data([(s,) for s in scores])
    statement = sa.select(
        rows.c.score,
        band_index(rows.c.score, edges).label("band"),
        band_value(rows.c.score, values, edges).label("value"),
    ).order_by(rows.c.score)
    found = EmbeddedDatabase().sums(statement)
    wanted = [int(band_index(score, edges)) for score in scores]
    assert found["band"].tolist() == band_index(np.array(scores), edges).tolist() == wanted
    assert found["value"].tolist() == [values[band] for band in wanted]


def test_take_up_is_whole_where_nobody_opts_in_and_the_bands_where_they_do() -> None:
    scores = np.array([300, 560, 900])
    automatic = take_up(scores, Assumptions())
    assert automatic.dtype == np.int64
    assert automatic.tolist() == [1, 1, 1]
    assert take_up(scores, Assumptions(consent_mode="opt_in")).tolist() == [0.70, 0.65, 0.30]


@pytest.mark.parametrize(
    ("edges", "lowest", "labels"),
    [
        ((350, 550, 700), 350, ("350-549", "550-699", "700+")),
        ((400, 550), 350, ("350-549", "550+")),
        ((300, 550), 350, ("350-549", "550+")),
        ((400,), 350, ("350+",)),
        ((340, 345), 350, ("340-344", "345+")),
        ((400, 550), None, ("400-549", "550+")),
    ],
)
def test_the_first_band_is_called_from_the_lowest_score_of_the_scale(
    edges: tuple[int, ...], lowest: int | None, labels: tuple[str, ...]
) -> None:
    assert band_labels(edges, lowest) == labels
