"""Which measures pools give."""

from __future__ import annotations

import pytest

from analytics.errors import ParameterError
from analytics.results.stress import check_measure
from tests.drawn import SCALES


def test_measures_that_pools_do_not_have_are_refused() -> None:
    with pytest.raises(ParameterError, match="'strained' cannot be moved"):
        check_measure("strained")
    assert len(SCALES) == 3
