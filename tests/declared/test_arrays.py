"""The sum by place: exact for whole values, zero where nothing is."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.declared.arrays import summed_at


def test_values_are_added_up_where_they_belong() -> None:
    place = np.array([0, 4, 4, 1])
    whole = summed_at(place, np.array([1, 2, 3, 4]), (2, 3))
    assert whole.tolist() == [[1, 4, 0], [0, 5, 0]]
    assert whole.dtype == np.int64
    assert summed_at(place, np.array([0.5, 2, 3, 4]), (2, 3)).tolist() == [[0.5, 4, 0], [0, 5, 0]]


def test_whole_values_stay_whole_beyond_what_doubles_hold() -> None:
    assert summed_at(np.array([0, 0]), np.array([2**53, 1]), (1,)).tolist() == [2**53 + 1]


@pytest.mark.parametrize("kind", [np.int64, np.float64])
def test_of_no_values_every_sum_is_zero_and_of_their_kind(kind: type) -> None:
    found = summed_at(np.array([], dtype=np.int64), np.array([], dtype=kind), (2, 2))
    assert found.tolist() == [[0, 0], [0, 0]]
    assert found.dtype == kind
